"""SQL over one row, worked out on arrays, gives what the engine gives: NULL and all."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.catalogue import CATALOGUE
from kpilib.compute.query import side
from kpilib.compute.rowwise import worked
from kpilib.model.panels import panel

# Every value and NULL of a, with every one of b.
VALUES = [None, 0.0, 1.0, 2.5]
A = [a for a in VALUES for _ in VALUES]
B = VALUES * len(VALUES)


def by_arrays(expression: str) -> list:
    columns = {"a": np.array(A, float), "b": np.array(B, float)}
    found = np.broadcast_to(np.asarray(worked(expression)(columns.__getitem__), float), len(A))
    return [None if np.isnan(value) else float(value) for value in found]


def by_engine(expression: str) -> list:
    rows = ", ".join(f"({i}, {a if a is not None else 'NULL'}, {b if b is not None else 'NULL'})"
                     for i, (a, b) in enumerate(zip(A, B, strict=True)))  # fmt: skip
    sql = f"SELECT CAST({expression} AS DOUBLE) FROM (VALUES {rows}) AS t(i, a, b) ORDER BY i"
    return [value for (value,) in duckdb.sql(sql).fetchall()]


@pytest.mark.parametrize(
    "expression",
    [
        "a + b * 2 - 1", "-a", "(a + b) / 2.0", "a / 4", "a = 1", "a <> b", "a < b", "a <= b", "a > b", "a >= 1",
        "a = 1 AND b = 1", "a = 1 OR b = 1", "NOT a = 1", "a IS NULL", "a IS NOT NULL", "a IN (0, 1)",
        "a NOT IN (0, 2.5)", "a IN (b, 1)", "COALESCE(a, b, 7)", "CASE WHEN a = 1 THEN b END",
        "CASE WHEN a = 1 THEN b WHEN b = 1 THEN a ELSE 9 END", "CASE WHEN a > b THEN NULL ELSE 1 END", "3",
    ],
)  # fmt: skip
def test_an_expression_gives_what_the_engine_gives(expression):
    assert by_arrays(expression) == by_engine(expression)


ATOMS = st.sampled_from(["a", "b", "0", "1", "2.5", "NULL"])
NUMBERS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"COALESCE({t[0]}, {t[1]})"),
    ),
    max_leaves=4,
)
CONDITIONS = st.recursive(
    st.tuples(NUMBERS, st.sampled_from(["=", "<>", "<", ">="]), NUMBERS).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda one: f"NOT ({one})"),
        inner.map(lambda one: f"({one}) IS NULL"),
    ),
    max_leaves=4,
)


@given(CONDITIONS, NUMBERS, NUMBERS)
def test_any_case_of_any_condition_gives_what_the_engine_gives(condition, then, otherwise):
    expression = f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
    assert by_arrays(expression) == pytest.approx(by_engine(expression))


@pytest.mark.parametrize(
    "expression", ["upper(a)", "a LIKE 'x'", "SUM(a)", "a =", "'x'", "a / b", "a / 0", "CASE a WHEN 1 THEN 2 END"]
)
def test_what_is_not_understood_is_left_to_the_engine(expression):
    assert worked(expression) is None


def test_every_definition_of_a_whole_period_is_understood():
    spanned = [v for k in CATALOGUE.values() if k.table and panel(k.table).spanned for v in (k, *k.variants)]
    assert len(spanned) >= 8
    assert all(worked(side(part)) for kpi in spanned for part in (kpi.numerator, kpi.denominator))
