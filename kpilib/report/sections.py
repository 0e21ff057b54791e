"""The sections of a report in HTML: tables that a mail client keeps, each chart with its text alternative."""

from __future__ import annotations

from collections.abc import Sequence

from kpilib.language import N_
from kpilib.show.charts import spark
from kpilib.show.charts.control_chart import control
from kpilib.show.markup import Html, element, join
from kpilib.show.words import Words

from .content import Report, Told
from .headline import Headline
from .markup import code, figure, header, paragraph, section, table, td, term
from .moved import Moved
from .parts import parts_table
from .period import short_day
from .quality import Quality
from .said import ASKED, COLUMNS, cell, table_name
from .styles import HUES, INLINE

_FIGURES, _MOVED, _ALERTS = N_("The figures"), N_("What moved, and why"), N_("What is unusual")
_DATA, _MEANS = N_("The data behind it"), N_("What the figures mean")
_RUN, _FIGURE, _KPI = N_("24 months"), N_("Figure"), N_("KPI")
_NOTE = N_(
    "Between brackets the 95% interval. Better and worse are said where chance does not explain the difference; a sum "
    "has no interval, and its change is the plain fact."
)
_STANDS = N_(
    "Of {n} shares and means compared with the period before, {stand} differs by more than chance explains, with false "
    "alarms held to one in twenty."
)
_STAND = N_(
    "Of {n} shares and means compared with the period before, {stand} differ by more than chance explains, with false "
    "alarms held to one in twenty."
)
_NONE_STANDS = N_(
    "Of {n} shares and means compared with the period before, none differs by more than chance explains. The sums that "
    "changed most beside their usual change:"
)
_NOT_OVER = N_("{rows}, period not over")
_WATCHED = N_(
    "{series} series were judged for {month}. Where nothing changes, such a watch raises an alert in {rate} of months."
)
_NO_ALERTS = N_("No alert is open.")
_TABLE, _EMPTY, _NEWEST = N_("Table"), N_("Wholly empty columns"), N_("Newest row")
_REFUSED, _ROWS = N_("Refused"), N_("Rows")
_CLEAN, _FAULT = N_("The import found no fault."), N_("{table}: {reason} ({rows})")
_FAULT_IN = N_("{table}, {column}: {reason} ({rows})")
_FORMULA, _OVER, _BEWARE, _SOURCE = N_("Worked out as"), N_("Over"), N_("Beware"), N_("Source")
_SQL = N_("The figures as SQL")
_SQL_NOTE = N_("In DuckDB's dialect; it gives the same figures straight from the tables of the import.")
_FOOT = N_("Fingerprint of the data: {fingerprint}. The same data give the same file again, byte for byte.")
#: Digits of a fingerprint that are shown, as on the pages.
SHOWN = 12


def headlines(report: Report) -> Html:
    """The table of figures, under their questions where they have any."""
    say = report.words.say
    names = [say(name) for name in (_KPI, _FIGURE, *COLUMNS.values(), _RUN)]
    rows: list[Html] = []
    question = ""
    for one in report.headlines:
        if one.question != question:
            question = one.question
            title = element("th", say(ASKED[question]), colspan=6, scope="colgroup", style=INLINE["group"])
            rows.append(element("tr", title, class_="group"))
        rows.append(_headline(one, names, report.words))
    beware = [said for one in report.headlines if (said := one.warning(report.words.locale))]
    first = [paragraph(said, "beware") for said in beware]
    return section(say(_FIGURES), *first, table(names, rows, 0), paragraph(say(_NOTE), "note"))


def moved(report: Report) -> Html:
    """What moved most since the period before, what explains it, and how many were compared."""
    words, found = report.words, report.moves
    given = {"n": words.count(found.compared), "stand": words.count(len(found.stand))}
    said = words.plural(len(found.stand), _STANDS, _STAND, **given) if found.stand else words.say(_NONE_STANDS, **given)
    parts = [paragraph(said)] if found.compared else []
    return section(words.say(_MOVED), *parts, *(_moved(one, at, words) for at, one in enumerate(found.moved)))


def alerts(report: Report) -> Html:
    """The open alerts, the worst first, each with the chart that shows why."""
    words = report.words
    given = {"series": words.count(report.series), "month": report.month, "rate": words.text(report.rate, "share")}
    watched = paragraph(words.say(_WATCHED, **given), "note")
    quiet = paragraph(words.say(_NO_ALERTS)) if not report.alerts else None
    told = (_alert(one, at, report) for at, one in enumerate(report.alerts))
    return section(words.say(_ALERTS), quiet, *told, watched)


def data_quality(report: Report) -> Html:
    """Each table's rows, the newest of them, the refused ones, empty columns; then what was found wrong."""
    words, found = report.words, report.quality
    names = [words.say(name) for name in (_TABLE, _EMPTY, _NEWEST, _ROWS, _REFUSED)]
    rows = []
    for one in found.tables:
        cells = [code(", ".join(one.empty)), one.newest and short_day(one.newest, words.locale), words.count(one.rows)]
        cells.append("" if one.refused_share is None else words.text(one.refused_share, "share"))
        row = [td(said, name, number=at > 0) for at, (said, name) in enumerate(zip(cells, names[1:], strict=True))]
        rows.append(element("tr", header(table_name(one.table, words)), *row))
    return section(words.say(_DATA), table(names, rows, 3), *_faults(found, words))


def definitions(report: Report) -> Html:
    """What each KPI means: its question, how it is worked out, what to beware of."""
    say = report.words.say
    parts = []
    for one in report.definitions:
        told = [(_FORMULA, code(one.formula)), (_OVER, code(one.table)), (_BEWARE, one.caveat), (_SOURCE, one.source)]
        lines = [(term(say(name)), element("td", what, style=INLINE["about"])) for name, what in told if what]
        about = element("table", *(element("tr", *line) for line in lines), style=INLINE["table"])
        heading = element("h3", one.name, style=INLINE["h3"])
        parts.append(element("div", heading, paragraph(one.question), about, class_="keep"))
    return section(say(_MEANS), *parts, kind="appendix")


def sql(report: Report) -> Html:
    """The SQL that gives each figure; folded away on a screen, open on paper."""
    say = report.words.say
    told = (
        element("details", element("summary", one.name), element("pre", one.sql, style=INLINE["pre"]))
        for one in report.definitions
        if one.sql
    )
    return section(say(_SQL), paragraph(say(_SQL_NOTE), "note"), *told, kind="appendix")


def foot(report: Report) -> Html:
    """What tells these data from all others."""
    said = report.words.say(_FOOT, fingerprint=report.fingerprint[:SHOWN])
    return element("p", said, style=INLINE["foot"])


def _headline(one: Headline, names: Sequence[str], words: Words) -> Html:
    """The row of a KPI: its figure, its comparisons, its run."""
    name = header(element("strong", words.say(one.kpi.name)))
    if one.why:
        return element("tr", name, element("td", one.why, colspan=5, style=f"{INLINE['td']};{INLINE['small']}"))
    against = (_against(one, to, column, words) for to, column in zip(COLUMNS, names[2:5], strict=True))
    drawn = spark.line(one.run)
    told = spark.said(one.run, one.kpi.unit, words)
    run = element("div", drawn, class_="spark", role="img", aria_label=told, style="color:#00629b") if drawn else ""
    return element("tr", name, _figure(one, names[1], words), *against, element("td", run, style=INLINE["td"]))


def _figure(one: Headline, name: str, words: Words) -> Html:
    unit = one.kpi.unit
    between = words.interval(one.low, one.high, unit)
    counted = one.counted if one.complete else words.say(_NOT_OVER, rows=one.counted)
    small = [element("div", f"[{between}]", style=INLINE["small"])] if between else []
    value = element("span", words.short(one.value, unit), style=INLINE["value"], title=words.text(one.value, unit))
    return td(value, name, *small, element("div", counted, style=INLINE["small"]))


def _against(one: Headline, to: str, name: str, words: Words) -> Html:
    if to not in one.against:
        return td("", name)
    told = cell(one.against[to], words)
    hue = HUES.get(told.direction)
    said = element("span", told.text, style=f"color:{hue};font-weight:bold" if hue else None)
    return td(said, name, element("div", told.behind, style=INLINE["small"]))


def _moved(one: Moved, at: int, words: Words) -> Html:
    parts = [element("h3", words.say(one.kpi.name), style=INLINE["h3"])]
    parts.append(paragraph(one.comparison.said(words.locale), "beware" if one.comparison.turn else "p"))
    if one.explanation is None:
        return join(*parts, paragraph(one.why_not, "note") if one.why_not else None)
    said = one.explanation.said(words.locale)
    parts.append(paragraph(said))
    drawn = figure(one.chart, f"moved-{at}", said) if one.chart else None
    # Where no dimension explains more than chance would, its members' numbers would only look as if one did.
    telling = one.explanation.proposed or one.kpi.derived
    return join(element("div", *parts, drawn, class_="keep"), parts_table(one.explanation, words) if telling else None)


def _alert(told: Told, at: int, report: Report) -> Html:
    words, one = report.words, told.alert
    said = one.said(words.locale, words.currency)
    hue = HUES.get(one.severity)
    heading = element("h3", one.title(words.locale), style=INLINE["h3"] + (f";color:{hue}" if hue else ""))
    parts = [heading, paragraph(said)]
    if told.frame is not None:
        plot = control(told.frame, unit=told.unit, words=words, measure=words.say(told.measure), marks=told.marks)
        parts.append(figure(plot, f"alert-{at}", said))
    parts += [paragraph(told.meanwhile, "note")] if told.meanwhile else []
    return element("div", *parts, class_="keep")


def _faults(found: Quality, words: Words) -> list[Html]:
    if not found.faults:
        known = found.refused_share is not None
        return [paragraph(words.say(_CLEAN))] if known else []
    said = []
    for one in found.faults:
        rows = words.plural(one.rows, "{n} row", "{n} rows", n=words.count(one.rows))
        given = {"table": table_name(one.table, words), "reason": one.reason, "column": one.column, "rows": rows}
        said.append(element("li", words.say(_FAULT_IN if one.column else _FAULT, **given)))
    return [element("ul", *said, style="margin:4px 0 8px;padding-left:20px;font-size:14px")]
