"""Is there a score below which customers leave, and where: existence first, then the cut with its confidence set.

The candidate cuts are fixed before any outcome is looked at. Existence is a permutation test within strata; what is
"below" counts only where risk is higher there. The cliff (step), the elbow (hinge) and a steady slope are held against
each other. `below_cut` says what risk stands on either side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats.by_score import Grouped
from kpilib.stats.intervals import Floats
from kpilib.stats.maxstat import lausen_schumacher
from kpilib.stats.shapes import Hinge, expected, hinge, shares, slope_gain
from kpilib.stats.stratified import fit, loglik_without

#: Share of the rows that must lie on each side of a cut for it to be tried.
TRIM = 0.05
#: A relation that chance gives more often than this is none.
LEVEL = 0.05
#: Under this many customers a weak threshold can neither be located nor excluded.
FEW = 1000
#: Under these, nothing is estimated.
FEWEST_CUSTOMERS, FEWEST_LEFT = 100, 20
_MOST_CUTS = 20
_HOPELESS = 20.0
_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class Threshold:
    """What was found of a threshold.

    Attributes
    ----------
    exists : bool
        Whether risk depends on which side of some cut a score lies beyond what chance gives (p ≤ LEVEL).
    p, permutations
        The permutation p-value and how many permutations it counts.
    p_formula : float
        The p-value of Lausen and Schumacher, for comparison; too large for few scores.
    cuts : ndarray, shape (c,)
        Candidates: the highest score that counts as below.
    below : ndarray, shape (c,)
        Share of the rows below each.
    gain : ndarray, shape (c,)
        2(ℓ − ℓ0) of a step at each cut; 0 where risk is lower below.
    cut : float
        The likeliest cut; NaN where none exists, and then `limit` is NaN and nothing is `inside`.
    short, limit : ndarray, shape (c,)
        2(ℓ̂ − ℓ) of each cut and the most that chance explains (parametric bootstrap).
    inside : ndarray of bool, shape (c,)
        The confidence set of the cut.
    hinge : Hinge or None
        The elbow; None where no threshold exists.
    slope_gain : float
        2(ℓ − ℓ0) of a steady slope of the log-odds; NaN where no threshold exists.
    expected : ndarray, shape (s,)
        The share that the step expects to leave at each score; NaN where none exists.
    """

    exists: bool
    p: float
    permutations: int
    p_formula: float
    cuts: Floats
    below: Floats
    gain: Floats
    cut: float
    short: Floats
    limit: Floats
    inside: NDArray[np.bool_]
    hinge: Hinge | None
    slope_gain: float
    expected: Floats

    @property
    def shapes(self) -> dict[str, float]:
        """2(ℓ − ℓ0) less two for each parameter: the higher, the better the shape; empty where none exists.

        A step and a hinge have a place and a height, a slope has a height only.
        """
        if self.hinge is None:
            return {}
        step = float(self.gain.max()) - 4
        return {"step": step, "hinge": self.hinge.gain - 4, "slope": self.slope_gain - 2}


def candidates(rows: ArrayLike, trim: float = TRIM) -> NDArray[np.int64]:
    """Positions of the scores that may be the highest below a cut, fixed from the scores alone.

    Parameters
    ----------
    rows : array_like, shape (s,)
        Rows at each score, ascending.
    trim : float
        Least share of the rows on each side, 0 to under ½.

    Returns
    -------
    ndarray of int
        At most 20; empty where there are no two scores with enough rows.

    Raises
    ------
    BadInput
        A trim that leaves no room.

    Examples
    --------
    >>> candidates([1, 30, 40, 28, 1])
    array([1, 2])
    """
    if not 0 <= trim < 0.5:
        raise BadInput(f"The share on each side of a cut lies between 0 and one half; {trim!r} was given.")
    count = np.asarray(rows, float)
    if count.sum() == 0:
        return np.array([], int)
    share = np.cumsum(count)[:-1] / count.sum()
    found = np.flatnonzero((share >= trim) & (share <= 1 - trim) & (count[:-1] > 0))
    if len(found) > _MOST_CUTS:
        found = found[np.linspace(0, len(found) - 1, _MOST_CUTS).round().astype(int)]
    return found


def why_not(counts: Grouped) -> str:
    """Why no threshold can be looked for, as a short word; "" where it can.

    One of no_answers, no_churn, all_churned, too_few_customers, too_few_left, one_score.
    """
    left, rows = (float(one.sum()) for one in (counts.left, counts.rows))
    reasons = {
        "no_answers": rows == 0,
        "no_churn": left == 0,
        "all_churned": left == rows,
        "too_few_customers": counts.customers < FEWEST_CUSTOMERS,
        "too_few_left": min(left, rows - left) < FEWEST_LEFT,
        "one_score": not len(candidates(counts.by_score[1])),
    }
    return next((reason for reason, true in reasons.items() if true), "")


def find(counts: Grouped, permutations: int = 999, bootstraps: int = 199, seed: int = 0) -> Threshold:
    """Look for a threshold: does one exist, where, how sure, and of what shape.

    Parameters
    ----------
    counts : Grouped
        Rows by stratum and score (`by_score.grouped`). Strata hold what else drives both score and leaving.
    permutations, bootstraps : int
        Draws of the existence test and of the confidence set; 999 and 199 at least.
    seed : int
        Of the draws.

    Returns
    -------
    Threshold
        Same counts, same seed, same answer.

    Raises
    ------
    CannotAnswer
        `why_not` has a reason.

    Notes
    -----
    Sources: Lausen and Schumacher (1992), Biometrics 48:73; Hothorn and Lausen (2003), CSDA 43:121 (permutation);
    Andrews (1993), Econometrica 61:821 (a cut exists under the alternative only); Hansen (2000), Econometrica 68:575
    (inverting the likelihood ratio for the set). Misleads where what drives both score and leaving is not in the
    strata; and where the risk falls steadily there is a best cut all the same: compare `shapes`. In simulations the set
    holds the cut in 95 of 100 worlds, but in about 90 where the threshold is so weak that half of the worlds miss it.
    """
    if reason := why_not(counts):
        raise CannotAnswer(f"No threshold can be looked for in these counts: {reason}.")
    left, rows = counts.by_stratum
    places = candidates(rows.sum(0))
    share = np.cumsum(rows.sum(0))[places] / rows.sum()
    gain = gains(left, rows, places)
    chance = _permuted(left, rows, places, permutations, np.random.default_rng(seed))
    p = float((1 + (chance >= gain.max() - 1e-9).sum()) / (permutations + 1))
    formula = float(lausen_schumacher(np.sqrt(gain.max()), min(share[0], 0.499), max(share[-1], 0.501)))
    cuts, nothing = counts.scores[places], np.full(len(places), np.nan)
    if p > LEVEL:
        short = gain.max() - gain
        blank = np.full(len(counts.scores), np.nan)
        inside = np.zeros(len(places), bool)
        return Threshold(
            False, p, permutations, formula, cuts, share, gain, np.nan, short, nothing, inside, None, np.nan, blank
        )
    limit = _limits(left, rows, places, gain, bootstraps, np.random.default_rng(seed + 1))
    short = gain.max() - gain
    best = int(gain.argmax())
    return Threshold(
        True, p, permutations, formula, cuts, share, gain, float(cuts[best]), short, limit, short <= limit,
        hinge(left, rows, counts.scores, places), slope_gain(left, rows, counts.scores),
        expected(left, rows, (counts.scores <= cuts[best]).astype(float)),
    )  # fmt: skip


def _sides(counts: Floats, places: NDArray[np.int64]) -> Floats:
    """Counts (…, strata, s) as (…, cuts, strata, 2): below and above each cut."""
    below = np.cumsum(counts, axis=-1)[..., places]
    pair = np.stack([below, counts.sum(-1)[..., None] - below], axis=-1)
    return np.moveaxis(pair, -3, -2)


def gains(left: ArrayLike, rows: ArrayLike, places: ArrayLike) -> Floats:
    """2(ℓ − ℓ0) of a step below each cut, 0 where the risk there is lower.

    Parameters
    ----------
    left, rows : array_like, shape (…, strata, s)
        Counts; the leading axes are separate sets of counts.
    places : array_like of int, shape (c,)
        Positions of the highest score below.

    Returns
    -------
    ndarray, shape (…, c)
    """
    d, n = np.asarray(left, float), np.asarray(rows, float)
    at = np.asarray(places, int)
    whole = np.broadcast_shapes(d.shape, n.shape)
    sets = d.reshape((-1, *whole[-2:])) if d.shape == whole else np.broadcast_to(d, whole).reshape((-1, *whole[-2:]))
    many = n.ndim > 2
    sizes = np.broadcast_to(n, whole).reshape(sets.shape) if many else n
    chunk = max(1, _AT_ONCE // max(whole[-2] * len(at) * 2, 1))
    parts = [
        _gains(sets[i : i + chunk], sizes[i : i + chunk] if many else sizes, at) for i in range(0, len(sets), chunk)
    ]
    return np.concatenate(parts).reshape((*whole[:-2], len(at)))


def _gains(left: Floats, rows: Floats, places: NDArray[np.int64]) -> Floats:
    found = fit(_sides(left, places), _sides(rows, places), np.array([1.0, 0.0]))
    gain = 2 * (found.loglik - loglik_without(left, rows)[..., None])
    return np.where(found.slope > 0, np.maximum(gain, 0), 0)


def _permuted(left: Floats, rows: Floats, places: NDArray[np.int64], repeats: int, rng: np.random.Generator) -> Floats:
    """The best gain when, within each stratum, those that left are any of its rows."""
    drawn = [
        rng.multivariate_hypergeometric(rows[k].astype(np.int64), int(left[k].sum()), repeats, method="marginals")
        for k in range(len(rows))
    ]
    return gains(np.stack(drawn, axis=1).astype(float), rows, places).max(-1)


def _limits(
    left: Floats, rows: Floats, places: NDArray[np.int64], gain: Floats, repeats: int, rng: np.random.Generator
) -> Floats:
    """How short of the best each cut falls in 95 of 100 worlds in which it is the true one.

    Cuts that fall hopelessly short are not simulated, and have 0.
    """
    limit = np.zeros(len(places))
    rank = int(np.ceil(0.95 * (repeats + 1))) - 1
    for i, place in enumerate(places):
        if gain.max() - gain[i] > _HOPELESS:
            continue
        p = shares(left, rows, (np.arange(rows.shape[-1]) <= place).astype(float))
        worlds = rng.binomial(rows.astype(np.int64), p, (repeats, *rows.shape)).astype(float)
        found = gains(worlds, rows, places)
        limit[i] = np.sort(found.max(-1) - found[:, i])[rank]
    return limit
