"""A company in which every name attacks: tags that run something, formulas, quotes that end an attribute."""

from pathlib import Path

import pandas as pd
from companies import company

IMAGE = "<img src=x onerror=window.hacked=1>"
FORMULA = '=HYPERLINK("http://evil.example","Free")'
SCRIPT = "</script><script>window.hacked=1</script>"
QUOTES = "\"'><svg onload=window.hacked=1>"
ARITHMETIC = "+1-1"
CELLS = {
    "customers": {
        "name": {"Customer 0": IMAGE, "Customer 1": SCRIPT},
        "segment": {"SMB": IMAGE, "Key": FORMULA},
        "industry": {"Food": SCRIPT},
        "region": {"North": QUOTES, "South": "{{7*7}}${7*7}"},
    },
    "salespeople": {"owner": {"Seller 1": IMAGE, "Seller 2": ARITHMETIC, "Seller 0": "javascript:alert(1)"}},
    "products": {
        "product": {"Product 0": FORMULA, "Product 1": IMAGE},
        "category": {"Door": IMAGE, "Light": FORMULA},
    },
    "opportunities": {"source": {"Web": SCRIPT, "Fair": FORMULA}, "stage": {"Quote": IMAGE}},
    "stage_changes": {"stage": {"Quote": IMAGE}},
}


def hostile(folder: Path) -> Path:
    """The company as files."""
    for table, frame in company(7).items():
        write(frame.replace(CELLS.get(table, {})), folder, table)
    return folder


def write(frame: pd.DataFrame, folder: Path, table: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / f"{table}.csv", index=False)
