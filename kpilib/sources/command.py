"""`kpi import`: what the command line says about an import, and what it prints."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpilib.errors import BadInput, KpilibError
from kpilib.sources.filling import Progress

_SIDE_EFFECTS = "Nothing is written unless the whole import succeeds."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import` to the commands of `kpi`."""
    parser = subparsers.add_parser(
        "import", help="read a folder of exports into a checked database", description=_SIDE_EFFECTS
    )
    parser.add_argument("folder", type=Path, help="the folder (or the one file) to read")
    parser.add_argument("--dialect", metavar="NAME|FILE.toml", help="whose names the files use (else: the best fit)")
    parser.add_argument("--into", type=Path, metavar="FILE.duckdb", help="what to write (else: FOLDER.duckdb, here)")
    parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="the day of the figures (else: the latest in the data)")
    parser.add_argument("--currency", metavar="EUR", help="the currency to report in (else: the most frequent)")
    parser.add_argument("--rate", action="append", default=[], metavar="USD=0.92", help="one USD is 0.92 of it; repeat")
    parser.add_argument("--dates", choices=["dmy", "mdy"], help="how 03/04/2026 is read where no row proves it")
    parser.add_argument("--decimal", choices=[".", ","], help="how 1.234 is read where no row proves it")
    parser.add_argument("--propose", action="store_true", help="only say what each dialect would read")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `kpi import`.

    Returns
    -------
    int
        0, or 2 where the import could not be made; the sentence that says why is on the standard error stream.
    """
    try:
        print(_propose(args) if args.propose else _import(args), end="")
    except KpilibError as error:
        print(f"kpi import: {error}", file=sys.stderr)
        return 2
    return 0


def _propose(args: argparse.Namespace) -> str:
    from kpilib.sources.importing import propose

    return propose(args.folder).text() + "\n"


def _import(args: argparse.Namespace) -> str:
    from kpilib.sources.importing import import_folder

    with _progress() as progress:
        report = import_folder(
            args.folder,
            args.into or _beside(args.folder),
            dialect=args.dialect,
            as_of=args.as_of,
            currency=args.currency,
            rates=rates(args.rate),
            dates=args.dates,
            decimal=args.decimal,
            progress=progress,
        )
    return report.text()


def _beside(folder: Path) -> Path:
    """The database's name where none is given: the folder's (or the file's), in the current directory."""
    whole = folder.resolve()
    return Path(f"{whole.stem if whole.is_file() else whole.name}.duckdb")


def rates(said: list[str]) -> dict[str, float]:
    """Exchange rates as the command line writes them.

    Raises
    ------
    BadInput
        For a text that is not CODE=NUMBER.

    Examples
    --------
    >>> rates(["USD=0.92", "gbp=1.17"])
    {'USD': 0.92, 'GBP': 1.17}
    """
    out = {}
    for text in said:
        code, _, number = text.partition("=")
        try:
            out[code.strip().upper()] = float(number)
        except ValueError:
            raise BadInput(f"--rate {text!r} is not a rate. Write it as USD=0.92.") from None
    return out


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar a table where a person watches; nothing where the output goes to a file or another program."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}

        def show(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bars.add_task(table, total=total)
            bars.update(tasks[table], completed=done, total=total)  # type: ignore[arg-type]

        yield show
