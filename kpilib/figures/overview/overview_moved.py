"""What moved most, and why: the KPIs of the overview held against the window before, last year and their targets.

Twenty comparisons at once find one by chance alone: what is said to have moved stands after false-discovery control
over all of them (Benjamini and Hochberg, 5 %).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kpilib.change.compare import Comparison, compared
from kpilib.change.explain import Explanation, explained
from kpilib.change.looks import Looks
from kpilib.compute.comparing import targets_of
from kpilib.errors import CannotAnswer, KpilibError
from kpilib.figures.changing import months
from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.periods import range_label
from kpilib.show.charts.forest import forest
from kpilib.show.charts.plot import Nothing, Plot
from kpilib.show.figure import Drawn
from kpilib.show.live import Look, look_key
from kpilib.show.tables import of_difference
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

#: Of so many of the moves it is looked for what explains them.
EXPLAINED = 3
_VERDICTS = {
    "better": N_("better"), "worse": N_("worse"), "same": N_("within chance"), "higher": N_("higher"),
    "lower": N_("lower"), "unknown": N_("not known"),
}  # fmt: skip
_FIGURE, _NOW, _BEFORE, _CHANGE = N_("Figure"), N_("Now"), N_("The window before"), N_("Change")
_INTERVAL, _SAYS, _YEAR, _AIM = N_("95% interval"), N_("It is"), N_("A year before"), N_("Against target")
_WHY = N_("What explains it")
_QUIET = N_("Of {n} figures none moved by more than chance since the window before.")
_MOVED = N_("Of {n} figures with an interval these moved by more than chance: {names}.")
_NOT_COMPARED = N_("None of these figures can be compared with a window before.")
_NOTE = N_(
    "A bar of chance is as long for every figure: a point so many lengths from the line has moved so many times what "
    "chance alone explains; to the right is better. What is said to have moved stands after a correction for having "
    "looked at all of them. Totals are facts without an interval: they are in the table alone."
)
_AXIS = N_("Change, in lengths of what chance explains; right is better")
_SIGNED = N_("{verdict} ({difference})")


@dataclass(frozen=True)
class Move:
    """A KPI against the window before; against the year before and its target, where they can be told; and why."""

    kpi: Any
    previous: Comparison
    last_year: Comparison | None = None
    target: Comparison | None = None
    stands: bool = False
    why: Explanation | None = None

    @property
    def strength(self) -> float:
        """The change in lengths of its interval's arm towards nothing, better above 0; NaN without an interval."""
        one = self.previous
        arm = one.difference - one.low if one.difference > 0 else one.high - one.difference
        if missing(arm) or arm <= 0:
            return float("nan")
        return (1 if self.kpi.better == "higher" else -1) * one.difference / arm


def moved(view: View, keys: Sequence[str]) -> Drawn:
    """Which of these KPIs moved by more than chance, the surest first, and what explains the first of them.

    Parameters
    ----------
    keys : sequence of str
        KPIs; what these data cannot compare is left out.

    Raises
    ------
    CannotAnswer
        None of them can be compared.
    """
    words, found = view.words, moves(view, keys)
    if not found:
        raise CannotAnswer(words.say(_NOT_COMPARED))
    tested = [move for move in found if not missing(move.previous.p)]
    surest = [move for move in tested if move.stands]
    said = words.say(_QUIET, n=len(tested))
    if surest:
        said = words.say(_MOVED, n=len(tested), names=listed([_short(move, words) for move in surest], words, 4))
    first = next((move.why for move in surest if move.why is not None), None)
    if first is not None:
        said = f"{said} {first.said(view.locale)}"
    rows = max(move.previous.now.rows for move in found)
    looks = tuple(_look(move, view) for move in tested)
    return Drawn(said, _chart(tested, words), _table(found, view), rows, words.say(_NOTE), looks=looks)


def moves(view: View, keys: Sequence[str], explain: int = EXPLAINED) -> list[Move]:
    """Every KPI's comparisons, the surest move first, totals and what cannot be told from chance last."""
    period = range_label(*months(view))
    found = [move for key in dict.fromkeys(keys) if (move := _move(view, key, period)) is not None]
    looks = Looks()
    for move in found:
        one = move.previous
        looks.add(move.kpi.path, view.text, one.now.window.label, one.to, one.difference, one.p)
    marked = [replace(one, stands=stands) for one, stands in zip(found, looks.stands(), strict=True)]
    marked.sort(key=lambda one: (not one.stands, 0.0 if missing(one.strength) else -abs(one.strength)))
    first = [replace(one, why=_why(view, one)) if one.stands else one for one in marked[:explain]]
    return first + marked[explain:]


def _move(view: View, key: str, period: str) -> Move | None:
    book, where = view.book, dict(view.where) or None
    kpi = book.kpis[key]
    if book.why_not(key) or not (kpi.when or kpi.powers):
        return None
    previous = _compared(book, key, period, "previous", where)
    if previous is None or missing(previous.difference):
        return None
    now, before = previous.now.window.months, previous.before.window.months
    if now is not None and before == (now[0] - 12, now[1] - 12):
        last_year: Comparison | None = replace(previous, to="last_year")
    else:
        last_year = _compared(book, key, period, "last_year", where)
    aimed = any(name.startswith(f"{key}|") for name in targets_of(book))
    return Move(kpi, previous, last_year, _compared(book, key, period, "target", where) if aimed else None)


def _compared(book: Any, key: str, period: str, to: str, where: Any) -> Comparison | None:
    """A comparison from cubes; None where it cannot be made."""
    try:
        found = compared(book, key, period, to, where=where, days=False)[0]
    except KpilibError:
        return None
    return None if missing(found.now.value) or missing(found.before.value) else found


def _why(view: View, move: Move) -> Explanation | None:
    """What explains a move; None where nothing does beyond chance, or none can be told."""
    one = move.previous
    try:
        found = explained(view.book, move.kpi.key, one.before.window, one.now.window, where=dict(view.where) or None)
    except KpilibError:
        return None
    return found if found.proposed else None


def _short(move: Move, words: Words) -> str:
    """A move in a few words: "win rate (+2.8 points, better)"."""
    change = words.difference(move.previous.difference, move.kpi.unit)
    return words.say(
        "{kpi} ({change}, {verdict})", kpi=low(words.say(move.kpi.name)), change=change,
        verdict=words.say(_VERDICTS[move.previous.verdict]),
    )  # fmt: skip


def _chart(tested: Sequence[Move], words: Words) -> Plot | None:
    """A point a KPI, as far from the line as it moved, with an arm as long as chance is."""
    drawn = [move for move in tested if not missing(move.strength)]
    if not drawn:
        return None
    frame = pd.DataFrame(
        {
            "group": [words.say(move.kpi.name) for move in drawn],
            "value": [move.strength for move in drawn],
            "low": [move.strength - 1 for move in drawn],
            "high": [move.strength + 1 for move in drawn],
            "rows": [move.previous.now.rows for move in drawn],
        }
    )
    try:
        return forest(frame, unit="ratio", words=words, measure=words.say(_AXIS), reference=0.0)
    except Nothing:
        return None


def _table(found: Sequence[Move], view: View) -> pd.DataFrame:
    words = view.words
    year = any(_other_window(move) for move in found)
    lines = []
    for move in found:
        one, unit = move.previous, move.kpi.unit
        line = {
            _FIGURE: words.say(move.kpi.name), _NOW: words.short(one.now.value, unit),
            _BEFORE: words.short(one.before.value, unit), _CHANGE: words.difference(one.difference, unit),
            _INTERVAL: of_difference(one.low, one.high, unit, words), _SAYS: words.say(_VERDICTS[one.verdict]),
        }  # fmt: skip
        if year:
            line[_YEAR] = _held(move.last_year, words)
        lines.append({**line, _AIM: _held(move.target, words), _WHY: _explained(move, words)})
    return pd.DataFrame(lines)


def _explained(move: Move, words: Words) -> str:
    """What explains a move, in a cell: the dimension, and how much is of its mix and of the members themselves."""
    found, unit = move.why, move.kpi.unit
    if found is None:
        return NOTHING
    if move.kpi.powers:
        return words.say("its factors")
    given = {"dimension": words.dimension(found.dimension), "rate": words.difference(found.rate, unit)}
    return words.say("{dimension}: {mix} mix, {rate} within", mix=words.difference(found.mix, unit), **given)


def _other_window(move: Move) -> bool:
    """Whether the year before is another window than the one before."""
    last = move.last_year
    return last is not None and last.before.window.months != move.previous.before.window.months


def _held(one: Comparison | None, words: Words) -> str:
    """A comparison in a cell: the verdict with the difference."""
    if one is None:
        return NOTHING
    said = words.say(_VERDICTS[one.verdict])
    return words.say(_SIGNED, verdict=said, difference=words.difference(one.difference, one.kpi.unit))


def _look(move: Move, view: View) -> Look:
    one = move.previous
    key = look_key(move.kpi, one.now.window.months, one.before.window.months, view.where)
    what = view.words.say(
        "{kpi}, {now} against {before}", kpi=view.words.say(move.kpi.name), now=one.now.window.label,
        before=one.before.window.label,
    )  # fmt: skip
    return Look(key, what, one.p)
