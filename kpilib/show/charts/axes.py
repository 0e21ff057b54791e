"""Axes: from where to where, at which round places the ticks stand, and what they say."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import floor, isfinite, log10
from typing import Any

from babel.numbers import format_compact_decimal

from kpilib import units
from kpilib.show.words import Words


@dataclass(frozen=True)
class Places:
    """The stretch of an axis, from `low` to `end`."""

    low: float
    end: float


def stretch(columns: Iterable[Iterable[Any]], zero: bool = True) -> Places:
    """The axis for these values: from zero (or from below it, where a value is) to the largest.

    Values that are missing do not count; without any value the axis goes from 0 to 1.
    """
    values = [float(v) for column in columns for v in column if v is not None and isfinite(v)]
    low = min([*values, 0.0] if zero else values, default=0.0)
    end = max([*values, 0.0] if zero else values, default=1.0)
    return Places(low, end if end > low else low + (abs(low) or 1.0))


def roomy(places: Places, part: float = 0.06) -> Places:
    """The same stretch with some room at either end, for what would touch the edge; zero stays an end."""
    room = part * (places.end - places.low)
    return Places(places.low - (room if places.low else 0), places.end + (room if places.end else 0))


def ticks(places: Places, most: int = 4) -> list[float]:
    """Round places for at most so many intervals between ticks, all between the axis' start and its end.

    Examples
    --------
    >>> ticks(Places(0, 0.65), 4)
    [0.0, 0.2, 0.4, 0.6]
    """
    raw = (places.end - places.low) / most
    size = 10 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    first = -floor(-places.low / step + 1e-9)
    last = floor(places.end / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def along(name: str, places: Places, unit: str, words: Words, most: int = 4) -> dict[str, Any]:
    """The signals of an axis called `name`: where it starts and ends, where its ticks stand, what they say."""
    at = ticks(places, most)
    said = list(tick_texts(tuple(at), unit, words.locale))
    return {f"{name}_low": places.low, f"{name}_end": places.end, f"{name}_ticks": at, f"{name}_said": said}


@lru_cache(maxsize=1024)
def tick_texts(at: tuple[float, ...], unit: str, locale: str = "en") -> tuple[str, ...]:
    """What stands at the ticks: no currency (the axis' title has it), no decimals that are only zeros.

    Examples
    --------
    >>> tick_texts((0.0, 0.5, 1.0), "share"), tick_texts((0.0, 5e5, 1e6), "money")
    (('0%', '50%', '100%'), ('0', '500K', '1M'))
    """
    plain = "share" if unit == "share" else "count"
    if plain == "count" and max(map(abs, at), default=0) >= units.COMPACT_FROM:
        where = locale.replace("-", "_")
        short = [format_compact_decimal(v, format_type="short", locale=where, fraction_digits=2) for v in at]
        return tuple(text.replace("-", "−") for text in short)
    scale = 100 if unit == "share" else 1
    decimals = next((d for d in range(6) if all(abs(round(v * scale, d) - v * scale) < 1e-9 for v in at)), 6)
    return tuple(units.text(v, plain, locale=locale, precision=decimals) for v in at)
