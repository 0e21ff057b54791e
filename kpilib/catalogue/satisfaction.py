"""The KPIs of the satisfaction: what customers answer, what they write in public, how they pay."""

import math
from dataclasses import replace

from kpilib.catalogue.kpi import Kpi, Undecided

_ANSWERED = "score IS NOT NULL"
#: Days past due by which 99 in 100 of the invoices paid late are paid; before that only quick ones are known.
_PAID = 60

_SILENT = Undecided(
    one="{n} unanswered",
    many="{n} unanswered",
    why="Those who were asked and did not answer. The range goes from the lowest answer of all of them to the highest; "
    "they count on the day on which they were asked. How likely its ends are is said on the page on satisfaction.",
    weight="",
    when="sent_on",
)


def _silent(metric: str, low: float, high: float) -> Undecided:
    """The unanswered of one question, and what an answer adds at least and at most."""
    return replace(_SILENT, weight=f"metric = '{metric}' AND score IS NULL", low=low, high=high)


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
    undecided=_silent("nps", -100, 100),
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
    undecided=_silent("csat", 0, 1),
    fields=("surveys.score", "surveys.metric=csat"),
    caveat="The share of 4 and 5 on a scale of 1 to 5: a 3 counts like a 1. It says nothing of those who did not "
    "answer.",
    source="Delighted Help, How is CSAT calculated?, help.delighted.com/article/240",
    variants=(
        Kpi(
            key="mean",
            name="Mean CSAT",
            question="What mark do they give, from 1 to 5?",
            table="answers",
            when="answered_on",
            numerator=f"CASE WHEN metric = 'csat' AND {_ANSWERED} THEN score END",
            denominator=f"metric = 'csat' AND {_ANSWERED}",
            undecided=_silent("csat", 1, 5),
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
    undecided=_silent("ces", 1, 7),
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
            undecided=_silent("ces", 0, 1),
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
    # In the demo and most programmes 99 answers in 100 come within two weeks of the invitation.
    matures=14,
    caveat="By the day of the invitation: those of the last two weeks may still be answered, and are left out of "
    "comparisons. An export without the unanswered invitations shows 100 %.",
    source="AAPOR (2015), Standard Definitions, response rate 1",
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
    source="Hu, Pavlou and Zhang (2009), Communications of the ACM 52(10):144",
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
    source="Directive 2011/7/EU on combating late payment in commercial transactions, art. 2",
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
    undecided=Undecided(
        one="{n} invoice not paid yet",
        many="{n} invoices not paid yet",
        why="Invoices past due and not paid yet are left out. They are already late by the days until today, and "
        "nobody knows by how many more: the figure is at least what is said.",
        weight="fell_due AND paid_on IS NULL",
        least="CASE WHEN fell_due AND paid_on IS NULL THEN days_so_far ELSE 0 END",
        high=math.inf,
    ),
    fields=("invoices.paid_on",),
    matures=_PAID,
    caveat="Days past due of the invoices that were paid; one paid early counts 0. Those still unpaid are left out, so "
    "the last two months look better than they are, and are left out of comparisons.",
    source="Invoiced, Average Days Delinquent, invoiced.com/resources",
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
            matures=_PAID,
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
            matures=_PAID,
            caveat="Those who pay early hide those who pay late.",
            source="Gaviti, Average Days Delinquent, gaviti.com/glossary",
        ),
    ),
)

KPIS = (NPS, CSAT, CES, RESPONSE_RATE, REVIEW_RATING, ON_TIME_PAYMENT, PAYMENT_DELAY)
