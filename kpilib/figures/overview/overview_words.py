"""What a figure says to a reader who knows no KPI: one plain sentence a KPI, with its number."""

from typing import Any

from kpilib.language import N_
from kpilib.show.words import Words, missing

#: A sentence a KPI; `{value}` is its number with its unit.
PLAIN = {
    "ces": N_("Asked how easy it was to get what they needed, customers answer {value} on a scale from 1 to 7."),
    "support_hours": N_("Requests and incidents took us {value} of work."),
    "service_effort": N_("A hundred units sold ask us for {value} of handling afterwards."),
    "ticket_rate": N_("A hundred customers open {value} tickets a month."),
    "fcr": N_("Of the tickets solved, {value} took one contact."),
    "first_reply_time": N_("Who asks waits {value} for the first reply."),
    "resolution_time": N_("It takes {value} until a ticket is solved."),
    "open_tickets": N_("Tickets waiting for a solution: {value}."),
    "clv": N_("A customer may be expected to leave us {value} from now on."),
    "ltv_to_cac": N_("A customer may be expected to leave us {value} times what winning it costs."),
    "customer_margin": N_("A customer leaves us {value} a month, whether it buys or not."),
    "arpu": N_("A customer brings {value} a month, whether it buys or not."),
    "average_basket": N_("A customer who buys spends {value} in the period."),
    "average_order": N_("An order is worth {value}."),
    "csat": N_("Of those who answer, {value} say that they are satisfied."),
    "review_rating": N_("In public they give us {value} out of 5."),
    "on_time_payment": N_("Of the invoices that fell due, {value} were paid on time."),
    "churn_rate": N_("Of the customers we had, {value} left."),
    "retention_rate": N_("Of the customers we had, {value} stayed."),
    "monthly_churn": N_("In a month, {value} of customers leave."),
    "net_revenue_retention": N_("The customers of a year ago bring {value} of what they brought then."),
    "repeat_rate": N_("Of all orders, {value} came from customers who had bought before."),
    "nps": N_("Of each 100 who answer, {value} more would recommend us than would warn against us."),
    "response_rate": N_("Of those we ask for their opinion, {value} answer."),
    "active_customers": N_("We serve {value} customers."),
    "lost_customers": N_("Customers who left: {value}."),
    "new_customers": N_("New customers: {value}."),
    "revenue_churn": N_("Those who left had brought {value} of our revenue."),
    "revenue": N_("We sold for {value}."),
    "margin": N_("After the cost of goods, {value} was left."),
    "margin_rate": N_("Of what we sell, {value} is left after the cost of goods."),
    "cross_sell_rate": N_("Of sales, {value} were of a kind of product that was new to the customer."),
    "up_sell_rate": N_("Of sales, {value} were a step up to a better product."),
    "win_rate": N_("Of the deals we closed, we won {value}."),
    "won_amount": N_("The deals we won are worth {value}."),
    "open_pipeline": N_("The deals still open are worth {value}."),
    "weighted_pipeline": N_("Of the deals still open, {value} may be expected."),
    "refused_rate": N_("Of the rows we were given, {value} could not be taken."),
}
_WARN = N_("Of each 100 who answer, {value} more would warn against us than would recommend us.")
_OTHER = N_("{kpi}: {value}.")


def plain(kpi: Any, value: object, words: Words) -> str:
    """A figure in a sentence without terms; a KPI of the team's own has its name and its value."""
    if kpi.key == "nps" and not missing(value) and float(value) < 0:  # type: ignore[arg-type]
        return words.say(_WARN, value=words.short(-float(value), kpi.unit))  # type: ignore[arg-type]
    return words.say(PLAIN.get(kpi.key, _OTHER), kpi=words.say(kpi.name), value=words.short(value, kpi.unit))
