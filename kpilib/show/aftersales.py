"""A product once it is sold: what it leaves, the work it asks for, whether it satisfies. Reached as ``sales.…``."""

from __future__ import annotations

import altair as alt
import pandas as pd

from kpilib.compute import selling
from kpilib.errors import CannotAnswer
from kpilib.model.dimensions import DIMENSIONS

from . import charts, sentences
from .figure import Drawn
from .parts import grouped, intervals
from .view import View
from .words import MINIMUM, Words, missing


def aftersales(view: View, by: str = "product") -> Drawn:
    """The margin rate of each product beside the hours of work that it takes for 100 units sold."""
    _needs(view, "tickets", "After-sales effort", "how many hours a product takes once it is sold, beside its margin.")
    rates = grouped(view, "margin_rate", by)
    measured = selling.effort(
        view.panel("sales", columns=[by, "quantity"]), view.panel("tickets", columns=[by, "handling_hours"]), by
    )
    whole, groups = measured.iloc[0], measured.iloc[1:]
    if missing(whole["value"]):
        raise charts.Nothing("No row matches.")
    frame = groups.assign(
        margin_rate=rates["value"].reindex(groups["group"]).to_numpy(),
        rate_low=rates["low"].reindex(groups["group"]).to_numpy(),
        rate_high=rates["high"].reindex(groups["group"]).to_numpy(),
    ).sort_values(["value", "group"], ascending=[False, True])
    names = {"margin_rate": "Margin rate", "value": "Hours for 100 units"}
    if rates.empty:
        chart: alt.TopLevelMixin = charts.bars(frame, unit="ratio", words=view.words, measure=names["value"])
    else:
        sides = ("margin_rate", "share"), ("value", "ratio")
        chart = charts.pairs(frame, left=sides[0], right=sides[1], words=view.words, names=names)
    words = view.words
    said = (
        f"100 units sold take {words.text(whole['value'], 'ratio')} hours of after-sales work "
        f"({words.interval(whole['low'], whole['high'], 'ratio')}; {words.count(whole['rows'])} tickets). "
        f"{_heaviest(frame, whole, words)}"
    )
    return Drawn(said, chart, _effort_table(frame, by, view), int(whole["rows"]), _beware(view))


def satisfaction(view: View, by: str = "product") -> Drawn:
    """The share of satisfied answers about each product, with its interval, beside its margin rate and its NPS."""
    _needs(view, "surveys", "Satisfaction by product", "whether those who bought a product are satisfied with it.")
    answers = view.panel("answers", columns=[by, "product_id", "metric", "score"])
    about = answers[answers["product_id"].notna() & answers["score"].notna()]
    scored, other = selling.csat(about, by), selling.nps(about, by)
    relation = selling.nps(answers[answers["product_id"].isna()].assign(all="all"), "all")
    if scored.empty and other.empty:
        raise charts.Nothing("No row matches.")
    kind = ("CSAT", "share", "Satisfied: 4 or 5 of 5", scored)
    name, unit, axis, frame = ("NPS", "score", "NPS", other) if scored.empty else kind
    measure = sentences.Measure(name, unit, "answers", "higher", view.words)
    table = _satisfaction_table(view, by, scored, other)
    chart = charts.bars(frame, unit=unit, words=view.words, measure=axis)
    said = _who_satisfies(frame, measure)
    return Drawn(said, chart, table, int(scored["rows"].sum() + other["rows"].sum()), _of_relation(relation, view))


def _needs(view: View, table: str, what: str, would: str) -> None:
    if table not in view.book.tables:
        raise CannotAnswer(f"{what} needs the table '{table}', which these data do not have. It would say {would}")


def _heaviest(frame: pd.DataFrame, whole: pd.Series, words: Words) -> str:
    """Which groups ask for more than the whole, beyond what chance makes of so many."""
    able = frame[(frame["rows"] >= MINIMUM) & frame["value"].notna()]
    above = [
        row for _, row in able.iterrows()
        if row["value"] > whole["value"] and sentences.gap(row, whole, len(able)).supported
    ]  # fmt: skip
    if len(able) < 2:
        return f"Fewer than two groups have {MINIMUM} tickets or more; none is compared."
    if not above:
        return f"Of {len(able)} groups with {MINIMUM} tickets or more, none asks for more than chance explains."
    named = ", ".join(f"{row['group']} ({words.text(row['value'], 'ratio')} hours)" for row in above[:3])
    more = f" and {len(above) - 3} more" if len(above) > 3 else ""
    verb = "asks" if len(above) == 1 else "ask"
    return f"{named}{more} {verb} for more than chance explains among {len(able)} groups."


def _effort_table(frame: pd.DataFrame, by: str, view: View) -> pd.DataFrame:
    words = view.words
    table = pd.DataFrame(
        {
            DIMENSIONS[by].label: frame["group"],
            "Margin rate": frame["margin_rate"],
            "95% interval": _between(frame, "rate_low", "rate_high", "share", words),
            "Hours for 100 units": frame["value"],
            "95% interval ": _between(frame, "low", "high", "ratio", words),
            "Tickets": frame["rows"],
            "Hours": frame["hours"],
            "Units": frame["units"],
        }
    )
    units = {"Margin rate": "share", "Hours for 100 units": "ratio", "Hours": "count", "Units": "count"}
    # Without costs there is no margin rate to set the effort against.
    left = ["Margin rate", "95% interval"] if frame["margin_rate"].isna().all() else []
    table = table.drop(columns=left)
    table.attrs["units"] = {name: unit for name, unit in {**units, "Tickets": "count"}.items() if name in table}
    return table


def _satisfaction_table(view: View, by: str, scored: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Every group with an answer, the best satisfied first; its margin rate where there are sales."""
    both = [
        part.set_index("group").add_prefix(f"{name} ")
        for name, part in (("CSAT", scored), ("NPS", other)) if not part.empty
    ]  # fmt: skip
    joined = pd.concat(both, axis="columns").rename_axis("group")
    first, rows = joined.columns[0], joined.columns[3]
    # A handful of answers is not ranked: such groups come last, as in the chart.
    few = joined.assign(few=joined[rows].fillna(0) < MINIMUM).reset_index()
    joined = few.sort_values(["few", first, "group"], ascending=[True, False, True]).reset_index(drop=True)
    table = pd.DataFrame({DIMENSIONS[by].label: joined["group"]})
    units: dict[str, str] = {}
    for name, unit in (("CSAT", "share"), ("NPS", "score")):
        if f"{name} value" in joined:
            table[name] = joined[f"{name} value"]
            table[f"{name}, 95% interval"] = _between(joined, f"{name} low", f"{name} high", unit, view.words)
            table[f"{name} answers"] = joined[f"{name} rows"]
            units |= {name: unit, f"{name} answers": "count"}
    if not view.book.why_not("margin_rate"):
        rates = view.kpi("margin_rate", by=by).set_index("group")["value"]
        table["Margin rate"] = rates.reindex(joined["group"]).to_numpy()
        units["Margin rate"] = "share"
    table.attrs["units"] = units
    return table


def _between(frame: pd.DataFrame, low: str, high: str, unit: str, words: Words) -> list[str]:
    return intervals(pd.DataFrame({"low": frame[low], "high": frame[high]}), words, unit)


def _who_satisfies(frame: pd.DataFrame, measure: sentences.Measure) -> str:
    said = sentences.best_and_worst(frame, measure)
    if (frame["rows"] >= MINIMUM).any():
        return said
    return f"{said} {measure.words.count(frame['rows'].sum())} answers in all: choose a longer period."


def _of_relation(relation: pd.DataFrame, view: View) -> str:
    """The NPS that was asked about no product: said here, for it is nobody's product's."""
    if relation.empty:
        return ""
    one, words = relation.iloc[0], view.words
    between = words.interval(one["low"], one["high"], "score")
    return (
        f"Asked about no product in particular, customers give an NPS of {words.text(one['value'], 'score')} "
        f"({between}; {words.count(one['rows'])} answers)."
    )


def _beware(view: View) -> str:
    said = (
        "Tickets opened in the period, about what was sold then or before; of those not closed the hours are not known."
    )
    whose = " Tickets have no salesperson: the filter takes the customer's." if "owner" in view.where else ""
    return f"{said}{whose} Groups in order of effort."
