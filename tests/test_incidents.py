"""What an incident does: the study against statsmodels, planted effects, trends before, companies without an effect."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from satisfied import Panels, Planted, company

from kpilib.analysis import history
from kpilib.analysis.incidents import _around, incident_effect
from kpilib.analysis.kept import _plain
from kpilib.errors import BadInput
from kpilib.stats.event_study import event_study


def study(seed: int = 0, n: int = 900, trend: float = 0.0, effect: float = -2.0):
    """Answers of 300 customers in 6 cells, a third of them around an event, whose score moves as said."""
    draw = np.random.default_rng(seed)
    whose = draw.integers(0, 300, n)
    month = np.where(whose < 150, draw.integers(-6, 6, n).astype(float), np.nan)
    cell = draw.integers(0, 6, n)
    moved = np.where((month >= 0) & (month < 3), effect, 0.0) + trend * np.minimum(np.nan_to_num(month), 0)
    score = 7 + 0.3 * cell + draw.normal(size=300)[whose] * 0.5 + moved + draw.normal(size=n)
    return score, month, cell, whose


def test_the_months_are_coefficients_beside_a_column_for_each_cell():
    score, month, cell, whose = study()
    told = event_study(score, month, cell, whose)["months"]
    flags = (month[:, None] == np.arange(-6, 6)).astype(float)
    theirs = sm.OLS(score, np.column_stack([flags, cell[:, None] == np.arange(6)])).fit(
        cov_type="cluster", cov_kwds={"groups": whose}
    )
    assert told["month"].tolist() == list(range(-6, 6))
    assert told["effect"].tolist() == pytest.approx(theirs.params[:12].tolist())
    assert ((told["high"] - told["low"]) / 2).tolist() == pytest.approx((1.96 * theirs.bse[:12]).tolist(), rel=0.05)


def test_the_effect_is_the_months_after_less_the_months_before():
    told = event_study(*study())
    frame = told["months"].set_index("month")["effect"]
    assert told["before"]["value"] == pytest.approx(frame.loc[-6:-1].mean())
    assert told["after"]["value"] == pytest.approx(frame.loc[0:2].mean())
    assert told["effect"]["value"] == pytest.approx(frame.loc[0:2].mean() - frame.loc[-6:-1].mean())


def test_a_planted_effect_is_found_and_the_months_before_are_flat():
    told = event_study(*study(1))
    assert told["effect"]["low"] < -2 < told["effect"]["high"]
    assert told["pre_trend"]["flat"] is True
    assert told["pre_trend"]["low"] < 0 < told["pre_trend"]["high"]


def test_a_decline_before_the_event_is_seen():
    told = event_study(*study(trend=-0.4))["pre_trend"]
    assert told["flat"] is False
    assert told["low"] < -0.4 < told["high"]


def test_two_answers_before_and_after_by_hand():
    # Others of the cell: 8. Before: 8 (difference 0); after: 5 (−3).
    score = [8.0] * 30 + [8.0] * 5 + [5.0] * 5
    month = [np.nan] * 30 + [-1.0] * 5 + [0.0] * 5
    told = event_study(score, month, [0] * 40, range(40))
    assert told["effect"]["value"] == pytest.approx(-3)
    assert told["months"]["mean"].tolist() == [8, 5]
    assert told["months"]["control_mean"].tolist() == pytest.approx([8, 8])
    assert told["pre_trend"]["flat"] is None  # one month has no trend
    assert (told["treated"], told["controls"], told["rows"], told["control_rows"]) == (10, 30, 10, 30)


def test_answers_of_a_cell_without_others_are_left_out():
    score = [8.0] * 30 + [8.0] * 5 + [5.0] * 5 + [0.0] * 9
    month = [np.nan] * 30 + [-1.0] * 5 + [0.0] * 14
    told = event_study(score, month, [0] * 40 + [1] * 9, range(49))
    assert told["effect"]["value"] == pytest.approx(-3)
    assert told["rows"] == 10


@pytest.mark.parametrize(
    ("month", "said"),
    [([np.nan] * 20 + [0.0] * 20, "in a month before"), ([np.nan] * 20 + [-9.0] * 20, "run from -6 to 5")],
)
def test_a_study_without_both_sides_is_refused(month, said):
    with pytest.raises(BadInput, match=said):
        event_study(range(40), month, [0] * 40, range(40))


def test_the_interval_of_the_effect_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(200):
        one = event_study(*study(seed, 500))["effect"]
        held += one["low"] <= -2 <= one["high"]
    assert 0.90 <= held / 200 <= 0.99  # .95 ± three standard errors


# What was known on a day


def test_requests_are_counted_in_the_days_before_and_not_on_the_day():
    names, day = ["a", "a", "b", "a", None], np.array([10, 20, 20, 110, 5])
    made, order = history.events(names, day)
    assert order.tolist() == [0, 1, 3, 2]
    whose = made.whose(["a", "b", "nobody"])
    until = np.array([110, 110, 110])
    assert made.counted(whose, until - 90, until - 1).tolist() == [1, 1, 0]  # day 20 to day 109
    assert made.counted(whose, until - 100, until).tolist() == [3, 1, 0]
    assert made.latest(whose, until - 90, until - 1).tolist() == [1, 3, -1]


def test_days_and_months_count_from_1970_and_know_what_is_missing():
    assert history.days(["1970-01-02", None]).tolist() == [1, history.NEVER]
    assert history.months(np.array([0, 31])).tolist() == [0, 1]


def tickets(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "severity", "opened_at", "first_reply_at", "resolved_at"])
    for name in ("opened_at", "first_reply_at", "resolved_at"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.assign(channel="Phone", contacts=1)


def test_a_request_is_slow_after_eight_hours_answered_or_not():
    asked = history.requests(
        Panels(
            {
                "tickets": tickets(
                    ("a", "High", "2026-01-01 08:00", "2026-01-01 16:00", None),
                    ("a", "Low", "2026-01-02 08:00", "2026-01-02 16:01", None),
                    ("a", "Low", "2026-01-03 08:00", None, None),
                )
            }
        )
    )
    assert asked.slow.tolist() == [False, True, True]
    assert asked.serious.tolist() == [True, False, False]
    assert asked.graded


def test_without_severities_every_request_is_an_incident_and_it_is_said():
    asked = history.requests(Panels({"tickets": tickets(("a", None, "2026-01-01", None, None))}))
    assert asked.serious.tolist() == [True]
    assert not asked.graded


def test_the_request_an_answer_follows_is_the_one_resolved_last():
    asked = history.requests(
        Panels(
            {
                "tickets": tickets(
                    ("a", "Low", "2026-01-01", "2026-01-02", "2026-01-20"),
                    ("a", "Low", "2026-01-05", "2026-01-06", "2026-01-07"),
                    ("b", "Low", "2026-01-05", "2026-01-06", None),
                )
            }
        )
    )
    day = history.days(["2026-01-08", "2026-01-21", "2026-03-01", "2026-01-08"])
    whose = asked.events.whose(["a", "a", "a", "b"])
    assert asked.resolved_last(whose, day).tolist() == [1, 0, -1, -1]


# The finding


@pytest.fixture(scope="module")
def planted():
    return incident_effect(Panels(company(1)))


def test_each_month_after_an_incident_has_the_planted_effect(planted):
    months = planted["metrics"]["nps"]["months"].set_index("month")
    for month, true in ((0, -1.5), (1, -1.0), (2, -0.5), (3, 0.0), (4, 0.0), (5, 0.0)):
        assert months.loc[month, "low"] < true < months.loc[month, "high"]


def test_the_planted_effect_on_the_relationship_is_found_whole(planted):
    told = planted["metrics"]["nps"]
    assert told["effect"]["low"] < -1.0 < told["effect"]["high"] < 0
    assert told["pre_trend"]["flat"]
    assert told["scale"] == [0, 10]


def test_an_incident_does_nothing_to_csat_where_nothing_was_planted(planted):
    told = planted["metrics"]["csat"]["effect"]
    assert told["low"] < 0 < told["high"]


def test_csat_after_a_ticket_is_lower_by_what_was_planted(planted):
    told = planted["after_a_ticket"]
    for one in (told["difference"], told["adjusted"]):
        assert one["low"] < -0.5 < one["high"] < 0
    assert told["difference"]["value"] == pytest.approx(told["ticket"]["value"] - told["delivery"]["value"])
    assert _plain(told)["unit"] == "points"


def test_answers_fall_into_months_of_thirty_days_until_the_second_incident():
    asked = history.requests(
        Panels(
            {
                "tickets": tickets(
                    ("a", "High", "2025-01-01", None, None),
                    ("a", "Critical", "2025-03-01", None, None),
                    ("b", "Low", "2024-06-01", None, None),  # the data begin: what was before is not known
                )
            }
        )
    )
    day = [
        "2024-06-30",
        "2024-09-05",
        "2024-12-20",
        "2025-01-01",
        "2025-01-02",
        "2025-01-31",
        "2025-02-01",
        "2025-03-02",
    ]
    rows = pd.DataFrame({"customer_id": ["a"] * 8 + ["b"], "day": history.days([*day, "2025-02-01"])})
    told = _around(rows.assign(segment="SMB", touchpoint="Web"), asked)
    assert told.index.tolist() == [1, 2, 3, 4, 5, 6, 8]
    assert told["around"].tolist()[:6] == [-4, -1, -1, 0, 0, 1]
    assert np.isnan(told["around"].iloc[6])


def test_nobody_is_compared_with_a_customer_after_its_own_incident():
    # Everybody has an incident on one day, and answers before and after it: no others are left after.
    tables = company(2)
    whose = tables["customers"]["customer_id"]
    tables["tickets"] = tickets(*[(name, "High", "2025-06-01", None, None) for name in whose])
    assert incident_effect(Panels(tables))["metrics"]["nps"]["cannot"] in {"no_controls", "too_few_answers"}


@pytest.mark.slow
def test_in_companies_without_any_effect_an_incident_is_blamed_no_oftener_than_said():
    told = [incident_effect(Panels(company(seed, Planted.nothing(), 400))) for seed in range(100)]
    for metric in ("nps", "csat"):
        p = [one["metrics"][metric]["effect"]["p"] for one in told]
        assert sum(value < 0.05 for value in p) <= 12  # binomial: thirteen of a hundred at 5 % is one in a thousand
        assert sum(one["metrics"][metric]["pre_trend"]["flat"] for one in told) >= 80  # two tests at 5 %
    assert sum(one["after_a_ticket"]["difference"]["p"] < 0.05 for one in told) <= 12


def test_data_that_cannot_tell_say_why():
    tables = company(3, customers=200)
    assert incident_effect(Panels({})) == {"cannot": "no_surveys"}
    assert incident_effect(Panels({"surveys": tables["surveys"]})) == {"cannot": "no_tickets"}
    calm = tables["tickets"].assign(severity=["High"] * 3 + ["Low"] * (len(tables["tickets"]) - 3))
    told = incident_effect(Panels({**tables, "tickets": calm}))["metrics"]["nps"]
    assert (told["cannot"], told["need"]) == ("too_few_customers", 20)
    decided = tables["surveys"].assign(score=(tables["surveys"]["touchpoint"] == "After a ticket") * 2.0 + 1.0)
    decided["score"] = decided["score"].where(tables["surveys"]["score"].notna())
    assert incident_effect(Panels({**tables, "surveys": decided}))["after_a_ticket"]["cannot"] == "separation"
    few = {**tables, "surveys": tables["surveys"][:50]}
    assert incident_effect(Panels(few))["metrics"]["nps"]["cannot"] == "too_few_answers"
    assert incident_effect(Panels(few))["after_a_ticket"]["cannot"] == "too_few_answers"
