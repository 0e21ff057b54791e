"""A figure against the period before and against its target, in words that claim no more than the intervals allow.

What is divided (a share, a mean) has an interval, and a difference is told only where the interval of the difference
leaves out zero. A total has none: its change is told as the plain fact that it is.
"""

from dataclasses import dataclass
from typing import Any

from kpilib import units
from kpilib.change.simpson import HIDDEN, Turn
from kpilib.compute.comparing import Windows
from kpilib.language import N_
from kpilib.periods import Months, label

from .measures import Gap
from .standing import Row, Standing, apart, by_chance
from .words import Words, low, missing

BETTER, WORSE, NONE = "better", "worse", "none"
#: Counts and sums from here on are told in short: "€1.2M".
_SHORT_FROM = 10_000

_NO_EARLIER = N_("no earlier period in the data")
_NOT_OVER = N_("{month} is not over; nothing is compared yet")
_NOTHING = N_("nothing to compare with in {period}")
_CHANGED = N_("{arrow} {by} {since} ({interval})")
_CHANCE = N_("no change beyond chance ({interval})")
_UNSURE = N_("{arrow} {by} {since}; it has no interval, so that chance cannot be told from a change")
_GROWN = N_("{arrow} {by} {since}")
_SAME = N_("no change {since}")
_YOUNG = N_("{months} is too young to tell; nothing is compared yet ({n} rows)")
_BOTH = N_("{now}: {value}. {before}: {earlier}.")
_LEFT_OUT = N_("{month} is not over, and left out of both.")
_TURNED = N_("Beware: within {dimension} the opposite holds.")
_HIDDEN = {
    1: N_("Beware: within {dimension} most are higher, beyond chance; the mix hides it."),
    -1: N_("Beware: within {dimension} most are lower, beyond chance; the mix hides it."),
}
_WINDOWS = N_("{now} against {before}")
_AT_TARGET = N_("{period} against its target")

_UNDER = N_("{by} under target ({part} of {target})")
_OVER = N_("{by} over target ({part} of {target})")
_MET = N_("on target ({target})")
_SO_FAR = N_("{part} of the month's target of {target}; the month is not over")
_UNDER_ALONE = N_("{by} under the target of {target}")
_OVER_ALONE = N_("{by} over the target of {target}")
_ABOVE = N_("{by} above {target}")
_BELOW = N_("{by} below {target}")
_WITHIN = N_("within chance of {target}")
_ABOVE_UNSURE = N_("{by} above {target}; it has no interval, so that chance cannot be told from a difference")
_BELOW_UNSURE = N_("{by} below {target}; it has no interval, so that chance cannot be told from a difference")
_AIMED = N_("Target for {period}: {target}; reached: {value}.")


@dataclass(frozen=True)
class Told:
    """A sentence about a figure; whether what it says is better, worse or neither; and what stands behind it.

    `against` says with what it was compared, in the reader's language (empty text: with nothing), and `p` how often
    chance alone would show as much (missing where there is no interval).
    """

    text: str
    direction: str = NONE
    behind: str = ""
    against: str = ""
    p: float = float("nan")


def change(found: Standing, words: Words) -> Told | None:
    """How a figure has changed since the window before its own; None for a KPI without time."""
    compared = found.windows
    if compared is None:
        return None
    if compared.now is None or found.now is None:
        if compared.young is not None:
            return Told(words.say(_YOUNG, months=_period(compared.young, words), n=words.count(found.young)))
        return Told(words.say(_NOT_OVER, month=_month(compared.left_out)))
    if compared.before is None or found.before is None:
        return Told(words.say(_NO_EARLIER))
    for row, window in ((found.now, compared.now), (found.before, compared.before)):
        if missing(row["value"]):
            return Told(words.say(_NOTHING, period=_period(window, words)), NONE, _left_out(found, words))
    text, direction = (_grown if found.kpi.total else _changed)(found, _since(found.kpi, compared, words), words)
    if found.turned is not None:
        # Neither good nor bad until somebody has looked: the parts disagree with the whole.
        text, direction = f"{_beware(found.turned, words)} {text}", NONE
    p = by_chance(found.kpi, found.now, found.before)
    return Told(text, direction, _behind(found, compared, words), _windows(compared, words), p)


def _beware(turn: Turn, words: Words) -> str:
    message = _HIDDEN[turn.way] if turn.kind == HIDDEN else _TURNED
    return words.say(message, dimension=low(words.dimension(turn.dimension)))


def aim(found: Standing, words: Words) -> Told | None:
    """How a figure stands against its target; None where it has none that it can be compared with."""
    row = found.now or found.row
    if found.aim is None or found.window is None or missing(row["value"]):
        return None
    if found.windows is not None and found.windows.young is not None and found.now is None:
        return None  # what has told so far says little of what it will have told
    unit, value, target = found.kpi.unit, row["value"], found.aim.value
    behind = words.say(
        _AIMED, period=_period(found.window, words), target=words.text(target, unit), value=words.text(value, unit)
    )
    if found.now is not None and (left := _left_out(found, words)):
        behind = f"{behind} {left}"
    text, direction = (_reached if found.kpi.total else _held)(found, row, words)
    aimed = words.say(_AT_TARGET, period=_period(found.window, words))
    return Told(text, direction, behind, aimed, _chance(found, row))


def _chance(found: Standing, row: Row) -> float:
    """How often chance alone would put a figure so far from its target."""
    assert found.aim is not None
    return by_chance(found.kpi, row, {"value": found.aim.value}, exact=True)


def _changed(found: Standing, since: str, words: Words) -> tuple[str, str]:
    """What is divided: a difference beyond chance, or none."""
    assert found.now is not None
    assert found.before is not None
    between, unit = apart(found.kpi, found.now, found.before), found.kpi.unit
    by = between.value
    given = {"arrow": _arrow(by), "by": _size(by, unit, words), "since": since}
    if missing(between.low):
        return (words.say(_UNSURE, **given) if by else words.say(_SAME, since=since)), NONE
    if not between.supported:
        return words.say(_CHANCE, interval=_signed_ends(between, unit, words)), NONE
    return words.say(_CHANGED, interval=_ends(between, unit, words), **given), _direction(by, found.kpi)


def _grown(found: Standing, since: str, words: Words) -> tuple[str, str]:
    """A total: so many per cent more or less; in its unit where it started at nothing, or below."""
    assert found.now is not None
    assert found.before is not None
    value, before = found.now["value"], found.before["value"]
    by = value - before
    size = words.text(abs(by) / before, "share") if before > 0 else _size(by, found.kpi.unit, words)
    if not by or size == words.text(0, "share" if before > 0 else found.kpi.unit):
        return words.say(_SAME, since=since), NONE
    return words.say(_GROWN, arrow=_arrow(by), by=size, since=since), _direction(by, found.kpi)


def _reached(found: Standing, row: Row, words: Words) -> tuple[str, str]:
    """A total: so much under or over its target."""
    assert found.aim is not None
    unit, target, by = found.kpi.unit, found.aim.value, row["value"] - found.aim.value
    aimed = words.short(target, unit)
    if target <= 0:
        said = words.say(_UNDER_ALONE if by < 0 else _OVER_ALONE, by=_size(by, unit, words), target=aimed)
        return (said, _direction(by, found.kpi)) if by else (words.say(_MET, target=aimed), NONE)
    part = _part(row["value"] / target, words)
    if found.kpi.at == "flow" and found.now is None:
        return words.say(_SO_FAR, part=part, target=aimed), NONE
    if part == words.text(1, "share"):
        return words.say(_MET, target=aimed), NONE
    said = words.say(_UNDER if by < 0 else _OVER, by=_size(by, unit, words), part=part, target=aimed)
    return said, _direction(by, found.kpi)


def _held(found: Standing, row: Row, words: Words) -> tuple[str, str]:
    """What is divided: above or below its target where the interval leaves the target out."""
    assert found.aim is not None
    unit, by = found.kpi.unit, row["value"] - found.aim.value
    target = _named(found, words)
    given = {"by": _size(by, unit, words), "target": target}
    if missing(row["low"]) or missing(row["high"]):
        if not by:
            return words.say(_MET, target=words.text(found.aim.value, unit)), NONE
        return words.say(_ABOVE_UNSURE if by > 0 else _BELOW_UNSURE, **given), NONE
    if row["low"] <= found.aim.value <= row["high"]:
        return words.say(_WITHIN, target=target), NONE
    return words.say(_ABOVE if by > 0 else _BELOW, **given), _direction(by, found.kpi)


def _named(found: Standing, words: Words) -> str:
    """The target, whose it is and of which month, where that is not plain."""
    assert found.aim is not None
    given = {"value": words.text(found.aim.value, found.kpi.unit), "month": _month(found.aim.month)}
    if found.aim.company and found.aim.month is not None:
        return words.say("the company's target of {value} for {month}", **given)
    if found.aim.company:
        return words.say("the company's target of {value}", **given)
    if found.aim.month is not None:
        return words.say("the target of {value} for {month}", **given)
    return words.say("the target of {value}", **given)


def _since(kpi: Any, compared: Windows, words: Words) -> str:
    """What a figure is compared with, in a few words."""
    n, apart = compared.months, compared.apart
    assert compared.before is not None
    if kpi.at == "start":
        return words.say("since the start of {month}", month=_month(compared.before[0]))
    if kpi.at == "end":
        return words.say("since the end of {month}", month=_month(compared.before[0]))
    if apart == n:
        return words.plural(n, "since the month before", "since the {n} months before", n=n)
    if apart == 12:
        return words.plural(n, "since the same month a year before", "since the same months a year before")
    return words.plural(n, "since the same month of the period before", "since the same months of the period before")


def _windows(compared: Windows, words: Words) -> str:
    """The two windows in words."""
    assert compared.now is not None
    assert compared.before is not None
    return words.say(_WINDOWS, now=_period(compared.now, words), before=_period(compared.before, words))


def _behind(found: Standing, compared: Windows, words: Words) -> str:
    assert compared.now is not None
    assert compared.before is not None
    assert found.now is not None
    assert found.before is not None
    unit = found.kpi.unit
    both = words.say(
        _BOTH, now=_period(compared.now, words), value=words.text(found.now["value"], unit),
        before=_period(compared.before, words), earlier=words.text(found.before["value"], unit),
    )  # fmt: skip
    return " ".join(part for part in (both, _left_out(found, words)) if part)


def _left_out(found: Standing, words: Words) -> str:
    """What is on neither side, and why: too young to tell, or not over."""
    compared = found.windows
    if compared is not None and compared.young is not None:
        return words.plural(
            found.young, "{n} row of {months} is too young to tell, and left out of both.",
            "{n} rows of {months} are too young to tell, and left out of both.", n=words.count(found.young),
            months=_period(compared.young, words),
        )  # fmt: skip
    left = None if compared is None else compared.left_out
    return "" if left is None else words.say(_LEFT_OUT, month=_month(left))


def _month(month: int | None) -> str:
    return "" if month is None else label(month, "month")


def _period(window: Months, words: Words) -> str:
    first, last = (_month(month) for month in window)
    return first if first == last else words.say("{first} to {last}", first=first, last=last)


def _direction(by: float, kpi: Any) -> str:
    good = {"higher": 1, "lower": -1}.get(kpi.better, 0) * by
    return BETTER if good > 0 else WORSE if good < 0 else NONE


def _arrow(by: float) -> str:
    return "▲" if by > 0 else "▼"


def _part(part: float, words: Words) -> str:
    """Whole per cent, but never 100% for what is not."""
    whole, all_of_it = (units.text(one, "share", locale=words.locale, precision=0) for one in (part, 1))
    return units.text(part, "share", locale=words.locale, precision=1) if whole == all_of_it else whole


def _size(by: float, unit: str, words: Words) -> str:
    """A difference without its sign, as short as a tile has it."""
    if unit in ("count", "money", "money/day") and abs(by) >= _SHORT_FROM:
        return words.short(abs(by), unit)
    return words.difference(abs(by), unit).removeprefix("+")


def _signed(by: float, unit: str, words: Words) -> str:
    sign = "+" if by > 0 else "−"
    said = words.difference(by, unit)
    return sign + _size(by, unit, words) if said[:1] in "+−" else said


def _bare(by: float, unit: str) -> tuple[float, str]:
    """A number whose unit is said once, at the end: points, days, hours."""
    return (by * 100, "score") if unit == "share" else (by, "score") if unit in units.DURATIONS else (by, unit)


def _ends(between: Gap, unit: str, words: Words) -> str:
    """Both ends of a difference beyond chance, without signs: "1.0 to 5.2"."""
    low, high = sorted((abs(between.low), abs(between.high)))
    first, last = (_size(*_bare(_rounded(end, high, unit), unit), words) for end in (low, high))
    return words.say("{low} to {high}", low=first, high=last)


def _signed_ends(between: Gap, unit: str, words: Words) -> str:
    """Both ends of a difference around zero: "−1.2 to +2.0 points"."""
    widest = max(-between.low, between.high)
    low, high = (_rounded(end, widest, unit) for end in (between.low, between.high))
    return words.say("{low} to {high}", low=_signed(*_bare(low, unit), words), high=_signed(high, unit, words))


def _rounded(end: float, widest: float, unit: str) -> float:
    """An end of an interval without the cents that its other end does not have."""
    return float(round(end)) if unit.startswith("money") and widest >= 100 else end
