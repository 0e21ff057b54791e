"""The slice in force, the tables and the markup: what is asked, what is written, what is escaped."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from show_book import FakeBook

from kpilib.errors import BadInput, UnknownName
from kpilib.show import View, tables
from kpilib.show.dates import months, presets
from kpilib.show.markup import Html, element, join, text
from kpilib.show.view import listed


class BookWithHoles(FakeBook):
    """Some deals have no region."""

    def members(self, name, panel=None):
        made = super().members(name, panel)
        return pd.concat([made, pd.DataFrame({"member": ["(not given)"], "rows": [3]})]) if name == "region" else made


def test_a_view_puts_its_slice_into_every_question():
    view = View(FakeBook(), {"segment": ["SMB"]}, "2026-01", "2026-02")
    assert view.kpi("win_rate")["rows"].tolist() == [24]
    assert len(view.panel("deals")) == 24
    assert len(view.rows("win_rate")) == 24


def test_a_question_may_replace_one_dimension_of_the_slice():
    view = View(FakeBook(), {"segment": ["SMB"], "region": ["East"]}, "2026-01", "2026-02")
    assert view.kpi("win_rate", where={"region": ["O'Hara"]})["rows"].tolist() == [8]
    assert view.kpi("win_rate", since="2026-02")["rows"].tolist() == [4]


def test_a_slice_may_be_widened_without_touching_the_first():
    view = View(FakeBook(), {"segment": ["SMB"], "region": ["East"]}, "2026-01", "2026-02")
    assert view.but(since=None, where={"region": []}).text == "Customer family SMB; 2025-01 to 2026-02"
    assert view.text == "Customer family SMB; region East; 2026-01 to 2026-02"


def test_a_view_cannot_be_changed():
    view = View(FakeBook(), {"segment": ["SMB"]})
    with pytest.raises(TypeError, match="does not support item assignment"):
        view.where["segment"] = ("x",)
    with pytest.raises(AttributeError, match="cannot assign"):
        view.since = "2026-01"


def test_equal_slices_of_one_book_are_equal_and_of_two_books_not():
    book = FakeBook()
    assert View(book, {"segment": ["SMB"]}) == View(book, {"segment": ("SMB",)})
    assert hash(View(book, {"segment": ["SMB"]})) == hash(View(book, {"segment": ["SMB"]}))
    assert View(book) != View(FakeBook())
    assert View(book, since="2026-01") != View(book)


def test_an_unknown_member_is_refused_with_the_closest_one():
    with pytest.raises(UnknownName, match=r"No member of 'segment' is called 'SBM'\. Did you mean 'SMB'"):
        View(FakeBook(), {"segment": ["SBM"]})


def test_one_member_must_still_be_a_list():
    with pytest.raises(BadInput, match=r"needs a list of members: \['SMB'\]"):
        View(FakeBook(), {"segment": "SMB"})


def test_the_text_names_the_data_own_range_where_a_side_is_open():
    assert View(FakeBook()).text == "All regions, 2025-01 to 2026-06"
    assert View(FakeBook(), since="2026Q2").text == "All regions, 2026-04 to 2026-06"
    assert View(FakeBook(), since="2026-06", until="2026-06").text == "All regions, 2026-06"


@pytest.mark.parametrize(
    ("where", "since", "until", "sql"),
    [
        ({}, None, None, "TRUE"),
        ({"region": ["O'Hara"]}, None, None, "region IN ('O''Hara')"),
        ({"region": ["(not given)"]}, None, None, "region IS NULL"),
        ({"region": ["East", "(not given)"]}, None, None, "(region IN ('East') OR region IS NULL)"),
        ({}, "2024-02", "2024-02", "won_on >= DATE '2024-02-01' AND won_on < DATE '2024-03-01'"),
        ({}, "2025Q4", None, "won_on >= DATE '2025-10-01'"),
        ({}, None, "2025", "won_on < DATE '2026-01-01'"),
    ],
)
def test_the_slice_as_sql(where, since, until, sql):
    assert View(BookWithHoles(), where, since, until).sql("won_on") == sql


def test_the_sql_of_a_slice_keeps_the_rows_that_the_slice_keeps():
    book = FakeBook()
    deals = book.deals.assign(closed_on=pd.to_datetime(book.deals["month"] + "-28"))  # noqa: F841, named in the query
    view = View(book, {"region": ["O'Hara", "East"], "segment": ["SMB"]}, "2025-12", "2026-02")
    [(count,)] = duckdb.sql(f"SELECT COUNT(*) FROM deals WHERE {view.sql()}").fetchall()
    assert count == len(view.panel("deals")) == 24


def test_long_lists_of_members_are_cut_in_words():
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B or C"
    assert listed(list("ABCDE")) == "A, B, C, D or 1 other"
    assert listed(list("ABCDEFG")) == "A, B, C, D or 3 others"


@pytest.mark.parametrize(
    ("as_of", "name", "expected"),
    [
        (date(2026, 6, 30), "Last 12 months", ("2025-07", "2026-06")),
        (date(2026, 6, 29), "Last 12 months", ("2025-06", "2026-05")),
        (date(2026, 1, 5), "This month", ("2026-01", "2026-01")),
        (date(2026, 1, 5), "Last 12 months", ("2025-01", "2025-12")),
        (date(2026, 5, 5), "This quarter", ("2026-04", "2026-05")),
        (date(2026, 5, 5), "Year to date", ("2026-01", "2026-05")),
        (date(2026, 5, 5), "All", (None, None)),
    ],
)
def test_preset_periods_are_those_before_the_given_day(as_of, name, expected):
    assert presets(as_of)[name] == expected


def test_months_span_a_new_year():
    assert months(date(2025, 11, 30), date(2026, 2, 1)) == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_text_is_escaped_once_and_html_not_again():
    assert text("<b>'\"&") == "&lt;b&gt;&#x27;&quot;&amp;"
    assert element("p", element("b", "<")) == "<p><b>&lt;</b></p>"
    assert join("<", Html("<br>")) == "&lt;<br>"


def test_an_attribute_cannot_end_its_quotes():
    assert element("p", title='" onclick="x') == '<p title="&quot; onclick=&quot;x"></p>'
    assert element("p", title=Html('"><script>')) == '<p title="&quot;&gt;&lt;script&gt;"></p>'


def test_control_characters_do_not_reach_the_page():
    assert text("a\x00b\x1bc\td") == "a\ufffdb\ufffdc\td"


def test_a_kpi_table_writes_units_intervals_and_counts():
    book = FakeBook()
    frame = View(book).kpi("win_rate", by="segment")
    shown = tables.cells(tables.kpi_table(frame, book.kpis["win_rate"], group="Customer family"))
    assert shown.names == ["Customer family", "Win rate", "95% interval", "Rows"]
    assert shown.rows[1][0] == "SMB"
    assert shown.rows[1][1].endswith("%")
    assert " to " in shown.rows[1][2]
    assert shown.rows[1][3] == "216"


def test_a_trend_table_marks_the_period_that_is_not_over():
    book = FakeBook()
    shown = tables.kpi_table(View(book).kpi("win_rate", period="month"), book.kpis["win_rate"])
    assert shown["Period"].iloc[-1] == "2026-06 (not over)"
    assert "Group" not in shown


def test_a_value_that_was_not_observed_is_a_dash_and_never_0():
    frame = pd.DataFrame({"share": [float("nan")], "when": [pd.NaT], "name": [None]})
    frame.attrs["units"] = {"share": "share"}
    assert tables.cells(frame).rows == [["–", "–", "–"]]


def test_plain_cells_are_written_by_their_kind():
    frame = pd.DataFrame(
        {"n": [1234], "x": [1234.567], "yes": [True], "day": [pd.Timestamp("2026-05-01")], "t": ["a\nb"]}
    )
    assert tables.cells(frame).rows == [["1,234", "1,234.57", "yes", "2026-05-01", "a\nb"]]
    assert tables.to_plain(tables.cells(frame)).splitlines()[1].endswith("a b")


def test_a_long_table_says_how_many_rows_it_leaves_out_and_is_folded():
    shown = tables.cells(pd.DataFrame({"n": range(130)}))
    assert "Table (130 rows)" in tables.to_html(shown)
    assert "… and 30 more" in tables.to_html(shown)
    assert tables.to_plain(shown).endswith("… and 30 more")


def test_shares_of_a_total_go_from_the_largest_down_and_end_at_one():
    made = tables.with_shares(pd.DataFrame({"group": list("AB"), "value": [1.0, 3.0]}))
    assert made["group"].tolist() == ["B", "A"]
    assert made["cumulative"].tolist() == [0.75, 1.0]
