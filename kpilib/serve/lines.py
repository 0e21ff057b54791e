"""The lines of an answer as bytes: JSON that a browser reads, with or without what a browser already has."""

import json
from typing import Any

from kpilib.serve.wire import Frame


def cut(line: dict[str, Any]) -> Frame:
    """A line of an answer, its chart's skeleton apart, for only those who do not have it yet are sent it.

    Examples
    --------
    >>> frame = cut({"kind": "piece", "chart": {"key": "ab", "data": {}, "skeleton": {"mark": "bar"}}})
    >>> frame.head["key"], whole(frame)
    ('ab', b'{"kind":"piece","chart":{"key":"ab","data":{},"skeleton":{"mark":"bar"}}}')
    >>> without(frame)
    b'{"kind":"piece","chart":{"key":"ab","data":{}}}'
    """
    chart = line.get("chart")
    if not chart or not chart.get("skeleton"):
        return Frame({"kind": "line"}, plain(line))
    bare = {name: value for name, value in chart.items() if name != "skeleton"}
    rest = {name: value for name, value in line.items() if name != "chart"}
    short = plain({**rest, "chart": bare})
    return Frame({"kind": "line", "key": chart["key"], "cut": len(short)}, short + plain(chart["skeleton"]))


def whole(frame: Frame) -> bytes:
    """A line with its chart's skeleton."""
    at = frame.head.get("cut")
    return frame.body if at is None else frame.body[: at - 2] + b',"skeleton":' + frame.body[at:] + b"}}"


def without(frame: Frame) -> bytes:
    """A line without its chart's skeleton."""
    return frame.body[: frame.head.get("cut")]


def plain(value: Any) -> bytes:
    """JSON that a browser reads: what is not a number is null."""
    try:
        return json.dumps(value, allow_nan=False, default=_plain, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        text = json.dumps(value, default=_plain)
        return plain(json.loads(text, parse_constant=lambda _: None))


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
