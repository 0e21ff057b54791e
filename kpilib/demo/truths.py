"""What is true in the demo company: the size of every cause, as the generator uses it, and what each scenario changes.

A KPI or a model run on the demo can be held against these numbers; `data/demo/answers.toml` repeats them.
"""

from dataclasses import dataclass, replace

from kpilib.errors import unknown

SEGMENTS = ("SMB", "Mid-market", "Enterprise")
SOURCES = ("Referral", "Website", "Trade fair", "Partner", "Cold call", "E-mail campaign")
SERVICES = ("Sales", "Delivery", "Support", "Billing")

#: How good each product is, in the order of `words.PRODUCTS`; the last but one is the bad launch.
QUALITY = (
    0.3, 0.1, -0.2, 0.5, 0.0, -0.6, 0.2, 0.4, 0.2, 0.0, -0.9, 0.6,
    0.4, -0.1, 0.1, 0.3, -0.3, 0.1, 0.3, 0.7, -0.4, 0.2, -0.7, 0.5,
)  # fmt: skip

_OWNERS = (
    0.45, -0.10, 0.20, -0.35, 0.10, 0.30, -0.20, 0.0, 0.55, -0.45, 0.15, -0.05, -0.30, 0.25, 0.05, -0.15,
    0.20, -0.25, 0.35, 0.0, -0.40, 0.10, 0.15, -0.10, 0.30, -0.20, 0.05, 0.40, -0.15, -0.05, 0.25, -0.30,
    0.0, 0.10, -0.50, 0.20, 0.15, -0.20, 0.05, -0.05,
)  # fmt: skip


@dataclass(frozen=True)
class Truths:
    """The effects of one scenario. Tuples follow SEGMENTS, SOURCES, SERVICES, `words.SALESPEOPLE` or `words.PRODUCTS`.

    Winning a deal is in log-odds; leaving is in log hazard a month (the log of a hazard ratio); satisfaction is in
    points of its own scale before rounding; "felt" is satisfaction in points of nps, 0 for a customer like the others.
    """

    # Winning a deal
    win_base: float = -0.65
    win_by_segment: tuple[float, ...] = (0.35, 0.0, -0.95)
    win_by_source: tuple[float, ...] = (0.65, 0.05, 0.0, 0.35, -0.50, -0.25)
    win_by_owner: tuple[float, ...] = _OWNERS
    win_with_demo: float = 0.55
    win_with_visit: float = 0.75
    win_with_competitor: float = -0.45
    win_neglected: float = -1.2
    #: How well the offer fits is never recorded (deviation 1). It wins deals and brings quotes; a quote does nothing.
    win_with_fit: float = 0.60
    quote_with_fit: float = 1.0
    win_a_year: float = 0.12
    #: Share of deals whose day is drawn twice: the later day for Enterprise, the earlier for SMB. It shifts the mix.
    mix_tilt: float = 0.60
    #: The mix of sources of each segment; with win_by_segment it turns Partner against Website round (Simpson).
    source_weights: tuple[tuple[int, ...], ...] = (
        (18, 38, 12, 3, 18, 11),
        (18, 22, 16, 14, 18, 12),
        (16, 6, 18, 40, 12, 8),
    )
    overconfidence: float = 0.55
    noise_of_belief: float = 0.5
    lead_rate: tuple[float, ...] = (0.40, 0.16, 0.20, 0.32, 0.11, 0.10)
    #: Mean days from a lead to its conversion, spread as an exponential is and cut at `market.LONGEST`.
    lead_days: tuple[float, ...] = (12.0, 20.0, 35.0, 18.0, 45.0, 25.0)
    #: Leads that come to nothing come so many times as often from a region without a salesperson of its own.
    leads_unserved: float = 2.5

    # Satisfaction
    quality: tuple[float, ...] = QUALITY
    quality_on_nps: float = 0.8
    quality_on_csat: float = 0.8
    quality_on_ces: float = 0.6
    quality_on_rating: float = 0.9
    #: Tickets a line sold: this much of the mean more for each point of quality less; and of the launch, times so many.
    quality_on_tickets: float = 0.83
    launch_on_tickets: float = 2.0
    #: Each serious incident (High, Critical) 1–30, 31–60 and 61–90 days before the answer; each slow first reply.
    incident_on_nps: tuple[float, float, float] = (-1.2, -0.8, -0.4)
    slow_on_nps: tuple[float, float, float] = (-0.6, -0.4, -0.2)
    ticket_on_csat: float = -0.45
    slow_on_csat: float = -0.35
    slow_on_ces: float = -0.7
    contact_on_ces: float = -0.4
    service_on_nps: tuple[float, ...] = (0.2, 0.0, -0.2, -0.7)
    service_on_csat: tuple[float, ...] = (0.10, 0.0, -0.10, -0.35)
    #: Log-odds of answering for each point of what would be answered.
    answer_with_nps: float = 0.18
    answer_with_csat: float = 0.40
    answer_with_ces: float = 0.30
    #: Log of the order rate, and days of delay in paying, for each point felt.
    orders_with_felt: float = 0.10
    delay_with_felt: float = -3.0

    # Deliveries
    #: Log-odds that an order comes later than promised, and so much more where the depot of the south delivers.
    deliver_late: float = -2.6
    deliver_late_south: float = 0.9

    # Leaving
    leave_base: tuple[float, ...] = (0.0082, 0.0055, 0.0030)
    leave_below: float = 1.10
    leave_incident: float = 0.35
    leave_slow: float = 0.30
    leave_late: float = 0.40
    leave_new_salesperson: float = 0.40
    leave_new_owner: float = 0.70
    leave_first_renewal: float = 0.60

    # Events
    price_rise: int = 4
    #: In the last twelve months: serious incidents, minutes to a first reply, and the base hazard, times so many.
    crisis_incidents: float = 1.0
    crisis_reply: float = 1.0
    crisis_leave: float = 1.0


#: A customer leaves sooner at this score or below it.
BELOW_CUT = 5

_NONE = {
    "win_by_segment": (0.0,) * 3, "win_by_source": (0.0,) * 6, "win_by_owner": (0.0,) * 40, "win_with_demo": 0.0,
    "win_with_visit": 0.0, "win_with_competitor": 0.0, "win_neglected": 0.0, "win_with_fit": 0.0, "win_a_year": 0.0,
    "mix_tilt": 0.0, "source_weights": ((18, 26, 14, 12, 18, 12),) * 3, "overconfidence": 0.0,
    "lead_rate": (0.16,) * 6, "lead_days": (25.0,) * 6, "leads_unserved": 1.0,
    "quality": (0.0,) * 24, "launch_on_tickets": 1.0,
    "incident_on_nps": (0.0,) * 3, "slow_on_nps": (0.0,) * 3, "ticket_on_csat": 0.0, "slow_on_csat": 0.0,
    "slow_on_ces": 0.0, "contact_on_ces": 0.0, "service_on_nps": (0.0,) * 4, "service_on_csat": (0.0,) * 4,
    "answer_with_nps": 0.0, "answer_with_csat": 0.0, "answer_with_ces": 0.0, "orders_with_felt": 0.0,
    "delay_with_felt": 0.0, "deliver_late_south": 0.0, "leave_base": (0.0085,) * 3, "leave_below": 0.0,
    "leave_incident": 0.0, "leave_slow": 0.0, "leave_late": 0.0, "leave_new_salesperson": 0.0, "leave_new_owner": 0.0,
    "leave_first_renewal": 0.0, "price_rise": 0,
}  # fmt: skip

_BASELINE = Truths()
#: The companies that can be made. `dirty` is the baseline with faults in its files.
SCENARIOS: dict[str, Truths] = {
    "baseline": _BASELINE,
    "churn-crisis": replace(_BASELINE, crisis_incidents=2.0, crisis_reply=3.0, crisis_leave=1.6),
    "no-threshold": replace(_BASELINE, leave_below=0.0),
    "null": replace(_BASELINE, **_NONE),  # type: ignore[arg-type]
    "mix-shift": replace(_BASELINE, win_a_year=0.16, mix_tilt=1.0, win_by_segment=(0.6, 0.0, -1.6)),
    "dirty": _BASELINE,
}


def truths(scenario: str) -> Truths:
    """The effects of a scenario; `UnknownName` with a did-you-mean where there is none of that name."""
    if scenario not in SCENARIOS:
        raise unknown("scenario", scenario, SCENARIOS)
    return SCENARIOS[scenario]
