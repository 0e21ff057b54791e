"""Two figures beside each other: counted by hand on a company of a few deals, and by pandas on the demo's own files."""

from datetime import date, timedelta
from math import hypot, isnan

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.change.compare import compared
from kpilib.change.verdict import Side, figure, verdict
from kpilib.change.window import window
from kpilib.errors import BadInput, CannotAnswer, UnknownName
from kpilib.show.measures import gap
from kpilib.stats.intervals import newcombe, wilson


def deals(*lots):
    """Deals by lots of (day closed, region, won, lost, amount)."""
    rows = []
    for day, region, won, lost, amount in lots:
        for status, count in (("won", won), ("lost", lost)):
            rows += [{"status": status, "closed_on": day, "region": region, "amount": amount}] * count
    made = pd.DataFrame(rows)
    made["opportunity_id"] = [f"o{i}" for i in range(len(made))]
    made["customer_id"] = "c-" + made.pop("region")
    return made.assign(created_on=made["closed_on"] - timedelta(30), currency="EUR")


CUSTOMERS = pd.DataFrame(
    {"customer_id": ["c-East", "c-West", "c-North"], "name": ["E", "W", "N"], "region": ["East", "West", "North"]}
)
DEALS = deals(
    (date(2025, 1, 6), "East", 1, 1, 100.0),
    (date(2026, 1, 10), "East", 20, 30, 10.0), (date(2026, 1, 20), "West", 10, 40, 10.0),
    (date(2026, 2, 5), "North", 5, 5, 50.0), (date(2026, 3, 1), "West", 15, 5, 10.0),
    (date(2026, 4, 4), "East", 45, 5, 12.0), (date(2026, 4, 25), "West", 12, 38, 12.0),
    (date(2026, 5, 1), "East", 3, 1, 12.0), (date(2026, 5, 20), "West", 7, 1, 12.0),
)  # fmt: skip


def opened(as_of="2026-06-30", **tables):
    return kpilib.open({"opportunities": DEALS, "customers": CUSTOMERS, **tables}, as_of=as_of)


@pytest.fixture(scope="module")
def book():
    return opened()


@pytest.fixture(scope="module")
def may():
    """The same company on 12 May."""
    return opened("2026-05-12")


def one(book, *args, **how):
    (found,) = compared(book, *args, **how)
    return found


# Shares, means, totals


def test_a_share_has_newcombes_interval_and_the_verdict_that_it_allows(book):
    found = one(book, "win_rate", "2026Q2")
    # April to May: 45 + 12 + 3 + 7 won of 112; January to March: 20 + 10 + 5 + 15 of 130.
    assert (found.now.numerator, found.now.denominator, found.now.rows) == (67, 112, 112)
    assert (found.before.numerator, found.before.denominator) == (50, 130)
    assert found.difference == pytest.approx(67 / 112 - 50 / 130)
    assert (found.low, found.high) == pytest.approx(tuple(float(end) for end in newcombe(67, 112, 50, 130)), abs=1e-9)
    assert (found.now.low, found.now.high) == pytest.approx(tuple(float(end) for end in wilson(67, 112)))
    assert found.verdict == "better"
    assert found.p == pytest.approx(stats.chi2_contingency([[67, 45], [50, 80]], correction=False).pvalue, rel=0.1)


def test_a_mean_differs_by_the_delta_method_on_both_windows(book):
    found = one(book, "average_deal", "2026Q2")
    now, before = [12.0] * 67, [10.0] * 45 + [50.0] * 5
    assert (found.now.value, found.before.value) == (12.0, pytest.approx(np.mean(before)))
    # All alike now: what is unsure is the mean before, by Student's t of its 50 deals.
    half = stats.t.ppf(0.975, 49) * np.std(before, ddof=1) / np.sqrt(50)
    assert (found.low, found.high) == pytest.approx((12 - np.mean(before) - half, 12 - np.mean(before) + half))
    assert found.p == pytest.approx(stats.ttest_1samp(before, 12.0).pvalue, rel=1e-6)
    assert found.verdict == "same"
    assert len(now) == found.now.denominator


def test_a_total_is_the_fact_that_it_is(book):
    found = one(book, "won_amount", "2026Q2")
    assert (found.now.value, found.before.value) == (67 * 12, 45 * 10 + 5 * 50)
    assert (found.difference, found.verdict) == (104, "better")
    assert found.attainment == pytest.approx(804 / 700)
    assert np.isnan([found.low, found.high, found.p]).all()


def test_fewer_is_better_where_the_kpi_says_so(demo):
    found = one(demo, "overdue_share", "2026Q2")
    assert found.kpi.better == "lower"
    assert found.verdict == ("same" if found.low <= 0 <= found.high else "better" if found.difference < 0 else "worse")


def test_a_difference_that_chance_explains_is_said_to_be_one(book):
    found = one(book, "win_rate", "2026-05", to="2026-03")  # 10 of 12 against 15 of 20
    assert found.verdict == "same"
    assert found.p > 0.05
    assert "not distinguishable from chance" in found.said()


@pytest.mark.parametrize("key", ["win_rate", "average_deal", "sales_cycle", "nps", "csat.mean", "margin_rate", "arpu"])
def test_p_and_interval_never_disagree_and_are_those_of_the_tiles(demo, key):
    key, _, variant = key.partition(".")
    for found in compared(demo, key, "2026Q1", by="segment", variant=variant or None):
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
        tile = gap(*({"value": s.value, "low": s.low, "high": s.high} for s in (found.now, found.before)))
        assert (found.low, found.high) == pytest.approx((tile.low, tile.high), rel=1e-6)


def test_the_demo_says_the_same_when_its_files_are_counted(demo):
    folder = kpilib.opening.demo_folder()
    table = pd.read_csv(folder / "opportunities.csv", parse_dates=["closed_on"])
    for period, to in (("2026Q2", "2026Q1"), ("2026-W07", "2026-W06"), ("2026P03", "2025P03")):
        found = one(demo, "win_rate", period, to=to)
        for side in (found.now, found.before):
            days = pd.Timestamp(side.window.first), pd.Timestamp(side.window.last)
            closed = table[table["closed_on"].between(*days) & table["status"].isin(["won", "lost"])]
            assert (side.numerator, side.denominator) == ((closed["status"] == "won").sum(), len(closed))


def test_each_group_is_compared_with_itself(book):
    found = {c.group: c for c in compared(book, "win_rate", "2026Q2", by="region")}
    assert list(found) == ["East", "North", "West"]
    assert (found["East"].now.numerator, found["East"].before.denominator) == (48, 50)
    assert found["East"].now.where == {"region": ("East",)}
    # North closed nothing in the second quarter: nothing observed is not 0.
    assert found["North"].verdict == "unknown"
    assert isnan(found["North"].now.value)
    assert "nothing was observed in 2026Q2" in found["North"].said()


def test_groups_of_two_dimensions_know_their_members(demo):
    for found in compared(demo, "win_rate", "2026Q2", by=["segment", "team"])[:4]:
        assert found.group == " · ".join(members[0] for members in found.now.where.values())
        alone = one(demo, "win_rate", "2026Q2", where=found.now.where)
        assert (alone.now.numerator, alone.before.numerator) == (found.now.numerator, found.before.numerator)


# Slices against each other


def test_two_slices_of_one_period_stand_side_by_side(book):
    found = one(book, "win_rate", "2026Q2", where={"region": "East"}, against={"region": "West"})
    assert (found.now.numerator, found.now.denominator) == (48, 54)
    assert (found.before.numerator, found.before.denominator) == (19, 58)
    assert (found.to, found.verdict) == ("slice", "better")
    assert "in East, 2026Q2 (2026-04-01 to 2026-06-30)" in found.said()


def test_another_slice_may_be_what_it_is_compared_to(book):
    asked = {"where": {"region": "East"}}
    found = one(book, "win_rate", "2026Q2", {"region": "West"}, **asked)
    assert found == one(book, "win_rate", "2026Q2", against={"region": "West"}, **asked)
    assert found != one(book, "win_rate", "2026Q2", **asked)


def test_of_two_slices_the_larger_is_not_called_the_better(book):
    found = one(book, "won_amount", "2026Q1", where={"region": "East"}, against={"region": "West"})
    assert found.verdict in ("better", "worse")
    assert f"is {'higher' if found.difference > 0 else 'lower'}: " in found.said()
    assert "is better" in one(book, "won_amount", "2026Q2").said()


def test_a_part_is_compared_with_the_rest_of_its_whole_and_that_is_said(book):
    found = one(book, "win_rate", "2026Q1", where={"region": "East"}, against={"region": None})
    assert (found.before.denominator, found.now.denominator) == (80, 50)
    assert set(found.before.where["region"]) == {"West", "North"}
    assert "with the rest of the whole" in found.said()
    turned = one(book, "win_rate", "2026Q1", against={"region": "East"})
    assert (turned.now.denominator, turned.before.denominator, turned.rest) == (80, 50, "now")
    assert turned.difference == pytest.approx(-found.difference)


def test_a_rest_is_without_the_part_in_a_slice_that_has_both(book):
    both = one(book, "win_rate", "2026Q1", where={"region": ["East", "West"]}, against={"region": "West"})
    assert (both.now.where, both.now.denominator) == ({"region": ("East",)}, 50)


@pytest.mark.parametrize(
    ("where", "against", "match"),
    [
        ({"region": ["East", "West"]}, {"region": ["West", "North"]}, "share rows"),
        ({"region": "East"}, {"region": "East"}, "not compared with itself"),
        ({}, {}, "not compared with itself"),
        ({"region": "East"}, {"region": None, "customer": "E"}, "share rows"),
    ],
)
def test_slices_that_share_rows_are_refused_with_what_to_do(book, where, against, match):
    with pytest.raises(BadInput, match=match):
        compared(book, "win_rate", "2026Q1", where=where, against=against)


def test_two_slices_of_a_product_of_kpis_are_compared_on_the_log_scale(demo):
    found = one(demo, "sales_velocity", "2026Q2", where={"segment": "SMB"}, against={"segment": "Enterprise"})
    assert found.now.low < found.now.value < found.now.high
    below, above = found.now.value - found.now.low, found.before.high - found.before.value
    assert found.low == pytest.approx(found.difference - hypot(below, above))


def test_a_kpi_without_time_can_be_compared_by_slices_only(demo):
    with pytest.raises(CannotAnswer, match="has no time"):
        compared(demo, "refused_rate")
    with pytest.raises(CannotAnswer, match="has no time"):
        compared(demo, "refused_rate", to="target")


# What is not over


def test_a_month_that_is_not_over_is_compared_with_as_many_days(may):
    found = one(may, "win_rate", "2026-05")  # 1 to 12 May: East's 4; 1 to 12 April: East's 50
    assert (found.now.denominator, found.before.denominator) == (4, 50)
    assert (found.now.window.days, found.before.window.days) == (12, 12)
    assert not found.now.window.whole
    assert "both windows have 12 days" in found.said()
    assert not may.compare("win_rate", "2026-05")["complete"][0]


def test_pages_leave_the_month_that_is_not_over_out(may):
    found = one(may, "win_rate", "2026Q2", days=False)
    assert (found.now.window.label, found.before.window.label) == ("2026-04", "2026-01")
    assert found.left_out.label == "2026-05"
    assert "2026-05 is not over, and left out of both windows" in found.said()
    assert one(may, "win_rate", "2026-05", days=False).verdict == "unknown"


def test_days_are_counted_by_the_engine_and_add_up_to_the_month(book):
    # Both ends count: deals closed on the 4th and on the 25th.
    first = one(book, "won_amount", "2026-04-01 – 2026-04-04", to="2025-01")
    rest = one(book, "won_amount", "2026-04-05 – 2026-04-25", to="2025-01")
    assert (first.now.value, rest.now.value) == (540, 144)
    assert first.now.value + rest.now.value == one(book, "won_amount", "2026-04").now.value


def test_a_level_and_a_customers_month_are_not_cut_into_days(demo):
    for key in ("open_opportunities", "arpu", "sales_velocity"):
        with pytest.raises(CannotAnswer, match="known by whole months only"):
            compared(demo, key, "2026-W07")
        with pytest.raises(CannotAnswer, match="known by whole months only"):
            compared(demo, key, "2026-05", to="2026-W07")


def test_what_has_not_begun_and_what_lies_before_the_data_is_said_and_not_guessed(book):
    ahead = one(book, "win_rate", "2026Q3")
    assert (ahead.verdict, ahead.mark) == ("unknown", "not_begun")
    assert "has not begun on 2026-06-30" in ahead.said()
    early = one(book, "win_rate", "2025Q1", to="last_year")
    assert (early.verdict, early.now.denominator) == ("unknown", 2)
    assert "the data do not reach back to 2024Q1" in early.said()
    empty = one(book, "win_rate", "2026-06")
    assert (empty.verdict, empty.now.rows) == ("unknown", 0)
    assert "nothing was observed in 2026-06" in empty.said()


# Maturity


def test_what_is_too_young_to_tell_is_left_out_and_counted():
    lots = deals((date(2026, 3, 15), "East", 6, 4, 1.0), (date(2025, 12, 20), "East", 5, 5, 1.0))
    # Created thirty days before: ten on 13 February, ten on 20 November.
    young = kpilib.open({"opportunities": lots, "customers": CUSTOMERS}, as_of="2026-06-30")
    found = one(young, "win_rate", "2026Q1", variant="cohort")
    # On 30 June, what was created after 1 January has not had 180 days.
    assert found.known == date(2026, 1, 1)
    assert (found.now.rows, found.too_young, found.now.window.days) == (0, 10, 1)
    assert "nothing was observed" in found.said()
    assert "10 rows are too young to tell, and left out" in found.said()
    old = one(young, "win_rate", "2025Q4", variant="cohort")
    assert (old.now.numerator, old.now.rows, old.too_young) == (5, 10, 0)
    later = one(young, "win_rate", "2026Q2", variant="cohort")
    assert later.mark == "not_begun"
    assert "too young to tell" in later.said()


def test_a_kpi_that_tells_at_once_has_nothing_too_young(book):
    assert one(book, "win_rate", "2026Q2").too_young == 0


# In words, as a frame


def test_the_sentence_has_both_windows_both_values_and_the_difference(book):
    assert one(book, "win_rate", "2026Q2").said() == (
        "Win rate is better: 59.8% (50.6% to 68.4%; 112 rows) in 2026Q2 (2026-04-01 to 2026-06-30), against 38.5% "
        "(30.5% to 47.0%; 130 rows) in 2026Q1 (2026-01-01 to 2026-03-31); +21.4 points (+8.7 to +33.1 points)."
    )
    assert one(book, "won_amount", "2026Q2").said() == (
        "Won amount is better: €804 in 2026Q2 (2026-04-01 to 2026-06-30), against €700 in 2026Q1 (2026-01-01 to "
        "2026-03-31); +€104 (+14.9%)."
    )


def test_equal_figures_are_unchanged():
    lots = deals((date(2026, 4, 4), "East", 2, 2, 5.0), (date(2026, 5, 4), "East", 2, 2, 5.0))
    same = kpilib.open({"opportunities": lots}, as_of="2026-05-31")
    for key in ("won_amount", "win_rate"):
        found = one(same, key, "2026-05")
        assert (found.verdict, found.difference) == ("same", 0)
        assert "is unchanged" in found.said()


def test_the_frame_has_a_row_a_group_and_says_what_was_compared(book):
    found = book.compare("win_rate", "2026Q2", by="region")
    assert found["group"].tolist() == ["East", "North", "West"]
    east = found.iloc[0]
    assert (east["rows"], east["before_rows"], east["verdict"]) == (54, 50, "better")
    assert east["difference"] == pytest.approx(48 / 54 - 20 / 50)
    assert east["difference_low"] < east["difference"] < east["difference_high"]
    assert found.attrs["window"].label == "2026Q2"
    assert found.attrs["compared"].first == date(2026, 1, 1)
    assert (found.attrs["kpi"], found.attrs["to"], found.attrs["calendar"]) == ("win_rate", "previous", "calendar")


def test_the_book_notes_what_was_compared_once(book):
    book.looks.clear()
    book.compare("win_rate", "2026Q2", by="region")
    book.compare("win_rate", "2026Q2", by="region")
    book.compare("win_rate", "2026Q2", where={"region": "East"}, against={"region": "West"})
    ledger = book.looks.frame()
    # North has nothing in the second quarter: nothing was seen of it.
    assert ledger["slice"].tolist() == ["region=East", "region=West", "region=East"]
    assert ledger["to"].tolist() == ["2026Q1", "2026Q1", "region=West"]
    assert ledger["stands"].tolist() == [p < 0.05 for p in ledger["p"]]


def test_fiscal_quarters_are_those_of_the_months_they_are_made_of(book):
    fiscal = one(book, "win_rate", "FY2026Q4", calendar="fiscal:7")  # April to June 2026
    plain = one(book, "win_rate", "2026Q2")
    assert (fiscal.now.numerator, fiscal.before.numerator) == (plain.now.numerator, plain.before.numerator)
    assert (fiscal.now.window.label, fiscal.before.window.label) == ("FY2026Q4", "FY2026Q3")


def test_without_a_period_the_latest_that_is_over_is_compared(book, may):
    assert one(book, "win_rate").now.window.label == "2026Q2"
    assert one(may, "win_rate").now.window.label == "2026Q1"
    assert one(may, "win_rate", calendar="iso-week").now.window.label == "2026-W19"


@pytest.mark.parametrize(
    ("how", "error", "match"),
    [
        ({"to": "privious"}, BadInput, "to='privious'"), ({"period": "2026Q5"}, BadInput, "is no period"),
        ({"by": "regoin"}, UnknownName, "Did you mean 'region'"), ({"calendar": "iso"}, UnknownName, "calendar"),
        ({"where": {"region": "Easst"}}, UnknownName, "Did you mean 'East'"),
        ({"where": {"region": "East"}, "against": {"region": "Wets"}}, UnknownName, "Did you mean 'West'"),
        ({"to": "2026-05 – 2026-08"}, BadInput, "share days"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_with_a_cure(book, how, error, match):
    with pytest.raises(error, match=match):
        compared(book, "win_rate", **{"period": "2026Q2", **how})


def test_a_comparison_from_cubes_opens_no_database(demo):
    fresh = kpilib.book.Book(demo.about, lambda: pytest.fail("opened the database"), demo.cubes)
    for key in ("win_rate", "revenue", "nps", "open_opportunities"):
        for to in ("previous", "last_year", "target"):
            compared(fresh, key, "2026Q2", to=to, days=False)


def test_parts_that_say_the_opposite_of_the_whole_are_said_first():
    """Charig et al. (1986), BMJ 292:879, tenfold, in regions for sizes of stones: both fall, the whole rises."""
    lots = deals(
        (date(2026, 2, 1), "East", 810, 60, 1.0), (date(2026, 2, 1), "West", 1920, 710, 1.0),
        (date(2026, 5, 1), "East", 2340, 360, 1.0), (date(2026, 5, 1), "West", 550, 250, 1.0),
    )  # fmt: skip
    stones = kpilib.open({"opportunities": lots, "customers": CUSTOMERS}, as_of="2026-06-30")
    found = stones.compare("win_rate", "2026Q2")
    assert found["value"][0] == pytest.approx(2890 / 3500)
    assert found["verdict"][0] == "better"
    assert (found.attrs["reversed"], found.attrs["reversed_by"]) == (True, "region")
    assert found["said"][0].index("region") < found["said"][0].index("is better")
    assert not stones.compare("win_rate", "2026Q2", by="region").attrs["reversed"]


def test_an_interval_that_only_touches_zero_tells_no_difference():
    kpi = CATALOGUE["win_rate"]
    said = [verdict(by, low, high, kpi) for by, low, high in ((1, 0, 2), (-1, -2, 0), (1, 1e-9, 2), (-1, -2, -1e-9))]
    assert said == ["same", "same", "better", "worse"]


def test_of_a_single_row_no_mean_with_its_own_spread_is_made():
    one, two = (Side(window("2026-05"), {}, 5.0, 4.0, 6.0, 5.0, 1.0, rows) for rows in (1, 2))
    kinds = [figure(CATALOGUE["sales_cycle"], side).kind for side in (one, two)]
    assert kinds == ["normal", "mean"]
