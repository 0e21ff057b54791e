"""The figures of the opportunities page: what is open, which deals to look at, who wins.

Each function takes the view (and what the figure's own list says) and returns a `Drawn`. How deals move and end stands
in `deal_paths`, what forecasts are worth in `forecasts`; their functions are offered here as well.
"""

import altair as alt
import pandas as pd

from kpilib.compute import pipeline
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN

from . import charts, sentences, tables
from .deal_paths import action_effect, funnel, loss_stage, moments, reasons
from .figure import Drawn
from .forecasts import expected, honesty
from .parts import grouped, open_now, stock_text
from .view import View
from .words import missing

__all__ = [
    "BY", "TILES", "action_effect", "by_dimension", "expected", "funnel", "honesty", "loss_stage",
    "main_deals", "moments", "reasons", "win_rate", "win_trend",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "open_opportunities", "open_pipeline", "mean_probability", "weighted_pipeline", "win_rate", "won_amount",
    "average_deal", "sales_cycle", "stalled_share", "overdue_share",
)  # fmt: skip
# What is told of open deals: the column, its name, the KPI, the unit.
_STOCK = (
    ("deals", "Open deals", "open_opportunities", "count"),
    ("amount", "Amount", "open_pipeline", "money"),
    ("probability", "Mean probability", "mean_probability", "share"),
    ("weighted", "Weighted amount", "weighted_pipeline", "money"),
)
#: By what the page breaks down, in the order of its lists.
BY = ("owner", "industry", "segment", "category", "source", "region")


def by_dimension(view: View, by: str = "owner") -> Drawn:
    """Number, amount, mean probability and weighted amount of what is open at the period's end, by a dimension."""
    frame = _open_by(view, by)
    if frame.empty:
        return Drawn("", rows=0)
    named = {"group": DIMENSIONS[by].label, **{column: name for column, name, _, _ in _STOCK}}
    table = frame.drop(columns="rows").rename(columns=named).dropna(axis="columns", how="all")
    table.attrs["units"] = {name: unit for _, name, _, unit in _STOCK if name in table}
    found, chart = _open_found(view, frame), _open_chart(view, frame, named)
    return Drawn(found, chart, table, int(frame["rows"].sum()), _unpriced(frame), slice=stock_text(view))


def main_deals(view: View) -> Drawn:
    """The open deals that weigh most, with their age, their stage and how long nothing has happened."""
    months = open_now(view)
    if months.empty:
        return Drawn("", rows=0)
    first = pipeline.main_deals(months)
    moving = not view.book.why_not("stalled_share")
    table = pd.DataFrame(
        {
            "Deal": _names(first),
            "Salesperson": first["owner"],
            "Stage": first["stage"],
            "Amount": first["amount"],
            "Probability": first["probability"],
            "Weighted": first["weighted"],
            "Age, days": first["age"].astype("Int64"),
            "Last touch, days ago": first["idle"].astype("Int64"),
            "Past due, days": first["overdue"].clip(lower=0).astype("Int64"),
        }
    ).reset_index(drop=True)
    table = table.drop(columns=[] if moving else ["Last touch, days ago"]).dropna(axis="columns", how="all")
    units = {"Amount": "money", "Probability": "share", "Weighted": "money"}
    table.attrs["units"] = {name: unit for name, unit in units.items() if name in table}
    found = _weight(view, first, months) + (_stuck(view, first) if moving else _late(view, first))
    note = "Last touch is the latest activity or change of stage. Past due counts from the expected closing date."
    if not moving:
        note = "When a deal was last touched needs the table 'activities' or 'stage_changes', which these data lack."
    return Drawn(found, None, table, len(months), note, slice=stock_text(view))


def win_rate(view: View, by: str = "owner") -> Drawn:
    """The win rate by a dimension, each group held against all others, false alarms held to one in ten."""
    kpi = view.book.kpis["win_rate"]
    frame = pipeline.stand_out(view.kpi("win_rate", by=by))
    frame = frame[frame["rows"] > 0]
    if frame.empty:
        return Drawn("", rows=0)
    measure = sentences.Measure.of_kpi(kpi, view.words, "closed deals")
    tested = int((frame["differs"] != "too few").sum())
    flagged = frame[frame["differs"].isin(["higher", "lower"])].sort_values("p")
    found = sentences.one_value(view.kpi("win_rate"), measure)
    if tested > 1:
        names = [f"{group} {differs}" for group, differs in zip(flagged["group"], flagged["differs"], strict=True)]
        found += " " + sentences.discoveries(names, tested, 0.1, view.words)
    chart = charts.bars(frame, unit="share", words=view.words, measure="Share of closed deals won")
    ranked = frame.sort_values(["value", "group"], ascending=[False, True]).reset_index(drop=True)
    table = tables.kpi_table(ranked, kpi, view.words, DIMENSIONS[by].label)
    units = table.attrs["units"]
    table.insert(1, "Won", ranked["numerator"])
    table = table.rename(columns={"Rows": "Closed"}).assign(**{"Against the others": ranked["differs"]})
    table.attrs["units"] = {**units, "Won": "count", "Closed": "count"}
    note = (
        f"Hollow bars rest on fewer than {sentences.MINIMUM} closed deals and are not compared. “Higher” and “lower” "
        "are held to a false-discovery rate of 10% over all groups (Benjamini–Hochberg)."
    )
    return Drawn(found, chart, table, int(frame["rows"].sum()), note, slice=f"{view.text}, by closing date")


def win_trend(view: View) -> Drawn:
    """The win rate quarter by quarter, with its interval."""
    kpi = view.book.kpis["win_rate"]
    frame = view.kpi("win_rate", period="quarter")
    frame = frame[frame["rows"] > 0]
    if frame.empty:
        return Drawn("", rows=0)
    found = sentences.trend(frame, sentences.Measure.of_kpi(kpi, view.words, "closed deals"))
    chart = charts.line(frame, unit="share", words=view.words, measure="Share of closed deals won", zero=True)
    table = tables.kpi_table(frame, kpi, view.words)
    return Drawn(found, chart, table, int(frame["rows"].sum()), slice=f"{view.text}, by closing date")


def _names(deals: pd.DataFrame) -> pd.Series:
    """What each deal is called; the customer and the product where it has no name."""
    named = [
        str(name)
        if not missing(name)
        else " – ".join(part for part in (customer, product) if part != NOT_GIVEN) or str(key)
        for name, customer, product, key in zip(
            deals["name"], deals["customer"], deals["product"], deals["opportunity_id"], strict=True
        )
    ]
    return pd.Series(named, index=deals.index)


def _unpriced(frame: pd.DataFrame) -> str:
    if frame["weighted"].notna().any():
        return (
            "The mean probability weighs each deal by its amount; a weighted amount is amount × declared probability."
        )
    absent = " and no ".join(name for name in ("amount", "probability") if frame[name].isna().all())
    return f"The open deals have no {absent} in the table 'opportunities', without which there is no weighted amount."


def _open_by(view: View, by: str) -> pd.DataFrame:
    """The four figures of each group, the largest first, and its `rows`."""
    deals = view.kpi(_STOCK[0][2], by=by).set_index("group")
    answers = {column: grouped(view, key, by)["value"].reindex(deals.index) for column, _, key, _ in _STOCK}
    frame = pd.DataFrame(answers).assign(rows=deals["rows"])[lambda f: f["rows"] > 0].rename_axis("group").reset_index()
    order = [_weighs(frame), "group"]
    return frame.sort_values(order, ascending=[False, True], na_position="last").reset_index(drop=True)


def _weighs(frame: pd.DataFrame) -> str:
    """By what the groups are compared: the weighted amount where there is one, else the amount, else the number."""
    return next((name for name in ("weighted", "amount") if frame[name].notna().any()), "deals")


def _open_found(view: View, frame: pd.DataFrame) -> str:
    measure = _weighs(frame)
    shares = tables.with_shares(frame.assign(value=frame[measure]))
    if measure == "deals":
        return _counted(view, shares)
    named = "weighted pipeline" if measure == "weighted" else "open pipeline"
    return sentences.share_of_total(shares, sentences.Measure(named, "money", words=view.words))


def _open_chart(view: View, frame: pd.DataFrame, names: dict[str, str]) -> alt.TopLevelMixin:
    measure = _weighs(frame)
    if measure == "deals":
        plain = frame.assign(value=frame["deals"], low=float("nan"), high=float("nan"))
        return charts.bars(plain, unit="count", words=view.words, measure="Open deals", minimum=0)
    return charts.pairs(frame, left=("deals", "count"), right=(measure, "money"), words=view.words, names=names)


def _counted(view: View, shares: pd.DataFrame) -> str:
    words, total = view.words, view.words.count(shares["deals"].sum())
    said = f"{shares['group'].iloc[0]} has {words.text(shares['share'].iloc[0], 'share')} of the {total} open deals"
    if len(shares) <= 3:
        return f"{said}."
    return f"{said}; the first 3 of {len(shares)} groups, {words.text(shares['cumulative'].iloc[2], 'share')}."


def _weight(view: View, first: pd.DataFrame, months: pd.DataFrame) -> str:
    words, shown, total = view.words, len(first), len(months)
    lead = f"{shown} of {words.count(total)} open deals are listed"
    if not first["weighted"].notna().any():
        return f"{lead}, the oldest first, for none has an amount."
    part = words.text(first["weighted"].sum() / months.assign(w=_weights(months))["w"].sum(), "share")
    what = "weighted amount" if months["probability"].notna().any() else "amount"
    return f"{lead}; they hold {part} of the {what}."


def _weights(months: pd.DataFrame) -> pd.Series:
    return pipeline.main_deals(months, len(months))["weighted"]


def _stuck(view: View, first: pd.DataFrame) -> str:
    idle = int((first["idle"] >= 30).sum())
    if idle == 0:
        return " Each of them was touched in the last 30 days." + _late(view, first)
    said = "1 has" if idle == 1 else f"{view.words.count(idle)} have"
    return f" Of these, {said} not been touched for 30 days or more." + _late(view, first)


def _late(view: View, first: pd.DataFrame) -> str:
    if first["overdue"].isna().all():
        return ""
    late = int((first["overdue"] > 0).sum())
    said = "None is" if late == 0 else "1 is" if late == 1 else f"{view.words.count(late)} are"
    return f" {said} past the expected closing date."
