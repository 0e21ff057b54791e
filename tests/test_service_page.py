"""The page "Service": its numbers against a second computation, tickets small enough to be counted, what it lacks."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from speaking import mask, unsaid
from test_service_kpis import COLUMNS, CUSTOMERS, PRODUCTS, TICKETS, firm

import kpilib
from kpilib.demo.deliveries import SOUTH
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import service
from kpilib.show import View, tables
from kpilib.show.charts.plot import Nothing
from kpilib.stats.intervals import wilson

DEMO = Path(kpilib.__file__).parents[1] / "data" / "demo"
FIGURES = {
    "trend": service.trend, "rate": service.rate, "definitions": service.definitions, "breakdown": service.breakdown,
    "spread": service.spread, "lasts": service.lasts, "service_level": service.service_level,
    "arrivals": service.arrivals, "backlog": service.backlog, "ages": service.ages, "effort": service.effort,
    "satisfaction": service.satisfaction, "deliveries": service.deliveries,
}  # fmt: skip


@pytest.fixture(scope="module")
def tickets(year):
    """The tickets opened in the year, as pandas has them."""
    return year.panel("tickets", when="opened_at")


@pytest.fixture(scope="module")
def book():
    return firm()


@pytest.fixture(scope="module")
def view(book):
    return View(book, since="2026-01", until="2026-03")


# --- against a second computation --------------------------------------------------------------------------------


def test_the_median_of_each_severity_is_that_of_the_tickets_solved_but_for_those_still_open(year, tickets):
    drawn = service.lasts(year, "Resolution", "severity")
    table = drawn.table.set_index("Severity")
    alone = tickets.groupby("severity")["solve_hours"].median()
    assert table["Tickets"].to_dict() == tickets["severity"].value_counts().to_dict()
    assert table["Still waiting"].sum() == tickets["resolved_at"].isna().sum() > 0
    # Few still wait: the median moves by little, and never down.
    assert (table["Half within"] / alone).between(1, 1.05).all()
    assert drawn.finding.startswith("Critical is quickest")


def test_the_service_level_counts_late_and_unanswered_tickets_as_missed(year, tickets):
    drawn = service.service_level(year, "8 hours", "channel")
    waited = tickets["reply_hours"].fillna(1e9)
    open_hours = (pd.Timestamp("2026-07-01") - tickets["opened_at"]).dt.total_seconds() / 3600
    known = tickets["first_reply_at"].notna() | (open_hours > 8)
    met = (waited <= 8)[known].groupby(tickets["channel"][known]).mean()
    shown = drawn.table.set_index("Channel")["Replied within the target"]
    pd.testing.assert_series_equal(shown.sort_index(), met, check_names=False)


def test_the_share_of_orders_on_time_is_that_of_the_orders_delivered_in_the_year(year):
    drawn = service.deliveries(year, "region")
    orders = pd.read_csv(DEMO / "order_lines.csv").dropna(subset="delivered_on").drop_duplicates("order_id")
    orders = orders[orders["delivered_on"].between("2025-07-01", "2026-06-30")]
    orders = orders.merge(pd.read_csv(DEMO / "customers.csv"), on="customer_id")
    met = (orders["delivered_on"] <= orders["promised_on"]).groupby(orders["region"]).mean()
    shown = drawn.table.set_index("Region")["On-time delivery"]
    pd.testing.assert_series_equal(shown.sort_index(), met, check_names=False)
    assert drawn.rows == len(orders)
    # The depot of the south was planted as the worse one.
    worst = drawn.chart.data["rows"][-1]["group"]
    assert worst in SOUTH
    assert worst in drawn.finding


def test_each_hour_of_the_week_has_its_tickets(year, tickets):
    drawn = service.arrivals(year)
    cells = {(cell["group"], cell["age"]): cell for cell in drawn.chart.data["rows"]}
    own = tickets[(tickets["weekday"] == "Tuesday") & (tickets["hour"] == "10:00")]
    mondays = len(pd.date_range("2025-07-01", "2026-06-30", freq="W-TUE"))
    assert cells["Tuesday", "10"]["tip"]["Rows"] == str(len(own))
    most = max(cells.values(), key=lambda cell: cell["value"])
    scale = float(most["tip"]["Tickets, mean of such hours"])
    assert cells["Tuesday", "10"]["value"] * scale == pytest.approx(len(own) / mondays, rel=0.01)
    assert drawn.table["Tickets"].sum() == len(tickets) == drawn.rows


def test_hours_that_are_alike_are_not_called_full_and_a_rush_is(year):
    assert "chance explains that" in service.arrivals(year).finding
    rush = [(f"r{at}", "c1", "p1", f"2026-01-{5 + 7 * (at % 4):02d} 09:{at % 60:02d}", None, None, 1, None)
            for at in range(80)]  # fmt: skip
    calm = [(f"q{at}", "c1", "p1", f"2026-01-{1 + at % 28:02d} {8 + at % 9:02d}:30", None, None, 1, None)
            for at in range(80)]  # fmt: skip
    said = service.arrivals(View(firm([*rush, *calm]), since="2026-01", until="2026-01")).finding
    assert said.startswith("Most tickets come on Monday at 09:00")
    assert "more than chance explains" in said


def test_months_within_limits_are_those_of_the_kpi_and_the_limits_hold_its_level(year):
    table = service.trend(year, "First-contact resolution").chart.data["points"]
    months = year.kpi("fcr", period="month", since=None, until=None)
    assert [one["value"] for one in table] == pytest.approx(months["value"].tolist())
    level = months["numerator"].sum() / months["denominator"].sum()
    assert all(one["centre"] == pytest.approx(level) for one in table)
    # Laney's width is near the binomial one where months differ by chance alone.
    half = np.array([one["upper"] - one["centre"] for one in table])
    chance = 3 * np.sqrt(level * (1 - level) / months["denominator"].to_numpy(float))
    assert 0.75 < np.median(half / chance) < 1.3


def test_the_effort_of_a_product_is_its_hours_over_its_units_and_small_ones_are_drawn_in(year, tickets):
    table = service.effort(year).table.set_index("Product")
    units = year.panel("sales", when="ordered_on").groupby("product")["quantity"].sum()
    hours = tickets.groupby("product")["handling_hours"].sum()
    expected = (100 * hours / units).reindex(table.index)
    np.testing.assert_allclose(table["Hours for 100 units"], expected)
    whole = 100 * hours.sum() / units.sum()
    drawn_in = (table["Expected"] - whole).abs() < (table["Hours for 100 units"] - whole).abs()
    assert drawn_in.mean() > 0.9


# --- on fingers ---------------------------------------------------------------------------------------------------


def test_who_still_waits_is_counted_and_an_impossible_wait_is_not(view):
    drawn = service.spread(view, "Resolution")
    assert drawn.rows == 6  # t4 was solved before it was opened
    assert "Of 6 tickets 1 still wait" in drawn.finding
    # 3, 6 and 2, 24, 360 hours, and one of 35 days: half are through at the third.
    assert drawn.table.set_index("Part of all tickets").loc["50.0%", "Within"] == 6


def test_a_ticket_that_may_still_be_answered_in_time_is_left_out():
    rows = [("a", "c1", "p1", "2026-03-31 22:00", None, None, 1, None),
            ("b", "c1", "p1", "2026-03-31 08:00", None, None, 1, None),
            ("c", "c1", "p1", "2026-03-31 08:00", "2026-03-31 09:00", None, 1, None)]  # fmt: skip
    drawn = service.service_level(View(firm(rows), since="2026-03", until="2026-03"), "4 hours", "segment")
    assert drawn.table["Replied within the target"].tolist() == [0.5]
    low, high = wilson(1, 2)
    assert drawn.table["95% interval"].tolist() == [f"{100 * low:.1f}% to {100 * high:.1f}%"]
    assert "1 tickets still wait and have not passed the target" in drawn.note


def test_the_pile_is_told_with_what_came_in_and_went_out(view):
    drawn = service.backlog(view)
    table = drawn.table.set_index("Period")
    assert table["Open tickets"].tolist() == [0, 1, 1]
    assert table[["Opened", "Solved"]].to_numpy().tolist() == [[5, 5], [1, 0], [1, 1]]
    assert drawn.finding.startswith("At the end of 2026-03 1 tickets were open, 34.0 days old on average.")
    old = service.ages(view)
    assert old.finding == "1 of 1 open tickets have waited for more than a week; the oldest for 34 days."
    assert old.table["Ticket"].tolist() == ["t5"]


def test_days_of_the_week_keep_their_order_whatever_their_value(year):
    days = service.breakdown(year, "weekday").table["Day of the week"].tolist()
    assert days == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


# --- what it lacks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_without_tickets_each_figure_says_what_is_missing(name):
    bare = View(kpilib.open({"customers": CUSTOMERS, "products": PRODUCTS}, as_of="2026-03-31"))
    with pytest.raises(CannotAnswer, match=r"needs the table '(tickets|surveys|order_lines)'|needs the column"):
        FIGURES[name](bare)


@pytest.mark.parametrize("name", FIGURES)
def test_one_ticket_gives_a_sentence_and_no_traceback(name):
    one = View(firm([("a", "c1", "p1", "2026-03-01 10:00", None, None, 1, None)]), since="2026-03", until="2026-03")
    try:
        said = FIGURES[name](one).finding
    except (CannotAnswer, Nothing) as error:
        said = str(error)
    assert len(said) > 10


def test_tickets_without_a_time_of_day_have_no_hours():
    midnight = [(*row[:3], row[3][:10], None, None, 1, None) for row in TICKETS]
    with pytest.raises(CannotAnswer, match="the hour at which customers ask is not known"):
        service.arrivals(View(firm(midnight)))


@pytest.mark.parametrize(
    "draw",
    [partial(service.trend, measure="Fcr"), partial(service.lasts, measure="Reply"),
     partial(service.service_level, target="3 hours"), partial(service.breakdown, measure="NPS"),
     partial(service.satisfaction, measure="NPS")],
)  # fmt: skip
def test_a_list_value_that_does_not_exist_is_refused(view, draw):
    with pytest.raises(UnknownName, match="is called"):
        draw(view)


def test_all_that_is_said_is_a_message(year, monkeypatch):
    members = {
        str(m)
        for name in ("channel", "severity", "segment", "product", "region")
        for m in year.book.members(name)["member"]
    }
    members |= {str(m) for m in year.panel("ticket_months", columns=["customer", "ticket_id"]).to_numpy().ravel()}
    members |= {str(m) for name in ("channel", "severity") for m in year.book.members(name, "tickets")["member"]}
    members |= {"hours", "hour", "days", "day"}  # units, which the library of languages says
    events = year.book.panel("events")
    members |= {str(m) for name in ("event", "member") for m in events[name].dropna()}
    mask(monkeypatch)
    for name, draw in FIGURES.items():
        drawn = draw(year)
        cells = tables.cells(drawn.table, year.words)
        text = [drawn.finding, drawn.note, *cells.names, *(cell for row in cells.rows for cell in row)]
        # A p-value is called so in every language.
        plain = " ".join(text).replace("p = ", "").replace("p < ", "")
        assert unsaid(plain, members) == "", name


def test_the_columns_of_these_tests_are_the_models():
    assert set(COLUMNS) < set(kpilib.model.tables.TABLES["tickets"].names)
