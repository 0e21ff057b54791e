"""What changed, and why, on a company counted by hand: A against B, mix and rate, Simpson's guard, pipeline steps.

Each month 20 deals close. In the first year 15 are of large firms, of which 12 are won, and 5 of small ones, of which 1
is won: 13 of 20. In the second year 5 are of large firms, all won, and 15 of small ones, of which 6 are won: 11 of 20.
Both families are won more often by 20 points, and the whole less often by 10.
"""

from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.change import simpson
from kpilib.change.compare import compared
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import changes
from kpilib.periods import month_start, parse, range_label
from kpilib.show import Page, View, against, guard, tiles
from kpilib.show.standing import standing
from kpilib.show.words import Words

FIRST = parse("2024-07")[0]
YEAR = ("2025-07", "2026-06")
#: Of each family, the deals a month and those that are won, in the first year and in the second.
MONTHLY = {"Large": ((15, 12), (5, 5)), "Small": ((5, 1), (15, 6))}
WORDS = Words()


def deals():
    rows = []
    for month in range(FIRST, FIRST + 24):
        for family, years in MONTHLY.items():
            n, won = years[month >= FIRST + 12]
            rows += [(family, month_start(month), "won" if i < won else "lost") for i in range(n)]
    return pd.DataFrame(
        [{"opportunity_id": f"o{i}", "customer_id": family, "status": status, "created_on": day, "closed_on": day,
          "amount": 100.0, "currency": "EUR"} for i, (family, day, status) in enumerate(rows)]
    )  # fmt: skip


def opened(as_of="2026-06-30", **more):
    customers = pd.DataFrame({"customer_id": list(MONTHLY), "segment": list(MONTHLY), "region": ["East", "East"]})
    return kpilib.open({"opportunities": deals(), "customers": customers, **more}, as_of=as_of)


@pytest.fixture(scope="module")
def book():
    return opened()


@pytest.fixture
def view(book):
    return View(book, {}, *YEAR)


def family(view, first="Large", second="Small", measure="Win rate"):
    return changes.versus(view, measure, "segment", f"segment={first}", f"segment={second}")


# --- A against B ------------------------------------------------------------------------------------------------


def test_two_families_side_by_side_have_values_intervals_counts_and_a_difference(view):
    """60 of 60 against 72 of 180: 100% against 40%."""
    drawn = family(view)
    assert drawn.table["Side"].tolist() == ["Large", "Small", "Difference, A less B"]
    assert drawn.table["Value"].tolist() == ["100.0%", "40.0%", "+60.0 points"]
    assert drawn.table["Rows"].tolist() == ["60", "180", ""]
    assert drawn.rows == 240
    assert [row["group"] for row in drawn.chart.data["rows"]] == ["Large", "Small"]
    assert "100.0%" in drawn.finding
    assert "better" in drawn.finding
    assert drawn.drill == {"kpi": "win_rate", "field": "segment"}


def test_what_is_said_and_shown_is_what_the_book_compares(view, book):
    frame = book.compare("win_rate", range_label(*parse("2025-07 – 2026-06")), where={"segment": ["Large"]},
                         against={"segment": ["Small"]})  # fmt: skip
    drawn = family(view)
    assert drawn.finding == frame["said"].item()
    assert drawn.looks[0].p == pytest.approx(frame["p"].item(), abs=1e-15)
    assert WORDS.difference(frame["difference"].item(), "share") == drawn.table["Value"].iloc[2]


def test_a_and_b_exchanged_give_the_difference_with_the_other_sign(view):
    assert family(view, "Small", "Large").table["Value"].tolist() == ["40.0%", "100.0%", "−60.0 points"]


def test_two_quarters_of_one_slice_are_compared_whatever_the_period_of_the_page(view):
    """2026Q2 has 33 of 60, 2025Q2 39 of 60: 55% against 65%, which chance may do."""
    drawn = changes.versus(view, "Win rate", "period", "period=2026Q2", "period=2025Q2")
    assert drawn.table["Value"].tolist() == ["55.0%", "65.0%", "−10.0 points"]
    assert "not distinguishable from chance" in drawn.finding
    assert drawn.slice == "All regions, 2026-04 to 2026-06, against 2025-04 – 2025-06"
    assert drawn.drill is None


def test_two_quarters_whose_parts_say_the_opposite_say_so_first(view):
    """A year's quarters are too few: the two years, as periods. 55% against 65%, and each family is won more often."""
    drawn = changes.versus(view, "Win rate", "period", "period=2025-07 – 2026-06", "period=2024-07 – 2025-06")
    assert drawn.finding.startswith(simpson.warning("Win rate", "segment"))


def test_two_slices_whose_parts_say_the_opposite_say_so_first():
    """East wins 65% and West 55%, but West wins more of the large firms (100% to 80%) and of the small (40% to 20%)."""
    sizes = {
        ("East", "Large"): (150, 120),
        ("East", "Small"): (50, 10),
        ("West", "Large"): (50, 50),
        ("West", "Small"): (150, 60),
    }
    rows = [(f"{region} {size}", "won" if i < won else "lost")
            for (region, size), (n, won) in sizes.items() for i in range(n)]  # fmt: skip
    deals = pd.DataFrame(rows, columns=["customer_id", "status"]).assign(
        created_on="2026-05-02", closed_on="2026-05-02", amount=1.0, currency="EUR"
    )
    deals["opportunity_id"] = [f"o{i}" for i in deals.index]
    firms = pd.DataFrame([(f"{r} {s}", r, s) for r, s in sizes], columns=["customer_id", "region", "segment"])
    book = kpilib.open({"opportunities": deals, "customers": firms}, as_of="2026-06-30")
    drawn = changes.versus(View(book, {}, *YEAR), "Win rate", "region", "region=East", "region=West")
    assert drawn.table["Value"].tolist() == ["65.0%", "55.0%", "+10.0 points"]
    assert drawn.finding.startswith(simpson.warning("Win rate", "segment"))


def test_a_total_is_compared_as_the_fact_that_it_is(view):
    """60 deals won of large firms against 72 of small ones, €100 each."""
    drawn = family(view, measure="Won amount")
    assert drawn.table["Value"].tolist() == ["€6,000", "€7,200", "−€1,200"]
    assert drawn.table["95% interval"].tolist() == ["–", "–", "–"]
    assert drawn.looks[0].p != drawn.looks[0].p
    assert "no interval" in drawn.note


def test_a_against_itself_and_a_dimension_that_the_kpi_lacks_are_refused_in_words(view):
    with pytest.raises(CannotAnswer, match="both Large: choose two that differ"):
        family(view, "Large", "Large")
    with pytest.raises(CannotAnswer, match="Win rate is not known by touchpoint"):
        changes.versus(view, "Win rate", "touchpoint", "touchpoint=a", "touchpoint=b")
    with pytest.raises(UnknownName, match="Did you mean 'Win rate'"):
        family(view, measure="Win rat")


def test_the_lists_start_with_the_two_largest_members_and_with_the_quarter_a_year_before(book):
    lists = changes.sides(book, ("region", "segment"))
    assert lists["by"] == ["segment", "period"]  # one region only
    assert lists["first"].start("segment") != lists["second"].start("segment")
    assert (lists["first"].start("period"), lists["second"].start("period")) == ("period=2026Q2", "period=2025Q2")
    assert lists["first"].of["period"] == [
        "2026Q2",
        "2026Q1",
        "2025Q4",
        "2025Q3",
        "2025Q2",
        "2025Q1",
        "2024Q4",
        "2024Q3",
    ]


def test_a_quarter_that_is_not_over_is_not_offered():
    lists = changes.sides(opened("2026-06-29"), ("segment",))
    assert lists["first"].of["period"][0] == "2026Q1"


def test_only_measures_that_the_data_answer_are_offered(book):
    assert changes.measures(book, ("win_rate", "nps", "win_rate", "won_amount")) == ["Win rate", "Won amount"]
    assert changes.measures(book, ("nps",)) == ["NPS"]


# --- why it changed ---------------------------------------------------------------------------------------------


def test_the_bars_are_the_mix_each_family_and_the_whole_change(view):
    """Kitagawa by hand: mix −0.5·0.9 + 0.5·0.3 = −30 points; each family's own 20 points at a mean weight of a half."""
    drawn = changes.parts(view, "Win rate", "segment")
    rows = drawn.chart.data["rows"]
    shown = [(row["group"], round(row["end"] - row["start"], 12), row["hue"]) for row in rows]
    assert [shown[0], *sorted(shown[1:3]), shown[3]] == [
        ("Mix", -0.3, "worse"), ("Large", 0.1, "better"), ("Small", 0.1, "better"), ("The whole change", -0.1, "worse"),
    ]  # fmt: skip
    assert rows[-2]["end"] == pytest.approx(rows[-1]["end"])
    assert drawn.slice == "All regions, 2025-07 to 2026-06, against 2024-07 – 2025-06"


def test_the_table_has_both_sides_of_each_family(view):
    table = changes.parts(view, "Win rate", "segment").table.set_index("Customer family")
    assert table.loc["Large", ["Share before", "Share now", "Before", "Now"]].tolist() == [0.75, 0.25, 0.8, 1.0]
    assert table["By its own change"].tolist() == ["+10.0 points", "+10.0 points"]


def test_the_reversal_is_said_first(view):
    said = changes.parts(view, "Win rate", "segment").finding
    assert said.startswith(simpson.warning("Win rate", "segment"))


def test_the_figure_says_what_the_book_explains(view, book):
    found = book.explain("win_rate", "2024-07 – 2025-06", "2025-07 – 2026-06", by="segment")
    drawn = changes.parts(view, "Win rate", "segment")
    assert drawn.finding == found.said()
    assert drawn.looks[0].p == pytest.approx(found.p, nan_ok=True)


def test_the_dimension_that_explains_most_is_found_without_being_named(view):
    assert "Customer family" in changes.parts(view, "Win rate").table.columns


def test_a_total_is_split_into_what_each_member_has_added(view):
    """Won: 144 and 12 deals in the first year, 60 and 72 in the second, €100 each."""
    rows = changes.parts(view, "Won amount", "segment").chart.data["rows"]
    assert [(row["group"], row["said"]) for row in rows] == [
        ("Large", "−€8,400"), ("Small", "+€6,000"), ("The whole change", "−€2,400"),
    ]  # fmt: skip


def test_a_bar_that_chance_explains_has_no_colour(book):
    """In June 2026 and May 2026 alike 5 of 5 and 6 of 15 are won."""
    drawn = changes.parts(View(book, {}, "2026-06", "2026-06"), "Win rate", "segment")
    assert {row["hue"] for row in drawn.chart.data["rows"]} == {"none"}


def test_many_members_share_a_bar_after_the_eighth(book):
    """Ten salespeople of as many won deals as their number more than in the year before: 1 + 2 share a bar."""
    rows = [(f"s{n}", month) for n in range(1, 11) for month in ["2026-03-01"] * (10 + n) + ["2024-07-01"] * 10]
    deals = pd.DataFrame(rows, columns=["owner_id", "closed_on"]).assign(
        customer_id="Large", status="won", amount=1.0, currency="EUR", created_on="2024-07-01"
    )
    deals["opportunity_id"] = [f"o{i}" for i in deals.index]
    sellers = pd.DataFrame({"owner_id": [f"s{n}" for n in range(1, 11)], "owner": [f"S{n}" for n in range(1, 11)]})
    firm = kpilib.open({"opportunities": deals, "salespeople": sellers}, as_of="2026-06-30")
    drawn = changes.parts(View(firm, {}, *YEAR), "Won amount", "owner").chart.data["rows"]
    ends = [(row["group"], row["end"] - row["start"]) for row in drawn]
    assert ends == [*((f"S{n}", n) for n in range(10, 2, -1)), ("2 others", 3), ("The whole change", 55)]


def test_without_a_window_before_it_is_said_and_nothing_is_drawn(book):
    with pytest.raises(CannotAnswer, match="There is no window before 2024-07 – 2025-06 in the data"):
        changes.parts(View(book, {}, "2024-07", "2025-06"), "Win rate", "segment")


def test_a_month_that_is_not_over_is_not_explained():
    with pytest.raises(CannotAnswer, match="2026-06 is not over"):
        changes.parts(View(opened("2026-06-12"), {}, "2026-06", "2026-06"), "Win rate", "segment")


# --- Simpson's guard, and tiles that say what the book says ------------------------------------------------------


def test_a_tile_whose_parts_say_the_opposite_says_so_first_and_has_no_colour(view, book):
    told = against.change(standing(view, book.kpis["win_rate"]), WORDS)
    assert told.text.startswith("Beware: within customer family the opposite holds. ▼ 10.0 points")
    assert told.direction == "none"
    html = tiles.tile(view, "win_rate").html
    assert 'data-dir="none"' in html
    assert "Beware" in html


def test_within_one_family_nothing_is_turned_round(book):
    small = View(book, {"segment": ["Small"]}, *YEAR)
    told = against.change(standing(small, book.kpis["win_rate"]), WORDS)
    assert (told.text[:1], told.direction) == ("▲", "better")


def test_the_guard_is_asked_once_and_by_more_dimensions_where_a_change_is_beyond_chance(book, monkeypatch):
    asked = []
    real = simpson.turn
    monkeypatch.setattr(simpson, "turn", lambda *args, **how: asked.append(how["dimensions"]) or real(*args, **how))
    monkeypatch.setattr(guard, "_known", type(guard._known)())
    monkeypatch.setattr(guard, "LOOKED_INTO", ("segment",))
    year, quarter = View(book, {}, *YEAR), View(book, {}, "2026-04", "2026-06")
    for _ in range(3):
        standing(year, book.kpis["win_rate"])
        standing(quarter, book.kpis["win_rate"])  # 33 of 60 against 33 of 60
        standing(year, book.kpis["won_amount"])
    assert len(asked) == 2
    assert asked == [["segment", "region"], ["segment"]]  # all are of one country and city: no mix that could change


def test_the_guard_leaves_alone_what_reads_too_many_rows(demo, monkeypatch):
    """A category cuts across orders, of which each has its rows; a family is looked up customer by customer."""
    asked = []
    monkeypatch.setattr(simpson, "turn", lambda *args, **how: asked.append(how["dimensions"]))
    kpi = demo.kpis["average_basket"]
    assert demo.cubes.cells(kpi, ["category"]) > 10_000
    assert demo.cubes.cells(kpi, ["segment"]) == 0
    for most in (10**9, 1):
        monkeypatch.setattr(guard, "_known", type(guard._known)())
        monkeypatch.setattr(guard, "MOST_READ", most)
        guard.turned(View(demo, {}, *YEAR), kpi, (24294, 24305), (24306, 24317), beyond=True)
    assert {"segment", "category"} <= {*asked[0]}
    assert {*asked[0]} - {*asked[1]} == {"category", "owner"}


@pytest.mark.parametrize("where", [{}, {"segment": ["Small"]}], ids=["all", "small"])
@pytest.mark.parametrize(
    "period", [YEAR, ("2026-01", "2026-06"), ("2026-03", "2026-03")], ids=["year", "half", "month"]
)
@pytest.mark.parametrize("key", ["win_rate", "won_amount", "average_deal"])
def test_a_tile_and_the_book_compare_the_same_windows_and_find_the_same(book, key, period, where):
    found = standing(View(book, where, *period), book.kpis[key])
    one = compared(book, key, range_label(found.windows.now[0], found.windows.now[1]), where=where,
                   to=range_label(*found.windows.before), days=False)[0]  # fmt: skip
    assert (one.now.window.months, one.before.window.months) == (found.windows.now, found.windows.before)
    assert (one.now.value, one.before.value) == (found.now["value"], found.before["value"])
    told = against.change(found, WORDS)
    assert told.p == pytest.approx(one.p, abs=1e-12, nan_ok=True)
    if not found.turned:
        assert told.direction == (one.verdict if one.verdict in ("better", "worse") else "none")


def test_a_month_that_is_not_over_is_left_out_by_tile_and_comparison_alike():
    """On 12 June the half year has five whole months, compared with the five of a year before."""
    book = opened("2026-06-12")
    found = standing(View(book, {}, "2026-01", "2026-06"), book.kpis["win_rate"])
    one = compared(book, "win_rate", "2026-01 – 2026-06", to="last_year", days=False)[0]
    assert one.now.window.months == found.windows.now == parse("2026-01 – 2026-05")
    assert (one.now.value, one.before.value) == (found.now["value"], found.before["value"])


# --- the pipeline -----------------------------------------------------------------------------------------------

OPEN = pd.DataFrame(
    [("a", "2026-01-10", None, "open", 100.0), ("b", "2026-04-10", None, "open", 70.0),
     ("c", "2026-02-10", "2026-05-05", "won", 40.0), ("d", "2026-02-10", "2026-05-06", "lost", 30.0)],
    columns=["opportunity_id", "created_on", "closed_on", "status", "amount"],
).assign(customer_id="Large", currency="EUR", expected_close_on="2026-08-01")  # fmt: skip
GROWN = pd.DataFrame(
    [("1", "a", "2026-01-10", 60.0), ("2", "a", "2026-05-20", 100.0)],
    columns=["change_id", "opportunity_id", "changed_on", "amount"],
)  # fmt: skip


def pipeline(**more):
    customers = pd.DataFrame({"customer_id": ["Large"], "segment": ["Large"]})
    return kpilib.open({"opportunities": OPEN, "customers": customers, **more}, as_of="2026-06-30")


def test_the_steps_lead_from_the_pipeline_of_then_to_that_of_now():
    """On 31 March a (then 60), c and d are open: 130. b comes with 70, a grows by 40, c is won, d is lost: 170."""
    book = pipeline(opportunity_changes=GROWN)
    drawn = changes.steps(View(book, {}, "2026-04", "2026-06"))
    assert drawn.table.set_index("Step")["Amount"].to_dict() == {
        "Open on 2026-03-31": 130, "Newly opened": 70, "Grown": 40, "Shrunk": 0, "Won": -40, "Lost": -30,
        "Open on 2026-06-30": 170,
    }  # fmt: skip
    rows = drawn.chart.data["rows"]
    assert rows[-2]["end"] == rows[-1]["end"] == 170
    assert [row["hue"] for row in rows] == ["level", "better", "better", "worse", "better", "worse", "level"]


def test_without_a_history_what_grew_is_unknown_and_has_no_bar():
    drawn = changes.steps(View(pipeline(), {}, "2026-04", "2026-06"))
    assert "Grown" not in drawn.table["Step"].tolist()
    assert "opportunity_changes" in drawn.finding


def test_the_days_are_the_one_before_the_first_and_the_last_that_the_data_know():
    from kpilib.figures.changes.pipeline_steps import days

    assert days(View(pipeline(), {}, "2026-04", "2026-06")) == (date(2026, 3, 31), date(2026, 6, 30))
    assert days(View(opened("2026-06-12"), {}, "2026-04", "2026-06")) == (date(2026, 3, 31), date(2026, 6, 12))


def test_the_figures_stand_on_a_page_and_follow_its_lists(book):
    page = Page(book)
    page.figure(
        "How does A compare with B?",
        changes.versus,
        choices={"measure": ["Win rate"], **changes.sides(book, ("segment",))},
    )
    lines = {line["piece"]: line for line in page.answer({"how-does-a-compare-with-b.first": ["segment=Small"],
             "how-does-a-compare-with-b.second": ["segment=Large"]}) if line["kind"] == "piece"}  # fmt: skip
    line = lines["how-does-a-compare-with-b"]
    assert line["lists"] == {
        "measure": "Win rate",
        "by": "segment",
        "first": "segment=Small",
        "second": "segment=Large",
    }
    assert "−60.0 points" in line["slots"]["finding"]
    assert len(line["looks"]) == 1
