"""How a report looks: the styles that a mail client keeps stand in the elements, the rest in one sheet.

Light, for paper and for mail; blue and vermilion tell better from worse, and a word and an arrow go with each.
"""

INK, SOFT, LINE, EDGE, TINT = "#1c2430", "#566172", "#dde2e9", "#8d97a5", "#f4f6f9"
HUES = {"better": "#00629b", "worse": "#a84300"}
_FONT = "font-family:Arial,'Liberation Sans',Helvetica,sans-serif"
_CELL = f"padding:6px 10px 6px 0;border-bottom:1px solid {LINE};text-align:left;vertical-align:top;font-size:14px"

#: By what an element is: the styles without which it could not be read.
INLINE = {
    "body": f"margin:0;padding:0;background:#fff;color:{INK};{_FONT};font-size:15px;line-height:1.45",
    "page": "max-width:720px;margin:0 auto;padding:20px 16px",
    "h1": "font-size:24px;line-height:1.25;margin:0 0 8px;font-weight:bold",
    "h2": f"font-size:18px;line-height:1.3;margin:28px 0 8px;padding-top:12px;border-top:2px solid {INK}",
    "h3": "font-size:15px;line-height:1.35;margin:16px 0 4px",
    "lede": "font-size:16px;margin:0 0 4px",
    "p": "margin:4px 0 8px",
    "note": f"color:{SOFT};font-size:13px;margin:4px 0 8px",
    "beware": "margin:8px 0;padding:8px 12px;border-left:4px solid #a84300;background:#fdf3ec",
    "table": "border-collapse:collapse;width:100%;margin:4px 0 8px",
    "td": _CELL,
    "number": f"{_CELL};text-align:right;white-space:nowrap",
    "th": f"{_CELL};color:{SOFT};font-size:13px;font-weight:bold;border-bottom:1px solid {EDGE}",
    "group": f"{_CELL};padding-top:14px;font-weight:bold;background:none;border-bottom:1px solid {EDGE}",
    "about": "padding:2px 0;vertical-align:top;font-size:14px",
    "term": f"width:110px;padding:2px 10px 2px 0;text-align:left;vertical-align:top;color:{SOFT};font-size:13px;"
    "font-weight:normal",
    "value": "font-size:17px;font-weight:bold;white-space:nowrap",
    "small": f"color:{SOFT};font-size:12px",
    "figure": "margin:8px 0 12px",
    "pre": (
        f"margin:4px 0;padding:8px;background:{TINT};font-family:Menlo,Consolas,'Liberation Mono',monospace;"
        "font-size:11px;line-height:1.35;white-space:pre-wrap;overflow-wrap:anywhere"
    ),
    "code": "font-family:Menlo,Consolas,'Liberation Mono',monospace;font-size:12px;overflow-wrap:anywhere",
    "foot": f"color:{SOFT};font-size:12px;margin:28px 0 0;padding-top:8px;border-top:1px solid {LINE}",
}

_SHEET = """
:root{color-scheme:light}
h1,h2,h3{text-wrap:balance}
td,th{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
figure{margin:0}
figure svg{height:auto!important}
.spark svg{display:block;width:120px;height:28px;overflow:visible}
.of{display:none}
summary{cursor:pointer;font-size:13px}
@media (min-width:740px){.kpi-narrow{display:none}.kpi-wide{display:block!important}}
@media (max-width:600px){
.stack thead{display:none}
.stack tr{display:block;padding:8px 0;border-bottom:1px solid #dde2e9}
.stack td,.stack th[scope=row]{display:block;border:0!important;padding:2px 0!important;text-align:left!important;
white-space:normal!important}
.stack td:empty{display:none}
.stack .of{display:inline;color:#566172}
}
@page{size:A4;margin:15mm 14mm 18mm;
@bottom-left{content:FOOT;font:8pt Arial,'Liberation Sans',sans-serif;color:#566172}
@bottom-right{content:counter(page) " / " counter(pages);font:8pt Arial,'Liberation Sans',sans-serif;color:#566172}}
@media print{
.page{max-width:none!important;padding:0!important;zoom:.84}
h2,h3,.group{break-after:avoid}tr,figure,.keep{break-inside:avoid}thead{display:table-header-group}
.appendix{break-before:page}
.kpi-narrow{display:none}.kpi-wide{display:block!important}
details::details-content{content-visibility:visible;display:block;height:auto}
summary{list-style:none}
pre{font-size:8px!important}
}
"""


def sheet(foot: str) -> str:
    """The style sheet; `foot` stands at the left of each printed page."""
    return _SHEET.replace("FOOT", quoted(foot))


def quoted(text: str) -> str:
    r"""A text as a CSS string, which no name can leave.

    Examples
    --------
    >>> quoted('a"b</style>')
    '"a\\22 b\\3c \\2f style\\3e "'
    """
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'
