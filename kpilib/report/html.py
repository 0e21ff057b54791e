"""A report as one HTML file: no script, no address, charts drawn in it. The same report gives the same bytes."""

from __future__ import annotations

from kpilib.language import of
from kpilib.show.markup import Html, element, join, text

from . import sections
from .content import Report
from .said import of_what, summary, title
from .styles import INLINE, sheet

# Nothing may be loaded and nothing may run, whatever a name in the data would like.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"


def page(report: Report) -> str:
    """The whole file. Its first lines say what matters, for the preview of a mail client."""
    parts = [
        element("h1", title(report), style=INLINE["h1"]),
        *(element("p", said, style=INLINE["lede"]) for said in summary(report)),
        element("p", of_what(report), style=INLINE["note"]),
        sections.headlines(report),
        sections.moved(report),
        sections.alerts(report),
        sections.data_quality(report),
        sections.definitions(report),
        sections.sql(report),
        sections.foot(report),
    ]
    body = element("main", *parts, class_="page", style=INLINE["page"])
    language = of(report.words.locale)
    return f'<!DOCTYPE html>\n<html lang="{language}">\n{_head(report)}\n{join(_body(body))}\n</html>\n'


def _head(report: Report) -> Html:
    named = text(f"{title(report)} – {report.name}")
    return Html(
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="color-scheme" content="light">'
        f"<title>{named}</title><style>{sheet(f'{report.name} – {report.period.name}')}</style></head>"
    )


def _body(inside: Html) -> Html:
    return element("body", inside, style=INLINE["body"])
