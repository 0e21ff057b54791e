"""The figures of the page "Glossary": every KPI with what it asks, how it is worked out, and what it is now.

`entries` are the KPIs of an axis, `finder` the list that finds them; how a figure is to be read is in `reading`. An
entry's words come from the catalogue and from the worked examples beside it: nothing is written here.
"""

from .entries import AXES, entries, finder
from .reading import MATURING, SEVERAL, SHARES, definitions, interval, on_fingers, young

__all__ = [
    "AXES", "MATURING", "SEVERAL", "SHARES", "definitions", "entries", "finder", "interval", "on_fingers", "young",
]  # fmt: skip
