"""The figures of the opportunities page: what is open, which deals to look at, who wins.

Each function takes the view (and what the figure's own list says) and returns a `Drawn`. How deals move and when they
end stands in `deal_paths`, where and why in `deal_losses`, what goes with winning in `deal_actions`, what forecasts are
worth in `forecasts`; their functions are offered here as well.
"""

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute import pipeline
from kpilib.compute.frames import downward, ranking, taken
from kpilib.compute.frames import rows as lines_of
from kpilib.figures.parts import open_now, stock_text
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import missing

from .deal_actions import STANDS, action_effect
from .deal_losses import loss_stage, reasons
from .deal_parts import member
from .deal_paths import funnel, moments
from .forecasts import expected, honesty

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
    ("deals", N_("Open deals"), "open_opportunities", "count"),
    ("amount", N_("Amount"), "open_pipeline", "money"),
    ("probability", N_("Mean probability"), "mean_probability", "share"),
    ("weighted", N_("Weighted amount"), "weighted_pipeline", "money"),
)
_DEAL, _OWNER, _STAGE, _AMOUNT, _PROBABILITY, _WEIGHTED, _AGE, _TOUCH, _LATE = (
    N_("Deal"), N_("Salesperson"), N_("Stage"), N_("Amount"), N_("Probability"), N_("Weighted"), N_("Age, days"),
    N_("Last touch, days ago"), N_("Past due, days"),
)  # fmt: skip
_WON, _CLOSED, _AGAINST = N_("Won"), N_("Closed"), N_("Against the others")
_STOOD = {"higher": N_("{group} higher"), "lower": N_("{group} lower")}
# Of which column a table of main deals is made.
_COLUMNS = (
    "opportunity_id", "name", "customer", "product", "owner", "stage", "amount", "probability", "age", "idle",
    "overdue",
)  # fmt: skip
# Why there is no weighted amount, by whether amounts and probabilities are there.
_UNPRICED = {
    (False, True): N_(
        "The open deals have no amount in the table 'opportunities', without which there is no weighted amount."
    ),
    (True, False): N_(
        "The open deals have no probability in the table 'opportunities', without which there is no weighted amount."
    ),
    (False, False): N_(
        "The open deals have no amount and no probability in the table 'opportunities', without which there is no "
        "weighted amount."
    ),
    (True, True): N_(
        "No open deal has both an amount and a probability in the table 'opportunities', without which there is no "
        "weighted amount."
    ),
}
#: By what the page breaks down, in the order of its lists.
BY = ("owner", "industry", "segment", "category", "source", "region")


def by_dimension(view: View, by: str = "owner") -> Drawn:
    """Number, amount, mean probability and weighted amount of what is open at the period's end, by a dimension."""
    frame = _open_by(view, by)
    if frame.empty:
        return Drawn("", rows=0)
    known = {name: bool(frame[name].notna().any()) for name in frame}
    kept = {called: frame[name] for name, called, _, _ in _STOCK if known[name]}
    table = pd.DataFrame({DIMENSIONS[by].label: [member(view, name) for name in frame["group"]], **kept})
    table.attrs["units"] = {name: unit for _, name, _, unit in _STOCK if name in table}
    measure = next((name for name in ("weighted", "amount") if known[name]), "deals")
    note = _UNPRICED[known["amount"], known["probability"]]
    if known["weighted"]:
        note = N_(
            "The mean probability weighs each deal by its amount; a weighted amount is amount × declared probability."
        )
    found, chart = _open_found(view, frame, measure), _open_chart(view, frame, measure)
    rows, drill = int(frame["rows"].sum()), {"kpi": "open_opportunities", "field": by}
    return Drawn(found, chart, table, rows, view.words.say(note), stock_text(view), drill)


def main_deals(view: View) -> Drawn:
    """The open deals that weigh most, with their age, their stage and how long nothing has happened."""
    months = open_now(view, *_COLUMNS)
    if months.empty:
        return Drawn("", rows=0)
    words, first = view.words, pipeline.main_deals(months)
    moving = not view.book.why_not("stalled_share")
    found = [_weight(view, first, months), *(_stuck(view, first) if moving else []), *_late(view, first)]
    note = N_("Last touch is the latest activity or change of stage. Past due counts from the expected closing date.")
    if not moving:
        note = N_(
            "When a deal was last touched needs the table 'activities' or 'stage_changes', which these data lack."
        )
    drill = {"kpi": "open_opportunities", "field": None}
    table = _deals_table(view, first, moving)
    return Drawn(" ".join(found), None, table, len(months), words.say(note), stock_text(view), drill)


def win_rate(view: View, by: str = "owner") -> Drawn:
    """The win rate by a dimension, each group held against all others, false alarms held to one in ten."""
    words, kpi = view.words, view.book.kpis["win_rate"]
    asked = view.kpi("win_rate", by=by)
    frame = pipeline.stand_out(taken(asked, np.flatnonzero(asked["rows"] > 0)))
    if frame.empty:
        return Drawn("", rows=0)
    measure = sentences.Measure.of_kpi(kpi, words, N_("closed deals"))
    found = [sentences.one_value(view.kpi("win_rate"), measure), *_discovered(view, lines_of(frame))]
    chart = charts.bars(frame, unit="share", words=words, measure=words.say("Share of closed deals won"))
    ranked = taken(frame, ranking(frame))
    told = tables.kpi_table(ranked, kpi, words, DIMENSIONS[by].label)
    table = pd.DataFrame(
        {
            DIMENSIONS[by].label: [member(view, name) for name in ranked["group"]],
            _WON: ranked["numerator"].to_numpy(),
            kpi.name: told[kpi.name],
            tables.INTERVAL: told[tables.INTERVAL],
            _CLOSED: told[tables.ROWS],
            _AGAINST: [words.say(differs) if differs in STANDS else "" for differs in ranked["differs"]],
        }
    )
    table.attrs["units"] = {kpi.name: kpi.unit, _WON: "count", _CLOSED: "count"}
    note = words.say(
        "Hollow bars rest on fewer than {n} closed deals and are not compared. “Higher” and “lower” are held to a "
        "false-discovery rate of 10% over all groups (Benjamini–Hochberg).",
        n=sentences.MINIMUM,
    )
    dated, drill = words.say("{slice}, by closing date", slice=view.text), {"kpi": "win_rate", "field": by}
    return Drawn(" ".join(found), chart, table, int(frame["rows"].sum()), note, dated, drill)


def win_trend(view: View) -> Drawn:
    """The win rate quarter by quarter, with its interval."""
    words, kpi = view.words, view.book.kpis["win_rate"]
    frame = view.kpi("win_rate", period="quarter")
    frame = taken(frame, np.flatnonzero(frame["rows"] > 0))
    if frame.empty:
        return Drawn("", rows=0)
    found = sentences.trend(frame, sentences.Measure.of_kpi(kpi, words, N_("closed deals")))
    measure = words.say("Share of closed deals won")
    chart = charts.line(frame, unit="share", words=words, measure=measure, zero=True)
    table, rows = tables.kpi_table(frame, kpi, words), int(frame["rows"].sum())
    dated = words.say("{slice}, by closing date", slice=view.text)
    return Drawn(found, chart, table, rows, "", dated, {"kpi": "win_rate", "field": "period"})


def _deals_table(view: View, first: pd.DataFrame, moving: bool) -> pd.DataFrame:
    columns: dict[str, Any] = {
        _DEAL: _names(first),
        _OWNER: [member(view, name) for name in first["owner"]],
        _STAGE: [member(view, name) for name in first["stage"]],
        _AMOUNT: first["amount"].to_numpy(),
        _PROBABILITY: first["probability"].to_numpy(),
        _WEIGHTED: first["weighted"].to_numpy(),
        _AGE: _whole(first["age"]),
        _TOUCH: _whole(first["idle"]) if moving else [None] * len(first),
        _LATE: _whole(first["overdue"].clip(lower=0)),
    }
    table = pd.DataFrame({name: values for name, values in columns.items() if not pd.isna(values).all()})
    units = {_AMOUNT: "money", _PROBABILITY: "share", _WEIGHTED: "money"}
    table.attrs["units"] = {name: unit for name, unit in units.items() if name in table}
    return table


def _whole(days: pd.Series) -> Any:
    """Whole days, with empty cells where they are not known."""
    return days.array if days.dtype.kind == "i" else days.astype("Int64").array


def _names(deals: pd.DataFrame) -> list[str]:
    """What each deal is called; the customer and the product where it has no name."""
    return [
        str(deal["name"])
        if not missing(deal["name"])
        else " – ".join(part for part in (deal["customer"], deal["product"]) if part != NOT_GIVEN)
        or str(deal["opportunity_id"])
        for deal in lines_of(deals[["name", "customer", "product", "opportunity_id"]])
    ]


def _open_by(view: View, by: str) -> pd.DataFrame:
    """The four figures of each group, the largest first, and its `rows`."""
    counted, answers = view.kpi("open_opportunities", by=by), {}
    for name, _, key, _ in _STOCK:
        answer = counted if key == "open_opportunities" else None if view.book.why_not(key) else view.kpi(key, by=by)
        answers[name] = {} if answer is None else dict(zip(answer["group"], answer["value"], strict=True))
    lines = [
        {"group": group, "rows": n, **{name: values.get(group, np.nan) for name, values in answers.items()}}
        for group, n in zip(counted["group"].tolist(), counted["rows"].tolist(), strict=True)
        if n > 0
    ]
    ordered = downward(lines, _weighs(lines))
    return pd.DataFrame({name: [line[name] for line in ordered] for name in ("group", *answers, "rows")})


def _weighs(lines: list[dict[str, Any]]) -> str:
    """By what the groups are compared: the weighted amount where there is one, else the amount, else the number."""
    known = (name for name in ("weighted", "amount") if not all(missing(line[name]) for line in lines))
    return next(known, "deals")


def _open_found(view: View, frame: pd.DataFrame, measure: str) -> str:
    shares = tables.with_shares(frame.assign(value=frame[measure]))
    if measure == "deals":
        return _counted(view, lines_of(shares))
    named = N_("weighted pipeline") if measure == "weighted" else N_("open pipeline")
    return sentences.share_of_total(shares, sentences.Measure(named, "money", words=view.words))


def _open_chart(view: View, frame: pd.DataFrame, measure: str) -> Any:
    words = view.words
    if measure == "deals":
        plain = frame.assign(value=frame["deals"], low=np.nan, high=np.nan)
        return charts.bars(plain, unit="count", words=words, measure=words.say("Open deals"), minimum=0)
    names = {column: words.say(name) for column, name, _, _ in _STOCK}
    return charts.pairs(frame, left=("deals", "count"), right=(measure, "money"), words=words, names=names)


def _counted(view: View, shares: list[dict[str, Any]]) -> str:
    words, first = view.words, shares[0]
    given = {"group": member(view, first["group"]), "part": words.text(first["share"], "share")}
    given["total"] = words.count(sum(row["deals"] for row in shares))
    if len(shares) <= 3:
        return words.say("{group} has {part} of the {total} open deals.", **given)
    given |= {
        "n": words.count(3),
        "all": words.count(len(shares)),
        "together": words.text(shares[2]["cumulative"], "share"),
    }
    return words.say(
        "{group} has {part} of the {total} open deals; the first {n} of {all} groups, {together}.", **given
    )


def _discovered(view: View, groups: list[dict[str, Any]]) -> list[str]:
    """Which groups stand out, in a sentence; none where only one group is large enough."""
    tested = sum(group["differs"] != "too few" for group in groups)
    flagged = sorted((group for group in groups if group["differs"] in _STOOD), key=lambda group: group["p"])
    names = [view.words.say(_STOOD[group["differs"]], group=member(view, group["group"])) for group in flagged]
    return [sentences.discoveries(names, tested, 0.1, view.words)] if tested > 1 else []


def _weight(view: View, first: pd.DataFrame, months: pd.DataFrame) -> str:
    words, held = view.words, np.nansum(first["weighted"].to_numpy())
    given = {"n": len(first), "all": words.count(len(months))}
    if first["weighted"].isna().all():
        return words.say("{n} of {all} open deals are listed, the oldest first, for none has an amount.", **given)
    given["part"] = words.text(held / np.nansum(pipeline.weighted(months)), "share")
    if months["probability"].notna().any():
        return words.say("{n} of {all} open deals are listed; they hold {part} of the weighted amount.", **given)
    return words.say("{n} of {all} open deals are listed; they hold {part} of the amount.", **given)


def _stuck(view: View, first: pd.DataFrame) -> list[str]:
    idle = int((first["idle"] >= 30).sum())
    if idle == 0:
        return [view.words.say("Each of them was touched in the last 30 days.")]
    return [
        view.words.plural(
            idle,
            "Of these, {n} has not been touched for 30 days or more.",
            "Of these, {n} have not been touched for 30 days or more.",
            n=view.words.count(idle),
        )
    ]


def _late(view: View, first: pd.DataFrame) -> list[str]:
    if first["overdue"].isna().all():
        return []
    late = int((first["overdue"] > 0).sum())
    if late == 0:
        return [view.words.say("None is past the expected closing date.")]
    return [
        view.words.plural(
            late,
            "{n} is past the expected closing date.",
            "{n} are past the expected closing date.",
            n=view.words.count(late),
        )
    ]
