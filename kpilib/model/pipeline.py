"""The panels of the opportunities: deals, deals month by month, stages entered, actions done."""

from __future__ import annotations

from kpilib.model import then
from kpilib.model.scope import CUSTOMER, OWNER, PRODUCT, Scope, dimension_columns, quote, select

#: An open deal is still after so many days without an activity or a change of stage, as for `stalled_share`; where
#: nobody logs either, after so many days from its creation.
STILL_DAYS, UNLOGGED_DAYS = 30, 90
DEAL_KEYS = {"customers": "o.customer_id", "salespeople": "o.owner_id", "products": "o.product_id"}
DEAL_DIMENSIONS = (*CUSTOMER, *OWNER, *PRODUCT, "source", "stage", "status", "reason", "competitor", "currency")
DEAL_OWN = {name: f"o.{name}" for name in ("source", "stage", "status", "reason", "competitor", "currency")}


def opportunities(scope: Scope) -> str:
    """The opportunities as they stood at `as_of`: not yet created ones left out, later closings still open."""
    later = f"closed_on > {scope.today()}"
    return (
        "(SELECT opportunity_id, customer_id, owner_id, product_id, name, source, created_on, expected_close_on, "
        f"CASE WHEN {later} THEN NULL ELSE closed_on END AS closed_on, stage, "
        f"CASE WHEN {later} THEN 'open' ELSE status END AS status, amount, currency, probability, reason, competitor, "
        f"updated_on FROM {scope.source('opportunities')} AS opportunities "
        f"WHERE created_on IS NULL OR created_on <= {scope.today()}) AS o"
    )


def deals(scope: Scope, need: frozenset[str]) -> str:
    dimensions, joins = dimension_columns(scope, need, DEAL_DIMENSIONS, DEAL_KEYS, DEAL_OWN)
    own = [
        f"o.{name}"
        for name in (
            "opportunity_id", "customer_id", "owner_id", "product_id", "name", "created_on", "expected_close_on",
            "closed_on", "amount", "probability", "updated_on",
        )
    ]  # fmt: skip
    own += [f"o.{name}" for name in ("status", "stage") if name not in need]
    days = "CASE WHEN o.closed_on >= o.created_on THEN date_diff('day', o.created_on, o.closed_on) END AS days"
    if "stale_on" in need:
        stale, touched = _stale_on(scope)
        own, joins = [*own, f"{stale} AS stale_on"], f"{touched}{joins}"
    return select([*own, days, *dimensions], f"  FROM {opportunities(scope)}{joins}")


def _stale_on(scope: Scope) -> tuple[str, str]:
    """The day from which an open deal counts as still (empty for the others), and the join that it takes."""
    last, days, joined = "o.created_on", UNLOGGED_DAYS, ""
    if {"activities", "stage_changes"} & set(scope.tables):
        joined = (
            "\n  LEFT JOIN (SELECT opportunity_id AS touched_id, MAX(touched_on) AS touched_on "
            f"FROM {_touches(scope)} WHERE touched_on <= {scope.today()} GROUP BY opportunity_id) AS still "
            "ON still.touched_id = o.opportunity_id"
        )
        last = "CASE WHEN still.touched_on > o.created_on THEN still.touched_on ELSE o.created_on END"
        days = STILL_DAYS
    day = f"CAST({last} + INTERVAL '{days}' DAY AS DATE)"
    return f"CASE WHEN o.status = 'open' AND {day} <= {scope.today()} THEN {day} END", joined


def _stage_stays(scope: Scope) -> str:
    """One row an entry into a stage, with the moment at which the next stage was entered."""
    return (
        "(SELECT opportunity_id, stage, entered_on, LEAD(entered_on) OVER (PARTITION BY opportunity_id "
        f"ORDER BY entered_on, stage_change_id) AS next_on FROM {scope.source('stage_changes')} AS stage_changes "
        f"WHERE CAST(entered_on AS DATE) <= {scope.today()})"
    )


def _touches(scope: Scope) -> str:
    """Per opportunity the days on which something was done or its stage changed, each with the next such day."""
    return (
        "(SELECT opportunity_id, touched_on, LEAD(touched_on) OVER (PARTITION BY opportunity_id ORDER BY touched_on) "
        "AS next_on FROM (SELECT opportunity_id, done_on AS touched_on "
        f"FROM {scope.source('activities')} AS activities WHERE opportunity_id IS NOT NULL "
        "UNION SELECT opportunity_id, CAST(entered_on AS DATE) "
        f"FROM {scope.source('stage_changes')} AS stage_changes) AS touch)"
    )


def opportunity_months(scope: Scope, need: frozenset[str]) -> str:
    own = {**DEAL_OWN, "stage": "stage_then", "status": "'open'"}
    dimensions, joins = dimension_columns(scope, need, DEAL_DIMENSIONS, DEAL_KEYS, own)
    # What is not dated is known to be open today, and nothing is known of its past.
    today = f"month_end = {scope.today()}"
    stage = f"COALESCE(h.stage, CASE WHEN o.status = 'open' OR {today} THEN o.stage END)"
    # Closing sets a probability to 0 or 1: what was declared before is then not known any more.
    probability = "CASE WHEN o.status = 'open' OR o.probability NOT IN (0, 1) THEN o.probability END"
    of, deals_ = then.reader(scope), opportunities(scope)
    amount, due = of("amount", "o.amount"), of("expected_close_on", "o.expected_close_on")
    touched = "CASE WHEN t.touched_on > o.created_on THEN t.touched_on ELSE o.created_on END"
    rows = (
        "(SELECT o.opportunity_id, o.customer_id, o.owner_id, o.product_id, o.name, o.source, o.reason, o.competitor, "
        f"o.currency, o.created_on, {due} AS expected_close_on, {amount} AS amount, "
        f"{of('probability', probability)} AS probability, month, month_end, "
        f"{stage} AS stage_then, date_diff('day', o.created_on, month_end) AS age, "
        f"date_diff('day', {touched}, month_end) AS idle, "
        f"date_diff('day', {due}, month_end) AS overdue "
        f"FROM {deals_} JOIN {scope.months()} "
        f"ON (o.created_on <= month_end OR (o.created_on IS NULL AND {today})) "
        "AND (o.status = 'open' OR o.closed_on > month_end) "
        f"LEFT JOIN {_stage_stays(scope)} AS h ON h.opportunity_id = o.opportunity_id "
        "AND CAST(h.entered_on AS DATE) <= month_end "
        "AND (h.next_on IS NULL OR CAST(h.next_on AS DATE) > month_end) "
        f"LEFT JOIN {_touches(scope)} AS t ON t.opportunity_id = o.opportunity_id "
        "AND t.touched_on <= month_end AND (t.next_on IS NULL OR t.next_on > month_end)"
        f"{then.joined(scope, deals_)}) AS o"
    )
    columns = [
        f"o.{name}"
        for name in (
            "opportunity_id", "customer_id", "owner_id", "product_id", "name", "month", "month_end", "created_on",
            "expected_close_on", "amount", "probability", "age", "idle", "overdue",
        )
    ]  # fmt: skip
    return select([*columns, *dimensions], f"  FROM {rows}{joins}")


def _stage_order(scope: Scope) -> str:
    """Each stage with its place in the cycle: as the source says, else by where deals enter it on average."""
    if scope.stages:
        rows = ", ".join(f"({quote(stage)}, {place})" for place, stage in enumerate(scope.stages, 1))
        return f"(VALUES {rows}) AS ranked(stage, place)"
    return (
        "(SELECT stage, AVG(position) AS place FROM (SELECT opportunity_id, stage, ROW_NUMBER() OVER "
        "(PARTITION BY opportunity_id ORDER BY MIN(entered_on), stage) AS position "
        f"FROM {scope.source('stage_changes')} AS entries GROUP BY opportunity_id, stage) AS positions "
        "GROUP BY stage) AS ranked"
    )


def stage_steps(scope: Scope, need: frozenset[str]) -> str:
    own = {**DEAL_OWN, "stage": "o.stage_entered"}
    dimensions, joins = dimension_columns(scope, need | {"stage"}, DEAL_DIMENSIONS, DEAL_KEYS, own)
    deals = opportunities(scope)
    # A stage that only closed deals are in ("Closed won") is their end, not a step on the way.
    endings = (
        f"(SELECT stage FROM {deals} WHERE stage IS NOT NULL GROUP BY stage "
        "HAVING SUM(CASE WHEN status = 'open' THEN 1 ELSE 0 END) = 0) AS ending"
    )
    later = (
        "MAX(place) OVER (PARTITION BY h.opportunity_id ORDER BY h.entered_on, h.stage "
        "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
    )
    first = "ROW_NUMBER() OVER (PARTITION BY h.opportunity_id, h.stage ORDER BY h.entered_on)"
    stays = (
        f"(SELECT h.opportunity_id, h.stage, h.entered_on, h.next_on, place, {later} AS furthest, {first} AS visit "
        f"FROM {_stage_stays(scope)} AS h LEFT JOIN {_stage_order(scope)} ON ranked.stage = h.stage "
        f"LEFT JOIN {endings} ON ending.stage = h.stage WHERE ending.stage IS NULL) AS h"
    )
    left_on = "COALESCE(CAST(h.next_on AS DATE), o.closed_on)"
    rows = (
        "(SELECT o.opportunity_id, o.customer_id, o.owner_id, o.product_id, o.source, o.status, o.reason, "
        "o.competitor, o.currency, o.amount, h.stage AS stage_entered, CAST(h.entered_on AS DATE) AS entered_on, "
        f"{left_on} AS left_on, h.place, h.visit = 1 AS first_visit, "
        "(h.furthest > h.place OR o.status = 'won') AS went_on, "
        "(h.furthest > h.place OR o.status <> 'open') AS fate_known, "
        f"CASE WHEN {left_on} >= CAST(h.entered_on AS DATE) "
        f"THEN date_diff('day', CAST(h.entered_on AS DATE), {left_on}) END AS days "
        f"FROM {stays} JOIN {deals} ON o.opportunity_id = h.opportunity_id) AS o"
    )
    names = [
        "opportunity_id",
        "entered_on",
        "left_on",
        "place",
        "first_visit",
        "went_on",
        "fate_known",
        "days",
        "amount",
    ]
    return select([*(f"o.{name}" for name in names), *dimensions], f"  FROM {rows}{joins}")


ACTIVITY_DIMENSIONS = (*CUSTOMER, *OWNER, *PRODUCT, "source", "status", "stage", "kind")


def activities(scope: Scope, need: frozenset[str]) -> str:
    keys = {
        "customers": "COALESCE(a.customer_id, o.customer_id)",
        "salespeople": "COALESCE(a.owner_id, o.owner_id)",
        "products": "o.product_id",
    }
    own = {"source": "o.source", "status": "o.status", "stage": "o.stage", "kind": "a.kind"}
    dimensions, joins = dimension_columns(scope, need, ACTIVITY_DIMENSIONS, keys, own)
    columns = ["a.activity_id", "a.opportunity_id", "a.done_on", "o.created_on", "o.closed_on"]
    return select(
        [*columns, *dimensions],
        f"  FROM (SELECT * FROM {scope.source('activities')} AS activities WHERE done_on <= {scope.today()}) AS a"
        f"\n  LEFT JOIN {opportunities(scope)} ON o.opportunity_id = a.opportunity_id{joins}",
    )
