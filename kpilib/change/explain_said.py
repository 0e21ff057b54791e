"""An explanation in sentences, one message a shape. Numbers come from the explanation; nothing is worked out here."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from kpilib import units
from kpilib.catalogue import CATALOGUE
from kpilib.change.explain import Explanation, Part
from kpilib.change.factors import FACTORS
from kpilib.change.simpson import inside, warning
from kpilib.language import N_, say
from kpilib.model.dimensions import DIMENSIONS, called

_SPLIT = {
    (1, 1): N_("{kpi} rose {by} from {before} to {now} ({interval}): {mix} from the mix by {dimension} (more of "
               "{member}), {rate} from the rates themselves."),
    (1, -1): N_("{kpi} rose {by} from {before} to {now} ({interval}): {mix} from the mix by {dimension} (less of "
                "{member}), {rate} from the rates themselves."),
    (-1, 1): N_("{kpi} fell {by} from {before} to {now} ({interval}): {mix} from the mix by {dimension} (more of "
                "{member}), {rate} from the rates themselves."),
    (-1, -1): N_("{kpi} fell {by} from {before} to {now} ({interval}): {mix} from the mix by {dimension} (less of "
                 "{member}), {rate} from the rates themselves."),
}  # fmt: skip
_CHANCE = N_(
    "{kpi} changed by {by} from {before} to {now}, which chance alone may do ({interval}): {mix} from the mix by "
    "{dimension}, {rate} from the rates themselves."
)
_UNSURE = N_(
    "{kpi} changed by {by} from {before} to {now}: {mix} from the mix by {dimension}, {rate} from the rates "
    "themselves. It has no interval, so that chance cannot be told from a change."
)
_TOTAL = {
    (1, True): N_("{kpi} rose {by} ({share}) from {before} to {now}; by {dimension}, {member} did most: {part}."),
    (-1, True): N_("{kpi} fell {by} ({share}) from {before} to {now}; by {dimension}, {member} did most: {part}."),
    (1, False): N_("{kpi} rose {by} from {before} to {now}; by {dimension}, {member} did most: {part}."),
    (-1, False): N_("{kpi} fell {by} from {before} to {now}; by {dimension}, {member} did most: {part}."),
}
_LEVEL = N_("{kpi} was the same in {before} and {now}.")
_PRODUCT = {
    1: N_("{kpi} rose {by} from {before} to {now} ({interval}); {factor} did most: {part}."),
    -1: N_("{kpi} fell {by} from {before} to {now} ({interval}); {factor} did most: {part}."),
    0: N_("{kpi} changed by {by} from {before} to {now}, which chance alone may do ({interval}); {factor} did most: "
          "{part}."),
}  # fmt: skip
_WITHOUT = {
    1: N_("Without {member} it would have risen {by}."),
    -1: N_("Without {member} it would have fallen {by}."),
}
_MERGED = N_("Merged in between and taken together: {members}.")
_OF_MANY = N_("Of {n} dimensions tried, {dimension} explains most, beyond chance ({p} after trying them all).")
_NONE = N_("None of {n} dimensions tried explains more than chance would ({p} after trying them all).")
_ALONE = N_("The parts changed unlike each other, beyond chance ({p}).")
_ALIKE = N_("The parts changed no more unlike each other than by chance ({p}).")


def said(found: Explanation, locale: str = "en") -> str:
    """The sentences of an explanation, in a language."""
    if found.dimension == FACTORS:
        return _product(found, locale)
    sentences = [
        warning(found.kpi.name, found.dimension, locale) if found.reversed else "",
        _whole(found, locale) if found.kpi.total else _split(found, locale),
        _left_out(found, locale),
        _searched(found, locale),
        _together(found, locale),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _split(found: Explanation, locale: str) -> str:
    given = {
        **_given(found, locale), "mix": _by(found, found.mix, locale), "rate": _by(found, found.rate, locale),
        "dimension": named(found.dimension, locale),
    }  # fmt: skip
    if found.low != found.low:
        return say(_UNSURE, locale, **given)
    if found.low <= 0 <= found.high:
        return say(_CHANCE, locale, **given)
    part = _driver(found.parts, "mix", found.mix)
    more = 1 if _grew(part) else -1
    shape = _SPLIT[1 if found.total > 0 else -1, more]
    return say(
        shape, locale, **{**given, "by": _size(found, found.total, locale), "member": member(found, part, locale)}
    )


def _grew(part: Part) -> bool:
    return not part.weight_now < part.weight_before


def _whole(found: Explanation, locale: str) -> str:
    given = _given(found, locale)
    if not found.total:
        return say(_LEVEL, locale, **given)
    part = _driver(found.parts, "rate", found.total)
    compared = found.before_value > 0
    percent = units.text(abs(found.total) / found.before_value, "share", locale=locale) if compared else ""
    return say(
        _TOTAL[1 if found.total > 0 else -1, compared], locale,
        **{**given, "by": _size(found, found.total, locale), "share": percent, "member": member(found, part, locale),
           "dimension": named(found.dimension, locale), "part": _by(found, part.rate, locale)},
    )  # fmt: skip


def _product(found: Explanation, locale: str) -> str:
    part = _driver(found.parts, "rate", found.total)
    chance = not (found.low > 0 or found.high < 0)
    by = _by(found, found.total, locale) if chance else _size(found, found.total, locale)
    given = {
        **_given(found, locale), "by": by, "part": _by(found, part.rate, locale),
        "factor": inside(say(CATALOGUE[part.member].name, locale)),
    }  # fmt: skip
    return say(_PRODUCT[0 if chance else 1 if found.total > 0 else -1], locale, **given)


def _left_out(found: Explanation, locale: str) -> str:
    """Which member turns the change round: the one without which it would have gone furthest the other way."""
    if not found.kpi.total and not (found.low > 0 or found.high < 0):
        return ""
    turning = [part for part in found.parts if part.without * found.total < 0]
    part = max(turning, key=lambda one: abs(one.without), default=None)
    if part is None or not any(c in "123456789" for c in _size(found, part.without, locale)):
        return ""
    shape = _WITHOUT[1 if part.without > 0 else -1]
    return say(shape, locale, member=member(found, part, locale), by=_size(found, part.without, locale))


def _searched(found: Explanation, locale: str) -> str:
    if found.p != found.p:
        return ""
    many = len(found.searched)
    given = {"n": many, "dimension": named(found.dimension, locale), "p": _chance(found.p, locale)}
    if many > 1:
        return say(_OF_MANY if found.proposed else _NONE, locale, **given)
    return say(_ALONE if found.proposed else _ALIKE, locale, **given)


def _together(found: Explanation, locale: str) -> str:
    if not found.together:
        return ""
    return say(_MERGED, locale, members=", ".join(found.together))


def _given(found: Explanation, locale: str) -> dict[str, str]:
    ends = [_bare(found, found.low, locale), _by(found, found.high, locale)]
    return {
        "kpi": say(found.kpi.name, locale), "by": _by(found, found.total, locale),
        "before": found.before.label, "now": found.now.label,
        "interval": say(N_("{low} to {high}"), locale, low=ends[0], high=ends[1]),
    }  # fmt: skip


def _driver(parts: Sequence[Part], what: str, total: float) -> Part:
    """The part that did most in the direction of the whole; of none in that direction, the one that did most."""
    sign = -1 if total < 0 else 1
    return max(parts, key=lambda part: sign * float(getattr(part, what)))


def _by(found: Explanation, value: float, locale: str) -> str:
    return units.difference_text(value, found.kpi.unit, found.currency, locale, _precision(found))


def _bare(found: Explanation, value: float, locale: str) -> str:
    """The lower end of an interval, without the unit that its upper end has."""
    unit = found.kpi.unit
    if unit not in ("share", *units.DURATIONS):
        return _by(found, value, locale)
    return units.difference_text(value * _scale(unit), "score", locale=locale, precision=_precision(found))


def _precision(found: Explanation) -> int | None:
    """Decimals for a change that would be rounded to nothing: two figures; else those that the unit has."""
    size = abs(found.total) * _scale(found.kpi.unit)
    if not size or found.kpi.unit.startswith("money") or round(size, units.UNITS[found.kpi.unit]):
        return None
    return 1 - floor(log10(size))


def _scale(unit: str) -> int:
    return 100 if unit == "share" else 1


def _size(found: Explanation, value: float, locale: str) -> str:
    return _by(found, abs(value), locale).removeprefix("+")


def _chance(p: float, locale: str) -> str:
    least = units.text(max(p, 0.001), "ratio", locale=locale, precision=3)
    return f"p < {least}" if p < 0.001 else f"p = {least}"


def named(dimension: str, locale: str) -> str:
    """A dimension inside a sentence: "customer family"."""
    return inside(say(DIMENSIONS[dimension].label, locale)) if dimension in DIMENSIONS else dimension


def member(found: Explanation, part: Part, locale: str) -> str:
    """A member inside a sentence."""
    return member_said(found.dimension, part.member, locale)


def member_said(dimension: str, member: str, locale: str = "en") -> str:
    """What a member is called, in a language.

    >>> member_said("kind", "up_sell"), member_said("region", "East")
    ('Up-sell', 'East')
    """
    message = called(dimension, member)
    return say(message, locale) if message else member
