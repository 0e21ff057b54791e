"""How often each method finds what is not there: companies of the scenario `null`, one a seed.

`python bench/false_findings.py` asks 100 companies of 1,100 accounts and writes the table into bench/README.md;
`--seeds 10 --workers 1` is quick. A method holds its level when the count is one that chance alone would give it.
"""

import argparse
import importlib
import os
from collections.abc import Callable
from typing import Any

import seeds
from seeds import each, most

from kpilib.errors import KpilibError

SEEDS, SCALE = 100, 0.25
Finding = dict[str, Any]


def _at_once(part: Finding) -> bool | None:
    """Whether one comparison is told from chance at its 5 %; None where it could not be made."""
    return None if "cannot" in part else bool(part["p"] < 0.05)


def _drivers(finding: Finding) -> bool:
    return bool(finding["terms"]["found"].any() or finding["joint"]["found"].any())


def _of_metric(metric: str) -> Callable[[Finding], bool | None]:
    def said(finding: Finding) -> bool | None:
        part = finding["metrics"][metric]
        return None if "cannot" in part else _at_once(part["effect"])

    return said


def _of_model(metric: str) -> Callable[[Finding], bool | None]:
    def said(finding: Finding) -> bool | None:
        part = finding["models"][metric]
        return None if "cannot" in part else bool(part["found"])

    return said


def _after_a_ticket(finding: Finding) -> bool | None:
    part = finding["after_a_ticket"]
    return None if "cannot" in part else _at_once(part["difference"])


#: By what is claimed: the finding, and whether it claims anything.
CLAIMS: dict[str, tuple[str, Callable[[Finding], bool | None]]] = {
    "a critical threshold (nps)": ("threshold", lambda f: bool(f["exists"])),
    "a critical threshold (csat)": ("threshold_csat", lambda f: bool(f["exists"])),
    "any driver of leaving": ("churn_drivers", _drivers),
    "a forecast of leaving better than the base rate": ("churn_check", lambda f: bool(f["beats_base"])),
    "retention curves that differ": ("retention_curves", lambda f: bool(f["tests"]["differ"].any())),
    "any driver of nps": ("key_drivers", _of_model("nps")),
    "any driver of csat": ("key_drivers", _of_model("csat")),
    "any driver of ces": ("key_drivers", _of_model("ces")),
    "an effect of an incident on nps": ("incident_effect", _of_metric("nps")),
    "an effect of an incident on csat": ("incident_effect", _of_metric("csat")),
    "csat after a ticket unlike after a delivery": ("incident_effect", _after_a_ticket),
    "payment that goes with satisfaction": ("payment_hypothesis", lambda f: f["verdict"] != "none"),
    "reviews that go with surveys, by product": ("reviews_against_surveys", lambda f: _at_once(f["by_product"])),
    "reviews that go with surveys, by month": ("reviews_against_surveys", lambda f: _at_once(f["by_month"])),
}  # fmt: skip
#: Every claim is made at this level: of one comparison, or of any among many (false-discovery rate).
LEVEL = 0.05


def claims(book: Any) -> dict[str, bool | None]:
    """What is claimed of a company: True, False, or None where the data could not tell."""
    from kpilib.analysis.kept import ESTIMATED

    found: dict[str, Finding] = {}
    for name in dict.fromkeys(name for name, _ in CLAIMS.values()):
        module, _, function = ESTIMATED[name].partition(":")
        try:
            found[name] = getattr(importlib.import_module(module), function)(book)
        except KpilibError as error:
            found[name] = {"cannot": str(error)}
    return {
        claim: None if "cannot" in found[name] else said(found[name]) for claim, (name, said) in CLAIMS.items()
    }  # fmt: skip


def company(seed: int, scale: float = SCALE, scenario: str = "null") -> dict[str, bool | None]:
    """What is claimed of the company of a seed."""
    with seeds.company(seed, scale, scenario) as book:
        return claims(book)


def counted(made: list[dict[str, bool | None]]) -> dict[str, tuple[int, int]]:
    """By claim: how many companies could be asked, and of how many it was claimed."""
    asked = {claim: [one[claim] for one in made if one[claim] is not None] for claim in CLAIMS}
    return {claim: (len(said), sum(map(bool, said))) for claim, said in asked.items()}


def measure(seeds: int, scale: float, workers: int) -> list[str]:
    """The table of shares, as Markdown."""
    from run import table

    made = each(company, range(1, seeds + 1), scale, workers)
    rows = [
        [claim, str(asked), str(false), f"{false / asked:.0%}" if asked else "", f"{LEVEL:.0%}", str(most(asked)),
         "yes" if false <= most(asked) else "NO"]
        for claim, (asked, false) in counted(made).items()
    ]  # fmt: skip
    columns = [
        "claimed, where nothing is true",
        "companies",
        "claimed of",
        "share",
        "level",
        "at most by chance",
        "holds",
    ]
    return [table(columns, rows)]


def main() -> None:
    from run import written

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="companies (default %(default)s)")
    parser.add_argument("--scale", type=float, default=SCALE, help="of the demo company (default %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: every core)")
    given = parser.parse_args()
    parts = measure(given.seeds, given.scale, given.workers)
    print("\n\n".join(parts))
    if given.seeds >= SEEDS:
        written("false findings", parts, f"{given.seeds} companies of the scenario `null`, scale {given.scale:g}.")


if __name__ == "__main__":
    main()
