"""Where customers and competitors are, estimated once; the filters of a page narrow the list of customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.model import places
from kpilib.stats.geography import located, nearest

#: What a customer of the list may be narrowed by.
PROFILE = ("customer", "segment", "industry", "region", "department", "city", "source", "owner", "team")


def territory(book: Any) -> dict[str, Any]:
    """The finding "territory": today's customers and all competitors' sites, each with its place.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `customers`: frame of the columns of `PROFILE`, latitude, longitude, distance_km (to the nearest site; NaN
        without sites) and competitor (whose site that is), one row an active customer whose place is known. `sites`:
        frame of competitor, latitude, longitude, region, department (INSEE's codes, "" abroad). `active`: how many
        customers are active, `placed` of them have a place.
        `cannot`: "no_customers", "no_places".
    """
    if "customers" not in book.tables:
        return {"cannot": "no_customers"}
    columns = ["customer_id", "lost", "latitude", "longitude", *PROFILE]
    rows = book.panel("customer_places", since=book.last_month, until=book.last_month, columns=columns)
    active = rows[rows["lost"] == 0]
    there = active[active["latitude"].notna() & active["longitude"].notna()].reset_index(drop=True)
    if there.empty:
        return {"cannot": "no_places", "active": len(active)}
    sites = _sites(book)
    far, which = nearest(there["latitude"], there["longitude"], sites["latitude"], sites["longitude"])
    whose = np.array([*sites["competitor"].tolist(), None], object)[which]
    listed = there[[*PROFILE, "latitude", "longitude"]].assign(distance_km=far, competitor=whose)
    return {"customers": listed, "sites": sites, "active": len(active), "placed": len(there)}


def _sites(book: Any) -> pd.DataFrame:
    """The competitors' sites whose place is known, with the area that each is in."""
    columns = ["competitor", "latitude", "longitude"]
    if "competitor_sites" not in book.tables:
        return pd.DataFrame({name: [] for name in (*columns, "region", "department")})
    sites = book.panel("competitor_sites", columns=columns)
    sites = sites[sites["latitude"].notna() & sites["longitude"].notna()].reset_index(drop=True)
    areas = places.areas("department")
    at = located(sites["latitude"], sites["longitude"], [area.rings for area in areas], within=5.0)
    codes, regions = ([*(getattr(area, name) for area in areas), ""] for name in ("code", "region"))
    return sites.assign(region=[regions[i] for i in at], department=[codes[i] for i in at])


def distances(book: Any) -> pd.Series[Any]:
    """Kilometres from every customer, past ones too, to the nearest site, by customer_id; empty without places."""
    rows = book.panel("customer_places", columns=["customer_id", "distance_km"])
    known = rows[rows["distance_km"].notna()].drop_duplicates("customer_id")
    return pd.Series(known["distance_km"].to_numpy(float), index=history.given(known["customer_id"]))
