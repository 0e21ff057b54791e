"""Findings as computed sentences. None claims a difference that the intervals do not support.

The best and the worst of several groups are told apart at a level made stricter by the number of pairs they were chosen
from (Bonferroni), for the largest of many gaps is large by choice; see `measures.gap`. Each sentence is one message,
said in the reader's language with its values filled in.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.compute.frames import downward, rows, total
from kpilib.language import N_

from .measures import Gap, Measure, gap
from .words import MINIMUM, Words, missing

EMPTY = N_("Nothing to show: no row matches.")
_FIRST_IS_HIGHEST = {
    "unknown": N_(
        "{first} has the highest {measure}: {figure}; the gap to {last}, the lowest ({value}) has no interval, so that "
        "chance cannot be told from a difference."
    ),
    "chance": N_(
        "{first} has the highest {measure}: {figure}; the gap to {last}, the lowest ({value}) is not distinguishable "
        "from chance."
    ),
    "one pair": N_(
        "{first} has the highest {measure}: {figure}; {last}, the lowest, has {other}. The gap of {gap} is more than "
        "chance explains (95% interval: {low} to {high})."
    ),
    "pairs": N_(
        "{first} has the highest {measure}: {figure}; {last}, the lowest, has {other}. The gap of {gap} is more than "
        "chance explains (95% interval over {pairs} pairs: {low} to {high})."
    ),
}
_FIRST_IS_LOWEST = {
    "unknown": N_(
        "{first} has the lowest {measure}: {figure}; the gap to {last}, the highest ({value}) has no interval, so that "
        "chance cannot be told from a difference."
    ),
    "chance": N_(
        "{first} has the lowest {measure}: {figure}; the gap to {last}, the highest ({value}) is not distinguishable "
        "from chance."
    ),
    "one pair": N_(
        "{first} has the lowest {measure}: {figure}; {last}, the highest, has {other}. The gap of {gap} is more than "
        "chance explains (95% interval: {low} to {high})."
    ),
    "pairs": N_(
        "{first} has the lowest {measure}: {figure}; {last}, the highest, has {other}. The gap of {gap} is more than "
        "chance explains (95% interval over {pairs} pairs: {low} to {high})."
    ),
}
_CHANGES = {
    "unknown": N_(
        "{measure} was {before} in {start} and {after} in {end}; it has no interval, so that chance cannot be told "
        "from a change."
    ),
    "chance": N_(
        "{measure} was {before} in {start} and {after} in {end}; the change is not distinguishable from chance."
    ),
    "rise": N_(
        "{measure} was {before} in {start} and {after} in {end}; the rise of {gap} is more than chance explains (95% "
        "interval: {low} to {high})."
    ),
    "fall": N_(
        "{measure} was {before} in {start} and {after} in {end}; the fall of {gap} is more than chance explains (95% "
        "interval: {low} to {high})."
    ),
}


def best_and_worst(frame: pd.DataFrame, measure: Measure, minimum: int = MINIMUM) -> str:
    """Which group stands first and which last, and whether chance explains the gap.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value`, `low`, `high`, `rows`.
    measure : Measure
        With ``better="lower"`` the first is the lowest.
    minimum : int
        Groups of fewer rows take no part.
    """
    say = measure.words.say
    if not _rows(frame):
        return say(EMPTY)
    ranked = _ranked(frame, measure, minimum)
    if not ranked:
        return say("No group has {n} {rows} or more; none is ranked.", n=minimum, rows=measure.counted)
    first, last = ranked[0], ranked[-1]
    if len(ranked) == 1:
        given = {"group": first["group"], "n": minimum, "rows": measure.counted}
        return say("Only {group} has {n} {rows} or more: {figure}.", **given, figure=measure.value(first))
    if first["value"] == last["value"]:
        given = {"n": len(ranked), "measure": measure.said, "value": measure.text(first)}
        return say("All {n} groups have the same {measure}: {value}.", **given)
    return _compared(first, last, measure, len(ranked))


def share_of_total(frame: pd.DataFrame, measure: Measure, first: int = 3) -> str:
    """What part of a total the largest group makes up, and the largest few together.

    Parameters
    ----------
    frame : DataFrame
        As `tables.with_shares` returns it: `group`, `value`, `share`, `cumulative`, the largest first.
    """
    words, known = measure.words, [row for row in rows(frame) if not missing(row["value"])]
    if not known:
        return words.say(EMPTY)
    largest = known[0]
    given: dict[str, object] = {
        "measure": measure.said,
        "total": words.text(total([row["value"] for row in known]), measure.unit),
    }
    if missing(largest["share"]):
        return words.say("The {measure} is {total} in all; with negative parts, or none, it has no shares.", **given)
    given |= {"group": largest["group"], "part": words.text(largest["share"], "share")}
    if len(known) <= first:
        return words.say("{group} makes up {part} of the {measure} of {total}.", **given)
    given |= {"n": first, "all": len(known), "together": words.text(known[first - 1]["cumulative"], "share")}
    return words.say(
        "{group} makes up {part} of the {measure} of {total}; the first {n} of {all} groups, {together}.", **given
    )


def trend(frame: pd.DataFrame, measure: Measure) -> str:
    """From the first to the last complete period: up, down, or not to be told from chance.

    Parameters
    ----------
    frame : DataFrame
        Columns `period`, `value`, `low`, `high`, `rows`, `complete`, in the order of time.
    """
    say = measure.words.say
    if not _rows(frame):
        return say(EMPTY)
    known = [row for row in rows(frame) if not missing(row["value"])]
    whole = [row for row in known if row["complete"]]
    aside = _not_over([str(row["period"]) for row in known if not row["complete"]], measure.words)
    if len(whole) > 1:
        return " ".join([_change(whole[-1], whole[0], measure), *aside])
    only = [say("{period}: {figure}.", period=row["period"], figure=measure.value(row)) for row in whole]
    return " ".join([*only, say("It takes two complete periods to speak of a trend."), *aside])


def one_value(frame: pd.DataFrame, measure: Measure) -> str:
    """A single figure in a sentence: "The win rate is 64.1% of 2,114 closed deals (62.0% to 66.1%)."."""
    known = [row for row in rows(frame) if not missing(row["value"])]
    if not _rows(frame) or not known:
        return measure.words.say(EMPTY)
    return measure.words.say("The {measure} is {figure}.", measure=measure.said, figure=measure.value(known[0]))


def discoveries(found: Sequence[str], tested: int, rate: float = 0.1, words: Words = Words()) -> str:
    """Which of many groups stand out, when false alarms are held to a rate.

    Parameters
    ----------
    found : sequence of str
        The groups that `kpilib.stats.discovery.false_discovery` flagged.
    tested : int
        How many were looked at.
    rate : float
        The false-discovery rate that was held, 0 to 1.
    """
    if tested == 0:
        return words.say(EMPTY)
    if not found:
        return words.say(
            "None of the {n} groups stands out: their differences are no larger than chance can make among {n} alike "
            "groups.",
            n=tested,
        )
    return words.plural(
        len(found),
        "{n} of {all} groups stands out ({groups}); on average no more than {rate} of such flags are false alarms.",
        "{n} of {all} groups stand out ({groups}); on average no more than {rate} of such flags are false alarms.",
        n=len(found), all=tested, groups=some(found, words, 5), rate=words.text(rate, "share"),
    )  # fmt: skip


def some(names: Sequence[str], words: Words, most: int) -> str:
    """The first names of a list, and how many more there are: "A, B, C and 2 more".

    Examples
    --------
    >>> some(["A", "B", "C"], Words(), 2), some(["A"], Words(), 2)
    ('A, B and 1 more', 'A')
    """
    shown = ", ".join(names[:most])
    return words.say("{names} and {n} more", names=shown, n=len(names) - most) if len(names) > most else shown


def _ranked(frame: pd.DataFrame, measure: Measure, minimum: int) -> list[dict[str, Any]]:
    able = [row for row in rows(frame) if not missing(row["value"]) and row["rows"] >= minimum]
    return downward(able, "value", lower=measure.better == "lower")


def _compared(first: Any, last: Any, measure: Measure, groups: int) -> str:
    """The best and the worst of so many groups in one sentence."""
    pairs = groups * (groups - 1) // 2
    between = gap(first, last, pairs)
    sentences = _FIRST_IS_LOWEST if measure.better == "lower" else _FIRST_IS_HIGHEST
    given = {"first": first["group"], "last": last["group"], "measure": measure.said, "figure": measure.value(first)}
    if not between.supported:
        case = "unknown" if missing(between.low) else "chance"
        return measure.words.say(sentences[case], **given, value=measure.text(last))
    given |= {"other": measure.value(last), "pairs": pairs, **_distances(between, measure)}
    return measure.words.say(sentences["pairs" if pairs > 1 else "one pair"], **given)


def _change(end: Any, start: Any, measure: Measure) -> str:
    between = gap(end, start)
    given = {
        "measure": _high(measure.said), "before": measure.text(start), "start": start["period"],
        "after": measure.text(end), "end": end["period"],
    }  # fmt: skip
    if not between.supported:
        return measure.words.say(_CHANGES["unknown" if missing(between.low) else "chance"], **given)
    verb = "rise" if between.value > 0 else "fall"
    return measure.words.say(_CHANGES[verb], **given, **_distances(between, measure))


def _distances(between: Gap, measure: Measure) -> dict[str, str]:
    """A gap and the ends of its interval without their signs, the nearer end first."""
    near, far = sorted((abs(between.low), abs(between.high)))
    return {"gap": measure.distance(between.value), "low": measure.distance(near), "high": measure.distance(far)}


def _not_over(periods: Sequence[str], words: Words) -> list[str]:
    """The sentence that names the unfinished periods; none where all are over."""
    if not periods:
        return []
    if len(periods) == 1:
        return [words.say("{period} is not over, and left out.", period=periods[0])]
    named = words.say("{names} and {last}", names=", ".join(periods[:-1]), last=periods[-1])
    return [words.say("{periods} are not over, and left out.", periods=named)]


def _rows(frame: pd.DataFrame) -> bool:
    return len(frame) > 0 and sum(frame["rows"].tolist()) > 0


def _high(name: str) -> str:
    return name[:1].upper() + name[1:]
