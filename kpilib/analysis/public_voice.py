"""What is said in public beside what is said to us: ratings of reviews against answers to surveys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.analysis.history import given
from kpilib.analysis.satisfaction import numbered
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.stats.association import FEWEST_PAIRS, correlation
from kpilib.stats.linear import fit

#: A month or product with fewer of either is shown, but not counted in a correlation.
FEWEST = 5


def reviews_against_surveys(book: Any) -> dict[str, Any]:
    """The finding "reviews_against_surveys": mean stars and mean csat by month and by product, and how they go along.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `metric` ("csat", on the same scale 1 to 5; else "nps", 0 to 10). `months`: frame of month (its first day),
        reviews, review_mean, review_low, review_high, answers, survey_mean, survey_low, survey_high; `products`: the
        same of product. `by_month`, `by_product`: correlation with interval, p, n, effective_n, or `cannot`:
        "too_few_months", "too_few_products" (n, need), "all_alike". `gap`: mean stars less mean csat with interval,
        None for nps. `cannot`: "no_reviews", "no_surveys", "no_answers".

    Notes
    -----
    Those who write reviews and those who answer surveys are not the same people; a gap says as much about who speaks
    as about how satisfied they are. Reviews are taken as independent, answers of one customer are not.
    """
    if "reviews" not in book.tables:
        return {"cannot": "no_reviews"}
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    metric, surveys = _surveys(book)
    if surveys.empty:
        return {"cannot": "no_answers"}
    reviews = _reviews(book)
    months = _side_by_side(reviews, surveys, "month")
    about, asked = (rows[rows["product"] != NOT_GIVEN] for rows in (reviews, surveys))
    products = _side_by_side(about, asked, "product")
    return {
        "metric": metric,
        "months": months.assign(month=[str(np.datetime64(int(month), "M")) + "-01" for month in months["month"]]),
        "products": products,
        "by_month": _together(months, "too_few_months", in_time=True),
        "by_product": _together(products, "too_few_products", in_time=False),
        "gap": _gap(reviews, surveys) if metric == "csat" else None,
    }


def _surveys(book: Any) -> tuple[str, pd.DataFrame]:
    """The answers on the scale of the stars where there are any, else the recommendation scores."""
    rows = book.panel("answers", columns=["customer_id", "metric", "score", "answered_on", "product"])
    rows = rows[rows["score"].notna() & rows["answered_on"].notna()]
    metric = "csat" if (rows["metric"] == "csat").any() else "nps"
    rows = rows[rows["metric"] == metric]
    month, whose = history.months(history.days(rows["answered_on"])), numbered(rows["customer_id"])
    made = {"score": rows["score"].astype(float), "product": given(rows["product"]), "month": month, "whose": whose}
    return metric, pd.DataFrame(made)


def _reviews(book: Any) -> pd.DataFrame:
    rows = book.panel("reviews", columns=["published_on", "rating", "product"])
    rows = rows[rows["rating"].notna() & rows["published_on"].notna()]
    month, stars = history.months(history.days(rows["published_on"])), rows["rating"].astype(float)
    made = {"score": stars, "product": given(rows["product"]), "month": month, "whose": np.arange(len(rows))}
    return pd.DataFrame(made)


def _side_by_side(reviews: pd.DataFrame, surveys: pd.DataFrame, by: str) -> pd.DataFrame:
    ours = _means(surveys, by, "answers", "survey")
    frame = _means(reviews, by, "reviews", "review").join(ours, how="outer").sort_index()
    counted = {name: frame[name].fillna(0).astype(int) for name in ("reviews", "answers")}
    return frame.assign(**counted).rename_axis(by).reset_index()


def _means(rows: pd.DataFrame, by: str, counted: str, name: str) -> pd.DataFrame:
    names = [counted, f"{name}_mean", f"{name}_low", f"{name}_high"]
    lines = {group: [len(own), *_mean(own)] for group, own in rows.groupby(by)}
    return pd.DataFrame.from_dict(lines, orient="index", columns=names)


def _mean(rows: pd.DataFrame) -> tuple[float, float, float]:
    """A mean with its interval by customer; NaN ends for a single one."""
    y = rows["score"].to_numpy(float)
    if rows["whose"].nunique() < 2:
        return float(y.mean()), np.nan, np.nan
    told = fit(np.ones((len(y), 1)), y, rows["whose"]).effects([1])
    return float(told.value[0]), float(told.low[0]), float(told.high[0])


def _together(frame: pd.DataFrame, too_few: str, in_time: bool) -> dict[str, Any]:
    both = frame[(frame["reviews"] >= FEWEST) & (frame["answers"] >= FEWEST)]
    if len(both) < FEWEST_PAIRS:
        return {"cannot": too_few, "n": len(both), "need": FEWEST_PAIRS}
    told = correlation(both["review_mean"], both["survey_mean"], in_time)
    return {"cannot": "all_alike", "n": len(both)} if np.isnan(told.r) else told._asdict()


def _gap(reviews: pd.DataFrame, surveys: pd.DataFrame) -> dict[str, float] | None:
    """Mean stars less mean csat: two groups that share nobody known."""
    if min(len(reviews), surveys["whose"].nunique()) < 2:
        return None
    both = pd.concat([reviews.assign(whose=-1 - reviews["whose"]), surveys])
    flags = np.repeat([[1.0, 0.0], [0.0, 1.0]], [len(reviews), len(surveys)], axis=0)
    told = fit(flags, both["score"].to_numpy(float), both["whose"]).effects([1, -1])
    return {key: float(column[0]) for key, column in zip(told._fields, told, strict=True)}
