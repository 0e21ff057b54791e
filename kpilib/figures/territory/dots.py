"""What the map shows as dots: competitors' sites, or the towns of customers, as far as the filters keep them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show.view import View

NONE, SITES, TOWNS = N_("No dots"), N_("Competitors' sites"), N_("Our customers")
_SITE, _TOWN = N_("Competitor's site"), N_("Customers")


def offered(book: Any) -> list[str]:
    """The dots that these data know of; "No dots" first where they know of none."""
    found = book.finding("territory")
    if found.get("cannot"):
        return [NONE]
    return [*([SITES] if len(found["sites"]) else []), TOWNS, NONE]


def drawn(view: View, shown: str) -> dict[str, Any]:
    """The arguments `dots` and `sized` of the map."""
    found = view.book.finding("territory")
    if found.get("cannot") or shown == NONE:
        return {}
    return {"dots": _towns(view, found), "sized": True} if shown == TOWNS else {"dots": _sites(view, found["sites"])}


def narrowed(listed: pd.DataFrame, view: View) -> pd.DataFrame:
    """The customers of a list whom the filters keep; filters on what no customer has one of do not narrow it."""
    for name, members in view.where.items():
        if name in listed:
            listed = listed[listed[name].fillna(NOT_GIVEN).isin(members)]
    return listed


def _sites(view: View, sites: pd.DataFrame) -> pd.DataFrame:
    said = [{view.words.say(_SITE): str(name)} for name in sites["competitor"].tolist()]
    return sites.assign(name=sites["competitor"], said=pd.Series(said, index=sites.index, dtype=object))


def _towns(view: View, found: dict[str, Any]) -> pd.DataFrame:
    """One dot a town, where its customers are on average; without a town, one a tenth of a degree."""
    kept = narrowed(found["customers"], view)
    near = kept["latitude"].round(1).astype(str) + " " + kept["longitude"].round(1).astype(str)
    town = kept["city"].where(kept["city"] != NOT_GIVEN, near)
    grouped = kept.groupby(town.to_numpy(object), sort=True)
    frame = grouped.agg(latitude=("latitude", "mean"), longitude=("longitude", "mean"), weight=("customer", "size"))
    frame = frame.rename_axis("name").reset_index()
    said = [{view.words.say(_TOWN): view.words.count(row["weight"])} for row in rows(frame)]
    return frame.assign(said=pd.Series(said, index=frame.index, dtype=object))
