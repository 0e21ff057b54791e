"""The demo company as CSV files named as the model's tables: UTF-8, ISO dates, the same bytes every time."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kpilib.demo.company import AS_OF, make
from kpilib.model.tables import Column, table


def write(
    folder: str | Path, seed: int = 1, scale: float = 1.0, months: int = 36, until: dt.date = AS_OF
) -> dict[str, int]:
    """Make the demo company and write it, one CSV file a table; files of that name are replaced.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made where it does not exist.
    seed, scale, months, until
        As `company.make` takes them.

    Returns
    -------
    dict of str to int
        The rows of each table written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = make(seed, scale, months, until)
    for name, frame in tables.items():
        write_table(folder / f"{name}.csv", name, frame)
    return {name: len(frame) for name, frame in tables.items()}


def write_table(path: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one frame of the model table `name`: its columns in their order, an empty cell for what is missing."""
    columns = table(name).columns
    cells = [_texts(column, frame[column.name]) for column in columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        writer.writerows(zip(*cells, strict=True))


def _texts(column: Column, values: "pd.Series[Any]") -> list[str]:
    """Each value as it is written: money and shares with two decimals, other numbers with up to four."""
    missing = values.isna().to_numpy()
    if column.type in ("date", "time"):
        unit = "D" if column.type == "date" else "s"
        said = np.datetime_as_string(pd.to_datetime(values).to_numpy().astype(f"datetime64[{unit}]")).tolist()
    elif column.type in ("money", "share"):
        said = [f"{v:.2f}" for v in values]
    elif column.type in ("whole", "number"):
        said = [f"{v:.4f}".rstrip("0").rstrip(".") for v in values.astype(float)]
    else:
        said = values.tolist()
    return ["" if gone else text for gone, text in zip(missing.tolist(), said, strict=True)]
