"""With what a figure is compared: windows of months, counted on a calendar; targets, counted on fingers."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.book import Book
from kpilib.catalogue import CATALOGUE
from kpilib.compute.comparing import Target, Windows, stored, target, targets_of, windows
from kpilib.periods import is_complete, month_of, parse

JUNE = date(2026, 6, 30)
START = parse("2023-07")[0]
WIN_RATE, WON, OPEN, STALLED = (
    CATALOGUE[key] for key in ("win_rate", "won_amount", "open_opportunities", "stalled_share")
)


def months(text):
    """The range of months that a text names; None for none."""
    return parse(text) if text else None


def compared(window, as_of=JUNE, start=START, at="flow"):
    return windows(*parse(window), as_of, start, at)


@pytest.mark.parametrize(
    ("window", "as_of", "now", "before", "left_out"),
    [
        # The window just before, of the same length.
        ("2025-07 – 2026-06", JUNE, "2025-07 – 2026-06", "2024-07 – 2025-06", None),
        ("2026-02 – 2026-06", JUNE, "2026-02 – 2026-06", "2025-09 – 2026-01", None),
        ("2026-06", JUNE, "2026-06", "2026-05", None),
        ("2026Q2", JUNE, "2026Q2", "2026Q1", None),
        ("2025", JUNE, "2025", "2024", None),
        # The year to date: the same months a year before.
        ("2026-01 – 2026-06", JUNE, "2026-01 – 2026-06", "2025-01 – 2025-06", None),
        ("2026-01 – 2026-12", JUNE, "2026-01 – 2026-06", "2025-01 – 2025-06", None),
        # The same months when the year has gone on are months like any other.
        ("2025-01 – 2025-06", JUNE, "2025-01 – 2025-06", "2024-07 – 2024-12", None),
        # A quarter that is not over: the same months of the quarter before.
        ("2026-04 – 2026-05", date(2026, 5, 31), "2026-04 – 2026-05", "2026-01 – 2026-02", None),
        ("2026Q2", date(2026, 5, 31), "2026-04 – 2026-05", "2026-01 – 2026-02", None),
        ("2026-05 – 2026-06", JUNE, "2026-05 – 2026-06", "2026-03 – 2026-04", None),
        # A month that is not over is left out, and the one it would be compared with.
        ("2025-07 – 2026-06", date(2026, 6, 29), "2025-07 – 2026-05", "2024-07 – 2025-05", "2026-06"),
        ("2026-04 – 2026-05", date(2026, 5, 12), "2026-04", "2026-01", "2026-05"),
        ("2026-01 – 2026-05", date(2026, 5, 12), "2026-01 – 2026-04", "2025-01 – 2025-04", "2026-05"),
        ("2026-06", date(2026, 6, 29), None, None, "2026-06"),
        # February has a day more in a leap year.
        ("2024-02", date(2024, 2, 28), None, None, "2024-02"),
        ("2024-02", date(2024, 2, 29), "2024-02", "2024-01", None),
        ("2025-02", date(2025, 2, 28), "2025-02", "2025-01", None),
        # The data do not reach back.
        ("2023-07 – 2026-06", JUNE, "2023-07 – 2026-06", None, None),
        ("2024-06 – 2025-05", JUNE, "2024-06 – 2025-05", None, None),
        ("2024-07 – 2025-06", JUNE, "2024-07 – 2025-06", "2023-07 – 2024-06", None),
    ],
)
def test_a_window_is_compared_with_the_one_before_it_like_with_like(window, as_of, now, before, left_out):
    left = parse(left_out)[0] if left_out else None
    assert compared(window, as_of) == Windows(months(now), months(before), left)


def test_eighteen_months_from_a_january_are_no_year_to_date():
    assert compared("2025-01 – 2026-06").before == parse("2023-07 – 2024-12")


def test_a_stock_is_compared_at_the_month_at_which_it_is_taken():
    assert compared("2025-07 – 2026-06", at="end") == Windows(parse("2026-06"), parse("2025-06"))
    assert compared("2025-07 – 2026-06", at="start") == Windows(parse("2025-07"), parse("2024-07"))
    assert compared("2026-01 – 2026-06", at="end").before == parse("2025-06")


def test_a_stock_of_today_is_compared_though_the_month_goes_on():
    assert compared("2026-06", date(2026, 6, 3), at="end") == Windows(parse("2026-06"), parse("2026-05"))


def test_a_stock_needs_the_one_month_before_and_not_the_whole_window():
    assert compared("2023-09 – 2026-06", start=parse("2020-11")[0], at="end").before == parse("2023-08")
    assert compared("2023-07 – 2026-06", at="end").before is None


@given(
    st.integers(parse("2020")[0], parse("2027")[1]),
    st.integers(0, 40),
    st.dates(date(2020, 6, 1), date(2027, 12, 31)),
    st.integers(parse("2019")[0], parse("2021")[1]),
)
def test_both_windows_are_as_long_over_and_apart(first, length, as_of, start):
    if first > month_of(as_of):
        return
    made = windows(first, first + length, as_of, start)
    if made.now is None:
        assert made.left_out == month_of(as_of) == first
        assert not is_complete(first, as_of)
        return
    assert made.now[0] == first
    assert is_complete(made.now[1], as_of)
    assert made.left_out is None or made.left_out == made.now[1] + 1
    if made.before is not None:
        assert made.before[1] - made.before[0] == made.now[1] - made.now[0]
        assert start <= made.before[0]
        assert made.before[1] < made.now[0]
        assert made.apart >= made.months


# Targets

YEAR = parse("2025-07 – 2026-06")


def aims(key, values, window=YEAR):
    """The targets of a key, one a month of the window."""
    return {key: {str(window[0] + i): value for i, value in enumerate(values)}}


def test_a_total_aims_at_the_sum_of_its_months():
    assert target(WON, aims("won_amount||", [100.0] * 11 + [150.0]), {}, YEAR) == Target(1250.0)


def test_a_total_of_which_a_month_has_no_target_has_none():
    assert target(WON, aims("won_amount||", [100.0] * 11), {}, YEAR) is None


def test_a_total_of_a_stock_aims_at_its_months_and_not_at_a_sum():
    known = aims("open_opportunities||", [10.0] * 11 + [12.0])
    assert target(OPEN, known, {}, parse("2026-06")) == Target(12.0)
    assert target(OPEN, known, {}, parse("2026-07")) is None


def test_a_share_aims_at_the_one_target_of_its_months():
    assert target(WIN_RATE, aims("win_rate||", [0.6] * 12), {}, YEAR) == Target(0.6)


@pytest.mark.parametrize("values", [[0.5] * 6 + [0.6] * 6, [0.5] * 11 + [0.6]])
def test_where_the_months_differ_a_share_aims_at_the_latest_and_says_which(values):
    assert target(WIN_RATE, aims("win_rate||", values), {}, YEAR) == Target(0.6, parse("2026-06")[0])


def test_where_some_months_have_none_a_share_aims_at_the_latest_that_has_one():
    assert target(WIN_RATE, aims("win_rate||", [0.6] * 3), {}, YEAR) == Target(0.6, parse("2025-09")[0])


def test_targets_of_other_months_are_not_looked_at():
    assert target(WIN_RATE, aims("win_rate||", [0.6] * 12, parse("2024")), {}, YEAR) is None
    assert target(WIN_RATE, {}, {}, YEAR) is None


SMB = {"segment": ("SMB",)}
BOTH = {**aims("win_rate||", [0.6] * 12), **aims("win_rate|segment|SMB", [0.7] * 12)}
SUMS = {**aims("won_amount||", [100.0] * 12), **aims("won_amount|segment|SMB", [40.0] * 12)}


def test_the_slice_of_exactly_one_member_has_that_members_target():
    assert target(WIN_RATE, BOTH, SMB, YEAR) == Target(0.7)
    assert target(WON, SUMS, SMB, YEAR) == Target(480.0)


@pytest.mark.parametrize("where", [{"segment": ("SMB", "Key")}, {**SMB, "region": ("East",)}, {"region": ("SMB",)}])
def test_any_other_slice_holds_a_share_against_the_companys_target_and_a_total_against_none(where):
    assert target(WIN_RATE, BOTH, where, YEAR) == Target(0.6, company=True)
    assert target(WON, SUMS, where, YEAR) is None


def test_a_member_without_its_own_target_has_the_companys_for_a_share_alone():
    assert target(WIN_RATE, BOTH, {"segment": ("Key",)}, YEAR) == Target(0.6, company=True)
    assert target(STALLED, aims("stalled_share||", [0.1] * 12), SMB, parse("2026-06")) == Target(0.1, company=True)
    assert target(WON, SUMS, {"segment": ("Key",)}, YEAR) is None


def deals():
    return pd.DataFrame(
        {"opportunity_id": ["a", "b"], "status": ["won", "lost"], "created_on": date(2026, 1, 5),
         "closed_on": date(2026, 2, 5), "amount": 10.0, "currency": "EUR"}
    )  # fmt: skip


AIMS = pd.DataFrame(
    [("win_rate", date(2026, 2, 1), 0.6, None, None), ("win_rate", date(2026, 2, 1), 0.7, "segment", "O'Hara | Co")],
    columns=["kpi", "month", "value", "dimension", "member"],
)
FEBRUARY = str(parse("2026-02")[0])
KEPT = {"win_rate||": {FEBRUARY: 0.6}, "win_rate|segment|O'Hara | Co": {FEBRUARY: 0.7}}


@pytest.fixture(scope="module")
def book():
    return kpilib.open({"opportunities": deals(), "targets": AIMS})


def test_a_book_with_cubes_knows_its_targets_without_its_engine(book):
    assert targets_of(book) == KEPT
    assert "engine" not in book.__dict__


def test_a_book_without_cubes_asks_its_engine_once(book):
    asked = []

    def connect():
        asked.append(1)
        return book.engine

    bare = Book(book.about, connect)
    assert targets_of(bare) == targets_of(bare) == KEPT
    assert asked == [1]
    del bare.__dict__["engine"]
    assert targets_of(bare) == KEPT
    assert asked == [1]


def test_a_book_without_targets_has_none():
    assert targets_of(kpilib.open({"opportunities": deals()})) == {}


def test_a_database_without_the_columns_of_members_has_the_companys_targets():
    class Engine:
        def __init__(self, columns):
            self.columns = columns

        def tables(self):
            return {"targets": frozenset(self.columns)} if self.columns else {}

        def arrow(self, sql):
            assert "dimension" not in sql
            rows = [{"kpi": "win_rate", "month": date(2026, 2, 1), "value": 0.6}]
            return SimpleNamespace(to_pylist=lambda: rows)

    assert stored(Engine(["kpi", "month", "value"])) == {"win_rate||": {FEBRUARY: 0.6}}
    assert stored(Engine([])) == {}
