"""The tickets: each about a line sold, the worse products oftener, from two days to half a year after the sale."""

import numpy as np

from kpilib.demo.columns import Columns, size, take
from kpilib.demo.draws import Draws, Flag, Whole
from kpilib.demo.events import LAUNCHED
from kpilib.demo.state import DAY, State

CHANNELS = ("E-mail", "Phone", "Portal", "Chat")
SEVERITIES = ("Low", "Medium", "High", "Critical")
#: From this position on a ticket is a serious incident; after so many minutes a first reply is slow.
SERIOUS, SLOW = 2, 480
_PER_LINE = 0.45
_SEVERITY = (42, 34, 17, 7)
#: Median minutes to a first reply, and hours from there to the solution, by severity.
_REPLY, _SOLVE = np.array((420, 240, 90, 30)), np.array((30, 22, 12, 8))


def tickets_of(state: State, sold: Columns, draws: Draws) -> Columns:
    """Every ticket that the lines will cause, times in minutes; some lie after their customer has left."""
    truth, quality = state.truth, np.array(state.truth.quality)
    mean = _PER_LINE * (1 - truth.quality_on_tickets * quality)
    mean[LAUNCHED] *= truth.launch_on_tickets
    line = np.repeat(np.arange(size(sold)), draws.counts(mean[sold["product"]], size(sold)))
    n, account, product = len(line), sold["account"][line], sold["product"][line]
    opened = (sold["day"][line] + draws.wholes(2, 200, n)) * DAY + draws.wholes(8 * 60, 18 * 60, n)
    crisis = state.in_crisis(state.span.month(opened // DAY))
    severity = _severities(crisis, truth.crisis_incidents, draws)
    contacts = 1 + draws.picks((60, 22, 12, 6), n)
    wait = draws.spreads(_REPLY[severity], 0.8, n) * np.where(crisis, truth.crisis_reply, 1.0)
    replied = opened + np.floor(wait).astype(np.int64) + 1
    resolved = replied + np.floor(60 * contacts * draws.spreads(_SOLVE[severity], 0.7, n)).astype(np.int64) + 1
    effort = np.floor(contacts * draws.spreads(22 - 8 * quality[product], 0.5, n)).astype(np.int64) + 2
    return {
        "account": account, "product": product, "channel": draws.picks((40, 30, 20, 10), n), "severity": severity,
        "opened": opened, "replied": replied, "resolved": resolved, "contacts": contacts, "effort": effort,
    }  # fmt: skip


def _severities(crisis: Flag, times: float, draws: Draws) -> Whole:
    """Serious ones so many times as often in the crisis."""
    low, medium, high, critical = _SEVERITY
    more = (low, medium, int(high * times), int(critical * times))
    n = len(crisis)
    return np.where(crisis, draws.picks(more, n), draws.picks(_SEVERITY, n))


def opened_in(state: State, month: int, asked: Columns) -> Columns:
    """Those of the month's tickets whose customer was still there; they are remembered for the months after."""
    mine = take(asked, asked["opened"] // DAY < state.leave[asked["account"]])
    account, day = mine["account"], mine["opened"] // DAY
    flags = {"serious": mine["severity"] >= SERIOUS, "slow": mine["replied"] - mine["opened"] > SLOW}
    for name, flag in flags.items():
        getattr(state, name)[:, month] = np.bincount(account[flag], minlength=state.them.size)
        kept = [*state.tickets[name][-4:], account[flag] * 2**20 + day[flag]]
        state.tickets[name] = kept
    return mine
