"""The catalogue: every KPI of the workbook, declared once, one file an axis of the customer relation."""

from dataclasses import replace

from kpilib.catalogue import acquisition, loyalty, opportunities, quality, sales, satisfaction, service, territory
from kpilib.catalogue.kpi import Distinct, Kpi, distinct
from kpilib.errors import unknown

_AXES = {
    "opportunities": opportunities.KPIS, "sales": sales.KPIS, "satisfaction": satisfaction.KPIS,
    "loyalty": loyalty.KPIS, "service": service.KPIS, "acquisition": acquisition.KPIS, "territory": territory.KPIS,
    "quality": quality.KPIS,
}  # fmt: skip

#: Every KPI by key, in the order of the glossary.
CATALOGUE: dict[str, Kpi] = {
    kpi.key: replace(kpi, axis=axis, variants=tuple(replace(v, axis=axis, of=kpi.key) for v in kpi.variants))
    for axis, kpis in _AXES.items()
    for kpi in kpis
}


def get(key: str, variant: str | None = None, among: dict[str, Kpi] | None = None) -> Kpi:
    """The KPI of that key, or one of its variants; `UnknownName` with a did-you-mean where there is none."""
    kpis = CATALOGUE if among is None else among
    if key not in kpis:
        raise unknown("KPI", key, kpis)
    return kpis[key].variant(variant)


def leaves(kpi: Kpi, among: dict[str, Kpi] | None = None) -> list[Kpi]:
    """The KPIs of rows that a product is made of in the end; the KPI itself where it is none."""
    if not kpi.derived:
        return [kpi]
    return [leaf for part, _ in kpi.powers for leaf in leaves(get(part, among=among), among)]


__all__ = ["CATALOGUE", "Distinct", "Kpi", "distinct", "get", "leaves"]
