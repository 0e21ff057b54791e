"""A list of members that follows the dimension chosen in another list: in the figure, in a link, in the page's HTML."""

import re
from html import unescape

import pytest
from show_book import FakeBook

from kpilib.errors import BadInput, UnknownName
from kpilib.show import Drawn, Page
from kpilib.show.members import Members

OF = {"segment": ["Enterprise", "SMB"], "region": ["East", "O'Hara"]}
LISTS = {
    "by": list(OF),
    "first": Members("by", OF),
    "second": Members("by", OF, {"segment": "SMB", "region": "O'Hara"}),
}


def drawn(view, by, first, second):
    return Drawn(f"{by}: {first} and {second}.", rows=1)


@pytest.fixture
def page():
    page = Page(FakeBook())
    page.figure("Which?", drawn, choices=LISTS)
    return page


def lines(page, **query):
    found = {name: [value] for name, value in query.items()}
    return {line["piece"]: line for line in page.answer(found) if line["kind"] == "piece"}["which"]


def test_at_the_start_the_first_dimension_has_its_members(page):
    assert lines(page)["lists"] == {"by": "segment", "first": "segment=Enterprise", "second": "segment=SMB"}


def test_another_dimension_brings_its_own_members(page):
    assert lines(page, **{"which.by": "region"})["lists"] == {
        "by": "region", "first": "region=East", "second": "region=O'Hara"
    }  # fmt: skip


def test_a_member_of_the_dimension_is_kept_and_one_of_another_is_not(page):
    query = {"which.by": "region", "which.first": "region=O'Hara", "which.second": "segment=SMB"}
    line = lines(page, **query)
    assert line["lists"]["first"] == "region=O'Hara"
    assert line["lists"]["second"] == "region=O'Hara"
    assert unescape(line["slots"]["finding"]) == "region: region=O'Hara and region=O'Hara."


def test_a_member_that_is_not_offered_is_left_out_and_said(page):
    head = next(iter(page.answer({"which.first": ["region=Nowhere"]})))
    assert "Nowhere" in " ".join(head["problems"])
    assert lines(page, **{"which.first": "region=Nowhere"})["lists"]["first"] == "segment=Enterprise"
    with pytest.raises(UnknownName, match="region=East"):
        page.pieces["which"].choose(first="region=Eest")


def test_the_html_offers_what_the_dimension_has_and_hides_the_rest(page):
    html = page.sections({})["which"]
    first = re.search(r'<select[^>]*data-list="first".*?</select>', html, re.DOTALL).group()
    assert 'data-on="by"' in first
    options = re.findall(r"<option([^>]*)>([^<]*)", first)
    assert [unescape(text) for _, text in options] == ["Enterprise", "SMB", "East", "O'Hara"]
    assert ["hidden" in attributes for attributes, _ in options] == [False, False, True, True]
    assert ["disabled" in attributes for attributes, _ in options] == [False, False, True, True]


def test_the_choice_is_said_by_the_member_alone(page):
    assert "A: Enterprise, B: SMB" in page.pieces["which"].plain


@pytest.mark.parametrize(
    ("of", "starts", "said"),
    [({}, {}, "needs dimensions that have members"), ({"region": []}, {}, "needs dimensions"),
     (OF, {"region": "North"}, "none of the members of 'region'")],
)  # fmt: skip
def test_a_list_without_members_is_refused(of, starts, said):
    with pytest.raises(BadInput, match=said):
        Members("by", of, starts)
