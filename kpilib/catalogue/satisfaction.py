"""The KPIs of the satisfaction: what customers answer, what they write in public, how they pay."""

from kpilib.catalogue.kpi import Kpi

_ANSWERED = "score IS NOT NULL"

NPS = Kpi(
    key="nps",
    name="NPS",
    question="Would they recommend us?",
    table="answers",
    when="answered_on",
    numerator=f"CASE WHEN metric = 'nps' AND {_ANSWERED} THEN CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 "
    "ELSE 0 END END",
    denominator=f"metric = 'nps' AND {_ANSWERED}",
    unit="score",
    net=True,
    fields=("surveys.score", "surveys.metric=nps"),
    caveat="Promoters (9–10) less detractors (0–6), in points from −100 to 100: a difference of two shares, not a "
    "probability. It says nothing of those who did not answer.",
    source="Reichheld (2003), Harvard Business Review 81(12):46",
)

CSAT = Kpi(
    key="csat",
    name="CSAT",
    question="Are they satisfied?",
    table="answers",
    when="answered_on",
    numerator="metric = 'csat' AND score >= 4",
    denominator=f"metric = 'csat' AND {_ANSWERED}",
    unit="share",
    fields=("surveys.score", "surveys.metric=csat"),
    caveat="The share of 4 and 5 on a scale of 1 to 5: a 3 counts like a 1. It says nothing of those who did not "
    "answer.",
    variants=(
        Kpi(
            key="mean",
            name="Mean CSAT",
            question="What mark do they give, from 1 to 5?",
            table="answers",
            when="answered_on",
            numerator=f"CASE WHEN metric = 'csat' AND {_ANSWERED} THEN score END",
            denominator=f"metric = 'csat' AND {_ANSWERED}",
            unit="score",
            caveat="Takes a step from 1 to 2 for as much as one from 4 to 5.",
        ),
    ),
)

CES = Kpi(
    key="ces",
    name="CES",
    question="Was it easy?",
    table="answers",
    when="answered_on",
    numerator=f"CASE WHEN metric = 'ces' AND {_ANSWERED} THEN score END",
    denominator=f"metric = 'ces' AND {_ANSWERED}",
    unit="score",
    fields=("surveys.score", "surveys.metric=ces"),
    caveat="A mean from 1 to 7, where 7 is very easy; some systems write 1 for easy, and must be turned round.",
    source="Dixon, Freeman and Toman (2010), Harvard Business Review 88(7):116",
    variants=(
        Kpi(
            key="easy_share",
            name="Share who found it easy",
            question="What share of them found it easy (5 to 7)?",
            table="answers",
            when="answered_on",
            numerator="metric = 'ces' AND score >= 5",
            denominator=f"metric = 'ces' AND {_ANSWERED}",
            unit="share",
            caveat="A 4 counts like a 1.",
        ),
    ),
)

RESPONSE_RATE = Kpi(
    key="response_rate",
    name="Response rate",
    question="Who answers us?",
    table="answers",
    when="sent_on",
    numerator=_ANSWERED,
    denominator="1",
    unit="share",
    fields=("surveys.score",),
    caveat="By the day of the invitation: those of the last weeks may still be answered. An export without the "
    "unanswered invitations shows 100 %.",
)

REVIEW_RATING = Kpi(
    key="review_rating",
    name="Public reviews",
    question="What do they say in public?",
    table="reviews",
    when="published_on",
    numerator="rating",
    denominator="1",
    unit="score",
    caveat="A mean of 1 to 5 stars. Who writes in public is delighted or angry more often than the others.",
    variants=(
        Kpi(
            key="high_share",
            name="Share of high ratings",
            question="What share of reviews has 4 or 5 stars?",
            table="reviews",
            when="published_on",
            numerator="rating >= 4",
            denominator="1",
            unit="share",
            caveat="Three stars count like one.",
        ),
    ),
)

ON_TIME_PAYMENT = Kpi(
    key="on_time_payment",
    name="Paid on time",
    question="Do they pay on time?",
    table="invoices",
    when="due_on",
    numerator="fell_due AND on_time",
    denominator="fell_due",
    unit="share",
    caveat="Invoices by the day they fell due, whatever their amount; what is not due yet is left out. A dispute looks "
    "like a late payer.",
    variants=(
        Kpi(
            key="by_value",
            name="Paid on time, by value",
            question="What share of the money due was paid on time?",
            table="invoices",
            when="due_on",
            numerator="CASE WHEN fell_due AND amount >= 0 THEN CASE WHEN on_time THEN amount ELSE 0 END END",
            denominator="CASE WHEN fell_due AND amount >= 0 THEN amount END",
            unit="share",
            caveat="A few large invoices carry it; credit notes are left out.",
        ),
    ),
)

PAYMENT_DELAY = Kpi(
    key="payment_delay",
    name="Payment delay",
    question="How late do they pay?",
    table="invoices",
    when="due_on",
    numerator="CASE WHEN fell_due THEN days_late END",
    denominator="fell_due AND paid_on IS NOT NULL",
    unit="days",
    better="lower",
    fields=("invoices.paid_on",),
    caveat="Days past due of the invoices that were paid; one paid early counts 0. Those still unpaid are left out, so "
    "recent months look better than they are.",
    variants=(
        Kpi(
            key="with_unpaid",
            name="Payment delay, unpaid ones so far",
            question="How late are they, counting what is not paid yet until today?",
            table="invoices",
            when="due_on",
            numerator="CASE WHEN fell_due THEN days_so_far END",
            denominator="fell_due",
            unit="days",
            better="lower",
            caveat="What is not paid yet will be later than it is now.",
        ),
        Kpi(
            key="from_due",
            name="Days from due to paid",
            question="How many days after the due date do they pay, early payments taken off?",
            table="invoices",
            when="due_on",
            numerator="CASE WHEN fell_due THEN days_from_due END",
            denominator="fell_due AND paid_on IS NOT NULL",
            unit="days",
            better="lower",
            caveat="Those who pay early hide those who pay late.",
        ),
    ),
)

KPIS = (NPS, CSAT, CES, RESPONSE_RATE, REVIEW_RATING, ON_TIME_PAYMENT, PAYMENT_DELAY)
