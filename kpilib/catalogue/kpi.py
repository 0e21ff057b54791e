"""What a KPI is: two sums over rows, divided last.

A `Kpi` is data. It says what each row of one table or panel adds to the top and to the bottom, in SQL (DuckDB dialect)
that the glossary prints and the engine runs; how it is summed and shown is the business of `compute/` and `show/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

Unit = Literal["count", "money", "share", "days", "hours", "months", "score", "ratio", "money/day"]


@dataclass(frozen=True)
class Distinct:
    """So many different `column`s, of those that have at least one row for which `where` holds."""

    column: str
    where: str = ""

    def __str__(self) -> str:
        condition = f" FILTER (WHERE {self.where})" if self.where else ""
        return f"COUNT(DISTINCT {self.column}){condition}"


def distinct(column: str, where: str = "") -> Distinct:
    """Count entities instead of rows, as a KPI's numerator or denominator.

    Examples
    --------
    >>> str(distinct("order_id", "kind = 'cross_sell'"))
    "COUNT(DISTINCT order_id) FILTER (WHERE kind = 'cross_sell')"
    """
    return Distinct(column, where)


@dataclass(frozen=True)
class Undecided:
    """Records whose part in a KPI is not known yet, or was never written down, and what each could add.

    Parameters
    ----------
    one, many : str
        How they are counted in a sentence: "{n} deal undecided", "{n} deals undecided".
    why : str
        What they are, and what the two ends of the range assume.
    weight : str
        SQL over one row: what it would add below the line (of a total, what `low` and `high` are times of); NULL or 0
        for a row that is none of them.
    low, high : float
        The least and the most that it would add above the line, for one of weight; `math.inf` where nothing bounds it.
    least : str
        SQL for the least it would add, where that is no multiple of the weight; takes the place of `low`.
    inside : bool
        Whether the KPI counts these rows below the line already, as ones that add nothing above.
    table, when : str
        The panel and the date on which they are counted, where not the KPI's own.
    """

    one: str
    many: str
    why: str
    weight: str
    low: float = 0.0
    high: float = 1.0
    least: str = ""
    inside: bool = False
    table: str = ""
    when: str = ""


@dataclass(frozen=True)
class Kpi:
    """One KPI, or one variant of it.

    Parameters
    ----------
    key : str
        lower_snake, singular, without unit; a variant's key is its name alone ("by_value").
    name, question, caveat : str
        English; French stands in the message catalogue.
    table : str
        The panel whose rows are summed.
    when : str
        The date column that puts a row into a period; "" for a KPI without time.
    numerator, denominator : str or Distinct
        SQL over one row. A condition counts 1 or 0; a row whose number is NULL is left out of both sides. Without a
        denominator the KPI is a total.
    unit : str
        "share" is a fraction inside, per cent only when shown; "money" is in the data's currency.
    better : {"higher", "lower"}
        Which way is good.
    at : {"flow", "start", "end"}
        A flow is summed over the period; a stock is taken at its first or last month.
    counts : bool
        Whether numerator and denominator already count yes-or-no cases, several to a row.
    net : bool
        Whether a row adds 100, 0 or −100 above and 1 below (promoters less detractors): it has an interval of its own.
    over_count : bool
        Whether what is above is known exactly (a cost) and counts are below: then only these vary, as counts do
        (Poisson). Nothing above is "no cost is recorded", not a cost of 0.
    signed : bool
        Whether a share may be negative or above 1 (a margin rate); other shares' intervals are cut at 0 and 1.
    needs : tuple of str
        Model tables without which the KPI says nothing, beside the panel's own: one of them must have rows.
    fields : tuple of str
        Model columns ("opportunities.probability") that must not be wholly empty, or words that one of them must hold
        ("surveys.metric=nps").
    powers : dict
        For a derived KPI, the KPIs that are multiplied, each with its power (−1 divides).
    discount : float
        For a derived KPI that is spread over a lifetime, margin × (1 + i) ÷ (chance of leaving + i): what money loses a
        year, of which i is a month's part.
    estimator : str
        For what is no ratio of sums: the name of the estimator in `compute.estimate`.
    matures : int
        Days until a row has told what it has to tell: younger rows are left out of comparisons, and counted.
    variants : tuple of Kpi
        Other admissible definitions.
    source : str
        Where the definition comes from.
    undecided : Undecided, optional
        The records that could still move it: `compute.bounded` says how far.
    axis, of : str
        The axis of the customer relation and, for a variant, the main KPI's key: set by the catalogue.
    """

    key: str
    name: str
    question: str
    table: str = ""
    when: str = ""
    numerator: str | Distinct = ""
    denominator: str | Distinct | None = None
    unit: Unit = "count"
    better: Literal["higher", "lower"] = "higher"
    caveat: str = ""
    at: Literal["flow", "start", "end"] = "flow"
    counts: bool = False
    net: bool = False
    over_count: bool = False
    signed: bool = False
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    powers: tuple[tuple[str, int], ...] = ()
    discount: float = 0.0
    estimator: str = ""
    matures: int = 0
    variants: tuple[Kpi, ...] = ()
    source: str = ""
    undecided: Undecided | None = None
    axis: str = field(default="", compare=False)
    of: str = field(default="", compare=False)

    def __hash__(self) -> int:
        """Of what tells nearly all apart: a page looks up answers by their KPI some hundred times."""
        return hash((self.key, self.table, self.when))

    @property
    def path(self) -> str:
        """What names the definition among all of them: "win_rate", "win_rate.by_value"."""
        return f"{self.of}.{self.key}" if self.of else self.key

    @property
    def derived(self) -> bool:
        return bool(self.powers)

    @property
    def total(self) -> bool:
        """Whether the KPI is a sum, with nothing below the line."""
        return self.denominator is None and not self.derived and not self.estimator

    @property
    def entity(self) -> str:
        """The column whose values are counted, where the KPI counts entities; else ""."""
        for side in (self.denominator, self.numerator):
            if isinstance(side, Distinct):
                return side.column
        return ""

    @property
    def formula(self) -> str:
        """The definition in one line, as the glossary prints it."""
        if self.discount:
            margin, leaving = (key for key, _ in self.powers)
            return f"{margin} × (1 + i) ÷ ({leaving} + i), i = (1 + {self.discount:g})^(1/12) − 1"
        if self.derived:
            top = " × ".join(key for key, power in self.powers if power > 0)
            bottom = " × ".join(key for key, power in self.powers if power < 0)
            return f"{top} ÷ {bottom}" if bottom else top
        if self.estimator:
            return self.estimator.replace("_", " ")
        top = str(self.numerator) if isinstance(self.numerator, Distinct) else f"SUM({self.numerator})"
        if self.denominator is None:
            return top
        bottom = str(self.denominator) if isinstance(self.denominator, Distinct) else f"SUM({self.denominator})"
        return f"{top} / {bottom}"

    @property
    def words(self) -> str:
        """The definition in words, "deals won ÷ deals won or lost"; "" where nobody has written it."""
        from kpilib.catalogue.worked import answer

        found = answer(self.path)
        return found.words if found is not None else ""

    @cached_property
    def binary(self) -> bool:
        """Whether each row or entity adds 0 or 1 above and 1 below: then Wilson's interval is the right one."""
        return self.counts or (self.unit == "share" and _zero_or_one(self.numerator) and _zero_or_one(self.denominator))

    @cached_property
    def unknown(self) -> Kpi | None:
        """What cubes keep of the undecided: the sums of what they add at least and of their weights; None without."""
        if self.undecided is None:
            return None
        them = self.undecided
        table, when = them.table or self.table, them.when or self.when
        at = self.at if table == self.table else "flow"
        return Kpi(
            "undecided", self.name, them.why, table, when, them.least or "0", them.weight, "ratio", at=at, of=self.path
        )

    @property
    def definitions(self) -> tuple[Kpi, ...]:
        """All that cubes keep of it: itself, its variants, and the undecided of each."""
        each = (self, *self.variants)
        return (*each, *(one.unknown for one in each if one.unknown is not None))

    def variant(self, name: str | None) -> Kpi:
        """The definition of that name; the main one without a name. `UnknownName` with a did-you-mean otherwise."""
        from kpilib.errors import unknown

        if not name or name == "main":
            return self
        for other in self.variants:
            if other.key == name:
                return other
        raise unknown(f"variant of {self.key!r}", name, ["main", *(other.key for other in self.variants)])


@lru_cache(maxsize=1024)
def is_condition(expression: str) -> bool:
    """Whether an SQL expression is a condition (it then counts 1 or 0) rather than a number.

    Examples
    --------
    >>> is_condition("status = 'won'"), is_condition("revenue - cost"), is_condition("CASE WHEN a THEN b END")
    (True, False, False)
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(expression, dialect="duckdb").unnest()
    known_flag = isinstance(tree, exp.Column) and tree.name in FLAGS
    return known_flag or isinstance(tree, (exp.Predicate, exp.Connector, exp.Not))


#: Columns of panels that hold true or false.
FLAGS = frozenset(
    {
        "bought_before",
        "on_the_day",
        "kept_promise",
        "first_visit",
        "went_on",
        "fate_known",
        "fell_due",
        "on_time",
        "solved_at_once",
        "solved_for_good",
    }
)


def _zero_or_one(side: str | Distinct | None) -> bool:
    return isinstance(side, Distinct) or (side is not None and (side == "1" or is_condition(side)))
