"""What goes along with leaving, from a book: what was known before each month, edge cases, planted truths."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.analysis import before_month as past
from kpilib.analysis.before_month import Grid
from kpilib.analysis.churn import churn_drivers, churn_risk
from kpilib.analysis.churn_check import churn_check
from kpilib.analysis.churn_design import OTHER, Rows, independent, planned
from kpilib.analysis.churn_model import fitted, model_of, risk_of, table_now
from kpilib.analysis.customer_months import PROFILE, CustomerMonths, customer_months
from kpilib.analysis.kept import ESTIMATED
from kpilib.analysis.retention import cohorts, retention_curves
from kpilib.demo.company import make as company_of
from kpilib.demo.truths import SEGMENTS, truths
from kpilib.errors import CannotAnswer
from kpilib.model.dimensions import NOT_GIVEN

#: Four months from January 2026, two customers.
GRID = Grid((2026 - 1970) * 12, 4, 2)


def moments(*texts: str | None) -> np.ndarray:
    return np.array([np.datetime64(text or "NaT", "s") for text in texts])


def column(values: np.ndarray, customer: int = 0) -> list[float]:
    return values[:, customer].tolist()


# --- what was known before, by hand -------------------------------------------------------------------------------


def test_a_sum_over_the_months_before_leaves_the_month_itself_out():
    monthly = GRID.add(np.array([0, 0, 2]), np.array([0, 0, 0]))
    assert column(past.before(monthly, 2)) == [0, 2, 2, 1, 1]
    assert column(past.before(monthly, 9)) == [0, 2, 2, 3, 3]


def test_rows_outside_the_months_or_of_no_known_customer_are_left_out():
    monthly = GRID.add(np.array([-1, 4, 0, past.LONG_AGO]), np.array([0, 0, -1, 0]))
    assert monthly.sum() == 0


def test_a_reply_after_eight_hours_is_slow_and_so_is_none_yet():
    who = np.array([0, 0, 1])
    opened = moments("2026-01-10T09:00", "2026-02-10T09:00", "2026-03-31T20:00")
    replied = moments("2026-01-10T17:00", "2026-02-10T17:01", None)
    slow = past.slow_replies(GRID, who, opened, replied, 2)
    assert column(slow) == [0, 0, 1, 1, 0]  # eight hours sharp are not slow
    # Opened four hours before April began: that nobody answers in time is known from May on.
    assert column(slow, 1) == [0, 0, 0, 0, 1]


def test_a_delay_counts_as_far_as_it_was_known_and_no_further_than_sixty_days():
    who, due = np.array([0, 0, 1]), moments("2026-01-22", "2026-02-09", "2025-12-01").astype("datetime64[D]")
    paid = moments("2026-02-20", None, None).astype("datetime64[D]")
    late = past.delays(GRID, who, due, paid, 3)
    # At 1 February the first is 10 days late; at 1 March it was paid after 29, the other waits for 20; then 51.
    assert column(late) == pytest.approx([0, 10, (29 + 20) / 2, (29 + 51) / 2, 60])
    assert column(late, 1) == [0, 0, 0, 0, 0]  # due before the records begin


def test_an_invoice_paid_early_is_not_late():
    due, paid = (moments(day).astype("datetime64[D]") for day in ("2026-01-20", "2026-01-05"))
    assert past.delays(GRID, np.array([0]), due, paid, 3).sum() == 0


def test_the_last_answer_before_each_month_and_the_one_before_it():
    who = np.array([0, 0, 0, 1])
    day = moments("2026-02-03", "2026-01-20", "2026-02-20", "2025-06-01")
    last, previous = past.last_answers(GRID, who, day, np.array([9, 7, 4, 3]))
    assert column(last) == pytest.approx([np.nan, 7, 4, 4, 4], nan_ok=True)
    assert column(previous) == pytest.approx([np.nan, np.nan, 9, 9, 9], nan_ok=True)
    assert column(last, 1) == [3, 3, 3, 3, 3]  # answered before the records begin


def test_months_since_the_last_order_and_the_turn_of_the_revenue():
    monthly = GRID.add(np.array([0, 2]), np.array([0, 0]), np.array([30.0, 10.0]))
    assert column(past.since(monthly, 3)) == [3, 1, 2, 1, 2]
    assert column(past.since(monthly, 3), 1) == [3, 3, 3, 3, 3]
    assert column(past.turned(monthly, 1)) == pytest.approx([0, 1, -1, 1, -1])
    assert column(past.turned(monthly, 2)) == pytest.approx([0, 1, 1, (10 - 30) / 40, (10 - 30) / 40])


# --- a book that can be read with the eye -------------------------------------------------------------------------

LITERAL = {
    "customers": pd.DataFrame(
        [
            ("a", "SMB", "2025-10-15", None), ("b", "SMB", "2026-01-10", "2026-03-20"),
            ("c", "Key", "2026-02-01", None), ("d", "Key", "2025-11-01", "2026-02-01"),
            ("e", "Key", None, None),
        ],
        columns=["customer_id", "segment", "acquired_on", "churned_on"],
    ),
    "order_lines": pd.DataFrame(
        [("1", "a", "2026-01-05", 100.0), ("2", "b", "2026-02-05", 50.0), ("3", "a", "2026-04-30", 10.0)],
        columns=["line_id", "customer_id", "ordered_on", "revenue"],
    ).assign(quantity=1, currency="EUR"),
    "tickets": pd.DataFrame(
        [("t1", "a", "High", "2026-01-20T10:00:00", "2026-01-20T11:00:00"),
         ("t2", "a", "Low", "2026-02-20T10:00:00", "2026-02-21T11:00:00"),
         ("t3", "b", "Critical", "2026-03-02T10:00:00", None)],
        columns=["ticket_id", "customer_id", "severity", "opened_at", "first_reply_at"],
    ),
    "surveys": pd.DataFrame(
        [("s1", "a", "nps", "Relationship", "2026-01-02", "2026-01-04", 9.0),
         ("s2", "a", "nps", "Relationship", "2026-02-02", "2026-02-04", 3.0),
         ("s3", "a", "csat", "After delivery", "2026-02-08", "2026-02-09", 1.0),
         ("s4", "b", "nps", "After delivery", "2026-02-08", "2026-02-09", 1.0)],
        columns=["response_id", "customer_id", "metric", "touchpoint", "sent_on", "answered_on", "score"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def literal():
    return customer_months(kpilib.open(LITERAL, as_of="2026-04-30"))


def rows(data: CustomerMonths) -> dict[tuple[str, str], dict]:
    frame = data.frame()
    return {(one["customer_id"], str(one["month"])[:7]): one for one in frame.to_dict("records")}


def test_a_customer_has_a_row_for_each_month_at_whose_start_it_was_there(literal):
    months = {(who, month): one["event"] for (who, month), one in rows(literal).items() if month >= "2026-01"}
    # c came on 1 February: it was not there before that day began. d left on the first day of a month it began.
    expected = {("a", m): False for m in ("2026-03", "2026-04")}
    expected |= {("b", "2026-03"): True, ("c", "2026-03"): False, ("c", "2026-04"): False}
    assert months == expected
    assert literal.history == 2  # of four months, two only serve as the past


def test_what_a_row_knows_is_what_was_known_before_its_month(literal):
    seen = rows(literal)
    march, april, gone = seen["a", "2026-03"], seen["a", "2026-04"], seen["b", "2026-03"]
    assert (march["last_score"], march["below"], march["score_fall"], march["no_score"]) == (3, 1, 6, 0)
    assert (march["incidents"], march["slow"], april["incidents"]) == (1, 1, 1)
    assert (gone["no_score"], gone["incidents"]) == (
        1,
        0,
    )  # its answer was not about the relation; its incident is later
    assert march["tenure"] == pytest.approx(5 / 12)
    assert (march["recency"], april["recency"]) == (2, 3)


def test_the_customers_of_today_are_known_with_what_is_known_today(literal):
    assert literal.lives.loc[literal.active, "customer_id"].tolist() == ["a", "c"]
    assert literal.now["recency"].tolist() == [1, 6]
    assert literal.now["last_score"][0] == 3
    assert literal.missing == dict.fromkeys(("new_owner", "new_salesperson", "first_renewal"), "customer_changes") | {
        "late": "invoices"
    }


FIRST = pd.Timestamp("2024-11-01")
STARTS = [(FIRST + pd.DateOffset(months=month) - FIRST).days for month in range(21)]


def company(seed: int = 0, customers: int = 120, hazard: float = 0.04, **effects: float) -> dict[str, pd.DataFrame]:
    """A random company of twenty months whose customers leave with a planted hazard; incidents come before."""
    pick = np.random.default_rng(seed)
    tables: dict[str, list] = {"customers": [], "tickets": [], "order_lines": [], "invoices": [], "surveys": []}
    for number in range(customers):
        key, gone, hits = f"c{number:04}", None, []
        for month in range(20):
            recent = min(sum(month - 3 <= hit < month for hit in hits), 3)
            chance, day, gap, score = (
                pick.random(2),
                pick.integers(0, 28, 2),
                pick.integers(0, 60),
                pick.integers(0, 11),
            )
            if chance[0] < hazard * np.exp(effects.get("incidents", 0) * recent):
                gone = STARTS[month] + day[0]
                break
            if chance[1] < 0.12:
                hits.append(month)
                tables["tickets"].append((key, "High", STARTS[month] + day[1]))
            now = STARTS[month] + day[0]
            tables["order_lines"].append((key, now, 10.0 + day[1]))
            tables["invoices"].append((key, now, now + gap))
            tables["surveys"].append((key, now, float(score)))
        profile = key, ["SMB", "Key"][number % 2], ["North", "South"][number % 3 % 2]
        tables["customers"].append((*profile, -int(pick.integers(1, 900)), gone))
    return {name: _table(name, lines) for name, lines in tables.items()}


COLUMNS = {
    "customers": ["customer_id", "segment", "region", "acquired_on", "churned_on"],
    "tickets": ["customer_id", "severity", "opened_at"], "order_lines": ["customer_id", "ordered_on", "revenue"],
    "invoices": ["customer_id", "due_on", "paid_on"], "surveys": ["customer_id", "answered_on", "score"],
}  # fmt: skip


def _table(name: str, lines: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=COLUMNS[name])
    for day in [one for one in frame if one.endswith(("_on", "_at"))]:
        frame[day] = FIRST + pd.to_timedelta(frame[day].astype(float), unit="D")
    keys = {"tickets": "ticket_id", "order_lines": "line_id", "invoices": "invoice_id", "surveys": "response_id"}
    if name in keys:
        frame[keys[name]] = [f"{name}{place}" for place in range(len(frame))]
    more = {
        "tickets": lambda f: f.assign(first_reply_at=f["opened_at"] + pd.Timedelta(hours=2)),
        "invoices": lambda f: f.assign(issued_on=f["due_on"] - pd.Timedelta(days=30), amount=1.0, currency="EUR"),
        "surveys": lambda f: f.assign(metric="nps", sent_on=f["answered_on"]),
        "order_lines": lambda f: f.assign(quantity=1, currency="EUR"),
    }
    return more.get(name, lambda f: f)(frame)


BASES = {
    "answers": "surveys", "tickets": "tickets", "invoices": "invoices", "orders": "order_lines",
    "customer_lives": "customers", "customer_changes": "customer_changes",
}  # fmt: skip


class Shelf:
    """What the analysis asks of a book, straight from frames: a book itself takes a second to open."""

    def __init__(self, frames: dict[str, pd.DataFrame], as_of: str = "2026-06-30", first: str = "2024-11-01") -> None:
        self.frames, self.as_of, self.first_month = frames, date.fromisoformat(as_of), date.fromisoformat(first)
        self.tables = {name for name, frame in frames.items() if len(frame)}

    def panel(self, name: str, since=None, until=None, columns=()) -> pd.DataFrame:
        if BASES[name] not in self.tables:
            raise CannotAnswer(f"There is no {BASES[name]}.")
        frame = self.frames[BASES[name]]
        if since:
            frame = frame[(frame["ordered_on"] >= pd.Timestamp(since)) & (frame["ordered_on"] <= pd.Timestamp(until))]
        texts = {one: NOT_GIVEN for one in (*PROFILE, "touchpoint") if one in columns and one not in frame}
        return frame.assign(**texts).reindex(columns=list(columns)).reset_index(drop=True)


def opened(frames: dict[str, pd.DataFrame], as_of: str = "2026-06-30") -> Shelf:
    return Shelf(frames, as_of)


def test_the_shelf_of_these_tests_gives_what_a_book_gives():
    frames = company(1, customers=40)
    ours, books = customer_months(Shelf(frames)), customer_months(kpilib.open(frames, as_of="2026-06-30"))
    assert len(books.event) > 200
    pd.testing.assert_frame_equal(ours.frame(), books.frame(), check_dtype=False)


def test_nothing_that_happened_in_a_month_or_later_changes_what_its_rows_know():
    frames = company(1, customers=40)
    whole = customer_months(opened(frames))
    cut = pd.Timestamp("2025-11-01")
    dated = {"tickets": "opened_at", "order_lines": "ordered_on", "invoices": "issued_on", "surveys": "answered_on"}
    earlier = dict(frames)
    for name, day in dated.items():
        earlier[name] = frames[name][frames[name][day] < cut].reset_index(drop=True)
    invoices = earlier["invoices"]
    earlier["invoices"] = invoices.assign(paid_on=invoices["paid_on"].where(invoices["paid_on"] < cut))
    part = customer_months(opened(earlier))
    place = 12  # November 2025
    assert part.values.keys() == whole.values.keys()
    for term, values in whole.values.items():
        keep = (whole.month <= place) & (whole.month >= max(whole.history, part.history))
        other = (part.month <= place) & (part.month >= max(whole.history, part.history))
        assert np.array_equal(values[keep], part.values[term][other], equal_nan=True), term
    assert not np.array_equal(whole.values["recency"], part.values["recency"])  # the cut does cut something


def test_a_book_counts_its_customer_months_once():
    book = opened(company(2, customers=20))
    assert customer_months(book) is customer_months(book)


# --- edge cases: a reason, not a traceback ------------------------------------------------------------------------

FINDINGS = (churn_drivers, churn_check, churn_risk, retention_curves, cohorts)


def test_every_finding_is_registered_by_its_name():
    for finding in FINDINGS:
        assert ESTIMATED[finding.__name__] == f"{finding.__module__}:{finding.__name__}"


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f.__name__)
def test_nobody_lost_is_said_and_nothing_estimated(finding):
    frames = company(3)
    frames["customers"]["churned_on"] = pd.NaT
    found = finding(opened(frames))
    assert found["cannot"] == "no_churn"
    assert found["customers"] == 120


@pytest.mark.parametrize("finding", [churn_drivers, churn_check, churn_risk], ids=lambda f: f.__name__)
def test_everybody_lost_is_said(finding):
    frames = company(4)
    left = frames["customers"]["churned_on"]
    frames["customers"]["churned_on"] = left.fillna(pd.Timestamp("2026-06-15"))
    assert finding(opened(frames))["cannot"] == "all_churned"


def test_where_everybody_left_the_curve_ends_at_nothing():
    frames = company(4)
    frames["customers"]["churned_on"] = frames["customers"]["churned_on"].fillna(pd.Timestamp("2026-06-15"))
    curves = retention_curves(opened(frames))["curves"]
    assert curves[curves["dimension"] == ""]["retained"].iloc[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("finding", [churn_drivers, churn_check, churn_risk], ids=lambda f: f.__name__)
def test_ten_customers_are_too_few(finding):
    found = finding(opened(company(5, customers=10, hazard=0.08)))
    assert found["cannot"] == "too_few_customers"
    assert found["customers"] == 10


def test_a_handful_of_losses_is_too_few():
    frames = company(6, hazard=0.0)
    frames["customers"].loc[:3, "churned_on"] = pd.Timestamp("2026-03-05")
    # 120 customers in fourteen months, four of them without the last three.
    assert churn_drivers(opened(frames)) == {"cannot": "too_few_events", "customers": 120, "events": 4, "rows": 1668}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f.__name__)
def test_without_customers_there_is_nothing_to_say(finding):
    frames = company(7)
    assert finding(opened({"invoices": frames["invoices"]}))["cannot"] == "no_customers"


def test_two_months_are_too_short_for_risks_of_three_and_for_checking_them():
    frames = company(8, customers=200, hazard=0.2)
    short = {name: frames[name] for name in ("customers", "order_lines")}
    assert churn_risk(opened(short, as_of="2024-12-31"))["cannot"] == "too_short"
    assert churn_check(opened(short, as_of="2025-03-31"))["cannot"] == "too_short"
    assert churn_drivers(opened(short, as_of="2024-11-20"))["cannot"] == "too_short"  # not one whole month


def test_one_month_of_losses_compares_customers_but_shows_no_trend():
    frames = company(8, customers=400, hazard=0.2)
    found = churn_drivers(opened({"customers": frames["customers"]}, as_of="2024-11-30"))
    assert set(found["terms"]["term"]) == {"tenure", "segment", "region"}
    assert found["terms"]["ph_p"].isna().all()
    assert np.isfinite(found["terms"]["cox_hr"]).all()


def test_a_driver_with_one_level_is_left_out_and_said():
    frames = company(9)
    frames["customers"]["segment"] = "SMB"
    found = churn_drivers(opened(frames))
    dropped = found["dropped"].set_index("term")["reason"]
    assert dropped["segment"] == "one_level"
    assert dropped["slow"] == "one_level"  # every reply came after two hours
    assert dropped["new_owner"] == "no_table"
    assert "segment" not in set(found["terms"]["term"])


def test_a_driver_that_all_who_left_had_is_left_out_and_the_others_are_estimated():
    frames = company(10, incidents=0.8)
    left = frames["customers"].dropna(subset="churned_on")
    # Whoever leaves had answered 0 the month before; nobody else ever answers below 6.
    surveys = frames["surveys"]
    surveys["score"] = surveys["score"].clip(lower=6)
    last = pd.DataFrame(
        {"customer_id": left["customer_id"], "score": 0.0, "metric": "nps",
         "answered_on": left["churned_on"].dt.to_period("M").dt.start_time - pd.Timedelta(days=1)}
    )  # fmt: skip
    last = last.assign(sent_on=last["answered_on"], response_id=[f"last{i}" for i in range(len(last))])
    frames["surveys"] = pd.concat([surveys, last], ignore_index=True)
    found = churn_drivers(opened(frames))
    reasons = found["dropped"].set_index("term")["reason"]
    assert reasons["below"] == "separation"
    assert reasons["last_score"] == "separation"
    assert "incidents" in set(found["terms"]["term"])
    ratios = found["terms"][["cox_hr", "cox_high", "discrete_hr", "discrete_high"]]
    assert np.isfinite(ratios.to_numpy(float)).all()
    assert (ratios["cox_hr"] < 1e3).all()


def test_few_losses_leave_room_for_few_terms():
    found = churn_drivers(opened(company(11, hazard=0.01)))
    assert len(found["terms"]) * 5 <= found["events"]
    assert "few_events" in set(found["dropped"]["reason"])
    assert found["warnings"] == ["few_events"]


def few_levels() -> tuple[Rows, np.ndarray]:
    """Of four regions one has nobody who left and one has two; 40 left in each of the others."""
    region = np.repeat([0, 1, 2, 3], [400, 300, 50, 50])
    left = np.zeros(800, bool)
    left[:40] = left[400:440] = left[700:702] = True
    rng = np.random.default_rng(12)
    values = {"late": rng.random(800).astype(np.float32), "recency": rng.random(800).astype(np.float32)}
    return Rows(values, dict.fromkeys(("segment", "industry"), np.zeros(800, int)) | {"region": region}), left


def test_levels_with_few_losses_stand_together():
    data, left = few_levels()
    names = {"segment": ["x"], "industry": ["x"], "region": ["A", "B", "C", "D"]}
    design = planned(data, left, names)
    assert [level for term, level in design.columns if term == "region"] == ["B", OTHER]
    assert design.reference["region"] == "A"
    assert design.table(data)[:, design.places("region")].sum(0).tolist() == [300, 100]


def test_a_level_that_nobody_left_has_no_column_and_is_named():
    data, left = few_levels()
    left[700:] = False
    design = planned(data, left, {"segment": ["x"], "industry": ["x"], "region": ["A", "B", "C", "D"]})
    assert [level for term, level in design.columns if term == "region"] == ["B"]
    gone = [(one["level"], one["rows"]) for one in design.dropped if one["reason"] == "separation"]
    assert gone == [("C", 50), ("D", 50)]


def test_columns_that_follow_from_others_or_from_the_month_are_found():
    rng = np.random.default_rng(13)
    sets, x = np.repeat([0, 1, 2], 50), rng.normal(size=(150, 2))
    wide = np.column_stack([x, x[:, 0] - 2 * x[:, 1], sets, rng.normal(size=150)]).astype(np.float32)
    assert independent(sets, wide) == [0, 1, 4]


# --- what is found ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted():
    return kpilib.open(company(20, customers=1500, hazard=0.02, incidents=0.9), as_of="2026-06-30")


def test_a_planted_driver_is_found_within_its_interval_and_others_are_not(planted):
    terms = churn_drivers(planted)["terms"].set_index("term")
    incidents = terms.loc["incidents"]
    for model in ("cox", "discrete"):
        assert incidents[f"{model}_low"] < np.exp(0.9) < incidents[f"{model}_high"]
    assert incidents["found"]
    assert terms.index[terms["found"]].tolist() == ["incidents"]


def test_the_counts_beside_a_term_are_those_of_the_rows(planted):
    data, found = customer_months(planted), churn_drivers(planted)
    told = found["terms"].set_index("term").loc["incidents"]
    some = data.values["incidents"] > 0
    assert (told["rows"], told["events"]) == (some.sum(), data.event[some].sum())
    assert (found["rows"], found["events"]) == (len(data.event), data.event.sum())


def test_reasons_add_up_to_the_difference_from_the_mean_customer(planted):
    data, model = customer_months(planted), model_of(planted)
    told = risk_of(data, model)
    _, x = table_now(data, model)
    hazard = np.log(-np.log1p(-told.probability(x)[0]))
    assert told.pushes(x, x.mean(0)).sum(1) == pytest.approx(hazard - hazard.mean(), abs=1e-5)
    listed = churn_risk(planted)["list"].set_index("customer_id")
    who = listed.index[0]
    row = data.lives.loc[data.active, "customer_id"].tolist().index(who)
    place = model.design.places(listed.loc[who, "reason_1"])
    assert told.pushes(x, x.mean(0))[row, place].sum() == pytest.approx(listed.loc[who, "effect_1"], abs=1e-5)


def test_the_list_is_ordered_by_risk_and_its_sums_are_those_told(planted):
    found = churn_risk(planted)
    listed = found["list"]
    assert listed["probability"].is_monotonic_decreasing
    assert found["expected"] == pytest.approx(listed["probability"].sum())
    assert found["revenue_at_risk"] == pytest.approx(listed["loss"].sum())
    revenue = planted.kpi("revenue", since="2025-07", until="2026-06")["value"].iloc[0]
    gone = planted.panel("orders", since="2025-07", until="2026-06", columns=("customer_id", "revenue"))
    gone = gone[~gone["customer_id"].isin(listed["customer_id"])]["revenue"].sum()
    assert found["revenue"] == pytest.approx(revenue - gone)
    assert (listed["reason_1"] == "incidents").head(5).all()
    assert (listed[["low", "probability", "high"]].diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_the_check_learns_from_the_earlier_months_alone(planted):
    found = churn_check(planted)
    data = customer_months(planted)
    assert found["train_until"] < found["test_from"] <= found["test_until"] == "2026-06-01"
    cut = next(place for place in range(data.grid.months) if data.day(place) == found["test_from"])
    assert found["train_events"] == data.event[data.month < cut].sum()
    assert fitted(data, until=cut, both=False).month.max() < cut
    assert 0.6 * data.event.sum() < found["train_events"] < 0.8 * data.event.sum()


def test_a_model_that_tells_customers_apart_beats_the_base_rate_and_one_of_chance_does_not(planted):
    found = churn_check(planted)
    assert found["beats_base"]
    assert found["concordance_low"] > 0.5
    assert found["gain"] == pytest.approx(found["brier_base"] - found["brier"])
    assert len(found["reliability"]) > 3
    assert not churn_check(opened(company(21, customers=800, hazard=0.03)))["beats_base"]


def test_findings_come_back_from_what_was_kept_as_they_were(planted):
    found = planted.finding("churn_drivers")
    again = churn_drivers(planted)
    pd.testing.assert_frame_equal(found["terms"], again["terms"], check_dtype=False)
    assert {k: v for k, v in found.items() if not isinstance(v, pd.DataFrame)} == {
        k: v for k, v in again.items() if not isinstance(v, pd.DataFrame)
    }


# --- how long they stay -------------------------------------------------------------------------------------------


def lives(*lines: tuple[str, str, str | None]) -> Shelf:
    table = pd.DataFrame(
        [(f"c{i}", *line) for i, line in enumerate(lines)],
        columns=["customer_id", "segment", "acquired_on", "churned_on"],
    )
    return Shelf({"customers": table}, as_of="2025-12-31", first="2025-01-01")


@pytest.fixture(scope="module")
def dozen():
    """Twelve customers of 2025: of six small ones, acquired in January, three left in April; of six large ones none."""
    gone = ["2025-04-10"] * 3 + [None] * 3
    small = [("SMB", "2025-01-10", day) for day in gone]
    return lives(*small, *small, *[("Key", "2025-02-10", None)] * 12)


def test_a_retention_curve_counted_by_hand(dozen):
    found = retention_curves(dozen)
    curves = found["curves"].set_index(["dimension", "member", "month"])
    assert curves.loc[("segment", "SMB", 2), "retained"] == 1
    assert curves.loc[("segment", "SMB", 3), "retained"] == pytest.approx(0.5)
    assert curves.loc[("", "", 3), "retained"] == pytest.approx(18 / 24)
    assert curves.loc[("segment", "SMB", 3), "lost"] == 6
    assert curves.loc[("segment", "SMB", 4), "at_risk"] == 6
    assert (found["customers"], found["lost"], found["late_entries"]) == (24, 6, 0)
    assert found["tests"].set_index("dimension").loc["segment", "differ"]
    members = found["members"].set_index(["dimension", "member"])
    assert members.loc[("segment", "SMB"), "median"] == pytest.approx(90.5 / (365.25 / 12))
    assert np.isnan(members.loc[("segment", "Key"), "median"])


def test_cohorts_counted_by_hand(dozen):
    cells = cohorts(dozen)["cells"].set_index(["cohort", "months"])
    assert cells.loc[("2025Q1", 0), ["customers", "followed", "kept"]].tolist() == [24, 24, 24]
    # On 10 April, three months after they came, the six who leave that day are still there; then they are not.
    assert cells.loc[("2025Q1", 3), "kept"] == 24
    assert cells.loc[("2025Q1", 6), ["followed", "kept", "complete"]].tolist() == [24, 18, True]
    assert cells.loc[("2025Q1", 9), "share"] == pytest.approx(18 / 24)
    assert ("2025Q1", 12) not in cells.index
    assert cells.loc[("2025Q1", 6), "starts"] == "2025-01-01"


def test_a_cohort_that_not_all_have_lived_through_is_marked_and_counts_those_who_have():
    book = lives(
        *[("SMB", "2025-10-02", None)] * 5, *[("SMB", "2025-12-30", None)] * 5, ("SMB", "2025-01-10", "2025-02-01")
    )
    cells = cohorts(book)["cells"].set_index(["cohort", "months"])
    assert cells.loc[("2025Q4", 0), ["followed", "complete"]].tolist() == [10, True]
    assert ("2025Q4", 3) not in cells.index
    assert cells.loc[("2025Q1", 3), "kept"] == 0


def test_customers_older_than_the_records_enter_at_their_age():
    old = [("SMB", "2020-01-10", None)] * 12
    young = [("SMB", "2025-01-10", "2025-03-01"), ("SMB", "2025-01-10", None)]
    found = retention_curves(lives(*young, *old))
    assert found["late_entries"] == 12
    curves = found["curves"].set_index(["dimension", "month"])["retained"]
    assert curves.loc[("", 2)] == pytest.approx(0.5)  # of the two that were seen at that age


def test_no_customer_of_the_records_own_time_gives_no_cohort():
    old = [("SMB", "2020-01-10", day) for day in [None] * 9 + ["2025-05-05"]]
    assert cohorts(lives(*old))["cannot"] == "no_new_customers"


def test_records_of_a_month_make_no_curve_and_no_cohort():
    short = Shelf(company(25), as_of="2025-01-31")
    assert retention_curves(short)["cannot"] == "too_short"
    assert cohorts(short)["cannot"] == "too_short"


def test_a_dimension_whose_groups_are_all_small_is_not_compared(dozen):
    assert retention_curves(dozen)["tests"]["dimension"].tolist() == ["segment"]


# --- planted truths of the demo company ---------------------------------------------------------------------------


@pytest.mark.slow
def test_the_planted_hazard_ratios_of_the_demo_lie_within_their_intervals(demo):
    found = churn_drivers(demo)
    terms = found["terms"].set_index(["term", "level"])
    for name, planted in effects("baseline").items():
        for model in ("cox", "discrete"):
            low, high = terms.loc[name, f"{model}_low"], terms.loc[name, f"{model}_high"]
            assert low <= np.exp(planted) <= high, (name, model)
    nothing = ["tenure", "industry", "region", "recency", "trend", "no_score", "last_score", "score_fall"]
    assert not terms.loc[nothing, "found"].any()
    assert found["joint"].set_index("term")["found"].to_dict() == {"segment": True, "industry": False, "region": False}
    assert found["dropped"].empty


def effects(scenario: str) -> dict[tuple[str, str], float]:
    """The log hazard ratios that the generator of the demo used, by term and level."""
    truth = truths(scenario)
    planted = {
        "below": truth.leave_below, "incidents": truth.leave_incident, "slow": truth.leave_slow,
        "late": truth.leave_late, "new_owner": truth.leave_new_owner, "first_renewal": truth.leave_first_renewal,
        "new_salesperson": truth.leave_new_salesperson,
    }  # fmt: skip
    base = dict(zip(SEGMENTS, np.log(truth.leave_base), strict=True))
    levels = {("segment", one): base[one] - base["SMB"] for one in ("Mid-market", "Enterprise")}
    return {(term, ""): effect for term, effect in planted.items()} | levels


def demo_of(scenario: str) -> Shelf:
    """The demo company of a scenario on a shelf; who has no day of acquisition came with its first order."""
    frames = {name: frame.copy() for name, frame in company_of(scenario=scenario).items() if name in BASES.values()}
    for frame in frames.values():
        for day in [name for name in frame if name.endswith(("_on", "_at"))]:
            frame[day] = pd.to_datetime(frame[day])
    ordered = frames["order_lines"].groupby("customer_id")["ordered_on"].min()
    customers = frames["customers"]
    came = customers["acquired_on"].fillna(customers["customer_id"].map(ordered))
    frames["customers"] = customers.assign(acquired_on=came)[came.notna()].reset_index(drop=True)
    return Shelf(frames, first="2023-07-01")


@pytest.mark.slow
def test_the_demo_without_effects_has_no_driver_and_no_model_worth_having():
    book = demo_of("null")
    found = churn_drivers(book)
    assert not found["terms"]["found"].any()
    assert not found["joint"]["found"].any()
    assert not churn_check(book)["beats_base"]
    assert not retention_curves(book)["tests"]["differ"].any()


@pytest.mark.slow
def test_without_a_threshold_a_low_score_is_no_driver_and_the_others_are():
    book = demo_of("no-threshold")
    terms = churn_drivers(book)["terms"].set_index("term")
    assert not terms.loc["below", "found"]
    assert terms.loc[["incidents", "new_owner", "late"], "found"].all()


@pytest.mark.slow
def test_the_demo_has_a_model_that_beats_the_base_rate_and_honest_risks(demo):
    found = churn_check(demo)
    assert found["beats_base"]
    told = found["reliability"]
    honest = (told["low"] <= told["forecast"]) & (told["forecast"] <= told["high"])
    assert honest.mean() >= 0.7


def test_a_date_in_the_middle_of_a_month_leaves_that_month_out():
    data = customer_months(kpilib.open(LITERAL, as_of=date(2026, 4, 15)))
    assert data.grid.months == 3
    assert data.day(data.grid.months - 1) == "2026-03-01"
