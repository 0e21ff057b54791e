"""The KPIs of the service on tickets that can be counted on fingers."""

import math

import pandas as pd
import pytest

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.model.service import REPEAT_DAYS

TICKETS = [
    # key, customer, product, opened, first reply, resolved, contacts, minutes
    ("t1", "c1", "p1", "2026-01-01 09:00", "2026-01-01 10:00", "2026-01-01 12:00", 1, 30),
    ("t2", "c1", "p2", "2026-01-05 09:00", "2026-01-05 12:00", "2026-01-20 09:00", 2, 60),
    ("t3", "c1", "p3", "2026-01-02 14:00", None, "2026-01-02 20:00", 1, None),
    ("t4", "c2", "p1", "2026-01-02 10:00", "2026-01-01 08:00", "2026-01-01 10:00", 1, 10),
    ("t5", "c2", "p1", "2026-02-25 09:00", None, None, 1, None),
    ("t6", None, "p1", "2026-01-10 09:00", "2026-01-10 11:00", "2026-01-11 09:00", 1, 20),
    ("t7", "c2", "p1", "2026-03-28 09:00", "2026-03-28 10:00", "2026-03-28 11:00", 1, 20),
]
COLUMNS = [
    "ticket_id", "customer_id", "product_id", "opened_at", "first_reply_at", "resolved_at", "contacts",
    "handling_minutes",
]  # fmt: skip
PRODUCTS = pd.DataFrame({"product_id": ["p1", "p2", "p3"], "product": ["Lock", "Latch", "Lamp"],
                         "category": ["Door", "Door", "Light"]})  # fmt: skip
CUSTOMERS = pd.DataFrame(
    {"customer_id": ["c1", "c2"], "segment": ["SMB", "Key"], "acquired_on": ["2025-12-01", "2026-02-10"]}
)


def firm(rows=TICKETS, **more):
    tables = {"tickets": pd.DataFrame(rows, columns=COLUMNS), "products": PRODUCTS, "customers": CUSTOMERS}
    return kpilib.open({**tables, **more}, as_of="2026-03-31")


@pytest.fixture(scope="module")
def book():
    lines = pd.DataFrame([("1", "p1", "2026-01-01", 40), ("2", "p3", "2026-01-02", 10)],
                         columns=["line_id", "product_id", "ordered_on", "quantity"])  # fmt: skip
    return firm(order_lines=lines.assign(order_id="A", customer_id="c1", revenue=1.0, currency="EUR"))


def sums(book, key, variant=None, **how):
    """What stands above and below the line."""
    row = book.kpi(key, variant=variant, **how).iloc[0]
    return row["numerator"], row["denominator"]


def test_first_contact_resolution_has_three_definitions_that_differ(book):
    # Solved: all but t5; only t2 took two contacts.
    assert sums(book, "fcr") == (5, 6)
    # Of all seven opened.
    assert sums(book, "fcr", "of_all") == (5, 7)
    # t2 asks again about doors four days after t1; t6 has no customer, t7's seven days are not over.
    assert sums(book, "fcr", "net_of_repeats") == (2, 4)


@pytest.mark.parametrize(
    ("opened", "product", "repeated"),
    [("2026-01-08 12:00", "p2", True), ("2026-01-08 12:01", "p2", False), ("2026-01-05 09:00", "p3", False)],
    ids=["at the end of the seventh day", "a minute later", "about another product type"],
)
def test_a_repeat_is_about_the_same_product_type_and_within_the_window(opened, product, repeated):
    again = ("t2", "c1", product, opened, None, None, 1, None)
    tickets = firm([TICKETS[0], again]).panel("tickets", columns=["ticket_id", "solved_for_good"])
    assert bool(tickets.set_index("ticket_id")["solved_for_good"]["t1"]) is not repeated


def test_the_window_that_texts_name_is_the_one_that_is_used():
    net = CATALOGUE["fcr"].variant("net_of_repeats")
    assert REPEAT_DAYS == 7
    assert all(f"within {REPEAT_DAYS} days" in text for text in (net.question, net.caveat))


def test_an_unknown_number_of_contacts_is_on_neither_side():
    unknown = ("t8", "c1", "p1", "2026-01-03 09:00", None, "2026-01-03 10:00", None, None)
    book = firm([*TICKETS, unknown])
    assert sums(book, "fcr") == (5, 6)
    assert sums(book, "fcr", "of_all") == (5, 7)


def test_waits_are_means_of_those_over_and_one_that_ended_before_it_began_is_no_wait(book):
    # Replies: 1, 3, 2 and 1 hours; t4 was answered before it was opened.
    assert sums(book, "first_reply_time") == (7, 4)
    # Solutions: 3 and 360 hours, 6, 24 and 2.
    assert sums(book, "resolution_time") == (395, 5)
    assert sums(book, "contacts_per_ticket") == (7, 6)


def test_a_month_of_a_customer_counts_below_whether_or_not_it_asked(book):
    # c1 in three months, c2 in two; seven tickets, one of nobody known.
    assert sums(book, "ticket_rate", since="2026-01", until="2026-03") == (700, 5)
    assert book.kpi("ticket_rate", by="segment", since="2026-01").set_index("group")["value"].to_dict() == {
        "(not given)": pytest.approx(math.nan, nan_ok=True), "Key": 100 * 3 / 2, "SMB": 100 * 3 / 3,
    }  # fmt: skip


def test_tickets_and_hours_for_a_hundred_units_sold(book):
    rate = book.kpi("ticket_rate", variant="per_sale", by="category").set_index("group")["value"]
    assert rate.to_dict() == {"Door": 100 * 6 / 40, "Light": 100 * 1 / 10}
    # 140 minutes of handling, 50 units.
    assert book.kpi("service_effort")["value"].item() == pytest.approx(100 * (140 / 60) / 50)


def test_open_tickets_are_counted_at_the_end_of_each_month_with_their_age(book):
    months = book.kpi("open_tickets", period="month", since="2026-01", until="2026-03").set_index("period")
    assert months["value"].fillna(0).to_dict() == {"2026-01": 0, "2026-02": 1, "2026-03": 1}
    ages = book.kpi("open_ticket_age", period="month", since="2026-02", until="2026-03")["value"]
    assert ages.tolist() == [3, 34]  # from the 25th of February to the 28th, to the 31st of March
    assert book.kpi("open_tickets", since="2026-01", until="2026-03")["value"].item() == 1


def test_what_came_after_the_day_is_not_known_yet():
    then = kpilib.open({"tickets": pd.DataFrame(TICKETS, columns=COLUMNS), "products": PRODUCTS,
                        "customers": CUSTOMERS}, as_of="2026-01-15")  # fmt: skip
    rows = then.panel("tickets").set_index("ticket_id")
    assert sorted(rows.index) == ["t1", "t2", "t3", "t4", "t6"]
    assert rows.loc["t2", ["resolved_at", "contacts", "handling_hours", "solve_hours"]].isna().all()
    assert then.kpi("open_tickets")["value"].item() == 1


def test_tickets_are_known_by_the_day_of_the_week_and_the_hour_of_their_opening(book):
    rows = book.panel("tickets").set_index("ticket_id")
    assert rows["weekday"].to_dict() == {
        name: pd.Timestamp(opened).day_name() for name, _, _, opened, *_ in TICKETS
    }  # fmt: skip
    assert rows["hour"].to_dict() == {name: f"{opened[11:13]}:00" for name, _, _, opened, *_ in TICKETS}


@pytest.mark.parametrize(
    ("key", "said"),
    [("ticket_rate", "needs the table 'tickets'"), ("open_tickets", "needs the table 'tickets'"),
     ("fcr", "needs the table 'tickets'")],
)  # fmt: skip
def test_without_tickets_each_kpi_says_what_it_would_tell(key, said):
    reason = kpilib.open({"customers": CUSTOMERS}).why_not(key)
    assert said in reason
    assert CATALOGUE[key].question in reason


def test_without_contacts_first_contact_resolution_names_the_column():
    bare = pd.DataFrame(TICKETS, columns=COLUMNS).drop(columns="contacts")
    assert "the column 'contacts' of 'tickets'" in kpilib.open({"tickets": bare}).why_not("fcr")
