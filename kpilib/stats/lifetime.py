"""What a customer is worth: margins to come, each times the chance of still being there, discounted.

`contract` models lives whose end is told, `buying` and `spending` those of customers who stop without a word; here is
what both share, and the textbook formula.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.below_cut import Estimate
from kpilib.stats.intervals import Floats

#: When the first margin falls: one period from now, or now.
First = Literal["end", "now"]


def formula_value(margin: ArrayLike, retention: ArrayLike, discount: float, first: First = "end") -> Floats:
    """The value of a customer who stays each period with the same probability, for ever.

    Parameters
    ----------
    margin : array_like
        Margin of one period.
    retention : array_like
        Share that stays from one period to the next, 0 to 1.
    discount : float
        Rate for one period, 0 or more.
    first : {"end", "now"}
        "end": the first margin falls a period from now, if the customer stays: m·r / (1 + d − r). "now": it falls now,
        for certain: m·(1 + d) / (1 + d − r). The second is the first and one margin more.

    Returns
    -------
    ndarray
        In the unit of the margin; inf where nobody ever leaves and nothing is discounted.

    Raises
    ------
    BadInput
        A retention outside 0 to 1, a discount below 0, another convention.

    Notes
    -----
    Source: Gupta and Lehmann (2003), Journal of Interactive Marketing 17:9; Fader and Hardie (2012), "Reconciling and
    clarifying CLV formulas". Misleads, too low, where the early leavers are of another kind: see `contract`.

    Examples
    --------
    >>> formula_value(100, 0.8, 0.1).round(3), formula_value(100, 0.8, 0.1, first="now").round(3)
    (np.float64(266.667), np.float64(366.667))
    """
    m, r = np.broadcast_arrays(np.asarray(margin, float), np.asarray(retention, float))
    if first not in ("end", "now"):
        raise BadInput(f"The first margin falls at the 'end' of the period or 'now'; {first!r} was given.")
    if ((r < 0) | (r > 1)).any():
        raise BadInput("A retention is a share, 0 to 1; one outside was given. 80 % is 0.8.")
    if not discount >= 0:
        raise BadInput(f"A discount rate is 0 or more for one period; {discount!r} was given. 10 % is 0.1.")
    with np.errstate(divide="ignore", invalid="ignore"):
        value: Floats = m * (r if first == "end" else 1 + discount) / (1 + discount - r)
    return value


def per_period(yearly: float, periods: int = 12) -> float:
    """The rate of one of so many periods a year that makes up a yearly rate.

    Examples
    --------
    >>> round(per_period(0.10), 6)
    0.007974
    """
    return float((1 + yearly) ** (1 / periods) - 1)


def times(one: Estimate, other: Estimate) -> Estimate:
    """The product of two independent estimates with its interval.

    Square-and-add of the logs where all ends are positive (Zou and Donner 2008, Statistics in Medicine 27:1693); else
    the widest of the products of the ends, which is too wide rather than too narrow.
    """
    value = one.value * other.value
    if min(one.low, other.low) > 0:
        down = np.hypot(np.log(one.value / one.low), np.log(other.value / other.low))
        up = np.hypot(np.log(one.high / one.value), np.log(other.high / other.value))
        return Estimate(value, float(value * np.exp(-down)), float(value * np.exp(up)))
    ends = [a * b for a in (one.low, one.high) for b in (other.low, other.high)]
    return Estimate(value, float(min(ends)), float(max(ends)))
