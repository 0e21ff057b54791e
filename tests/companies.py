"""Random companies for the tests: a few hundred rows with every oddity that the model allows."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

import pandas as pd
import pytest

import kpilib
from kpilib import about, opening
from kpilib.book import Book
from kpilib.compute import keep_entities, plan, rollup
from kpilib.sources.engine import Engine

NAMES = (
    "customers", "salespeople", "products", "opportunities", "stage_changes", "opportunity_changes",
    "activities", "order_lines", "tickets",
    "invoices", "surveys", "reviews", "leads", "campaigns", "competitor_sites",
)  # fmt: skip
#: The numbers of an answer.
COLUMNS = ["value", "numerator", "denominator", "rows", "low", "high"]


def company(seed: int, copies: int = 1, shuffled: bool = False) -> dict[str, pd.DataFrame]:
    """A random company of a few hundred rows; `copies` repeats every row under other keys."""
    pick = random.Random(seed)
    tables: dict[str, list[dict]] = {name: [] for name in NAMES}
    start = date(2024, 3, 1)
    for s in range(4):
        tables["salespeople"].append(
            {"owner_id": f"s{s}", "owner": f"Seller {s % 3}", "team": pick.choice(["A", "B", None])}
        )
    for p in range(7):
        tables["products"].append(
            {"product_id": f"p{p}", "product": f"Product {p}", "category": pick.choice(["Door", "Light", None]),
             "tier": pick.choice([1, 2, 3])}
        )  # fmt: skip
    for copy in range(copies):
        for r, (up, across) in enumerate([(52.5, 13.4), (50.1, 8.7), (48.1, 11.6)]):
            tables["competitor_sites"].append(
                {"site_id": f"r{r}x{copy}", "competitor": "Rival", "latitude": up, "longitude": across, "region": None}
            )
        twin = random.Random(seed + 1)  # the same draws for each copy
        for c in range(25):
            tables["customers"].append(
                {"customer_id": f"c{c}x{copy}", "name": f"Customer {c}", "segment": twin.choice(["SMB", "Key", None]),
                 "industry": twin.choice(["Food", "Steel"]), "region": twin.choice(["North", "South", "O'West"]),
                 "owner_id": twin.choice(["s0", "s1", None])}
            )  # fmt: skip
        for o in range(160):
            created = start + timedelta(twin.randrange(480))
            status = twin.choice(["won", "lost", "open"])
            closed = created + timedelta(twin.randrange(-5, 120)) if status != "open" else None
            key = f"o{o}x{copy}"
            tables["opportunities"].append(
                {"opportunity_id": key, "customer_id": twin.choice([f"c{twin.randrange(25)}x{copy}", None]),
                 "owner_id": twin.choice(["s0", "s1", "s2", "s3"]), "product_id": f"p{twin.randrange(7)}",
                 "source": twin.choice(["Web", "Fair"]), "created_on": twin.choice([created, created, created, None]),
                 "expected_close_on": created + timedelta(60), "closed_on": closed,
                 "stage": twin.choice(["Quote", "Talk"]) if status == "open" else f"Closed {status}", "status": status,
                 "amount": twin.choice([None, round(twin.random() * 1000, 2)]),
                 "probability": twin.choice([0.1, 0.5, 0.9, None]), "currency": "EUR"}
            )  # fmt: skip
            for i, stage in enumerate(["Talk", "Quote", "Talk"][: twin.randrange(4)]):
                tables["stage_changes"].append(
                    {"opportunity_id": key, "stage": stage, "entered_on": created + timedelta(9 * i)}
                )
            for a in range(twin.randrange(3)):
                tables["activities"].append(
                    {"activity_id": f"a{o}-{a}x{copy}", "opportunity_id": key, "owner_id": "s1", "kind": "call",
                     "done_on": created + timedelta(twin.randrange(60))}
                )  # fmt: skip
        for n in range(220):
            customer, day = twin.randrange(25), start + timedelta(twin.randrange(560))
            for i in range(twin.randrange(1, 4)):
                tables["order_lines"].append(
                    {"line_id": f"{n}-{i}x{copy}", "order_id": f"{n}x{copy}", "customer_id": f"c{customer}x{copy}",
                     "product_id": twin.choice([f"p{twin.randrange(7)}", None]),
                     "owner_id": twin.choice(["s2", "s3", None]), "ordered_on": day,
                     "quantity": twin.choice([1, 2, 5]), "revenue": round(twin.random() * 500, 2),
                     "cost": twin.choice([None, round(twin.random() * 300, 2)]), "currency": "EUR"}
                )  # fmt: skip
        _tickets(tables["tickets"], random.Random(seed + 2), copy, start)
        _lives(tables["customers"][-25:], random.Random(seed + 3), start)
        _places(tables["customers"][-25:], random.Random(seed + 8))
        _voices(tables, random.Random(seed + 4), copy, start)
        _history(tables, random.Random(seed + 5), copy)
        _market(tables, random.Random(seed + 6), copy, start)
        _deliveries(
            [row for row in tables["order_lines"] if row["line_id"].endswith(f"x{copy}")], random.Random(seed + 7)
        )
    frames = {}
    for name, rows in tables.items():
        if shuffled:
            pick.shuffle(rows)
        frames[name] = pd.DataFrame(rows)
    return frames


def _tickets(rows: list[dict], pick: random.Random, copy: int, start: date) -> None:
    """Requests about products and none, some still open, some whose time nobody noted."""
    for t in range(90):
        opened = start + timedelta(pick.randrange(560))
        rows.append(
            {"ticket_id": f"t{t}x{copy}", "customer_id": pick.choice([f"c{pick.randrange(25)}x{copy}", None]),
             "product_id": pick.choice([f"p{pick.randrange(7)}", None]), "channel": pick.choice(["phone", None]),
             "opened_at": f"{opened} 09:{pick.randrange(10, 60)}",
             "first_reply_at": f"{opened + timedelta(1)} 08:30" if t % 3 else None,
             "resolved_at": pick.choice([f"{opened + timedelta(2)} 10:00", None]),
             "contacts": pick.choice([1, 2, None]), "handling_minutes": pick.choice([None, pick.randrange(5, 90)])}
        )  # fmt: skip


def _lives(customers: list[dict], pick: random.Random, start: date) -> None:
    """Customers of before the data and of later; some lost, some after the last day, some begun nobody knows when."""
    for row in customers:
        acquired = pick.choice([start + timedelta(pick.randrange(-500, 500)), None])
        left = (acquired or start) + timedelta(pick.randrange(-10, 700))
        row |= {"acquired_on": acquired, "churned_on": pick.choice([left, left, None])}


def _places(customers: list[dict], pick: random.Random) -> None:
    """Where customers are, of some nobody knows; abroad, for of France an import finds the department."""
    for row in customers:
        row |= pick.choice([{"latitude": 49 + 4 * pick.random(), "longitude": 9 + 4 * pick.random()}, {}])


def _history(tables: dict[str, list[dict]], pick: random.Random, copy: int) -> None:
    """What some deals read earlier: with and without their first state, some beyond their end, some saying nothing."""
    for row in tables["opportunities"][-160:]:
        begun = row["created_on"] or date(2024, 5, 1)
        for i in range(pick.choice([0, 0, 1, 3])):
            day = begun + timedelta(pick.choice([0, pick.randrange(-3, 140)]))
            tables["opportunity_changes"].append(
                {"change_id": f"h{row['opportunity_id']}-{i}", "opportunity_id": row["opportunity_id"],
                 "changed_on": f"{day} {pick.randrange(8, 18):02d}:{i}0",
                 "amount": pick.choice([None, round(pick.random() * 1000, 2)]),
                 "expected_close_on": pick.choice([None, day + timedelta(30)]), "probability": pick.choice([None, 0.5])}
            )  # fmt: skip


def _voices(tables: dict[str, list[dict]], pick: random.Random, copy: int, start: date) -> None:
    """Invitations, answered or not, some without the day; invoices, some unpaid; reviews."""
    for q in range(150):
        metric, sent = pick.choice(["nps", "nps", "csat", "ces"]), start + timedelta(pick.randrange(540))
        low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[metric]
        score = pick.choice([pick.randint(low, high), pick.randint(low, high), None])
        day = None if score is None else pick.choice([sent + timedelta(pick.randrange(15)), None])
        tables["surveys"].append(
            {"response_id": f"q{q}x{copy}", "customer_id": pick.choice([f"c{pick.randrange(25)}x{copy}", None]),
             "product_id": pick.choice([f"p{pick.randrange(7)}", None]), "metric": metric,
             "touchpoint": pick.choice(["Delivery", "Ticket", None]), "service": pick.choice(["Sales", "Support"]),
             "sent_on": sent, "answered_on": day, "score": score}
        )  # fmt: skip
    for i in range(120):
        issued = start + timedelta(pick.randrange(560))
        paid = pick.choice([min(issued + timedelta(pick.randrange(5, 90)), start + timedelta(570)), None])
        tables["invoices"].append(
            {"invoice_id": f"i{i}x{copy}", "customer_id": f"c{pick.randrange(25)}x{copy}", "issued_on": issued,
             "due_on": issued + timedelta(30), "paid_on": paid, "amount": round(pick.random() * 900, 2),
             "currency": "EUR"}
        )  # fmt: skip
    for r in range(60):
        tables["reviews"].append(
            {"review_id": f"r{r}x{copy}", "product_id": pick.choice([f"p{pick.randrange(7)}", None]),
             "site": pick.choice(["Stars", None]), "published_on": start + timedelta(pick.randrange(560)),
             "rating": pick.randint(1, 5)}
        )  # fmt: skip


def _deliveries(lines: list[dict], pick: random.Random) -> None:
    """Lines that were promised, or not, and came early, on the day, late, or not at all."""
    for line in lines:
        line["promised_on"] = pick.choice([line["ordered_on"] + timedelta(5), None])
        line["delivered_on"] = pick.choice([line["ordered_on"] + timedelta(pick.randrange(9)), None])


def _market(tables: dict[str, list[dict]], pick: random.Random, copy: int, start: date) -> None:
    """Leads that convert, too late, before they came or never; campaigns that cost something, nothing, who knows."""
    for row in tables["customers"][-25:]:
        row["source"] = pick.choice(["Web", "Fair", None])
    for m in range(18):
        sent = pick.choice([None, pick.randrange(100, 200)])
        tables["campaigns"].append(
            {"campaign_id": f"m{m}x{copy}", "campaign": f"Round {m % 5}", "source": pick.choice(["Web", "Fair", None]),
             "month": date(2024 + (m + 2) // 12, (m + 2) % 12 + 1, 1), "cost": pick.choice([None, 0, 10.0 * (m + 1)]),
             "sent": sent, "delivered": sent and sent - 9, "opened": sent and sent // 3,
             "clicked": sent and sent // 9, "unsubscribed": sent and pick.choice([None, 1])}
        )  # fmt: skip
    for n in range(140):
        created = start + timedelta(pick.randrange(560))
        done = pick.choice([created + timedelta(pick.randrange(-3, 160)), None, None])
        tables["leads"].append(
            {"lead_id": f"d{n}x{copy}", "source": pick.choice(["Web", "Fair", None]),
             "campaign_id": pick.choice([f"m{pick.randrange(18)}x{copy}", None]), "created_on": created,
             "converted_on": done, "customer_id": done and pick.choice([f"c{pick.randrange(25)}x{copy}", None]),
             "segment": pick.choice(["SMB", "Key", None]), "region": pick.choice(["North", "O'West", None])}
        )  # fmt: skip


@contextmanager
def as_for_millions(stamp: str) -> Iterator[None]:
    """Cubes built the way they are for millions of rows: filters, breakdowns, roll-ups; `stamp` tells them apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "SMALL", 0)
        patch.setattr(rollup, "ROLL", 0)
        patch.setattr(keep_entities, "MOST_DATED", 0)
        patch.setattr("kpilib.opening.definitions", lambda: stamp)
        yield


def without_cubes(tables: Mapping[str, pd.DataFrame], as_of: date | str | None = None) -> Book:
    """A book whose engine answers everything: for what reads rows, and would wait for cubes that it never asks."""

    def book(name: str, data: str, connect: Callable[[], Engine], day: date | None) -> Book:
        engine = connect()
        said = about.look(engine, name, data, day)
        engine.close()
        return Book(said, connect)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "_book", book)
        return kpilib.open(tables, as_of=as_of)
