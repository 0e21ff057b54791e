"""An SQL expression over one row, worked out for many rows at once on arrays. NumPy, and sqlglot to read it.

What has no number (NULL) is NaN. A condition is 1 or 0, or NaN where it depends on what is not known, as in SQL. Only
what definitions of KPIs are made of is understood: names, numbers, arithmetic, comparisons, AND, OR, NOT, CASE, IN,
IS NULL, COALESCE.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sqlglot
from numpy.typing import NDArray
from sqlglot import exp

Floats = NDArray[np.float64]
#: A column's numbers by its name, one a row; asked for when an expression reads it.
Row = Callable[[str], Floats]
Work = Callable[[Row], Any]

_ARITHMETIC: dict[type[Any], Callable[[Any, Any], Any]] = {
    exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul,
}  # fmt: skip
_COMPARISONS: dict[type[Any], Callable[[Any, Any], Any]] = {
    exp.EQ: np.equal, exp.NEQ: np.not_equal, exp.LT: np.less, exp.LTE: np.less_equal, exp.GT: np.greater,
    exp.GTE: np.greater_equal,
}  # fmt: skip


@lru_cache(maxsize=256)
def worked(expression: str) -> Work | None:
    """The function that works an expression out, given its columns; None for an expression it does not understand.

    Examples
    --------
    >>> columns = {"lost": np.array([1.0, 0.0, np.nan]), "opening": np.array([1.0, 1.0, 1.0])}
    >>> work = worked("CASE WHEN lost = 1 AND opening = 1 THEN 1 ELSE 0 END")
    >>> work(columns.__getitem__).tolist()
    [1.0, 0.0, 0.0]
    """
    try:
        return _made(sqlglot.parse_one(expression, dialect="duckdb"))
    except (_Strange, sqlglot.errors.SqlglotError):
        return None


class _Strange(Exception):
    """An expression that is not understood here; the engine will."""


def _made(node: Any) -> Work:
    kind = type(node)
    if kind is exp.Paren:
        return _made(node.this)
    if kind is exp.Column:
        return _column(node.name)
    if kind is exp.Literal and not node.is_string:
        return _constant(float(node.this))
    if kind is exp.Null:
        return _constant(float("nan"))
    if kind is exp.Neg:
        return _applied(operator.neg, node.this)
    if kind in _ARITHMETIC:
        return _applied(_ARITHMETIC[kind], node.this, node.expression)
    if kind is exp.Div and isinstance(node.expression, exp.Literal) and float(node.expression.this):
        return _applied(operator.truediv, node.this, node.expression)  # what x / 0 is, engines do not agree on
    if kind in _COMPARISONS:
        return _applied(_compared(_COMPARISONS[kind]), node.this, node.expression)
    return _logical(node)


def _logical(node: Any) -> Work:
    kind = type(node)
    if kind is exp.And:
        return _applied(_both, node.this, node.expression)
    if kind is exp.Or:
        return _applied(_either, node.this, node.expression)
    if kind is exp.Not:
        return _applied(lambda value: 1 - value, node.this)
    if kind is exp.Is and isinstance(node.expression, exp.Null):
        return _applied(lambda value: np.isnan(value).astype(float), node.this)
    if kind is exp.In and node.expressions:
        return _applied(lambda value, *among: reduce(_either, (_same(value, one) for one in among)), node.this,
                        *node.expressions)  # fmt: skip
    if kind is exp.Coalesce:
        return _applied(lambda *given: reduce(_filled, given), node.this, *node.expressions)
    if kind is exp.Case and node.this is None:
        return _cased(node)
    raise _Strange


def _cased(node: Any) -> Work:
    """CASE WHEN … THEN … ELSE … END: the first condition that holds decides."""
    pairs = [(_made(one.this), _made(one.args["true"])) for one in node.args["ifs"]]
    default = node.args.get("default")
    rest = _constant(float("nan")) if default is None else _made(default)

    def work(row: Row) -> Any:
        found = rest(row)
        for condition, value in reversed(pairs):
            found = np.where(condition(row) == 1, value(row), found)
        return found

    return work


def _column(name: str) -> Work:
    return lambda row: row(name)


def _constant(value: float) -> Work:
    return lambda row: value


def _applied(function: Callable[..., Any], *nodes: Any) -> Work:
    parts = [_made(node) for node in nodes]
    return lambda row: function(*(part(row) for part in parts))


def _compared(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda one, other: np.where(np.isnan(one) | np.isnan(other), np.nan, function(one, other))


_same = _compared(np.equal)


def _both(one: Any, other: Any) -> Any:
    """False where either is, whatever the other may be; not known where it depends on what is not."""
    return np.where((one == 0) | (other == 0), 0.0, np.where(np.isnan(one) | np.isnan(other), np.nan, 1.0))


def _either(one: Any, other: Any) -> Any:
    return 1 - _both(1 - one, 1 - other)


def _filled(one: Any, other: Any) -> Any:
    return np.where(np.isnan(one), other, one)
