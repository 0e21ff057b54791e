"""How long customers stay: the cohorts of each quarter, and curves of retention by group. Reached as ``churn.…``.

Both are estimated of the whole company and kept; the page's filters do not narrow them, and each figure says so.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show.charts.heat import triangle
from kpilib.show.charts.lasting import lasting
from kpilib.show.charts.plot import Nothing
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

_COHORT, _STARTED, _LOST, _CUSTOMERS = N_("Cohort"), N_("Started"), N_("Lost"), N_("Customers")
_AFTER_YEAR, _HALF = N_("Still there after a year"), N_("Half lost after")
_AGES = N_("Months since they came (% still there)")
# More curves than this cannot be told apart.
_CURVES = 5


def cohorts(view: View) -> Drawn:
    """Of those who came in each quarter, how many are still customers by their age in months."""
    words, finding = view.words, why.found(view, "cohorts")
    cells = finding["cells"]
    if cells.empty:
        raise Nothing("No row matches.")
    frame = pd.DataFrame(
        {
            "group": cells["cohort"], "age": cells["months"], "value": cells["share"], "rows": cells["customers"],
            "complete": cells["complete"],
        }
    )  # fmt: skip
    chart = triangle(frame, words=words, ages=words.say(_AGES))
    note = words.say(
        "A line is what became of one quarter's newcomers; read along it. Read down a column to see whether later "
        "cohorts leave sooner. Dashed: not all of the cohort has come of that age, and only those that have count."
    )
    starts = {row["cohort"]: row["customers"] for row in rows(cells)}
    drill = {"kpi": "new_customers", "field": None}
    return Drawn(
        _sooner(rows(cells), words), chart, _cohort_table(cells, words), int(sum(starts.values())),
        f"{note} {company.beware(words)}", _span(finding, words), drill,
    )  # fmt: skip


def curves(view: View, by: str = "segment") -> Drawn:
    """What share is still a customer by the time since it came, group by group, and whether the groups differ."""
    words, finding = view.words, why.found(view, "retention_curves")
    members = [row for row in rows(finding["members"]) if row["dimension"] == by]
    if not members:
        raise CannotAnswer(
            words.say(
                "Retention by {dimension} needs two groups or more of ten customers each, which these data lack.",
                dimension=low(words.dimension(by)),
            )
        )
    first = sorted((row for row in members if row["shown"]), key=lambda row: -row["customers"])[:_CURVES]
    frame = _curve_frame(finding["curves"], by, [row["member"] for row in first], words)
    if frame.empty:
        raise Nothing("No row matches.")
    note = words.say(
        "Customers who came before the data begin count from the age they had then, not from their first day "
        "(left truncation): else the past would look more faithful than it was. Bands hold 95%."
    )
    left_out = len(members) - len(first)
    more = words.plural(
        left_out, "{n} smaller group is in the table only.", "{n} smaller groups are in the table only.", n=left_out
    )
    notes = [note, *([more] if left_out else []), company.beware(words)]
    drill = {"kpi": "lost_customers", "field": None}
    return Drawn(
        _differ(finding, by, first, words), lasting(frame, words=words), _member_table(members, by, words),
        int(finding["customers"]), " ".join(notes), _span(finding, words), drill,
    )  # fmt: skip


def _span(finding: dict[str, Any], words: Words) -> str:
    """Of what a kept finding speaks."""
    given = {"first": str(finding["observed_from"])[:7], "last": str(finding["as_of"])[:7]}
    return words.say("The whole company, {first} to {last}", **given)


def _sooner(cells: list[dict[str, Any]], words: Words) -> str:
    """The share left after a year, of the first cohort and of the last one that has lived so long."""
    year = [cell for cell in cells if cell["months"] == 12 and cell["complete"] and not missing(cell["share"])]
    if not year:
        return words.say("No cohort has lived a whole year within these data; read the first months only.")
    first, last = year[0], year[-1]
    given = {
        "first": first["cohort"],
        "share": words.text(first["share"], "share"),
        "n": words.count(first["customers"]),
    }
    given["interval"] = words.interval(first["low"], first["high"], "share")
    if first is last:
        return words.say(
            "Of the {n} customers who came in {first}, {share} were still there after a year ({interval}).", **given
        )
    given |= {"last": last["cohort"], "other": words.text(last["share"], "share")}
    given |= {"m": words.count(last["customers"]), "other_interval": words.interval(last["low"], last["high"], "share")}
    apart = last["low"] > first["high"] or last["high"] < first["low"]
    if not apart:
        return words.say(
            "Of the {n} customers who came in {first}, {share} were still there after a year ({interval}); of the {m} "
            "of {last}, {other} ({other_interval}): no difference beyond chance.",
            **given,
        )
    return words.say(
        "Of the {n} customers who came in {first}, {share} were still there after a year ({interval}); of the {m} of "
        "{last}, {other} ({other_interval}): more apart than chance explains.",
        **given,
    )


def _cohort_table(cells: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A line a cohort, its share left every half-year."""
    ages = sorted({age for age in cells["months"].tolist() if age and age % 6 == 0})
    by_cohort: dict[str, dict[int, dict[str, Any]]] = {}
    for cell in rows(cells):
        by_cohort.setdefault(cell["cohort"], {})[cell["months"]] = cell
    made: dict[str, list[Any]] = {
        _COHORT: list(by_cohort),
        _STARTED: [words.count(next(iter(known.values()))["customers"]) for known in by_cohort.values()],
    }
    for age in ages:
        name = words.say("After {n} months", n=age)
        made[name] = [_shared(known.get(age), words) for known in by_cohort.values()]
    return pd.DataFrame(made)


def _shared(cell: dict[str, Any] | None, words: Words) -> str:
    if cell is None or missing(cell["share"]):
        return NOTHING
    share = words.text(cell["share"], "share")
    return share if cell["complete"] else words.say("{share} (not all)", share=share)


def _curve_frame(curves: pd.DataFrame, by: str, members: list[str], words: Words) -> pd.DataFrame:
    of = curves[(curves["dimension"] == by).to_numpy() & curves["member"].isin(members).to_numpy()]
    ordered = [row for member in members for row in rows(of) if row["member"] == member]
    return pd.DataFrame(
        {
            "group": [_named(row["member"], words) for row in ordered],
            "time": [row["month"] for row in ordered],
            "value": [row["retained"] for row in ordered],
            "low": [row["low"] for row in ordered],
            "high": [row["high"] for row in ordered],
        }
    )


def _named(member: str, words: Words) -> str:
    return words.say(NOT_GIVEN) if member == NOT_GIVEN else str(member)


def _differ(finding: dict[str, Any], by: str, first: list[dict[str, Any]], words: Words) -> str:
    """Who stays longest and shortest after a year, and whether the curves differ."""
    test = next((row for row in rows(finding["tests"]) if row["dimension"] == by), None)
    known = [row for row in first if not missing(row["year_1"])]
    said = []
    if len(known) > 1:
        ordered = sorted(known, key=lambda row: row["year_1"])
        given = {}
        for name, row in (("best", ordered[-1]), ("worst", ordered[0])):
            given[name] = _named(row["member"], words)
            given[f"{name}_share"] = words.text(row["year_1"], "share")
            given[f"{name}_interval"] = words.interval(row["year_1_low"], row["year_1_high"], "share")
        said.append(
            words.say(
                "After a year {best_share} of {best} are still customers ({best_interval}), {worst_share} of {worst} "
                "({worst_interval}).",
                **given,
            )
        )
    if test is None or missing(test["q"]):
        return " ".join(said)
    given = {"groups": test["groups"], "p": words.text(test["q"], "ratio"), "dimension": low(words.dimension(by))}
    if test["differ"]:
        told = N_(
            "The curves of the {groups} groups differ by more than chance (log-rank test, all dimensions together held "
            "to a false-discovery rate of 5%)."
        )
    else:
        told = N_("Chance explains how the curves of the {groups} groups differ (log-rank test, q = {p}).")
    return " ".join([*said, words.say(told, **given)])


def _member_table(members: list[dict[str, Any]], by: str, words: Words) -> pd.DataFrame:
    ordered = sorted(members, key=lambda row: -row["customers"])
    year = [
        between([row["year_1_low"]], [row["year_1_high"]], words)[0] if row["shown"] else NOTHING for row in ordered
    ]
    table = pd.DataFrame(
        {
            DIMENSIONS[by].label: [_named(row["member"], words) for row in ordered],
            _CUSTOMERS: [row["customers"] for row in ordered],
            _LOST: [row["lost"] for row in ordered],
            _AFTER_YEAR: [row["year_1"] if row["shown"] else None for row in ordered],
            INTERVAL: year,
            _HALF: [_months(row["median"], words) for row in ordered],
        }
    )
    table.attrs["units"] = {_CUSTOMERS: "count", _LOST: "count", _AFTER_YEAR: "share"}
    return table


def _months(value: Any, words: Words) -> str:
    if missing(value):
        return words.say("not reached")
    return words.plural(round(value), "{n} month", "{n} months", n=words.count(round(value)))
