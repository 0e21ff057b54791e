"""A chart as data: a skeleton that is built once a structure, and the records and signals that fill it.

What a page sends again after each change of the choice is `Plot.data` and `Plot.signals`; the skeleton goes once. Here
is also what every chart needs: which columns, where an axis starts and ends, where its ticks stand and what they say.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, TypeAlias

import altair as alt
import pandas as pd

from kpilib.compute.frames import lists
from kpilib.errors import BadInput, CannotAnswer
from kpilib.show.words import Words, missing

from . import renderer
from .theme import WIDTH

Record: TypeAlias = dict[str, Any]

# From here on the ticks of counts and money are written 10K, 10M.
# How tall a user's chart is that does not say so, and what its axes and its legend add.
_HEIGHT, _AXES = 300, 50


class Nothing(CannotAnswer):
    """There is no row to draw; a page says so in words."""


class Skeleton:
    """A Vega-Lite chart without data: its datasets are named, its parameters have no value yet.

    Parameters
    ----------
    spec : mapping
        Vega-Lite, as Altair writes it.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = dict(spec)

    @cached_property
    def key(self) -> str:
        """A name that two skeletons share only if they are the same."""
        return sha256(json.dumps(self.spec, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @cached_property
    def vega(self) -> dict[str, Any]:
        """The same in Vega, which a browser needs no compiler for; some 20 ms, once. Not before a fork."""
        return renderer.compiled(self.spec)


@dataclass(frozen=True, eq=False)
class Plot:
    """A chart: the functions of `charts` return one, `render` draws it, a page sends it.

    Parameters
    ----------
    form : Skeleton
        What all charts of this structure share.
    data : mapping of str to list of dict
        The records, by dataset.
    signals : mapping of str to object
        The values of the skeleton's parameters.
    height : float
        How tall the chart is with its axes, in its own units: as tall as its SVG.

    Examples
    --------
    >>> chart = alt.Chart(pd.DataFrame({"a": [1, 2]})).mark_point().encode(x="a:Q")
    >>> Plot.of(chart).data
    {'d0': [{'a': 1}, {'a': 2}]}
    """

    form: Skeleton
    data: Mapping[str, list[Record]]
    signals: Mapping[str, Any] = field(default_factory=dict)
    height: float = _HEIGHT

    @property
    def key(self) -> str:
        """The name of its structure; two charts of one key differ in data and signals only."""
        return self.form.key

    @property
    def skeleton(self) -> dict[str, Any]:
        """Its structure in Vega-Lite, without data."""
        return self.form.spec

    def spec(self) -> dict[str, Any]:
        """The whole chart in Vega-Lite: skeleton, data and signals."""
        spec = {**self.skeleton, "datasets": {**self.skeleton.get("datasets", {}), **self.data}}
        if "params" in spec:
            spec["params"] = [_bound(param, self.signals) for param in spec["params"]]
        return spec

    def vega(self, wider: float = 1.0, titled: bool = True) -> dict[str, Any]:
        """The whole chart in Vega, as `render` draws it: nothing is compiled once the structure is known.

        Parameters
        ----------
        wider : float
            How many times as wide as on a telephone, for a chart that fits what holds it.
        titled : bool
            Whether the chart keeps its own title.
        """
        vega, signals = dict(self.form.vega), dict(self.signals)
        if not titled:
            vega.pop("title", None)
        if _fits(vega):
            vega["width"] = signals["room"] = round(vega["width"] * wider)
        vega["signals"] = [_bound(signal, signals) for signal in vega.get("signals", ())]
        vega["data"] = [
            {**source, "values": self.data[source["name"]]} if source["name"] in self.data else source
            for source in vega.get("data", ())
        ]
        return vega

    def sent(self, label: str, have: Iterable[str] = ()) -> dict[str, Any]:
        """What a browser needs to draw it: the contract of ``web/chart.js``.

        Parameters
        ----------
        label : str
            What the chart shows, in words.
        have : iterable of str
            The keys that the browser has already; their skeleton is not sent again.
        """
        said = {"key": self.key, "data": self.data, "signals": self.signals, "height": self.height, "alt": label}
        return said if self.key in have else {**said, "skeleton": self.form.vega}

    @classmethod
    def of(cls, chart: "alt.TopLevelMixin | Plot") -> "Plot":
        """Any Altair chart as a `Plot`; its datasets are called d0, d1, …"""
        if isinstance(chart, Plot):
            return chart
        spec = chart.to_dict(validate=False)
        names = {name: f"d{at}" for at, name in enumerate(spec.get("datasets", {}))}
        data = {names[name]: records for name, records in spec.pop("datasets", {}).items()}
        spec = _renamed(spec, names)
        if "width" not in spec and ("mark" in spec or "layer" in spec):
            spec |= {"width": WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
        height = spec.get("height", _HEIGHT)
        tall = (height if isinstance(height, (int, float)) else _HEIGHT) + _AXES
        return cls(_skeleton_of(json.dumps(spec, sort_keys=True, default=str)), data, height=tall)


@lru_cache(maxsize=64)
def _skeleton_of(spec: str) -> Skeleton:
    return Skeleton(json.loads(spec))


def _fits(spec: Mapping[str, Any]) -> bool:
    """Whether a chart is as wide as it is told to be, its axes included."""
    size = spec.get("autosize")
    return "width" in spec and isinstance(size, dict) and size.get("type") == "fit-x"


def _bound(param: Record, values: Mapping[str, Any]) -> Record:
    return {**param, "value": values[param["name"]]} if param["name"] in values else param


def _renamed(spec: Any, names: Mapping[str, str]) -> Any:
    """The specification with its datasets called by other names."""
    if isinstance(spec, list):
        return [_renamed(part, names) for part in spec]
    if not isinstance(spec, dict):
        return spec
    spec = {name: _renamed(part, names) for name, part in spec.items()}
    data = spec.get("data")
    if isinstance(data, dict) and data.get("name") in names:
        spec["data"] = {**data, "name": names[data["name"]]}
    return spec


def checked(frame: pd.DataFrame, *columns: str, also: Sequence[str] = ()) -> dict[str, list[Any]]:
    """These columns of the frame as lists, None where nothing was observed; and those of `also` that it has.

    Raises
    ------
    BadInput
        A column is not there.
    Nothing
        The frame has no row.
    """
    lacking = [column for column in columns if column not in frame]
    if lacking:
        raise BadInput(
            f"The chart needs the column {lacking[0]!r}; the frame has {', '.join(map(repr, frame.columns))}."
        )
    if frame.empty:
        raise Nothing("No row matches.")
    found = [*columns, *(column for column in also if column in frame)]
    values = dict(zip(frame.columns, lists(frame), strict=True))
    return {column: [None if missing(v) else v for v in values[column]] for column in found}


def records(columns: Mapping[str, Sequence[Any]]) -> list[Record]:
    """Columns of one length as one record a row.

    Examples
    --------
    >>> records({"group": ["A", "B"], "value": [1, None]})
    [{'group': 'A', 'value': 1}, {'group': 'B', 'value': None}]
    """
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def tip(title: str, words: Words, unit: str, name: str, row: Mapping[str, Any]) -> dict[str, str]:
    """What a mark says when it is pointed at: its name, its value, its interval, its count, in the reader's words.

    Parameters
    ----------
    title : str
        The mark's own name.
    name : str
        What its value is.
    row : mapping
        `value` and, where there are, `low`, `high` and `rows`.
    """
    said = {"title": title, name or words.say("Value"): words.text(row["value"], unit)}
    if row.get("low") is not None and row.get("high") is not None:
        said[words.say("95% interval")] = words.interval(row["low"], row["high"], unit)
    if row.get("rows") is not None:
        said[words.say("Rows")] = words.count(row["rows"])
    return said
