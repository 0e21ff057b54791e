"""The ledger of looks on a page: what is counted once, what stands, and what the page sends to its script."""

import json
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from test_what_changed import opened

from kpilib.show import Drawn, Page
from kpilib.show.live import Look
from kpilib.show.looks import counted, found, once, sent, stands
from kpilib.show.words import Words

#: Benjamini and Hochberg (1995), § 3.2: fifteen p-values, of which the four smallest stand at 5 %.
PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
             0.7590, 1.0000]  # fmt: skip


def test_the_published_example_has_four_that_stand():
    assert stands(PUBLISHED) == [True] * 4 + [False] * 11
    assert stands(PUBLISHED[::-1]) == [False] * 11 + [True] * 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_what_stands_is_what_scipy_says(p):
    assert stands(p) == [bool(one) for one in false_discovery_control(p) <= 0.05]


def test_a_comparison_without_a_p_counts_as_a_look_and_never_stands():
    assert stands([nan, 0.001, nan]) == [False, True, False]
    assert stands([]) == []
    assert stands([nan]) == [False]
    assert counted([Look("a", "A", nan), Look("b", "B", 0.001)]) == {"n": 2, "tested": 1, "found": 1, "stand": 1}


def test_the_same_comparison_seen_twice_is_one_look():
    assert once([Look("a", "A", 0.01), Look("b", "B", 0.2), Look("a", "A", 0.01)]) == [
        Look("a", "A", 0.01), Look("b", "B", 0.2)
    ]  # fmt: skip


def test_findings_are_told_the_surest_first():
    assert [look.key for look in found([Look("a", "", 0.04), Look("b", "", 0.2), Look("c", "", 0.001)])] == ["c", "a"]


def test_what_is_sent_can_be_written_as_json():
    looks = [Look("a" * 300, "A", nan), Look("b", "B", 0.0123), Look("a" * 300, "A", nan)]
    (one, *first), (two, *second), (again, *_) = json.loads(json.dumps(sent(looks, Words())))
    assert [first, second] == [["A", None, "–"], ["B", 0.0123, "0.012"]]
    assert one == again != two
    assert len(one) == len(two) == 16


@pytest.fixture
def page():
    page = Page(opened())
    page.tiles(["win_rate", "won_amount"])
    looks = {"a": (Look("a", "East against West", 0.001), Look("b", "Won, so far", nan)), "b": (Look("c", "Two", 0.3),)}
    page.figure("Which?", lambda view, by: Drawn(f"By {by}.", rows=1, looks=looks[by]), choices={"by": ["a", "b"]})
    page.looks()
    return page


def answer(page, query):
    return {line["piece"]: line for line in page.answer(query) if line["kind"] == "piece"}


def test_the_panel_counts_what_the_page_shows_and_names_what_stands(page):
    lines = answer(page, {})
    name = next(name for name in lines if name.startswith("how-many-comparisons"))
    panel = lines[name]["slots"]["looks"]
    tiles = len(lines["tiles"]["looks"])
    assert f"Comparisons on this page as it is: {tiles + 2};" in panel
    assert "East against West" in panel
    assert "Won, so far" not in panel
    assert "looks" not in lines[name]


def test_the_panel_follows_the_lists_of_the_figures(page):
    lines = answer(page, {"which.by": ["b"]})
    name = next(name for name in lines if name.startswith("how-many-comparisons"))
    assert "East against West" not in lines[name]["slots"]["looks"]
    assert [look[0] for look in lines["which"]["looks"]] == [sent([Look("c", "", nan)], Words())[0][0]]


def test_a_tile_is_a_look_of_its_own_window_and_slice(page):
    first, again = (answer(page, query)["tiles"]["looks"] for query in ({}, {"segment": ["Small"]}))
    assert {key for key, *_ in first}.isdisjoint({key for key, *_ in again})
    assert {key for key, *_ in first} == {key for key, *_ in answer(page, {})["tiles"]["looks"]}


def test_in_a_notebook_a_page_and_code_note_their_looks_in_one_ledger_and_the_panel_tells_of_it():
    book = opened()
    page = Page(book, period="This quarter")
    tiles, panel = page.tiles(["win_rate", "won_amount"]), page.looks()
    assert "data-session" in panel.html  # an app: the browser keeps the ledger
    assert book.looks.count == 0
    assert tiles.widget is not None
    seen = len({look.key for look in tiles.shown().looks})
    text = panel.html
    assert "data-session" not in text
    assert f"Comparisons seen through this book so far, in code too (book.looks): {seen};" in text
    assert book.looks.count == seen
    # The same comparison in code is the same look; another one is one more, and the panel has it.
    now = next(look for look in book.looks.looks if look.kpi == "win_rate")
    book.compare("win_rate", now.window, to=now.to)
    assert book.looks.count == seen
    book.compare("won_amount", "2025Q1", to="2024Q4")
    assert f"(book.looks): {seen + 1};" in panel.html
