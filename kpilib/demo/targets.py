"""What the demo company aimed at: by month from its second year to the end of the year it is seen in.

A month's money is that of the same month a year before and so much more, as many a firm plans; each customer family has
its own, and the company's is their sum. Shares and means are set by hand.
"""

import datetime as dt

import numpy as np
import pandas as pd

from kpilib.demo.accounts import Accounts
from kpilib.demo.columns import Columns
from kpilib.demo.days import Window
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Whole
from kpilib.demo.frames import frame
from kpilib.demo.truths import SEGMENTS

#: By how many per cent the revenue of each customer family is to grow in a year, and the amount won.
GROWTH_BY_SEGMENT, GROWTH_OF_WON = (20, 28, 40), 40
#: Shares and means aimed at in every month, and the win rates of the families.
AIMS = {"margin_rate": 0.45, "average_order": 4900.0, "sales_cycle": 58.0, "overdue_share": 0.06}
WIN_RATE_BY_SEGMENT = (0.45, 0.42, 0.33)
#: The company's win rate: in the last year it is to be higher.
WIN_RATE_BEFORE, WIN_RATE_LAST = 0.40, 0.42

Line = tuple[str, int, float, str | None]


def sums(lines: Columns, won: Deals, them: Accounts, span: Window) -> Whole:
    """Cents by month of the window (rows): revenue of each customer family (columns), then what was won."""
    made = np.zeros((span.months, len(SEGMENTS) + 1), dtype=np.int64)
    np.add.at(made, (span.month(lines["day"]), them.segment[lines["account"]]), lines["cents"])
    np.add.at(made, (span.month(won.close), np.full(won.size, len(SEGMENTS))), won.cents)
    return made


def targets_table(sums: Whole, span: Window) -> pd.DataFrame:
    """The targets of a company, one row a KPI, month and customer family; without any in its first twelve months.

    `sums` is what the function of that name says, of all accounts.
    """
    first, last = (int(month) for month in _months(np.array([span.first, span.last])))
    planned = range(first + 12, last - last % 12 + 12)
    rows = [*_money(sums, first, planned), *_shares(planned, last - last % 12)]
    kpi, months, value, member = zip(*rows, strict=True) if rows else ((), (), (), ())
    days = [dt.date(1970 + month // 12, month % 12 + 1, 1) for month in months]
    keys = [f"{k}|{d}|{f'segment={m}' if m else ''}" for k, d, m in zip(kpi, days, member, strict=True)]
    return frame(
        "targets",
        target_id=np.array(keys, dtype=object),
        kpi=np.array(kpi, dtype=object),
        month=np.array(days, dtype="datetime64[s]"),
        value=np.array(value, dtype=np.float64),
        dimension=np.array(["segment" if m else None for m in member], dtype=object),
        member=np.array(member, dtype=object),
    )


def _money(sums: Whole, first: int, planned: range) -> list[Line]:
    """Revenue of the families and the company, and the amount won."""
    made: list[Line] = []
    for month in planned:
        before = month - 12 - first
        cents = sums[before].tolist() if before < len(sums) else [0] * (len(SEGMENTS) + 1)
        plans = [_more(cent, growth) for cent, growth in zip(cents[:-1], GROWTH_BY_SEGMENT, strict=True)]
        made.append(("revenue", month, sum(plans), None))
        made += [("revenue", month, plan, name) for plan, name in zip(plans, SEGMENTS, strict=True)]
        made.append(("won_amount", month, _more(cents[-1], GROWTH_OF_WON), None))
    return made


def _shares(planned: range, last_year: int) -> list[Line]:
    made: list[Line] = []
    for month in planned:
        made.append(("win_rate", month, WIN_RATE_LAST if month >= last_year else WIN_RATE_BEFORE, None))
        for name, rate in zip(SEGMENTS, WIN_RATE_BY_SEGMENT, strict=True):
            made.append(("win_rate", month, rate, name))
        made += [(kpi, month, value, None) for kpi, value in AIMS.items()]
    return made


def _more(cents: int, growth: int) -> float:
    """So many per cent more, in euros, to the thousand: whole numbers all the way."""
    return float((cents * (100 + growth) // 100 + 50_000) // 100_000 * 1000)


def _months(days: Whole) -> Whole:
    """Months since 1970 of day numbers."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
