"""What is estimated once is kept as it was found, for as long as neither the data nor the methods change."""

import math
import sys
from datetime import date
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from companies import company

import kpilib
from kpilib.analysis import kept as keeping
from kpilib.errors import CannotAnswer, UnknownName

pytestmark = pytest.mark.slow


@pytest.fixture
def asked(monkeypatch):
    """Estimators of our own, and how often each was called."""
    calls: list[str] = []
    module = ModuleType("estimators_of_a_test")

    def sizes(book):
        calls.append("sizes")
        frame = pd.DataFrame({"group": ["a", None], "value": [1.5, math.nan], "day": [date(2026, 6, 30), pd.NaT]})
        return {"n": np.int64(3), "low": -math.inf, "list": np.array([1.0, math.nan]), "frame": frame, "on": True}

    def impossible(book):
        calls.append("impossible")
        raise CannotAnswer("There is nothing to estimate.")

    module.sizes, module.impossible = sizes, impossible
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = {name: f"{module.__name__}:{name}" for name in ("sizes", "impossible")}
    monkeypatch.setattr(keeping, "ESTIMATED", names)
    return calls


@pytest.fixture
def data():
    return company(2)


def test_a_finding_comes_back_as_it_was_found(asked, data):
    found = kpilib.open(data).finding("sizes")
    assert (found["n"], found["low"], found["on"]) == (3, -math.inf, True)
    assert found["list"][0] == 1.0
    assert math.isnan(found["list"][1])
    frame = found["frame"]
    assert (frame["group"][0], frame["day"][0]) == ("a", "2026-06-30")
    assert frame["group"].isna().tolist() == frame["day"].isna().tolist() == [False, True]
    assert frame["value"][0] == 1.5
    assert math.isnan(frame["value"][1])


def test_what_is_kept_is_not_estimated_again_by_another_book_of_the_same_data(asked, data, tmp_path):
    for name, frame in data.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    first = kpilib.open(tmp_path).finding("sizes")
    again = kpilib.open(tmp_path).finding("sizes")
    assert asked == ["sizes"]
    pd.testing.assert_frame_equal(first["frame"], again["frame"])


def test_other_methods_make_another_finding(asked, data, monkeypatch):
    book = kpilib.open(data)
    book.finding("sizes")
    book.__dict__.pop("_findings")
    monkeypatch.setattr(keeping, "methods", lambda: "changed")
    book.finding("sizes")
    assert asked == ["sizes", "sizes"]


def test_what_the_data_cannot_give_is_kept_as_its_sentence(asked, data):
    book = kpilib.open(data)
    assert book.finding("impossible") == {"cannot": "There is nothing to estimate."}
    book.__dict__.pop("_findings")
    book.finding("impossible")
    assert asked == ["impossible"]


def test_prepared_says_whether_every_finding_is_kept(asked, data):
    book = kpilib.open(data)
    assert not keeping.prepared(book)
    keeping.prepare(book)
    assert keeping.prepared(book)
    assert sorted(asked) == ["impossible", "sizes"]


def test_half_a_file_is_estimated_again(asked, data):
    book = kpilib.open(data)
    book.finding("sizes")
    keeping._place(book, "sizes").write_text('{"n": 3', encoding="utf-8")
    book.__dict__.pop("_findings")
    assert book.finding("sizes")["n"] == 3
    assert asked == ["sizes", "sizes"]


def test_a_misspelt_finding_is_told_with_what_was_meant(asked, data):
    with pytest.raises(UnknownName, match="Did you mean 'sizes'"):
        kpilib.open(data).finding("size")
