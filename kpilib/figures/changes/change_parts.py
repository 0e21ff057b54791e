"""Why a KPI changed between the window before and the window in force: a waterfall of what members and mix have added.

The split is that of `Book.explain`, for the two windows that a tile compares. Where parts say the opposite of the
whole, the sentence says so first.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.change.explain import Explanation, Part, explained
from kpilib.compute.comparing import Windows, windows
from kpilib.errors import CannotAnswer
from kpilib.figures.changing import dealt, key_of, months
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import Months, label, month_of, range_label
from kpilib.show.charts.waterfall import waterfall
from kpilib.show.choices import offered
from kpilib.show.figure import Drawn
from kpilib.show.live import Look, look_key
from kpilib.show.tables import of_difference
from kpilib.show.view import View
from kpilib.show.words import Words, low, missing

#: In the list of dimensions: the one that explains most is looked for.
MOST = "most"
#: So many members have a bar of their own; the others share one.
_OWN = 8
_MEMBER, _FACTOR, _BEFORE, _NOW = N_("Member"), N_("Factor"), N_("Before"), N_("Now")
_SHARE_BEFORE, _SHARE_NOW = N_("Share before"), N_("Share now")
_MIX, _RATE, _ADDED, _INTERVAL, _WITHOUT = (
    N_("By mix"), N_("By its own change"), N_("It has added"), N_("95% interval"), N_("Change without it"),
)  # fmt: skip
_OTHERS = N_("{n} others")
_NONE_BEFORE = N_("There is no window before {window} in the data, so that there is no change to explain.")
_NOT_OVER = N_("{month} is not over; nothing is compared yet.")
_TOO_YOUNG = N_("{window} is too young to tell; nothing is compared yet.")
_HOW = N_(
    "Mix is what changed because members with a high or a low {measure} made up more or less of the whole; a member's "
    "own bar is what changed within it. The parts add up to the change exactly."
)
_HOW_TOTAL = N_("Each bar is what a member has added to the change of the total; together they are the whole change.")
_HOW_FACTORS = N_("Each bar is what one factor has added, averaged over all orders in which they may change (Shapley).")


def dimensions(book: Any, names: Sequence[str], panel_name: str | None = None) -> list[str]:
    """What the figure's list offers: the dimension that explains most, then those in which these data differ."""
    return [MOST, *offered(book, names, panel_name)]


def parts(view: View, measure: str, by: str = MOST) -> Drawn:
    """What made a KPI change since the window before: mix and rate, member by member.

    Parameters
    ----------
    measure : str
        The name of a KPI, as `versus_slices.measures` lists it.
    by : str
        A dimension, or `MOST`: the one that explains most, found with a correction for having searched.

    Raises
    ------
    CannotAnswer
        There is no window before, these data lack what the KPI needs, or it does not add up by that dimension.
    """
    words, key = view.words, key_of(view.book, measure)
    kpi = view.book.kpis[key]
    if reason := view.book.why_not(key, view.locale):
        raise CannotAnswer(reason, key)
    now, before = _windows(view, kpi)
    found = explained(view.book, key, before, now, by=None if by == MOST else by, where=dict(view.where) or None)
    chart = waterfall(_bars(found, words), unit=kpi.unit, words=words, measure=_axis(kpi, words))
    rows = None if found.parts else 0
    text = dealt(view, now, before)
    return Drawn(
        found.said(view.locale), chart, _table(found, words), rows, _note(found, kpi, words),
        text, _drill(found, key, now, view), (_look(found, view, now, before),),
    )  # fmt: skip


def _windows(view: View, kpi: Any) -> tuple[Months, Months]:
    """The two windows that a tile of the KPI compares."""
    first, last = months(view)
    start = month_of(view.book.first_month)
    compared: Windows = windows(first, last, view.book.as_of, start, kpi.at, kpi.matures)
    if compared.now is None and compared.young is not None:
        raise CannotAnswer(view.words.say(_TOO_YOUNG, window=range_label(*compared.young)))
    if compared.now is None:
        raise CannotAnswer(view.words.say(_NOT_OVER, month=label(compared.left_out or last, "month")))
    if compared.before is None:
        raise CannotAnswer(view.words.say(_NONE_BEFORE, window=range_label(*compared.now)))
    return compared.now, compared.before


def _bars(found: Explanation, words: Words) -> pd.DataFrame:
    """The bars: mix together, each member's own change, the largest first, and the whole change."""
    kpi = found.kpi
    ordered = sorted(found.parts, key=lambda part: -abs(_own(part)))
    bars = [_bar(_said(part, found, words), _own(part), part.rate_low, part.rate_high, kpi) for part in ordered[:_OWN]]
    if len(ordered) > _OWN:
        left = ordered[_OWN:]
        name = words.say(_OTHERS, n=words.count(len(left)))
        bars.append(_bar(name, sum(_own(part) for part in left), None, None, kpi))
    if found.mix or not (kpi.total or kpi.powers):
        bars.insert(0, _bar(words.say("Mix"), found.mix, found.mix_low, found.mix_high, kpi))
    whole = _bar(words.say("The whole change"), found.total, found.low, found.high, kpi) | {"kind": "sum"}
    return pd.DataFrame([*bars, whole])


def _own(part: Part) -> float:
    return 0.0 if missing(part.rate) else part.rate


def _bar(name: str, value: float, low_end: float | None, high_end: float | None, kpi: Any) -> dict[str, Any]:
    good = {"higher": 1, "lower": -1}.get(kpi.better, 0) * value
    by_chance = not missing(low_end) and not missing(high_end) and low_end <= 0 <= high_end  # type: ignore[operator]
    direction = "none" if by_chance or not good else "better" if good > 0 else "worse"
    return {"group": name, "value": value, "kind": "step", "low": low_end, "high": high_end, "rows": None,
            "direction": direction}  # fmt: skip


def _said(part: Part, found: Explanation, words: Words) -> str:
    """What a bar is called: the member, or the factor's name."""
    if found.kpi.powers:
        from kpilib.catalogue import CATALOGUE

        return words.say(CATALOGUE[part.member].name) if part.member in CATALOGUE else part.member
    return words.member(found.dimension, part.member)


def _table(found: Explanation, words: Words) -> pd.DataFrame:
    """Each member with its share and its value on both sides, and what it has added."""
    kpi, listed = found.kpi, found.parts
    unit, head = kpi.unit, _FACTOR if kpi.powers else DIMENSIONS[found.dimension].label if found.dimension else _MEMBER
    columns: dict[str, Any] = {head: [_said(part, found, words) for part in listed]}
    if not kpi.powers:
        columns |= {_SHARE_BEFORE: [part.weight_before for part in listed], _SHARE_NOW: [p.weight_now for p in listed]}
        columns |= {_BEFORE: [part.rate_before for part in listed], _NOW: [part.rate_now for part in listed]}
    if not kpi.total and not kpi.powers:
        columns[_MIX] = [words.difference(part.mix, unit) for part in listed]
    own = _ADDED if kpi.total or kpi.powers else _RATE
    columns[own] = [words.difference(part.rate, unit) for part in listed]
    columns[_INTERVAL] = [of_difference(part.rate_low, part.rate_high, unit, words) for part in listed]
    if not kpi.powers:
        columns[_WITHOUT] = [words.difference(part.without, unit) for part in listed]
    table = pd.DataFrame(columns)
    units = {_SHARE_BEFORE: "share", _SHARE_NOW: "share", _BEFORE: unit, _NOW: unit}
    table.attrs["units"] = {name: one for name, one in units.items() if name in table}
    return table


def _note(found: Explanation, kpi: Any, words: Words) -> str:
    if kpi.powers:
        return words.say(_HOW_FACTORS)
    return words.say(_HOW_TOTAL) if kpi.total else words.say(_HOW, measure=low(words.say(kpi.name)))


def _axis(kpi: Any, words: Words) -> str:
    return words.say("Change: {measure}", measure=low(words.say(kpi.name)))


def _drill(found: Explanation, key: str, now: Months, view: View) -> dict[str, str | None] | None:
    """The records of the window in force, by member; those of the window before are another page's."""
    if found.kpi.powers or months(view) != now:
        return None
    return {"kpi": key, "field": found.dimension or None}


def _look(found: Explanation, view: View, now: Months, before: Months) -> Look:
    """An explanation is a comparison too; its p is corrected for the dimensions that were searched."""
    words = view.words
    key = look_key(found.kpi, now, (before, "by", found.dimension), view.where)
    named = low(words.dimension(found.dimension))
    what = words.say(
        "Why did it change? {kpi}, by {dimension} ({slice})", kpi=words.say(found.kpi.name), dimension=named,
        slice=dealt(view, now, before),
    )  # fmt: skip
    return Look(key, what, found.p)
