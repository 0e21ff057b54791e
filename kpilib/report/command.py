"""`kpi report`: the figures of a period as one file, for mail or paper. It opens the data, writes, and ends."""

import argparse
from typing import Any

from .files import FORMS


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `report` to the commands of `kpi`."""
    line = "write the figures of a period as one file"
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "report", help=line, description="Write the figures of a period as one file: HTML, PDF or Excel."
    )
    said = "2026-06, 2026Q2, 2026 or FY2026 (default: the last month that is over)"
    parser.add_argument("--period", metavar="PERIOD", help=said)
    parser.add_argument("--out", required=True, metavar="FILE", help=f"its suffix says the form: {', '.join(FORMS)}")
    said = "en or fr, with a country if need be: fr_CH (default: that of workbook.toml, else en)"
    parser.add_argument("--language", metavar="LANGUAGE", help=said)
    said = "a folder of exports, a DuckDB file or an engine's URL (default: $KPILIB_DATA, else the demo)"
    parser.add_argument("--data", metavar="DATA", help=said)
    said = "KPIs to report, with commas between (default: those of workbook.toml, else the overview's)"
    parser.add_argument("--kpis", metavar="KEYS", help=said)
    parser.add_argument("--as-of", metavar="DAY", help="the day to speak of (default: the last one of the data)")
    said = "the team's workbook.toml (default: $KPILIB_WORKBOOK, else the one beside the notebooks)"
    parser.add_argument("--workbook", metavar="FILE", help=said)
    return parser


def run(args: argparse.Namespace) -> int:
    """Write the report and say where it is; 0 when done."""
    import kpilib
    from kpilib.workbook import settings

    from .content import contents
    from .files import checked, write

    path = checked(args.out)  # before minutes are spent on what cannot be written
    chosen = settings(args.workbook)
    keys = [key.strip() for key in (args.kpis or "").split(",") if key.strip()]
    book = kpilib.open(args.data, args.as_of)
    try:
        report = contents(book, args.period, keys, args.language or chosen.report.language or "en", chosen)
        write(report, path)
    finally:
        book.close()
    print(f"Written to {path}: {report.period.name}, {len(report.headlines)} KPIs, {path.stat().st_size:,} bytes.")
    return 0
