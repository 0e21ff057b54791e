"""The company's market and its events as model tables; see `tables`."""

import numpy as np
import pandas as pd

from kpilib.demo import events, market, words
from kpilib.demo.columns import Columns, size
from kpilib.demo.days import Window
from kpilib.demo.draws import Whole
from kpilib.demo.frames import Words, dates, euros, frame, keys, where
from kpilib.demo.frames import words as said
from kpilib.demo.tables import Keys
from kpilib.demo.truths import SEGMENTS, SOURCES


def reviews_table(said_of: Columns, k: Keys) -> pd.DataFrame:
    """The public reviews."""
    return frame(
        "reviews",
        review_id=k.of("reviews", "V", np.arange(size(said_of))),
        product_id=keys("P", said_of["product"]),
        site=said(market.SITES, said_of["site"]),
        published_on=dates(said_of["day"]),
        rating=said_of["rating"].astype(np.float64),
    )


def leads_table(came: Columns, k: Keys) -> pd.DataFrame:
    """The leads, with the campaign that brought them and the account they became."""
    through, became = came["campaign"] >= 0, came["account"] >= 0
    return frame(
        "leads",
        lead_id=k.of("leads", "D", np.arange(size(came))),
        source=said(SOURCES, came["source"]),
        campaign_id=where(through, campaign_keys(came["source"], came["campaign"])),
        created_on=dates(came["created"]),
        converted_on=dates(came["converted"]),
        customer_id=where(became, k.customers(came["account"])),
        segment=said(SEGMENTS, came["segment"]),
        region=said([c[0] for c in words.CITIES], came["city"]),
    )


def campaign_keys(source: Whole, month: Whole) -> Words:
    """Keys such as `M2-03`: the source (0: none) and the month of the window."""
    return np.array([f"M{s + 1}-{m + 1:02d}" for s, m in zip(source.tolist(), month.tolist(), strict=True)], object)


def campaigns_table(run: Columns, span: Window) -> pd.DataFrame:
    """The campaigns, one a source and month; the counts of mails are empty where none were sent.

    What belongs to no source has none, and is called after the people it pays.
    """
    source, month = run["source"], run["month"]
    starts = np.array([span.starts(m) for m in range(span.months)])[month]
    months = np.datetime_as_string(starts.astype("datetime64[D]").astype("datetime64[M]"))
    named = zip(source.tolist(), months.tolist(), strict=True)
    counts = ("sent", "delivered", "opened", "clicked", "unsubscribed")
    return frame(
        "campaigns",
        campaign_id=campaign_keys(source, month),
        campaign=np.array([f"{SOURCES[s] if s >= 0 else 'Marketing team'} {m}" for s, m in named], dtype=object),
        source=where(source >= 0, said(SOURCES, source)),
        month=dates(starts),
        cost=euros(run["cost"]),
        **{name: np.where(run[name] < 0, np.nan, run[name].astype(np.float64)) for name in counts},
    )


def events_table(span: Window) -> pd.DataFrame:
    """The price rise, the bad launch, the merger: those that fall in the window."""
    days, launched = events.days_of(span), words.PRODUCTS[events.LAUNCHED][0]
    rows = [
        (days.price_rise, "Price rise", None, None),
        (days.launch, f"Launch of {launched}", "product", launched),
        (days.merger, "Merger of two territories", "region", events.MERGED[0]),
        (days.merger, "Merger of two territories", "region", events.MERGED[1]),
    ]
    rows = [row for row in rows if row[0] >= span.first]
    day, event, dimension, member = zip(*rows, strict=True) if rows else ((), (), (), ())
    return frame(
        "events",
        event_id=np.array([f"E{i + 1}" for i in range(len(rows))], dtype=object),
        happened_on=dates(np.array(day, dtype=np.int64)),
        event=np.array(event, dtype=object),
        dimension=np.array(dimension, dtype=object),
        member=np.array(member, dtype=object),
    )


def sites_table(them: Columns) -> pd.DataFrame:
    """The sites of competitors."""
    return frame(
        "competitor_sites",
        site_id=keys("B", np.arange(size(them))),
        competitor=said(words.COMPETITORS, them["competitor"]),
        latitude=them["latitude"],
        longitude=them["longitude"],
        region=said([c[0] for c in words.CITIES], them["city"]),
    )
