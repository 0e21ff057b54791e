"""The worklist as a file, and as a command: `kpi worklist` writes who must put right what, by salesperson."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from kpilib.errors import BadInput, unknown
from kpilib.language import N_

from . import exports
from .words import Words

_HEADS = {
    "owner": N_("Salesperson"), "team": N_("Team"), "problem": N_("Problem"), "table": N_("Table"),
    "record": N_("Record"), "name": N_("Name"), "customer": N_("Customer"), "field": N_("Field"),
    "detail": N_("Detail"), "since": N_("Since"),
}  # fmt: skip


def written(book: Any, path: Path, owner: str | None = None, locale: str = "en") -> int:
    """Write the whole worklist of a book to a CSV or Excel file.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    path : Path
        Its ending says the form: ``.csv`` or ``.xlsx``.
    owner : str, optional
        One salesperson's alone.
    locale : str
        The language of the headings.

    Returns
    -------
    int
        How many records it holds; a file without records has its headings.

    Raises
    ------
    BadInput
        Another ending, or a place that cannot be written to.
    UnknownName
        No such salesperson, with a did-you-mean.
    """
    form = checked(path)
    frame, words = listed(book, owner), Words(book.currency, locale)
    frame = frame.rename(columns={name: words.say(head) for name, head in _HEADS.items()})
    about = [
        (words.say("Question"), words.say("Who must put right what?")),
        (words.say("As of"), book.as_of.isoformat()),
        (words.say("Fingerprint of the data"), book.fingerprint[:12]),
    ]
    try:
        path.write_bytes(exports.as_bytes(frame, form, about))
    except OSError as error:
        raise BadInput(f"{str(path)!r} cannot be written: {error.strerror}. Choose another place.") from error
    return len(frame)


def listed(book: Any, owner: str | None = None) -> pd.DataFrame:
    """The whole worklist, or that of one salesperson; `UnknownName` where nobody is called so."""
    from kpilib.analysis.worklist import whole

    if owner is not None:
        known = {str(name) for name in book.members("owner", "records")["member"]}
        if owner not in known:
            raise unknown("salesperson", owner, known)
    return whole(book, owner)


def checked(path: Path) -> str:
    """The form that a path's ending says: "csv" or "xlsx"."""
    form = path.suffix.lower().lstrip(".")
    if form not in exports.FORMS:
        raise BadInput(
            f"A worklist is written as {' or '.join(f'.{one}' for one in exports.FORMS)}; {path.name!r} is neither."
        )
    return form


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `worklist` to the commands of `kpi`."""
    line = "write who must put right what in the data"
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "worklist", help=line, description="Write the records with faults, by salesperson, as CSV or Excel."
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="its ending says the form: .csv or .xlsx")
    parser.add_argument("--owner", metavar="NAME", help="one salesperson's alone (default: everybody's)")
    said = "a folder of exports, a DuckDB file or an engine's URL (default: $KPILIB_DATA, else the demo)"
    parser.add_argument("--data", metavar="DATA", help=said)
    parser.add_argument("--as-of", metavar="DAY", help="the day to speak of (default: the last one of the data)")
    parser.add_argument("--language", metavar="LANGUAGE", default="en", help="en or fr (default: en)")
    return parser


def run(args: argparse.Namespace) -> int:
    """Write the worklist and say how long it is; 0 when done."""
    import kpilib

    path = Path(args.out)
    checked(path)  # before minutes are spent on what cannot be written
    book = kpilib.open(args.data, args.as_of)
    try:
        n = written(book, path, args.owner, args.language)
    finally:
        book.close()
    print(f"Written to {path}: {n:,} records to put right.")
    return 0
