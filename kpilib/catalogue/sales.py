"""The KPIs of the sales: what was sold, what it left, to whom again and what more."""

from kpilib.catalogue.kpi import Kpi, Undecided, distinct

_MARGINS = "Farris, Bendle, Pfeifer and Reibstein (2010), Marketing Metrics, ch. 3 (margins and profits)"
_USERS = "Google AdMob Help, Understand user metrics (ARPU, ARPPU), support.google.com/admob/answer/9281746"
_MORE = "Insia, Customer Upsell and Cross-Sell Rate, insia.ai/marketing-kpis"
_MORE_ORDERS = "Halo Strategies, Upsell/Cross-Sell Rate, intercom.help/halo-strategies"
_MORE_CUSTOMERS = "RGM Growth Glossary, Cross-Sell Rate, realgrowthmatters.com/glossary"

_NO_COST = Undecided(
    one="{n} line without a cost",
    many="{n} lines without a cost",
    why="Order lines whose cost is not known are left out. The range goes from no margin on any of them to all of "
    "their revenue; a sale below cost is not reckoned with.",
    weight="CASE WHEN cost IS NULL AND revenue > 0 THEN revenue END",
)

REVENUE = Kpi(
    key="revenue",
    name="Revenue",
    question="What did we sell?",
    table="sales",
    when="ordered_on",
    numerator="revenue",
    unit="money",
    caveat="By order date, returns taken off; not what was invoiced or paid.",
    source=_MARGINS,
)

MARGIN = Kpi(
    key="margin",
    name="Margin",
    question="What did the sales leave us?",
    table="sales",
    when="ordered_on",
    numerator="revenue - cost",
    unit="money",
    undecided=_NO_COST,
    fields=("order_lines.cost",),
    caveat="Lines whose cost is not known are left out.",
    source=_MARGINS,
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
    undecided=_NO_COST,
    fields=("order_lines.cost",),
    caveat="Lines whose cost is not known are left out above and below.",
    source=_MARGINS,
)

UNITS = Kpi(
    key="units",
    name="Units sold",
    question="How much did we ship?",
    table="sales",
    when="ordered_on",
    numerator="quantity",
    caveat="Adds unlike things: meaningful for one product or one product type.",
    source=_MARGINS,
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
    source="Mapp, Order Value Avg, docs.mapp.com/docs/order-value-avg",
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
    source=_USERS,
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
    source=_MORE,
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
            source=_MORE_ORDERS,
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
            source=_MORE_CUSTOMERS,
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
    source=_MORE,
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
            source=_MORE_ORDERS,
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
            source=_MORE_CUSTOMERS,
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
    source="Shopify Help Center, Customers reports (first-time vs returning customer sales), help.shopify.com",
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
    source=_USERS,
)

ON_TIME_DELIVERY = Kpi(
    key="on_time_delivery",
    name="On-time delivery",
    question="Did orders arrive by the day we had promised?",
    table="deliveries",
    when="delivered_on",
    numerator="on_time",
    denominator="1",
    unit="share",
    fields=("order_lines.promised_on", "order_lines.delivered_on"),
    caveat="Of what was delivered in the period: orders still on their way are in no month yet. Where the promise is a "
    "day and the delivery has an hour, the promise ends at the first minute of that day.",
    source="Olist, Brazilian E-Commerce Public Dataset: order_delivered_customer_date, order_estimated_delivery_date",
    variants=(
        Kpi(
            key="by_day",
            name="On-time delivery, to the day",
            question="Did orders arrive on the promised day or before?",
            table="deliveries",
            when="delivered_on",
            numerator="on_the_day",
            denominator="1",
            unit="share",
            fields=("order_lines.promised_on", "order_lines.delivered_on"),
            caveat="Hours do not count: what came on the promised day was on time.",
        ),
        Kpi(
            key="of_due",
            name="Promises of delivery kept",
            question="Of the orders promised for the period, how many had arrived by then?",
            table="deliveries",
            when="promised_on",
            numerator="kept_promise",
            denominator="fell_due",
            unit="share",
            fields=("order_lines.promised_on", "order_lines.delivered_on"),
            caveat="Overdue orders that have not arrived count as late, cancelled ones too where they are not "
            "taken out.",
        ),
    ),
)

KPIS = (
    REVENUE, MARGIN, MARGIN_RATE, UNITS, AVERAGE_ORDER, AVERAGE_BASKET, CROSS_SELL_RATE, UP_SELL_RATE, REPEAT_RATE,
    ARPU, ON_TIME_DELIVERY,
)  # fmt: skip
