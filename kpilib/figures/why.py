"""Why a finding cannot be made: each reason code as a sentence, in the reader's language."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, missing

#: What each reason code means; the names in braces are facts that come with it.
REASONS: dict[str, str] = {
    "no_surveys": N_("It needs the table 'surveys', which these data do not have."),
    "no_tickets": N_("It needs the table 'tickets', which these data do not have."),
    "no_invoices": N_("It needs the table 'invoices', which these data do not have."),
    "no_reviews": N_("It needs the table 'reviews', which these data do not have."),
    "no_places": N_(
        "It needs the columns 'latitude' and 'longitude' of 'customers', which these data lack: they would say how "
        "near competitors are."
    ),
    "no_sites": N_(
        "It needs the table 'competitor_sites', which these data do not have: it would say how near competitors are."
    ),
    "too_few_near": N_("It needs {need} customers or more near a competitor's site and as many far from one."),
    "no_deals": N_("It needs deals won and lost by customers whose place is known, which these data do not have."),
    "no_orders": N_("It needs the table 'order_lines', which these data do not have."),
    "no_accounts": N_("It needs the table 'customers', which these data do not have."),
    "no_customers": N_(
        "It needs the table 'customers' with the days on which customers came ('acquired_on'), which these data lack."
    ),
    "no_answers": N_("Nobody has answered such a question in these data."),
    "no_incidents": N_("No customer had a serious incident (a ticket of severity High or Critical) in these data."),
    "no_controls": N_("Every customer with answers had an incident: there is nobody to compare with."),
    "no_scores_before": N_("No score is known from before the invoices fell due, so that nothing can be compared."),
    "no_churn": N_("No customer has left in these data: what goes with leaving cannot be seen."),
    "all_churned": N_("Every customer has left in these data: what goes with staying cannot be seen."),
    "too_few_customers": N_("It needs {need} customers or more; these data have {n}."),
    "too_few_answers": N_("It needs {need} answers or more; these data have {n}."),
    "too_few_left": N_("It needs {need} customers or more who left; in these data {left} did."),
    "too_few_events": N_("Too few customers have left in these data ({events}) to say what goes with leaving."),
    "separation": N_("Something tells those who left from those who stayed perfectly: no ratio can be put on it."),
    "no_new_customers": N_("Nobody became a customer within these data."),
    "no_repeat": N_("Too few customers have bought a second time to foretell what they will buy."),
    "unstable": N_("The purchases fit no curve well enough to foretell from it."),
    "too_few_products": N_("It needs more products with both reviews and answers than these data have."),
    "too_few_months": N_("It needs more months with both reviews and answers than these data have."),
    "too_short": N_("The data cover too few months for it."),
    "all_alike": N_("All answers are alike: there is nothing to explain."),
    "nothing_varies": N_("What is known of the customers is the same for all of them: it explains nothing."),
    "one_score": N_("All customers gave the same score: there is nothing to cut between."),
}
# The same where nobody says how many it takes.
_BARE = {
    "too_few_customers": N_("It needs more customers than these data have."),
    "too_few_answers": N_("It needs more answers than these data have."),
    "too_few_left": N_("Too few customers have left in these data for it."),
    "too_few_events": N_("Too few customers have left in these data for it."),
}
# What a fact is also called.
_ALSO = {"n": "customers", "left": "lost"}
_OTHER = N_("These data do not allow it.")


def said(finding: Mapping[str, Any], words: Words = Words()) -> str:
    """The sentence for a finding that cannot be made; empty text for one that is.

    Parameters
    ----------
    finding : mapping
        ``{"cannot": code, …facts}``; a reason that is no code is a sentence already.

    Examples
    --------
    >>> said({"cannot": "too_few_customers", "n": 10, "need": 100})
    'It needs 100 customers or more; these data have 10.'
    """
    reason = str(finding.get("cannot") or "")
    if not reason:
        return ""
    if reason not in REASONS:
        return reason if " " in reason else words.say(_OTHER)
    message = REASONS[reason]
    facts = {name: _known(name, finding) for _, name, _, _ in Formatter().parse(message) if name}
    if reason in _BARE and any(missing(fact) for fact in facts.values()):
        return words.say(_BARE[reason])
    return words.say(message, **{name: _fact(fact, words) for name, fact in facts.items()})


def found(view: View, name: str) -> dict[str, Any]:
    """A finding of the whole company; see `Book.finding`.

    Raises
    ------
    CannotAnswer
        These data do not give it: says why.
    """
    return checked(view.book.finding(name), view.words)


def checked(finding: dict[str, Any], words: Words = Words()) -> dict[str, Any]:
    """The finding, or a part of one, as it is; `CannotAnswer` with the reason where there is none."""
    if finding.get("cannot"):
        raise CannotAnswer(said(finding, words))
    return finding


def _known(name: str, finding: Mapping[str, Any]) -> Any:
    return finding.get(name, finding.get(_ALSO.get(name, "")))


def _fact(value: Any, words: Words) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return words.count(value)
    return NOTHING if missing(value) else str(value)
