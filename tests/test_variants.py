"""A KPI under all its definitions: which conclusions depend on the definition, and which do not."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib import CannotAnswer, UnknownName
from kpilib.compute.sensitivity import flips, judged

CHURN = ("main", "over_average", "of_all_seen", "all_lost_over_opening")


def told(*rows: tuple, better: str = "lower") -> pd.DataFrame:
    """(definition, group, period, value, before, rows)"""
    names = ["variant", "group", "period", "value", "before", "rows"]
    return pd.DataFrame(rows, columns=names).astype({"value": float, "before": float}).assign(better=better)


# --- conclusions, from values alone -----------------------------------------------------------------------------


def test_the_best_of_a_definition_is_the_lowest_where_lower_is_better():
    frame = told(("main", "A", "2025", 0.1, None, 50), ("main", "B", "2025", 0.2, None, 50))
    assert judged(frame)["best"].tolist() == [True, False]
    assert judged(frame.assign(better="higher"))["best"].tolist() == [False, True]


def test_a_group_of_few_rows_is_not_ranked_and_one_group_alone_is_not_best():
    few = told(("main", "A", "2025", 0.0, None, 9), ("main", "B", "2025", 0.2, None, 50))
    assert judged(few)["best"].tolist() == [False, False]
    assert judged(few, minimum=5)["best"].tolist() == [True, False]


def test_a_change_is_better_worse_or_the_same_and_nothing_where_nothing_is_known():
    frame = told(("main", "A", "x", 0.1, 0.2, 50), ("main", "B", "x", 0.3, 0.2, 50), ("main", "C", "x", 0.2, 0.2, 50),
                 ("main", "D", "x", 0.2, None, 50), ("main", "E", "x", None, 0.2, 0))  # fmt: skip
    assert judged(frame)["change"].tolist() == ["better", "worse", "same", "", ""]


def test_what_is_compared_may_be_another_value_than_the_one_shown():
    frame = told(("main", "A", "x", 0.1, 0.2, 50)).assign(now=[0.3])
    assert judged(frame)["change"].tolist() == ["worse"]
    assert "now" not in judged(frame)


def test_definitions_that_agree_flip_nothing():
    frame = told(("main", "A", "x", 0.1, 0.2, 50), ("main", "B", "x", 0.3, 0.4, 50),
                 ("other", "A", "x", 0.2, 0.3, 50), ("other", "B", "x", 0.5, 0.6, 50))  # fmt: skip
    assert flips(judged(frame)) == {"best": [], "change": []}


def test_two_that_tie_are_both_best_so_that_either_agrees_with_the_other_definition():
    frame = told(("main", "A", "x", 0.2, None, 50), ("main", "B", "x", 0.2, None, 50),
                 ("other", "A", "x", 0.3, None, 50), ("other", "B", "x", 0.2, None, 50))  # fmt: skip
    assert judged(frame)["best"].tolist() == [True, True, False, True]
    assert flips(judged(frame))["best"] == []


def test_the_same_is_no_contradiction_of_better():
    frame = told(("main", "A", "x", 0.1, 0.2, 50), ("other", "A", "x", 0.2, 0.2, 50))
    assert flips(judged(frame))["change"] == []


def test_each_period_has_its_own_best():
    frame = told(("main", "A", "x", 0.1, None, 50), ("main", "B", "x", 0.2, None, 50),
                 ("other", "A", "x", 0.2, None, 50), ("other", "B", "x", 0.1, None, 50),
                 ("main", "A", "y", 0.1, None, 50), ("main", "B", "y", 0.2, None, 50))  # fmt: skip
    assert flips(judged(frame))["best"] == [{"period": "x", "said": {"main": ["A"], "other": ["B"]}}]


def test_no_rows_have_no_conclusions():
    empty = judged(told())
    assert empty.empty
    assert {"best", "change"} <= set(empty)
    assert flips(empty) == {"best": [], "change": []}


# --- churn by its four definitions ------------------------------------------------------------------------------


def lives(*rows: tuple) -> pd.DataFrame:
    """(segment, how many, acquired on, churned on)"""
    made = [(f"{segment}{n}-{i}", segment, came, left) for n, (segment, many, came, left) in enumerate(rows)
            for i in range(many)]  # fmt: skip
    return pd.DataFrame(made, columns=["customer_id", "segment", "acquired_on", "churned_on"])


@pytest.fixture(scope="module")
def two():
    """Grows: 100 at the start of 2025, 12 of them lost, 100 come. Shrinks not: 100, of whom 10 are lost, none come."""
    started = {"ordered_on": "2023-12-31", "customer_id": "Calm1-0", "line_id": "1", "quantity": 1, "revenue": 1.0}
    customers = lives(
        ("Growing", 12, "2023-01-01", "2025-06-10"), ("Growing", 88, "2023-01-01", None),
        ("Growing", 100, "2025-01-15", None),
        ("Calm", 10, "2023-01-01", "2025-06-10"), ("Calm", 90, "2023-01-01", None),
        ("Calm", 11, "2023-01-01", "2024-06-10"), ("Growing", 6, "2023-01-01", "2024-06-10"),
    )  # fmt: skip
    order = pd.DataFrame([started]).assign(currency="EUR")
    return kpilib.open({"customers": customers, "order_lines": order}, as_of="2025-12-31")


def test_who_loses_fewer_depends_on_whether_new_customers_are_counted(two):
    frame = two.variants("churn_rate", by="segment", since="2025", until="2025")
    values = frame.pivot_table(index="variant", columns="group", values="value", sort=False)
    assert values.index.tolist() == list(CHURN)
    assert values["Growing"].tolist() == [12 / 100, 12 / ((100 + 188) / 2), 12 / 200, 12 / 100]
    assert values["Calm"].tolist() == [10 / 100, 10 / ((100 + 90) / 2), 10 / 100, 10 / 100]
    best = {v: frame.loc[(frame["variant"] == v) & frame["best"], "group"].tolist() for v in CHURN}
    assert best == {"main": ["Calm"], "over_average": ["Growing"], "of_all_seen": ["Growing"],
                    "all_lost_over_opening": ["Calm"]}  # fmt: skip
    assert frame.attrs["flips"]["best"] == [{"period": "2025-01 – 2025-12", "said": best}]


def test_whether_churn_got_worse_may_depend_on_the_definition(two):
    # Growing: 6 of 106 in 2024; in 2025 12 of 100 at the start, yet 12 of the 200 seen: 5.7 % before, 6.0 % after.
    frame = two.variants("churn_rate", by="segment", since="2025", until="2025").set_index(["variant", "group"])
    assert frame.loc[("main", "Growing"), "before"] == 6 / 106
    assert frame.loc[("main", "Growing"), "change"] == "worse"
    assert frame.loc[("main", "Calm"), ["before", "change"]].tolist() == [11 / 111, "worse"]
    assert frame.loc[("over_average", "Calm"), ["before", "change"]].tolist() == [11 / ((111 + 100) / 2), "worse"]


def test_cohort_and_average_churn_disagree_on_better_or_worse_where_many_come_in_between():
    # 2024: 100 there, 6 lost. 2025: 94 there, 7 lost, 94 come. From 6.0 to 7.4 %; over the average from 6.2 to 5.1 %.
    customers = lives(("A", 6, "2023-01-01", "2024-05-05"), ("A", 7, "2023-01-01", "2025-05-05"),
                      ("A", 87, "2023-01-01", None), ("A", 94, "2025-02-01", None))  # fmt: skip
    order = pd.DataFrame([{"ordered_on": "2023-12-31", "customer_id": "A0-0", "line_id": "1", "quantity": 1,
                           "revenue": 1.0}]).assign(currency="EUR")  # fmt: skip
    book = kpilib.open({"customers": customers, "order_lines": order}, as_of="2025-12-31")
    for how in ({"since": "2025", "until": "2025"}, {"period": "year", "since": "2024"}):
        frame = book.variants("churn_rate", **how)
        change = frame.set_index(["variant", "period"])["change"].to_dict()
        period = "2025" if "period" in how else "2025-01 – 2025-12"
        said = {v: change[v, period] for v in CHURN}
        assert said == {"main": "worse", "over_average": "better", "of_all_seen": "better",
                        "all_lost_over_opening": "worse"}  # fmt: skip
        assert frame.attrs["flips"]["change"] == [{"group": "all", "period": period, "said": said}]


def test_a_period_that_is_not_over_or_begins_before_the_data_is_not_held_against_another(two):
    frame = two.variants("churn_rate", period="year").query("variant == 'main'").set_index("period")["change"]
    assert frame.to_dict() == {"2023": "", "2024": "", "2025": "worse"}  # the data begin in December 2023
    cut = two.variants("churn_rate", period="year", until="2025-06").query("variant == 'main'")["change"]
    assert cut.tolist() == ["", "", ""]


def test_a_definition_is_told_with_its_name_unit_and_formula(two):
    frame = two.variants("churn_rate", since="2025", until="2025")
    assert frame["name"].iloc[0] == "Churn rate"
    assert frame[["key", "unit", "better", "missing"]].drop_duplicates().to_numpy().tolist() == [
        ["churn_rate", "share", "lower", ""]
    ]
    assert frame["formula"].tolist()[2] == "SUM(lost = 1) / SUM(seen = 1)"
    assert frame.attrs["kpi"] == "churn_rate"


def test_a_kpi_with_one_definition_has_one_line_and_flips_nothing(two):
    frame = two.variants("revenue", since="2025", until="2025")
    assert frame["variant"].tolist() == ["main"]
    assert frame.attrs["flips"] == {"best": [], "change": []}


def test_a_derived_kpi_and_one_without_time_have_their_lines_too(two):
    assert two.variants("active_customers")["value"].tolist() == [278]
    assert np.isnan(two.variants("refused_rate")["before"].iloc[0])


def test_a_definition_that_lacks_its_column_says_so_beside_those_that_can_be_answered():
    deals = [(f"d{i}", "2026-01-01", "2026-02-01", "won" if i < 30 else "lost") for i in range(50)]
    frame = pd.DataFrame(deals, columns=["opportunity_id", "created_on", "closed_on", "status"])
    told = kpilib.open({"opportunities": frame}).variants("win_rate").set_index("variant")
    assert told["value"].fillna(-1).to_dict() == {"main": 0.6, "by_value": -1, "cohort": 0.6}
    assert told.loc["by_value", "missing"].startswith("Win rate by value needs the column 'amount' of 'opportunities'")
    assert told["missing"].tolist().count("") == 2


def test_what_cannot_be_answered_is_refused_as_by_kpi(two):
    with pytest.raises(CannotAnswer, match="NPS needs the table 'surveys'"):
        two.variants("nps")
    with pytest.raises(UnknownName, match="Did you mean 'churn_rate'"):
        two.variants("churn_rat")
