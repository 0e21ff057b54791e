"""Tables: every cell once and in its place, whatever it holds; shares that add up."""

import math
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames
from speaking import mask, unsaid

from kpilib.compute.frames import downward, ranking, rows
from kpilib.show import tables
from kpilib.show.words import NOTHING, Words

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBER = st.floats(-1e12, 1e12) | st.just(math.nan)
TABLE = frames.data_frames(
    [frames.column("name", elements=TEXT, dtype=object), frames.column("part", elements=NUMBER, dtype=float),
     frames.column("n", elements=st.integers(-(10**9), 10**9), dtype=int)],
    index=frames.range_indexes(max_size=20),
)  # fmt: skip


class Reader(HTMLParser):
    """The cells of a table as a browser reads them, and the tags it meets."""

    def __init__(self):
        super().__init__()
        self.tags, self.rows = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


@given(TABLE)
def test_a_browser_reads_the_cells_that_were_written(frame):
    frame.attrs["units"] = {"part": "share"}
    shown = tables.cells(frame, Words("EUR", "fr"))
    made = read(tables.to_html(shown))
    clean = [["".join(c if c in "\t\n" or c >= " " else "\ufffd" for c in cell) for cell in row] for row in shown.rows]
    assert made.rows[0] == shown.names
    assert [row[: len(shown.names)] for row in made.rows[1 : len(clean) + 1]] == clean
    assert made.tags <= {"div", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "p"}


@given(TABLE)
def test_each_value_is_written_in_its_unit_and_what_is_missing_as_a_dash(frame):
    frame.attrs["units"] = {"part": "money"}
    shown, words = tables.cells(frame), Words()
    assert len(shown.rows) == len(frame)
    for cells, given_ in zip(shown.rows, rows(frame), strict=True):
        expected = NOTHING if math.isnan(given_["part"]) else words.text(given_["part"], "money")
        assert cells == [given_["name"], expected, words.count(given_["n"])]
    assert shown.right == [False, True, True]


@given(st.integers(0, 40), st.integers(1, 30))
def test_what_is_shown_and_what_is_left_out_make_up_the_table(length, most):
    shown = tables.cells(pd.DataFrame({"n": range(length)}), most=most)
    assert len(shown.rows) + shown.left_out == length
    assert tables.folded(shown) == (len(shown.rows) > tables.OPEN)


GROUPS = st.lists(st.tuples(st.text(max_size=3), NUMBER), unique_by=lambda pair: pair[0], max_size=30).map(
    lambda pairs: pd.DataFrame(pairs, columns=["group", "value"]).astype({"value": float})
)


@given(GROUPS)
def test_the_ranking_is_pandas_own_and_that_of_plain_rows(frame):
    known = frame[frame["value"].notna()].sort_values(["value", "group"], ascending=[False, True])
    assert frame["group"].to_numpy()[ranking(frame)].tolist() == known["group"].tolist()
    ordered = [row["group"] for row in downward(rows(frame), "value")]
    assert ordered[: len(known)] == known["group"].tolist()
    upward = [row["group"] for row in downward(rows(frame), "value", lower=True)]
    assert upward[: len(known)] == known.sort_values(["value", "group"])["group"].tolist()


@given(GROUPS)
def test_shares_fall_and_add_up_to_one_or_are_not_told(frame):
    made = tables.with_shares(frame)
    values = frame["value"].dropna()
    assert len(made) == len(values)
    if len(values) and values.sum() > 0 and (values >= 0).all():
        assert made["cumulative"].iloc[-1] == pytest.approx(1)
        assert (np.diff(made["share"]) <= 0).all()
        np.testing.assert_allclose(made["share"] * values.sum(), made["value"], atol=1e-300)
    else:
        assert made["share"].isna().all()
        assert made["cumulative"].isna().all()


def test_two_intervals_bear_one_name():
    frame = pd.DataFrame({"Product": ["A"], tables.INTERVAL: ["1 to 2"], f"{tables.INTERVAL} ": ["3 to 4"]})
    shown = tables.cells(frame)
    assert shown.names == ["Product", "95% interval", "95% interval"]
    assert shown.rows == [["A", "1 to 2", "3 to 4"]]


def test_all_that_a_table_adds_is_said_in_the_readers_language(monkeypatch):
    mask(monkeypatch)
    shown = tables.cells(pd.DataFrame({"n": range(130), "over": [True, False] * 65}))
    assert unsaid("".join(text for row in read(tables.to_html(shown)).rows for text in row)) == ""
    assert unsaid(tables.to_plain(shown)) == ""
    assert 'aria-label="·····"' in tables.to_html(shown)


def test_only_a_column_of_sentences_is_made_wide_enough_to_be_read():
    why = "last score 5 or less (×2.98); serious incidents: 2 (×1.53); the first renewal (×2.27)"
    frame = pd.DataFrame({"name": ["A", "B"], "why": [why, ""], "n": [1, 2]})
    assert tables.to_html(tables.cells(frame)).count("kpi-prose") == 3  # its header and both its cells
    assert "kpi-prose" not in tables.to_html(tables.cells(frame.drop(columns="why")))
