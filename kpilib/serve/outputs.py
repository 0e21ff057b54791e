"""A cell's output as plain HTML, kept from running anything: what a page shows beside its pieces.

Only a worker imports it.
"""

import re
from functools import lru_cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from kpilib.show.markup import Html, element

WIDGET = "application/vnd.jupyter.widget-view+json"

TAGS = bleach.ALLOWED_TAGS | frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "pre", "div", "span", "section", "figure", "figcaption"}
    | {"img", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "dl", "dt", "dd"}
    | {"details", "summary", "sub", "sup", "del", "ins", "s", "u", "mark", "small", "kbd", "samp", "var", "q", "cite"}
    | {"time"}
)
ATTRIBUTES = {
    "*": ["class", "id", "title", "lang", "dir", "role", "style", "aria-label", "aria-hidden", "tabindex"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "th": ["colspan", "rowspan", "scope"],
    "td": ["colspan", "rowspan"],
    "ol": ["start"],
    "time": ["datetime"],
    "details": ["open"],
}


def clean(html: str) -> Html:
    """HTML without scripts, handlers and addresses that run something.

    Style sheets stay (pandas colours a table with one), unless something in them could end them.

    Examples
    --------
    >>> clean('<b onclick="alert(1)">R&amp;D</b><script>alert(1)</script>')
    '<b>R&amp;D</b>'
    """
    sheets = [
        css for css in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL | re.IGNORECASE) if "<" not in css
    ]
    bare = re.sub(r"<(style|script)\b.*?</\1\s*>", "", html, flags=re.DOTALL | re.IGNORECASE)
    body = bleach.clean(
        bare,
        tags=TAGS,
        attributes=ATTRIBUTES,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(),
        strip=True,
    )
    return Html("".join(element("style", Html(css)) for css in sheets) + body)


@lru_cache(maxsize=512)
def prose(source: str, folder: str = ".", attachments: tuple[tuple[str, Any], ...] = ()) -> Html:
    """Markdown as HTML, by nbconvert's own renderer; pictures beside the notebook are embedded.

    Parameters
    ----------
    source : str
        Markdown.
    folder : str
        Where the notebook lies.
    attachments : tuple of (name, bundle)
        The cell's own pictures; a bundle is a tuple of (MIME type, base64 text).
    """
    held = {name: dict(bundle) for name, bundle in attachments}
    renderer = IPythonRenderer(
        escape=False, attachments=held, embed_images=True, path=folder, exclude_anchor_links=True
    )
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def shown(data: dict[str, Any], metadata: dict[str, Any]) -> Html | None:
    """The richest form of an output that needs no script; None where there is none."""
    if "text/html" in data:
        return element("div", clean(data["text/html"]), class_="kpi-output kpi-output-html", tabindex="0")
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            return _picture(kind, data[kind], metadata.get(kind, {}), str(data.get("text/plain", "")))
    if "text/markdown" in data:
        return element("div", prose(data["text/markdown"]), class_="kpi-prose")
    return printed(data["text/plain"]) if "text/plain" in data else None


def printed(said: str) -> Html:
    """What a cell printed."""
    return element("pre", strip_ansi(said), class_="kpi-output kpi-printed", tabindex="0")


def _picture(kind: str, content: Any, about: dict[str, Any], alt: str) -> Html:
    from base64 import b64encode

    raw = content.encode() if kind == "image/svg+xml" else content
    held = raw.decode().replace("\n", "") if isinstance(raw, bytes) and kind != "image/svg+xml" else raw
    coded = held if isinstance(held, str) else b64encode(held).decode()
    size = {name: about.get(name) for name in ("width", "height")}
    picture = element("img", src=f"data:{kind};base64,{coded}", alt=alt, **size)
    return element("div", picture, class_="kpi-output kpi-picture")
