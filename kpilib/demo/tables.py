"""What was drawn as model tables: keys, words, dates and euros instead of positions, day numbers and cents."""

import numpy as np
import pandas as pd

from kpilib.demo import events, words, work
from kpilib.demo.accounts import INDUSTRIES, Accounts
from kpilib.demo.columns import Columns, size
from kpilib.demo.days import NEVER, Window
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Streams, Whole
from kpilib.demo.frames import Words, dates, euros, frame, keys, never, times, where
from kpilib.demo.frames import words as said
from kpilib.demo.support import CHANNELS, SEVERITIES
from kpilib.demo.truths import SEGMENTS, SERVICES, SOURCES
from kpilib.demo.voices import METRICS, TOUCHPOINTS

_EUR = "EUR"


class Keys:
    """Keys that go on from block to block: `first` says how many of each table were given out before."""

    def __init__(self, first: dict[str, int] | None = None) -> None:
        self.first = first or {}

    def of(self, table: str, letter: str, positions: Whole) -> Words:
        """The keys of a table for positions within the block."""
        return keys(letter, positions + self.first.get(table, 0))

    def customers(self, positions: Whole) -> Words:
        """The keys of accounts, by their place in the block."""
        return self.of("customers", "C", positions)


def customers_table(them: Accounts, owner: Whole, begun: Whole, leave: Whole, span: Window, k: Keys) -> pd.DataFrame:
    """The accounts; `begun` is the day each became a customer, which may lie after the window."""
    is_customer = begun <= span.last
    return frame(
        "customers",
        customer_id=k.customers(np.arange(them.size)),
        name=them.name,
        segment=said(SEGMENTS, them.segment),
        industry=said(INDUSTRIES, them.industry),
        country=said(["France"], np.zeros(them.size, dtype=np.int64)),
        region=said([c[0] for c in words.CITIES], them.city),
        city=said([c[1] for c in words.CITIES], them.city),
        latitude=them.latitude,
        longitude=them.longitude,
        acquired_on=dates(never(is_customer, begun)),
        churned_on=dates(never(is_customer & (leave <= span.last), leave)),
        source=said(SOURCES, them.source),
        owner_id=keys("S", owner),
    )


def salespeople_table() -> pd.DataFrame:
    """The 40 salespeople of 6 teams."""
    name, team, region = zip(*words.SALESPEOPLE, strict=True)
    return frame("salespeople", owner_id=keys("S", np.arange(len(name))), owner=name, team=team, region=region)


def products_table() -> pd.DataFrame:
    """The 24 products of 6 categories and 3 tiers."""
    product, category, tier, price, cost = zip(*words.PRODUCTS, strict=True)
    return frame(
        "products", product_id=keys("P", np.arange(len(product))), product=product, category=category, tier=tier,
        list_price=price, unit_cost=cost,
    )  # fmt: skip


def changes_table(hands: events.Changes, begun: Whole, leave: Whole, span: Window, k: Keys) -> pd.DataFrame:
    """First renewals, new owners and new salespeople, while the account was a customer."""
    parts = [events.renewals(begun, span)]
    for days in (hands.new_owner, hands.new_salesperson):
        rows, months = np.nonzero(days != NEVER)
        parts.append((rows, days[rows, months]))
    account, day = (np.concatenate([part[i] for part in parts]) for i in range(2))
    kind = np.repeat(np.arange(3), [len(part[0]) for part in parts])
    mine = (day > begun[account]) & (day <= leave[account])
    account, day, kind = account[mine], day[mine], kind[mine]
    order = np.lexsort((kind, account, day))
    return frame(
        "customer_changes",
        change_id=k.of("customer_changes", "G", np.arange(len(order))),
        customer_id=k.customers(account[order]),
        changed_on=dates(day[order]),
        kind=said(("first_renewal", "new_owner", "new_salesperson"), kind[order]),
    )


def opportunities_table(
    them: Deals, done: work.Activities, entered: work.Steps, span: Window, streams: Streams, k: Keys
) -> pd.DataFrame:
    """The deals as they stand on the last day of the window."""
    closed, draws = them.close <= span.last, streams.of("remarks")
    known = ~draws.happens(0.01, them.size)
    return frame(
        "opportunities",
        opportunity_id=k.of("opportunities", "O", np.arange(them.size)),
        customer_id=k.customers(them.account),
        owner_id=keys("S", them.owner),
        product_id=keys("P", them.product),
        name=_titles(them),
        source=where(known, said(SOURCES, them.source)),
        created_on=dates(them.created),
        expected_close_on=dates(them.expected),
        closed_on=dates(never(closed, them.close)),
        stage=_stages_now(them.size, entered),
        status=said(("open", "lost", "won"), np.where(closed, 1 + them.won, 0)),
        amount=euros(them.cents),
        currency=said([_EUR], np.zeros(them.size, dtype=np.int64)),
        probability=them.belief,
        reason=where(closed, _reasons(them, streams)),
        competitor=where(them.competitor >= 0, said(words.COMPETITORS, np.maximum(them.competitor, 0))),
        updated_on=dates(last_touched(them, done, entered)),
    )


def _titles(them: Deals) -> Words:
    """What a deal is called: its units and its product."""
    names = [p[0] for p in words.PRODUCTS]
    pairs = zip(them.units.tolist(), them.product.tolist(), strict=True)
    return np.array([f"{units} × {names[product]}" for units, product in pairs], dtype=object)


def _stages_now(size: int, entered: work.Steps) -> Words:
    """The last stage each deal entered: the steps are in order, so the last one written stays."""
    stage = np.zeros(size, dtype=np.int64)
    stage[entered.deal] = entered.stage
    return said(work.STAGES, stage)


def _reasons(them: Deals, streams: Streams) -> Words:
    """Why each deal was won or lost; a competitor only where one was met."""
    met, n, draws = them.competitor >= 0, them.size, streams.of("reasons")
    lost = np.where(met, draws.picks((30, 8, 12, 8, 12, 30), n), draws.picks((32, 18, 24, 14, 12), n))
    lost = np.where(them.neglected, 2, lost)
    won = draws.picks((30, 18, 20, 22, 10), n)
    return np.where(them.won, said(words.WIN_REASONS, won), said(words.LOSS_REASONS, lost))


def last_touched(them: Deals, done: work.Activities, entered: work.Steps) -> Whole:
    """The day of the last activity or change of stage."""
    last = them.created.copy()
    np.maximum.at(last, entered.deal, entered.day)
    mine = done.deal >= 0
    np.maximum.at(last, done.deal[mine], done.day[mine])
    return last


def stage_changes_table(entered: work.Steps, k: Keys) -> pd.DataFrame:
    """Each entry of a deal into a stage."""
    return frame(
        "stage_changes",
        stage_change_id=k.of("stage_changes", "X", np.arange(len(entered.deal))),
        opportunity_id=k.of("opportunities", "O", entered.deal),
        stage=said(work.STAGES, entered.stage),
        entered_on=times(entered.minute),
    )


def activities_table(done: work.Activities, k: Keys) -> pd.DataFrame:
    """The calls, meetings, quotes, demonstrations and visits."""
    return frame(
        "activities",
        activity_id=k.of("activities", "A", np.arange(len(done.deal))),
        opportunity_id=where(done.deal >= 0, k.of("opportunities", "O", done.deal)),
        customer_id=k.customers(done.account),
        owner_id=keys("S", done.owner),
        kind=said(work.KINDS, done.kind),
        done_on=dates(done.day),
    )


def order_lines_table(lines: Columns, k: Keys) -> pd.DataFrame:
    """The lines of the orders; the kind of sale is left to be derived."""
    n = size(lines)
    return frame(
        "order_lines",
        line_id=k.of("order_lines", "L", np.arange(n)),
        order_id=k.of("orders", "N", lines["order"]),
        customer_id=k.customers(lines["account"]),
        product_id=keys("P", lines["product"]),
        owner_id=keys("S", lines["owner"]),
        ordered_on=dates(lines["day"]),
        quantity=lines["units"].astype(np.float64),
        revenue=euros(lines["cents"]),
        cost=euros(lines["cost"]),
        currency=said([_EUR], np.zeros(n, dtype=np.int64)),
        promised_on=dates(lines["promised"]),
        delivered_on=dates(lines["came"]),
    )


def invoices_table(billed: Columns, span: Window, k: Keys) -> pd.DataFrame:
    """The invoices; a payment after the window is not known yet."""
    n = size(billed)
    return frame(
        "invoices",
        invoice_id=k.of("invoices", "F", np.arange(n)),
        customer_id=k.customers(billed["account"]),
        issued_on=dates(billed["issued"]),
        due_on=dates(billed["due"]),
        paid_on=dates(never(billed["paid"] <= span.last, billed["paid"])),
        amount=euros(billed["cents"]),
        currency=said([_EUR], np.zeros(n, dtype=np.int64)),
    )


def surveys_table(voices: Columns, k: Keys) -> pd.DataFrame:
    """The invitations, with the day and the score of those that were answered."""
    known, product = voices["known"], voices["product"]
    return frame(
        "surveys",
        response_id=k.of("surveys", "R", np.arange(size(voices))),
        customer_id=k.customers(voices["account"]),
        product_id=where(product >= 0, keys("P", np.maximum(product, 0))),
        metric=said(METRICS, voices["metric"]),
        touchpoint=said(TOUCHPOINTS, voices["touchpoint"]),
        service=said(SERVICES, voices["service"]),
        sent_on=dates(voices["sent"]),
        answered_on=dates(never(known, voices["answered"])),
        score=np.where(known, voices["score"], np.nan),
    )


def tickets_table(asked: Columns, span: Window, k: Keys) -> pd.DataFrame:
    """The tickets; what happens to them after the window is not known yet."""
    end = (span.last + 1) * 1440
    replied, solved = asked["replied"] < end, asked["resolved"] < end
    return frame(
        "tickets",
        ticket_id=k.of("tickets", "T", np.arange(size(asked))),
        customer_id=k.customers(asked["account"]),
        product_id=keys("P", asked["product"]),
        channel=said(CHANNELS, asked["channel"]),
        severity=said(SEVERITIES, asked["severity"]),
        opened_at=times(asked["opened"]),
        first_reply_at=times(never(replied, asked["replied"])),
        resolved_at=times(never(solved, asked["resolved"])),
        contacts=np.where(solved, asked["contacts"], replied.astype(np.int64)),
        handling_minutes=np.where(solved, asked["effort"], np.nan),
    )
