"""Cubes against DuckDB: answering a filter change, growing with the rows, being built."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb
from run import table

import kpilib
from kpilib.book import Book
from kpilib.demo.lines import order_lines

GROUP_BY = """
    SELECT date_trunc('month', ordered_on) AS month, c.segment, c.industry, c.region, s.owner_id, p.category,
           count(*), sum(revenue), sum(revenue * revenue), sum(cost), sum(quantity), sum(revenue - cost),
           count(DISTINCT order_id), count(DISTINCT l.customer_id)
    FROM order_lines l LEFT JOIN customers c ON c.customer_id = l.customer_id
    LEFT JOIN salespeople s ON s.owner_id = l.owner_id LEFT JOIN products p ON p.product_id = l.product_id
    GROUP BY ALL
"""


def seconds(call: Callable[[], object], times: int) -> float:
    """The median time of a call, its first run left out."""
    call()
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        runs.append(time.perf_counter() - start)
    return median(runs)


def questions(book: Book) -> dict[str, tuple[str, dict]]:
    """Filter changes as a page makes them."""
    one = {d: book.members(d)["member"].tolist() for d in ("segment", "industry", "region", "owner", "category")}
    most = {name: members[:-1] for name, members in one.items()}
    return {
        "revenue by region, one segment": ("revenue", {"by": "region", "where": {"segment": one["segment"][:1]}}),
        "revenue by month, one region": ("revenue", {"period": "month", "where": {"region": one["region"][:1]}}),
        "margin rate by salesperson, two filters": (
            "margin_rate",
            {"by": "owner", "where": {"segment": one["segment"][:1], "category": one["category"][:1]}},
        ),
        "margin rate by product, one segment": (
            "margin_rate",
            {"by": "product", "where": {"segment": one["segment"][:1]}},
        ),
        "cross-sell rate by quarter, one sector": (
            "cross_sell_rate",
            {"period": "quarter", "where": {"industry": one["industry"][:1]}},
        ),
        "average order by region, one segment": (
            "average_order",
            {"by": "region", "where": {"segment": one["segment"][:1]}},
        ),
        "basket by quarter, one segment": (
            "average_basket",
            {"period": "quarter", "where": {"segment": one["segment"][:1]}},
        ),
        "margin by product type, all five filters on": ("margin", {"by": "category", "where": most}),
    }


def measure(out: Path, rows: int) -> list[str]:
    """Tables of ratios, as Markdown."""
    books, built = {}, {}
    for size in (rows // 10, rows):
        path = out / f"lines{size}.duckdb"
        order_lines(size, into=path, form="duckdb")
        start = time.perf_counter()
        books[size] = kpilib.open(path)
        built[size] = time.perf_counter() - start
    small, large = books[rows // 10], books[rows]
    answered = []
    for name, (key, how) in questions(large).items():
        cube = seconds(lambda: large.kpi(key, **how), 15)  # noqa: B023
        tenth = seconds(lambda: small.kpi(key, **how), 15)  # noqa: B023
        cut = large._cut(large.kpis[key], how.get("by"), how.get("period"), how["where"], None, None)
        engine = seconds(lambda: large.ask_engine(large.kpis[key], cut), 3)  # noqa: B023
        assert large.kpi(key, **how).attrs["from"] == "cube", name
        answered.append(
            [name, f"{cube * 1e3:.1f}", f"{engine * 1e3:.0f}", f"{engine / cube:.0f} ×", f"{cube / tenth:.2f} ×"]
        )
    large.close()
    with duckdb.connect(str(out / f"lines{rows}.duckdb"), read_only=True) as con:
        con.execute("SET enable_progress_bar = false")
        group_by = seconds(lambda: con.sql(GROUP_BY).to_arrow_table(), 2)
    building = [[f"{rows:,}", f"{built[rows]:.1f}", f"{group_by:.1f}", f"{built[rows] / group_by:.1f} ×"]]
    return [
        table(["filter change", "cube, ms", "DuckDB, ms", "faster", "growth from a tenth of the lines"], answered),
        table(["lines", "all sales cubes, s", "one GROUP BY, s", "ratio"], building),
    ]
