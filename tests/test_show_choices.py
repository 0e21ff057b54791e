"""A figure's own lists, what a page found, and two groups side by side."""

import re

import pandas as pd
import pytest
from show_book import FakeBook

from kpilib.errors import BadInput, CannotAnswer, UnknownName
from kpilib.show import Drawn, Page, offered
from kpilib.show.charts.plot import Nothing
from kpilib.show.charts.render import svg
from kpilib.show.charts.versus import versus


@pytest.fixture
def page():
    return Page(FakeBook())


def by(view, by, drawn=None):
    if drawn is not None:
        drawn.append(by)
    return Drawn(f"Broken down by {by}.", rows=7)


def test_a_list_hands_its_value_to_the_draw_function(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "region"]})
    assert "Broken down by segment." in figure.html
    figure.choose(by="region")
    assert "Broken down by region." in figure.html


def test_dimensions_are_offered_by_their_label(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "owner"]})
    html = page.sections({})[figure.name]
    assert "<span>Broken down by</span>" in html
    assert re.findall(r'<option value="(\w+)"( selected)?>([^<]+)', html) == [
        ("segment", " selected", "Customer family"), ("owner", "", "Salesperson"),
    ]  # fmt: skip


def test_a_choice_is_said_in_words_and_not_by_its_parameter(page):
    how = {"measure": ["Margin rate", "NPS"], "outcome": ["lost", "won"], "segment": ["SMB"], "per_head": ["yes", "no"]}
    figure = page.figure("Which?", lambda view, **chosen: Drawn("Found.", rows=1), choices=how)
    titles = re.findall(r'kpi-list"><span>([^<]+)', page.sections({})[figure.name])
    assert titles == ["Measure", "Deals", "Per head"]
    assert "showing margin rate, deals lost, customer family SMB, per head yes" in figure.plain
    figure.choose(measure="NPS")
    assert "showing NPS, " in figure.plain


def test_a_dimension_of_one_member_is_not_offered():
    book = FakeBook()
    book.deals = book.deals.assign(segment="SMB")
    assert offered(book, ("segment", "industry", "owner", "region")) == ["owner", "region"]
    assert offered(book, iter(("segment", "industry"))) == ["segment"]


def test_the_choice_stands_beside_the_slice_and_the_rows(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "region"]})
    assert figure.plain.endswith("2025-07 to 2026-06 · by customer family · 7 rows")


def test_a_change_of_a_list_draws_its_figure_alone(page):
    drawn, other = [], []
    figure = page.figure(
        "One?", lambda view, by: Drawn(by, rows=len(drawn.append(by) or "x")), choices={"by": ["a", "b"]}
    )
    second = page.figure("Other?", lambda view: Drawn("same", rows=len(other.append(1) or "x")))
    assert figure.html
    assert second.html
    figure.choose(by="b")
    assert figure.html
    assert second.html
    assert (drawn, other) == (["a", "b"], [1])


def test_a_list_keeps_its_value_when_the_page_is_filtered(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "region"]})
    figure.choose(by="region")
    page.choose(segment=["SMB"])
    assert "Broken down by region." in figure.html
    assert "Customer family SMB" in figure.html


def test_the_lists_are_in_the_live_card_and_not_in_the_saved_one(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "region"]})
    assert '<select data-list="by">' in figure.widget.html
    assert "<select" not in figure._repr_mimebundle_()["text/html"]


def test_a_list_of_one_value_is_not_shown(page):
    figure = page.figure("By what?", by, choices={"by": ["segment"]})
    assert "<select" not in figure.widget.html
    assert "Broken down by segment." in figure.html


@pytest.mark.parametrize("values", [[], "segment"])
def test_a_list_without_values_is_the_authors_error(page, values):
    with pytest.raises(BadInput, match="'by' needs a list of values"):
        page.figure("By what?", by, choices={"by": values})


def test_a_value_that_is_not_offered_is_refused_and_changes_nothing(page):
    figure = page.figure("By what?", by, choices={"by": ["segment", "region"]})
    with pytest.raises(UnknownName, match=r"No value of 'by' is called 'regoin'\. Did you mean 'region'"):
        figure.choose(by="regoin")
    with pytest.raises(UnknownName, match="No choice of this figure is called 'per'"):
        figure.choose(per="region")
    assert page.own(figure) == {}


def test_what_was_found_lists_each_question_with_its_answer_and_follows_the_choice(page):
    page.figure("How many?", lambda view: Drawn(f"So many of {view.text}.", rows=1))
    page.figure("Anything?", lambda view: Drawn("", rows=0))
    found = page.found()
    assert "How many? So many of All regions, 2025-07 to 2026-06." in found.plain
    assert "1 of 2 questions have no answer on these rows" in found.plain
    page.choose(segment=["SMB"])
    assert "So many of Customer family SMB" in found.html


def test_what_was_found_says_shortly_why_a_question_has_no_answer(page):
    def without(view):
        raise CannotAnswer("Revenue needs the table 'order_lines', which these data do not have. It would say: much.")

    page.figure("How much?", without)
    page.figure("Broken?", lambda view: 1 / 0)
    page.figure("Anything?", lambda view: Drawn("", rows=0))
    said = page.found().plain.splitlines()
    assert said[1] == "How much? Revenue needs the table 'order_lines', which these data do not have."
    assert said[2].startswith("Broken? Something went wrong (ref ")
    assert said[3].endswith("3 of 3 questions have no answer on these rows")


def test_what_was_found_escapes_names(page):
    page.figure("Who?", lambda view: Drawn("<img src=x>", rows=1))
    assert "<img" not in page.found().html


PAIRS = pd.DataFrame(
    {
        "group": ["demo", "demo", "visit", "visit"],
        "outcome": ["with", "without"] * 2,
        "value": [0.6, 0.4, 0.5, 0.45],
        "low": [0.5, 0.3, 0.4, float("nan")],
        "high": [0.7, 0.5, 0.6, float("nan")],
        "rows": [40, 60, 1200, 9],
    }
)


def test_two_groups_side_by_side_say_their_values_and_counts():
    drawn = svg(versus(PAIRS, measure="Share won"))
    for said in ("with 60.0% · n 40", "without 40.0% · n 60", "with 50.0% · n 1,200", "Share won", "visit"):
        assert said in drawn
    assert not re.search(r"NaN|Infinity", drawn)


def test_two_groups_side_by_side_of_nothing_are_nothing():
    with pytest.raises(Nothing):
        versus(PAIRS.head(0))
