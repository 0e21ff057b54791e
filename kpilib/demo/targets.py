"""What the demo company aimed at: by month from its second year to the end of the year it is seen in.

A month's money is that of the same month a year before and so much more, as many a firm plans; each customer family has
its own, and the company's is their sum. Shares and means are set by hand.
"""

import datetime as dt

import numpy as np
import pandas as pd

from kpilib.demo import truths
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import Window
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Whole
from kpilib.demo.frames import frame
from kpilib.demo.orders import Lines

#: By how many per cent the revenue of each customer family is to grow in a year, and the amount won.
GROWTH_BY_SEGMENT, GROWTH_OF_WON = (20, 28, 40), 40
#: Shares and means aimed at in every month, and the win rates of the families.
AIMS = {"margin_rate": 0.45, "average_order": 7500.0, "sales_cycle": 58.0, "overdue_share": 0.06}
WIN_RATE_BY_SEGMENT = (0.45, 0.42, 0.33)
#: The company's win rate: in the last year it is to be higher.
WIN_RATE_BEFORE, WIN_RATE_LAST = 0.40, 0.42

Line = tuple[str, int, float, str | None]


def targets_table(lines: Lines, won: Deals, them: Accounts, span: Window) -> pd.DataFrame:
    """The targets of a company, one row a KPI, month and customer family; without any in its first twelve months."""
    first, last = (int(month) for month in _months(np.array([span.first, span.last])))
    planned = range(first + 12, last - last % 12 + 12)
    rows = [*_money(lines, won, them, planned), *_shares(planned, last - last % 12)]
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


def _money(lines: Lines, won: Deals, them: Accounts, planned: range) -> list[Line]:
    """Revenue of the families and the company, and the amount won."""
    made: list[Line] = []
    for month in planned:
        ours = _months(lines.day) == month - 12
        of_segment = [lines.cents[ours & (them.segment[lines.account] == s)] for s in range(len(truths.SEGMENTS))]
        plans = [_more(cents, growth) for cents, growth in zip(of_segment, GROWTH_BY_SEGMENT, strict=True)]
        made.append(("revenue", month, sum(plans), None))
        made += [("revenue", month, plan, name) for plan, name in zip(plans, truths.SEGMENTS, strict=True)]
        made.append(("won_amount", month, _more(won.cents[_months(won.close) == month - 12], GROWTH_OF_WON), None))
    return made


def _shares(planned: range, last_year: int) -> list[Line]:
    made: list[Line] = []
    for month in planned:
        made.append(("win_rate", month, WIN_RATE_LAST if month >= last_year else WIN_RATE_BEFORE, None))
        for name, rate in zip(truths.SEGMENTS, WIN_RATE_BY_SEGMENT, strict=True):
            made.append(("win_rate", month, rate, name))
        made += [(kpi, month, value, None) for kpi, value in AIMS.items()]
    return made


def _more(cents: Whole, growth: int) -> float:
    """The sum and so many per cent more, in euros, to the thousand: whole numbers all the way."""
    return float((int(cents.sum()) * (100 + growth) // 100 + 50_000) // 100_000 * 1000)


def _months(days: Whole) -> Whole:
    """Months since 1970 of day numbers."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
