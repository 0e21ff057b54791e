"""Asked by city, the cells of customers are added up once, and give what they gave one by one."""

import numpy as np
import pytest

from kpilib.compute import rolled


@pytest.fixture
def book(demo):
    return demo


QUESTIONS = [
    ("margin_rate", {"by": "city"}),
    ("revenue", {"by": "country", "period": "quarter"}),
    ("cross_sell_rate", {"by": "city", "where": {"country": ["France"]}}),
    ("customer_margin", {"by": "city", "since": "2025-07"}),
    ("margin_rate", {"by": ["city", "country"], "where": {"city": ["Paris", "Lyon", "Lille"]}, "period": "quarter"}),
    ("revenue", {"where": {"city": ["Paris", "Lyon"], "country": ["France"]}, "period": "month"}),
]


@pytest.mark.parametrize(("key", "how"), QUESTIONS, ids=[str(place) for place in range(len(QUESTIONS))])
def test_cells_added_up_by_what_customers_belong_to_are_the_same(book, monkeypatch, key, how):
    monkeypatch.setattr(rolled, "ROLL", 10**9)  # never
    book.cubes._answers.clear()
    book.cubes._choices.clear()
    plain = book.kpi(key, **how)
    book.cubes._answers.clear()
    book.cubes.rolled.clear()
    monkeypatch.setattr(rolled, "ROLL", 0)
    found = book.kpi(key, **how)
    assert found[["group", "period", "rows"]].equals(plain[["group", "period", "rows"]])
    for name in ("value", "low", "high", "numerator"):
        assert np.allclose(found[name], plain[name], rtol=1e-9, equal_nan=True)
    assert book.cubes.rolled


def test_a_dimension_that_a_cuboid_holds_is_read_from_it_as_it_is(book, monkeypatch):
    monkeypatch.setattr(rolled, "ROLL", 0)
    book.cubes.rolled.clear()  # other tests ask the same book
    book.kpi("revenue", by="customer")
    assert not book.cubes.rolled
