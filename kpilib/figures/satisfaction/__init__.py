"""The figures of the page "Satisfaction": how satisfied customers are, and where, as they say it themselves.

Each function takes the view in force, and what the figure's own lists say, and returns what to draw. How answers spread
is in `answer_spread`, through time in `satisfaction_trend`, what silence hides in `silent`, what else is known of
customers in `beside_surveys`, what incidents cost in `after_incidents`, what steers satisfaction in `steering`, below
which score they leave in `leaving_below`; all are reached as ``satisfaction.…``.
"""

from __future__ import annotations

from kpilib.figures import parts
from kpilib.figures.buyers import ranked
from kpilib.language import N_
from kpilib.show import charts, sentences
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .after_incidents import after_a_ticket, incidents
from .answer_spread import distribution, split
from .beside_surveys import care, payments, reviews
from .leaving_below import KEPT, below_now, threshold, what_if
from .questions import QUESTIONS, asked_of, question
from .satisfaction_trend import trend
from .silent import silent
from .steering import drivers, importance

__all__ = [
    "BY", "KEPT", "QUESTIONS", "TILES", "WHO", "after_a_ticket", "asked_of", "below_now", "care", "distribution",
    "drivers", "importance", "incidents", "payments", "responses", "reviews", "score", "silent", "split", "threshold",
    "trend", "what_if",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "nps", "csat", "ces", "response_rate", "review_rating", "on_time_payment", "payment_delay", "support_hours",
)  # fmt: skip
#: What scores may be broken down by, the first at the start.
BY = ("service", "touchpoint", "segment", "product", "category", "region", "owner")
#: The same for who answers at all.
WHO = ("touchpoint", "segment", "service", "region", "owner")


def score(view: View, measure: str = "NPS", by: str = "service") -> Drawn:
    """A score and where it is highest and lowest, each group with its interval."""
    asked, words = question(measure), view.words
    whole, frame, kpi = view.kpi(asked.key), parts.asked(view, asked.key, by), view.book.kpis[asked.key]
    frame = frame[frame["rows"] > 0].reset_index(drop=True)
    told = sentences.Measure.of_kpi(kpi, words, N_("answers"))
    chart = charts.bars(frame, unit=kpi.unit, words=words, measure=words.say(asked.axis))
    said = f"{sentences.one_value(whole, told)} {sentences.best_and_worst(frame, told)}"
    counted, drill = sum(whole["rows"].tolist()), {"kpi": asked.key, "field": by}
    return Drawn(said, chart, ranked(frame, kpi, words, by), counted, words.say(kpi.caveat), drill=drill)


def responses(view: View, by: str = "touchpoint") -> Drawn:
    """What share of those who were asked answered, group by group."""
    words, kpi = view.words, view.book.kpis["response_rate"]
    whole, frame = view.kpi("response_rate"), parts.asked(view, "response_rate", by)
    frame = frame[frame["rows"] > 0].reset_index(drop=True)
    told = sentences.Measure.of_kpi(kpi, words, N_("invitations"))
    chart = charts.bars(frame, unit="share", words=words, measure=words.say(kpi.name))
    said = f"{sentences.one_value(whole, told)} {sentences.best_and_worst(frame, told)}"
    drill = {"kpi": "response_rate", "field": by}
    counted = sum(whole["rows"].tolist())
    return Drawn(said, chart, ranked(frame, kpi, words, by), counted, words.say(kpi.caveat), drill=drill)
