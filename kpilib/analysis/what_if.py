"""What moving some of those below a threshold would keep, from what was estimated: plain arithmetic, for a slider."""

from typing import Any


def moved(finding: dict[str, Any], share: float) -> dict[str, Any]:
    """What is kept within a year if that share of the customers below the threshold stood above it.

    Parameters
    ----------
    finding : dict
        `book.finding("threshold")` with the verdict "found".
    share : float
        Of the customers below now, 0 to 1; those moved are taken as alike to the others below.

    Returns
    -------
    dict
        `moved` (customers), and `customers` and `revenue` kept, each with value, low and high; what one cannot tell
        from nothing has a low end below 0.

    Notes
    -----
    Misleads if low scores go along with leaving without causing it: then moving the score keeps nobody.
    """
    stake = finding["at_stake"]
    kept = {name: {end: share * number for end, number in stake[name].items()} for name in ("customers", "revenue")}
    return {"moved": share * finding["now"]["below"], **kept}
