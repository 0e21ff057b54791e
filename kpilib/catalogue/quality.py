"""The KPIs of the data themselves: a figure is as good as what it is made of."""

from kpilib.catalogue.kpi import Kpi

_DAMA = "DAMA UK Working Group (2013), The Six Primary Dimensions for Data Quality Assessment"

COMPLETENESS = Kpi(
    key="completeness",
    name="Completeness",
    question="What share of the fields that matter is filled?",
    table="records",
    when="recorded_on",
    numerator="filled",
    denominator="wanted",
    unit="share",
    counts=True,
    caveat="The fields that figures read, and only where a record should have them: a closing date of closed deals "
    "alone. A field that a system does not have counts as empty; a field that is filled may still be wrong.",
    source=f"{_DAMA}: completeness",
)

FRESHNESS = Kpi(
    key="freshness",
    name="Freshness",
    question="What share of the open deals was touched in the last 30 days?",
    table="opportunity_months",
    when="month",
    numerator="idle < 30",
    denominator="1",
    unit="share",
    at="end",
    needs=("activities", "stage_changes"),
    caveat="By activities and changes of stage, at the month's end: what is done and not logged leaves a deal as it "
    "was. A deal without a day of creation counts once it is touched.",
    source=f"{_DAMA}: timeliness",
)

DUPLICATE_RATE = Kpi(
    key="duplicate_rate",
    name="Duplicate rate",
    question="What share of the accounts looks like another?",
    table="accounts",
    when="known_on",
    numerator="twins > 1",
    denominator="1",
    unit="share",
    better="lower",
    caveat="The same name in the same city, once accents, capitals, blanks and signs are taken off. Two branches of "
    "one firm look alike and are two; one firm under two names, or misspelt, does not and is one.",
    source=f"{_DAMA}: uniqueness",
)

ORPHAN_RATE = Kpi(
    key="orphan_rate",
    name="Orphan rate",
    question="What share of the keys points to a record that is not there?",
    table="records",
    when="recorded_on",
    numerator="orphans",
    denominator="pointing",
    unit="share",
    better="lower",
    counts=True,
    caveat="An order of a customer that no table knows belongs to no region and no customer family. Keys of a table "
    "that was not imported are not looked at.",
    source=f"{_DAMA}: consistency",
)

REFUSED_RATE = Kpi(
    key="refused_rate",
    name="Refused rows",
    question="What share of the rows we were given did we not accept?",
    table="import_log",
    numerator="refused",
    denominator="rows_read",
    unit="share",
    better="lower",
    counts=True,
    caveat="Refused rows are kept with their reason in the table 'refused'; a row accepted is not thereby true.",
    source=f"{_DAMA}: validity",
)

KPIS = (COMPLETENESS, FRESHNESS, DUPLICATE_RATE, ORPHAN_RATE, REFUSED_RATE)
