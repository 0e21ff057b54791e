"""A chart as SVG text: the same chart gives the same bytes, without JavaScript in the page and without the network."""

import json
import re
from functools import lru_cache

import altair as alt

from kpilib import units
from kpilib.show.markup import Html, element

from . import renderer
from .plot import Plot

# Everything below is done inside tags only: between them stands text from the data, which is nobody's to change.
_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'\bid="([^"]+)"|url\(#([^)]+)\)|href="#([^"]+)"')
_EMPTY = re.compile(r'<path class="(?:back|fore)ground" aria-hidden="true" d="(?:M0,0h0v0h0Z)?"[^>]*/>')
# What is there only to be pointed at draws nothing, and neither does a line without points.
_UNSEEN = re.compile(r'<(?:path|line)\b[^>]* opacity="0"[^>]*/>|<path(?![^>]* d=)[^>]*/>')
_IDLE = re.compile(r' (?:class|role|aria-hidden|aria-roledescription|pointer-events)="[^"]*"| opacity="1"')
_LONG = re.compile(r"(\d+\.\d{2})\d+")
#: How many times as wide as on a telephone a chart is that has the page's width to itself.
WIDER = 1.6
_HIDDEN = "display:none"
_SIZE = re.compile(r' width="([\d.]+)" height="([\d.]+)"')


def figure(chart: Plot | alt.TopLevelMixin, name: str, label: str, titled: bool = False, wide: bool = False) -> Html:
    """The chart in a ``<figure>`` whose text alternative is `label`.

    Parameters
    ----------
    chart : Plot or altair chart
        As the functions of `charts` return it, or a chart of one's own.
    name : str
        Letters, digits and dashes; makes the SVG's ids the page's only ones of that name.
    label : str
        What the chart shows, in words: its finding.
    titled : bool
        Whether the chart keeps its own title; a page has it as a heading already.
    wide : bool
        Whether it is also drawn for the whole width of a page, letters as large as ever; the style shows the one that
        fits, and without the style there is the narrow one.
    """
    drawn = [Html(svg(chart, name, titled))]
    if wide:
        broad = Html(svg(chart, f"{name}-wide", titled, WIDER))
        drawn = [element("div", *drawn, class_="kpi-narrow"), element("div", broad, class_="kpi-wide", style=_HIDDEN)]
    kind = "kpi-chart kpi-chart-alone" if wide else "kpi-chart"
    return element("figure", *drawn, role="img", aria_label=label, class_=kind)


def svg(
    chart: Plot | alt.TopLevelMixin, name: str = "chart", titled: bool = True, wider: float = 1.0, locale: str = "en"
) -> str:
    """The chart as SVG text, as wide as what holds it and never wider than is legible.

    Some 20 ms for a chart seen the first time (the first of all: 0.5 s), none for one that was drawn before.

    Parameters
    ----------
    locale : str
        The reader's language, in which a chart of one's own writes its numbers; those of `charts` have theirs written.
    """
    spec = json.dumps(Plot.of(chart).vega(wider, titled), sort_keys=True, default=str)
    signs = None if locale == "en" else json.dumps(units.d3_locale(locale), sort_keys=True)
    return _scoped(_drawn(spec, signs), name)


@lru_cache(maxsize=128)
def _drawn(spec: str, signs: str | None = None) -> str:
    return _TAG.sub(_lean, renderer.drawn(spec, signs))


def _lean(match: re.Match[str]) -> str:
    """A tag without what draws nothing, and with no more decimals than one can see."""
    tag = match.group(0)
    if _EMPTY.fullmatch(tag) or _UNSEEN.fullmatch(tag):
        return ""
    if tag.startswith("<svg"):
        return _SIZE.sub(_fluid, tag, count=1)
    return _LONG.sub(r"\1", _IDLE.sub("", tag))


def _fluid(match: re.Match[str]) -> str:
    """As wide as there is room, no wider than drawn, and as high as the live chart, which takes its place."""
    wide, high = match.group(1), match.group(2)
    style = f"display:block;width:100%;max-width:{wide}px;height:{high}px"
    return f' style="{style}" preserveAspectRatio="xMinYMin meet" focusable="false"'


def _scoped(drawn: str, name: str) -> str:
    """The renderer numbers clip paths through the life of the process; here they start at 0 in every chart."""
    seen: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        old = next(group for group in match.groups() if group)
        return match.group(0).replace(old, seen.setdefault(old, f"{name}-{len(seen)}"))

    return _TAG.sub(lambda tag: _ID.sub(renamed, tag.group(0)), drawn)
