"""The colours and the Altair theme of every chart: one colour, one meaning; legible on white and on near-black.

Text and rules are `currentColor`, so an SVG in a page takes the page's text colour; no background is drawn.
"""

import altair as alt

#: What each colour means, in the whole workbook. Won and lost are the blue and the vermilion of Okabe and Ito's set
#: (safe for the colour-blind); all have at least 3:1 contrast on white and on #161616 alike. Never the only mark:
#: dashes, shapes or labels go with it.
COLOURS = {
    "won": "#0072b2",
    "lost": "#d55e00",
    "open": "#808080",
    "value": "#00896b",
    "second": "#a8629a",
    "third": "#7a6fd0",
    "fourth": "#a07800",
}
#: The colour of text, axes, whiskers and reference lines: the page's own.
INK = "currentColor"
#: Several series in one chart, in this order, each with its own dash and its own name at the line's end.
SERIES = ("value", "second", "third", "fourth", "open")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3])
#: Fonts of the same widths, so that a chart measured on one computer fits on another; no font is ever loaded.
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
#: A chart is this wide, in its own units; on the page it is scaled to the room there is. On a screen of 360 px its
#: 13-unit labels are still near 10 px, which is why it is not wider.
WIDTH = 440

_TEXT = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"}

CONFIG: dict[str, object] = {
    "aria": False,  # the figure has one text alternative; a label on each mark would only repeat it
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "labelLimit": 170,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelFlush": False,
        "gridColor": INK,
        "gridOpacity": 0.14,
        "titlePadding": 8,
    },
    "legend": {**_TEXT, "orient": "bottom", "symbolStrokeWidth": 2, "title": None, "labelLimit": 180},
    "header": {**_TEXT, "labelFontWeight": "bold"},
    "text": {"color": INK, "fontSize": 13},
    "rule": {"color": INK},
    "title": {
        "color": INK,
        "subtitleColor": INK,
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 15,
        "subtitleFontSize": 13,
        "offset": 12,
    },
    "range": {"category": [COLOURS[name] for name in SERIES]},
}


@alt.theme.register("kpilib", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """The theme of all charts drawn while `kpilib.show` is imported."""
    return {"config": CONFIG}  # type: ignore[typeddict-item]


def contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast ratio of two colours written #rrggbb: 1 (the same) to 21 (black on white).

    Source: W3C, Web Content Accessibility Guidelines 2.2, "relative luminance" and "contrast ratio".
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
