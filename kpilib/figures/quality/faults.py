"""What is empty, points nowhere or was refused: field by field, check by check. Of the whole company."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.tables import TABLES
from kpilib.show import charts, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words
from kpilib.stats.intervals import wilson

_TABLE, _FIELD, _WANTED, _MISSING = N_("Table"), N_("Field"), N_("Should have it"), N_("Missing")
_SHARE, _KEYS, _NOWHERE = N_("Share missing"), N_("Keys"), N_("Point nowhere")
_REASON, _DONE, _ROWS, _PART = N_("What is wrong"), N_("What was done"), N_("Rows"), N_("Of the rows read")
_ALL_FILLED = N_("All {n} cells that matter are filled, in {fields} fields of {tables} tables.")
_EMPTIEST = N_(
    "{missing} of {n} cells that matter are empty ({share}). Most are missing in {field} of {table}: {worst} of {of} "
    "records ({part})."
)
_WHICH = N_(
    "A field matters where a figure reads it, and only for the records that should have it: a closing date for closed "
    "deals, a reason for lost ones. The filters do not change this."
)
_ALL_KNOWN = N_("All {n} keys point to a record that is there.")
_LOST = N_(
    "{lost} of {n} keys point to a record that is not there ({share}); most of them in {field} of {table} ({worst})."
)
_NO_KEYS = N_("No table here has keys of another one.")
_TO_NOWHERE = N_(
    "What points nowhere keeps its numbers and loses its place: it is in the total, and under “(not given)” wherever "
    "figures are cut by customer, salesperson or product."
)
_NOT_COUNTED = N_("These data were not imported here, so that nobody checked their rows.")
_NONE_REFUSED = N_("None of {read} rows that were read failed a check.")
_SOME_REFUSED = N_(
    "Of {read} rows that were read, {refused} were refused ({share}); {flagged} cells of the others were emptied or "
    "flagged. Most often: {reason} ({table}), {rows} rows."
)
_LEDGER = N_(
    "Refused: the row was left out. Emptied: the row stays, the cell does not. Kept: both stay, and the row is "
    "flagged. Refused rows can be read in the table 'refused', with file and line. The filters do not change this."
)
#: What an import does with a row that fails a check.
DONE = {"refused": N_("refused"), "emptied": N_("emptied"), "kept": N_("kept")}


def fields(view: View) -> Drawn:
    """Which of the fields that matter are empty, the emptiest first."""
    words, found = view.words, why.found(view, "data_faults")["fields"]
    found = found[found["wanted"] > 0]
    if found.empty:
        raise charts.Nothing("No row matches.")
    lines = found.assign(missing=found["wanted"] - found["filled"])
    lines = _shares(lines, "missing", "wanted", words)
    gone = lines[lines["missing"] > 0]
    n, lost = int(lines["wanted"].sum()), int(lines["missing"].sum())
    if gone.empty:
        said = words.say(_ALL_FILLED, n=words.count(n), fields=len(lines), tables=lines["table"].nunique())
    else:
        first = gone.iloc[0]
        said = words.say(
            _EMPTIEST, missing=words.count(lost), n=words.count(n), share=words.text(lost / n, "share"),
            field=_label(first, words), table=first["table"], worst=words.count(first["missing"]),
            of=words.count(first["wanted"]), part=words.text(first["value"], "share"),
        )  # fmt: skip
    named = {"table": _TABLE, "label": _FIELD, "wanted": _WANTED, "missing": _MISSING, "value": _SHARE}
    table = tables.shown(lines, named, {_WANTED: "count", _MISSING: "count", _SHARE: "share"})
    return Drawn(said, _chart(gone, words, _SHARE), table, n, words.say(_WHICH), company.slice_(view))


def orphans(view: View) -> Drawn:
    """Which keys point to no record, table by table."""
    words, found = view.words, why.found(view, "data_faults")["fields"]
    found = found[found["pointing"] > 0]
    if found.empty:
        return Drawn(words.say(_NO_KEYS), note=words.say(_TO_NOWHERE), slice=company.slice_(view))
    lines = _shares(found.assign(missing=found["orphans"]), "missing", "pointing", words)
    gone = lines[lines["missing"] > 0]
    n, lost = int(lines["pointing"].sum()), int(lines["missing"].sum())
    said = words.say(_ALL_KNOWN, n=words.count(n))
    if len(gone):
        first = gone.sort_values("missing", ascending=False, kind="stable").iloc[0]
        said = words.say(
            _LOST, lost=words.count(lost), n=words.count(n), share=words.text(lost / n, "share"),
            field=_label(first, words), table=first["table"], worst=words.count(first["missing"]),
        )  # fmt: skip
    named = {"table": _TABLE, "label": _FIELD, "pointing": _KEYS, "missing": _NOWHERE, "value": _SHARE}
    table = tables.shown(lines, named, {_KEYS: "count", _NOWHERE: "count", _SHARE: "share"})
    return Drawn(said, _chart(gone, words, _NOWHERE), table, n, words.say(_TO_NOWHERE), company.slice_(view))


def refused(view: View) -> Drawn:
    """What the import found wrong, check by check, and what it did."""
    words, found = view.words, why.found(view, "data_faults")
    checks, read = found["checks"], int(found["imports"]["read"].sum()) if len(found["imports"]) else 0
    if not read:
        return Drawn(words.say(_NOT_COUNTED), slice=company.slice_(view))
    if checks.empty:
        return Drawn(words.say(_NONE_REFUSED, read=words.count(read)), None, None, read, slice=company.slice_(view))
    table = pd.DataFrame(
        {
            _TABLE: checks["table"], _FIELD: checks["field"],
            _REASON: [_reason(one, words) for one in checks["reason"]],
            _DONE: [words.say(DONE.get(one, one)) for one in checks["action"]], _ROWS: checks["rows"],
            _PART: checks["share"],
        }
    )  # fmt: skip
    table.attrs["units"] = {_ROWS: "count", _PART: "share"}
    lost = int(found["imports"]["refused"].sum())
    first, flagged = checks.iloc[0], int(checks.loc[checks["action"] != "refused", "rows"].sum())
    said = words.say(
        _SOME_REFUSED, read=words.count(read), refused=words.count(lost), share=words.text(lost / read, "share"),
        flagged=words.count(flagged), reason=_reason(first["reason"], words), table=first["table"],
        rows=words.count(first["rows"]),
    )  # fmt: skip
    return Drawn(said, _refused_chart(found["imports"], words), table, read, words.say(_LEDGER), company.slice_(view))


def _refused_chart(imports: pd.DataFrame, words: Words) -> charts.Plot | None:
    lines = imports[imports["refused"] > 0].rename(columns={"table": "group"})
    lines = _intervals(lines, "refused", "read").assign(rows=lines["read"])
    if lines.empty:
        return None
    return charts.bars(lines, unit="share", words=words, measure=words.say(N_("Refused rows")), colour="lost")


def _reason(reason: str, words: Words) -> str:
    """A check's sentence as the import wrote it: in English, with what it names."""
    return words.say(reason) if "{" not in reason else reason


def _shares(lines: pd.DataFrame, top: str, bottom: str, words: Words) -> pd.DataFrame:
    """Each line's share with its interval, the largest first, and what its field is called."""
    made = _intervals(lines, top, bottom).sort_values(["value", "table", "field"], ascending=[False, True, True])
    return made.assign(label=[_label(line, words) for _, line in made.iterrows()])


def _intervals(lines: pd.DataFrame, top: str, bottom: str) -> pd.DataFrame:
    n, d = lines[top].to_numpy(float), lines[bottom].to_numpy(float)
    low, high = wilson(n, d)
    return lines.assign(value=np.divide(n, d, out=np.full(len(n), np.nan), where=d > 0), low=low, high=high)


def _label(line: pd.Series, words: Words) -> str:
    return words.say(TABLES[line["table"]].column(line["field"]).label)


def _chart(gone: pd.DataFrame, words: Words, measure: str) -> charts.Plot | None:
    """The fields with most missing, each with its table; none where nothing is."""
    if gone.empty:
        return None
    named = [f"{label} ({table})" for label, table in zip(gone["label"], gone["table"], strict=True)]
    rows = gone["wanted"].where(gone["wanted"] > 0, gone["pointing"])
    frame = gone.assign(group=named, rows=rows)[["group", "value", "low", "high", "rows"]]
    return charts.bars(frame, unit="share", words=words, measure=words.say(measure), colour="lost")
