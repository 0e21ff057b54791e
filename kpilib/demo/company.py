"""The demo company as model tables: a seed in, frames out.

A French supplier of security equipment to firms: 36 months to the end of June 2026. The parts are drawn by the other
modules of this package; here they become tables with keys.
"""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpilib.demo import truths, words, work
from kpilib.demo.accounts import INDUSTRIES, Accounts, accounts
from kpilib.demo.days import NEVER, Window, window
from kpilib.demo.deals import Deals, deals
from kpilib.demo.draws import Draws, Whole
from kpilib.demo.frames import dates, euros, frame, keys, never, times, where
from kpilib.demo.frames import words as said
from kpilib.demo.orders import Lines, acquired, order_lines
from kpilib.demo.targets import targets_table
from kpilib.demo.voices import CHANNELS, SEVERITIES, TOUCHPOINTS, Surveys, Tickets, surveys, tickets
from kpilib.errors import BadInput

#: The day the demo is seen from.
AS_OF = dt.date(2026, 6, 30)

_EUR = "EUR"


class Sizes(NamedTuple):
    """How many of each to draw over 36 months at scale 1.

    Not every account becomes a customer. More deals are begun than kept: some end before the window, and some would
    have been cut short by the departure of their account.
    """

    accounts: int = 670
    deals: int = 4300
    orders: int = 6300
    surveys: int = 2000
    tickets: int = 1500

    def times(self, scale: float, months: int) -> "Sizes":
        """As many as that scale and that many months need; a dozen at least."""
        flows = [max(round(n * scale * months / 36), 12) for n in self[1:]]
        return Sizes(max(round(self.accounts * scale), 12), *flows)


def make(seed: int = 1, scale: float = 1.0, months: int = 36, until: dt.date = AS_OF) -> dict[str, pd.DataFrame]:
    """The tables of the demo company, each with exactly the columns of the model.

    Parameters
    ----------
    seed : int
        Zero or more; the same seed gives the same values on every machine.
    scale : float
        How many times the rows of the customers, deals, orders, surveys and tickets; people and products stay.
    months : int
        Calendar months of history, the one of `until` included.
    until : datetime.date
        The day the company is seen from: what happens later is unknown.

    Returns
    -------
    dict of str to pandas.DataFrame
        customers, salespeople, products, opportunities, stage_changes, activities, order_lines, surveys, tickets,
        targets. `kind` of order_lines is empty: it is derived. Accounts without a won deal yet have no `acquired_on`.
        Opportunities open when the window begins bear its first working day as their creation.

    Raises
    ------
    BadInput
        When the seed is negative, the scale is not above 0, or the months are below 1.
    """
    if seed < 0 or not scale > 0:
        raise BadInput(f"seed={seed}, scale={scale}: give a seed of 0 or more and a scale above 0.")
    span = window(months, until)
    size = Sizes().times(scale, months)
    them = accounts(size.accounts, span, seed)
    worked = deals(size.deals, them, span, seed)
    won = worked.take(np.flatnonzero(worked.won & (worked.close <= span.last)))
    begun = acquired(them, won)
    lines = order_lines(size.orders, them, won, span, seed)
    asked = tickets(size.tickets, lines, them, span, seed)
    answers = surveys(size.surveys, lines, begun, asked, them, span, seed)
    done, entered = work.activities(worked, them, span, seed), work.steps(worked, span, seed)
    return {
        "customers": customers_table(them, begun, span),
        "salespeople": salespeople_table(),
        "products": products_table(),
        "opportunities": _opportunities(worked, them, done, entered, span, seed),
        "stage_changes": _stage_changes(entered),
        "activities": _activities(done),
        "order_lines": _order_lines(lines),
        "surveys": _surveys(answers),
        "tickets": _tickets(asked),
        "targets": targets_table(lines, won, them, span),
    }


def customers_table(them: Accounts, begun: Whole, span: Window) -> pd.DataFrame:
    """The accounts; `begun` is the day each became a customer, which may lie after the window."""
    is_customer = begun <= span.last
    return frame(
        "customers",
        customer_id=keys("C", np.arange(them.size)),
        name=them.name,
        segment=said(truths.SEGMENTS, them.segment),
        industry=said(INDUSTRIES, them.industry),
        country=said(["France"], np.zeros(them.size, dtype=np.int64)),
        region=said([c[0] for c in words.CITIES], them.city),
        city=said([c[1] for c in words.CITIES], them.city),
        latitude=them.latitude,
        longitude=them.longitude,
        acquired_on=dates(never(is_customer, begun)),
        churned_on=dates(never(is_customer & (them.leave <= span.last), them.leave)),
        source=said(truths.SOURCES, them.source),
        owner_id=keys("S", them.owner),
    )


def salespeople_table() -> pd.DataFrame:
    """The 16 salespeople of 4 teams."""
    name, team, region = zip(*words.SALESPEOPLE, strict=True)
    return frame("salespeople", owner_id=keys("S", np.arange(len(name))), owner=name, team=team, region=region)


def products_table() -> pd.DataFrame:
    """The 24 products of 6 categories and 3 tiers."""
    product, category, tier, price, cost = zip(*words.PRODUCTS, strict=True)
    return frame(
        "products", product_id=keys("P", np.arange(len(product))), product=product, category=category, tier=tier,
        list_price=price, unit_cost=cost,
    )  # fmt: skip


def _opportunities(
    them: Deals, accounts: Accounts, done: work.Activities, entered: work.Steps, span: Window, seed: int
) -> pd.DataFrame:
    closed = them.close <= span.last
    account = keys("C", them.account)
    category = said([p[1] for p in words.PRODUCTS], them.product)
    draws = Draws(seed, "remarks")
    source_known = ~draws.happens(0.01, them.size)
    return frame(
        "opportunities",
        opportunity_id=keys("O", np.arange(them.size)),
        customer_id=account,
        owner_id=keys("S", them.owner),
        product_id=keys("P", them.product),
        name=category + " – " + accounts.name[them.account],
        source=where(source_known, said(truths.SOURCES, them.source)),
        created_on=dates(them.created),
        expected_close_on=dates(them.expected),
        closed_on=dates(never(closed, them.close)),
        stage=_stages_now(them.size, entered),
        status=said(("open", "lost", "won"), np.where(closed, 1 + them.won, 0)),
        amount=euros(them.cents),
        currency=said([_EUR], np.zeros(them.size, dtype=np.int64)),
        probability=them.belief,
        reason=where(closed, _reasons(them, draws)),
        competitor=where(them.competitor >= 0, said(words.COMPETITORS, np.maximum(them.competitor, 0))),
        updated_on=dates(_last_touched(them, done, entered)),
    )


def _stages_now(size: int, entered: work.Steps) -> np.ndarray:
    """The last stage each deal entered: the steps are in order, so the last one written stays."""
    stage = np.zeros(size, dtype=np.int64)
    stage[entered.deal] = entered.stage
    return said(work.STAGES, stage)


def _reasons(them: Deals, draws: Draws) -> np.ndarray:
    """Why each deal was won or lost; a competitor only where one was met."""
    met, n = them.competitor >= 0, them.size
    lost = np.where(met, draws.picks((30, 8, 12, 8, 12, 30), n), draws.picks((32, 18, 24, 14, 12), n))
    lost = np.where(them.neglected, 2, lost)
    won = draws.picks((30, 18, 20, 22, 10), n)
    return np.where(them.won, said(words.WIN_REASONS, won), said(words.LOSS_REASONS, lost))


def _last_touched(them: Deals, done: work.Activities, entered: work.Steps) -> Whole:
    """The day of the last activity or change of stage."""
    last = them.created.copy()
    np.maximum.at(last, entered.deal, entered.day)
    mine = done.deal >= 0
    np.maximum.at(last, done.deal[mine], done.day[mine])
    return last


def _stage_changes(entered: work.Steps) -> pd.DataFrame:
    return frame(
        "stage_changes",
        stage_change_id=keys("X", np.arange(len(entered.deal))),
        opportunity_id=keys("O", entered.deal),
        stage=said(work.STAGES, entered.stage),
        entered_on=times(entered.minute),
    )


def _activities(done: work.Activities) -> pd.DataFrame:
    return frame(
        "activities",
        activity_id=keys("A", np.arange(len(done.deal))),
        opportunity_id=where(done.deal >= 0, keys("O", done.deal)),
        customer_id=keys("C", done.account),
        owner_id=keys("S", done.owner),
        kind=said(work.KINDS, done.kind),
        done_on=dates(done.day),
    )


def _order_lines(lines: Lines) -> pd.DataFrame:
    return frame(
        "order_lines",
        line_id=keys("L", np.arange(lines.size)),
        order_id=keys("N", lines.order),
        customer_id=keys("C", lines.account),
        product_id=keys("P", lines.product),
        owner_id=keys("S", lines.owner),
        ordered_on=dates(lines.day),
        quantity=lines.units.astype(np.float64),
        revenue=euros(lines.cents),
        cost=euros(lines.cost),
        currency=said([_EUR], np.zeros(lines.size, dtype=np.int64)),
    )


def _surveys(answers: Surveys) -> pd.DataFrame:
    score = np.where(answers.score < 0, np.nan, answers.score)
    return frame(
        "surveys",
        response_id=keys("R", np.arange(len(score))),
        customer_id=keys("C", answers.account),
        product_id=where(answers.product >= 0, keys("P", answers.product)),
        metric=said(("nps", "csat"), answers.metric),
        touchpoint=said(TOUCHPOINTS, answers.touchpoint),
        sent_on=dates(answers.sent),
        answered_on=dates(answers.answered),
        score=score,
    )


def _tickets(asked: Tickets) -> pd.DataFrame:
    return frame(
        "tickets",
        ticket_id=keys("T", np.arange(len(asked.account))),
        customer_id=keys("C", asked.account),
        product_id=keys("P", asked.product),
        channel=said(CHANNELS, asked.channel),
        severity=said(SEVERITIES, asked.severity),
        opened_at=times(asked.opened),
        first_reply_at=times(asked.replied),
        resolved_at=times(asked.resolved),
        contacts=asked.contacts,
        handling_minutes=np.where(asked.resolved == NEVER, np.nan, asked.effort),
    )
