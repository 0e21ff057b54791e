"""A chart as data: one skeleton a structure, and everything that moves in records and signals."""

import json
import re
import subprocess
import sys

import altair as alt
import pandas as pd
import pytest
import vl_convert
from test_show_charts import ACTIONS, ALL, BINS, CHANGES, CLASSES, GROUPS, MONTHS, PARTS, SERIES, STAGES, STEPS, texts

from kpilib.show import Words, charts, vega
from kpilib.show.charts import axes, render
from kpilib.show.charts.plot import Plot
from kpilib.show.charts.versus import versus
from kpilib.show.charts.waterfall import waterfall

LONGER = pd.DataFrame({"period": ["2026-07"], "value": [3.1], "low": [2.9], "high": [3.3], "complete": [False]})
MORE = pd.DataFrame({"group": ["North", "Over there"], "value": [41.0, 7e6], "low": 0.1, "high": 9e6, "rows": [30, 2]})
# The same structures as in ALL, with other data.
OTHERS = {
    "bars": lambda: charts.bars(pd.concat([GROUPS, MORE]), unit="share"),
    "line": lambda: charts.line(pd.concat([MONTHS, LONGER]), unit="share"),
    "pareto": lambda: charts.pareto(PARTS.assign(value=[7e6, 5e5]), unit="money"),
    "funnel": lambda: charts.funnel(STAGES.assign(denominator=[90_000, 4])),
    "incidence": lambda: charts.incidence(STEPS.assign(value=STEPS["value"] / 3, day=STEPS["day"] * 9)),
    "reliability": lambda: charts.reliability(pd.concat([CLASSES, CLASSES.assign(declared=0.21)])),
    "pairs": lambda: charts.pairs(MORE, left=("value", "share"), right=("rows", "count")),
    "histogram": lambda: charts.histogram(BINS.assign(rows=12_345), unit="days", mark=("mean", 2.0)),
    "lines": lambda: charts.line(pd.concat([SERIES, SERIES.assign(group="South")]), unit="share"),
    "versus": lambda: versus(pd.concat([ACTIONS, ACTIONS.assign(group="Visit")])),
    "waterfall": lambda: waterfall(CHANGES.assign(value=[9e6, 5e5, 95e5]), unit="money", measure="Open pipeline"),
}


def height(svg):
    """How tall the SVG is, in the chart's own units."""
    return float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg).group(1))


@pytest.mark.parametrize("name", ALL)
def test_two_sets_of_data_share_one_skeleton(name):
    one, other = ALL[name](), OTHERS[name]()
    assert one.key == other.key
    assert one.skeleton is other.skeleton
    assert (one.data, one.signals) != (other.data, other.signals)


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("bars", ["North", "Over there", "n 30"]),
        ("line", ["2026-07", "300%"]),
        ("pareto", ["6M"]),
        ("funnel", ["50K", "n 90,000"]),
        ("incidence", ["200", "100"]),
        ("reliability", ["n 40", "n 30"]),
        ("pairs", ["Over there", "4,100.0%"]),
        ("histogram", ["10K", "mean 2.0 days"]),
        ("lines", ["South"]),
        ("versus", ["Visit"]),
        ("waterfall", ["€9.00M", "+€500K", "10M"]),
    ],
)
def test_other_data_in_a_known_skeleton_are_drawn(name, new):
    ALL[name]()
    assert set(new) <= set(texts(render.svg(OTHERS[name]())))


def test_two_structures_have_two_keys():
    keys = {name: make().key for name, make in ALL.items()}
    assert len(set(keys.values())) == len(keys)
    assert charts.bars(GROUPS, unit="share", colour="lost").key != keys["bars"]


@pytest.mark.parametrize("name", ALL)
def test_a_chart_of_a_known_structure_is_made_without_altair(name, monkeypatch):
    ALL[name]()
    monkeypatch.setattr(alt, "Chart", None)
    monkeypatch.setattr(alt, "layer", None)
    assert OTHERS[name]().data


@pytest.mark.parametrize("name", ALL)
def test_the_whole_specification_is_vega_lite(name):
    alt.LayerChart.from_dict(ALL[name]().spec(), validate=True)


@pytest.mark.parametrize("name", ALL)
def test_every_parameter_has_a_value(name):
    made = ALL[name]()
    assert all(param.get("value", param.get("expr")) is not None for param in made.spec()["params"])
    assert set(made.signals) <= {param["name"] for param in made.skeleton["params"]}


@pytest.mark.parametrize("name", ALL)
def test_vega_and_vega_lite_draw_the_same(name):
    made = ALL[name]()
    whole = json.dumps(made.spec(), sort_keys=True)
    assert texts(vl_convert.vegalite_to_svg(whole)) == texts(render.svg(made))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("which", [ALL, OTHERS], ids=["one", "other"])
def test_a_page_keeps_the_place_that_a_chart_will_take(name, which):
    made = which[name]()
    assert abs(height(render.svg(made)) - made.height) <= 1
    assert abs(height(render.svg(made, wider=render.WIDER)) - made.height) <= 1


def test_a_chart_with_more_groups_than_it_draws_keeps_room_for_saying_so():
    many = pd.DataFrame({"group": [f"G{i}" for i in range(9)], "value": 0.5, "low": 0.4, "high": 0.6, "rows": 50})
    for made in (
        charts.bars(many, unit="share", measure="Won", most=5),
        charts.pairs(many, left=("value", "share"), right=("rows", "count"), most=5),
        charts.pareto(many.assign(cumulative=many["value"]), unit="share", measure="Won", most=5),
    ):
        assert abs(height(render.svg(made)) - made.height) <= 1
        assert len(made.data["rows"]) == 5


@pytest.mark.parametrize("name", ALL)
def test_the_records_are_plain_json_without_missing_numbers(name):
    made = ALL[name]()
    assert json.loads(json.dumps(made.sent("said"), allow_nan=False))["data"] == made.data


def test_the_bars_end_where_the_values_are():
    rows = charts.bars(GROUPS, unit="share").data["rows"]
    assert [(row["group"], row["value"], row["enough"]) for row in rows] == [
        ("West", 0.7, True),
        ("East", 0.5, True),
        ("Tiny", 0.9, False),
    ]
    svg = render.svg(charts.bars(GROUPS, unit="share"))
    widths = [float(width) for width in re.findall(r'd="M[-\d.]+,[-\d.]+h([\d.]+)v14h-', svg)]
    assert [width / widths[0] for width in widths] == pytest.approx([1, 5 / 7, 9 / 7], rel=1e-3)


def test_a_mark_says_what_it_is_its_value_its_interval_and_its_count():
    rows = charts.bars(GROUPS, unit="share", measure="Win rate").data["rows"]
    assert rows[0]["tip"] == {
        "title": "West",
        "Win rate": "70.0%",
        "95% interval": "60.0% to 80.0%",
        "Rows": "200",
    }
    assert rows[2]["tip"]["Hollow"] == "too few rows to rank"
    assert charts.line(MONTHS, unit="share").data["points"][2]["tip"]["Hollow"] == "the period is not over"


@pytest.mark.parametrize("name", ["bars", "pareto", "funnel", "pairs", "versus", "line", "lines"])
def test_what_is_clicked_tells_its_member_or_its_period(name):
    made = ALL[name]()
    caught = next(layer for layer in made.skeleton["layer"] if layer.get("name") == "catch")
    records = made.data[caught.get("data", made.skeleton.get("data"))["name"]]
    assert all(record.get("group") or record.get("period") for record in records)
    assert all(record["tip"]["title"] for record in records)


def test_no_text_of_the_data_stands_in_a_skeleton():
    hostile = "'); alert(1); ('"
    made = charts.bars(GROUPS.assign(group=hostile), unit="share")
    assert hostile not in json.dumps(made.skeleton)
    assert made.key == ALL["bars"]().key


def test_a_skeleton_is_sent_once():
    made = ALL["bars"]()
    first = made.sent("Said.")
    assert first["skeleton"]["$schema"].endswith("vega/v6.json")
    again = made.sent("Said.", {made.key})
    assert again == {name: value for name, value in first.items() if name != "skeleton"}
    assert again["alt"] == "Said."


def test_a_chart_of_ones_own_is_a_plot_too():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    chart = alt.Chart(frame).mark_bar().encode(x="a:Q", y="b:O")
    made = Plot.of(chart)
    assert made.data == {"d0": [{"a": 1, "b": 3}, {"a": 2, "b": 4}]}
    assert Plot.of(made) is made
    assert Plot.of(alt.Chart(frame.assign(a=9)).mark_bar().encode(x="a:Q", y="b:O")).key == made.key
    assert Plot.of(alt.Chart(frame).mark_bar().encode(x="a:Q", y="b:N")).key != made.key
    assert render.svg(chart) == render.svg(made)


def test_two_charts_of_ones_own_in_one_keep_their_data_apart():
    one, other = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2, 3]})
    both = alt.layer(*(alt.Chart(frame).mark_point().encode(x="a:Q") for frame in (one, other)))
    made = Plot.of(both)
    assert sorted(len(records) for records in made.data.values()) == [1, 2]


def test_a_chart_of_ones_own_writes_its_numbers_in_the_readers_language():
    chart = alt.Chart(pd.DataFrame({"a": [0.5, 1.5]})).mark_point().encode(x=alt.X("a:Q").axis(format=".1f"))
    assert "0.2" in texts(render.svg(chart))
    assert "0,2" in texts(render.svg(chart, locale="fr"))


@pytest.mark.parametrize(
    ("at", "unit", "locale", "said"),
    [
        ((0, 0.125, 0.25), "share", "en", ("0.0%", "12.5%", "25.0%")),
        ((-5e5, 0, 5e5), "money", "en", ("−500K", "0", "500K")),
        ((0, 5e9), "money", "en", ("0", "5B")),
        ((0, 2.5e6), "money", "fr", ("0", "2,5\u00a0M")),
        ((0, 1000), "count", "en", ("0", "1,000")),
        ((0, 2, 4), "days", "en", ("0", "2", "4")),
        ((), "share", "en", ()),
    ],
)
def test_ticks_are_written_shortly(at, unit, locale, said):
    assert axes.tick_texts(at, unit, locale) == said


def test_french_charts_speak_french_where_the_catalogue_does():
    english, french = (charts.funnel(STAGES, words=Words("EUR", locale)) for locale in ("en", "fr"))
    assert french.data["rows"][0]["said"].startswith("25,0")
    assert english.data["rows"][0]["said"] == "25.0% go on"


def test_the_bundle_is_a_module_with_what_a_page_uses_and_says_whose_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path))
    file = vega.bundle()
    text = file.read_text("utf-8")
    assert text.startswith("/*! Vega")
    assert "BSD-3-Clause" in text
    exported = dict(re.findall(r"(\S+?) as (\w+)", ",".join(re.findall(r"export\{([^}]*)\}", text)).replace(",", " ")))
    assert set(exported.values()) == {"View", "parse", "expressionInterpreter"}
    # A name that the bundle does not define would only fail in the browser.
    assert all(re.search(rf"(?:class|function|const|let|var|,) ?{re.escape(own)}\b", text) for own in exported)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_bundle_is_made_once_and_never_in_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path))
    calls = []
    ran = subprocess.run

    def run(command, **how):
        calls.append(command)
        return ran([sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write('x')", command[-1]], **how)

    monkeypatch.setattr(subprocess, "run", run)
    assert vega.bundle() == vega.bundle()
    assert len(calls) == 1


def test_a_bundle_that_cannot_be_made_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path))
    monkeypatch.setattr(vega, "_SCRIPT", "raise SystemExit('no such version')")
    with pytest.raises(RuntimeError, match="could not bundle Vega: no such version"):
        vega.bundle()
    assert not list(tmp_path.rglob("*.js"))
