"""A company made for the tests of satisfaction: what moves its scores is known, for it was put there."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2026-06-30")
FIRST = pd.Timestamp("2024-07-01")
PRODUCTS = ("Vigie", "Sésame", "Halo", "Relais", "Ambre", "Rempart", "Portail", "Veille")
#: How good each product is, in points of csat.
QUALITY = (0.6, 0.4, 0.2, 0.0, -0.1, -0.3, -0.4, -0.4)


@dataclass(frozen=True)
class Planted:
    """What is true of the company: points of score, and odds."""

    incident: tuple[float, float, float] = (-1.5, -1.0, -0.5)  # nps, in the three months after a serious request
    after_ticket: float = -0.5  # csat
    quality: float = 1.0  # how much of QUALITY stands
    late_if_unhappy: float = 0.25  # share of invoices paid late, more among detractors
    silence: float = 0.8  # log-odds of silence, more for an answer that would be below 7

    @classmethod
    def nothing(cls) -> "Planted":
        return cls((0.0, 0.0, 0.0), 0.0, 0.0, 0.0, 0.0)


def company(seed: int, truth: Planted | None = None, customers: int = 800) -> dict[str, pd.DataFrame]:
    """The company's tables, as `kpilib.open` takes them."""
    draw, truth = np.random.default_rng(seed), truth or Planted()
    level = draw.normal(0, 0.8, customers)
    tables = {"customers": _customers(draw, customers), "products": _products(), "tickets": _tickets(draw, customers)}
    relation, everybody = _relation(draw, tables["tickets"], level, truth)
    tables["surveys"] = _surveys(draw, relation, tables["tickets"], level, truth)
    tables["invoices"] = _invoices(draw, relation, customers, truth)
    tables["reviews"] = _reviews(draw, truth)
    tables["customers"].attrs["nps_of_all"] = everybody
    return tables


class Panels:
    """What the analyses ask of a book, straight from the tables: no import, no database."""

    as_of = AS_OF.date()

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self.frames, self.tables = tables, {name for name, rows in tables.items() if len(rows)}

    def panel(self, name: str, columns: list[str]) -> pd.DataFrame:
        base = {"answers": "surveys", "customer_lives": "customers", "orders": "order_lines"}
        rows = self.frames[base.get(name, name)]
        if name == "orders":
            rows = rows.drop_duplicates("order_id")
        for key in ("customer_id", "product_id"):
            table = {"customer_id": "customers", "product_id": "products"}[key]
            if key in rows and name != "customer_lives" and table in self.frames:
                rows = rows.merge(self.frames[table].drop(columns="name", errors="ignore"), "left", key)
        if name == "invoices":
            rows = rows.assign(fell_due=rows["due_on"] < AS_OF, on_time=rows["paid_on"] <= rows["due_on"])
            until = rows["paid_on"].fillna(AS_OF)
            rows = rows.assign(days_so_far=(until - rows["due_on"]).dt.days.clip(lower=0))
        return rows.reindex(columns=columns)


def _days(draw: np.random.Generator, size: int, last: int = 729) -> np.ndarray:
    return draw.integers(0, last, size)


def _date(days: np.ndarray) -> pd.Series:
    return pd.Series(FIRST + pd.to_timedelta(days, "D"))


def _names(codes: np.ndarray) -> list[str]:
    return [f"c{code}" for code in codes]


def _customers(draw: np.random.Generator, size: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": _names(np.arange(size)), "name": _names(np.arange(size)),
            "segment": draw.choice(["SMB", "Mid-market", "Enterprise"], size, p=[0.5, 0.3, 0.2]),
            "industry": draw.choice(["Food", "Steel", "Care"], size), "region": draw.choice(["North", "South"], size),
            "acquired_on": _date(-draw.integers(100, 2000, size)),
        }
    )  # fmt: skip


def _products() -> pd.DataFrame:
    kinds = ["Door", "Door", "Light", "Light", "Alarm", "Alarm", "Video", "Video"]
    return pd.DataFrame(
        {"product_id": [f"p{i}" for i in range(8)], "product": PRODUCTS, "category": kinds, "tier": [1, 2] * 4}
    )


def _tickets(draw: np.random.Generator, customers: int) -> pd.DataFrame:
    size = customers * 3
    opened = _date(_days(draw, size)) + pd.to_timedelta(draw.integers(480, 1080, size), "min")
    replied = opened + pd.to_timedelta(draw.exponential(5, size), "h").round("min")
    return pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(size)], "customer_id": _names(draw.integers(0, customers, size)),
            "product_id": [f"p{i}" for i in draw.integers(0, 8, size)], "channel": draw.choice(["Phone", "Mail"], size),
            "severity": draw.choice(["Low", "Medium", "High", "Critical"], size, p=[0.5, 0.25, 0.2, 0.05]),
            "opened_at": opened, "first_reply_at": replied,
            "resolved_at": replied + pd.to_timedelta(draw.exponential(3, size), "D").round("min"),
            "contacts": draw.integers(1, 4, size), "handling_minutes": draw.integers(5, 90, size),
        }
    )  # fmt: skip


def _relation(
    draw: np.random.Generator, tickets: pd.DataFrame, level: np.ndarray, truth: Planted
) -> tuple[pd.DataFrame, float]:
    """Recommendation scores: all that would have been given, `known` where they were; and the score of all."""
    whose, day = draw.integers(0, len(level), len(level) * 6), _days(draw, len(level) * 6)
    latent = 7.4 + level[whose] + draw.normal(0, 1.2, len(whose))
    serious = tickets[tickets["severity"].isin(["High", "Critical"])]
    by = {name: rows.to_numpy("datetime64[D]") for name, rows in serious.groupby("customer_id")["opened_at"]}
    stamps = (FIRST.to_datetime64() + day.astype("timedelta64[D]")).astype("datetime64[D]")
    for row, (code, stamp) in enumerate(zip(whose.tolist(), stamps, strict=True)):
        since = (stamp - by.get(f"c{code}", np.array([], "datetime64[D]"))).astype(int)
        latent[row] += sum(truth.incident[(days - 1) // 30] for days in since.tolist() if 1 <= days <= 90)
    score = np.clip(np.round(latent), 0, 10)
    answers = draw.random(len(score)) < 1 / (1 + np.exp(-0.2 + truth.silence * (score < 7)))
    frame = pd.DataFrame({"whose": whose, "day": day, "score": score, "known": answers})
    return frame, float((score >= 9).mean() - (score <= 6).mean())


def _surveys(
    draw: np.random.Generator, relation: pd.DataFrame, tickets: pd.DataFrame, level: np.ndarray, truth: Planted
) -> pd.DataFrame:
    size = len(level) * 4
    whose, product, after = draw.integers(0, len(level), size), draw.integers(0, 8, size), draw.random(size) < 0.5
    mood = 3.6 + truth.quality * np.array(QUALITY)[product] + truth.after_ticket * after + 0.3 * level[whose]
    score = np.clip(np.round(mood + draw.normal(0, 0.8, size)), 1, 5)
    sent = _date(np.concatenate([relation["day"], _days(draw, size)]))
    known = np.concatenate([relation["known"], draw.random(size) < 0.5])
    frame = pd.DataFrame(
        {
            "response_id": [f"r{i}" for i in range(len(sent))],
            "customer_id": _names(np.concatenate([relation["whose"], whose])),
            "product_id": [None] * len(relation) + [f"p{i}" for i in product],
            "metric": np.repeat(["nps", "csat"], [len(relation), size]),
            "touchpoint": np.concatenate(
                [["Relationship"] * len(relation), np.where(after, "After a ticket", "After delivery")]
            ),
            "service": draw.choice(["Sales", "Support"], len(sent)),
            "sent_on": sent,
        }
    )
    return frame.assign(
        answered_on=sent.where(known), score=pd.Series(np.concatenate([relation["score"], score])).where(known)
    )


def _invoices(draw: np.random.Generator, relation: pd.DataFrame, customers: int, truth: Planted) -> pd.DataFrame:
    """Invoices due 30 days after issue, paid late more often by those whose last score was below 7."""
    size = customers * 8
    whose, day = draw.integers(0, customers, size), draw.integers(0, 690, size)
    told = relation[relation["known"]].sort_values("day")
    issued = pd.DataFrame({"whose": whose, "day": day - 1, "row": np.arange(size)}).sort_values("day")
    last = pd.merge_asof(issued, told[["whose", "day", "score"]], on="day", by="whose").sort_values("row")
    late = draw.random(size) < 0.15 + truth.late_if_unhappy * (last["score"].to_numpy() <= 6)
    paid = day + np.where(late, 30 + draw.integers(1, 40, size), draw.integers(5, 31, size))
    return pd.DataFrame(
        {
            "invoice_id": [f"i{i}" for i in range(size)], "customer_id": _names(whose), "issued_on": _date(day),
            "due_on": _date(day + 30), "paid_on": _date(paid).where(paid <= 729), "amount": 100.0, "currency": "EUR",
        }
    )  # fmt: skip


def _reviews(draw: np.random.Generator, truth: Planted) -> pd.DataFrame:
    product = draw.integers(0, 8, 1200)
    stars = np.clip(np.round(3.5 + truth.quality * np.array(QUALITY)[product] + draw.normal(0, 1, 1200)), 1, 5)
    return pd.DataFrame(
        {
            "review_id": [f"v{i}" for i in range(1200)], "product_id": [f"p{i}" for i in product], "site": "Avis",
            "published_on": _date(_days(draw, 1200)), "rating": stars,
        }
    )  # fmt: skip
