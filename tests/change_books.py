"""Small books for the tests of comparisons and explanations: deals counted on fingers."""

from datetime import date

import pandas as pd

import kpilib

#: Of a month: members of a dimension, with how many deals were won of how many closed.
Months = dict[str, dict[str, tuple[int, int]]]


def book(months: Months, dimension: str = "segment", as_of: date = date(2026, 2, 28), **tables: pd.DataFrame):
    """A book of deals, one customer a member, closed on the 10th of each month; or one salesperson a member."""
    rows = []
    for month, members in months.items():
        for member, (won, closed) in members.items():
            for number in range(closed):
                rows.append(
                    {"opportunity_id": f"{month} {member} {number}", "customer_id": member, "owner_id": member,
                     "status": "won" if number < won else "lost", "created_on": date(2025, 1, 1),
                     "closed_on": date.fromisoformat(f"{month}-10"), "amount": 100.0, "currency": "EUR"}
                )  # fmt: skip
    names = sorted({member for members in months.values() for member in members})
    made = {"opportunities": pd.DataFrame(rows)}
    if dimension == "segment":
        made["customers"] = pd.DataFrame({"customer_id": names, "name": names, "segment": names})
    else:
        made["salespeople"] = pd.DataFrame({"owner_id": names, "owner": names, "region": names})
    return kpilib.open(made | tables, as_of=as_of)


#: Weights .5 .5 → .2 .8; rates .6 .4 → .6 .45: the whole falls from .50 to .48.
SHIFT: Months = {"2026-01": {"SMB": (30, 50), "Key": (20, 50)}, "2026-02": {"SMB": (12, 20), "Key": (36, 80)}}
#: Both families are won more often, and the whole falls from .52 to .38, for there are more of the hard ones.
REVERSED: Months = {
    "2026-01": {"SMB": (480, 800), "Key": (40, 200)},
    "2026-02": {"SMB": (140, 200), "Key": (240, 800)},
}
#: North had the easy customers and South the hard ones; then both have half of each. East stays as it was.
MERGED: Months = {
    "2026-01": {"North": (800, 1000), "South": (200, 1000), "East": (500, 1000)},
    "2026-02": {"North": (500, 1000), "South": (500, 1000), "East": (500, 1000)},
}
MERGER = pd.DataFrame(
    {"event_id": ["E1", "E2"], "happened_on": [date(2026, 2, 1)] * 2, "event": ["Merger of two territories"] * 2,
     "dimension": ["region"] * 2, "member": ["North", "South"]}
)  # fmt: skip
