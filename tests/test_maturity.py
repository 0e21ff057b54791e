"""What is too young to tell is left out alike by the book, the tiles, explanations, targets and alerts, and counted."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.alerts.series import last_month
from kpilib.catalogue import CATALOGUE
from kpilib.change.compare import compared
from kpilib.change.window import Period, facing
from kpilib.compute.comparing import told_until, windows
from kpilib.errors import CannotAnswer
from kpilib.periods import month_end, month_of, parse
from kpilib.show import View, against
from kpilib.show.standing import standing
from kpilib.show.words import Words

WORDS = Words("EUR", "en")


def sent(month: str, many: int, answered: int, kind: str) -> list[dict[str, object]]:
    """Invitations of the 5th and the 25th, half of each; the first so many of them answered a week later."""
    days = [date.fromisoformat(f"{month}-{'05' if at % 2 else '25'}") for at in range(many)]
    return [
        {"response_id": f"{month} {kind} {at}", "customer_id": kind, "metric": "csat", "touchpoint": "delivery",
         "sent_on": day, "answered_on": day + timedelta(days=7) if at < answered else None,
         "score": 4.0 if at < answered else None}
        for at, day in enumerate(days)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def book():
    """Two in five answer in every month; of June, on its last day, hardly anybody has answered yet."""
    months = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][:18]
    rows = [row for month in months for kind in ("A", "B") for row in sent(month, 50, 20, kind)]
    rows = [{**row, "answered_on": None, "score": None} if str(row["sent_on"]) > "2026-06-20" else row for row in rows]
    customers = pd.DataFrame({"customer_id": ["A", "B"], "segment": ["Key", "SMB"], "acquired_on": date(2024, 1, 1)})
    aims = pd.DataFrame({"kpi": "response_rate", "month": [date(2026, month, 1) for month in (4, 5, 6)], "value": 0.4})
    made = {"surveys": pd.DataFrame(rows), "customers": customers, "targets": aims}
    return kpilib.open(made, as_of="2026-06-30")


@pytest.mark.parametrize(
    ("as_of", "days", "month"),
    [("2026-06-30", 0, "2026-06"), ("2026-06-30", 14, "2026-05"), ("2026-06-14", 14, "2026-05"),
     ("2026-06-13", 14, "2026-04"), ("2026-06-30", 90, "2026-03"), ("2026-06-28", 90, "2026-02"),
     ("2024-03-01", 1, "2024-02"), ("2024-02-29", 1, "2024-01")],
)  # fmt: skip
def test_a_month_has_told_once_its_last_day_is_as_many_days_ago(as_of, days, month):
    assert told_until(date.fromisoformat(as_of), days) == parse(month)[0]


@given(
    st.integers(24240, 24317), st.integers(0, 17), st.dates(date(2020, 6, 1), date(2026, 12, 31)), st.integers(1, 200)
)
def test_young_months_are_those_between_the_last_that_told_and_today(first, longer, as_of, days):
    made = windows(first, first + longer, as_of, 0, matures=days)
    if first > month_of(as_of):
        return
    last = min(first + longer, month_of(as_of))
    assert made.young is None or made.young[1] == last
    if made.now is not None:
        assert as_of - month_end(made.now[1]) >= timedelta(days=days)
        assert made.young is None or made.young[0] == made.now[1] + 1
        assert made.months == made.before[1] - made.before[0] + 1
        assert made.before[1] < made.now[0]
    if made.young is not None:
        assert as_of - month_end(made.young[0]) < timedelta(days=days)


@given(
    st.integers(24240, 24317), st.integers(0, 17), st.dates(date(2020, 6, 1), date(2026, 12, 31)), st.integers(1, 200)
)
def test_without_days_the_book_compares_the_windows_of_a_tile(first, longer, as_of, days):
    period, known = Period("month", first, first + longer), as_of - timedelta(days=days)
    tile = windows(first, first + longer, as_of, 0, matures=days)
    if period.first_day > known:
        return
    found = facing(period, "previous", known, date(2000, 1, 1), by_days=False, matures=days)
    if tile.now is None:
        assert found.mark == "not_over"
    elif period.last_day > known or tile.apart != longer + 1:
        assert (found.now.months, found.before.months) == (tile.now, tile.before)


def test_a_tile_leaves_out_what_is_too_young_and_says_how_much(book):
    found = standing(View(book, {}, "2026-04", "2026-06"), book.kpis["response_rate"])
    told = against.change(found, WORDS)
    # Of June, 20 invitations of its 5th were answered; those of the 25th are five days old.
    assert found.windows.now == parse("2026-04 – 2026-05")
    assert found.windows.before == parse("2026-01 – 2026-02")
    assert (found.now["value"], found.now["rows"], found.young) == (0.4, 200, 100)
    assert told.text.startswith("no change beyond chance")
    assert told.behind.endswith("100 rows of 2026-06 are too young to tell, and left out of both.")
    assert found.row["rows"] == 300  # the figure itself has all that is known


def test_a_tile_of_a_young_month_compares_nothing_and_says_why(book):
    found = standing(View(book, {}, "2026-06", "2026-06"), book.kpis["response_rate"])
    assert against.change(found, WORDS).text == "2026-06 is too young to tell; nothing is compared yet (100 rows)"
    assert against.aim(found, WORDS) is None


def test_the_book_counts_the_same_rows_by_months_and_the_young_days_alone_by_days(book):
    months = compared(book, "response_rate", "2026Q2", days=False)[0]
    assert (months.now.window.months, months.now.value, months.too_young) == (parse("2026-04 – 2026-05"), 0.4, 100)
    assert "100 rows are too young to tell, and left out." in months.said()
    assert "is not over" not in months.said()
    days = compared(book, "response_rate", "2026Q2")[0]
    # Sent on the 25th of June; those of the 5th have had their two weeks.
    assert (days.known, days.too_young) == (date(2026, 6, 16), 50)


def test_a_target_is_held_against_what_has_told(book):
    found = compared(book, "response_rate", "2026Q2", to="target", days=False)[0]
    assert (found.now.value, found.now.rows, found.verdict, found.too_young) == (0.4, 200, "same", 100)
    tile = standing(View(book, {}, "2026-04", "2026-06"), book.kpis["response_rate"])
    assert tile.aim.value == pytest.approx(0.4)
    assert against.aim(tile, WORDS).text == "within chance of the target of 40.0%"


def test_an_explanation_leaves_it_out_of_both_sides(book):
    found = book.explain("response_rate", "2026Q1", "2026Q2", by="segment")
    assert (found.before.months, found.now.months) == (parse("2026-01 – 2026-02"), parse("2026-04 – 2026-05"))
    assert found.total == pytest.approx(0)
    with pytest.raises(CannotAnswer, match="on 2026-06-30 no month of 2026-06 is old enough to tell"):
        book.explain("response_rate", "2026-05", "2026-06")


def test_alerts_judge_the_last_month_that_has_told(book):
    assert last_month(book, book.kpis["response_rate"]) == parse("2026-05")[0]
    assert last_month(book, book.kpis["csat"]) == parse("2026-06")[0]


@pytest.mark.parametrize("key", ["response_rate", "stage_days", "stage_conversion", "payment_delay"])
def test_kpis_whose_rows_need_time_say_how_much(key):
    assert CATALOGUE[key].matures >= 14


@pytest.mark.parametrize(
    ("table", "begun", "ended", "key"),
    [("surveys", "sent_on", "answered_on", "response_rate"), ("invoices", "due_on", "paid_on", "payment_delay")],
)
def test_in_the_demo_99_in_100_rows_have_told_by_then(demo, table, begun, ended, key):
    sql = f"SELECT AVG(CASE WHEN date_diff('day', {begun}, {ended}) <= {CATALOGUE[key].matures} THEN 1 ELSE 0 END) AS p"
    told = demo.engine.arrow(f"{sql} FROM {table} WHERE {ended} IS NOT NULL")["p"][0].as_py()
    assert told >= 0.99
