"""The command `kpi`: app · lab · demo · import · check · alerts · report · worklist · list.

Thin: each command imports what it needs when it runs. An error that a reader can cause is one sentence on standard
error and exit code 2; there is no traceback.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from kpilib.errors import KpilibError
from kpilib.language import LANGUAGES
from kpilib.serve.places import NOTEBOOKS, WORKERS

ELSEWHERE = {
    "demo": ("kpilib.demo.command", "make the demo company"),
    "import": ("kpilib.sources.command", "import exports into one database"),
    "alerts": ("kpilib.alerts.command", "say what calls for attention, and mail or post it"),
    "report": ("kpilib.report.command", "write the figures of a period as one file"),
    "worklist": ("kpilib.show.worklist", "write who must put right what in the data"),
}
"""Commands that other parts bring: their module (`add_parser`, `run`) and the line that `kpi --help` shows."""

REFUSED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; default: those of the process.

    Returns
    -------
    int
        0 when done, 2 when what was given cannot be used.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    args = parser(argv[0] if argv else "").parse_args(argv)
    try:
        return int(args.run(args) or 0)
    except KpilibError as error:
        print(f"kpi {args.command}: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `kpi list | head` closes the pipe; Python would complain once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser(command: str = "") -> argparse.ArgumentParser:
    """The parser of all commands; of those that other parts bring, only `command`'s module is imported."""
    top = argparse.ArgumentParser(prog="kpi", description="The key figures of the customer relation, on your own data.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _serving(commands, "app", "show the notebooks as an application in the browser", 8866, app)
    _serving(commands, "lab", "open the notebooks in JupyterLab", 8888, lab)
    for name, (module, line) in ELSEWHERE.items():
        if name == command:
            part = import_module(module)
            part.add_parser(commands)
            commands.choices[name].set_defaults(run=part.run)
        else:
            commands.add_parser(name, help=line, add_help=False)
    checked = commands.add_parser("check", help="say what an import reads and refuses, and which KPIs it can answer")
    checked.add_argument("data", metavar="DATA", help="a folder of exports, a DuckDB file or an engine's URL")
    checked.set_defaults(run=check)
    listed = commands.add_parser("list", help="print the catalogue of KPIs, or what is to be known of one")
    said = "a KPI: print its definitions, where they mislead and come from, and an example"
    listed.add_argument("key", nargs="?", metavar="KPI", help=said)
    listed.add_argument("--language", choices=LANGUAGES, default="en", help="default: %(default)s")
    listed.set_defaults(run=catalogue)
    return top


def app(args: argparse.Namespace) -> int:
    """`kpi app`: open the data once, then serve the notebooks until stopped."""
    from kpilib.serve.app import Limits, serve

    limits = Limits(args.workers, args.kernels, args.time_limit)
    options = {"open_browser": not args.no_browser, "limits": limits}
    serve(args.data, args.notebooks, port=args.port, host=args.host, **options)
    return 0


def lab(args: argparse.Namespace) -> int:
    """`kpi lab`: JupyterLab on the notebooks, with the same data."""
    from kpilib.serve.lab import run

    return run(args.data, args.notebooks, port=args.port, open_browser=not args.no_browser)


def check(args: argparse.Namespace) -> int:
    """`kpi check`: the import report, then each KPI with what it misses; nothing is kept."""
    import kpilib

    with tempfile.TemporaryDirectory(prefix="kpi-check-") as scratch:
        source = _imported(args.data, Path(scratch))
        book = kpilib.open(source)
        missing = {key: book.why_not(key) for key in book.kpis}
        print(f"KPIs that these data answer: {sum(not why for why in missing.values())} of {len(missing)}")
        for key, why in missing.items():
            print(f"  {'no ' if why else 'yes'}  {key:<34}{why or book.kpis[key].name}")
    return 0


def catalogue(args: argparse.Namespace) -> int:
    """`kpi list`: every KPI with its unit and its question; `kpi list win_rate`: all that is to be known of one."""
    from kpilib.catalogue import CATALOGUE, get
    from kpilib.language import say

    if args.key:
        from kpilib.figures.glossary import told
        from kpilib.show.words import Words

        print(told.plain(get(args.key), Words("", args.language)))
        return 0
    axis = None
    for kpi in CATALOGUE.values():
        if kpi.axis != axis:
            axis = kpi.axis
            print(f"\n{axis.capitalize()}")
        print(f"  {kpi.key:<34}{kpi.unit:<11}{say(kpi.question, args.language)}")
    return 0


def _imported(data: str, scratch: Path) -> str:
    """Print the import report of a folder or a DuckDB file; what `kpilib.open` takes from here."""
    from kpilib.sources.importing import import_folder
    from kpilib.sources.report import report_of

    if "://" in data:
        return data
    path = Path(data).expanduser()
    if path.is_file():
        print(report_of(path).text())
        return str(path)
    database = scratch / f"{path.resolve().name}.duckdb"
    print(import_folder(path, database).text())
    return str(database)


def _serving(commands: Any, name: str, line: str, port: int, run: Any) -> None:
    command = commands.add_parser(name, help=line, description=line.capitalize() + ".")
    said = "a folder of exports, a DuckDB file or an engine's URL (default: $KPILIB_DATA, else the demo)"
    command.add_argument("--data", metavar="DATA", help=said)
    command.add_argument("--notebooks", default=NOTEBOOKS, type=Path, metavar="FOLDER", help="default: the workbook's")
    command.add_argument("--port", type=int, default=port, help="default: %(default)s")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")
    if name == "app":
        said = "default: %(default)s, this machine alone; any other needs the token that is printed"
        command.add_argument("--host", default="127.0.0.1", help=said)
        said = "seconds that a step of a page may take (default: %(default)s)"
        command.add_argument("--time-limit", type=_several, default=120, metavar="SECONDS", help=said)
        said = "processes that compute the pages (default: %(default)s, one a core, at most 4)"
        command.add_argument("--workers", type=_several, default=WORKERS, metavar="COUNT", help=said)
        said = "visitors at once of notebooks that need a kernel each (default: %(default)s)"
        command.add_argument("--kernels", type=_several, default=10, metavar="COUNT", help=said)
    command.set_defaults(run=run)


def _several(text: str) -> int:
    """A number that is at least 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
