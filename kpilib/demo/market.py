"""The company's market: leads and the campaigns that bring them, public reviews, the sites of competitors."""

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import Accounts
from kpilib.demo.columns import Columns, joined, take
from kpilib.demo.days import NEVER, Window
from kpilib.demo.draws import Draws, Streams, Whole
from kpilib.demo.events import LAUNCHED, days_of
from kpilib.demo.truths import SOURCES, Truths

#: Sources whose leads come through a campaign, one a month.
CAMPAIGNED = ("Website", "Trade fair", "E-mail campaign")
#: Months of a year with a trade fair, January being 0.
FAIRS = (2, 5, 8, 10)
SITES = ("Avis & Cie", "Pro-Étoiles", "Vox Securitas")
#: How generous each site is, what a product like the others gets, how much raters differ.
_SITE_OFFSET, _RATING, _TASTE = (0.15, 0.0, -0.25), 4.05, 1.1
#: Competitors' sites stand in so many cities each.
_SITES_EACH = 8


def leads(them: Accounts, span: Window, truth: Truths, streams: Streams) -> Columns:
    """The leads of the window: those that became the accounts that came in it, and those that came to nothing.

    `account` is −1 and `converted` NEVER for the latter; `campaign` is the month of the campaign, −1 for none.
    """
    draws = streams.of("leads")
    fresh = np.flatnonzero(~them.old)
    created = np.maximum(them.contact[fresh] - draws.wholes(0, 20, len(fresh)), span.first)
    won = {"source": them.source[fresh], "created": created, "converted": them.contact[fresh], "account": fresh}
    rate = np.array(truth.lead_rate)[won["source"]]
    source = np.repeat(won["source"], np.floor((1 - rate) / rate + draws.shares(len(fresh))).astype(np.int64))
    n = len(source)
    day = span.busy_days(np.full(n, span.first), np.full(n, span.last), draws)
    lost = {"source": source, "created": day, "converted": np.full(n, NEVER), "account": np.full(n, -1)}
    made = joined([won, lost])
    made = take(made, np.lexsort((made["account"], made["source"], made["created"])))
    return {**made, "campaign": _campaign(made["source"], span.month(made["created"]), span)}


def _campaign(source: Whole, month: Whole, span: Window) -> Whole:
    """The month of the campaign that brought each lead: there is one a month, of fairs four a year."""
    through = np.array([name in CAMPAIGNED for name in SOURCES])[source]
    fair = np.array([_calendar(m, span) in FAIRS for m in range(span.months)])[month]
    return np.where(through & ((source != SOURCES.index("Trade fair")) | fair), month, -1)


def _calendar(month: int, span: Window) -> int:
    """January is 0."""
    return int(np.datetime64(span.starts(month), "D").astype("datetime64[M]").astype(int)) % 12


def campaigns(span: Window, scale: float, seed: int) -> Columns:
    """The campaigns, one a source and month: what each cost, and for e-mails what became of them (else −1)."""
    draws = Draws(seed, "campaigns")
    pairs = [(s, m) for m in range(span.months) for s, name in enumerate(SOURCES) if name in CAMPAIGNED
             and (name != "Trade fair" or _calendar(m, span) in FAIRS)]  # fmt: skip
    source, month = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    n, mail = len(source), source == SOURCES.index("E-mail campaign")
    base = np.array([{"Website": 6000, "Trade fair": 18000}.get(name, 1500) for name in SOURCES])[source]
    cost = np.floor(base * scale * (85 + draws.wholes(0, 30, n)) / 100).astype(np.int64) * 100
    sent = np.floor(9000 * scale * (90 + draws.wholes(0, 20, n)) / 100).astype(np.int64)
    delivered = sent * (960 + draws.wholes(0, 25, n)) // 1000
    opened = delivered * (180 + draws.wholes(0, 80, n)) // 1000
    clicked = opened * (80 + draws.wholes(0, 60, n)) // 1000
    gone = delivered * draws.wholes(1, 5, n) // 1000
    counts = {"sent": sent, "delivered": delivered, "opened": opened, "clicked": clicked, "unsubscribed": gone}
    counts = {name: np.where(mail, count, -1) for name, count in counts.items()}
    return {"source": source, "month": month, "cost": cost, **counts}


def reviews(size: int, span: Window, truth: Truths, streams: Streams) -> Columns:
    """Public reviews of products, better for the better ones; none before a product was launched."""
    draws = streams.of("reviews")
    product = draws.picks([1] * len(words.PRODUCTS), size)
    day = span.busy_days(np.full(size, span.first), np.full(size, span.last), draws)
    site = draws.picks((5, 3, 2), size)
    felt = _RATING + truth.quality_on_rating * np.array(truth.quality)[product] + np.array(_SITE_OFFSET)[site]
    rating = np.clip(np.round(felt + _TASTE * draws.bells(size)), 1, 5).astype(np.int64)
    made = {"product": product, "site": site, "day": day, "rating": rating}
    made = take(made, (product != LAUNCHED) | (day >= days_of(span).launch))
    return take(made, np.lexsort((made["product"], made["day"])))


def competitor_sites(seed: int) -> Columns:
    """Where each competitor has a site: cities, the larger ones first of all."""
    draws, n = Draws(seed, "sites"), len(words.COMPETITORS) * _SITES_EACH
    city = draws.picks([c[4] for c in words.CITIES], n)
    place = {
        axis: np.round(np.array([c[at] for c in words.CITIES])[city] + (draws.shares(n) * 2 - 1) * 0.02, 3)
        for at, axis in ((2, "latitude"), (3, "longitude"))
    }
    return {"competitor": np.repeat(np.arange(len(words.COMPETITORS)), _SITES_EACH), "city": city, **place}
