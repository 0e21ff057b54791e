"""The charts of the churn page: forest, triangle of cohorts, retention curves, events on a line, risks foretold."""

import json
import re
from math import exp, log

import altair as alt
import pandas as pd
import pytest
import vl_convert
from test_plot import height
from test_show_charts import texts

from kpilib.errors import BadInput
from kpilib.show import charts
from kpilib.show.charts import render
from kpilib.show.charts.forest import forest
from kpilib.show.charts.heat import triangle
from kpilib.show.charts.lasting import lasting
from kpilib.show.charts.plot import Nothing
from kpilib.show.charts.theme import contrast

TERMS = pd.DataFrame(
    [
        ("Incident", "cox", 1.4, 1.2, 1.7, "Ours"), ("Incident", "month", 1.38, 1.1, 1.8, "Ours"),
        ("Renewal", "cox", 1.9, 0.5, 60.0, "Not ours"), ("Renewal", "month", 2.0, None, None, "Not ours"),
    ],
    columns=["group", "series", "value", "low", "high", "section"],
)  # fmt: skip
NAMES = {"cox": "Cox", "month": "Month by month"}
EFFECTS = pd.DataFrame({"group": ["A", "B"], "value": [-0.4, 1.2], "low": [-1.0, 0.9], "high": [0.2, 1.5], "rows": 9})
CELLS = pd.DataFrame(
    [("2025Q1", 0, 1.0, 40, True), ("2025Q1", 3, 0.9, 40, True), ("2025Q1", 6, 0.85, 40, False),
     ("2025Q2", 0, 1.0, 30, True), ("2025Q2", 3, 0.8, 30, False)],
    columns=["group", "age", "value", "rows", "complete"],
)  # fmt: skip
CURVES = pd.DataFrame(
    [(group, t, value, value - 0.02 * t, min(1.0, value + 0.02 * t))
     for group, values in {"SMB": (1.0, 0.9, 0.7), "Key": (1.0, 0.98, 0.95)}.items() for t, value in enumerate(values)],
    columns=["group", "time", "value", "low", "high"],
)  # fmt: skip
RISKS = pd.DataFrame(
    {"declared": [0.01, 0.05], "observed": [0.012, 0.2], "low": [0.005, 0.1], "high": [0.02, 0.3], "rows": [400, 80]}
)
MONTHS = pd.DataFrame(
    {"period": ["2026-01", "2026-02", "2026-03"], "value": [0.01, 0.02, 0.015], "low": 0.005, "high": 0.03,
     "complete": [True, True, False]}
)  # fmt: skip
RULES = [{"period": "2026-02", "said": "1"}, {"period": "2019-01", "said": "9"}]


def foretold(frame, end=0.1):
    words = {"foretold": "Risk foretold", "happened": "Share that left", "each": "{share} foretold"}
    return charts.reliability(frame, end=end, **words)


ONE = {
    "ratios": lambda: forest(TERMS, unit="ratio", log=True, names=NAMES, measure="Hazard ratio"),
    "effects": lambda: forest(EFFECTS, unit="score", measure="Effect"),
    "triangle": lambda: triangle(CELLS, ages="Months"),
    "curves": lambda: lasting(CURVES),
    "events": lambda: charts.line(MONTHS, unit="share", marks=RULES),
    "foretold": lambda: foretold(RISKS),
}
# The same structures with other data.
OTHER = {
    "ratios": lambda: forest(TERMS.head(2), unit="ratio", log=True, names=NAMES, measure="Hazard ratio"),
    "effects": lambda: forest(EFFECTS.assign(value=[4.0, 9.0]), unit="score", measure="Effect"),
    "triangle": lambda: triangle(CELLS.assign(value=CELLS["value"] / 2), ages="Months"),
    "curves": lambda: lasting(CURVES.assign(group=CURVES["group"] + "!")),
    "events": lambda: charts.line(MONTHS.assign(value=0.3), unit="share", marks=RULES[:1]),
    "foretold": lambda: foretold(RISKS, end=0.4),
}


@pytest.mark.parametrize("name", ONE)
def test_two_sets_of_data_share_one_skeleton(name):
    one, other = ONE[name](), OTHER[name]()
    assert one.skeleton is other.skeleton
    assert (one.data, one.signals) != (other.data, other.signals)


@pytest.mark.parametrize("name", ONE)
def test_a_page_keeps_the_place_that_a_chart_will_take(name):
    for made in (ONE[name](), OTHER[name]()):
        assert abs(height(render.svg(made)) - made.height) <= 1
        assert abs(height(render.svg(made, wider=render.WIDER)) - made.height) <= 1


@pytest.mark.parametrize("name", ONE)
def test_the_whole_specification_is_vega_lite_and_vega_draws_the_same(name):
    made = ONE[name]()
    alt.LayerChart.from_dict(made.spec(), validate=True)
    whole = json.dumps(made.spec(), sort_keys=True)
    assert texts(vl_convert.vegalite_to_svg(whole)) == texts(render.svg(made))


@pytest.mark.parametrize("name", ONE)
def test_every_parameter_has_a_value(name):
    made = ONE[name]()
    assert all(param.get("value", param.get("expr")) is not None for param in made.spec()["params"])


# --- forest -------------------------------------------------------------------------------------------------------


def test_on_a_logarithmic_axis_twice_lies_as_far_from_the_line_as_half():
    made = forest(EFFECTS.assign(value=[0.5, 2.0], low=None, high=None), unit="ratio", log=True)
    half, twice = (row["value"] for row in made.data["rows"])
    assert half == -twice == log(0.5)
    assert made.data["at"] == [{"value": 0.0}]


def test_each_section_has_its_header_above_its_terms():
    made = ONE["ratios"]()
    assert made.signals["terms"] == ["Ours", "Incident", "Not ours", "Renewal"]
    assert made.signals["heads"] == [True, False, True, False]
    assert [row["line"] for row in made.data["rows"]] == [1, 1, 3, 3]


def test_two_sections_may_have_a_term_of_one_name():
    made = forest(TERMS.assign(group="Same"), unit="ratio", log=True, names=NAMES)
    assert made.signals["terms"] == ["Ours", "Same", "Not ours", "Same"]
    assert [row["line"] for row in made.data["rows"]] == [1, 1, 3, 3]


def test_an_interval_that_reaches_far_beyond_the_points_is_cut_at_the_edge_and_said_in_full():
    made = ONE["ratios"]()
    long = made.data["rows"][2]
    assert long["high"] == made.signals["x_end"] < log(60)
    assert long["tip"]["95% interval"] == "0.50 to 60.00"


def test_an_interval_without_an_end_is_a_point_alone():
    row = ONE["ratios"]().data["rows"][3]
    assert (row["low"], row["high"]) == (None, None)
    assert "95% interval" not in row["tip"]


def test_a_ratio_of_zero_or_without_end_is_left_out():
    odd = pd.DataFrame({"group": list("abc"), "value": [0.0, float("inf"), 2.0], "low": [0.0, 1.0, 0.0], "high": 3.0})
    made = forest(odd, unit="ratio", log=True)
    assert [row["group"] for row in made.data["rows"]] == ["c"]
    assert made.data["rows"][0]["low"] == made.signals["x_low"]
    with pytest.raises(Nothing):
        forest(odd.head(2), unit="ratio", log=True)


@pytest.mark.parametrize("values", [[1.01, 0.99], [1.3, 0.8], [1.9, 0.6], [4.0, 0.5], [200.0, 0.01], [2000.0, 1.0]])
def test_ticks_of_ratios_stand_on_the_axis_and_hold_the_line(values):
    made = forest(EFFECTS.assign(value=values, low=None, high=None), unit="ratio", log=True)
    at, low, end = (made.signals[f"x_{name}"] for name in ("ticks", "low", "end"))
    assert 0.0 in [round(tick, 12) for tick in at]
    assert 1 <= len(at) <= 7
    assert all(low <= tick <= end for tick in at)
    assert [float(said.replace(",", "").replace("K", "e3").replace("M", "e6")) for said in made.signals["x_said"]] == (
        pytest.approx([exp(tick) for tick in at])
    )


def test_a_chart_of_terms_that_are_too_many_says_how_many_are_in_the_table():
    many = pd.DataFrame({"group": [f"T{i}" for i in range(9)], "value": 1.5, "low": 1.0, "high": 2.0})
    made = forest(many, unit="ratio", log=True, most=5, measure="Ratio")
    assert len(made.data["rows"]) == 5
    assert made.data["more"] == [{"said": "4 more in the table"}]
    assert abs(height(render.svg(made)) - made.height) <= 1


def test_a_frame_without_its_columns_is_told_so():
    with pytest.raises(BadInput, match="needs the column 'low'"):
        forest(TERMS.drop(columns="low"), unit="ratio")


# --- cohorts ------------------------------------------------------------------------------------------------------


def test_each_cell_says_its_share_and_one_that_not_all_have_reached_is_dashed():
    made = ONE["triangle"]()
    assert [row["said"] for row in made.data["rows"]] == ["100", "90", "85", "100", "80"]
    assert [row["complete"] for row in made.data["rows"]] == [True, True, False, True, False]
    assert "not all of the cohort" in made.data["rows"][2]["tip"]["Dashed"]
    assert made.signals["ages"] == [0, 3, 6]


def test_only_the_last_cohorts_are_drawn():
    many = pd.DataFrame({"group": [f"{i:02d}" for i in range(20)], "age": 0, "value": 0.5, "rows": 9, "complete": True})
    made = triangle(many, most=16)
    assert made.signals["groups"] == [f"{i:02d}" for i in range(4, 20)]
    assert made.data["more"] == [{"said": "4 earlier cohorts in the table"}]


def test_cohorts_of_whom_all_are_left_have_a_colour():
    made = triangle(CELLS.assign(value=1.0))
    assert made.signals["lowest"] == 0.0
    assert "NaN" not in render.svg(made)


@pytest.mark.parametrize(("page", "ink"), [("#ffffff", "#1c2430"), ("#161616", "#e6e9ee")])
def test_the_number_in_the_darkest_cell_can_be_read(page, ink):
    """The cell's colour laid over the page with the opacity of its share."""
    from kpilib.show.charts.heat import _THICK
    from kpilib.show.charts.theme import COLOURS

    mixed = [
        round(_THICK * int(COLOURS["value"][at : at + 2], 16) + (1 - _THICK) * int(page[at : at + 2], 16))
        for at in (1, 3, 5)
    ]
    assert contrast("#" + "".join(f"{part:02x}" for part in mixed), ink) > 4.5


def test_a_triangle_without_a_share_says_so():
    with pytest.raises(Nothing):
        triangle(CELLS.assign(value=None))


# --- curves, events, risks ----------------------------------------------------------------------------------------


def test_retention_is_drawn_from_all_down_to_the_tenth_below_the_lowest_band():
    made = ONE["curves"]()
    assert (made.signals["y_low"], made.signals["y_end"]) == (0.6, 1.0)
    assert made.signals["names"] == ["SMB", "Key"]
    assert made.data["columns"][1]["tip"] == {
        "title": "After 1 month", "SMB": "90.0% (88.0% to 92.0%)", "Key": "98.0% (96.0% to 100.0%)",
    }  # fmt: skip


def test_each_curve_and_its_band_have_one_colour():
    svg = render.svg(ONE["curves"]())
    for hue in ("#00896b", "#a8629a"):
        assert re.search(f'fill="{hue}"', svg)
        assert re.search(f'stroke="{hue}"', svg)


def test_no_more_curves_are_drawn_than_there_are_colours():
    many = pd.concat([CURVES.assign(group=f"G{i}") for i in range(8)])
    assert len(lasting(many).signals["names"]) == 5


def test_an_event_outside_the_periods_has_no_rule():
    assert ONE["events"]().data["marks"] == [{"period": "2026-02", "said": "1"}]


def test_risks_are_drawn_as_far_as_they_reach_and_what_lies_beyond_is_cut_and_said_in_full():
    made = ONE["foretold"]()
    assert made.data["classes"][1]["observed"] == 0.1
    assert made.data["classes"][1]["tip"] == {
        "title": "5.0% foretold", "Share that left": "20.0%", "95% interval": "10.0% to 30.0%", "Rows": "80",
    }  # fmt: skip
    assert made.data["ends"][-1] == {"declared": 0.1, "observed": 0.1}
