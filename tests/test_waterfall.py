"""A waterfall: where its bars stand, what they say, and that it closes."""

from itertools import pairwise
from math import nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.show import Words
from kpilib.show.charts.plot import Nothing
from kpilib.show.charts.theme import COLOURS
from kpilib.show.charts.waterfall import placed, signed, waterfall

COLUMNS = ["group", "value", "kind", "low", "high", "rows", "direction"]


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


PIPELINE = frame(
    ("Open before", 1000.0, "level", nan, nan, 9, "none"),
    ("Opened", 400.0, "step", nan, nan, 3, "better"),
    ("Lost", -300.0, "step", nan, nan, 2, "worse"),
    ("Open now", 1100.0, "level", nan, nan, 10, "none"),
)
CHANGE = frame(
    ("Mix", -0.04, "step", -0.05, -0.03, nan, "worse"),
    ("SMB", 0.01, "step", -0.001, 0.021, nan, "better"),
    ("The whole change", -0.03, "sum", -0.045, -0.015, nan, "worse"),
)


def drawn(frame, unit="money", **how):
    return waterfall(frame, unit=unit, **how)


def test_a_level_stands_on_zero_and_a_step_on_the_end_of_the_bar_above():
    rows = drawn(PIPELINE).data["rows"]
    assert [(row["start"], row["end"]) for row in rows] == [(0, 1000), (1000, 1400), (1400, 1100), (0, 1100)]


def test_thin_lines_join_each_end_to_the_next_bar():
    links = drawn(PIPELINE).data["links"]
    assert [(one["group"], one["next"], one["at"]) for one in links] == [
        ("Open before", "Opened", 1000), ("Opened", "Lost", 1400), ("Lost", "Open now", 1100)
    ]  # fmt: skip


def test_a_level_says_its_value_and_a_step_its_sign():
    rows = drawn(PIPELINE).data["rows"]
    assert [row["said"] for row in rows] == ["€1,000", "+€400", "−€300", "€1,100"]
    assert [row["n"] for row in rows] == ["n 9", "n 3", "n 2", "n 10"]
    assert rows[2]["tip"] == {"title": "Lost", "Value": "−€300", "Rows": "2"}


def test_a_bar_has_the_colour_of_what_it_means_as_a_tile_has():
    chart = drawn(PIPELINE)
    assert [row["hue"] for row in chart.data["rows"]] == ["level", "better", "worse", "level"]
    scale = chart.skeleton["layer"][0]["encoding"]["color"]["scale"]
    hues = dict(zip(scale["domain"], scale["range"], strict=True))
    assert (hues["better"], hues["worse"]) == (COLOURS["won"], COLOURS["lost"])


def test_the_interval_of_a_step_lies_about_its_end():
    """Mix took away 4 points (3 to 5); SMB then adds 1 (−0.1 to 2.1), from −4 on."""
    mix, smb, whole = drawn(CHANGE, "share").data["rows"]
    assert (mix["whisker_low"], mix["whisker_high"]) == pytest.approx((-0.05, -0.03))
    assert (smb["whisker_low"], smb["whisker_high"]) == pytest.approx((-0.041, -0.019))
    assert (whole["start"], whole["end"]) == (0, -0.03)
    assert smb["tip"]["95% interval"] == "−0.1 to +2.1 points"


def test_differences_of_shares_are_points_on_the_axis_and_shares_are_not():
    points = drawn(CHANGE, "share", measure="Change")
    assert points.signals["x_said"] == ["−4", "−2", "0"]
    assert points.signals["x_ticks"] == pytest.approx([-0.04, -0.02, 0])
    assert "Change, points" in str(points.skeleton)
    level = frame(("Before", 0.4, "level", nan, nan, nan, "none"))
    assert "40%" in drawn(level, "share", measure="Rate").signals["x_said"]


def test_zero_is_always_on_the_axis():
    signals = drawn(CHANGE, "share").signals
    assert signals["x_low"] < -0.05
    assert signals["x_end"] == 0
    assert drawn(PIPELINE).signals["x_low"] == 0


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=12))
def test_the_end_of_the_last_step_is_the_sum_of_all(steps):
    rows = placed([{"value": step, "kind": "step"} for step in steps])
    assert rows[-1]["end"] == sum(steps)
    assert all(one["end"] == other["start"] for one, other in pairwise(rows))


def test_a_step_that_was_not_observed_is_left_out():
    rows = placed([{"value": 5.0, "kind": "level"}, {"value": None, "kind": "step"}, {"value": 1.0, "kind": "step"}])
    assert [(row["start"], row["end"]) for row in rows] == [(0, 5), (5, 6)]


def test_more_bars_than_there_is_room_for_are_left_to_the_table():
    chart = drawn(PIPELINE, most=2)
    assert [row["group"] for row in chart.data["rows"]] == ["Open before", "Opened"]
    assert chart.data["more"] == [{"said": "2 more in the table"}]


def test_nothing_to_draw_and_a_missing_column_are_said():
    with pytest.raises(Nothing, match="No row matches"):
        drawn(PIPELINE.head(0))
    with pytest.raises(Nothing, match="No row matches"):
        drawn(PIPELINE.assign(value=nan))
    with pytest.raises(BadInput, match="needs the column 'direction'"):
        drawn(PIPELINE.drop(columns="direction"))


def test_large_sums_are_short_and_keep_their_sign():
    assert [signed(by, "count", Words()) for by in (12_345, -12_345, 123, 0)] == ["+12.3K", "−12.3K", "+123", "0"]
