"""A book of one hundred deals in memory: the frames that `Book` promises, counted on fingers. Not a test itself."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import pandas as pd

from kpilib.catalogue import Kpi
from kpilib.errors import CannotAnswer
from kpilib.stats.intervals import wilson

HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class FakeKpi(Kpi):
    """A KPI of the deals."""

    question: str = "Of the deals we closed, what share did we win?"
    caveat: str = "Counts deals, not money."
    numerator: str = "status = 'won'"
    denominator: str | None = "status IN ('won', 'lost')"
    table: str = "opportunities"
    when: str = "closed_on"


class FakeBook:
    """Deals with a segment, a region, an owner and a month; no industry and no product type."""

    currency = "EUR"
    as_of = date(2026, 6, 30)
    first_month = date(2025, 1, 1)
    last_month = date(2026, 6, 1)
    tables: ClassVar = {"opportunities"}
    kpis: ClassVar = {
        "win_rate": FakeKpi("win_rate", "Win rate", unit="share"),
        "won_amount": FakeKpi("won_amount", "Won amount", unit="money", denominator=None),
        "nps": FakeKpi("nps", "NPS", unit="score"),
        "clv": FakeKpi("clv", "Customer value", unit="money"),
    }

    def __init__(self) -> None:
        self.asked = 0
        months = [f"{2025 + m // 12}-{m % 12 + 1:02d}" for m in range(18)]
        rows = [
            {"segment": s, "region": r, "owner": f"Owner {i % 40:02d}", "month": month, "won": (i * 7 + m) % 10 < wins}
            for m, month in enumerate(months)
            for s in ("SMB", "Enterprise")
            for r, wins in (("East", 3), ("O'Hara", 5), (HOSTILE, 6))
            for i in range(4)
        ]
        self.deals = pd.DataFrame(rows)

    def members(self, name, panel=None):
        if name not in self.deals:
            return pd.DataFrame({"member": [], "rows": []})
        counts = self.deals[name].value_counts().sort_index()
        return pd.DataFrame({"member": counts.index, "rows": counts.to_numpy()})

    def why_not(self, key, locale="en"):
        return "There is no table surveys; with it, NPS could be shown." if key == "nps" else ""

    def kpi(self, key, by=None, period=None, where=None, since=None, until=None, variant=None):
        self.asked += 1
        if key == "clv":
            raise CannotAnswer("Churn's interval touches zero; a customer's value has no upper end.")
        deals = self.panel("deals", where=where, since=since, until=until)
        names = ["month"] if period else [by] if by else []
        parts = [(k if isinstance(k, str) else k[0], d) for k, d in deals.groupby(names)] if names else [("all", deals)]
        return pd.DataFrame([self._row(g, d, bool(period)) for g, d in parts], columns=_COLUMNS)

    def columns(self, key, **how):
        answer = self.kpi(key, **how)
        return self.kpis[key], {name: answer[name].tolist() for name in answer}, answer.attrs.get("from", "cube")

    def panel(self, name, where=None, since=None, until=None, when=None, columns=None):
        kept = self.deals
        for dimension, members in (where or {}).items():
            kept = kept[kept[dimension].isin(members)]
        return kept[(kept["month"] >= (since or "0")) & (kept["month"] <= (until or "9"))]

    def rows(self, key, limit=1000, **how):
        return self.panel("deals", **how).head(limit)

    def _row(self, group, deals, by_month):
        won, n = int(deals["won"].sum()), len(deals)
        low, high = (float(end) for end in wilson(won, n))
        value = won / n if n else float("nan")
        period = group if by_month else "2025-07 – 2026-06"
        return ["all" if by_month else group, period, value, won, n, n, low, high, period != "2026-06"]


_COLUMNS = ["group", "period", "value", "numerator", "denominator", "rows", "low", "high", "complete"]
