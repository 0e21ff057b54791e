"""Deals counted on fingers: when and where they end, why, what goes with winning, whether forecasts were honest."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from kpilib.compute import actions, columns, endings, forecast, pipeline

TODAY = date(2026, 6, 30)
START = date(2026, 1, 1)


def timed(*ends):
    """Deals as `ends` gives them, from (days, cause, how many)."""
    rows = [(days, cause) for days, cause, many in ends for _ in range(many)]
    return pd.DataFrame(rows, columns=["time", "cause"])


# --- which groups stand out ---------------------------------------------------------------------------------------


def test_a_group_is_named_only_where_it_differs_from_all_others_by_more_than_chance():
    frame = pd.DataFrame({"numerator": [70, 30, 50, 4], "denominator": [100, 100, 100, 4]})
    assert pipeline.stand_out(frame)["differs"].tolist() == ["higher", "lower", "", "too few"]


def test_groups_that_are_alike_are_not_told_apart():
    frame = pd.DataFrame({"numerator": [11, 10, 9], "denominator": [20, 20, 20]})
    assert pipeline.stand_out(frame)["differs"].tolist() == ["", "", ""]


def test_a_small_group_is_no_test_and_makes_the_others_no_stricter():
    large = pd.DataFrame({"numerator": [70, 30], "denominator": [100, 100]})
    small = pd.DataFrame({"numerator": [1] * 50, "denominator": [2] * 50})
    among = pipeline.stand_out(pd.concat([large, small], ignore_index=True))
    assert among["p"].iloc[2:].isna().all()
    # Unadjusted 9.6e-7 each: of two tests both that far out, the adjustment changes nothing; of 52 it would.
    assert among["p"].iloc[:2].tolist() == pytest.approx([9.63e-7] * 2, rel=0.01)
    assert among["differs"].iloc[:2].tolist() == ["higher", "lower"]


# --- when deals end -----------------------------------------------------------------------------------------------


def test_an_open_deal_lasts_until_today_and_a_deal_that_cannot_be_timed_is_left_out():
    deals = pd.DataFrame(
        [
            ("a", date(2026, 6, 20), date(2026, 6, 25), "won"),
            ("b", date(2026, 6, 20), None, "open"),
            ("closed before it was created", date(2026, 6, 20), date(2026, 6, 1), "lost"),
            ("not dated", None, date(2026, 6, 1), "lost"),
            ("closed on no day", date(2026, 6, 20), None, "won"),
            ("c", date(2026, 6, 20), date(2026, 6, 20), "lost"),
        ],
        columns=["opportunity_id", "created_on", "closed_on", "status"],
    )
    made = endings.ends(deals, TODAY)
    assert made[["opportunity_id", "time", "cause"]].to_numpy().tolist() == [["a", 5, 1], ["b", 10, 0], ["c", 0, 2]]


def test_shares_won_and_lost_count_open_deals_as_long_as_they_were_open():
    # Ten deals twice; by hand, of ten: at day 4, six are open, two of them are won, and 0.7 had not ended before.
    days, causes = [1, 2, 2, 3, 4, 4, 5, 6, 6, 7] * 2, [1, 2, 1, 0, 1, 1, 0, 2, 1, 0] * 2
    curve = endings.incidence(pd.DataFrame({"time": days, "cause": causes}))
    won, lost = (curve[curve["outcome"] == name].set_index("day")["value"] for name in ("won", "lost"))
    assert won[4] == pytest.approx(0.2 + 0.7 * 2 / 6)
    assert lost[4] == pytest.approx(0.1)


def test_a_curve_stops_where_fewer_than_ten_deals_are_left():
    curve = endings.incidence(timed((5, 1, 3), (9, 2, 3), (20, 1, 6), (40, 2, 4)))
    assert set(curve["day"]) == {5, 9, 20}
    assert curve["at_risk"].min() == 10


def test_windows_say_what_share_of_the_deals_still_open_is_won_and_lost_in_them():
    made = endings.windows(timed((10, 2, 8), (40, 1, 6), (50, 2, 6)))
    assert made["since"].tolist() == [0, 30]
    assert made[["open", "won", "lost"]].to_numpy().tolist() == [[20, 0, 8], [12, 6, 6]]
    assert made["lost_share"].tolist() == pytest.approx([8 / 20, 6 / 12])
    assert made["won_share"].tolist() == pytest.approx([0, 6 / 12])
    assert made["open_share"].tolist() == pytest.approx([12 / 20, 0])


def test_windows_grow_with_the_cycle():
    made = endings.windows(timed(*[(days, 2, 5) for days in range(10, 700, 10)]), most=8)
    assert (made["until"] - made["since"]).unique().tolist() == [90]
    assert len(made) <= 8


def test_half_of_the_wins_and_half_of_the_losses_have_their_own_day():
    made = endings.halves(timed((10, 2, 8), (40, 1, 6), (50, 2, 6)))
    assert made["won"][0] == 40
    assert made["lost"][0] == 10
    assert made["lost"][1] <= 10 <= made["lost"][2]


def test_an_outcome_that_was_never_seen_has_no_half():
    assert set(endings.halves(timed((5, 1, 12)))) == {"won"}


@pytest.mark.parametrize(
    ("ends", "days"), [((), 30), (((0, 1, 5),), 30), (((61, 1, 10),), 90), (((30, 2, 9), (400, 1, 1)), 30)]
)
def test_the_horizon_holds_nine_of_ten_ends(ends, days):
    assert endings.horizon(timed(*ends)) == days


def test_nothing_gives_nothing():
    none = timed()
    assert endings.incidence(none).empty
    assert endings.windows(none).empty
    assert endings.halves(none) == {}


# --- where and why ------------------------------------------------------------------------------------------------

LOST = pd.DataFrame(
    [("a", 100.0, 5.0), ("b", 200.0, 7.0), ("c", np.nan, np.nan), ("d", 50.0, 90.0)],
    columns=["opportunity_id", "amount", "days"],
)
STEPS = pd.DataFrame(
    [
        ("a", "First", 1, "2026-01-01"), ("b", "First", 1, "2026-01-01"), ("b", "Second", 2, "2026-01-03"),
        ("d", "First", 1, "2026-01-01"), ("d", "Second", 2, "2026-01-01"), ("z", "Third", 3, "2026-01-01"),
    ],
    columns=["opportunity_id", "stage", "place", "entered_on"],
)  # fmt: skip


def test_a_lost_deal_counts_at_the_last_stage_it_came_to():
    made = pipeline.lost_at(LOST, STEPS)
    assert made["group"].tolist() == ["First", "Second", "(not given)"]
    assert made["rows"].tolist() == [1, 2, 1]
    assert made["value"].tolist() == [0.25, 0.5, 0.25]
    assert made["amount"].tolist()[:2] == [100, 250]
    assert np.isnan(made["amount"].iloc[2])
    assert made["days"].iloc[1] == 48.5


def test_reasons_are_shares_of_the_deals_that_have_one():
    deals = pd.DataFrame({"reason": ["Price"] * 3 + ["Timing"] + ["(not given)"] * 6, "amount": [1.0] * 10})
    made = pipeline.reasons(deals)
    assert made["group"].tolist() == ["Price", "Timing"]
    assert made["value"].tolist() == [0.75, 0.25]
    assert made["amount"].tolist() == [3, 1]


def test_reasons_of_deals_without_any_are_empty():
    assert pipeline.reasons(pd.DataFrame({"reason": ["(not given)", None], "amount": [1.0, 2.0]})).empty


@pytest.mark.parametrize(("counts", "chance"), [((30, 28), True), ((90, 10), False), ((60, 40, 0, 0, 0, 0), True)])
def test_the_first_reason_leads_only_where_an_even_split_is_unlikely(counts, chance):
    # 60 of 100 is beyond 95 % of even splits, yet not where the two were picked out of six.
    assert pipeline.leads_by_chance(pd.DataFrame({"rows": counts})) is chance


def test_the_open_deals_that_weigh_most_come_first():
    months = pd.DataFrame({"amount": [100.0, 900.0, np.nan], "probability": [0.9, 0.05, 0.5], "age": [1, 2, 3]})
    assert pipeline.main_deals(months)["weighted"].tolist()[:2] == [90, 45]
    assert len(pipeline.main_deals(months, first=1)) == 1


def test_deals_without_a_probability_weigh_their_amount_and_without_an_amount_their_age():
    months = pd.DataFrame({"amount": [1.0, 2.0], "probability": [np.nan, np.nan], "age": [9, 1]})
    assert pipeline.main_deals(months)["weighted"].tolist() == [2, 1]
    assert pipeline.main_deals(months.assign(amount=np.nan))["age"].tolist() == [9, 1]


def test_of_many_deals_the_same_stand_first_as_of_all_in_order():
    amounts = [float(at * 37 % 101) for at in range(200)]
    months = pd.DataFrame({"amount": amounts, "probability": [0.5] * 200, "age": range(200)})
    months.loc[::7, "amount"] = np.nan
    first = pipeline.main_deals(months, first=9)
    ranked = months.dropna().sort_values(["amount", "age"], ascending=False)
    assert first.index.tolist() == ranked.index[:9].tolist()


def test_a_deal_is_in_the_stage_of_the_latest_day_not_after_the_day_asked_for():
    deal, entered = np.array([0, 0, 0, 1, 1, -1]), np.array([1, 5, 5, 3, 9, 1])
    place = np.array([1.0, 3.0, 2.0, 2.0, 1.0, 1.0])
    assert pipeline.latest(deal, entered, place, np.array([5, 2])).tolist() == [1, -1]
    assert pipeline.latest(deal, entered, place, np.array([4, 9])).tolist() == [0, 4]


# --- columns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_a_column_of_text_is_read_alike_however_pandas_keeps_it(kind):
    given = pd.Series(["b", None, "a", "b"]).astype(kind)
    numbers, names = columns.codes(given)
    assert [None if at < 0 else names[at] for at in numbers] == ["b", None, "a", "b"]
    assert columns.places(given, pd.Series(["x", "b", "a"]).astype(kind)).tolist() == [1, -1, 2, 1]


def test_keys_of_two_categories_in_another_order_are_matched_by_what_they_stand_for():
    keys = pd.Series(pd.Categorical(["a", "b"], categories=["a", "b"]))
    among = pd.Series(pd.Categorical(["a", "b"], categories=["b", "a"]))
    assert columns.places(keys, among).tolist() == [0, 1]


def test_days_are_read_alike_from_dates_texts_and_times():
    dates = pd.Series([date(1970, 1, 2), None, date(2026, 6, 30)])
    for column in (dates, dates.astype("datetime64[s]"), pd.Series(["1970-01-02", None, "2026-06-30"])):
        assert columns.days(column).tolist() == [1, columns.NEVER, 20634]


# --- forecasts ----------------------------------------------------------------------------------------------------


def test_only_probabilities_strictly_between_0_and_1_are_held_against_the_outcome():
    closed = pd.DataFrame(
        {
            "status": ["lost", "won", "won", "lost", "won", "lost", "won"],
            "probability": [0.1, 0.9, 0.8, 0.3, 1.0, 0.0, np.nan],
        }
    )
    made = forecast.honesty(closed)
    assert (made.rows, made.certain, made.absent) == (4, 2, 1)
    assert made.brier == pytest.approx(0.0375)
    assert made.reference == pytest.approx(0.25)
    assert made.declared == pytest.approx(0.525)
    assert made.observed == 0.5
    assert made.bins["rows"].sum() == 4


def test_no_closed_deal_says_nothing_of_honesty():
    made = forecast.honesty(pd.DataFrame({"status": [], "probability": []}))
    assert made.rows == 0
    assert made.bins.empty
    assert np.isnan([made.declared, made.observed, made.brier]).all()


def test_the_expected_amount_has_a_spread():
    value, spread = forecast.expected([10000, 50000, 20000, 5000], [0.1, 0.5, 0.8, 0.9])
    assert value == 46500
    assert spread == pytest.approx(26462, abs=0.5)
    assert forecast.expected([], []) == (0, 0)


def test_a_declared_probability_is_corrected_along_the_curve():
    bins = pd.DataFrame({"declared": [0.2, 0.6], "observed": [0.1, 0.3]})
    assert forecast.corrected([0.05, 0.2, 0.4, 0.9], bins).tolist() == pytest.approx([0.1, 0.1, 0.2, 0.3])


# --- actions ------------------------------------------------------------------------------------------------------


def _day(after):
    return START + timedelta(days=after)


def visits():
    """Forty deals: twenty lost on day 5 in the first stage; of those that reached the second on day 10, ten had a visit
    on day 12 (8 won), ten had none (4 won); all of them ended on day 20."""
    fates = ["lost"] * 20 + ["won"] * 8 + ["lost"] * 2 + ["won"] * 4 + ["lost"] * 6
    keys = [f"o{at:02d}" for at in range(40)]
    ends = [_day(5)] * 20 + [_day(20)] * 20
    deals = pd.DataFrame({"opportunity_id": keys, "created_on": START, "closed_on": ends, "status": fates})
    first = pd.DataFrame({"opportunity_id": keys, "stage": "First", "place": 1.0, "entered_on": START})
    second = pd.DataFrame({"opportunity_id": keys[20:], "stage": "Second", "place": 2.0, "entered_on": _day(10)})
    done = pd.DataFrame({"opportunity_id": keys[20:30], "kind": "visit", "done_on": _day(12)})
    return deals, pd.concat([first, second], ignore_index=True), done


def test_deals_with_and_without_an_action_are_compared_among_those_that_reached_its_stage():
    made = actions.actions(*visits(), TODAY).set_index("outcome")
    assert made["stage"].tolist() == ["Second", "Second"]
    assert made["rows"].to_dict() == {"with": 10, "without": 10}
    assert made["value"].to_dict() == pytest.approx({"with": 0.8, "without": 0.4})


def test_without_stages_early_losses_count_as_without_and_the_gap_is_larger():
    deals, steps, done = visits()
    made = actions.actions(deals, steps.head(0), done, TODAY).set_index("outcome")
    assert made["rows"].to_dict() == {"with": 10, "without": 30}
    assert made.loc["without", "value"] == pytest.approx(4 / 30)


def test_the_difference_has_the_interval_of_two_shares_where_nothing_is_open():
    made = actions.actions(*visits(), TODAY).iloc[0]
    error = (0.8 * 0.2 / 10 + 0.4 * 0.6 / 10) ** 0.5
    assert made["difference"] == pytest.approx(0.4)
    assert made["below"] == pytest.approx(0.4 - 1.959964 * error)
    assert made["p"] == pytest.approx(0.0455, abs=1e-4)
    assert made["differs"] == "higher"


def test_an_action_after_the_end_or_of_another_deal_is_not_seen():
    deals, steps, done = visits()
    late = done.assign(kind="call", done_on=_day(21))
    other = done.assign(kind="call", opportunity_id="elsewhere")
    made = actions.actions(deals, steps, pd.concat([done, late, other]), TODAY)
    assert set(made["group"]) == {"visit"}


def test_an_open_deal_counts_for_as_long_as_it_was_followed_and_not_as_a_loss():
    deals, steps, done = visits()
    more = pd.DataFrame({"opportunity_id": ["new"], "created_on": _day(160), "closed_on": None, "status": "open"})
    begun = pd.DataFrame({"opportunity_id": ["new"], "stage": "Second", "place": 2.0, "entered_on": _day(175)})
    all_deals = pd.DataFrame([*deals.to_dict("records"), *more.to_dict("records")])
    made = actions.actions(all_deals, pd.concat([steps, begun]), done, TODAY).set_index("outcome")
    assert made.loc["without", "rows"] == 11
    assert made.loc["without", "value"] == pytest.approx(0.4)


def test_fewer_than_ten_deals_on_a_side_are_not_compared():
    deals, steps, done = visits()
    made = actions.actions(deals, steps, done.head(9), TODAY)
    assert made["differs"].unique().tolist() == ["too few"]
    assert made["p"].isna().all()


def test_paths_that_are_worked_out_once_give_each_slice_what_it_gives_alone():
    deals, steps, done = visits()
    paths = actions.Paths(deals, steps, done, TODAY)
    for slice_ in (deals, deals.iloc[::2], deals.iloc[20:35], deals.head(0)):
        alone = actions.actions(slice_, steps, done, TODAY)
        pd.testing.assert_frame_equal(actions.compared(paths, slice_["opportunity_id"]), alone)
        assert alone.attrs["horizon"] == 30


def test_no_action_gives_no_comparison():
    deals, steps, done = visits()
    assert actions.actions(deals, steps, done.head(0), TODAY).empty
    assert actions.actions(deals.head(0), steps, done, TODAY).empty
