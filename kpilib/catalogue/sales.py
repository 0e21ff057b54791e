"""The KPIs of the sales: what was sold, what it left, to whom again and what more."""

from kpilib.catalogue.kpi import Kpi, distinct

REVENUE = Kpi(
    key="revenue",
    name="Revenue",
    question="What did we sell?",
    table="sales",
    when="ordered_on",
    numerator="revenue",
    unit="money",
    caveat="By order date, returns taken off; not what was invoiced or paid.",
)

MARGIN = Kpi(
    key="margin",
    name="Margin",
    question="What did the sales leave us?",
    table="sales",
    when="ordered_on",
    numerator="revenue - cost",
    unit="money",
    fields=("order_lines.cost",),
    caveat="Lines whose cost is not known are left out.",
)

MARGIN_RATE = Kpi(
    key="margin_rate",
    name="Margin rate",
    question="What share of a euro sold is left?",
    table="sales",
    when="ordered_on",
    numerator="revenue - cost",
    denominator="revenue",
    unit="share",
    signed=True,
    fields=("order_lines.cost",),
    caveat="Lines whose cost is not known are left out above and below.",
)

UNITS = Kpi(
    key="units",
    name="Units sold",
    question="How much did we ship?",
    table="sales",
    when="ordered_on",
    numerator="quantity",
    caveat="Adds unlike things: meaningful for one product or one product type.",
)

AVERAGE_ORDER = Kpi(
    key="average_order",
    name="Average order",
    question="What is an order worth?",
    table="sales",
    when="ordered_on",
    numerator="revenue",
    denominator=distinct("order_id"),
    unit="money",
    caveat="Per order, not per customer: 100 customers with 250 orders of € 20,000 in all spend 80 an order, 200 each.",
)

AVERAGE_BASKET = Kpi(
    key="average_basket",
    name="Average basket per customer",
    question="What does a buying customer spend in the period?",
    table="sales",
    when="ordered_on",
    numerator="revenue",
    denominator=distinct("customer_id"),
    unit="money",
    caveat="Grows with the length of the period: compare periods of the same length only.",
)

CROSS_SELL_RATE = Kpi(
    key="cross_sell_rate",
    name="Cross-sell rate",
    question="What share of sales is of a kind of product the customer had not bought before?",
    table="sales",
    when="ordered_on",
    numerator="CASE WHEN kind = 'cross_sell' THEN revenue ELSE 0 END",
    denominator="revenue",
    unit="share",
    caveat="Needs the customer's whole past: at the start of the data everything is a first order.",
    variants=(
        Kpi(
            key="by_order",
            name="Cross-sell rate by orders",
            question="What share of orders has a product type new to the customer?",
            table="sales",
            when="ordered_on",
            numerator=distinct("order_id", "kind = 'cross_sell'"),
            denominator=distinct("order_id"),
            unit="share",
        ),
        Kpi(
            key="by_customer",
            name="Cross-sell rate by customers",
            question="What share of buying customers took up a new product type in the period?",
            table="sales",
            when="ordered_on",
            numerator=distinct("customer_id", "kind = 'cross_sell'"),
            denominator=distinct("customer_id"),
            unit="share",
            caveat="Grows with the length of the period.",
        ),
    ),
)

UP_SELL_RATE = Kpi(
    key="up_sell_rate",
    name="Up-sell rate",
    question="What share of sales moved up the range?",
    table="sales",
    when="ordered_on",
    numerator="CASE WHEN kind = 'up_sell' THEN revenue ELSE 0 END",
    denominator="revenue",
    unit="share",
    caveat="Counts the first purchase of a higher tier only; the ones that follow are repeats.",
    variants=(
        Kpi(
            key="by_order",
            name="Up-sell rate by orders",
            question="What share of orders has a first step up the range?",
            table="sales",
            when="ordered_on",
            numerator=distinct("order_id", "kind = 'up_sell'"),
            denominator=distinct("order_id"),
            unit="share",
        ),
        Kpi(
            key="by_customer",
            name="Up-sell rate by customers",
            question="What share of buying customers moved up the range in the period?",
            table="sales",
            when="ordered_on",
            numerator=distinct("customer_id", "kind = 'up_sell'"),
            denominator=distinct("customer_id"),
            unit="share",
            caveat="Grows with the length of the period.",
        ),
    ),
)

REPEAT_RATE = Kpi(
    key="repeat_rate",
    name="Repeat rate",
    question="What share of orders came from customers who had bought before?",
    table="sales",
    when="ordered_on",
    numerator=distinct("order_id", "bought_before"),
    denominator=distinct("order_id"),
    unit="share",
    caveat="Before means on an earlier day within the data: at the start of the data it is low by construction.",
)

ARPU = Kpi(
    key="arpu",
    name="Revenue per customer and month",
    question="What does a customer bring a month, buying or not?",
    table="customer_months",
    when="month",
    numerator="revenue",
    denominator="1",
    unit="money",
    needs=("order_lines",),
    caveat="Over all customers of each month, those who bought nothing included. Months of one customer are taken as "
    "independent.",
)

KPIS = (
    REVENUE, MARGIN, MARGIN_RATE, UNITS, AVERAGE_ORDER, AVERAGE_BASKET, CROSS_SELL_RATE, UP_SELL_RATE, REPEAT_RATE,
    ARPU,
)  # fmt: skip
