"""Whether the answers to a survey's question are on the scale that the model takes them for. Said, never changed."""

from collections.abc import Collection

import duckdb

from kpilib.model.voice import may_begin_at_one

_FROM_ONE = (
    "surveys: the {n:,} answers to nps run from 1 to 10 and none is 0, so the scale may begin at 1. They are counted "
    "as written: 1 to 6 are detractors, 9 and 10 promoters. Say so beside the NPS, and do not compare it with one of "
    "0 to 10"
)


def notes(con: duckdb.DuckDBPyConnection, have: Collection[str]) -> list[str]:
    """What must be said of the scales of the surveys written into `made`; nothing without surveys."""
    if "surveys" not in have:
        return []
    asked = "SELECT count(score), min(score), count(*) FILTER (WHERE score = 1) FROM made.surveys WHERE metric = 'nps'"
    n, low, ones = con.execute(asked).fetchone() or (0, None, 0)
    return [_FROM_ONE.format(n=n)] if low is not None and may_begin_at_one(low, ones) else []
