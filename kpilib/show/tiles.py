"""Tiles: one number a KPI, with its interval, its change, its target, its run by month, its rows and its definition."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kpilib.catalogue import leaves
from kpilib.model.panels import PANELS
from kpilib.model.tables import TABLES

from . import against, definition
from .charts import spark
from .doubt import badge
from .figure import counted_said
from .live import Live, Look, Shown, guarded, look_key, nothing, shell, slot
from .markup import Html, element, join
from .standing import Standing, standing
from .words import low

if TYPE_CHECKING:
    from .page import Page
    from .view import View


class Tile(NamedTuple):
    """One tile: its HTML, the same in plain text, what went wrong; and what it tells of, where it has an answer."""

    html: Html
    plain: str
    error: BaseException | None = None
    found: Standing | None = None
    change: against.Told | None = None
    aim: against.Told | None = None


class Tiles(Live):
    """A grid of KPI tiles that follow the choice; made by `Page.tiles`."""

    def __init__(self, page: "Page", keys: list[str], name: str) -> None:
        super().__init__(page, name)
        self.keys = keys

    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """All tiles for a view; one that fails says so in its own place."""
        made = [tile(view, key) for key in self.keys]
        grid = element("div", *(one.html for one in made), class_=_grid(len(made)))
        plain = "\n".join([*(one.plain for one in made), view.text])
        error = next((one.error for one in made if one.error is not None), None)
        looks = tuple(look for one in made for look in looks_of(view, one))
        return Shown({"tiles": grid, "foot": join(view.text)}, plain, error=error, looks=looks)

    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        return shell(
            "kpi-tiles",
            slot("div", "tiles", shown.slots["tiles"]),
            slot("p", "foot", shown.slots["foot"], class_="kpi-foot"),
            data_piece=self.name,
        )


def tile(view: "View", key: str) -> Tile:
    """One KPI for a view; where it has no answer, a greyed tile that says why."""
    kpi = view.book.kpis[key]
    why = view.book.why_not(key, view.locale) or _not_by(view, kpi)
    if why:
        return _off(kpi, view, why)
    made = guarded(kpi.name, view, lambda: _answer(view, kpi))
    return made if isinstance(made, Tile) else _off(kpi, view, made[0], made[1])


def _not_by(view: "View", kpi: Any) -> str:
    """That a KPI is not known by what the reader chose; empty text where it is."""
    read = [PANELS[one.table].dimensions for one in leaves(kpi, view.book.kpis) if one.table in PANELS]
    out = [view.words.dimension(name) for name in view.where if any(name not in known for known in read)]
    if not out:
        return ""
    say = view.words.say
    return say("{kpi} is not known by {dimension}.", kpi=say(kpi.name), dimension=low(out[0]))


def about(view: "View", key: str) -> Html:
    """What the "i" of a tile opens, for a view: with the SQL, and the values of the KPI's other definitions."""
    return definition.told(view, key)


def headlines(view: "View", keys: Sequence[str]) -> list[dict[str, str]]:
    """What a gallery says of KPIs: key, name, value, change and its direction, of those that these data answer."""
    told = []
    for key in keys:
        kpi = view.book.kpis[key]
        found = None if view.book.why_not(key) else guarded(kpi.name, view, partial(standing, view, kpi, False))
        if isinstance(found, Standing) and not found.empty:
            change = against.change(found, view.words) or against.Told("")
            value = view.words.short(found.row["value"], kpi.unit)
            line = {"key": key, "name": view.words.say(kpi.name), "value": value}
            told.append({**line, "change": change.text, "direction": change.direction})
    return told


def _grid(tiles: int) -> str:
    """Rows of four where that fills them better than rows of five."""
    return "kpi-grid kpi-fours" if tiles % 5 and tiles % 4 == 0 else "kpi-grid"


def _answer(view: "View", kpi: Any) -> Tile:
    found, words = standing(view, kpi), view.words
    if found.empty:
        return _off(kpi, view, _why_empty(view, kpi))
    row = found.row
    value, between = words.short(row["value"], kpi.unit), words.interval(row["low"], row["high"], kpi.unit)
    change, aim = against.change(found, words), against.aim(found, words)
    rows = counted_said(kpi, int(row["rows"]), view)
    counted = rows if row["complete"] else words.say("{rows} · period not over", rows=rows)
    doubt = badge(view, kpi, row)
    parts = [
        element("p", value, class_="kpi-value", title=words.text(row["value"], kpi.unit)),
        element("p", between, class_="kpi-interval") if between else None,
        doubt,
        _told(change, "kpi-change"),
        _told(aim, "kpi-target"),
        _run(found, view),
        element("p", counted, class_="kpi-rows"),
    ]
    said = [f"{words.say(kpi.name)}: {value}{f' ({between})' if between else ''}, {rows}"]
    plain = "; ".join([*said, *(one.text for one in (change, aim) if one)])
    return _tile(kpi, view, "kpi-tile", parts, plain)._replace(found=found, change=change, aim=aim)


def looks_of(view: "View", made: Tile) -> list[Look]:
    """The comparisons of a tile for the page's ledger: with the window before, with the target."""
    if made.found is None:
        return []
    kpi, compared, window = made.found.kpi, made.found.windows, made.found.window
    both = (compared.now, compared.before) if compared else (None, None)
    looks = []
    for told, now, to in ((made.change, both[0], both[1]), (made.aim, window, "target")):
        if told is not None and told.against:
            given = {"kpi": view.words.say(kpi.name), "compared": told.against, "slice": view.text}
            what = view.words.say("{kpi}: {compared} ({slice})", **given)
            looks.append(Look(look_key(kpi, now, to, view.where), what, told.p))
    return looks


def _told(told: against.Told | None, kind: str) -> Html | None:
    if told is None:
        return None
    return element("p", told.text, class_=kind, data_dir=told.direction, title=told.behind or None)


def _run(found: Standing, view: "View") -> Html | None:
    """The sparkline; what it shows is said in its title, for the line itself is hidden from those who cannot see it."""
    drawn = spark.line(found.run)
    if drawn is None:
        return None
    said = spark.said(found.run, found.kpi.unit, view.words)
    return element("div", drawn, class_="kpi-spark", role="img", aria_label=said, title=said)


def _why_empty(view: "View", kpi: Any) -> str:
    """What stands in place of a number: that there is no row, or that the rows lack what would be summed."""
    if not kpi.table or not PANELS[kpi.table].base:
        return nothing(view)
    about, base = view.book.about, PANELS[kpi.table].base
    summed = f"{kpi.numerator} {kpi.denominator or ''}"
    named = [name for name in TABLES[base].names if re.search(rf"\b{name}\b", summed)]
    # Columns that are always filled are not what is missing.
    absent = [name for name in named if about.filled.get(f"{base}.{name}", 0) < about.rows.get(base, 0)]
    if not absent or not _observed(view, kpi):
        return nothing(view)
    say = view.words.say
    listed = absent[0]
    for name in absent[1:]:
        listed = say("{names} and {last}", names=listed, last=name)
    return say("No row here has what it sums: {columns}.", columns=listed)


def _observed(view: "View", kpi: Any) -> bool:
    """Whether the slice has rows at all: another KPI of the same rows has seen some."""
    same = (k for k in view.book.kpis.values() if (k.table, k.when, k.at) == (kpi.table, kpi.when, kpi.at))
    return any(view.kpi(k.key)["rows"].sum() for k in same if k.key != kpi.key and not view.book.why_not(k.key))


def _off(kpi: Any, view: "View", why: str, error: BaseException | None = None) -> Tile:
    said = element("p", why, class_="kpi-why")
    plain = f"{view.words.say(kpi.name)}: {why}"
    return _tile(kpi, view, "kpi-tile kpi-tile-off", [said], plain)._replace(error=error)


def _tile(kpi: Any, view: "View", kind: str, parts: "list[Html | None]", plain: str) -> Tile:
    words = view.words
    name = element("h3", words.say(kpi.name), title=words.say(kpi.question))
    head = element("div", name, definition.folded(kpi, words), class_="kpi-tile-head")
    return Tile(element("article", head, *parts, class_=kind, data_kpi=kpi.key), plain)
