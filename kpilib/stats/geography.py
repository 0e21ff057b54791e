"""Distances on the globe, and which area a point lies in: arrays in, arrays out, nothing but NumPy.

Degrees are those of GPS (WGS 84), latitude north and longitude east positive; distances are in kilometres.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput

Floats = NDArray[np.float64]
Ring = Sequence[Sequence[float]]
#: The mean radius of the Earth in kilometres (IUGG, R1).
RADIUS = 6371.0088
# So many distances are held at a time.
_AT_ONCE = 4_000_000


def haversine(latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike) -> Floats:
    """Kilometres between points as the crow flies.

    Parameters
    ----------
    latitude, longitude, to_latitude, to_longitude : array_like
        Degrees; they broadcast together.

    Returns
    -------
    ndarray
        Of the broadcast shape; NaN where a point is not known. Up to 0.5 % off, for the Earth is no ball; a road is
        longer, in France by a third or so.

    Raises
    ------
    BadInput
        A latitude beyond the poles.

    Notes
    -----
    Source: Sinnott (1984), "Virtues of the haversine", Sky and Telescope 68(2):159.

    Examples
    --------
    >>> round(float(haversine(48.8566, 2.3522, 45.7640, 4.8357)), 1)
    391.5
    """
    a, b = np.asarray(latitude, float), np.asarray(to_latitude, float)
    for given in (a, b):
        if (np.abs(given[~np.isnan(given)]) > 90).any():
            raise BadInput("A latitude lies between −90 and 90 degrees; are the two the wrong way round?")
    up, across = np.radians(b - a), np.radians(np.asarray(to_longitude, float) - np.asarray(longitude, float))
    half = np.sin(up / 2) ** 2 + np.cos(np.radians(a)) * np.cos(np.radians(b)) * np.sin(across / 2) ** 2
    apart: Floats = 2 * RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return apart


def nearest(
    latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike
) -> tuple[Floats, NDArray[np.int64]]:
    """Each point's distance to the nearest of some sites, and which one it is.

    Parameters
    ----------
    latitude, longitude : array_like, shape (n,)
        The points, in degrees.
    to_latitude, to_longitude : array_like, shape (k,)
        The sites. One that is not known is nobody's nearest.

    Returns
    -------
    (ndarray, ndarray), shape (n,)
        Kilometres, and the site's position; NaN and −1 for a point that is not known, or without sites.
    """
    lat, lon = np.asarray(latitude, float).ravel(), np.asarray(longitude, float).ravel()
    sites = np.column_stack([np.asarray(to_latitude, float).ravel(), np.asarray(to_longitude, float).ravel()])
    apart, which = np.full(len(lat), np.nan), np.full(len(lat), -1, np.int64)
    known, there = np.flatnonzero(~np.isnan(lat + lon)), np.flatnonzero(~np.isnan(sites.sum(axis=1)))
    if not len(there):
        return apart, which
    for rows in np.array_split(known, max(1, len(known) * len(there) // _AT_ONCE)):
        far = haversine(lat[rows, None], lon[rows, None], sites[there, 0], sites[there, 1])
        best = far.argmin(axis=1)
        apart[rows], which[rows] = far[np.arange(len(rows)), best], there[best]
    return apart, which


def inside(x: ArrayLike, y: ArrayLike, rings: Sequence[Ring]) -> NDArray[np.bool_]:
    """Whether points lie within an area that these closed lines bound; in a hole of it they do not.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The points, in the units of the lines (degrees east and north).
    rings : sequence of sequence of (x, y)
        Closed lines, outer ones and holes alike.

    Returns
    -------
    ndarray of bool, shape (n,)
        Exact but for points on a line, which belong to one of its two sides. A point that is not known lies nowhere.

    Notes
    -----
    Even-odd rule: Shimrat (1962), "Algorithm 112", Communications of the ACM 5(8):434.

    Examples
    --------
    >>> square = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
    >>> inside([1, 3], [1, 1], [square]).tolist()
    [True, False]
    """
    px, py = np.asarray(x, float).ravel(), np.asarray(y, float).ravel()
    odd = np.zeros(len(px), bool)
    for ring in rings:
        line = np.asarray(ring, float)
        for (ax, ay), (bx, by) in zip(line[:-1].tolist(), line[1:].tolist(), strict=True):
            if ay != by:
                odd ^= ((ay > py) != (by > py)) & (px < (bx - ax) * (py - ay) / (by - ay) + ax)
    return odd


def located(
    latitude: ArrayLike, longitude: ArrayLike, areas: Sequence[Sequence[Ring]], within: float = 0.0
) -> NDArray[np.int64]:
    """Which of several areas each point lies in.

    Parameters
    ----------
    latitude, longitude : array_like, shape (n,)
        The points, in degrees.
    areas : sequence of rings
        As `inside` takes them.
    within : float
        A point in no area belongs to the one whose outline is nearest, if that is no further than so many kilometres:
        an outline that was simplified cuts off capes and quays.

    Returns
    -------
    ndarray of int, shape (n,)
        The area's position; −1 for none.
    """
    lat, lon = np.asarray(latitude, float).ravel(), np.asarray(longitude, float).ravel()
    found = np.full(len(lat), -1, np.int64)
    for at, rings in enumerate(areas):
        west, south, east, north = _box(rings)
        near = np.flatnonzero((found < 0) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found[near[inside(lon[near], lat[near], rings)]] = at
    if within > 0:
        lost = np.flatnonzero((found < 0) & ~np.isnan(lat + lon))
        found[lost] = _closest(lat[lost], lon[lost], areas, within)
    return found


def _box(rings: Sequence[Ring]) -> tuple[float, float, float, float]:
    every = np.concatenate([np.asarray(ring, float) for ring in rings])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _closest(lat: Floats, lon: Floats, areas: Sequence[Sequence[Ring]], within: float) -> NDArray[np.int64]:
    """The area whose outline is nearest to each point, by lines on a plane that touches the globe there."""
    best, which = np.full(len(lat), within), np.full(len(lat), -1, np.int64)
    if not len(lat):
        return which
    wide = np.cos(np.radians(lat))
    degree = np.pi / 180 * RADIUS
    for at, rings in enumerate(areas):
        for ring in rings:
            line = np.asarray(ring, float)
            for (ax, ay), (bx, by) in zip(line[:-1].tolist(), line[1:].tolist(), strict=True):
                x, y = (ax - lon) * wide, ay - lat
                u, v = (bx - ax) * wide, by - ay
                along = np.clip(-(x * u + y * v) / np.maximum(u * u + v * v, 1e-18), 0, 1)
                far = degree * np.hypot(x + along * u, y + along * v)
                nearer = far < best
                best[nearer], which[nearer] = far[nearer], at
    return which
