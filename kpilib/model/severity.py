"""When a request counts as a serious incident, and its first answer as slow. Constants alone."""

#: Severities that make a request a serious incident, in lower case. Where the data have none, each request counts.
SERIOUS = frozenset(
    ("high", "critical", "urgent", "very high", "highest", "blocker", "major", "severe", "p1", "p2", "sev1", "sev2",
     "haute", "élevée", "elevee", "critique", "urgente", "bloquante", "majeure", "grave")
)  # fmt: skip
#: Hours after which a first answer is a slow one.
SLOW_HOURS = 8
