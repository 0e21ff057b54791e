"""The page "Acquisition": planted truths found, second computations, what it says of few rows and of none."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.analysis import acquisition as leads_of
from kpilib.demo.company import make
from kpilib.demo.market import LONGEST
from kpilib.demo.truths import SCENARIOS, SOURCES
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import acquisition
from kpilib.show import View
from kpilib.show.live import guarded

FIGURES = {
    name: getattr(acquisition, name)
    for name in ("conversion_definitions", "trend", "breakdown", "cohorts", "curves", "days_to_convert", "prospecting",
                 "cost", "cost_definitions", "returns", "mails", "mail_rates")
}  # fmt: skip


@cache
def nothing_planted():
    """Leads of a company in which no source differs from another."""
    came = make(scale=0.5, scenario="null", seed=3)["leads"].drop(columns=["campaign_id", "customer_id"])
    return kpilib.open({"leads": came}, as_of="2026-06-30")


@pytest.fixture(scope="module")
def every(demo):
    return View(demo)


def planted(source):
    """The share that converts within 90 days: the rate, times the part of the cut exponential that is over by then."""
    truth = SCENARIOS["baseline"]
    at = SOURCES.index(source)
    days = stats.expon(scale=truth.lead_days[at])
    return truth.lead_rate[at] * days.cdf(91) / days.cdf(LONGEST), truth.lead_days[at]


# --- what was planted -------------------------------------------------------------------------------------------


def test_the_planted_conversion_of_each_source_lies_in_its_interval(demo):
    found = demo.kpi("conversion_rate", by="source").set_index("group")
    inside = {name: found["low"][name] <= planted(name)[0] <= found["high"][name] for name in SOURCES}
    assert sum(inside.values()) >= 5, inside  # one of six may lie outside a 95 % interval


def test_the_day_by_which_half_converted_is_the_median_that_was_planted(every):
    table = acquisition.curves(every).table.set_index("Source")
    for source in SOURCES:
        assert table["Half of them by day"][source] == pytest.approx(planted(source)[1] * np.log(2), rel=0.2, abs=2)


def test_corsica_whose_leads_nobody_serves_converts_least(every):
    drawn = acquisition.prospecting(every, by="region")
    last = drawn.table.iloc[-1]
    assert (last["Region"], last["Against the others"]) == ("Corse", "below")


def test_where_nothing_was_planted_no_source_and_no_curve_differs():
    view = View(nothing_planted())
    assert "none stands apart" in acquisition.prospecting(view).finding
    assert "Chance explains how the curves of the 6 groups differ" in acquisition.curves(view).finding
    assert acquisition.prospecting(view, by="region").table["Against the others"].eq("not told apart").all()


# --- a second way -----------------------------------------------------------------------------------------------


def test_the_curve_is_the_product_of_what_remains_day_by_day(demo):
    rows = leads_of.followed(demo.panel("leads", columns=["created_on", "days", "age"]))
    time, done = rows["time"].to_numpy(), rows["converted"].to_numpy() == 1
    left = 1.0
    for day in range(91):
        left *= 1 - (done & (time == day)).sum() / (time >= day).sum()
    assert leads_of.by_age(rows, 90)[0] == pytest.approx(1 - left)


def test_a_cell_of_the_triangle_counts_those_who_are_old_enough(demo):
    rows = demo.panel("leads", columns=["created_on", "days", "age"])
    own = rows[pd.PeriodIndex(pd.to_datetime(rows["created_on"]), freq="Q") == pd.Period("2026Q2")]
    old = own[own["age"] >= 30]
    cell = leads_of.cohorts(leads_of.followed(rows)).query("cohort == '2026Q2' and age == 30").iloc[0]
    assert (cell["known"], cell["converted"]) == (len(old), (old["days"] <= 30).sum())
    assert not cell["complete"]


def test_a_small_group_is_drawn_to_all_and_a_large_one_hardly():
    groups = pd.DataFrame({"group": ["few", "many", "more"], "numerator": [5, 30, 80], "denominator": [5, 100, 400]})
    found = leads_of.expected(groups.assign(value=groups["numerator"] / groups["denominator"])).set_index("group")
    assert found["expected"].round(2).to_dict() == {"few": 0.54, "many": 0.29, "more": 0.2}  # the published example
    assert found.index[-1] == "few"
    assert found["small"].to_dict() == {"few": True, "many": False, "more": False}
    assert (found["expected_low"] < found["expected"]).all()
    assert (found["expected"] < found["expected_high"]).all()


def test_the_funnel_is_the_sum_of_the_files_columns(every, top):
    runs = pd.read_csv(top / "data" / "demo" / "campaigns.csv").dropna(subset="sent")
    table = acquisition.mails(every).table.set_index("Step")["Messages"]
    names = {"Sent": "sent", "Delivered": "delivered", "Opened": "opened", "Clicked": "clicked"}
    assert {step: table[step] for step in names} == {step: runs[name].sum() for step, name in names.items()}
    assert table["Unsubscribed"] == runs["unsubscribed"].sum()


# --- what is said -----------------------------------------------------------------------------------------------


def test_young_leads_are_left_out_and_counted(demo):
    view = View(demo, {}, "2026-01", "2026-06")
    rows = view.panel("leads", when="created_on", columns=["age"])
    young = f"{int((rows['age'] < 90).sum()):,} leads of the slice are younger than 90 days and left out."
    assert young in acquisition.breakdown(view).note
    assert acquisition.trend(view).table["Period"].tolist() == ["2026-01", "2026-02", "2026-03"]


def test_sources_without_a_cost_are_named_and_not_shown_as_free(every):
    drawn = acquisition.cost(every)
    assert sorted(drawn.table["Source"]) == ["E-mail campaign", "Trade fair", "Website"]
    assert "No cost is recorded of Cold call, Partner and Referral" in drawn.note


def test_a_filter_that_costs_do_not_have_leaves_them_and_is_said(demo, every):
    narrowed = View(demo, {"segment": ["SMB"]})
    assert acquisition.cost(narrowed).finding == acquisition.cost(every).finding
    assert "Not narrowed by customer family" in acquisition.cost(narrowed).note
    assert acquisition.breakdown(narrowed).finding != acquisition.breakdown(every).finding


def test_a_measure_that_does_not_exist_is_told_with_a_guess(every):
    with pytest.raises(UnknownName, match="Did you mean 'Payback'"):
        acquisition.cost(every, measure="Paybak")


@pytest.mark.parametrize("rows", [0, 1, 10])
def test_few_leads_or_none_give_a_sentence_and_no_traceback(rows):
    came = pd.DataFrame({"lead_id": [f"l{i}" for i in range(rows)], "created_on": "2026-01-05", "source": "Web"})
    came["converted_on"] = ["2026-01-20"] * min(rows, 1) + [None] * max(rows - 1, 0)
    deals = pd.DataFrame({"opportunity_id": ["o"], "status": ["won"], "created_on": ["2026-01-01"],
                          "closed_on": ["2026-02-01"], "amount": [1.0], "currency": ["EUR"]})  # fmt: skip
    view = View(
        kpilib.open({"leads": came, "opportunities": deals} if rows else {"opportunities": deals}, as_of="2026-06-30")
    )
    for name, figure in FIGURES.items():
        said = guarded(name, view, lambda figure=figure: figure(view).finding)
        sentence = said if isinstance(said, str) else said[0]
        assert sentence.endswith(("?", ".")), name
        assert "Something went wrong" not in sentence, name


def test_without_leads_each_figure_names_the_table_that_is_missing():
    deals = pd.DataFrame({"opportunity_id": ["o"], "status": ["won"], "created_on": ["2026-01-01"],
                          "closed_on": ["2026-02-01"], "amount": [1.0], "currency": ["EUR"]})  # fmt: skip
    view = View(kpilib.open({"opportunities": deals}, as_of="2026-06-30"))
    for figure in FIGURES.values():
        with pytest.raises(CannotAnswer, match=r"needs the table '(leads|campaigns)'"):
            figure(view)
