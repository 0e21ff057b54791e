"""`kpi demo`: make the demo company again, or a larger one."""

import argparse
from typing import Any

from kpilib.demo.truths import SCENARIOS
from kpilib.demo.write import write


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `demo` to the commands of `kpi`; its arguments carry `run` as `run`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "demo", help="make the demo company", description="Make the demo company: one CSV file a table, from a seed."
    )
    parser.add_argument("--into", default="data/demo", metavar="FOLDER", help="where to write (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same bytes (default: %(default)s)")
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        metavar="K",
        help="times the customers, deals, orders (default: %(default)s)",
    )
    parser.add_argument(
        "--scenario",
        default="baseline",
        choices=list(SCENARIOS),
        help="what is true in it: %(choices)s (default: %(default)s)",
    )
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Write the tables, say how many rows each has and where they are; 0 when done."""
    rows = write(args.into, seed=args.seed, scale=args.scale, scenario=args.scenario)
    for name, count in rows.items():
        print(f"{name:<20}{count:>9,} rows")
    print(f"Written to {args.into} (scenario {args.scenario}, seed {args.seed}, scale {args.scale:g}).")
    return 0
