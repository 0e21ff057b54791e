"""What is to be put right, and by whom: counts by salesperson, and the list of records. Reached as ``quality.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.compute.frames import taken
from kpilib.errors import unknown
from kpilib.figures import why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.model.tables import TABLES
from kpilib.show import charts
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low

#: What each problem is called.
PROBLEMS = {
    "orphan": N_("Key that points nowhere"), "contradiction": N_("Contradiction"), "missing": N_("Missing field"),
    "still": N_("Deal that stands still"), "overdue": N_("Deal past its closing day"),
    "duplicate": N_("Looks like another account"), "refused": N_("Row refused at the import"),
}  # fmt: skip
ALL = N_("All problems")
_PROBLEM, _TABLE, _RECORD, _NAME = N_("Problem"), N_("Table"), N_("Record"), N_("Name")
_FIELD, _DETAIL, _SINCE, _RECORDS = N_("Field"), N_("Detail"), N_("Since"), N_("To put right")
_NONE = N_("There is nothing to put right here.")
_ALL_OF = N_("{n} things are to be put right; most of them with {who} ({most}).")
_KINDS = N_("Most often: {problem} ({n}).")
_LISTED = N_("{shown} of {n} are listed here, the newest of each problem; the file of `kpi worklist` has them all.")
_WHOSE = N_(
    "Whose a record is follows from its own salesperson, else from its customer's. Nobody's are under “(not given)”. "
    "The period chosen does not narrow this: what is wrong stays wrong until somebody puts it right."
)


def for_whom(view: View, by: str = "owner") -> Drawn:
    """How many records each salesperson or team has to put right, by problem."""
    words, counts = view.words, _kept(why.found(view, "worklist")["counts"], view)
    if counts.empty:
        return Drawn(words.say(_NONE), None, None, None, words.say(_WHOSE))
    sums = counts.groupby([by, "problem"], sort=True)["records"].sum().unstack(fill_value=0)
    sums = sums.assign(_all=sums.sum(axis=1)).sort_values("_all", ascending=False, kind="stable")
    names = [words.say(NOT_GIVEN) if name == NOT_GIVEN else str(name) for name in sums.index]
    problems = [name for name in PROBLEMS if name in sums]
    table = pd.DataFrame(
        {DIMENSIONS[by].label: names, _RECORDS: sums["_all"].to_numpy()}
        | {PROBLEMS[name]: sums[name].to_numpy() for name in problems}
    )
    table.attrs["units"] = dict.fromkeys([_RECORDS, *(PROBLEMS[name] for name in problems)], "count")
    frame = pd.DataFrame({"group": names, "value": sums["_all"].to_numpy(float), "rows": sums["_all"].to_numpy()})
    frame = frame.assign(low=np.nan, high=np.nan)
    chart = charts.bars(frame, unit="count", words=words, measure=words.say(_RECORDS), minimum=1)
    whole = int(counts["records"].sum())
    kinds = counts.groupby("problem")["records"].sum().sort_values(ascending=False)
    said = words.say(_ALL_OF, n=words.count(whole), who=names[0], most=words.count(sums["_all"].iloc[0]))
    often = low(words.say(PROBLEMS[str(kinds.index[0])]))
    said = f"{said} {words.say(_KINDS, problem=often, n=words.count(kinds.iloc[0]))}"
    return Drawn(said, chart, table, whole, words.say(_WHOSE), _text(view))


def to_do(view: View, problem: str = ALL) -> Drawn:
    """The records to put right: what is wrong, whose it is, since when. Saved as a file it is a worklist."""
    words, found = view.words, why.found(view, "worklist")
    keys = {ALL: None, **{said: key for key, said in PROBLEMS.items() if key != "refused"}}
    if problem not in keys:
        raise unknown("problem", problem, keys)
    rows, counts = _kept(found["rows"], view), _kept(found["counts"], view)
    if keys[problem] is not None:
        rows = taken(rows, np.flatnonzero((rows["problem"] == keys[problem]).to_numpy()))
        counts = counts[counts["problem"] == keys[problem]]
    if rows.empty:
        return Drawn(words.say(_NONE), None, None, None, words.say(_WHOSE), _text(view))
    n = int(counts["records"].sum())
    said = words.say(_LISTED, shown=words.count(len(rows)), n=words.count(n))
    return Drawn(said, None, _table(rows, words), n, words.say(_WHOSE), _text(view))


def _kept(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """The lines of the salespeople chosen."""
    owners = view.where.get("owner")
    return taken(frame, np.flatnonzero(frame["owner"].isin(owners).to_numpy())) if owners else frame


def _text(view: View) -> str:
    owners = view.where.get("owner", ())
    narrowed = {name: list(owners) if name == "owner" else [] for name in view.where}
    said = view.but(where=narrowed, since=None, until=None).text
    return view.words.say("{slice}, records as they are on {day}", slice=said, day=view.book.as_of.isoformat())


def _table(rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    none = words.say(NOT_GIVEN)
    return pd.DataFrame(
        {
            DIMENSIONS["owner"].label: rows["owner"].replace(NOT_GIVEN, none),
            DIMENSIONS["team"].label: rows["team"].replace(NOT_GIVEN, none),
            _PROBLEM: [words.say(PROBLEMS[one]) for one in rows["problem"]],
            _TABLE: rows["table"], _RECORD: rows["record"], _NAME: rows["name"].replace("", NOTHING),
            DIMENSIONS["customer"].label: rows["customer"].replace("", NOTHING),
            _FIELD: [_label(table, field, words) for table, field in zip(rows["table"], rows["field"], strict=True)],
            _DETAIL: rows["detail"].replace("", NOTHING), _SINCE: rows["since"].replace("", NOTHING),
        }
    )  # fmt: skip


def _label(table: str, field: str, words: Words) -> str:
    return words.say(TABLES[table].column(field).label) if field else NOTHING
