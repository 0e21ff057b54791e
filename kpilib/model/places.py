"""The regions and departments of France: their names as people write them, their outlines, which one a customer is in.

Metropolitan France: of the overseas departments codes and names are known, their outlines are not. Nothing here reads
data or draws.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["region", "department"]
Polygon = list[list[list[float]]]

#: Where the outlines are; `LICENSE` there says whose they are.
SHAPES = Path(__file__).parent / "shapes"
#: What a region is also called; capitals, accents, dashes and articles never matter.
REGION_ALIASES: dict[str, tuple[str, ...]] = {
    "11": ("IDF", "Région parisienne", "Paris region"),
    "24": ("CVL", "Centre", "Val de Loire"),
    "27": ("BFC", "Bourgogne Franche Comté", "Burgundy"),
    "28": ("NOR", "Normandy"),
    "32": ("HDF", "Nord Pas de Calais Picardie"),
    "44": ("GES", "Alsace Champagne Ardenne Lorraine"),
    "52": ("PDL", "Pays de Loire"),
    "53": ("BRE", "BZH", "Brittany"),
    "75": ("NAQ", "Aquitaine Limousin Poitou Charentes", "New Aquitaine"),
    "76": ("OCC", "Languedoc Roussillon Midi Pyrénées"),
    "84": ("ARA", "AURA", "Rhône Alpes Auvergne"),
    "93": ("PAC", "PACA", "Provence Alpes Côte d Azur", "Région Sud", "Sud"),
    "94": ("COR", "Corsica"),
}
#: Departments without an outline here.
OVERSEAS = {"971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion", "976": "Mayotte"}
#: How a country that is France is written.
FRANCE = ("france", "fr", "fra", "250", "republique francaise")


@dataclass(frozen=True)
class Area:
    """A region or a department: INSEE's code, its name, the region it is in, its outline in degrees east and north."""

    code: str
    name: str
    region: str
    polygons: tuple[Polygon, ...]

    @property
    def rings(self) -> list[list[list[float]]]:
        """All lines of its outline, holes among them."""
        return [ring for polygon in self.polygons for ring in polygon]

    @property
    def label(self) -> str:
        """What a member of the dimension `department` is called: "69 Rhône"."""
        return f"{self.code} {self.name}"


@cache
def areas(level: Level) -> tuple[Area, ...]:
    """All regions, or all departments, of metropolitan France by code."""
    held = json.loads((SHAPES / f"{level}s.json").read_text("utf-8"))
    return tuple(Area(one["code"], one["name"], one.get("region", one["code"]), tuple(one["polygons"])) for one in held)


@cache
def population(level: Level) -> dict[str, int]:
    """The inhabitants of each area of metropolitan France by its code, on 1 January 2020.

    Source: INSEE, Populations légales 2020; what is lacking of it stands in `LICENSE` beside the file.

    Examples
    --------
    >>> population("region")["11"], population("department")["75"]
    (12271794, 2145906)
    """
    held: dict[str, int] = json.loads((SHAPES / "population.json").read_text("utf-8"))["departments"]
    if level == "department":
        return held
    inside = {area.code: area.region for area in areas("department")}
    return {region.code: sum(n for code, n in held.items() if inside[code] == region.code) for region in areas(level)}


def plain(name: object) -> str:
    """A name without what people write differently: capitals, accents, dashes, apostrophes, double blanks.

    Examples
    --------
    >>> plain("Provence-Alpes-Côte d’Azur"), plain("ILE DE  FRANCE")
    ('provence alpes cote d azur', 'ile de france')
    """
    letters = unicodedata.normalize("NFKD", str(name)).casefold()
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return re.sub(r"[^0-9a-z]+", " ", bare).strip()


def region_of(name: object) -> str:
    """The code of the region that is called so, by its name, an alias or its code; "" for what is none.

    Examples
    --------
    >>> region_of("Ile de France"), region_of("IDF"), region_of("FR-IDF"), region_of("11"), region_of("Bavaria")
    ('11', '11', '11', '11', '')
    """
    said, known = plain(name), _regions()
    return known.get(said) or known.get(re.sub(r"^(fr|region) ", "", said), "")


def department_of(name: object) -> str:
    """The code of the department that is called so: its code, its name or both; "" for what is none.

    Examples
    --------
    >>> department_of("69"), department_of("Rhône"), department_of("1"), department_of("2a - Corse-du-Sud")
    ('69', '69', '01', '2A')
    """
    said = plain(name)
    known = _departments()
    return known.get(said) or known.get(said.split(" ")[0].zfill(2), "")


def of_postal_code(code: object) -> str:
    """The department of a French postal code; "" for what is none.

    Corsica is split by its third digit; a few villages near a border have the postal code of the neighbour.

    Examples
    --------
    >>> of_postal_code("69003"), of_postal_code(1000), of_postal_code("20137"), of_postal_code("20200")
    ('69', '01', '2A', '2B')
    """
    digits = re.sub(r"(\.0)?$|^F-", "", str(code).strip()).zfill(5)
    if not re.fullmatch(r"\d{5}", digits):
        return ""
    found = digits[:2]
    if found == "20":
        found = "2A" if digits[2] in "01" else "2B"
    return found if found in _codes() else digits[:3] if digits[:3] in OVERSEAS else ""


def label(code: str) -> str:
    """A department's code and name: "69 Rhône", "974 La Réunion"; the code itself where it is none."""
    return f"{code} {_codes()[code]}" if code in _codes() else f"{code} {OVERSEAS[code]}" if code in OVERSEAS else code


def code_of(level: Level, member: object) -> str:
    """The code of the area that a member of the dimension names; "" for what is none."""
    return region_of(member) if level == "region" else department_of(member)


def matched(level: Level, members: Sequence[object]) -> dict[str, list[str]]:
    """The members that name each area, by its code: "IDF" and "Île-de-France" are one."""
    found: dict[str, list[str]] = {}
    for member in members:
        if code := code_of(level, member):
            found.setdefault(code, []).append(str(member))
    return found


def is_france(country: object) -> bool:
    """Whether a country, as written, is France."""
    return plain(country) in FRANCE


@cache
def _codes() -> dict[str, str]:
    return {area.code: area.name for area in areas("department")}


@cache
def _regions() -> dict[str, str]:
    known = {plain(area.name): area.code for area in areas("region")}
    known |= {area.code: area.code for area in areas("region")}
    return known | {plain(alias): code for code, aliases in REGION_ALIASES.items() for alias in aliases}


@cache
def _departments() -> dict[str, str]:
    every = {**_codes(), **OVERSEAS}
    return {plain(code): code for code in every} | {plain(name): code for code, name in every.items()}
