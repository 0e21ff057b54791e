"""Keeping what was estimated beside the cubes: once for each fingerprint of the data and each version of the methods.

A page reads what is kept and imports no statistics. `kpi app` prepares everything before it shows a page.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import os
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpilibError, unknown

PACKAGE = Path(__file__).parents[1]
#: What is estimated: the name of each finding, and the module and function that make it.
ESTIMATED: dict[str, str] = {
    "churn_drivers": "kpilib.analysis.churn:churn_drivers",
    "churn_check": "kpilib.analysis.churn_check:churn_check",
    "churn_risk": "kpilib.analysis.churn:churn_risk",
    "retention_curves": "kpilib.analysis.retention:retention_curves",
    "cohorts": "kpilib.analysis.retention:cohorts",
    "key_drivers": "kpilib.analysis.satisfaction:key_drivers",
    "incident_effect": "kpilib.analysis.incidents:incident_effect",
    "payment_hypothesis": "kpilib.analysis.payments:payment_hypothesis",
    "service_satisfaction": "kpilib.analysis.service_satisfaction:service_satisfaction",
    "reviews_against_surveys": "kpilib.analysis.public_voice:reviews_against_surveys",
    "nonresponse": "kpilib.analysis.silence:nonresponse",
    "threshold": "kpilib.analysis.threshold:threshold",
    "threshold_csat": "kpilib.analysis.threshold:threshold_csat",
    "lifetime": "kpilib.analysis.lifetime:lifetime",
    "duplicates": "kpilib.analysis.duplicates:duplicates",
    "data_faults": "kpilib.analysis.quality:data_faults",
    "worklist": "kpilib.analysis.worklist:worklist",
    "territory": "kpilib.analysis.territory:territory",
    "distance_hypothesis": "kpilib.analysis.territory_near:distance_hypothesis",
}
_FRAME = "frame"


def kept(book: Any, name: str) -> dict[str, Any]:
    """A finding: as it was kept, else estimated now and kept from now on.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    name : str
        A key of `ESTIMATED`.

    Returns
    -------
    dict
        What the function of that name found. Where the data cannot give it, `{"cannot": sentence}`.

    Raises
    ------
    UnknownName
        Nothing of that name is estimated.
    """
    if name not in ESTIMATED:
        raise unknown("finding", name, ESTIMATED)
    held: dict[str, dict[str, Any]] = book.__dict__.setdefault("_findings", {})
    if name not in held:
        held[name] = _read(book, name) or _estimate(book, name)
    return held[name]


def prepared(book: Any) -> bool:
    """Whether everything has been estimated for these data."""
    return all(_place(book, name).exists() for name in ESTIMATED)


def prepare(book: Any) -> None:
    """Estimate everything that is not kept yet."""
    for name in ESTIMATED:
        kept(book, name)


def _estimate(book: Any, name: str) -> dict[str, Any]:
    module, _, function = ESTIMATED[name].partition(":")
    try:
        found: dict[str, Any] = getattr(importlib.import_module(module), function)(book)
    except KpilibError as error:
        found = {"cannot": str(error)}
    text = json.dumps(_plain(found), ensure_ascii=False, allow_nan=False)
    _write(_place(book, name), text)
    return _whole(json.loads(text))  # what is read again later is what is shown now


def _read(book: Any, name: str) -> dict[str, Any] | None:
    try:
        return _whole(json.loads(_place(book, name).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _write(place: Path, text: str) -> None:
    """Publish whole or not at all: another process may read, or write the same, at this moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=place.parent, prefix=place.stem)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(made, place)


def _place(book: Any, name: str) -> Path:
    folder: Path = book.cubes.reader.folder
    return folder / "findings" / f"{name}-{methods()}.json"


@cache
def methods() -> str:
    """A fingerprint of how things are estimated: change a method and it is estimated anew."""
    digest = hashlib.sha256()
    for folder in ("analysis", "stats"):
        for file in sorted((PACKAGE / folder).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _plain(value: Any) -> Any:
    """As JSON can hold it: frames by column, dates as text, no NaN."""
    if isinstance(value, pd.DataFrame):
        return {_FRAME: {str(name): _plain(value[name].tolist()) for name in value.columns}}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return _number(value)
    if value is pd.NaT or value is pd.NA:
        return None
    return value.isoformat()[:10] if isinstance(value, date) else value


def _number(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"number": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}


def _whole(value: Any) -> Any:
    """What `_plain` wrote, as it was; dates stay texts."""
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {_FRAME}:
        return pd.DataFrame({name: _whole(column) for name, column in value[_FRAME].items()})
    if set(value) == {"number"}:
        return float(value["number"])
    return {key: _whole(one) for key, one in value.items()}
