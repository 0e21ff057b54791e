"""How sure one can be of a share, a ratio, a difference or a product, and which of many differences stand out.

Arrays broadcast together; the result has their common shape, and is NaN where nothing was observed. Which KPI the
numbers come from is not known here.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput

Floats = NDArray[np.float64]
Band = tuple[Floats, Floats]


def _upper(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise BadInput(f"A confidence lies between 0 and 1, {confidence!r} was given; 0.95 is usual.")
    return (1 + confidence) / 2


def normal_quantile(confidence: float) -> float:
    """Half width of a two-sided normal interval in standard errors: 1.96 at 0.95; BadInput outside 0 to 1."""
    from scipy.special import ndtri

    return float(ndtri(_upper(confidence)))


def _t_quantile(degrees: Floats, confidence: float) -> Floats:
    from scipy.special import stdtrit

    return stdtrit(degrees, _upper(confidence))


def checked_shares(successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Check counts and return (successes, trials, share), the share NaN where there were no trials."""
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    wrong = (x < 0) | (x > n * (1 + 1e-9))
    if wrong.any():
        at = np.flatnonzero(wrong)
        raise BadInput(
            f"A share needs 0 ≤ successes ≤ trials: {x.flat[at[0]]:g} of {n.flat[at[0]]:g} is not one "
            f"({at.size} such, the first at position {at[0]}). For a ratio that may pass 1 use ratio_of_sums."
        )
    n = np.where(n > 0, n, np.nan)
    x = np.minimum(x, n)
    return x, n, x / n


def wilson(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of a share of independent trials.

    Parameters
    ----------
    successes, trials : array_like
        Counts; weights that sum to fractions are taken as they are.
    confidence : float
        Share of such intervals that hold the true share, 0.95 by default.

    Returns
    -------
    low, high : ndarray
        Fractions 0 to 1, of the broadcast shape; NaN where trials = 0. Empty in, empty out.

    Raises
    ------
    BadInput
        A share below 0 or above 1, or a confidence outside 0 to 1.

    Notes
    -----
    Source: Wilson (1927), JASA 22:209. Misleads, too narrow, when trials are not independent (deals of one customer).

    >>> np.round(wilson(81, 263), 4)
    array([0.2553, 0.3662])
    """
    x, n, _ = checked_shares(successes, trials)
    z = normal_quantile(confidence)
    middle = (x + z * z / 2) / (n + z * z)
    half = z * np.sqrt(x * (n - x) / n + z * z / 4) / (n + z * z)
    # The ends are exactly 0 and 1 at no and at all successes; arithmetic leaves 1e-17 of it.
    low = np.where(x == 0, 0.0, np.maximum(middle - half, 0))
    return low, np.where(x == n, 1.0, np.minimum(middle + half, 1))


def newcombe(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of the difference x1/n1 − x2/n2 of two independent shares (hybrid score).

    Parameters
    ----------
    x1, n1, x2, n2, confidence
        Successes and trials of both groups; the rest, and what it raises, as `wilson`.

    Returns
    -------
    low, high : ndarray
        Differences −1 to 1; NaN where either group has no trials. Empty in, empty out.

    Notes
    -----
    Source: Newcombe (1998), Statistics in Medicine 17:873, method 10. Misleads when both groups share members (the same
    customers before and after): that is a paired difference.
    """
    p1, p2 = checked_shares(x1, n1)[2], checked_shares(x2, n2)[2]
    (low1, high1), (low2, high2) = wilson(x1, n1, confidence), wilson(x2, n2, confidence)
    return p1 - p2 - np.hypot(p1 - low1, high2 - p2), p1 - p2 + np.hypot(high1 - p1, p2 - low2)


def counted(count: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of the number that was to be expected where so many came (Poisson, exact).

    Parameters
    ----------
    count : array_like
        How many came, 0 or more; sums of weights are taken as they are.
    confidence : float
        At least this share of such intervals hold the true number.

    Returns
    -------
    low, high : ndarray
        0 to 3.69 where none came. Empty in, empty out.

    Raises
    ------
    BadInput
        A confidence outside 0 to 1.

    Notes
    -----
    Source: Garwood (1936), Biometrika 28:437. Misleads, too narrow, where those who come bring each other.

    >>> np.round(counted(10), 2)
    array([ 4.8 , 18.39])
    """
    from scipy.special import gammaincinv

    n, upper = np.asarray(count, float), _upper(confidence)
    # At 0 the lower quantile is that of nothing: the end is 0 itself.
    low = np.where(n > 0, gammaincinv(np.where(n > 0, n, 1.0), 1 - upper), 0.0)
    return low, np.asarray(gammaincinv(n + 1, upper), float)


def _five(*sums: ArrayLike) -> list[Floats]:
    """Broadcast (n, Σy, Σx, Σy², Σxy, Σx²); all NaN where fewer than two rows or Σx = 0."""
    arrays = np.broadcast_arrays(*(np.asarray(s, float) for s in sums))
    usable = (arrays[0] >= 2) & (arrays[2] != 0)
    return [np.where(usable, a, np.nan) for a in arrays]


def ratio_of_sums(
    n_rows: ArrayLike,
    sum_n: ArrayLike,
    sum_d: ArrayLike,
    sum_nn: ArrayLike,
    sum_nd: ArrayLike,
    sum_dd: ArrayLike,
    confidence: float = 0.95,
) -> Band:
    """Interval of Σn / Σd from the row count and five sums, by the delta method.

    With R = Σn/Σd it is the t interval, n − 1 degrees of freedom, of the mean residual n − R·d divided by the mean d.

    Parameters
    ----------
    n_rows, sum_n, sum_d, sum_nn, sum_nd, sum_dd : array_like
        The number of rows, and Σn, Σd, Σn², Σnd, Σd² over them.
    confidence : float
        Confidence of the interval, 0.95 by default.

    Returns
    -------
    low, high : ndarray
        In the unit of the ratio; NaN where there are fewer than two rows or Σd = 0. Empty in, empty out.

    Raises
    ------
    BadInput
        A confidence outside 0 to 1.

    Notes
    -----
    Source: Cochran (1977), Sampling Techniques, §6.3, without the finite population correction. Misleads when rows are
    not independent (pass one row a customer, summed beforehand), when a few rows hold most of Σd (see `fieller`), and
    for a share whose rows all agree: the width is then 0, use `wilson`. A spread of less than about 1e-8 of the values
    cannot be told from rounding in the sums.
    """
    n, sy, sx, syy, sxy, sxx = _five(n_rows, sum_n, sum_d, sum_nn, sum_nd, sum_dd)
    ratio = sy / sx
    scale = syy + ratio**2 * sxx
    squares = syy - 2 * ratio * sxy + ratio**2 * sxx
    # A difference of large sums: what rounding leaves, of either sign, is no spread.
    squares = np.where(squares <= 16 * np.finfo(float).eps * scale, 0 * scale, squares)
    half = _t_quantile(n - 1, confidence) * np.sqrt(n / (n - 1) * squares) / np.abs(sx)
    return ratio - half, ratio + half


def fieller(*sums: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of Σn / Σd that takes the uncertainty of Σd in full; asymmetric, and unbounded if Σd may be 0.

    Parameters
    ----------
    *sums, confidence
        n_rows, sum_n, sum_d, sum_nn, sum_nd, sum_dd as in `ratio_of_sums`, which also says what it raises.

    Returns
    -------
    low, high : ndarray
        In the unit of the ratio; NaN where there are fewer than two rows or Σd = 0; (−inf, inf) where Σd cannot be told
        from 0 at this confidence. Empty in, empty out.

    Notes
    -----
    Source: Fieller (1954), JRSS B 16:175. Assumes nearly normal means; misleads with a handful of skewed rows.
    """
    n, sy, sx, syy, sxy, sxx = _five(*sums)
    t2 = _t_quantile(n - 1, confidence) ** 2 / (n * (n - 1))
    # (ȳ − R x̄)² ≤ t²·Var(y − R x): a quadratic a·R² − 2b·R + c ≤ 0.
    a = (sx / n) ** 2 - t2 * np.maximum(sxx - sx**2 / n, 0)
    b = sy * sx / n**2 - t2 * (sxy - sy * sx / n)
    c = (sy / n) ** 2 - t2 * np.maximum(syy - sy**2 / n, 0)
    root = np.sqrt(np.maximum(b * b - a * c, 0))
    bounded = ~(a <= 0)  # NaN stays NaN
    a = np.where(bounded, a, 1.0)
    return np.where(bounded, (b - root) / a, -np.inf), np.where(bounded, (b + root) / a, np.inf)


def product(values: ArrayLike, ses: ArrayLike, powers: ArrayLike | None = None, confidence: float = 0.95) -> Band:
    """Interval of a product or quotient of independent positive factors, symmetric on the log scale.

    Parameters
    ----------
    values, ses : array_like, shape (k, …)
        The k factors along the first axis, and their standard errors in the same units.
    powers : array_like, shape (k,), optional
        1 for a factor, −1 for a divisor; all 1 by default.

    Returns
    -------
    low, high : ndarray, shape (…)
        In the unit of the product; NaN where a factor is not positive or not known.

    Raises
    ------
    BadInput
        No factors, or not one power a factor.

    Notes
    -----
    Source: delta method on log, as Oehlert (1992), The American Statistician 46:27. Misleads when factors move together
    (value and win rate of the same deals), or when a standard error passes a third of its factor.
    """
    v, se = np.broadcast_arrays(np.asarray(values, float), np.asarray(ses, float))
    if v.ndim == 0 or v.shape[0] == 0:
        raise BadInput("A product needs at least one factor along the first axis; none was given.")
    p = np.ones(v.shape[0]) if powers is None else np.asarray(powers, float)
    if p.shape != (v.shape[0],):
        raise BadInput(f"{v.shape[0]} factors need {v.shape[0]} powers; powers of shape {p.shape} were given.")
    v = np.where(v > 0, v, np.nan)
    log = np.tensordot(p, np.log(v), axes=1)
    half = normal_quantile(confidence) * np.sqrt(np.tensordot(p * p, (se / v) ** 2, axes=1))
    return np.exp(log - half), np.exp(log + half)
