"""What the figures on deals share: columns, which table is missing, how a member and an interval are said."""

from collections.abc import Mapping
from typing import Any

from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show.view import View

ENDS = ("opportunity_id", "created_on", "closed_on", "status")
STEPS = ("opportunity_id", "stage", "place", "entered_on")


def needs(view: View, what: str, question: str, *names: str) -> None:
    """Say which table is missing, as `Book.why_not` does for a KPI; what is asked for is said by the caller."""
    for name in ("opportunities", *names):
        if name not in view.book.tables:
            said = N_("{what} needs the table '{name}', which these data do not have. It would say: {question}")
            raise CannotAnswer(view.words.say(said, what=what, name=name, question=question))


def member(view: View, name: str) -> str:
    """A member of a dimension: what is not given in the reader's language, others as the data have them."""
    return view.words.say(NOT_GIVEN) if name == NOT_GIVEN else name


def interval(view: View, row: Mapping[str, Any]) -> str:
    """The interval of a share in words."""
    return view.words.interval(row["low"], row["high"], "share")
