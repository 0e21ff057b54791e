"""A company of 30 quiet months for the tests of alerts, and what may befall its last one."""

import calendar
import random
from datetime import date
from typing import Any

import pandas as pd

import kpilib

FIRST, MONTHS = 2024 * 12, 30
LAST = date(2026, 6, 30)


def month(n: int) -> tuple[int, int]:
    """Year and month of the company's n-th month."""
    year, at = divmod(FIRST + n, 12)
    return year, at + 1


def frames(
    unhappy: str = "", silent: bool = False, few: bool = False, blank: bool = False, months: int = MONTHS
) -> Any:
    """The tables of a company in which nothing changes, but in its last month.

    `unhappy` is a segment whose customers all answer 1 then ("all" for both); `silent`: no review for half a year;
    `few`: a tenth of the order lines; `blank`: surveys without a touchpoint.
    """
    draw = random.Random(5)
    customers = [{"customer_id": f"c{i}", "segment": ("SMB", "Key")[i % 2], "region": "North"} for i in range(40)]
    lines, surveys, reviews = [], [], []
    for n in range(months):
        year, at = month(n)
        last = n == months - 1
        days = [date(year, at, 1 + draw.randrange(calendar.monthrange(year, at)[1])) for _ in range(120)]
        days[0], days[1] = date(year, at, 1), date(year, at, calendar.monthrange(year, at)[1])
        for i, day in enumerate(days[: 12 if few and last else 120]):
            lines.append(
                {"line_id": f"l{n}-{i}", "customer_id": f"c{i % 40}", "ordered_on": day, "quantity": 1,
                 "revenue": 100 + draw.randrange(20), "currency": "EUR"}
            )  # fmt: skip
        for i, day in enumerate(days):
            sad = last and unhappy in ("all", ("SMB", "Key")[i % 2])
            score = 1 if sad else 5 if draw.random() < 0.7 else 2
            surveys.append(
                {"response_id": f"s{n}-{i}", "customer_id": f"c{i % 40}", "metric": "csat", "sent_on": day,
                 "answered_on": day, "score": score, "touchpoint": None if blank and last else "Delivery"}
            )  # fmt: skip
            if not (silent and n >= months - 6) and i % 4 == 0:
                reviews.append({"review_id": f"r{n}-{i}", "site": "Stars", "published_on": day, "rating": 4})
    tables = {"customers": customers, "order_lines": lines, "surveys": surveys, "reviews": reviews}
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def opened(more: Any = None, **twist: Any) -> Any:
    """The company as a book; `more` are further tables."""
    return kpilib.open({**frames(**twist), **(more or {})})
