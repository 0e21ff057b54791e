"""What is compared with what, by days: as many on both sides, or none, and always marked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.calendars import Period, parse
from kpilib.change.window import Window, against, facing, of_days, window
from kpilib.compute.comparing import windows
from kpilib.errors import BadInput
from kpilib.periods import month_of

JUNE = date(2026, 6, 30)
START = date(2023, 7, 1)


def faced(text, as_of=JUNE, to="previous", **how):
    return facing(parse(text), to, as_of, START, **how)


@pytest.mark.parametrize(
    ("text", "as_of", "to", "now", "before", "mark"),
    [
        ("2026Q2", "2026-06-30", "previous", "2026Q2", "2026Q1", ""),
        ("2026Q2", "2026-06-30", "last_year", "2026Q2", "2025Q2", ""),
        ("2026-01 – 2026-06", "2026-06-30", "previous", "2026-01 – 2026-06", "2025-01 – 2025-06", ""),  # to date
        # Not over: as many days of the other.
        ("2026-05", "2026-05-12", "previous", "2026-05-01 – 2026-05-12", "2026-04-01 – 2026-04-12", "days"),
        ("2026Q2", "2026-05-12", "previous", "2026-04-01 – 2026-05-12", "2026-01-01 – 2026-02-11", "days"),
        ("2026", "2026-05-12", "previous", "2026-01-01 – 2026-05-12", "2025-01-01 – 2025-05-12", "days"),
        ("2026Q2", "2026-05-12", "last_year", "2026-04-01 – 2026-05-12", "2025-04-01 – 2025-05-12", "days"),
        ("2026-W19", "2026-05-06", "previous", "2026-05-04 – 2026-05-06", "2026-04-27 – 2026-04-29", "days"),
        # The 30th and 31st of March have no like in February: both sides have its 28 days.
        ("2026-03", "2026-03-30", "previous", "2026-03-01 – 2026-03-28", "2026-02-01 – 2026-02-28", "days"),
        # 29 February is the sixtieth day of 2024, and 1 March that of 2023.
        ("2024", "2024-02-28", "last_year", "2024-01-01 – 2024-02-28", "2023-01-01 – 2023-02-28", "not_reached"),
        ("2025", "2025-03-01", "previous", "2025-01-01 – 2025-03-01", "2024-01-01 – 2024-02-29", "days"),
        # The months that are over end on the day: whole months, which cubes can answer.
        ("2026", "2026-06-30", "previous", "2026-01 – 2026-06", "2025-01 – 2025-06", "months"),
        ("2026Q3", "2026-07-31", "previous", "2026-07", "2026-04", "months"),
        ("2026-W53", "2027-01-03", "last_year", "2026-W53", "2025-W52", ""),
        ("2027-W01", "2027-01-10", "previous", "2027-W01", "2026-W53", ""),
        ("2026P13", "2027-01-03", "previous", "2026P13", "2026P12", ""),
        ("2026Q3", "2026-06-30", "previous", "2026Q3", "2026Q2", "not_begun"),
        ("2023Q3", "2026-06-30", "previous", "2023Q3", "2023Q2", "not_reached"),
    ],
)
def test_a_window_faces_as_many_days(text, as_of, to, now, before, mark):
    found = faced(text, date.fromisoformat(as_of), to)
    assert (found.now.label, found.before.label, found.mark) == (now, before, mark)


@given(
    st.sampled_from(["month", "week", "four_weeks", "day"]),
    st.dates(date(2015, 1, 1), date(2030, 12, 31)),
    st.integers(0, 11),
    st.integers(0, 400),
    st.sampled_from(["previous", "last_year"]),
)
def test_what_is_cut_has_as_many_days_on_both_sides_and_none_that_is_not_known(unit, day, longer, into, to):
    number = {"month": month_of(day), "week": (day.toordinal() - 1) // 7, "day": day.toordinal()}
    first = number.get(unit, day.year * 13 + day.month - 1)
    period = Period(unit, first, first + longer)
    known = period.first_day + timedelta(into)
    try:
        found = facing(period, to, known, date(2000, 1, 1))
    except BadInput:  # days that lie on both sides: more than a year against the year before
        assert to == "last_year"
        assert period.last_year().last_day >= period.first_day
        return
    if not found.comparable:
        return
    assert found.now.first == period.first_day
    assert found.now.last <= known
    assert found.before.last < found.now.first
    assert found.now.whole == (period.last_day <= known) or found.mark == ""
    if found.mark == "days":
        assert found.now.days == found.before.days
        assert found.now.months is None
    if found.mark == "months":
        assert found.now.months[1] - found.now.months[0] == found.before.months[1] - found.before.months[0]


@given(st.integers(24240, 24317), st.integers(0, 17), st.dates(date(2020, 6, 1), date(2026, 12, 31)))
def test_without_days_a_window_is_compared_as_the_pages_compare_it(first, longer, as_of):
    period = Period("month", first, first + longer)
    if period.first_day > as_of:
        return
    found = facing(period, "previous", as_of, date(2000, 1, 1), by_days=False)
    tile = windows(first, first + longer, as_of, 0)
    if tile.now is None:
        assert found.mark == "not_over"
    else:
        assert (found.now.months, found.before.months) == (tile.now, tile.before)
        assert (found.left_out.months[0] if found.left_out else None) == tile.left_out


def test_a_stock_is_compared_at_its_month_and_that_of_today_is_one():
    found = faced("2026Q2", date(2026, 5, 12), stock="end")
    assert (found.now.label, found.before.label, found.mark) == ("2026-05", "2026-02", "")
    assert faced("2026Q2", to="last_year", stock="end").before.label == "2025-06"
    assert faced("2026Q2", stock="start").now.label == "2026-04"
    assert against(parse("2026Q2"), parse("2025Q1"), JUNE, START, stock="end").before.label == "2025-03"


def test_any_other_period_may_be_chosen_unless_it_shares_days():
    found = against(parse("2026Q2"), parse("2025-03"), JUNE, START)
    assert (found.now.label, found.before.label, found.mark) == ("2026Q2", "2025-03", "")
    with pytest.raises(BadInput, match="share days"):
        against(parse("2026Q2"), parse("2026-05"), JUNE, START)
    with pytest.raises(BadInput, match="share days"):
        faced("2024-01 – 2025-06", to="last_year")


def test_a_chosen_period_is_cut_where_either_is_not_over():
    found = against(parse("2026Q2"), parse("2026Q1"), date(2026, 4, 10), START)
    assert (found.now.days, found.before.days, found.mark) == (10, 10, "days")
    later = against(parse("2026Q1"), parse("2026Q2"), date(2026, 4, 10), START)
    assert (later.now.label, later.before.label) == ("2026-01-01 – 2026-01-10", "2026-04-01 – 2026-04-10")
    none = against(parse("2026Q1"), parse("2026Q2"), date(2026, 4, 10), START, by_days=False)
    assert none.mark == "not_over"
    assert against(parse("2026Q1"), parse("2026Q3"), date(2026, 4, 10), START).mark == "not_begun"


def test_a_window_says_its_days_and_whether_it_is_whole():
    assert window("2026Q2", as_of=JUNE) == Window(date(2026, 4, 1), JUNE, "2026Q2", True, (24315, 24317))
    assert window("2026-W27", as_of=JUNE).whole is False
    assert window("2026-W27", as_of=JUNE).months is None
    cut = of_days(date(2026, 2, 20), 10)
    assert (cut.last, cut.days, cut.whole) == (date(2026, 3, 1), 10, False)
