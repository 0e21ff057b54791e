"""A figure's list of numbers is a slider: its values, its words, and what a link or code may choose."""

import re

import pytest
from show_book import FakeBook

from kpilib.errors import BadInput, UnknownName
from kpilib.show import Drawn, Page, Slide
from kpilib.show.slides import name
from kpilib.show.words import Words

TENTHS = Slide([0, 0.1, 0.2, 0.3], start=0.2, unit="share")


@pytest.fixture
def page():
    return Page(FakeBook())


def moved(view, moved):
    return Drawn(f"Moved: {moved!r}.", rows=7)


@pytest.fixture
def figure(page):
    return page.figure("What if?", moved, choices={"moved": TENTHS})


def test_the_draw_function_is_given_the_number(figure):
    assert "Moved: 0.2." in figure.html
    figure.choose(moved=0.3)
    assert "Moved: 0.3." in figure.html
    figure.choose(moved="0")
    assert "Moved: 0." in figure.html


def test_a_bare_list_of_numbers_is_a_slider_from_its_first_value(page):
    figure = page.figure("What if?", lambda view, many: Drawn(f"{many}", rows=1), choices={"many": [5, 10, 15]})
    assert figure.shown().finding == "5"
    assert '<input type="range" min="5" max="15" step="5" value="5"' in page.sections({})[figure.name]


def test_a_slider_says_its_value_to_those_who_see_it_and_to_those_who_hear_it(page, figure):
    html = page.sections({})[figure.name]
    bar = re.search(r"<input type=\"range\"[^>]*>", html).group()
    for said in ('min="0"', 'max="0.3"', 'step="0.1"', 'value="0.2"', 'aria-label="Moved above"',
                 'aria-valuetext="20%"', 'data-list="moved"', "&quot;30%&quot;"):  # fmt: skip
        assert said in bar
    assert '<output aria-hidden="true">20%</output>' in html
    assert figure.plain.endswith("20% moved above the threshold · 7 rows")


def test_a_link_chooses_a_value_and_one_that_is_not_offered_is_said(page, figure):
    lines = list(page.answer({f"{figure.name}.moved": ["0.1"]}))
    piece = next(line for line in lines if line["kind"] == "piece")
    assert piece["lists"] == {"moved": "0.1"}
    assert "Moved: 0.1." in piece["slots"]["finding"]
    refused = list(page.answer({f"{figure.name}.moved": ["0.15"]}))
    assert refused[0]["problems"] == ["“0.15” cannot be chosen in “what-if”; 0.2 is shown."]
    assert "Moved: 0.2." in refused[1]["slots"]["finding"]


def test_a_value_between_two_steps_is_refused_and_changes_nothing(page, figure):
    with pytest.raises(UnknownName, match=r"No value of 'moved' is called '0\.25'"):
        figure.choose(moved=0.25)
    assert page.own(figure) == {}


def test_the_start_is_not_in_the_link(page, figure):
    figure.choose(moved=0.1)
    assert page.filters.reader.write(page.choice) == {f"{figure.name}.moved": ["0.1"]}
    figure.choose(moved=0.2)
    choice, problems = page.filters.reader.read({f"{figure.name}.moved": ["0.2"]})
    assert (dict(choice.lists), problems) == ({}, [])


def test_every_value_comes_back_from_its_name():
    shares = Slide([step / 20 for step in range(21)], unit="share")
    assert [shares.value(each) for each in shares.names] == list(shares.values)
    assert shares.names[3] == "0.15"
    assert shares.said()[3] == "15%"


def test_values_are_said_in_the_readers_language_and_in_their_unit():
    assert Slide([0, 1], unit="days").said() == ("0.0 days", "1.0 days")
    assert Slide([0, 0.5], unit="share").said(Words(locale="fr"))[1].split() == ["50", "%"]


@pytest.mark.parametrize(("number", "said"), [(20.0, "20"), (0.1 + 0.05, "0.15"), (1e6, "1000000"), (-2.5, "-2.5")])
def test_a_number_is_called_as_a_browsers_slider_writes_it(number, said):
    assert name(number) == said


@pytest.mark.parametrize(("values", "how", "said"), [
    ([3], {}, "two values or more"), ([0, 1, 3], {}, "equal steps"), ([2, 1], {}, "that rise"),
    ([0, 1], {"start": 5}, "no value 5 to start from; it has 0, 1"), ([0, 1], {"unit": "euros"}, "'euros' was given"),
])  # fmt: skip
def test_a_slider_that_cannot_be_is_the_authors_error(values, how, said):
    with pytest.raises(BadInput, match=said):
        Slide(values, **how)
