"""Make the outlines that the map draws: simplified so that borders still meet, regions put together of departments.

    python tools/outlines.py DEPARTMENTS.geojson [--points 0.0005]

Any GeoJSON of the departments will do whose features have `code` and `nom` and share the points of their borders (IGN's
"Admin Express", simplified by whoever published it). Borders are cut where three areas meet, each piece is simplified
once (Visvalingam and Whyatt 1993) and both its neighbours take the same piece; what two departments of one region
share is left out of the region's outline. Written to `kpilib/model/shapes/`, coordinates to a thousandth of a degree.
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]
Line = list[Point]

INTO = Path(__file__).parents[1] / "kpilib" / "model" / "shapes"
#: The departments of each region (INSEE, Code officiel géographique).
REGIONS = {
    "11": ("Île-de-France", "75 77 78 91 92 93 94 95"),
    "24": ("Centre-Val de Loire", "18 28 36 37 41 45"),
    "27": ("Bourgogne-Franche-Comté", "21 25 39 58 70 71 89 90"),
    "28": ("Normandie", "14 27 50 61 76"),
    "32": ("Hauts-de-France", "02 59 60 62 80"),
    "44": ("Grand Est", "08 10 51 52 54 55 57 67 68 88"),
    "52": ("Pays de la Loire", "44 49 53 72 85"),
    "53": ("Bretagne", "22 29 35 56"),
    "75": ("Nouvelle-Aquitaine", "16 17 19 23 24 33 40 47 64 79 86 87"),
    "76": ("Occitanie", "09 11 12 30 31 32 34 46 48 65 66 81 82"),
    "84": ("Auvergne-Rhône-Alpes", "01 03 07 15 26 38 42 43 63 69 73 74"),
    "93": ("Provence-Alpes-Côte d'Azur", "04 05 06 13 83 84"),
    "94": ("Corse", "2A 2B"),
}
#: Islands and enclaves of fewer square degrees (some 13 km²) are left out.
ISLET = 0.0015
#: A corner of less than this part of its area may go.
SMALL = 0.002
REGION_OF = {code: region for region, (_, codes) in REGIONS.items() for code in codes.split()}


def main() -> None:
    """Read the departments, write both files, say how large they are."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("departments", type=Path)
    asked.add_argument("--points", type=float, default=0.0005, help="square degrees below which a corner is dropped")
    given = asked.parse_args()
    features = json.loads(given.departments.read_text("utf-8"))["features"]
    names = {one["properties"]["code"]: one["properties"]["nom"] for one in features}
    rings = {one["properties"]["code"]: _rings(one["geometry"]) for one in features}
    pieces, owners = _pieces(rings)
    simple = {key: _simplified(line, least) for key, line, least in _leasts(pieces, owners, rings, given.points)}
    departments = [
        {"code": code, "name": names[code], "region": REGION_OF[code], "polygons": _joined(used, simple)}
        for code, used in sorted(owners.items())
    ]
    regions = [
        {"code": code, "name": name, "polygons": _joined(_outer(codes.split(), owners), simple)}
        for code, (name, codes) in REGIONS.items()
    ]
    for file, areas in (("departments", departments), ("regions", regions)):
        place = INTO / f"{file}.json"
        place.write_text(json.dumps(areas, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
        print(f"{place}: {len(areas)} areas, {place.stat().st_size:,} bytes")


def _leasts(
    pieces: dict[tuple[Point, ...], Line], owners: dict[str, list[tuple[Point, ...]]], rings: dict[str, list[Line]],
    points: float,
) -> list[tuple[tuple[Point, ...], Line, float]]:  # fmt: skip
    """Each piece with the size of a corner that may be dropped: less for small areas, which would lose their form."""
    least = dict.fromkeys(pieces, points)
    for code, used in owners.items():
        size = max(abs(_size([*ring, ring[0]])) for ring in rings[code])
        for key in used:
            least[key] = min(least[key], SMALL * size)
    return [(key, line, least[key]) for key, line in pieces.items()]


def _rings(geometry: dict) -> list[Line]:
    """The closed lines of a polygon or of several, without the repeated last point."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(x), float(y)) for x, y in ring[:-1]] for polygon in polygons for ring in polygon]


def _pieces(rings: dict[str, list[Line]]) -> tuple[dict[tuple[Point, ...], Line], dict[str, list[tuple[Point, ...]]]]:
    """The borders cut where areas meet, each once; and those that each area is made of."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    shared: dict[Point, set[str]] = defaultdict(set)
    for code, lines in rings.items():
        for line in lines:
            for before, here, after in zip(line[-1:] + line[:-1], line, line[1:] + line[:1], strict=True):
                beside[here] |= {before, after}
                shared[here].add(code)
    corners = {point for point, others in beside.items() if len(others) > 2}
    # Where a coast becomes a border, nothing but the areas on it changes.
    for lines in rings.values():
        for line in lines:
            for here, after in zip(line, line[1:] + line[:1], strict=True):
                if shared[here] != shared[after]:
                    corners.add(here if len(shared[here]) > len(shared[after]) else after)
    pieces: dict[tuple[Point, ...], Line] = {}
    owners: dict[str, list[tuple[Point, ...]]] = defaultdict(list)
    for code, lines in rings.items():
        for line in lines:
            for piece in _cut(line, corners):
                key = _key(piece)
                pieces.setdefault(key, list(key))
                owners[code].append(key)
    return pieces, owners


def _cut(line: Line, corners: set[Point]) -> list[Line]:
    """A closed line in pieces from corner to corner; one without a corner is one piece that ends where it begins."""
    places = [at for at, point in enumerate(line) if point in corners]
    if not places:
        first = line.index(min(line))
        return [[*line[first:], *line[: first + 1]]]
    turned = line[places[0] :] + line[: places[0]] + [line[places[0]]]
    at = [place - places[0] for place in places] + [len(turned) - 1]
    return [turned[a : b + 1] for a, b in pairwise(at)]


def _key(piece: Line) -> tuple[Point, ...]:
    """The same for a piece and for the piece walked the other way."""
    there, back = tuple(piece), tuple(reversed(piece))
    return min(there, back)


def _simplified(line: Line, least: float) -> Line:
    """The line without the corners that enclose less than `least` square degrees; its ends stay."""
    kept = list(range(len(line)))
    left = {at: at - 1 for at in kept}
    right = {at: at + 1 for at in kept}
    closed = line[0] == line[-1]
    heap = [(_area(line, at - 1, at, at + 1), at) for at in kept[1:-1]]
    heapq.heapify(heap)
    now = {at: size for size, at in heap}
    there = len(line)
    while heap:
        size, at = heapq.heappop(heap)
        if now.get(at) != size:
            continue
        if size >= least or there <= (4 if closed else 2):
            break
        del now[at]
        there -= 1
        before, after = left[at], right[at]
        right[before], left[after] = after, before
        for one in (before, after):
            if one in now:
                # Never smaller than what was dropped beside it: the order in which corners go is that of their size.
                now[one] = max(_area(line, left[one], one, right[one]), size)
                heapq.heappush(heap, (now[one], one))
    made = [line[at] for at in range(len(line)) if at in now or at in (0, len(line) - 1)]
    return [(round(x, 3), round(y, 3)) for x, y in made]


def _area(line: Line, a: int, b: int, c: int) -> float:
    (ax, ay), (bx, by), (cx, cy) = line[a], line[b], line[c]
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2


def _outer(codes: list[str], owners: dict[str, list[tuple[Point, ...]]]) -> list[tuple[Point, ...]]:
    """The pieces that only one of these areas has."""
    counted = Counter(key for code in codes for key in owners[code])
    return [key for key, times in counted.items() if times == 1]


def _joined(used: list[tuple[Point, ...]], simple: dict[tuple[Point, ...], Line]) -> list[list[list[list[float]]]]:
    """The pieces put end to end into polygons, the largest first; islets of a few corners are dropped."""
    waiting = [simple[key] for key in used]
    rings = []
    while waiting:
        ring = waiting.pop()
        while ring[0] != ring[-1]:
            at = next(i for i, one in enumerate(waiting) if ring[-1] in (one[0], one[-1]))
            piece = waiting.pop(at)
            ring = ring + (piece if piece[0] == ring[-1] else piece[::-1])[1:]
        rings.append(ring)
    sized = sorted(rings, key=lambda ring: -abs(_size(ring)))
    return _nested([ring for ring in sized if abs(_size(ring)) > ISLET or ring is sized[0]])


def _nested(rings: list[Line]) -> list[list[list[list[float]]]]:
    """Polygons as GeoJSON has them: an outer ring that turns left, then its holes, which turn right."""
    outer = [ring for ring in rings if not any(_within(ring, other) for other in rings if other is not ring)]
    holes = [ring for ring in rings if ring not in outer]
    polygons = [[ring, *(hole for hole in holes if _within(hole, ring))] for ring in outer]
    return [[_turned(ring, left=at == 0) for at, ring in enumerate(polygon)] for polygon in polygons]


def _within(ring: Line, other: Line) -> bool:
    x, y = ring[0][0] + 1e-6, ring[0][1] + 1e-6
    crossed = [
        (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax for (ax, ay), (bx, by) in pairwise(other)
    ]
    return sum(crossed) % 2 == 1


def _turned(ring: Line, left: bool) -> list[list[float]]:
    return [list(point) for point in (ring if (_size(ring) > 0) == left else ring[::-1])]


def _size(ring: Line) -> float:
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) / 2


if __name__ == "__main__":
    main()
