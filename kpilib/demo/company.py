"""The demo company as model tables: a seed in, frames out, one block of accounts after the other.

A French supplier of security equipment to firms: 36 months to the end of June 2026. The parts are drawn by the other
modules of this package. Each block of accounts has streams of its own, so a larger company begins with the rows of a
smaller one, and memory does not grow with it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpilib.demo import actions, answers, events, history, market, market_tables, tables, work
from kpilib.demo.accounts import accounts
from kpilib.demo.days import Window, window
from kpilib.demo.deals import deals, until_left
from kpilib.demo.deliveries import delivered
from kpilib.demo.draws import Streams, Whole
from kpilib.demo.lives import acquired, lives
from kpilib.demo.targets import sums, targets_table
from kpilib.demo.truths import Truths, truths
from kpilib.errors import BadInput

#: The day the demo is seen from.
AS_OF = dt.date(2026, 6, 30)

Frames = dict[str, pd.DataFrame]


class Sizes(NamedTuple):
    """How many of each to draw over 36 months for a block of accounts, which is the company at scale 1.

    Not every account becomes a customer. More deals are begun than kept: some end before the window, and some would
    have been cut short by the departure of their account.
    """

    accounts: int = 4500
    deals: int = 24_000
    reviews: int = 3600

    def times(self, share: float, months: int) -> "Sizes":
        """As many as that part of a block and that many months need; a dozen at least."""
        flows = [max(round(n * share * months / 36), 12) for n in self[1:]]
        return Sizes(max(round(self.accounts * share), 12), *flows)


@dataclass(frozen=True)
class Plan:
    """What to make: the company's seed, size, window and truths."""

    seed: int
    scale: float
    span: Window
    truth: Truths
    scenario: str = "baseline"

    @property
    def blocks(self) -> list[float]:
        """The share of a whole block that each block is: whole ones, then what is left."""
        whole = int(self.scale + 1e-9)
        rest = self.scale - whole
        return [1.0] * whole + ([rest] if rest > 1e-9 else [])


@dataclass
class Totals:
    """What has been made so far: rows given out by table, cents for the targets, what only the generator knows."""

    rows: dict[str, int] = field(default_factory=dict)
    cents: Whole | None = None
    known: dict[str, Whole] = field(default_factory=dict)


def plan(
    seed: int = 1, scale: float = 1.0, months: int = 36, until: dt.date = AS_OF, scenario: str = "baseline"
) -> Plan:
    """What to make, checked; arguments and errors as `make` has them."""
    if seed < 0 or not scale > 0:
        raise BadInput(f"seed={seed}, scale={scale}: give a seed of 0 or more and a scale above 0.")
    return Plan(seed, scale, window(months, until), truths(scenario), scenario)


def make(
    seed: int = 1, scale: float = 1.0, months: int = 36, until: dt.date = AS_OF, scenario: str = "baseline"
) -> Frames:
    """The tables of the demo company, each with exactly the columns of the model.

    Parameters
    ----------
    seed : int
        Zero or more; the same seed gives the same values on every machine.
    scale : float
        How many times the rows of the customers and of all that they do; people, products and campaigns stay.
    months : int
        Calendar months of history, the one of `until` included.
    until : datetime.date
        The day the company is seen from: what happens later is unknown.
    scenario : str
        A key of `truths.SCENARIOS`. The faults of `dirty` are in its files only: here it is the baseline.

    Returns
    -------
    dict of str to pandas.DataFrame
        Every table of the model. `kind` of order_lines is empty: it is derived. Accounts without a won deal yet have no
        `acquired_on`. Opportunities open when the window begins bear its first working day as their creation.

    Raises
    ------
    BadInput
        When the seed is negative, the scale is not above 0, or the months are below 1.
    UnknownName
        When the scenario is none, with a did-you-mean.
    """
    wanted, totals = plan(seed, scale, months, until, scenario), Totals()
    parts = [reference(wanted), *blocks(wanted, totals), closing(wanted, totals)]
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: _one([part[name] for part in parts if name in part]) for name in names}


def _one(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def reference(wanted: Plan) -> Frames:
    """The tables that do not depend on the accounts."""
    run = market.campaigns(wanted.span, wanted.scale, wanted.seed)
    return {
        "salespeople": tables.salespeople_table(),
        "products": tables.products_table(),
        "campaigns": market_tables.campaigns_table(run, wanted.span),
        "events": market_tables.events_table(wanted.span),
        "actions": actions.actions_table(wanted.span),
        "competitor_sites": market_tables.sites_table(market.competitor_sites(wanted.seed)),
    }


def closing(wanted: Plan, totals: Totals) -> Frames:
    """The tables that need the sums of all accounts."""
    cents = totals.cents if totals.cents is not None else np.zeros((wanted.span.months, 4), dtype=np.int64)
    return {"targets": targets_table(cents, wanted.span)}


def blocks(wanted: Plan, totals: Totals) -> Iterator[Frames]:
    """The tables of the accounts, one block after the other; `totals` is added to on the way."""
    for number, share in enumerate(wanted.blocks):
        yield _block(wanted, Streams(wanted.seed, number), share, totals)


def _block(wanted: Plan, streams: Streams, share: float, totals: Totals) -> Frames:
    span, truth = wanted.span, wanted.truth
    size = Sizes().times(share, span.months)
    them = accounts(size.accounts, span, truth, streams)
    moved = events.changes(them, span, streams)
    begun_deals = deals(size.deals, them, moved, span, truth, streams)
    won = begun_deals.take(np.flatnonzero(begun_deals.won & (begun_deals.close <= span.last)))
    begun = acquired(them, won)
    hands = moved.of_customers(begun)
    lived = lives(them, begun, won, hands, span, truth, streams)
    worked = until_left(begun_deals, lived.leave, span)
    done = work.activities(worked, them, hands, lived.leave, span, streams)
    entered = work.steps(worked, span, streams)
    changed = history.history(worked, tables.last_touched(worked, done, entered), streams)
    k = tables.Keys(dict(totals.rows))
    last = span.month(np.minimum(lived.leave, span.last))
    made = {
        "customers": tables.customers_table(
            them, hands.owner_on(np.arange(them.size), last), begun, lived.leave, span, k
        ),
        "customer_changes": tables.changes_table(hands, begun, lived.leave, span, k),
        "opportunities": tables.opportunities_table(worked, done, entered, span, streams, k),
        "stage_changes": tables.stage_changes_table(entered, k),
        "activities": tables.activities_table(done, k),
        "order_lines": tables.order_lines_table(delivered(lived.lines, them, span, truth, streams), k),
        "invoices": tables.invoices_table(lived.invoices, span, k),
        "surveys": tables.surveys_table(lived.surveys, k),
        "tickets": tables.tickets_table(lived.tickets, span, k),
        "reviews": market_tables.reviews_table(market.reviews(size.reviews, span, truth, streams), k),
        "leads": market_tables.leads_table(market.leads(them, span, truth, streams), k),
        "opportunity_changes": history.opportunity_changes_table(changed, k),
    }
    won_kept = worked.take(np.flatnonzero(worked.won & (worked.close <= span.last)))
    cents = sums(lived.lines, won_kept, them, span)
    totals.cents = cents if totals.cents is None else totals.cents + cents
    totals.known = answers.added(totals.known, answers.outcome(lived.surveys, worked, begun, lived.leave, span))
    given = {
        **{name: len(rows) for name, rows in made.items()},
        "orders": int(lived.lines["order"].max(initial=-1)) + 1,
    }
    totals.rows |= {name: totals.rows.get(name, 0) + rows for name, rows in given.items()}
    return made
