"""The panels, row by row, on companies small enough to count on fingers."""

import pandas as pd
import pytest

import kpilib


def opened(*, deals, changes=(), actions=(), as_of="2026-04-30"):
    columns = ["opportunity_id", "created_on", "closed_on", "status", "stage"]
    frames = {"opportunities": pd.DataFrame(deals, columns=columns).assign(currency="EUR", amount=100.0)}
    if changes:
        frames["stage_changes"] = pd.DataFrame(changes, columns=["opportunity_id", "stage", "entered_on"])
    if actions:
        frames["activities"] = pd.DataFrame(
            actions, columns=["activity_id", "opportunity_id", "owner_id", "kind", "done_on"]
        )
    return kpilib.open(frames, as_of=as_of)


DEALS = [
    ("won", "2026-01-01", "2026-03-10", "won", "Closed won"),
    ("lost", "2026-01-05", "2026-02-20", "lost", "Closed lost"),
    ("open", "2026-02-01", None, "open", "Quote"),
    ("back", "2026-02-02", None, "open", "Talk"),
]
CHANGES = [
    ("won", "Talk", "2026-01-01"), ("won", "Quote", "2026-02-01"), ("won", "Closed won", "2026-03-10"),
    ("lost", "Talk", "2026-01-05"), ("lost", "Quote", "2026-01-25"), ("lost", "Closed lost", "2026-02-20"),
    ("open", "Talk", "2026-02-01"), ("open", "Quote", "2026-02-11"),
    ("back", "Talk", "2026-02-02"), ("back", "Quote", "2026-02-12"), ("back", "Talk", "2026-03-01"),
]  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return opened(deals=DEALS, changes=CHANGES, actions=[("a1", "open", "s1", "call", "2026-03-20")])


def test_a_deal_has_a_row_at_each_month_end_at_which_it_was_open(book):
    months = book.panel("opportunity_months")
    at = months.groupby("opportunity_id")["month_end"].apply(lambda days: [str(d)[:10] for d in days])
    assert at["won"] == ["2026-01-31", "2026-02-28"]
    assert at["lost"] == ["2026-01-31"]
    assert at["open"] == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_the_stage_of_a_month_is_the_one_it_had_then(book):
    months = book.panel("opportunity_months")
    months = months.assign(month=months["month"].astype(str).str[:7]).set_index(["opportunity_id", "month"])["stage"]
    assert months["won"].to_dict() == {"2026-01": "Talk", "2026-02": "Quote"}
    assert months["back"].to_dict() == {"2026-02": "Quote", "2026-03": "Talk", "2026-04": "Talk"}


def test_idle_days_run_from_the_last_action_or_stage_change_known_at_the_month_end(book):
    months = book.panel("opportunity_months")
    idle = months.assign(month=months["month"].astype(str).str[:7]).set_index(["opportunity_id", "month"])["idle"]
    assert idle["open"].to_dict() == {"2026-02": 17, "2026-03": 11, "2026-04": 41}
    assert book.kpi("stalled_share", period="month")["value"].tolist() == [0.5, 0, 0.5, 1]


def test_the_last_month_ends_at_as_of():
    months = opened(deals=DEALS, as_of="2026-03-15").panel("opportunity_months")
    assert str(months["month_end"].max())[:10] == "2026-03-15"
    assert months.loc[months["opportunity_id"] == "open", "age"].tolist() == [27, 42]


def test_a_closing_stage_is_an_end_and_not_a_step(book):
    assert set(book.panel("stage_steps")["stage"]) == {"Talk", "Quote"}


def test_stage_conversion_counts_first_entries_whose_fate_is_known(book):
    groups = book.kpi("stage_conversion", by="stage").set_index("group")
    # Talk: all four went on to Quote. Quote: won went on, lost did not; open and back are not known yet.
    assert groups.loc["Talk", ["numerator", "denominator"]].tolist() == [4, 4]
    assert groups.loc["Quote", ["numerator", "denominator"]].tolist() == [1, 2]


def test_stage_days_are_those_of_stays_that_ended(book):
    days = book.kpi("stage_days", by="stage").set_index("group")
    # Talk: 31, 20, 10, 10 (back's second stay goes on). Quote: won 37, lost 26, back 17.
    assert days.loc["Talk", ["numerator", "rows"]].tolist() == [71, 4]
    assert days.loc["Quote", ["numerator", "rows"]].tolist() == [80, 3]


def test_a_step_back_is_not_going_on():
    book = opened(
        deals=[("x", "2026-01-01", "2026-03-01", "lost", "Closed lost"), ("y", "2026-01-01", None, "open", "Quote")],
        changes=[("x", "Talk", "2026-01-01"), ("x", "Quote", "2026-01-10"), ("x", "Talk", "2026-02-01"),
                 ("y", "Talk", "2026-01-01"), ("y", "Quote", "2026-01-09")],
    )  # fmt: skip
    groups = book.kpi("stage_conversion", by="stage").set_index("group")
    assert groups.loc["Quote", ["numerator", "denominator"]].tolist() == [0, 1]
    assert groups.loc["Talk", ["numerator", "denominator"]].tolist() == [2, 2]  # the second visit is not counted again


def test_two_changes_at_the_same_moment_leave_one_row_a_month():
    book = opened(
        deals=[("x", "2026-03-01", None, "open", "Quote")],
        changes=[("x", "Talk", "2026-03-01"), ("x", "Quote", "2026-03-01")],
    )
    assert len(book.panel("opportunity_months")) == 2


def test_the_salesperson_of_a_sale_is_the_lines_own_else_the_customers():
    lines = pd.DataFrame(
        [("1", "c1", "s2"), ("2", "c1", None), ("3", "c2", None)], columns=["line_id", "customer_id", "owner_id"]
    ).assign(order_id=["1", "2", "3"], ordered_on="2026-01-01", quantity=1, revenue=10.0, currency="EUR")
    book = kpilib.open(
        {
            "order_lines": lines,
            "customers": pd.DataFrame({"customer_id": ["c1", "c2"], "name": ["A", "B"], "owner_id": ["s1", None]}),
            "salespeople": pd.DataFrame({"owner_id": ["s1", "s2"], "owner": ["Ann", "Bob"]}),
        }
    )
    assert book.kpi("units", by="owner").set_index("group")["value"].to_dict() == {"Ann": 1, "Bob": 1, "(not given)": 1}
    assert book.kpi("units", by="owner")["group"].tolist()[0] == "(not given)"


def test_a_key_that_points_nowhere_never_multiplies_or_loses_a_row():
    deals = pd.DataFrame([("o1", "ghost"), ("o2", None)], columns=["opportunity_id", "customer_id"])
    closed = deals.assign(created_on="2026-01-01", closed_on="2026-02-01", status="won", amount=5.0, currency="EUR")
    customers = pd.DataFrame({"customer_id": ["c1"], "name": ["A"]})
    book = kpilib.open({"opportunities": closed, "customers": customers})
    assert book.kpi("won_amount", by="customer").set_index("group")["value"].to_dict() == {"(not given)": 10}


# --- the voice of the customer, and its life --------------------------------------------------------------------

CUSTOMERS = pd.DataFrame(
    [("c1", "Alpha", "SMB", "s1", "2025-01-01", None), ("c2", "Beta", "Key", None, "2026-02-10", "2026-03-05")],
    columns=["customer_id", "name", "segment", "owner_id", "acquired_on", "churned_on"],
)
SELLERS = pd.DataFrame({"owner_id": ["s1"], "owner": ["Ann"], "team": ["East"]})


@pytest.fixture(scope="module")
def voices():
    asked = pd.DataFrame(
        [("q1", "c1", "nps", "Renewal", "Sales", "2026-01-05", "2026-01-09", 9), ("q2", "c2", "csat", None, None,
         "2026-03-01", None, None)],
        columns=["response_id", "customer_id", "metric", "touchpoint", "service", "sent_on", "answered_on", "score"],
    )  # fmt: skip
    changes = pd.DataFrame(
        [("c1", "new_owner", "2026-02-01"), ("c1", "First renewal", "2026-01-01"), ("c2", "new_owner", "2026-05-01")],
        columns=["customer_id", "kind", "changed_on"],
    )  # fmt: skip
    events = pd.DataFrame(
        [("Price rise", "2026-01-15", None, None), ("Merger", "2026-02-15", "region", "North"), ("Fair", "2026-09-01",
         None, None)],
        columns=["event", "happened_on", "dimension", "member"],
    )  # fmt: skip
    frames = {"customers": CUSTOMERS, "salespeople": SELLERS, "surveys": asked, "customer_changes": changes,
              "events": events}  # fmt: skip
    return kpilib.open(frames, as_of="2026-04-30")


def test_an_invitation_has_its_touchpoint_its_service_and_its_customers_salesperson(voices):
    rows = voices.panel("answers").set_index("response_id")[["metric", "touchpoint", "service", "segment", "owner"]]
    assert rows.loc["q1"].tolist() == ["nps", "Renewal", "Sales", "SMB", "Ann"]
    assert rows.loc["q2"].tolist() == ["csat", "(not given)", "(not given)", "Key", "(not given)"]


def test_changes_of_a_life_are_those_known_at_as_of_under_the_models_words(voices):
    rows = voices.panel("customer_changes")
    assert rows[["customer_id", "kind", "segment"]].to_numpy().tolist() == [
        ["c1", "first_renewal", "SMB"], ["c1", "new_owner", "SMB"],
    ]  # fmt: skip


def test_events_are_those_that_have_happened_with_the_member_that_they_concern(voices):
    rows = voices.panel("events")
    assert rows["event"].tolist() == ["Price rise", "Merger"]
    assert rows.loc[1, ["dimension", "member"]].tolist() == ["region", "North"]
    assert voices.panel("events", since="2026-02")["event"].tolist() == ["Merger"]


def test_a_customer_has_a_row_for_each_month_of_its_life_within_the_data(voices):
    rows = voices.panel("customer_months")
    months = rows.groupby("customer_id")["month"].apply(lambda days: [str(day)[:7] for day in days]).to_dict()
    assert months == {"c1": ["2026-01", "2026-02", "2026-03", "2026-04"], "c2": ["2026-02", "2026-03"]}
    last = rows[(rows["customer_id"] == "c2")].set_index(rows["month"].astype(str).str[:7][rows["customer_id"] == "c2"])
    assert last[["opening", "acquired", "lost"]].to_numpy().tolist() == [[0, 1, 0], [1, 0, 1]]


def test_a_customer_and_period_is_asked_of_every_month_unless_a_kpi_asks_of_others(voices):
    rows = voices.panel("customer_periods", since="2026-03", until="2026-04")
    assert rows[["customer_id", "opening", "closing", "seen"]].to_numpy().tolist() == [
        ["c1", 1, 1, 1], ["c2", 1, 0, 1], ["c1", 1, 1, 1], ["c2", 0, 0, 0],
    ]  # fmt: skip
