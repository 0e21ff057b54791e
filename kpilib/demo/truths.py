"""What is true in the demo company: the sizes of every cause, as the generator uses them.

A KPI or a model run on the demo can be held against these numbers. Effects on winning are in log-odds.
"""

SEGMENTS = ("SMB", "Mid-market", "Enterprise")
SEGMENT_WEIGHTS = (60, 28, 12)
SOURCES = ("Referral", "Website", "Trade fair", "Partner", "Cold call", "E-mail campaign")
SOURCE_WEIGHTS = (18, 26, 14, 12, 18, 12)

# Winning a deal (log-odds)
WIN_BASE = -0.65
WIN_BY_SEGMENT = (0.15, 0.0, -0.35)
WIN_BY_SOURCE = (0.65, 0.05, 0.0, 0.30, -0.50, -0.25)
WIN_BY_OWNER = (0.45, -0.10, 0.20, -0.35, 0.10, 0.30, -0.20, 0.0, 0.55, -0.45, 0.15, -0.05, -0.30, 0.25, 0.05, -0.15)
WIN_WITH_DEMO = 0.55
WIN_WITH_VISIT = 0.75
WIN_WITH_COMPETITOR = -0.45
WIN_NEGLECTED = -1.2
#: By how much salespeople overrate their chance (log-odds), and how much they differ about it.
OVERCONFIDENCE, NOISE_OF_BELIEF = 0.55, 0.5

# How deals are worked
DEMO_CHANCE = (0.25, 0.40, 0.55)
VISIT_CHANCE = (0.12, 0.25, 0.45)
COMPETITOR_CHANCE = (0.30, 0.42, 0.55)
NEGLECTED_CHANCE = 0.11
DAYS_BETWEEN_ACTIVITIES = 42

# How long deals take: median days to a win by segment; a lost deal takes this share of it
CYCLE_DAYS = (38, 58, 92)
CYCLE_SIGMA = 0.5
LOST_CYCLE_SHARE = 0.70
NEGLECTED_CYCLE_FACTOR = 1.7
STAGE_SHARES = (20, 25, 30, 25)
LOST_AT_STAGE = (26, 27, 27, 20)

# How much customers buy
DEALS_WEIGHT = (8, 12, 18)
DEAL_UNITS = (8, 22, 60)
ORDERS_WEIGHT = (8, 12, 20)
LINE_UNITS = (3, 7, 18)
DISCOUNT_MOST = (6, 14, 22)
#: Shares of customers that widen to new categories, and that climb the range, fast.
EXPANDERS, CLIMBERS = 0.45, 0.35
RETURN_CHANCE = 0.02

# Losing a customer: chance a month by segment
LEAVE_CHANCE = (0.012, 0.008, 0.004)

#: How good each product is, in the order of `words.PRODUCTS`: pulls satisfaction up and tickets down.
QUALITY = (
    0.3, 0.1, -0.2, 0.5, 0.0, -0.6, 0.2, 0.4, 0.2, 0.0, -0.9, 0.6,
    0.4, -0.1, 0.1, 0.3, -0.3, 0.1, 0.3, 0.7, -0.4, 0.2, -0.7, 0.5,
)  # fmt: skip

ANSWER_CHANCE = {"nps": 0.34, "csat": 0.46}
