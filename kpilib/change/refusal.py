"""Why a change cannot be explained, said in the reader's language where the error is shown."""

from __future__ import annotations

from functools import partial

from kpilib.catalogue.kpi import Kpi
from kpilib.errors import CannotAnswer
from kpilib.language import N_, say

ESTIMATED = N_("{kpi} is estimated from all rows at once: no parts of it add up to its change.")
TIMELESS = N_("{kpi} has no time: it does not change from one period to another.")
DAYS = N_("{window} is not made of whole months: only these can be explained.")
NOT_OVER = N_("{window} has no month that is over on {day}: nothing to explain yet.")
TOO_YOUNG = N_("{kpi}: on {day} no month of {window} is old enough to tell: nothing to explain yet.")
NO_ROWS = N_("{kpi} has no rows in {window}: nothing to explain.")
MANY = N_("{kpi} has {n} members of {dimension} here; at most {most} can be told one by one.")
OVERLAP = N_("{kpi} by {dimension} does not add up: what it counts may be of several members at once.")
NONE = N_("No dimension of {kpi} has 2 to {most} members that add up here.")
FACTORS_ONLY = N_("{kpi} is a product of KPIs, explained by its factors: leave out by={dimension}.")
ENDLESS = N_("{kpi} has no value where nobody can be said to leave: take a longer period.")


def refusal(message: str, kpi: Kpi, **given: object) -> CannotAnswer:
    """The error that says a message of this module, now in English and where it is shown in the reader's language.

    >>> from kpilib.catalogue import get
    >>> print(refusal(TIMELESS, get("refused_rate")))
    Refused rows has no time: it does not change from one period to another.
    """
    told = partial(_told, message, kpi.name, given)
    return CannotAnswer(told("en"), kpi.key, told)


def _told(message: str, name: str, given: dict[str, object], locale: str) -> str:
    return say(message, locale, kpi=say(name, locale), **given)
