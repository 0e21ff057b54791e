"""The front end as files: one script, one style sheet, and the two libraries that are loaded when first needed.

The script is made of small modules (`web/*.js`), written one after the other, each in a scope of its own: there is no
build step and no tool to install.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kpilib.language import N_

from . import looks, style

FOLDER = Path(__file__).parent / "web"
#: A module comes after those that it imports.
MODULES = (
    "dom", "query", "theme", "menus", "status", "connection", "filters", "slide", "members", "looks", "tiles",
    "glossary", "drill", "chart", "charts", "session", "http", "lab", "main",
)  # fmt: skip
SCRIPT, SHEET = "text/javascript; charset=utf-8", "text/css; charset=utf-8"

#: What the front end says; the server or the kernel says it in the reader's language. The script knows the keys.
STRINGS = {
    "updated": N_("Updated: {shown}"),
    "lost": N_("The connection to the server is lost. This page tries again by itself; what you chose is kept."),
    "kernel": N_("The kernel does not answer. It may be busy or have stopped; run the notebook again."),
    "back": N_("The connection is back."),
    "fresh": N_("The data have been refreshed."),
    "reload": N_("Show them"),
    "again": N_("Try again"),
    "close": N_("Close"),
    "only": N_("Only"),
    "only_this": N_("Only {name}"),
    "all": N_("All"),
    "found": N_("Only these {count}"),
    "none": N_("No member is called that."),
    "no_chart": N_("This chart could not be drawn. Its numbers are in the table."),
    "no_file": N_("This could not be had. Try again in a moment."),
    "records": N_("Show the records behind it"),
    "filter_by": N_("Filter by {value}"),
    "save_records": N_("Save all records as {form}"),
    "search": N_("Search:"),
    "rows_shown": N_("_START_ to _END_ of _TOTAL_"),
    "rows_found": N_("(found among _MAX_)"),
    "rows_page": N_("_MENU_ a page"),
    "no_row": N_("No record matches."),
    "entries": N_("{count} of {all}"),
    "sort": N_(": sort"),
    "sort_back": N_(": sort the other way"),
    "sort_none": N_(": take the sorting away"),
    "first": N_("First page"),
    "previous": N_("Previous page"),
    "next": N_("Next page"),
    "last": N_("Last page"),
    "looks_seen": looks.SESSION,
    "looks_compared": looks.COMPARED,
    "looks_chance": looks.BY_CHANCE,
    "looks_stands": looks.STANDS,
    "yes": N_("yes"),
    "no": N_("no"),
    "theme": N_("Colours"),
    "theme_system": N_("as the system"),
    "theme_light": N_("light"),
    "theme_dark": N_("dark"),
}

#: What each widget carries: it waits for the script that the first widget of a page brings, and is handed to it.
LOADER = """
const LATE = 5_000; // milliseconds; the widget that brought the script may be gone
const fronts = (globalThis.kpiFronts ??= {});
async function started({ script, ...front }) {
  return { ...front, ...(await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))) };
}
function ask(model, take) {
  const id = `front-${Math.random()}`;
  const heard = (answer) => answer.id === id && (model.off("msg:custom", heard), take(answer.front));
  model.on("msg:custom", heard);
  model.send({ id, do: "front" });
}
function front(model) {
  const code = model.get("code"), brought = model.get("front");
  const known = (fronts[code] ??= {});
  known.ready ??= new Promise((done) => (known.take = (front) => (known.here = true) && done(started(front))));
  if (brought.script) known.take(brought);
  else setTimeout(() => known.here || ask(model, known.take), LATE);
  return known.ready;
}
const handed = (name) => async (context) => {
  const ours = await front(context.model);
  return ours[name]({ ...context, front: ours });
};
export default { initialize: handed("initialize"), render: handed("render") };
"""

_IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[^}]*\})) from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.MULTILINE)
_LISTED = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)


@cache
def bundle() -> str:
    """The whole script, an ES module that exports `mount` and, for a notebook, `initialize` and `render`."""
    modules = "".join(_scoped(name, (FOLDER / f"{name}.js").read_text(encoding="utf-8")) for name in MODULES)
    return f"{modules}export const {{ mount, initialize, render }} = of_main;\n"


@cache
def asset(name: str) -> tuple[bytes, str]:
    """A file of the front end: its bytes and media type.

    Raises
    ------
    KeyError
        There is none of that name.
    """
    make, mime = ASSETS[name]
    return make(), mime


def _scoped(name: str, source: str) -> str:
    """A module as a constant that holds what it exports."""
    listed = [each.strip() for found in _LISTED.findall(source) for each in found.split(",")]
    exports = ", ".join([*_EXPORT.findall(source), *listed])
    source = _EXPORT.sub("", _LISTED.sub("", _IMPORT.sub(_taken, source)))
    return f"const of_{name} = (() => {{\n{source}return {{ {exports} }};\n}})();\n"


def _taken(match: re.Match[str]) -> str:
    whole, names, module = match.groups()
    return f"const {whole or names.replace(' as ', ': ')} = of_{module};\n"


def _script() -> bytes:
    return bundle().encode()


def _early() -> bytes:
    return (FOLDER / "early.js").read_bytes()


def _sheet() -> bytes:
    return (style.CSS + (FOLDER / "live.css").read_text(encoding="utf-8")).encode()


def _tables() -> bytes:
    """DataTables, as the package itables brings it (MIT); the package itself is not imported."""
    spec = find_spec("itables")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package itables is not installed: pip install itables.")
    return (Path(spec.origin).parent / "html" / "dt_bundle.js").read_bytes()


def _vega() -> bytes:
    from . import vega

    return vega.bundle().read_bytes()


ASSETS = {
    "kpi.js": (_script, SCRIPT),
    "kpi.css": (_sheet, SHEET),
    "early.js": (_early, SCRIPT),
    "tables.js": (_tables, SCRIPT),
    "vega.js": (_vega, SCRIPT),
}
