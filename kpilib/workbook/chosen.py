"""What a team chose for its workbook, without touching a notebook: `workbook.toml`, read and checked.

The file is optional, and so is each of its tables. `docs/workbook.md` explains them; nothing here opens data.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from kpilib.errors import BadInput

from .reading import Reading, parsed

FILE = "workbook.toml"
"""What the file is called."""
ENVIRONMENT = "KPILIB_WORKBOOK"
"""The variable that names another file."""

#: The questions and missions of the overview, in its order, each with the KPIs that a workbook starts with.
OVERVIEW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contact_centre": ("fcr", "first_reply_time", "resolution_time", "open_tickets"),
        "customer_value": ("clv", "customer_margin", "average_basket", "ltv_to_cac"),
        "service": ("csat", "ces", "ticket_rate", "review_rating"),
        "loyalty": ("churn_rate", "net_revenue_retention", "repeat_rate"),
        "satisfaction": ("nps", "response_rate"),
        "satisfy": ("nps", "csat"),
        "keep": ("active_customers", "lost_customers", "revenue_churn"),
        "develop": ("revenue", "margin_rate", "cross_sell_rate", "win_rate", "new_customers"),
    }
)


@dataclass(frozen=True)
class Aim:
    """A target: of a KPI, for one month (None: for every month), for one member of one dimension or for all ("")."""

    kpi: str
    value: float
    month: int | None = None
    dimension: str = ""
    member: str = ""

    @property
    def key(self) -> str:
        """As `compute.comparing` names a series of targets: "win_rate|segment|SMB", "win_rate||"."""
        return f"{self.kpi}|{self.dimension}|{self.member}"


@dataclass(frozen=True)
class Mail:
    """Where alerts are mailed from and to; the password stands in the environment variable `password_env`."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    user: str = ""
    password_env: str = ""
    starttls: bool = True


@dataclass(frozen=True)
class Webhook:
    """The address that alerts are posted to."""

    url: str


@dataclass(frozen=True)
class Alerting:
    """What is watched: these KPIs (none: those of the overview), by these dimensions (None: the watch's own).

    `minimum` rows make a month that is judged, `baseline` months its limits; `rate` is how often a run of the whole
    watch may give a false alarm. `lag_days` (None: learned from the data) is how late a table may be, `refused` what
    share of a table's rows may be refused.
    """

    kpis: tuple[str, ...] = ()
    by: tuple[str, ...] | None = None
    minimum: int = 30
    baseline: int = 24
    rate: float = 0.05
    lag_days: int | None = None
    refused: float = 0.05
    mail: Mail | None = None
    webhook: Webhook | None = None


@dataclass(frozen=True)
class Reporting:
    """What a report shows first: these KPIs (none: those of the overview), in this language ("": as it is asked).

    `explain` is of how many of the moves it says what explains them.
    """

    kpis: tuple[str, ...] = ()
    language: str = ""
    explain: int = 3


@dataclass(frozen=True)
class Settings:
    """A team's choices, all of them checked.

    Parameters
    ----------
    fiscal_start : int
        First month of the fiscal year, 1 to 12.
    overview : mapping of str to tuple of str
        Question or mission → the keys of its KPIs; always all of `OVERVIEW`, in its order. One of no KPI is not shown.
    aims : tuple of Aim
        The targets of the file, in its order.
    alerts, report : Alerting, Reporting
        What `kpi alerts` and `kpi report` need to know.
    path : pathlib.Path, optional
        The file that was read; None where there is none.
    """

    fiscal_start: int = 1
    overview: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: OVERVIEW)
    aims: tuple[Aim, ...] = ()
    alerts: Alerting = field(default_factory=Alerting)
    report: Reporting = field(default_factory=Reporting)
    path: Path | None = None

    @property
    def kpis(self) -> tuple[str, ...]:
        """The KPIs of the overview, each once, in its order."""
        return tuple(dict.fromkeys(key for keys in self.overview.values() for key in keys))

    def targets(self, first: int, last: int) -> dict[str, dict[str, float]]:
        """The targets of the months `first` to `last`, as `compute.comparing` has those of the table `targets`.

        A target of its own month goes before one for every month, wherever they stand in the file.

        Examples
        --------
        >>> Settings(aims=(Aim("win_rate", 0.42),)).targets(24312, 24313)
        {'win_rate||': {'24312': 0.42, '24313': 0.42}}
        """
        made: dict[str, dict[str, float]] = {}
        for aim in sorted(self.aims, key=lambda one: one.month is not None):
            months = range(first, last + 1) if aim.month is None else [aim.month]
            made.setdefault(aim.key, {}).update({str(month): aim.value for month in months})
        return made


def settings(path: str | Path | None = None) -> Settings:
    """The settings of a workbook.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        The file. By default what `KPILIB_WORKBOOK` names, else `workbook.toml` in the working folder or in its folder
        `notebooks`; without any of them, the settings that a workbook starts with.

    Raises
    ------
    BadInput
        The named file is not there or no TOML, or a value is not what it should be: says file, line and key.
    UnknownName
        A table, key, KPI or question that does not exist, with a did-you-mean.
    """
    file = _found(path)
    if file is None:
        return Settings()
    state = file.stat()
    return _read(file, state.st_mtime_ns, state.st_size)


def _found(path: str | Path | None) -> Path | None:
    given = path or os.environ.get(ENVIRONMENT)
    if given:
        file = Path(given).expanduser().resolve()
        if not file.is_file():
            whose = "" if path else f" ({ENVIRONMENT} names it)"
            raise BadInput(f"There is no file '{file.name}' in '{file.parent}'{whose}.")
        return file
    here = Path.cwd()
    return next((file for file in (here / FILE, here / "notebooks" / FILE) if file.is_file()), None)


@lru_cache(maxsize=8)
def _read(file: Path, changed: int, size: int) -> Settings:
    """Read once; again when the file has changed."""
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    top = Reading(parsed(text, file.name), file.name, text)
    top.only("fiscal_start", "overview", "targets", "target", "alerts", "report")
    return Settings(
        fiscal_start=top.whole("fiscal_start", 1, 1, 12),
        overview=_overview(top.table("overview")),
        aims=(*_constant(top.table("targets")), *map(_aim, top.tables("target"))),
        alerts=_alerting(top.table("alerts")),
        report=_reporting(top.table("report")),
        path=file,
    )


def _overview(read: Reading) -> Mapping[str, tuple[str, ...]]:
    read.only(*OVERVIEW, what="question or mission of the overview")
    return MappingProxyType({name: read.kpis(name) if name in read else keys for name, keys in OVERVIEW.items()})


def _constant(read: Reading) -> list[Aim]:
    """`[targets]`: one value for every month."""
    return [Aim(read.kpi(key, key), read.number(key)) for key in read.given]


def _aim(read: Reading) -> Aim:
    """`[[target]]`: one KPI, and the month and the member it holds for."""
    read.only("kpi", "value", "month", "dimension", "member")
    read.needed("kpi", "value")
    dimension, member = read.dimension("dimension"), read.text("member")
    if bool(dimension) != bool(member):
        raise read.bad("dimension" if dimension else "member", "needs both a dimension and a member, or neither")
    return Aim(read.kpi("kpi", read.text("kpi")), read.number("value"), read.month("month"), dimension, member)


def _alerting(read: Reading) -> Alerting:
    read.only("kpis", "by", "minimum", "baseline", "rate", "lag_days", "refused", "mail", "webhook")
    start = Alerting()
    return Alerting(
        kpis=read.kpis("kpis"),
        by=read.dimensions("by") if "by" in read else None,
        minimum=read.whole("minimum", start.minimum, 1),
        baseline=read.whole("baseline", start.baseline, 12),
        rate=read.share("rate", start.rate),
        lag_days=read.whole("lag_days", 0, 0) if "lag_days" in read else None,
        refused=read.share("refused", start.refused),
        mail=_mail(read.table("mail")) if "mail" in read else None,
        webhook=_webhook(read.table("webhook")) if "webhook" in read else None,
    )


def _mail(read: Reading) -> Mail:
    read.only("host", "port", "from", "to", "user", "password_env", "starttls")
    read.needed("host", "from", "to")
    return Mail(
        read.text("host"), read.text("from"), read.texts("to"), read.whole("port", 587, 1, 65535),
        read.text("user"), read.text("password_env"), read.flag("starttls", True),
    )  # fmt: skip


def _webhook(read: Reading) -> Webhook:
    read.only("url")
    read.needed("url")
    url = read.text("url")
    if not url.startswith(("http://", "https://")):
        raise read.bad("url", "must begin with https:// or http://")
    return Webhook(url)


def _reporting(read: Reading) -> Reporting:
    read.only("kpis", "language", "explain")
    return Reporting(read.kpis("kpis"), read.text("language"), read.whole("explain", Reporting().explain, 0))
