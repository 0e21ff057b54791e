"""What the company did to move its KPIs: the action log. Some of it worked, most of it did not, as in life.

An action that worked is one behind which something planted stands: prices that were raised, a product that was
launched, territories that were merged. The others were done, written down, and changed nothing.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpilib.demo import words
from kpilib.demo.days import NEVER, Window
from kpilib.demo.draws import Whole
from kpilib.demo.events import LAUNCHED, MERGED
from kpilib.demo.frames import dates, frame
from kpilib.demo.truths import Truths

_HEAD, _MARKETING, _SUPPORT, _FINANCE = "Head of sales", "Marketing", "Customer service", "Accounts"
_LAUNCH = words.PRODUCTS[LAUNCHED]


class Action(NamedTuple):
    """Begun so many months before the end of the window, on that day of the month, for so many months (0: for good).

    `behind` is the effect in `Truths` that makes it work; empty where nothing does.
    """

    before: int
    day: int
    action: str
    who: str
    kpi: str
    dimension: str = ""
    member: str = ""
    months: int = 0
    behind: str = ""


#: In order of time. The first, third and sixth are events of the company that somebody decided.
ACTIONS = (
    Action(18, 1, "New price list", _HEAD, "margin_rate", behind="price_rise"),
    Action(17, 13, "Two days of training in closing", _HEAD, "win_rate", "team", "East"),
    Action(16, 1, f"{_LAUNCH[0]} put on sale", _MARKETING, "csat", "category", _LAUNCH[1], behind="quality_on_csat"),
    Action(14, 5, "Weekly review of open deals", _HEAD, "stalled_share", "team", "Paris"),
    Action(12, 1, "Reminder ten days before the due date", _FINANCE, "on_time_payment", "segment", "SMB"),
    Action(9, 1, "Two territories made one", _HEAD, "monthly_churn", "region", MERGED[1],
           behind="leave_new_salesperson"),
    Action(9, 20, 'Coaching: "ask, then offer"', _HEAD, "win_rate", "owner", "Amandine Tellier", 4),
    Action(8, 1, "Free delivery from three lines on", _MARKETING, "average_basket", "segment", "Mid-market", 6),
    Action(7, 12, "Call back after a low score", _SUPPORT, "nps", "segment", "Enterprise"),
    Action(6, 1, "Partner days in Lyon, Lille, Rennes", _MARKETING, "win_rate", "source", "Partner"),
    Action(4, 9, "One template for all quotes", _HEAD, "sales_cycle"),
    Action(1, 15, "Welcome call in the first month", _SUPPORT, "csat", "segment", "SMB"),
)  # fmt: skip


def done(span: Window) -> dict[str, tuple[int, Action]]:
    """The actions that fall in the window: key → first day, action."""
    found = {}
    for number, one in enumerate(ACTIONS):
        first = span.months - one.before
        if first >= 0:
            found[f"K{number + 1:02d}"] = (span.starts(first) + one.day - 1, one)
    return {key: (day, one) for key, (day, one) in found.items() if day <= span.last}


def actions_table(span: Window) -> pd.DataFrame:
    """The action log as a model table."""
    log = done(span)
    of = [one for _, one in log.values()]
    return frame(
        "actions",
        action_id=_texts(list(log)),
        done_on=dates(np.array([day for day, _ in log.values()], dtype=np.int64)),
        until=dates(_ends(span, of)),
        **{name: _texts([getattr(one, name) for one in of]) for name in _TOLD},
    )


_TOLD = ("action", "who", "kpi", "dimension", "member")


def _ends(span: Window, of: list[Action]) -> Whole:
    """The last day of a month for an action that ended within the window; NEVER for the others."""
    ends = [span.starts(span.months - one.before + one.months) - 1 if one.months else NEVER for one in of]
    return np.array([day if day <= span.last else NEVER for day in ends], dtype=np.int64)


def _texts(said: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return np.array([text or None for text in said], dtype=object)


def truth(span: Window, planted: Truths) -> dict[str, str]:
    """By action, the effect that makes it work; empty where none does, or where the scenario has taken it away."""
    return {
        key: one.behind if one.behind and getattr(planted, one.behind) else "" for key, (_, one) in done(span).items()
    }
