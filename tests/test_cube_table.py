"""All members of a dimension in several windows at once: the same sums as one question after the other."""

import numpy as np
import pytest

from kpilib.compute.cells import SUMS
from kpilib.model.panels import panel
from kpilib.periods import month_of, month_start

WHERE = ({}, {"segment": ["SMB"]}, {"region": ["Bretagne", "Occitanie"], "industry": ["Retail"]})


def questions(book):
    last = month_of(book.as_of)
    windows = (((last - 23, last - 12), (last - 11, last)), ((last - 2, last), (last - 30, last - 20)), ((last, last),))
    for kpi in book.kpis.values():
        for dimension in ("segment", "city", "owner", "category", "kind"):
            for where, these in zip(WHERE, windows, strict=True):
                first, until = min(w[0] for w in these), max(w[1] for w in these)
                if kpi.table and not kpi.estimator and {dimension, *where} <= set(panel(kpi.table).dimensions):
                    yield kpi, dimension, where, these, (month_start(first), month_start(until))


def one_by_one(book, kpi, dimension, where, window):
    """The sums (6, members) by an answer of the cube, or of the engine."""
    cut = book._cut(kpi, dimension, None, where, *(month_start(month) for month in window))
    cells = book.cubes.answer(kpi, cut) or book.ask_engine(kpi, cut)
    found = np.zeros((len(SUMS), len(book.cubes.labels[dimension])))
    for at, (member,) in enumerate(cells.groups):
        found[:, book.cubes.index[dimension][member]] = [getattr(cells, name)[at] for name in SUMS]
    return found


def test_all_at_once_is_one_after_the_other(demo):
    compared = 0
    for kpi, dimension, where, windows, (since, until) in questions(demo):
        cut = demo._cut(kpi, dimension, None, where, since, until)
        table = demo.cubes.table(kpi, cut, windows)
        if table is None:
            continue
        compared += bool(table.any())
        assert table.shape == (len(SUMS), len(windows), len(demo.cubes.labels[dimension]))
        for at, window in enumerate(windows):
            expected = one_by_one(demo, kpi, dimension, where, window)
            np.testing.assert_allclose(table[:, at], expected, rtol=1e-9, atol=1e-6, err_msg=f"{kpi.path} {dimension}")
    assert compared > 100


@pytest.mark.parametrize("key", ["open_pipeline", "average_basket"])
def test_what_months_do_not_add_up_to_is_left_to_an_answer(demo, key):
    cut = demo._cut(demo.kpis[key], "segment", None, None, "2026-01", "2026-06")
    assert demo.cubes.table(demo.kpis[key], cut, ((24312, 24314), (24315, 24317))) is None
