"""The pipeline between two days: steps that close exactly, from a history small enough to count on fingers."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from companies import company
from hypothesis import given, settings
from hypothesis import strategies as st

import kpilib
from kpilib.change.pipeline import STEPS, pipeline_change
from kpilib.change.steps import STEP_NAMES
from kpilib.errors import BadInput, CannotAnswer, UnknownName

DEAL = ["opportunity_id", "created_on", "closed_on", "status", "amount", "expected_close_on"]
CHANGE = ["opportunity_id", "changed_on", "amount", "expected_close_on"]
STAGE = ["opportunity_id", "stage", "entered_on"]

DEALS = [
    ("grew", "2026-01-05", None, "open", 150.0, "2026-08-01"),
    ("shrank", "2026-01-06", None, "open", 80.0, "2026-06-15"),
    ("won", "2026-02-01", "2026-05-10", "won", 70.0, "2026-05-01"),
    ("lost", "2026-04-10", "2026-05-20", "lost", 40.0, "2026-09-01"),
    ("new", "2026-05-05", None, "open", 30.0, "2026-07-15"),
    ("before", "2026-01-01", "2026-03-01", "won", 999.0, "2026-03-01"),
    ("after", "2026-07-01", None, "open", 999.0, "2026-12-01"),
]
CHANGES = [
    ("grew", "2026-01-05T09:00:00", 100.0, "2026-06-01"), ("grew", "2026-04-20T10:00:00", 150.0, None),
    ("grew", "2026-05-02T10:00:00", None, "2026-08-01"),
    ("shrank", "2026-01-06T09:00:00", 100.0, "2026-06-15"), ("shrank", "2026-04-30T09:00:00", 80.0, None),
    ("won", "2026-02-01T09:00:00", 50.0, "2026-05-01"), ("won", "2026-05-09T09:00:00", 70.0, None),
]  # fmt: skip


def opened(deals=DEALS, changes=CHANGES, stages=(), as_of="2026-07-31", **more):
    frames = {"opportunities": pd.DataFrame(deals, columns=DEAL).assign(currency="EUR", **more)}
    if changes:
        frames["opportunity_changes"] = pd.DataFrame(changes, columns=CHANGE)
    if stages:
        frames["stage_changes"] = pd.DataFrame(stages, columns=STAGE)
    return kpilib.open(frames, as_of=as_of)


@pytest.fixture(scope="module")
def book():
    return opened()


def told(change):
    return {step.name: (step.amount, step.deals) for step in change.steps}


def test_the_steps_of_a_quarter_are_those_counted_by_hand(book):
    """On 31 March open: grew 100, shrank 100, won 50. On 30 June: grew 150, shrank 80, new 30."""
    assert told(pipeline_change(book, "2026Q2", "2026Q2")) == {
        "start": (250, 3), "opened": (70, 2), "grown": (70, 2), "shrunk": (-20, 1), "won": (-70, 1),
        "lost": (-40, 1), "end": (260, 3),
    }  # fmt: skip


def test_a_deal_won_leaves_with_its_last_amount_and_its_growth_is_told_apart(book):
    step = told(pipeline_change(book, "2026-03-31", "2026-05-31"))
    assert step["won"] == (-70, 1)
    assert step["grown"] == (70, 2)  # 50 of "grew", 20 of "won"


def test_days_and_the_periods_that_end_on_them_say_the_same(book):
    by_day = pipeline_change(book, date(2026, 3, 31), pd.Timestamp("2026-06-30"))
    assert by_day == pipeline_change(book, "2026-04", "2026Q2")
    assert (by_day.since, by_day.until) == (date(2026, 3, 31), date(2026, 6, 30))


def test_a_deal_that_grows_and_shrinks_back_has_not_changed():
    changes = [("a", "2026-01-01", 10.0, None), ("a", "2026-02-01", 50.0, None), ("a", "2026-03-01", 10.0, None)]
    book = opened([("a", "2026-01-01", None, "open", 10.0, None)], changes)
    assert told(pipeline_change(book, "2026-01-31", "2026-04-30"))["grown"] == (0, 0)
    assert told(pipeline_change(book, "2026-02-15", "2026-04-30"))["shrunk"] == (-40, 1)


def test_the_pipeline_due_in_a_quarter_tells_what_moved_into_it_and_out_of_it(book):
    """Due in the third quarter: on 31 March none; grew moves in on 2 May with 150; lost is due in September."""
    steps = told(pipeline_change(book, "2026-03-31", "2026-06-30", due="2026Q3"))
    assert steps == {
        "start": (0, 0), "opened": (70, 2), "moved_in": (150, 1), "grown": (0, 0), "shrunk": (0, 0),
        "moved_out": (0, 0), "won": (0, 0), "lost": (-40, 1), "end": (180, 2),
    }  # fmt: skip
    steps = told(pipeline_change(book, "2026-03-31", "2026-06-30", due="2026Q2"))
    # What leaves has what it had at the start; the 50 by which "grew" grew on the way leave with it.
    assert steps["start"] == (250, 3)
    assert steps["moved_out"] == (-100, 1)
    assert steps["end"] == (80, 1)


def test_a_day_set_when_the_deal_closed_is_no_forecast():
    changes = [("a", "2026-01-02", 10.0, "2026-09-01"), ("a", "2026-03-05", None, "2026-03-05")]
    book = opened([("a", "2026-01-02", "2026-03-05", "lost", 10.0, None)], changes)
    third = told(pipeline_change(book, "2026-02-28", "2026-03-31", due="2026Q3"))
    assert (third["lost"], third["moved_out"]) == ((-10, 1), (0, 0))


def test_without_a_history_what_grew_or_moved_is_absent_and_said_to_be_unknown():
    change = pipeline_change(opened(changes=()), "2026Q2", "2026Q2")
    assert told(change) == {"start": (300, 3), "opened": (70, 2), "won": (-70, 1), "lost": (-40, 1), "end": (260, 3)}
    assert change.unknown == ("grown", "shrunk")
    assert change.step("grown") is None
    assert "What grew or shrank is not known" in change.said()
    due = pipeline_change(opened(changes=()), "2026Q2", "2026Q2", due="2026Q3")
    assert due.unknown == ("grown", "shrunk", "moved_in", "moved_out")
    assert "What moved in or out is not known" in due.said()


def test_a_history_of_days_without_amounts_tells_what_moved_and_not_what_grew():
    changes = [("grew", "2026-01-05", None, "2026-06-01"), ("grew", "2026-05-02", None, "2026-08-01")]
    change = pipeline_change(opened(changes=changes), "2026Q2", "2026Q2", due="2026Q3")
    assert change.unknown == ("grown", "shrunk")
    assert told(change)["moved_in"] == (150, 1)


def test_the_history_of_a_salesforce_export_is_read_for_amounts_and_for_stages(tmp_path):
    (tmp_path / "Opportunity.csv").write_text(
        "Id,AccountId,StageName,IsClosed,IsWon,Amount,CloseDate,CreatedDate\n"
        "006A,,Negotiation,0,0,120,2026-08-01,2026-01-05T09:00:00Z\n"
        "006B,,Closed Won,1,1,80,2026-05-20,2026-02-01T09:00:00Z\n"
    )
    (tmp_path / "OpportunityHistory.csv").write_text(
        "Id,OpportunityId,StageName,Amount,Probability,CloseDate,CreatedDate\n"
        "1,006A,Prospecting,100,10,2026-06-01,2026-01-05T09:00:00Z\n"
        "2,006A,Negotiation,120,60,2026-08-01,2026-04-20T09:00:00Z\n"
        "3,006B,Prospecting,90,10,2026-05-01,2026-02-01T09:00:00Z\n"
        "4,006B,Closed Won,80,100,2026-05-20,2026-05-20T09:00:00Z\n"
    )
    book = kpilib.open(tmp_path, as_of="2026-06-30")
    assert told(pipeline_change(book, "2026Q2", "2026Q2", due="2026Q2")) == {
        "start": (190, 2), "opened": (0, 0), "moved_in": (0, 0), "grown": (0, 0), "shrunk": (-10, 1),
        "moved_out": (-100, 1), "won": (-80, 1), "lost": (0, 0), "end": (0, 0),
    }  # fmt: skip
    assert len(book.panel("stage_steps")) == 3


def test_a_deal_closed_and_opened_again_leaves_and_comes_back():
    stages = [
        ("a", "Talk", "2026-01-01"), ("a", "Closed lost", "2026-02-10"), ("a", "Talk", "2026-03-10"),
        ("b", "Talk", "2026-01-01"), ("b", "Closed lost", "2026-02-01"),
    ]  # fmt: skip
    deals = [("a", "2026-01-01", None, "open", 60.0, None), ("b", "2026-01-01", "2026-02-01", "lost", 5.0, None)]
    book = opened(deals, (), stages, stage=["Talk", "Closed lost"])
    assert told(pipeline_change(book, "2026-01-31", "2026-02-28")) == {
        "start": (65, 2), "opened": (0, 0), "won": (0, 0), "lost": (-65, 2), "end": (0, 0),
    }  # fmt: skip
    again = told(pipeline_change(book, "2026-02-28", "2026-03-31"))
    assert (again["start"], again["reopened"], again["end"]) == ((0, 0), (60, 1), (60, 1))


def test_a_deal_whose_history_lacks_its_first_state_had_its_first_known_amount_before():
    book = opened([("a", "2026-01-01", None, "open", 20.0, None)], [("a", "2026-03-01", 20.0, None)])
    assert told(pipeline_change(book, "2026-01-31", "2026-03-31"))["grown"] == (0, 0)


def test_of_two_changes_of_one_day_the_later_hour_holds_whatever_their_keys():
    deals = pd.DataFrame([("a", "2026-01-01", None, "open", 30.0, None)], columns=DEAL).assign(currency="EUR")
    changes = [("a", "2026-01-01T09:00:00", 10.0, None), ("a", "2026-03-02T09:00:00", 99.0, None)]
    changes = pd.DataFrame([*changes, ("a", "2026-03-02T15:00:00", 30.0, None)], columns=CHANGE)
    frames = {"opportunities": deals, "opportunity_changes": changes.assign(change_id=["k3", "k2", "k1"])}
    change = pipeline_change(kpilib.open(frames, as_of="2026-03-31"), "2026-02-28", "2026-03-15")
    assert told(change)["end"] == (30, 1)


def test_what_the_history_does_not_account_for_is_booked_on_the_closing_day():
    book = opened([("a", "2026-01-01", "2026-03-20", "won", 90.0, None)], [("a", "2026-01-01", 50.0, None)])
    change = told(pipeline_change(book, "2026-02-28", "2026-03-31"))
    assert (change["start"], change["grown"], change["won"]) == ((50, 1), (40, 1), (-90, 1))


def test_a_history_that_goes_on_after_the_day_of_the_figures_is_not_known_yet():
    changes = [("a", "2026-01-01", 50.0, None), ("a", "2026-06-01", 90.0, None)]
    book = opened([("a", "2026-01-01", None, "open", 90.0, None)], changes, as_of="2026-04-30")
    assert told(pipeline_change(book, "2026-01-31", "2026-04-30"))["end"] == (50, 1)


def test_deals_that_nobody_dated_are_left_out_and_counted():
    deals = [
        ("a", None, None, "open", 10.0, None), ("b", "2026-01-01", None, "won", 10.0, None),
        ("c", "2026-02-01", "2026-01-01", "won", 10.0, None), ("d", "2026-01-01", None, "open", 7.0, None),
    ]  # fmt: skip
    change = pipeline_change(opened(deals, ()), "2026-01-31", "2026-03-31")
    assert (change.step("end").amount, change.left_out) == (7, 3)
    assert "3 deals without the day they were created or closed are left out." in change.said()


def test_a_deal_without_an_amount_is_counted_and_adds_nothing():
    change = pipeline_change(opened([("a", "2026-02-01", None, "open", None, None)], ()), "2026-01-31", "2026-03-31")
    assert told(change)["opened"] == (0, 1)


def test_a_slice_has_the_steps_of_its_own_deals():
    book = opened(DEALS, CHANGES, source=["Web", "Web", "Fair", "Web", "Fair", "Web", "Web"])
    parts = [pipeline_change(book, "2026Q2", "2026Q2", {"source": one}) for one in ("Web", "Fair")]
    whole = pipeline_change(book, "2026Q2", "2026Q2")
    assert [step.amount for step in whole.steps] == [
        sum(part.step(step.name).amount for part in parts) for step in whole.steps
    ]
    with pytest.raises(UnknownName, match="Did you mean 'Fair'"):
        pipeline_change(book, "2026Q2", "2026Q2", {"source": "Fairr"})


def test_what_lies_ahead_is_cut_off_and_what_cannot_be_is_refused(book):
    assert pipeline_change(book, "2026Q3", "2026Q3").until == date(2026, 7, 31)
    with pytest.raises(BadInput, match="nothing is known of it yet"):
        pipeline_change(book, "2026-09-30", "2026-10-31")
    with pytest.raises(BadInput, match="exchange since and until"):
        pipeline_change(book, "2026-05-31", "2026-04-30")
    with pytest.raises(BadInput, match="is no period"):
        pipeline_change(book, "soon", "2026-04-30")
    lines = pd.DataFrame(
        {"line_id": ["1"], "customer_id": "c", "ordered_on": "2026-01-01", "quantity": 1, "revenue": 1}
    )
    with pytest.raises(CannotAnswer, match="needs the table 'opportunities'"):
        pipeline_change(kpilib.open({"order_lines": lines}), "2026-01-01", "2026-01-01")


def test_the_frame_and_the_sentence_tell_the_same_steps(book):
    frame = book.pipeline_change("2026Q2", "2026Q2")
    assert list(frame.columns) == ["step", "amount", "deals"]
    assert frame["step"].tolist() == [name for name in STEPS if name in set(frame["step"])]
    assert frame.attrs["said"] == (
        "The open pipeline went from €250 (3 deals) at the end of 2026-03-31 to €260 (3 deals) at the end of "
        "2026-06-30: +€70 opened (2 deals), +€70 by growth (2 deals), −€20 by shrinking (1 deal), −€70 won (1 deal), "
        "−€40 lost (1 deal)."
    )
    assert set(STEP_NAMES) == set(STEPS)


def test_a_pipeline_in_which_nothing_happened_says_so():
    book = opened([("a", "2026-01-01", None, "open", 10.0, None)], ())
    assert "nothing came, nothing went" in pipeline_change(book, "2026-02-28", "2026-03-31").said()


# The same by another way: every deal, day by day, in plain Python


DAY = date(2026, 1, 1)
days = st.integers(0, 120)


@st.composite
def companies(draw):
    """Deals with their true amount and expected day on each day of their life, and the history that tells them."""
    deals, changes, lives = [], [], {}
    for number in range(draw(st.integers(1, 20))):
        key, born = f"o{number}", draw(days)
        life = {day: draw(st.sampled_from([1.1, 20.0, 33.33])) for day in {born, *draw(st.lists(days, max_size=3))}}
        due = {day: draw(st.sampled_from([40, 100, 150])) for day in life}
        status = draw(st.sampled_from(["open", "won", "lost"]))
        closed = None if status == "open" else draw(st.integers(born, 125))
        known = sorted(day for day in life if day == born or (born < day and (closed is None or day < closed)))
        told = [(key, _day(d).isoformat(), life[d], _day(due[d])) for d in known]
        changes += told if len(known) > 1 else []
        last = known[-1]
        deals.append((key, _day(born), closed and _day(closed), status, life[last], _day(due[last])))
        lives[key] = [(day, life[day], due[day]) for day in known], closed, status
    return deals, changes, lives


def _day(number):
    return DAY + timedelta(number)


def open_on(life, day):
    """Amount and expected day at the end of a day; None where the deal is not open."""
    states, closed, _ = life
    known = [state for state in states if state[0] <= day]
    return None if not known or (closed is not None and closed <= day) else known[-1][1:]


@given(companies(), days, days, st.booleans())
@settings(max_examples=max(settings.default.max_examples // 10, 5))
def test_the_steps_close_exactly_and_are_those_of_every_deal_looked_at_day_by_day(company, one, other, dated):
    deals, changes, lives = company
    first, last = sorted((one, other))
    book = opened(deals, changes or [("nobody", "2026-01-01", 1.0, None)], as_of="2026-05-31")
    change = pipeline_change(book, _day(first), _day(last), due="2026Q2" if dated else None)
    found = told(change)
    inner = [step for step in change.steps if step.name not in ("start", "end")]
    assert found["start"][0] + sum(step.amount for step in inner) == pytest.approx(found["end"][0], abs=1e-9)
    signs = {"opened": 1, "moved_in": 1, "moved_out": -1, "won": -1, "lost": -1}
    assert found["start"][1] + sum(signs.get(s.name, 0) * s.deals for s in inner) == found["end"][1]
    assert found == {**dict.fromkeys(found, (0, 0)), **by_hand(lives, first, last, dated)}


def by_hand(lives, first, last, dated):
    """The steps from each deal's own days: 90 to 180 are the second quarter."""
    amounts, counts = Counter(), Counter()

    def inside(state):
        return state is not None and (not dated or 90 <= state[1] <= 180)

    for life in lives.values():
        states, closed, status = life
        for name, day in (("start", first), ("end", last)):
            if inside(open_on(life, day)):
                amounts[name] += open_on(life, day)[0]
                counts[name] += 1
        more, came = 0, 0
        for day in range(first + 1, last + 1):
            was, now = open_on(life, day - 1), open_on(life, day)
            if day == states[0][0]:
                was, now = None, states[0][1:]
                if inside(now):
                    amounts["opened"] += now[0]
                    counts["opened"] += 1
            elif was is not None and now is not None:
                more += inside(now) * now[0] - inside(was) * was[0]
                came += inside(now) - inside(was)
            if day == closed:
                then = [state for state in states if state[0] <= day][-1][1:]
                if inside(then):
                    amounts[status] -= then[0]
                    counts[status] += 1
        name = "moved_in" if came > 0 else "moved_out" if came < 0 else "grown" if more > 1e-9 else "shrunk"
        if came or abs(more) > 1e-9:
            amounts[name] += more
            counts[name] += 1
    return {name: (pytest.approx(amounts[name], abs=1e-9), counts[name]) for name in counts}


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_company_full_of_oddities_each_month_begins_as_the_one_before_it_ended(seed):
    """Deals without days, amounts or a first state, changes before their creation and after their end."""
    frames = company(seed)
    # What the history tells of an amount that the table leaves empty has a test of its own, below.
    bare = set(frames["opportunities"].query("amount.isna()")["opportunity_id"])
    history = frames["opportunity_changes"]
    frames["opportunity_changes"] = history[~history["opportunity_id"].isin(bare)]
    book = kpilib.open(frames)
    months = [f"{month}" for month in pd.period_range("2024-03", "2025-06", freq="M")]
    changes = [pipeline_change(book, month, month) for month in months]
    for one, following in pairwise(changes):
        assert replace(one.step("end"), name="start") == following.step("start")
        assert sum(step.amount for step in one.steps[:-1]) == pytest.approx(one.step("end").amount, abs=1e-6)
    rows = book.panel("deals", columns=["created_on", "closed_on", "status", "amount"]).astype(
        {"created_on": "datetime64[s]", "closed_on": "datetime64[s]"}
    )
    still = rows[(rows["status"] == "open") & rows["created_on"].notna()]
    last = pipeline_change(book, months[0], book.as_of).step("end")
    assert (last.deals, last.amount) == (len(still), pytest.approx(still["amount"].sum()))
    won = rows[(rows["status"] == "won") & (rows["closed_on"] >= rows["created_on"])]
    mine = won[won["closed_on"].dt.to_period("M").isin(pd.PeriodIndex(months, freq="M"))]
    assert sum(change.step("won").amount for change in changes) == pytest.approx(-mine["amount"].sum())


def test_an_amount_that_the_table_leaves_empty_is_the_last_that_the_history_told():
    book = opened([("a", "2026-01-01", None, "open", None, None)], [("a", "2026-01-01", 50.0, None)])
    assert told(pipeline_change(book, "2026-01-31", "2026-03-31"))["end"] == (50, 1)


# The demo company


@pytest.mark.parametrize("where", [None, {"segment": ["Enterprise"]}, {"team": ["Paris", "East"]}])
def test_at_the_day_of_the_figures_the_end_is_the_kpi_of_the_open_pipeline(demo, where):
    change = pipeline_change(demo, "2026Q2", "2026Q2", where)
    worth, count, won = (demo.kpi(key, where=where, since="2026Q2", until="2026Q2") for key in (
        "open_pipeline", "open_opportunities", "won_amount"))  # fmt: skip
    assert change.step("end").amount == pytest.approx(worth["value"].iloc[0])
    assert change.step("end").deals == count["value"].iloc[0]
    assert -change.step("won").amount == pytest.approx(won["value"].iloc[0])
    assert change.step("won").deals == won["rows"].iloc[0]


def test_a_year_is_the_sum_of_its_quarters_in_what_came_and_what_went(demo):
    quarters = [pipeline_change(demo, f"2025Q{q}", f"2025Q{q}") for q in range(1, 5)]
    year = pipeline_change(demo, "2025", "2025")
    for one, following in pairwise(quarters):
        assert replace(one.step("end"), name="start") == following.step("start")
    for name in ("opened", "won", "lost"):
        assert year.step(name).deals == sum(q.step(name).deals for q in quarters)
        assert year.step(name).amount == pytest.approx(sum(q.step(name).amount for q in quarters))
    assert year.step("grown").amount > 0 > year.step("shrunk").amount


def test_a_page_needs_no_database_for_it(demo, monkeypatch):
    book = kpilib.book.Book(demo.about, lambda: pytest.fail("the database was opened"), demo.cubes)
    assert pipeline_change(book, "2026Q2", "2026Q2", {"segment": ["SMB"]}, due="2026Q3").step("end").deals > 10


def test_without_its_rows_kept_the_engine_gives_the_same(demo, monkeypatch):
    kept = pipeline_change(demo, "2026Q2", "2026Q2", due="2026Q3")
    monkeypatch.setattr(demo.cubes, "panel", lambda name: None)
    assert pipeline_change(demo, "2026Q2", "2026Q2", due="2026Q3") == kept
