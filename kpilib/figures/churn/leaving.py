"""What goes with leaving, by two models side by side, and how well they foretell it. Reached as ``churn.…``.

Both are estimated of the whole company and kept. Nothing here says that a driver causes anything.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib import units
from kpilib.compute.frames import rows
from kpilib.figures import company, why
from kpilib.figures.drivers import called, inside, listed, section
from kpilib.language import N_
from kpilib.show import charts
from kpilib.show.charts.forest import forest
from kpilib.show.charts.plot import Nothing
from kpilib.show.figure import Drawn
from kpilib.show.tables import between
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

_DRIVER, _OURS, _COX, _MONTHLY = N_("Driver"), N_("In our hands"), N_("Cox"), N_("Month by month")
_COX_INTERVAL, _MONTHLY_INTERVAL = N_("Cox, 95% interval"), N_("Month by month, 95% interval")
_BEYOND, _STEADY, _LEFT = N_("Beyond chance"), N_("Steady in time"), N_("Of them left")
_FORETOLD, _HAPPENED, _CUSTOMERS = N_("Foretold, mean"), N_("Left"), N_("Customers")
_ASSOCIATION = N_(
    "A ratio of 2 means twice the risk of leaving in a month, all else in the list alike. Each driver is known before "
    "the month begins: incidents, slow answers and a new salesperson are of the three months before, payments, orders "
    "and a new owner of the six. These are associations: none is proved to cause leaving, and what is in our hands is "
    "where to try, not what is certain to work."
)
_TWO = N_("Both models use {events} departures in {rows} customer-months of {customers} customers.")
# Why a term was left out of the models.
_DROPPED = {
    "one_level": N_("{terms}: the same for all customers"),
    "separation": N_(
        "{terms}: tells those who left from those who stayed perfectly, so that no ratio can be put on it"
    ),
    "few_events": N_("{terms}: too few departures to tell"),
    "no_table": N_("{terms}: these data lack the table that it needs"),
    "collinear": N_("{terms}: says the same as others in the list"),
}
_FEW = N_("Beware: there are fewer than ten departures for each driver, so that the ratios are unsure and too far out.")


def drivers(view: View) -> Drawn:
    """Hazard ratios of the drivers of leaving by a Cox model and by one of single months, with their intervals."""
    words, finding = view.words, why.found(view, "churn_drivers")
    terms = rows(finding["terms"])
    if not terms:
        raise Nothing("No row matches.")
    ordered = sorted(terms, key=_rank)
    told = [term for term in ordered if not term["level"] or term["term"] == "segment"]
    names = {"cox": words.say(_COX), "discrete": words.say(_MONTHLY)}
    frame = pd.DataFrame([_point(term, model, words) for term in told for model in names])
    chart = forest(frame, unit="ratio", words=words, measure=words.say("Hazard ratio"), log=True, names=names)
    apart = {row["term"] for row in rows(finding["joint"]) if not row["found"]}
    # A single level of a dimension that does not differ as a whole is chance's work.
    said = [*_found([one for one in terms if one["term"] not in apart], words), *_joint(finding["joint"], words)]
    notes = [
        words.say(_ASSOCIATION),
        words.say(_TWO, **{name: words.count(finding[name]) for name in ("events", "rows", "customers")}),
        *_unsteady(terms, words), *_dropped(rows(finding["dropped"]), words),
        *([words.say(_FEW)] if "few_events" in finding.get("warnings", ()) else []), company.beware(words),
    ]  # fmt: skip
    drill = {"kpi": "lost_customers", "field": None}
    table = _table(ordered, words)
    return Drawn(" ".join(said), chart, table, int(finding["customers"]), " ".join(notes), _span(finding, words), drill)


def checks(view: View) -> Drawn:
    """How well the drivers foretell who leaves, on months that they had not seen."""
    words, finding = view.words, why.found(view, "churn_check")
    classes = finding["reliability"]
    if classes.empty:
        raise Nothing("No row matches.")
    frame = classes.rename(columns={"forecast": "declared"})
    end = _room(max(float(one) for name in ("declared", "observed", "high") for one in frame[name].dropna().tolist()))
    chart = charts.reliability(
        frame, words=words, foretold=N_("Risk foretold"), happened=N_("Share that left"), each=N_("{share} foretold"),
        end=end, counted=False,
    )  # fmt: skip
    table = pd.DataFrame(
        {
            _FORETOLD: frame["declared"], _HAPPENED: frame["observed"],
            "95% interval": between(frame["low"].tolist(), frame["high"].tolist(), words), _CUSTOMERS: frame["rows"],
        }
    )  # fmt: skip
    table.attrs["units"] = {_FORETOLD: "share", _HAPPENED: "share", _CUSTOMERS: "count"}
    note = words.say(
        "Fitted up to {train_until}, judged on {test_from} to {test_until}: who leaves within {months} months. On the "
        "dashed diagonal foretold and observed agree. A coin would give the higher risk to the one who left in 50% of "
        "the cases (concordance). Brier score: {brier}, against {base} if everybody had the base rate (0 is perfect).",
        **_check_facts(finding, words),
    )
    drill = {"kpi": "lost_customers", "field": None}
    return Drawn(
        _verdict(finding, words), chart, table, int(finding["test_rows"]), f"{note} {company.beware(words)}",
        words.say("The whole company, {first} to {last}", first=str(finding["test_from"])[:7],
                  last=str(finding["test_until"])[:7]), drill,
    )  # fmt: skip


def _rank(term: dict[str, Any]) -> tuple[bool, bool, float]:
    """What is in our hands first, then what is beyond chance, then what is furthest from 1."""
    return not term["under_control"], not term["found"], -_far(term)


def _far(term: dict[str, Any]) -> float:
    """How far a ratio is from 1, either way."""
    ratio = term["cox_hr"]
    return max(ratio, 1 / ratio) if not missing(ratio) and ratio > 0 else 0.0


def _point(term: dict[str, Any], model: str, words: Words) -> dict[str, Any]:
    return {
        "group": called(term["term"], term["level"], words, term["reference"]), "series": model,
        "section": section(term["under_control"], words), "rows": term["rows"],
        "value": term[f"{model}_hr"], "low": term[f"{model}_low"], "high": term[f"{model}_high"],
    }  # fmt: skip


def _found(terms: list[dict[str, Any]], words: Words) -> list[str]:
    """Which drivers go with leaving beyond chance in both models: ours first, then the others."""
    beyond = [term for term in terms if term["found"]]
    all_ = len(terms)
    if not beyond:
        return [
            words.say(
                "None of the {n} drivers goes with leaving beyond chance in both models (false discoveries held to "
                "5%).",
                n=all_,
            )
        ]
    ours = [term for term in beyond if term["under_control"]]
    others = [term for term in beyond if not term["under_control"]]
    said = []
    if ours:
        said.append(
            words.plural(
                len(ours),
                "{n} thing in our hands goes with leaving beyond chance in both models: {terms}.",
                "{n} things in our hands go with leaving beyond chance in both models: {terms}.",
                n=len(ours), terms=_strongest(ours, words),
            )
        )  # fmt: skip
    else:
        said.append(words.say("Nothing in our hands goes with leaving beyond chance in both models."))
    if others:
        said.append(words.say("Beyond our hands: {terms}.", terms=_strongest(others, words)))
    return said


def _strongest(terms: list[dict[str, Any]], words: Words) -> str:
    """The terms with their ratios, those furthest from 1 first."""
    ordered = sorted(terms, key=lambda term: -_far(term))
    named = [
        words.say(
            "{term} ×{ratio} ({interval})",
            term=inside(term["term"], term["level"], words, term["reference"]),
            ratio=words.text(term["cox_hr"], "ratio"),
            interval=words.interval(term["cox_low"], term["cox_high"], "ratio"),
        )
        for term in ordered
    ]
    return listed(named, words, between="; ")


def _joint(tests: pd.DataFrame, words: Words) -> list[str]:
    """Whether segments, sectors or regions differ, all levels together, once the rest is accounted for."""
    made = [row for row in rows(tests) if not missing(row["cox_q"])]
    if not made:
        return []
    differ = [low(words.dimension(row["term"])) for row in made if row["found"]]
    alike = [low(words.dimension(row["term"])) for row in made if not row["found"]]
    said = []
    if differ:
        said.append(words.say("The risk also differs by {dimensions}.", dimensions=listed(differ, words)))
    if alike:
        said.append(
            words.say(
                "Chance explains how it differs by {dimensions}, the rest alike.", dimensions=listed(alike, words)
            )
        )
    return said


def _unsteady(terms: list[dict[str, Any]], words: Words) -> list[str]:
    """Whether the hazards are proportional: whether an effect keeps its size through the months."""
    tested = [term for term in terms if not missing(term["ph_q"])]
    if not tested:
        return []
    moving = [inside(term["term"], term["level"], words, term["reference"]) for term in tested if term["ph_q"] <= 0.05]
    if not moving:
        return [
            words.say("No effect is seen to change in time (Schoenfeld residuals): the ratios stand for all months.")
        ]
    return [
        words.say(
            "The effect changes in time for {terms} (Schoenfeld residuals): its ratio is a mean over the months.",
            terms=listed(moving, words),
        )
    ]


def _dropped(dropped: list[dict[str, Any]], words: Words) -> list[str]:
    """What was left out of the models, and why."""
    by_reason: dict[str, list[str]] = {}
    for row in dropped:
        by_reason.setdefault(row["reason"], []).append(inside(row["term"], row["level"], words))
    told = [
        words.say(_DROPPED[reason], terms=listed(names, words))
        for reason, names in by_reason.items()
        if reason in _DROPPED
    ]
    return [words.say("Left out: {terms}.", terms="; ".join(told))] if told else []


def _table(terms: list[dict[str, Any]], words: Words) -> pd.DataFrame:
    """Every term, those of long lists of members too."""
    table = pd.DataFrame(
        {
            _DRIVER: [called(term["term"], term["level"], words, term["reference"]) for term in terms],
            _OURS: [words.say("yes") if term["under_control"] else words.say("no") for term in terms],
            _COX: [term["cox_hr"] for term in terms],
            _COX_INTERVAL: _intervals(terms, "cox", words),
            _MONTHLY: [term["discrete_hr"] for term in terms],
            _MONTHLY_INTERVAL: _intervals(terms, "discrete", words),
            _BEYOND: [words.say("yes") if term["found"] else words.say("no") for term in terms],
            _STEADY: [_steady(term, words) for term in terms],
            _LEFT: [term["events"] for term in terms],
        }
    )
    table.attrs["units"] = {_COX: "ratio", _MONTHLY: "ratio", _LEFT: "count"}
    return table


def _intervals(terms: list[dict[str, Any]], model: str, words: Words) -> list[str]:
    return between([term[f"{model}_low"] for term in terms], [term[f"{model}_high"] for term in terms], words, "ratio")


def _steady(term: dict[str, Any], words: Words) -> str:
    if missing(term["ph_q"]):
        return NOTHING
    return words.say("no") if term["ph_q"] <= 0.05 else words.say("yes")


def _span(finding: dict[str, Any], words: Words) -> str:
    given = {"first": str(finding["first_month"])[:7], "last": str(finding["last_month"])[:7]}
    return words.say("The whole company, {first} to {last}", **given)


def _room(largest: float) -> float:
    """A round end of the axes: 5%, 10%, 15%, 20% …"""
    return min(1.0, max(0.05, -(-largest // 0.05) * 0.05))


def _check_facts(finding: dict[str, Any], words: Words) -> dict[str, str]:
    return {
        **{name: str(finding[name])[:7] for name in ("train_until", "test_from", "test_until")},
        "months": words.count(finding["horizon"]),
        "brier": _four(finding["brier"], words), "base": _four(finding["brier_base"], words),
    }  # fmt: skip


def _four(value: float, words: Words) -> str:
    """A Brier score of a rare event is small: four decimals tell it."""
    return NOTHING if missing(value) else units.text(value, "ratio", locale=words.locale, precision=4)


def _verdict(finding: dict[str, Any], words: Words) -> str:
    """Whether the model is worth more than the base rate, and how well it ranks."""
    given = {
        "concordance": words.text(finding["concordance"], "share"),
        "interval": words.interval(finding["concordance_low"], finding["concordance_high"], "share"),
        "observed": words.text(finding["observed_rate"], "share"), "base": words.text(finding["base_rate"], "share"),
        "events": words.count(finding["test_events"]), "gain": words.text(finding["skill"], "share"),
        "months": words.count(finding["horizon"]),
    }  # fmt: skip
    if finding["beats_base"]:
        said = N_(
            "On months it had not seen, the model beats the base rate: of two customers of whom one left, it gave "
            "that one the higher risk in {concordance} of the cases ({interval}), and its Brier score is {gain} "
            "better. {observed} left within {months} months ({events} departures), {base} was the rate before."
        )
    else:
        said = N_(
            "On months it had not seen, the model does not beat the base rate: of two customers of whom one left, it "
            "gave that one the higher risk in {concordance} of the cases ({interval}). Do not rank customers by it. "
            "{observed} left within {months} months ({events} departures), {base} was the rate before."
        )
    return words.say(said, **given)
