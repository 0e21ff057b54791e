"""Tiles of a company whose deals can be counted on fingers: what is said of change and target, and what never is."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.compute.comparing import Target, Windows
from kpilib.errors import CannotAnswer
from kpilib.periods import label, month_start, parse
from kpilib.show import Page, View, against, tiles
from kpilib.show.charts import spark
from kpilib.show.charts.spark import Point
from kpilib.show.standing import Standing, standing
from kpilib.show.words import Words
from kpilib.stats.intervals import newcombe, wilson

WIN_RATE, WON, CYCLE = (CATALOGUE[key] for key in ("win_rate", "won_amount", "sales_cycle"))
YEAR = ("2025-07", "2026-06")
WORDS = Words()
FIRST = parse("2024-07")[0]
NOTHING = {"value": float("nan"), "low": float("nan"), "high": float("nan"), "rows": 0, "complete": True}


def company():
    """20 deals a month of €100 each, closed on the day they began: 10 won a month, from July 2025 on 14.

    The odd ones are of small firms. Beside them 3 deals are open since January 2025, and 2 more since February 2026.
    """
    rows = []
    for month in range(FIRST, FIRST + 24):
        wins = 10 if month < FIRST + 12 else 14
        rows += [(month_start(month), month_start(month), "won" if i < wins else "lost", i % 2) for i in range(20)]
    rows += [(date(2025, 1, 10), None, "open", 0)] * 3 + [(date(2026, 2, 10), None, "open", 0)] * 2
    return pd.DataFrame(
        [{"opportunity_id": f"o{i}", "customer_id": f"c{small}", "status": status, "created_on": created,
          "closed_on": closed, "amount": 100.0, "currency": "EUR", "expected_close_on": date(2027, 1, 1)}
         for i, (created, closed, status, small) in enumerate(rows)]
    )  # fmt: skip


def aimed():
    """A win rate of 60%, for small firms of 90%; €1,500 won a month; never more than 4 deals open."""
    lines = [("win_rate", 0.6, None), ("win_rate", 0.9, "SMB"), ("won_amount", 1500.0, None)]
    lines += [("open_opportunities", 4.0, None)]
    return pd.DataFrame(
        [{"kpi": kpi, "month": month_start(month), "value": value, "dimension": "segment" if member else None,
          "member": member} for month in range(FIRST + 12, FIRST + 24) for kpi, value, member in lines]
    )  # fmt: skip


def opened(as_of="2026-06-30", **more):
    customers = pd.DataFrame({"customer_id": ["c0", "c1"], "segment": ["Key", "SMB"], "region": "East"})
    return kpilib.open({"opportunities": company(), "customers": customers, **more}, as_of=as_of)


@pytest.fixture(scope="module")
def book():
    return opened(targets=aimed())


@pytest.fixture(scope="module")
def midmonth():
    return opened("2026-06-12", targets=aimed())


def part(html, kind):
    """Direction, tooltip and text of one line of a tile."""
    found = re.search(rf'<p class="{kind}" data-dir="(\w+)"(?: title="([^"]*)")?>([^<]*)</p>', html)
    return tuple(text and unescape(text) for text in found.groups()) if found else None


def shown(book, key, since="2025-07", until="2026-06", where=None, locale="en"):
    return tiles.tile(View(book, where or {}, since, until, locale), key)


# What has changed


def test_a_change_beyond_chance_is_told_with_newcombes_interval_and_both_windows(book):
    low, high = (float(end) * 100 for end in newcombe(168, 240, 120, 240))
    direction, behind, text = part(shown(book, "win_rate").html, "kpi-change")
    assert text == f"▲ 20.0 points since the 12 months before ({low:.1f} to {high:.1f})"
    assert behind == "2025-07 to 2026-06: 70.0%. 2024-07 to 2025-06: 50.0%."
    assert direction == "better"


def test_a_change_within_chance_is_said_to_be_none_and_has_no_direction(book):
    low, high = (float(end) * 100 for end in newcombe(14, 20, 14, 20))
    direction, _, text = part(shown(book, "win_rate", "2026-06", "2026-06").html, "kpi-change")
    assert text == f"no change beyond chance (−{abs(low):.1f} to +{high:.1f} points)"
    assert direction == "none"


def test_a_total_is_told_as_a_plain_fact(book):
    direction, behind, text = part(shown(book, "won_amount").html, "kpi-change")
    assert text == "▲ 40.0% since the 12 months before"
    assert behind == "2025-07 to 2026-06: €16,800. 2024-07 to 2025-06: €12,000."
    assert direction == "better"


def test_a_total_that_stayed_the_same_has_not_changed(book):
    assert part(shown(book, "won_amount", "2026-06", "2026-06").html, "kpi-change")[0::2] == (
        "none", "no change since the month before",
    )  # fmt: skip


def test_a_stock_is_compared_with_the_end_of_the_window_before(book):
    _, behind, text = part(shown(book, "open_opportunities").html, "kpi-change")
    assert text == "▲ 66.7% since the end of 2025-06"
    assert behind == "2026-06: 5. 2025-06: 3."


def test_a_year_to_date_is_compared_with_the_same_months_a_year_before(book):
    text = part(shown(book, "won_amount", "2026-01", "2026-06").html, "kpi-change")[2]
    assert text == "▲ 40.0% since the same months a year before"


def test_a_month_that_is_not_over_is_left_out_of_both_sides_and_said(midmonth):
    tile = shown(midmonth, "won_amount")
    _, behind, text = part(tile.html, "kpi-change")
    assert text == "▲ 40.0% since the same months a year before"
    assert behind == (
        "2025-07 to 2026-05: €15,400. 2024-07 to 2025-05: €11,000. 2026-06 is not over, and left out of both."
    )
    # The value keeps what the month has so far: its 14 won deals of the first day.
    assert '<p class="kpi-value" title="€16,800">' in tile.html
    assert "168 rows · period not over" in tile.html


def test_a_quarter_that_is_not_over_is_compared_with_the_same_months_of_the_one_before(midmonth):
    _, behind, text = part(shown(midmonth, "won_amount", "2026-04", "2026-06").html, "kpi-change")
    assert text == "no change since the same months of the period before"
    assert behind.startswith("2026-04 to 2026-05: €2,800. 2026-01 to 2026-02: €2,800. 2026-06 is not over")


def test_a_single_month_that_is_not_over_is_compared_with_nothing(midmonth):
    assert part(shown(midmonth, "win_rate", "2026-06", "2026-06").html, "kpi-change") == (
        "none", None, "2026-06 is not over; nothing is compared yet",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["win_rate", "won_amount", "open_opportunities"])
def test_where_the_data_do_not_reach_back_it_says_so(book, key):
    assert part(shown(book, key, None, None).html, "kpi-change") == ("none", None, "no earlier period in the data")


def test_a_window_before_without_rows_is_nothing_to_compare_with():
    apart = company()
    months = pd.to_datetime(apart["closed_on"]).dt.strftime("%Y-%m")
    gone = kpilib.open({"opportunities": apart[months != "2026-05"]}, as_of="2026-06-30")
    text = part(shown(gone, "win_rate", "2026-06", "2026-06").html, "kpi-change")[2]
    assert text == "nothing to compare with in 2026-05"


def row(won, closed):
    low, high = (float(end) for end in wilson(won, closed))
    return {"value": won / closed, "low": low, "high": high, "rows": closed, "complete": True}


def told(now, before, kpi=WIN_RATE):
    year = Windows(parse("2025"), parse("2024"))
    return against.change(Standing(kpi, now, year, now, before), WORDS)


COUNTS = st.tuples(st.integers(0, 300), st.integers(1, 300)).map(lambda pair: (min(pair), pair[1]))


@given(COUNTS, COUNTS)
def test_no_difference_is_claimed_where_newcombes_interval_holds_zero(now, before):
    low, high = newcombe(*now, *before)
    said = told(row(*now), row(*before))
    holds = low <= 0 <= high
    assert (said.direction == "none") is bool(holds)
    assert ("no change beyond chance" in said.text) is bool(holds)
    assert not holds or not set("▲▼") & set(said.text)


@given(COUNTS, COUNTS)
def test_what_is_better_one_way_is_worse_the_other_way(now, before):
    there, back = told(row(*now), row(*before)), told(row(*before), row(*now))
    assert {there.direction, back.direction} in ({"none"}, {"better", "worse"})


@pytest.mark.parametrize(("better", "said"), [("higher", "better"), ("lower", "worse"), ("neither", "none")])
def test_which_way_is_good_is_the_kpis_own(better, said):
    assert told(row(70, 100), row(40, 100), replace(WIN_RATE, better=better)).direction == said
    assert told({**NOTHING, "value": 9.0}, {**NOTHING, "value": 7.0}, replace(WON, better=better)).direction == said


def test_a_fall_is_told_with_its_size_and_without_a_sign():
    said = told(row(40, 100), row(70, 100))
    low, high = (-100 * float(end) for end in reversed(newcombe(40, 100, 70, 100)))
    assert said.text == f"▼ 30.0 points since the 12 months before ({low:.1f} to {high:.1f})"
    assert said.direction == "worse"


def test_a_mean_without_an_interval_claims_nothing():
    said = told({**NOTHING, "value": 60.0, "rows": 1}, {**NOTHING, "value": 50.0, "rows": 1}, CYCLE)
    assert said.text.startswith("▲ 10.0 days since the 12 months before; it has no interval")
    assert said.direction == "none"


def test_a_total_that_grew_from_nothing_is_told_in_its_unit():
    said = told({**NOTHING, "value": 12_000.0}, {**NOTHING, "value": 0.0}, WON)
    assert said.text == "▲ €12.0K since the 12 months before"


def test_a_growth_that_rounds_to_nothing_is_none():
    assert told({**NOTHING, "value": 10_000.1}, {**NOTHING, "value": 10_000.0}, WON).text == (
        "no change since the 12 months before"
    )


def test_money_of_an_interval_has_the_same_decimals_at_both_ends():
    def mean(value, half):
        return {"value": value, "low": value - half, "high": value + half, "rows": 9, "complete": True}

    said = told(mean(500.0, 300.0), mean(80.25, 300.0), CATALOGUE["average_deal"])
    assert said.text == "no change beyond chance (−€5 to +€844)"


# What was aimed at


def test_a_total_under_its_target_says_by_how_much_and_how_far_it_came(book):
    direction, behind, text = part(shown(book, "won_amount").html, "kpi-target")
    assert text == "€1,200 under target (93% of €18.0K)"
    assert behind == "Target for 2025-07 to 2026-06: €18,000; reached: €16,800."
    assert direction == "worse"


def test_a_share_beyond_chance_of_its_target_is_above_it(book):
    assert part(shown(book, "win_rate").html, "kpi-target")[0::2] == (
        "better", "10.0 points above the target of 60.0%",
    )  # fmt: skip


def test_a_share_whose_interval_holds_its_target_is_within_chance_of_it(book):
    assert part(shown(book, "win_rate", "2026-06", "2026-06").html, "kpi-target")[0::2] == (
        "none", "within chance of the target of 60.0%",
    )  # fmt: skip


def test_the_slice_of_one_member_is_held_against_that_members_target(book):
    text = part(shown(book, "win_rate", where={"segment": ["SMB"]}).html, "kpi-target")[2]
    assert text == "20.0 points below the target of 90.0%"


def test_another_slice_is_held_against_the_companys_share_and_against_no_total(book):
    where = {"segment": ["Key"]}
    text = part(shown(book, "win_rate", where=where).html, "kpi-target")[2]
    assert text == "10.0 points above the company's target of 60.0%"
    assert part(shown(book, "won_amount", where=where).html, "kpi-target") is None


def test_a_stock_is_held_against_the_target_of_its_month(book):
    text = part(shown(book, "open_opportunities").html, "kpi-target")[2]
    assert text == "1 over target (125% of 4)"


def test_without_a_target_for_every_month_of_a_total_nothing_is_shown(book):
    assert part(shown(book, "won_amount", "2025-06", "2026-06").html, "kpi-target") is None


def test_a_share_some_of_whose_months_have_no_target_says_of_which_month_it_is(book):
    assert part(shown(book, "win_rate", "2025-06", "2026-06").html, "kpi-target")[2].endswith(
        "the target of 60.0% for 2026-06"
    )


def test_a_target_is_held_against_the_months_that_are_over(midmonth):
    _, behind, text = part(shown(midmonth, "won_amount").html, "kpi-target")
    assert text == "€1,100 under target (93% of €16.5K)"
    assert behind.endswith("2026-06 is not over, and left out of both.")


def test_a_month_that_is_not_over_is_on_its_way_and_neither_good_nor_bad(midmonth):
    assert part(shown(midmonth, "won_amount", "2026-06", "2026-06").html, "kpi-target")[0::2] == (
        "none", "93% of the month's target of €1,500; the month is not over",
    )  # fmt: skip


def held(value, aim, kpi=WON, **interval):
    now = {**NOTHING, "value": value, "rows": 9, **interval}
    return against.aim(Standing(kpi, now, Windows(parse("2025"), None), now, None, aim, parse("2025")), WORDS)


def test_a_total_on_its_target_is_neither_over_nor_under():
    assert (held(1000.0, Target(1000.0)).text, held(1000.0, Target(1000.0)).direction) == ("on target (€1,000)", "none")


def test_almost_is_never_a_hundred_per_cent():
    assert held(99.8, Target(100.0)).text == "€0.20 under target (99.8% of €100)"
    assert held(999_900.0, Target(1_000_000.0)).text == "on target (€1.00M)"


def test_a_target_of_nothing_has_no_per_cent():
    assert held(50.0, Target(0.0)).text == "€50 over the target of €0"
    assert held(-50.0, Target(0.0)).direction == "worse"
    assert held(0.0, Target(0.0)).text == "on target (€0)"


def test_a_mean_without_an_interval_is_not_said_to_miss_its_target():
    said = held(61.0, Target(58.0), CYCLE)
    assert said.text.startswith("3.0 days above the target of 58.0 days; it has no interval")
    assert said.direction == "none"


def test_above_the_target_is_worse_where_lower_is_better():
    assert held(61.0, Target(58.0), CYCLE, low=60.0, high=62.0).direction == "worse"


@given(COUNTS, st.floats(0, 1))
def test_a_target_is_missed_only_where_the_interval_leaves_it_out(counts, aim):
    now = row(*counts)
    said = held(now["value"], Target(aim), WIN_RATE, low=now["low"], high=now["high"])
    inside = now["low"] <= aim <= now["high"]
    assert (said.direction == "none") is inside
    assert said.text.startswith("within chance of") is inside


def test_the_target_of_one_month_of_the_whole_company_says_both():
    now = row(70, 100)
    said = held(0.7, Target(0.5, parse("2025-11")[0], company=True), WIN_RATE, low=now["low"], high=now["high"])
    assert said.text == "20.0 points above the company's target of 50.0% for 2025-11"


# The run by month


def svg(points):
    drawn = spark.line(points)
    return None if drawn is None else ElementTree.fromstring(str(drawn))


def run(*values, over=True):
    last = len(values) - 1
    return [Point(FIRST + i, value, over or i < last) for i, value in enumerate(values)]


def test_a_sparkline_goes_from_its_lowest_to_its_highest_and_marks_the_last_point():
    drawn = svg(run(1.0, 3.0, 2.0))
    assert [child.tag for child in drawn] == ["polyline", "circle"]
    assert drawn[0].get("points") == "3.0,25.0 60.0,3.0 117.0,14.0"
    assert (drawn[1].get("cx"), drawn[1].get("cy")) == ("117.0", "14.0")
    assert (drawn.get("aria-hidden"), drawn.get("stroke")) == ("true", "currentColor")


def test_the_stretch_to_a_month_that_is_not_over_is_dashed():
    drawn = svg(run(1.0, 3.0, 2.0, over=False))
    assert [child.get("stroke-dasharray") for child in drawn] == [None, "2 2", None]
    assert drawn[1].get("points") == "60.0,3.0 117.0,14.0"


def test_a_month_without_a_value_breaks_the_line():
    drawn = svg(run(1.0, 2.0, float("nan"), 2.0, 1.0))
    assert [child.tag for child in drawn] == ["polyline", "polyline", "circle"]
    alone = svg(run(1.0, float("nan"), 2.0))
    assert [child.tag for child in alone] == ["circle", "circle", "circle"]


def test_a_flat_run_lies_in_the_middle():
    assert svg(run(5.0, 5.0))[0].get("points") == "3.0,14.0 117.0,14.0"


@pytest.mark.parametrize("points", [[], run(1.0), run(1.0, float("nan"))])
def test_without_two_values_there_is_no_line(points):
    assert spark.line(points) is None


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=24))
def test_every_point_stays_inside_the_drawing(values):
    for child in svg(run(*values)):
        for pair in child.get("points", "").split():
            x, y = (float(number) for number in pair.split(","))
            assert 0 <= x <= spark.WIDTH
            assert 0 <= y <= spark.HEIGHT


def test_what_a_sparkline_shows_is_said_in_numbers():
    assert spark.said(run(0.5, 0.7, 0.6, over=False), "share", WORDS) == (
        "By month: 50.0% in 2024-07, 60.0% in 2024-09; lowest 50.0% in 2024-07, highest 70.0% in 2024-08. "
        "2024-09 is not over (dashed)."
    )
    assert spark.said([], "share", WORDS) == ""


def test_the_line_of_a_tile_is_the_books_own_months(book):
    found = standing(View(book, {}, *YEAR), WIN_RATE)
    frame = book.kpi("win_rate", period="month")
    assert [label(p.month, "month") for p in found.run] == frame["period"].tolist()
    assert [p.value for p in found.run] == frame["value"].tolist()
    html = shown(book, "win_rate").html
    assert re.search(
        r'<div class="kpi-spark" role="img" aria-label="By month: 50\.0% in 2024-07, 70\.0% in 2026-06', html
    )


def test_a_line_has_at_most_two_years_and_ends_with_the_view(book):
    found = standing(View(book, {}, "2025-01", "2025-03"), CATALOGUE["open_opportunities"])
    assert (found.run[0].month, found.run[-1].month) == (FIRST, parse("2025-03")[0])
    assert len(standing(View(book, {}, None, None), WIN_RATE).run) == 24


def test_a_line_shows_no_more_months_for_a_stock_whose_window_reaches_further_back(book, monkeypatch):
    monkeypatch.setattr("kpilib.show.standing.RUN", 6)
    found = standing(View(book, {}, *YEAR), CATALOGUE["open_opportunities"])
    assert [label(p.month, "month") for p in found.run] == [f"2026-0{month}" for month in range(1, 7)]
    assert (found.now["value"], found.before["value"]) == (5, 3)


# The whole tile


class Counted:
    """A book that counts what it is asked."""

    def __init__(self, book):
        self._book, self.asked = book, []

    def __getattr__(self, name):
        return getattr(self._book, name)

    def kpi(self, key, **how):
        self.asked.append(how)
        return self._book.kpi(key, **how)

    def columns(self, key, **how):
        self.asked.append(how)
        return self._book.columns(key, **how)


@pytest.mark.parametrize(
    ("key", "since", "calls"),
    [("open_opportunities", "2025-07", 1), ("win_rate", "2025-07", 3), ("win_rate", "2026-06", 2)],
)
def test_a_tile_asks_its_book_few_questions_and_the_months_once(book, key, since, calls):
    counted = Counted(book)
    standing(View(counted, {}, since, "2026-06"), counted.kpis[key])
    assert len(counted.asked) == calls
    assert sum(how.get("period") == "month" for how in counted.asked) == 1


def test_an_answer_of_the_engine_is_not_asked_again_for_a_picture(book):
    class Engine(Counted):
        def columns(self, key, **how):
            return *super().columns(key, **how)[:2], "engine"

    slow = Engine(book)
    assert standing(View(slow, {}, *YEAR), WIN_RATE).run == ()
    assert len(slow.asked) == 2


def test_every_number_of_a_tile_is_the_books(book):
    view = View(book, {"segment": ["SMB"]}, *YEAR)
    found = standing(view, WIN_RATE)
    now, before = (book.kpi("win_rate", where={"segment": ["SMB"]}, since=a, until=b).iloc[0]
                   for a, b in (YEAR, ("2024-07", "2025-06")))  # fmt: skip
    for mine, books in ((found.row, now), (found.now, now), (found.before, before)):
        assert [mine[name] for name in ("value", "low", "high", "rows")] == [
            books[name] for name in ("value", "low", "high", "rows")
        ]


def test_a_direction_is_never_said_by_colour_alone(book):
    for key in ("win_rate", "won_amount", "open_opportunities"):
        for kind in ("kpi-change", "kpi-target"):
            direction, _, text = part(shown(book, key).html, kind)
            assert direction == "none" or re.search(r"[▲▼]|above|below|under|over", text)


def test_the_plain_text_has_value_change_and_target(book):
    assert shown(book, "won_amount").plain == (
        "Won amount: €16.8K, 168 rows; ▲ 40.0% since the 12 months before; €1,200 under target (93% of €18.0K)"
    )


def test_a_kpi_without_time_is_compared_with_nothing(book):
    tile = shown(book, "refused_rate")
    assert "kpi-change" not in tile.html
    assert "kpi-spark" not in tile.html


def test_a_product_of_kpis_has_a_change_too(book):
    found = standing(View(book, {}, *YEAR), CATALOGUE["sales_velocity"])
    assert found.windows == Windows(parse("2025-07 – 2026-06"), parse("2024-07 – 2025-06"))


def test_one_piece_serves_two_readers(book):
    piece = Page(book).tiles(["win_rate", "won_amount"])
    one, other = View(book, {}, *YEAR), View(book, {"segment": ["SMB"]}, "2026-01", "2026-06")
    first, second = piece.compose(one, {}), piece.compose(other, {})
    assert piece.compose(one, {}).slots == first.slots != second.slots
    assert set(first.slots) == {"tiles", "foot"}


def test_a_tile_is_said_in_the_readers_numbers(book):
    html = shown(book, "win_rate", locale="fr").html
    assert ">70,0\xa0%</p>" in html or ">70,0\u202f%</p>" in html


# What the "i" opens


def test_the_i_tells_the_definition_and_leaves_what_takes_time_for_later(book):
    html = shown(book, "win_rate").html
    about = re.search(r'<details class="kpi-info" data-menu>(.*?)</details>', html).group(1)
    assert '<summary aria-label="About Win rate" title="About Win rate">i</summary>' in about
    for said in (WIN_RATE.question, "status = &#x27;won&#x27;", WIN_RATE.caveat, "Win rate by value"):
        assert said in about
    assert '<pre data-sql="win_rate"></pre>' in about
    assert "kpi-variant-value" not in about


def test_what_is_told_later_is_the_sql_of_the_slice_and_each_definitions_value(book):
    view = View(book, {"segment": ["SMB"]}, *YEAR)
    html = tiles.about(view, "win_rate")
    sql = re.search(r'<pre class="kpi-sql">(.*?)</pre>', html, re.S).group(1)
    asked = {"where": {"segment": ["SMB"]}, "since": YEAR[0], "until": YEAR[1]}
    assert sql.replace("&#x27;", "'").replace("&gt;", ">").replace("&lt;", "<") == book.sql("win_rate", **asked)
    by_value = book.kpi("win_rate", variant="by_value", **asked).iloc[0]
    assert f'<span class="kpi-variant-value">{by_value["value"]:.1%} (' in html
    assert 'data-variant="win_rate.by_value"' in html
    assert "data-sql" not in html


def test_a_definition_that_cannot_be_answered_says_why(book):
    class Silent(Counted):
        def kpi(self, key, variant=None, **how):
            if variant == "cohort":
                raise CannotAnswer("No <date> of creation.")
            return self._book.kpi(key, variant=variant, **how)

    html = tiles.about(View(Silent(book), {}, *YEAR), "win_rate")
    assert "No &lt;date&gt; of creation." in html
    assert "kpi-sql" in html


def test_the_sql_of_what_these_data_lack_is_the_reason(book):
    html = tiles.about(View(book, {}, *YEAR), "revenue")
    assert "needs the table &#x27;order_lines&#x27;" in html
    assert "<pre" not in html


# What a gallery says


def test_headlines_say_value_and_change_of_what_the_data_answer(book):
    made = tiles.headlines(View(book, {}, *YEAR), ["win_rate", "revenue", "won_amount"])
    assert [line["key"] for line in made] == ["win_rate", "won_amount"]
    assert made[1] == {
        "key": "won_amount", "name": "Won amount", "value": "€16.8K",
        "change": "▲ 40.0% since the 12 months before", "direction": "better",
    }  # fmt: skip


def test_headlines_of_an_empty_slice_are_none(book):
    assert tiles.headlines(View(book, {}, "2030-01", "2030-02"), ["win_rate"]) == []


def test_headlines_ask_for_no_months(book):
    counted = Counted(book)
    tiles.headlines(View(counted, {}, *YEAR), ["win_rate"])
    assert [how.get("period") for how in counted.asked] == [None, None]
