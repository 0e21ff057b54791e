"""Findings are of the whole company and all its months: how a figure says so."""

from kpilib.language import N_
from kpilib.periods import label, month_of
from kpilib.show.view import View
from kpilib.show.words import Words

_WHOLE = N_("The whole company, {first} to {last}")
_BEWARE = N_("Estimated once for the whole company and all its months: the filters do not change it.")


def slice_(view: View) -> str:
    """What a finding is about, in place of the slice in force."""
    first, last = (label(month_of(day), "month") for day in (view.book.first_month, view.book.last_month))
    return view.words.say(_WHOLE, first=first, last=last)


def beware(words: Words) -> str:
    """That the filters do not change it."""
    return words.say(_BEWARE)
