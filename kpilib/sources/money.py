"""Which currency the figures are in."""

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb

from kpilib.model.shared import NO_CURRENCY
from kpilib.sources.shaping import Shape


def reporting(
    con: duckdb.DuckDBPyConnection, shapes: Sequence[Shape], wanted: str, rates: Mapping[str, float]
) -> tuple[str, list[str]]:
    """The reporting currency: the one asked for, else the most frequent one of the files, else `XXX`.

    Returns
    -------
    tuple of (str, list of str)
        The code, and a note where several currencies are met or none is said.
    """
    met: Counter[str] = Counter()
    for shape in shapes:
        value = shape.values.get("currency")
        if value is not None and value.given != "FALSE":
            sql = f"SELECT {value.read}, count(*) FROM {shape.origin} WHERE {value.given} GROUP BY 1"
            met.update({str(code): n for code, n in con.execute(sql).fetchall() if code})
    code = wanted or (sorted(met.items(), key=lambda item: (-item[1], item[0]))[0][0] if met else NO_CURRENCY)
    others = [f"{c} ({n:,} rows, {_what(c, rates)})" for c, n in met.most_common() if c != code]
    if others:
        return code, [f"amounts are reported in {code}; there is also {', '.join(others)}"]
    if not met and any("amount" in s.values or "revenue" in s.values for s in shapes):
        said = "no file says its currency" + (
            f": all amounts are taken as {code}" if wanted else ": give it, e.g. --currency EUR"
        )
        return code, [said]
    return code, []


def _what(code: str, rates: Mapping[str, float]) -> str:
    return f"converted at {rates[code]:g}" if code in rates else "refused for want of a rate"
