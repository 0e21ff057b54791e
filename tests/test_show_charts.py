"""Charts: what is drawn, in which order, from where to where; read from the specification and from the SVG."""

import re
from xml.etree import ElementTree

import altair as alt
import pandas as pd
import pytest

from kpilib.errors import BadInput
from kpilib.show import Words, charts
from kpilib.show.charts import axes, render, renderer, theme
from kpilib.show.charts.versus import versus
from kpilib.show.charts.waterfall import waterfall
from kpilib.show.words import MINIMUM
from kpilib.stats.ranking import MINIMUM_COUNT

HOSTILE = '<script>alert(1)</script> id="x" 3.14159 opacity="1"'
NAN = float("nan")
GROUPS = pd.DataFrame(
    {
        "group": ["East", "West", "Tiny", "South"],
        "value": [0.5, 0.7, 0.9, NAN],
        "low": [0.4, 0.6, 0.3, NAN],
        "high": [0.6, 0.8, 1.0, NAN],
        "rows": [100, 200, 3, 0],
    }
)
MONTHS = pd.DataFrame(
    {
        "period": ["2026-04", "2026-05", "2026-06"],
        "value": [0.5, 0.6, 0.2],
        "low": [0.4, 0.5, 0.1],
        "high": [0.6, 0.7, 0.3],
        "complete": [True, True, False],
    }
)
STEPS = pd.DataFrame(
    {
        "day": [0, 30, 0, 30],
        "outcome": ["won", "won", "lost", "lost"],
        "value": [0.0, 0.4, 0.0, 0.3],
        "low": [0.0, 0.35, 0.0, 0.25],
        "high": [0.0, 0.45, 0.0, 0.35],
    }
)
CLASSES = pd.DataFrame(
    {"declared": [0.2, 0.8], "observed": [0.3, 0.6], "low": [0.2, 0.5], "high": [0.4, 0.7], "rows": [40, 30]}
)
BINS = pd.DataFrame({"low": [0, 10], "high": [10, 20], "rows": [5, 7]})
STAGES = pd.DataFrame({"group": ["Proposal", "Won"], "denominator": [40, 10], "value": [0.25, NAN]})
PARTS = pd.DataFrame({"group": ["A", "B"], "value": [75.0, 25.0], "share": [0.75, 0.25], "cumulative": [0.75, 1.0]})
SERIES = pd.concat([MONTHS.assign(group="East"), MONTHS.assign(group="West", value=MONTHS["value"] / 2)])
ACTIONS = pd.DataFrame(
    {"group": "Demo", "outcome": ["with", "without"], "value": [0.4, 0.2], "low": 0.1, "high": 0.5, "rows": [90, 70]}
)

CHANGES = pd.DataFrame(
    [("Open before", 1000.0, "level", 9, "none"), ("Lost", -300.0, "step", 2, "worse"),
     ("Open now", 700.0, "level", 7, "none")], columns=["group", "value", "kind", "rows", "direction"],
).assign(low=float("nan"), high=float("nan"))  # fmt: skip

ALL = {
    "bars": lambda **how: charts.bars(GROUPS, unit="share", **how),
    "line": lambda **how: charts.line(MONTHS, unit="share", **how),
    "pareto": lambda **how: charts.pareto(PARTS, unit="money", **how),
    "funnel": lambda **how: charts.funnel(STAGES, **how),
    "incidence": lambda **how: charts.incidence(STEPS, **how),
    "reliability": lambda **how: charts.reliability(CLASSES, **how),
    "pairs": lambda **how: charts.pairs(GROUPS.head(2), left=("value", "share"), right=("rows", "count"), **how),
    "histogram": lambda **how: charts.histogram(BINS, unit="days", mark=("median", 11.0), **how),
    "lines": lambda **how: charts.line(SERIES, unit="share", **how),
    "versus": lambda **how: versus(ACTIONS, **how),
    "waterfall": lambda **how: waterfall(CHANGES, unit="money", measure="Open pipeline", **how),
}


def texts(svg):
    """Every text in the SVG, which is also read as XML on the way."""
    return [node.text for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", ALL)
def test_the_title_is_the_question_and_the_subtitle_the_finding(name):
    shown = texts(render.svg(ALL[name](title="Which?", subtitle="West.")))
    assert "Which?" in shown
    assert "West." in shown


@pytest.mark.parametrize("name", ALL)
def test_a_page_that_has_the_question_as_a_heading_draws_no_title(name):
    shown = texts(render.svg(ALL[name](title="Which?", subtitle="West."), titled=False))
    assert "Which?" not in shown


@pytest.mark.parametrize("name", ALL)
def test_no_ground_is_drawn_and_text_takes_the_pages_colour(name):
    svg = render.svg(ALL[name]())
    assert 'fill="white"' not in svg
    assert 'fill="#000"' not in svg
    assert 'fill="black"' not in svg
    assert 'fill="currentColor"' in svg


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_as_wide_as_what_holds_it_and_fits_its_viewbox(name):
    svg = render.svg(ALL[name]())
    assert "width:100%" in svg
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg).group(1))
    assert 300 <= width <= 480


@pytest.mark.parametrize("name", ALL)
def test_the_same_chart_gives_the_same_bytes_again(name):
    first = render.svg(ALL[name](), "a")
    render._drawn.cache_clear()
    render.svg(ALL["line"](), "b")
    assert render.svg(ALL[name](), "a") == first


@pytest.mark.parametrize("name", ["bars", "line", "funnel", "incidence", "reliability", "histogram"])
def test_a_chart_of_no_rows_is_refused(name):
    frames = {
        "bars": GROUPS,
        "line": MONTHS,
        "funnel": STAGES,
        "incidence": STEPS,
        "reliability": CLASSES,
        "histogram": BINS,
    }
    unit = {"unit": "share"} if name in ("bars", "line", "histogram") else {}
    with pytest.raises(charts.Nothing, match="No row matches"):
        getattr(charts, name)(frames[name].head(0), **unit)


def test_a_missing_column_is_named():
    with pytest.raises(BadInput, match="needs the column 'rows'; the frame has 'group', 'value'"):
        charts.bars(GROUPS[["group", "value"]], unit="share")


def test_bars_rank_large_groups_and_put_small_ones_below_hollow():
    labels = [text for text in texts(render.svg(charts.bars(GROUPS, unit="share"))) if text in set(GROUPS["group"])]
    assert labels == ["West", "East", "Tiny"]
    assert render.svg(charts.bars(GROUPS, unit="share")).count("stroke-dasharray") == 1
    assert "stroke-dasharray" not in render.svg(charts.bars(GROUPS, unit="share", minimum=1))


def test_bars_start_at_zero_or_below():
    assert axes.stretch([[0.5, 0.7]]).low == 0
    assert axes.stretch([[-20.0, 40.0]]).low == -20


def test_bars_say_values_and_counts():
    shown = texts(render.svg(charts.bars(GROUPS, unit="share")))
    assert {"70.0%", "50.0%", "n 200", "n 100", "n 3"} <= set(shown)


def test_bars_say_how_many_groups_are_left_to_the_table():
    many = pd.DataFrame({"group": [f"G{i}" for i in range(9)], "value": 0.5, "low": 0.4, "high": 0.6, "rows": 50})
    shown = texts(render.svg(charts.bars(many, unit="share", measure="Win rate", most=5)))
    assert shown.count("4 more in the table") == 1
    assert not any("more in the table" in text for text in texts(render.svg(charts.bars(many, unit="share", most=9))))


def test_pairs_say_how_many_groups_are_left_to_the_table():
    many = pd.DataFrame({"group": [f"G{i}" for i in range(9)], "value": 0.5, "rows": 50})
    how = {"left": ("value", "share"), "right": ("rows", "count"), "names": {"value": "Win rate"}}
    assert {"Win rate", "4 more in the table"} <= set(texts(render.svg(charts.pairs(many, most=5, **how))))
    assert "more in the table" not in render.svg(charts.pairs(many, most=9, **how))


def test_bars_keep_the_order_given_where_it_means_something():
    drawn = texts(render.svg(charts.bars(GROUPS, unit="share", ranked=False)))
    assert [text for text in drawn if text in set(GROUPS["group"])] == ["East", "West", "Tiny"]
    first = texts(render.svg(charts.bars(GROUPS, unit="share", ranked=False, most=1, measure="Won")))
    assert {"East", "Won", "2 more in the table"} <= set(first)


def test_the_counts_of_a_reliability_plot_do_not_touch():
    near = [0.1, 0.12, 0.14, 0.5, 0.9]
    classes = pd.DataFrame({"declared": near, "observed": near, "low": near, "high": near, "rows": 1234})
    svg = render.svg(charts.reliability(classes))
    at = [(float(x), float(y)) for x, y in re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*>n 1,234', svg)]
    assert len(at) == 5
    for one, (x, y) in enumerate(at):
        # Seven letters of 11 units are some 38 wide.
        assert all(abs(x - other) > 38 or abs(y - line) > 11 for other, line in at[:one])


def test_a_salespersons_name_with_its_number_is_whole():
    names = GROUPS.head(1).assign(group="Camille Martin (S00001)")
    assert "Camille Martin (S00001)" in texts(render.svg(charts.bars(names, unit="share")))


@pytest.mark.parametrize("name", ALL)
def test_a_chart_that_has_the_page_to_itself_is_drawn_wider_with_letters_as_large(name):
    chart = ALL[name]()
    narrow, broad = (
        float(re.search(r'viewBox="0 0 ([\d.]+)', render.svg(chart, wider=wider)).group(1))
        for wider in (1.0, render.WIDER)
    )
    assert broad > 1.4 * narrow
    html = render.figure(chart, "kpi-x", "Found.", wide=True)
    assert html.count("<svg") == 2
    assert html.count('role="img"') == 1
    assert '<div class="kpi-wide" style="display:none"><svg' in html


def test_the_minimum_count_is_the_one_of_the_statistics():
    assert MINIMUM == MINIMUM_COUNT


def test_an_unfinished_period_is_hollow_and_dashed():
    svg = render.svg(charts.line(MONTHS, unit="share"))
    assert svg.count("stroke-dasharray") == 1
    assert "Hollow: the period is not over" in texts(svg)
    finished = render.svg(charts.line(MONTHS.assign(complete=True), unit="share"))
    assert "stroke-dasharray" not in finished


def test_money_axes_name_the_currency_and_short_amounts():
    money = GROUPS.assign(value=GROUPS["value"] * 2e6, low=NAN, high=NAN)
    shown = texts(render.svg(charts.bars(money, unit="money", words=Words("CHF"), measure="Revenue")))
    assert {"Revenue (CHF)", "0", "500K", "1M"} <= set(shown)


def test_a_french_reader_has_french_numbers_on_axes_and_marks():
    money = GROUPS.assign(value=GROUPS["value"] * 2e6, low=NAN, high=NAN)
    shown = texts(render.svg(charts.bars(money, unit="money", words=Words("EUR", "fr"), measure="CA")))
    assert {"0", "500\u00a0k", "1\u00a0M", "1,40\u00a0M€".replace("M€", "M\u00a0€")} <= set(shown)


def test_share_axes_carry_no_decimals_that_are_only_zeros():
    assert "50%" in texts(render.svg(charts.bars(GROUPS, unit="share")))


@pytest.mark.parametrize(
    ("low", "end", "expected"),
    [
        (0, 1, [0, 0.5, 1]),
        (0, 0.65, [0, 0.5]),
        (-20, 40, [-20, 0, 20, 40]),
        (0, 0.0, [0]),
        (0, 1e6, [0, 5e5, 1e6]),
    ],
)
def test_ticks_stand_at_round_places_inside(low, end, expected):
    places = axes.stretch([[low, end]])
    made = axes.ticks(places, 3)
    assert made[: len(expected)] == pytest.approx(expected)
    assert all(places.low <= tick <= places.end * (1 + 1e-9) for tick in made)


def test_a_stretch_without_values_is_still_an_axis():
    places = axes.stretch([[None, NAN, float("inf")]])
    assert (places.low, places.end) == (0, 1)


def test_a_hostile_name_is_text_in_the_svg_and_keeps_every_sign():
    svg = render.svg(charts.histogram(BINS, unit="days", measure=HOSTILE, mark=(HOSTILE, 11.0)), "c")
    assert "<script" not in svg
    assert f"{HOSTILE} 11.0 days" in texts(svg)


def test_a_long_name_is_cut_short_on_the_axis():
    svg = render.svg(
        charts.bars(GROUPS.head(1).assign(group="A very long name of a group that has no end"), unit="share")
    )
    assert any(text.endswith("…") for text in texts(svg))


def test_ids_carry_the_figures_name():
    clipped = alt.Chart(GROUPS).mark_bar(clip=True).encode(x="value:Q", y="group:N")
    first = render.svg(clipped, "kpi-one")
    used = re.findall(r'id="([^"]+)"', first)
    assert used
    assert all(name.startswith("kpi-one-") for name in used)
    assert set(re.findall(r"url\(#([^)]+)\)", first)) <= set(used)


def test_the_text_alternative_is_the_finding():
    html = render.figure(charts.line(MONTHS, unit="share"), "kpi-x", 'Rose by "10" points.')
    assert html.startswith('<figure role="img" aria-label="Rose by &quot;10&quot; points." class="kpi-chart"><svg')


@pytest.mark.parametrize("name", theme.COLOURS)
def test_every_colour_stands_out_from_light_and_from_dark_ground(name):
    assert theme.contrast(theme.COLOURS[name], "#ffffff") >= 3
    assert theme.contrast(theme.COLOURS[name], "#161616") >= 3


def test_contrast_of_black_on_white_is_the_published_21():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_no_two_meanings_share_a_colour():
    assert len(set(theme.COLOURS.values())) == len(theme.COLOURS)


def test_won_and_lost_keep_their_colours_and_differ_in_their_dashes():
    svg = render.svg(charts.incidence(STEPS))
    assert theme.COLOURS["won"] in svg
    assert theme.COLOURS["lost"] in svg
    assert "stroke-dasharray" in svg


def test_drawing_after_a_fork_of_a_process_that_drew_fails_at_once(monkeypatch):
    render.svg(ALL["line"]())
    render._drawn.cache_clear()
    monkeypatch.setattr(renderer, "_process", renderer._process + 1)
    with pytest.raises(RuntimeError, match="draw after it"):
        render.svg(ALL["line"]())


def test_a_chart_cannot_reach_the_network():
    remote = alt.Chart("http://127.0.0.1:9/x.csv").mark_bar().encode(x="a:Q")
    with pytest.raises(ValueError, match=r"(?i)not allowed|denied|allowed_base_urls|access"):
        render.svg(remote)
