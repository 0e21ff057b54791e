"""The KPIs of the data themselves: a figure is as good as what it is made of."""

from kpilib.catalogue.kpi import Kpi

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
)

KPIS = (REFUSED_RATE,)
