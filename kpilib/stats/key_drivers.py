"""What goes along with a better or worse score, each thing with the others held alike. An association, not a cause."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.discovery import false_discovery
from kpilib.stats.importance import inflation, shapley_r2
from kpilib.stats.linear import TINY, Fit, Floats, fit
from kpilib.stats.terms import Term, Terms

#: Above this inflation a term's own effect is hard to tell from the others'; `tangled` says so.
TANGLED = 5.0


def key_drivers(score: ArrayLike, chosen: Terms, customer: ArrayLike, level: float = 0.05) -> dict[str, Any]:
    """A regression of the score on everything at once: effects, importance, false-discovery control.

    Parameters
    ----------
    score : array_like, shape (n,)
        Answers, in points.
    chosen : Terms
        What may move the score, as `kpilib.stats.terms.terms` made it for the same answers.
    customer : array_like of int, shape (n,)
        Whose each answer is: errors honour several answers of one customer.
    level : float
        Expected share of false findings among the findings.

    Returns
    -------
    dict
        `effects`: frame of term, level, kind, effect (points of score for one more of a number; for a level, against
        the mean over answers or, of two, against the other), low, high, standardized (standard deviations of the
        score for one of the number, or for the level) with its interval, p, q, found, rows, customers, against (the
        other of two levels), within (the term within whose levels these are compared).
        `terms`: frame of term, importance (share of the score's spread), importance_share (of what is explained),
        by_chance (the importance of a term that means nothing), p, q, found, levels, inflation, tangled, the most
        important first. `r2`, `r2_by_chance`, `mean`, `spread`, `answers`, `customers`, `dropped`, `pooled`, `found`.

    Raises
    ------
    BadInput
        No spread in the score, or no term.

    Notes
    -----
    Effects of all levels and numbers are one Benjamini–Hochberg family, terms as a whole another. Misleads on answers
    alone: the silent may differ (see `kpilib.stats.nonresponse`), and a scale's ends hold effects back.
    """
    y, whose = np.asarray(score, float), np.unique(np.asarray(customer), return_inverse=True)[1]
    if len(y) == 0 or float(y.std()) <= TINY * max(float(np.abs(y).max()), 1.0):
        raise BadInput("The score has no spread: every answer is the same, so nothing can explain it.")
    if not chosen.kept:
        raise BadInput("Nothing varies among these answers that could explain the score: no term is left.")
    x = chosen.matrix()
    customers, columns = int(whose.max()) + 1, x.shape[1] + 1
    told = fit(np.column_stack([np.ones(len(y)), x]), y, whose)
    effects = _effects(told, chosen, float(y.std()), level)
    frame = _terms(told, chosen, np.column_stack([x, y - y.mean()]), level)
    return {
        "answers": len(y), "customers": customers, "mean": float(y.mean()), "spread": float(y.std()),
        "r2": told.r2, "r2_by_chance": (columns - 1) / (len(y) - 1), "effects": effects, "terms": frame,
        "dropped": chosen.dropped, "pooled": chosen.pooled, "found": frame.loc[frame["found"], "term"].tolist(),
    }  # fmt: skip


def _combinations(chosen: Terms) -> list[Floats]:
    """What each coefficient, the constant first, weighs in the effects of each term."""
    slices, made = chosen.slices, []
    width = 1 + (slices[-1].stop if slices else 0)
    for term, place in zip(chosen.kept, slices, strict=True):
        combination = np.zeros((len(term.levels), width))
        combination[:, 1 + place.start : 1 + place.stop] = term.combinations
        made.append(combination)
    return made


def _effects(told: Fit, chosen: Terms, spread: float, level: float) -> pd.DataFrame:
    frame = pd.concat(
        [_of_term(told, term, rows, spread) for term, rows in zip(chosen.kept, _combinations(chosen), strict=True)],
        ignore_index=True,
    )
    frame["q"], frame["found"] = false_discovery(frame["p"].to_numpy(), level)
    return frame


def _of_term(told: Fit, term: Term, combinations: Floats, spread: float) -> pd.DataFrame:
    effects = told.effects(combinations)
    times = term.spread / spread
    return pd.DataFrame(
        {
            "term": term.name, "level": term.levels, "kind": term.kind,
            "effect": effects.value, "low": effects.low, "high": effects.high,
            "standardized": effects.value * times,
            "standardized_low": effects.low * times, "standardized_high": effects.high * times,
            "p": effects.p, "rows": term.rows, "customers": term.customers,
            "against": term.against, "within": term.within,
        }
    )  # fmt: skip


def _terms(told: Fit, chosen: Terms, columns: Floats, level: float) -> pd.DataFrame:
    cross, slices = columns.T @ columns, chosen.slices
    own = np.eye(cross.shape[0])[:-1]  # one row a coefficient, the constant left out
    tests = np.column_stack([np.zeros(len(own)), own[:, :-1]])
    frame = pd.DataFrame(
        {
            "term": [term.name for term in chosen.kept],
            "importance": shapley_r2(cross, slices),
            "by_chance": [(place.stop - place.start) / (told.rows - 1) for place in slices],
            "p": [told.together(tests[place]) for place in slices],
            "levels": [len(term.levels) for term in chosen.kept],
            "inflation": inflation(cross[:-1, :-1], slices),
        }
    )
    frame["importance_share"] = frame["importance"] / told.r2
    frame["q"], frame["found"] = false_discovery(frame["p"].to_numpy(), level)
    frame["tangled"] = frame["inflation"] > TANGLED
    return frame.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
