"""The company's market: leads and the campaigns that bring them, public reviews, the sites of competitors."""

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import SEGMENT_WEIGHTS, Accounts
from kpilib.demo.columns import Columns, joined, take
from kpilib.demo.days import NEVER, Window
from kpilib.demo.draws import Draws, Real, Streams, Whole, exp
from kpilib.demo.events import LAUNCHED, days_of
from kpilib.demo.truths import SOURCES, Truths

#: Sources whose leads come through a campaign, one a month.
CAMPAIGNED = ("Website", "Trade fair", "E-mail campaign")
#: What a month of each costs at scale 1, in euros: of the website's, of a fair, of the e-mails, of what no source owns.
COSTS = {"Website": 120_000, "Trade fair": 180_000, "E-mail campaign": 30_000, "": 200_000}
#: No lead takes more days than this to convert.
LONGEST = 270
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
    source = them.source[fresh]
    won = _won(them, fresh, days_to_convert(source, draws.shares(len(fresh)), truth), span)
    rate = np.array(truth.lead_rate)[source]
    source = np.repeat(source, np.floor((1 - rate) / rate + draws.shares(len(fresh))).astype(np.int64))
    n = len(source)
    day = span.busy_days(np.full(n, span.first), np.full(n, span.last), draws)
    lost = {"source": source, "created": day, "converted": np.full(n, NEVER), "account": np.full(n, -1)}
    made = joined([won, {**lost, **_places(source, truth, streams.of("lead places"))}])
    made = take(made, np.lexsort((made["account"], made["source"], made["created"])))
    return {**made, "campaign": _campaign(made["source"], span.month(made["created"]), span)}


def _won(them: Accounts, fresh: Whole, took: Whole, span: Window) -> Columns:
    """The leads that became these accounts, so many days before.

    A lead from before the window is not in the data; in its place stands one as young at the window's end, whose
    conversion is still to come. So leads of every month of the window convert alike.
    """
    created = them.contact[fresh] - took
    later = created < span.first
    return {
        "source": them.source[fresh],
        "created": np.where(later, span.first + (created - span.first) % (span.last - span.first + 1), created),
        "converted": np.where(later, NEVER, them.contact[fresh]),
        "account": np.where(later, -1, fresh),
        "segment": them.segment[fresh],
        "city": them.city[fresh],
    }


def days_to_convert(source: Whole, shares: Real, truth: Truths) -> Whole:
    """Days from a lead to its conversion, for numbers drawn evenly from 0 up to 1."""
    days = np.zeros(len(source), dtype=np.int64)
    for place, mean in enumerate(truth.lead_days):
        past = 1.0 - exp(-np.arange(1, LONGEST + 1) / mean)
        mine = source == place
        days[mine] = np.searchsorted(past, shares[mine] * past[-1], side="right")
    return days


def _places(source: Whole, truth: Truths, draws: Draws) -> Columns:
    """The family and the city of leads that came to nothing: of each source as those that converted have them.

    Only the regions without a salesperson of their own send more of them.
    """
    segment = np.zeros(len(source), dtype=np.int64)
    for place in range(len(SOURCES)):
        mine = np.flatnonzero(source == place)
        # Each family's weights of the sources add up to 100.
        weights = [w * of[place] for w, of in zip(SEGMENT_WEIGHTS, truth.source_weights, strict=True)]
        segment[mine] = draws.picks(weights, len(mine))
    more = round(100 * truth.leads_unserved)
    weights = [city[4] * (more if city[0] in words.SERVED_FROM else 100) for city in words.CITIES]
    return {"segment": segment, "city": draws.picks(weights, len(source))}


def _campaign(source: Whole, month: Whole, span: Window) -> Whole:
    """The month of the campaign that brought each lead: there is one a month, of fairs four a year."""
    through = np.array([name in CAMPAIGNED for name in SOURCES])[source]
    fair = np.array([_calendar(m, span) in FAIRS for m in range(span.months)])[month]
    return np.where(through & ((source != SOURCES.index("Trade fair")) | fair), month, -1)


def _calendar(month: int, span: Window) -> int:
    """January is 0."""
    return int(np.datetime64(span.starts(month), "D").astype("datetime64[M]").astype(int)) % 12


def campaigns(span: Window, scale: float, seed: int) -> Columns:
    """The campaigns, one a source and month: what each cost, and for e-mails what became of them (else −1).

    Last, and of source −1, what the people behind them cost each month, which belongs to no source.
    """
    draws = Draws(seed, "campaigns")
    pairs = [(s, m) for m in range(span.months) for s, name in enumerate(SOURCES) if name in CAMPAIGNED
             and (name != "Trade fair" or _calendar(m, span) in FAIRS)]  # fmt: skip
    source, month = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    n, mail = len(source), source == SOURCES.index("E-mail campaign")
    base = np.array([COSTS.get(name, 0) for name in SOURCES])[source]
    cost = np.floor(base * scale * (85 + draws.wholes(0, 30, n)) / 100).astype(np.int64) * 100
    sent = np.floor(9000 * scale * (90 + draws.wholes(0, 20, n)) / 100).astype(np.int64)
    delivered = sent * (960 + draws.wholes(0, 25, n)) // 1000
    opened = delivered * (180 + draws.wholes(0, 80, n)) // 1000
    clicked = opened * (80 + draws.wholes(0, 60, n)) // 1000
    gone = delivered * draws.wholes(1, 5, n) // 1000
    counts = {"sent": sent, "delivered": delivered, "opened": opened, "clicked": clicked, "unsubscribed": gone}
    counts = {name: np.where(mail, count, -1) for name, count in counts.items()}
    return joined([{"source": source, "month": month, "cost": cost, **counts}, _people(span, scale, seed, counts)])


def _people(span: Window, scale: float, seed: int, counts: Columns) -> Columns:
    """What the people and the tools behind all campaigns cost, a line a month."""
    n = span.months
    near = Draws(seed, "campaign people").wholes(0, 10, n)
    cost = np.floor(COSTS[""] * scale * (95 + near) / 100).astype(np.int64) * 100
    nothing = {name: np.full(n, -1) for name in counts}
    return {"source": np.full(n, -1), "month": np.arange(n), "cost": cost, **nothing}


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
