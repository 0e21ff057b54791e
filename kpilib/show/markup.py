"""HTML, escaped in one place: text is escaped on the way in, and only what was built here passes unescaped.

Every other module of `show` builds its HTML with `element`; none writes a tag by hand around something that comes from
data. A customer called ``<img src=x onerror=alert(1)>`` is therefore a name, wherever it appears.
"""

import re
from functools import lru_cache

# What may not stand in HTML as it is: the signs of the markup, and control characters, which neither HTML nor XML may
# hold. Most texts have none.
_MARKUP = re.compile("[&<>\"'\x00-\x08\x0b-\x1f]")
_REPLACED = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n"} | {
    ord(sign): said for sign, said in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}.items()
}


class Html(str):
    """HTML that is already safe: built by `element`, or escaped by `text`."""

    __slots__ = ()


def text(value: object) -> Html:
    """The value as HTML text; what is `Html` already stays as it is.

    Control characters that no HTML or XML may hold are replaced by U+FFFD.

    Examples
    --------
    >>> text("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    if isinstance(value, Html):
        return value
    return Html(_escaped(str(value)))


#: Elements that hold nothing and are not closed.
_VOID = frozenset({"br", "hr", "img", "input"})


def element(tag: str, *children: object, **attributes: object) -> Html:
    """One HTML element; children and attribute values are escaped unless they are `Html`.

    Parameters
    ----------
    tag : str
        The element's name.
    *children : object
        What it holds, in order; None is left out.
    **attributes : object
        `class_` and `for_` lose their underscore, `aria_label` becomes ``aria-label``; None leaves an attribute out,
        True writes its name alone.

    Examples
    --------
    >>> element("p", "a < b", class_="kpi-note", hidden=None)
    '<p class="kpi-note">a &lt; b</p>'
    """
    inner = "".join([text(child) for child in children if child is not None])
    opened = f"<{tag}{_attributes(attributes) if attributes else ''}>"
    return Html(opened if tag in _VOID else f"{opened}{inner}</{tag}>")


def join(*parts: object) -> Html:
    """The parts one after the other, each escaped unless it is `Html`; None is left out."""
    return Html("".join(text(part) for part in parts if part is not None))


def _escaped(said: str) -> str:
    return said.translate(_REPLACED) if _MARKUP.search(said) else said


def _attributes(given: dict[str, object]) -> str:
    # An attribute is always quoted and always escaped, whatever it is made of.
    return "".join(
        [
            f" {_named(name)}" if value is True else f' {_named(name)}="{_escaped(str(value))}"'
            for name, value in given.items()
            if value is not None
        ]
    )


@lru_cache(maxsize=256)
def _named(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
