"""Periods: every month has one quarter and one year, labels read back, and the calendar's edges."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput, UnknownName
from kpilib.periods import (
    bounds,
    group,
    is_complete,
    label,
    last_year,
    month_end,
    month_of,
    month_start,
    parse,
    previous,
    range_label,
    trailing,
)

MAY_2026 = 2026 * 12 + 4
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
MONTHS = DAYS.map(month_of)
GRAINS = st.sampled_from(["month", "quarter", "year"])
STARTS = st.integers(1, 12)


@pytest.mark.parametrize(
    "given_month",
    [
        "2026-05",
        "2026-05-31",
        " 2026-05 ",
        date(2026, 5, 31),
        datetime(2026, 5, 1, 23, 59),
        pd.Timestamp("2026-05-07"),
        np.datetime64("2026-05-07"),
        np.datetime64("2026-05"),
        np.datetime64("2026-05-07T12:00:00.000000001"),
    ],
)
def test_a_month_may_be_written_or_dated(given_month):
    assert parse(given_month) == (MAY_2026, MAY_2026)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026Q2", (2026, 4), (2026, 6)),
        ("2026-q2", (2026, 4), (2026, 6)),
        ("2026", (2026, 1), (2026, 12)),
        ("2025-07 – 2026-06", (2025, 7), (2026, 6)),
        ("2025Q3 - 2026", (2025, 7), (2026, 12)),
        ("2025/2026", (2025, 1), (2026, 12)),
    ],
)
def test_a_text_names_its_first_and_last_month(text, first, last):
    assert parse(text) == (month_of(date(*first, 1)), month_of(date(*last, 1)))


@pytest.mark.parametrize(
    "given_text",
    [
        *("", "May 2026", "26-05", "2026-5", "2026Q5", "2026H1", "FY2026-05", "0000", "2025 – 2026 – 2027"),
        *(2026, 2026.5, None, pd.NaT, np.datetime64("NaT")),
    ],
)
def test_what_is_no_period_is_refused_with_what_is_accepted(given_text):
    with pytest.raises(BadInput, match=r"is no period\. Accepted: a date, '2026-05', .*'2026Q2', '2026'"):
        parse(given_text)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2025-02-29", "2026-06-31"])
def test_a_day_or_month_that_does_not_exist_is_refused(text):
    with pytest.raises(BadInput, match="is not in the calendar"):
        parse(text)


def test_a_range_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadInput, match="ends before it begins"):
        parse("2026-06 – 2025-07")


@given(MONTHS, GRAINS, STARTS)
def test_every_month_lies_in_exactly_one_period_of_each_grain(month, grain, start):
    (period,), _ = group([month], grain, start)
    around = [
        p for p in range(period - 2, period + 3) if bounds(p, grain, start)[0] <= month <= bounds(p, grain, start)[1]
    ]
    assert around == [period]


@given(MONTHS, STARTS)
def test_a_year_has_twelve_months_and_four_whole_quarters(month, start):
    (year,), _ = group([month], "year", start)
    first, last = bounds(year, "year", start)
    quarters, _ = group(range(first, last + 1), "quarter", start)
    assert np.unique(quarters, return_counts=True)[1].tolist() == [3, 3, 3, 3]
    assert (np.diff(quarters) >= 0).all()


@given(MONTHS, GRAINS, STARTS)
def test_a_label_reads_back_as_the_months_of_its_period(month, grain, start):
    (period,), (text,) = group([month], grain, start)
    assert parse(text, fiscal_start=start) == bounds(period, grain, start)
    assert text == label(period, grain, start)


@given(MONTHS, st.integers(0, 60))
def test_the_label_of_a_range_reads_back(first, more):
    assert parse(range_label(first, first + more)) == (first, first + more)


@given(DAYS)
def test_a_day_lies_between_the_start_and_the_end_of_its_month(day):
    month = month_of(day)
    assert month_start(month) <= day <= month_end(month)
    assert month_start(month + 1).toordinal() == month_end(month).toordinal() + 1


@given(MONTHS, st.integers(0, 40))
def test_the_previous_range_has_the_same_length_and_touches(first, more):
    before, until = previous(first, first + more)
    assert (until + 1, until - before) == (first, more)


@given(MONTHS, st.integers(0, 40))
def test_last_year_is_the_same_months_a_year_before(first, more):
    before = last_year(first, first + more)
    assert [month_start(m).replace(year=2000) for m in before] == [
        month_start(m).replace(year=2000) for m in (first, first + more)
    ]
    assert first - before[0] == 12


def test_february_ends_on_the_29th_in_leap_years_only():
    ends = [month_end(month_of(date(year, 2, 1))).day for year in (2023, 2024, 1900, 2000)]
    assert ends == [28, 29, 28, 29]
    assert parse("2024-02-29") == parse("2024-02")


def test_december_and_january_are_neighbours_in_different_years():
    months = [month_of(date(2025, 12, 31)), month_of(date(2026, 1, 1))]
    assert months[1] - months[0] == 1
    assert group(months, "year")[1].tolist() == ["2025", "2026"]
    assert group(months, "quarter")[1].tolist() == ["2025Q4", "2026Q1"]
    assert month_end(9999 * 12 + 11) == date(9999, 12, 31)


def test_a_fiscal_year_is_named_after_the_year_it_ends_in():
    months = [month_of(date(2025, 6, 1)), month_of(date(2025, 7, 1)), month_of(date(2026, 6, 1))]
    assert group(months, "year", fiscal_start=7)[1].tolist() == ["FY2025", "FY2026", "FY2026"]
    assert group(months, "quarter", fiscal_start=7)[1].tolist() == ["FY2025Q4", "FY2026Q1", "FY2026Q4"]
    assert group(months, "month", fiscal_start=7)[1].tolist() == ["2025-06", "2025-07", "2026-06"]


def test_twelve_trailing_months_end_with_the_one_given():
    assert range_label(*trailing(month_of(date(2026, 6, 1)))) == "2025-07 – 2026-06"
    assert range_label(*trailing(MAY_2026, 1)) == "2026-05"


def test_no_months_have_no_periods():
    periods, labels = group([], "quarter")
    assert (periods.shape, labels.shape) == ((0,), (0,))


def test_an_unknown_grain_is_refused_with_those_that_exist():
    with pytest.raises(UnknownName, match=r"'quater'. Did you mean 'quarter'\?"):
        group([MAY_2026], "quater")


def test_a_fiscal_year_cannot_start_in_a_thirteenth_month():
    with pytest.raises(BadInput, match="1 to 12, 13 was given"):
        group([MAY_2026], "year", fiscal_start=13)


@pytest.mark.parametrize("end", [MAY_2026, np.int64(MAY_2026), date(2026, 5, 31), pd.Timestamp("2026-05-31")])
def test_a_period_is_over_on_its_last_day_and_not_before(end):
    assert is_complete(end, date(2026, 5, 31))
    assert is_complete(end, datetime(2026, 5, 31, 8))
    assert is_complete(end, date(2027, 1, 1))
    assert not is_complete(end, date(2026, 5, 30))
