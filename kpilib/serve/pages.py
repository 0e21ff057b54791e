"""Pages as bytes: the templates filled in, compressed once, and named by what they hold."""

import gzip
import json
from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from kpilib.language import of, say
from kpilib.serve.chrome import TEMPLATES


class Rendered(NamedTuple):
    """A page ready to be sent: as it is, compressed, and the name of this very content."""

    html: bytes
    zipped: bytes
    etag: str


def rendered(html: str) -> Rendered:
    """A page ready to be sent."""
    whole = html.encode()
    return Rendered(whole, gzip.compress(whole, 6, mtime=0), f'"{sha256(whole).hexdigest()[:24]}"')


def fill(template: str, locale: str, **values: Any) -> str:
    """A template in a reader's language.

    Parameters
    ----------
    template : str
        Its file.
    locale : str
        The reader's language.
    **values
        What it names; text is escaped, but for what a worker made.
    """
    words = {"_": partial(_said, of(locale)), "lang": of(locale), "css": css()}
    return environment().get_template(template).render(**words, **values)


def page(around: Mapping[str, Any], document: Mapping[str, Any], host: Mapping[str, Any], sheet: str = "") -> str:
    """A notebook's page.

    Parameters
    ----------
    around : mapping
        As `chrome.around` returns it.
    document : mapping
        What a worker made of the notebook: cells, sections, lines.
    host : mapping
        What the script must know: path, base, assets, strings.
    sheet : str
        The style of the pieces.
    """
    return fill(
        "notebook.html",
        around["lang"],
        page=around,
        cells=[(kind, Markup(held)) for kind, held in document["cells"]],
        sections={name: Markup(html) for name, html in document["sections"].items()},
        first=in_script(document["lines"]),
        host=in_script(host),
        assets=host["assets"],
        sheet=Markup(sheet),
    )


def in_script(value: Any) -> Markup:
    """JSON that stands in a script element and cannot end it.

    Examples
    --------
    >>> in_script({"name": "</script><b>"})
    Markup('{"name":"<\\\\/script><b>"}')
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Markup(text.replace("</", "<\\/").replace("<!", "\\u003c!"))


@lru_cache(maxsize=1)
def css() -> Markup:
    """The style sheet of the pages, which a template engine must not read as its own language."""
    return Markup((TEMPLATES / "kpi.css").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates; what is not `Markup` is escaped."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


def _said(language: str, message: str, **values: Any) -> str:
    return say(message, language, **values)
