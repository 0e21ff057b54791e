"""Months, fiscal years, thirteen periods of four weeks, ISO weeks: checked on paper calendars and by property."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.calendars import Period, latest, parse, weeks_of
from kpilib.errors import BadInput, UnknownName

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def holding(unit, day):
    """The period of one unit that holds a day, found by its text."""
    year, week, _ = day.isocalendar()
    four_weeks = f"{year}P{min((week - 1) // 4, 12) + 1:02d}"
    named = {
        "month": f"{day:%Y-%m}", "week": f"{year}-W{week:02d}", "four_weeks": four_weeks, "day": day.isoformat(),
    }  # fmt: skip
    return parse(named[unit])


UNITS = st.sampled_from(["month", "week", "four_weeks", "day"])


@given(UNITS, DAYS)
def test_every_day_is_in_exactly_one_period_of_each_kind(unit, day):
    found = holding(unit, day)
    assert found.first_day <= day <= found.last_day
    assert not found.previous().first_day <= day <= found.previous().last_day
    assert not found.next().first_day <= day <= found.next().last_day


@given(UNITS, DAYS, st.integers(0, 60))
def test_periods_follow_each_other_without_gap_or_overlap(unit, day, longer):
    one = holding(unit, day)
    run = Period(unit, one.first, one.first + longer)
    assert run.next().first_day - run.last_day == timedelta(1)
    assert run.first_day - run.previous().last_day == timedelta(1)
    assert run.next().previous() == run.previous().next() == run
    assert run.next().last - run.next().first == longer


@given(UNITS, DAYS, st.integers(0, 30))
def test_what_a_period_is_called_names_it(unit, day, longer):
    one = holding(unit, day)
    run = Period(unit, one.first, one.first + longer)
    assert parse(run.label) == run


@given(DAYS, st.integers(1, 12), st.sampled_from([3, 12]))
def test_a_fiscal_quarter_or_year_is_read_back_from_its_name(day, start, size):
    first = (day.year * 12 + day.month - 1 - (start - 1)) // size * size + start - 1
    run = Period("month", first, first + size - 1, start)
    again = parse(run.label, f"fiscal:{start}" if start > 1 else None)
    assert (again.first_day, again.last_day, again.label) == (run.first_day, run.last_day, run.label)


@given(DAYS)
def test_weeks_are_those_of_the_standard_library_and_have_seven_days(day):
    found = holding("week", day)
    assert found.first_day == day - timedelta(day.weekday())
    assert (found.last_day - found.first_day).days == 6
    assert found.first_day.isocalendar()[:2] == day.isocalendar()[:2]


@given(st.integers(1990, 2060))
def test_thirteen_periods_make_the_iso_year_and_only_the_last_may_have_five_weeks(year):
    periods = [parse(f"{year}P{number:02d}") for number in range(1, 14)]
    lengths = [(one.last_day - one.first_day).days + 1 for one in periods]
    assert lengths[:12] == [28] * 12
    assert lengths[12] == (35 if weeks_of(year) == 53 else 28)
    assert periods[0].first_day == date.fromisocalendar(year, 1, 1)
    assert periods[12].next() == parse(f"{year + 1}P01")


@given(st.integers(1990, 2060))
def test_a_year_of_weeks_has_as_many_as_the_28th_of_december_says(year):
    whole = parse(str(year), "iso-week")
    assert whole.last - whole.first + 1 == weeks_of(year) == date(year, 12, 28).isocalendar().week
    assert parse(str(year), "13-period").first_day == whole.first_day
    assert parse(str(year), "13-period").last_day == whole.last_day


@given(UNITS, DAYS)
def test_the_year_before_lies_before_and_a_year_away(unit, day):
    now = holding(unit, day)
    before = now.last_year()
    assert before.last_day < now.first_day
    assert 350 <= (now.first_day - before.first_day).days <= 380


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W01", "2025-12-29", "2026-01-04"),  # week 1 begins in the year before
        ("2026-W53", "2026-12-28", "2027-01-03"),  # 2026 begins on a Thursday: 53 weeks
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2021-W01", "2021-01-04", "2021-01-10"),
        ("2026W07", "2026-02-09", "2026-02-15"),
        ("2026P01", "2025-12-29", "2026-01-25"),
        ("2026P13", "2026-11-30", "2027-01-03"),  # five weeks
        ("2025P13", "2025-12-01", "2025-12-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2026-06-03 – 2026-06-14", "2026-06-03", "2026-06-14"),
        ("2026-06-03 to 2026-06-14", "2026-06-03", "2026-06-14"),
        ("2026-W07/2026-W10", "2026-02-09", "2026-03-08"),
    ],
)
def test_a_text_names_the_days_that_a_calendar_on_the_wall_has(text, first, last):
    found = parse(text)
    assert (found.first_day.isoformat(), found.last_day.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("text", "before"),
    [("2026-W53", "2025-W52"), ("2027-W01", "2026-W01"), ("2021-W53 – 2021-W53", None), ("2026P03", "2025P03"),
     ("2024-02-29", "2023-02-28"), ("2024-02", "2023-02"), ("2026Q1", "2025Q1")],
)  # fmt: skip
def test_the_like_of_a_period_a_year_before(text, before):
    if before is None:
        with pytest.raises(BadInput, match="2021 has 52 weeks"):
            parse(text)
    else:
        assert parse(text).last_year().label == before


def test_the_days_before_the_31st_are_as_many():
    may = parse("2026-05-01 – 2026-05-31")
    assert may.previous().label == "2026-03-31 – 2026-04-30"
    assert parse("2026-05").previous().label == "2026-04"


def test_a_fiscal_year_starts_where_it_is_said_to():
    found = parse("FY2026Q1", "fiscal:7")
    assert (found.first_day, found.last_day, found.label) == (date(2025, 7, 1), date(2025, 9, 30), "FY2026Q1")
    assert parse("2026Q1", "fiscal:7") == found
    assert parse("2026Q1", "fiscal", fiscal_start=7) == found
    assert parse("2026", "fiscal:10").label == "FY2026"
    assert found.previous().label == "FY2025Q4"
    assert found.last_year().label == "FY2025Q1"


@pytest.mark.parametrize(
    ("as_of", "calendar", "label"),
    [("2026-06-30", None, "2026Q2"), ("2026-06-29", None, "2026Q1"), ("2026-06-30", "fiscal:2", "FY2027Q1"),
     ("2027-01-03", "iso-week", "2026-W53"), ("2027-01-02", "iso-week", "2026-W52"),
     ("2027-01-03", "13-period", "2026P13"), ("2027-01-02", "13-period", "2026P12")],
)  # fmt: skip
def test_the_latest_period_is_one_that_is_over(as_of, calendar, label):
    assert latest(calendar, date.fromisoformat(as_of)).label == label


@pytest.mark.parametrize(
    ("text", "calendar", "match"),
    [
        ("2025-W53", None, "2025 has 52 weeks"), ("2026P14", None, "2026 has 13 periods"),
        ("2026P00", None, "13 periods"),
        ("2023-02-29", None, "not in the calendar"), ("2026-W07 – 2026P03", None, "different calendars"),
        ("2026-W10 – 2026-W07", None, "ends before it begins"), ("last week", None, "is no period"),
        (20260101, None, "is no period"), ("a to b to c", None, "is no period"),
        ("2026-W07", "13-period", "no period of the calendar '13-period'"), ("2026", "fiscal:13", "a month 1 to 12"),
        ("2026", "iso-week:3", "a month 1 to 12"), ("2026Q2", "iso-week", "no period of the calendar"),
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_what_is_accepted(text, calendar, match):
    with pytest.raises(BadInput, match=match):
        parse(text, calendar)


def test_a_calendar_that_does_not_exist_gets_a_suggestion():
    with pytest.raises(UnknownName, match="Did you mean 'iso-week'"):
        parse("2026", "isoweek")


def test_a_moment_with_an_offset_counts_to_its_day_in_utc(tmp_path):
    """Half past midnight in Paris on 1 July is still June in UTC; half past eleven at night in New York is July."""
    rows = "ticket_id,customer_id,opened_at,resolved_at,handling_minutes\n"
    rows += "t1,c1,2026-07-01T00:30:00+02:00,2026-07-02T10:00:00+02:00,60\n"
    rows += "t2,c1,2026-06-30T23:30:00-04:00,2026-07-02T10:00:00-04:00,120\n"
    rows += "t3,c1,2026-06-30T12:00:00+00:00,2026-07-02T10:00:00+00:00,240\n"
    (tmp_path / "tickets.csv").write_text(rows)
    pd.DataFrame({"customer_id": ["c1"], "name": ["One"]}).to_csv(tmp_path / "customers.csv", index=False)
    book = kpilib.open(tmp_path, as_of="2026-07-31")
    by_month = book.kpi("support_hours", period="month", since="2026-06", until="2026-07")
    assert by_month["value"].tolist() == [5.0, 2.0]
    june, july = (
        book.compare("support_hours", day, to="2026-05-01")["value"][0] for day in ("2026-06-30", "2026-07-01")
    )
    assert (june, july) == (5.0, 2.0)


def test_times_of_any_offset_count_to_the_day_that_pythons_own_clock_gives_them(tmp_path):
    pick = random.Random(7)
    begins = datetime(2026, 3, 29, tzinfo=UTC)
    moments = [
        (begins + timedelta(minutes=pick.randrange(4 * 24 * 60))).astimezone(timezone(timedelta(minutes=15 * hour)))
        for hour in (pick.randrange(-44, 53) for _ in range(150))
    ]
    lines = [f"t{i},c1,{moment.isoformat()},60" for i, moment in enumerate(moments)]
    (tmp_path / "tickets.csv").write_text("\n".join(["ticket_id,customer_id,opened_at,handling_minutes", *lines]))
    pd.DataFrame({"customer_id": ["c1"], "name": ["One"]}).to_csv(tmp_path / "customers.csv", index=False)
    book = kpilib.open(tmp_path, as_of="2026-04-30")
    wanted = Counter(moment.astimezone(UTC).date() for moment in moments)
    for day in ("2026-03-29", "2026-03-31", "2026-04-01"):
        found = book.compare("support_hours", day, to="2026-04-20")
        assert found["value"][0] == wanted[date.fromisoformat(day)]
