"""A link is read as it was meant; what it asks in vain is left out and said; nothing reaches a query unchecked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from show_book import HOSTILE, FakeBook

from kpilib.show import Drawn, Page

PAGE = Page(FakeBook())
PAGE.figure("By what?", lambda view, by: Drawn(by, rows=1), choices={"by": ["segment", "region"]})
READER = PAGE.filters.reader


def test_a_link_that_asks_for_nothing_is_the_choice_at_the_start():
    assert READER.read({}) == (READER.start, [])
    assert READER.write(READER.start) == {}


def test_members_periods_and_lists_are_read_and_written_back_as_they_were():
    query = {"segment": ["SMB"], "region": ["East", "O'Hara"], "period": ["2026Q1"], "by-what.by": ["region"]}
    choice, problems = READER.read(query)
    assert problems == []
    assert READER.write(choice) == query
    assert READER.view(choice).text == "Customer family SMB; region East or O'Hara; 2026-01 to 2026-03"
    assert choice.of("by-what") == {"by": "region"}


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ("this-month", "2026-06"),
        ("this-quarter", "2026-04 to 2026-06"),
        ("year-to-date", "2026-01 to 2026-06"),
        ("last-12-months", "2025-07 to 2026-06"),
        ("all", "2025-01 to 2026-06"),
        ("2026-05", "2026-05"),
        ("2025-01", "2025-01"),  # the first month of the data
        ("2026-06", "2026-06"),  # and the last
        ("2025", "2025-01 to 2025-12"),
        ("2025-11..2026-02", "2025-11 to 2026-02"),
        ("2025Q4..2026Q1", "2025-10 to 2026-03"),
    ],
)
def test_a_period_of_a_link_is_a_preset_or_a_period_as_one_writes_it(period, text):
    choice, problems = READER.read({"period": [period]})
    assert problems == []
    assert READER.view(choice).text == f"All regions, {text}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"segment": ["SNB"]}, "Customer family “SNB” is not in these data; it was left out. Did you mean “SMB”?"),
        ({"segment": ["zzz"]}, "Customer family “zzz” is not in these data; it was left out."),
        ({"industry": ["Retail"]}, "This page cannot be filtered by “industry”; it was left out."),
        ({"colour": ["red"]}, "This page cannot be filtered by “colour”; it was left out."),
        ({"period": ["2026Q9"]}, "“2026Q9” is no period"),
        ({"period": ["2026-03..2025-02"]}, "“2026-03..2025-02” is no period"),
        ({"period": ["2031"]}, "The data have nothing in 2031: they go from 2025-01 to 2026-06."),
        ({"by-what.by": ["owner"]}, "“owner” cannot be chosen in “by-what”; segment is shown."),
        ({"by-whom.by": ["owner"]}, "This page cannot be filtered by “by-whom.by”; it was left out."),
        ({"segment": ["x" * 301]}, "The link holds more than can be read"),
    ],
)
def test_what_a_link_asks_in_vain_is_left_out_and_said(query, said):
    choice, problems = READER.read(query)
    assert choice == READER.start
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_one_wrong_member_does_not_cost_the_right_ones():
    choice, problems = READER.read({"region": ["East", "Wset"], "period": ["all"]})
    assert choice.where == {"region": ("East",)}
    assert choice.period == "all"
    assert len(problems) == 1


def test_a_member_that_a_link_names_twice_is_chosen_once():
    choice, problems = READER.read({"segment": ["SMB", "SMB"]})
    assert (dict(choice.where), problems) == ({"segment": ("SMB",)}, [])


def test_thousands_of_members_are_cut_and_said():
    _, problems = READER.read({"region": ["East"] * 5000})
    assert problems == ["The link holds more than can be read; part of it was left out."]


def test_a_hostile_member_of_the_data_can_be_chosen_and_is_quoted_in_the_sql():
    choice, problems = READER.read({"region": [HOSTILE, "O'Hara"]})
    assert problems == []
    assert READER.view(choice).sql().startswith(f"region IN ('{HOSTILE}', 'O''Hara')")


TEXT = st.text(max_size=30)
NAMES = st.sampled_from(["segment", "region", "owner", "industry", "period", "by-what.by", "lang"])
VALUES = st.sampled_from(["SMB", "East", "O'Hara", HOSTILE, "2026Q1", "all", "region", "", "fr"]) | TEXT


@given(st.dictionaries(NAMES | TEXT, st.lists(VALUES, max_size=4), max_size=5))
def test_any_link_gives_a_choice_that_can_be_shown_and_written(query):
    choice, _ = READER.read(query)
    again, problems = READER.read(READER.write(choice))
    assert again == choice
    assert problems == []
    assert READER.view(choice).text


def test_an_answer_depends_on_the_query_alone_and_changes_nothing():
    page = Page(FakeBook())
    page.figure("Where?", lambda view: Drawn(f"In {view.text}.", rows=1))
    page.found()
    before = page.choice
    first = list(page.answer({"region": ["East"]}))
    list(page.answer({"region": ["O'Hara"], "period": ["all"]}))
    assert list(page.answer({"region": ["East"]})) == first
    assert page.choice == before
    assert [line["kind"] for line in first] == ["head", "piece", "piece", "end"]
    assert "Region East" in first[1]["slots"]["finding"]
    assert "Region East" in first[2]["slots"]["found"]


def test_a_chart_is_sent_whole_once_and_then_as_data():
    from test_show_page import QUESTION, win_rate

    page = Page(FakeBook())
    page.figure(QUESTION, win_rate)
    page.figure("And again?", win_rate)
    first, second = [line["chart"] for line in page.answer({}) if line["kind"] == "piece"]
    assert "skeleton" in first
    assert "skeleton" not in second
    assert first["key"] == second["key"]
    known = [
        line["chart"] for line in page.answer({"segment": ["SMB"]}, have={first["key"]}) if line["kind"] == "piece"
    ]
    assert all("skeleton" not in chart for chart in known)
    assert known[0]["data"] != first["data"]


def test_the_pieces_that_are_seen_come_first():
    page = Page(FakeBook())
    names = [page.figure(question, lambda view: Drawn("", rows=1)).name for question in ("One?", "Two?", "Three?")]
    told = [line["piece"] for line in page.answer({}, first={names[2], "unknown"}) if line["kind"] == "piece"]
    assert told == [names[2], names[0], names[1]]


def test_a_choice_made_by_hand_is_in_force_and_a_choice_by_code_is_told():
    page = Page(FakeBook())
    figure = page.figure("Where?", lambda view: Drawn(f"In {view.text}.", rows=1))
    sent = []
    figure.widget.send = lambda content, buffers=None: sent.append(content)
    page._hub._heard(figure.widget, {"id": 7, "do": "answer", "query": {"region": ["East"]}}, [])
    assert page.view.where == {"region": ("East",)}
    assert sent[0]["id"] == 7
    assert [line["kind"] for line in sent[0]["lines"]] == ["head", "piece", "end"]
    page.choose(region=["O'Hara"])
    assert sent[1]["push"] is True
    assert "O&#x27;Hara" in sent[1]["lines"][1]["slots"]["finding"]
    page.choose(region=["O'Hara"])
    assert len(sent) == 2


def test_a_message_that_makes_no_sense_is_answered_with_a_sentence():
    page = Page(FakeBook())
    figure = page.figure("Where?", lambda view: Drawn("Here.", rows=1))
    sent = []
    figure.widget.send = lambda content, buffers=None: sent.append(content)
    for message in ({"id": 1, "do": "run"}, "rm -rf", {"id": 3, "do": "records", "piece": "nowhere"}, {"do": "asset"}):
        page._hub._heard(figure.widget, message, [])
    assert all("failed" in answer for answer in sent)
    assert "No piece of this page is called 'nowhere'" in sent[2]["failed"]
    assert not any("Traceback" in str(answer) for answer in sent)
