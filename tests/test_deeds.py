"""The action log held against the figures: what the action did is told apart from what everybody did."""

import tomllib
from datetime import date
from math import isnan, sqrt

import pandas as pd
import pytest

import kpilib
from kpilib.change import deeds as module
from kpilib.change.deed import NEXT, WHY, Deed
from kpilib.change.deeds import deeds, marks, windows
from kpilib.periods import month_of, parse
from kpilib.sources.importing import import_folder

LOG = ["action_id", "done_on", "until", "action", "who", "kpi", "dimension", "member"]


def action(key="k", done="2025-07-01", until=None, kpi="win_rate", dimension=None, member=None):
    return (key, done, until, f"Did {key}", "Ann", kpi, dimension, member)


def deals(rates, months=12, count=20, start="2025-01"):
    """`count` deals a month and source, closed in it; `rates` gives the won of them by source: to June, and later."""
    rows = []
    for month in pd.period_range(start, periods=months, freq="M"):
        for source, (before, after) in rates.items():
            won = before if month < pd.Period("2025-07") else after
            for i in range(count):
                day = f"{month}-15"
                rows.append((f"{source}{month}{i}", day, day, "won" if i < won else "lost", source))
    return pd.DataFrame(rows, columns=["opportunity_id", "created_on", "closed_on", "status", "source"]).assign(
        currency="EUR", amount=100.0
    )


def opened(rates, log, as_of="2025-12-31", **how):
    frames = {"opportunities": deals(rates, **how), "actions": pd.DataFrame(log, columns=LOG)}
    return kpilib.open(frames, as_of=as_of)


# The windows


@pytest.mark.parametrize(
    ("done", "until", "as_of", "before", "after"),
    [
        (
            "2025-07-01",
            None,
            "2026-06-30",
            "2025-01/2025-06",
            "2025-07/2025-12",
        ),  # July is after
        ("2025-07-02", None, "2026-06-30", "2025-01/2025-06", "2025-08/2026-01"),  # else on neither side
        ("2025-07-31", None, "2026-06-30", "2025-01/2025-06", "2025-08/2026-01"),
        ("2025-07-01", None, "2025-09-29", "2025-05/2025-06", "2025-07/2025-08"),  # September is not over
        ("2025-07-01", None, "2025-09-30", "2025-04/2025-06", "2025-07/2025-09"),
        ("2025-07-01", "2025-08-31", "2026-06-30", "2025-05/2025-06", "2025-07/2025-08"),  # the action had ended
        ("2025-07-01", "2025-08-30", "2026-06-30", "2025-06", "2025-07"),
        ("2024-03-10", None, "2026-06-30", "2024-01/2024-02", "2024-04/2024-05"),  # the data begin in January
        ("2024-02-29", None, "2026-06-30", "2024-01", "2024-03"),
    ],
)
def test_there_are_as_many_whole_months_before_an_action_as_after_it(done, until, as_of, before, after):
    until = until and date.fromisoformat(until)
    found = windows(date.fromisoformat(done), until, date.fromisoformat(as_of), month_of(date(2024, 1, 1)))
    assert found == (parse(before), parse(after))


@pytest.mark.parametrize(
    ("done", "as_of", "missing"), [("2025-07-02", "2025-08-30", 1), ("2024-01-20", "2025-06-30", 0)]
)
def test_a_side_without_a_whole_month_is_none(done, as_of, missing):
    found = windows(date.fromisoformat(done), None, date.fromisoformat(as_of), month_of(date(2024, 1, 1)))
    assert [side is None for side in found] == [missing == 0, missing == 1]


# What came of it


def test_an_action_is_credited_with_what_it_did_beyond_the_rest():
    """The fair went from 5 of 20 to 12, the web from 8 to 10: +35 points less +10 points."""
    book = opened({"Fair": (5, 12), "Web": (8, 10)}, [action(dimension="source", member="Fair")])
    (deed,) = deeds(book)
    assert (deed.months, deed.held, deed.verdict) == (6, "rest", "better")
    assert deed.comparison.difference == pytest.approx(0.35)
    assert deed.rest.difference == pytest.approx(0.10)
    assert deed.effect == pytest.approx(0.25)
    # The interval by hand: the standard errors of four shares of 120, added as variances (Wald, close to MOVER here).
    error = sqrt(sum(p * (1 - p) / 120 for p in (5 / 20, 12 / 20, 8 / 20, 10 / 20)))
    assert deed.low == pytest.approx(0.25 - 1.96 * error, abs=0.006)
    assert deed.high == pytest.approx(0.25 + 1.96 * error, abs=0.006)


def test_a_trend_that_all_share_is_credited_to_nobody():
    book = opened({"Fair": (5, 10), "Web": (6, 11), "Mail": (4, 9)}, [action(dimension="source", member="Fair")])
    (deed,) = deeds(book)
    assert deed.comparison.verdict == "better"
    assert deed.effect == pytest.approx(0, abs=1e-12)
    assert deed.verdict == "same"


def test_an_action_on_everybody_is_held_against_the_same_months_of_the_year_before():
    """Wins rise by 5 in 20 each July: that is the season."""
    seasonal = pd.concat([deals({"Web": (5, 10)}, 6), deals({"Web": (5, 10)}, 6, start="2025-07")])
    before = seasonal.assign(
        opportunity_id="y" + seasonal["opportunity_id"],
        **{
            name: (pd.to_datetime(seasonal[name]) - pd.DateOffset(years=1)).astype(str)
            for name in ("created_on", "closed_on")
        },
    )
    frames = {"opportunities": pd.concat([before, seasonal]), "actions": pd.DataFrame([action()], columns=LOG)}
    (deed,) = deeds(kpilib.open(frames, as_of="2025-12-31"))
    assert (deed.held, deed.verdict) == ("last_year", "same")
    assert deed.comparison.difference == deed.rest.difference == pytest.approx(0.25)
    assert deed.rest.now.window.first == date(2024, 7, 1)
    assert deed.rest.before.window.last == date(2024, 6, 30)


def test_without_a_year_before_season_and_trend_are_said_to_be_in_it():
    (deed,) = deeds(opened({"Web": (5, 10)}, [action()]))
    assert (deed.held, deed.rest, deed.verdict) == ("", None, "better")
    assert isnan(deed.effect)
    assert deed.said() == (
        "Did k (2025-07-01): Win rate went from 25.0% in 2025-01 – 2025-06 to 50.0% in 2025-07 – 2025-12, +25.0 points "
        "(+12.8 points to +36.2 points): better. It concerned everybody, so season and trend are in it."
    )
    assert deed.next() == NEXT["better"]


def test_of_a_total_the_fact_is_told_and_no_verdict_given():
    (deed,) = deeds(
        opened({"Web": (5, 10), "Fair": (5, 5)}, [action(kpi="won_amount", dimension="source", member="Web")])
    )
    assert deed.comparison.difference == pytest.approx(6 * 5 * 100)
    assert (deed.verdict, isnan(deed.effect)) == ("unknown", True)
    assert deed.said().endswith("+€3,000; that of the rest changed by €0.")


def test_an_action_that_made_things_worse_is_said_to():
    book = opened({"Fair": (12, 5), "Web": (8, 8)}, [action(dimension="source", member="Fair")])
    (deed,) = deeds(book)
    assert deed.verdict == "worse"
    assert "Held against the rest it is −35.0 points" in deed.said()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (action(kpi=None), "no_kpi"),
        (action(kpi="won_rate"), "unknown_kpi"),
        (action(done="2025-12-02"), "too_young"),
        (action(done="2025-01-01"), "no_past"),
        (action(dimension="source", member="Radio"), "cannot"),
        (action(dimension="sauce", member="Web"), "cannot"),
        (action(kpi="nps"), "cannot"),
    ],
)
def test_an_action_that_cannot_be_checked_says_why(line, why):
    (deed,) = deeds(opened({"Web": (5, 10)}, [line]))
    assert (deed.why, deed.comparison, deed.verdict) == (why, None, "unknown")
    assert deed.said() == f"Did k ({deed.done_on}): {WHY[why]}"
    assert deed.next() == ""


def test_the_actions_of_one_kpi_are_asked_for_by_its_key_and_come_in_order_of_time():
    log = [action("b", "2025-08-01"), action("a", "2025-06-01"), action("c", kpi="sales_cycle")]
    book = opened({"Web": (5, 10)}, log)
    assert [deed.action_id for deed in deeds(book)] == ["a", "c", "b"]
    assert [deed.action_id for deed in deeds(book, "win_rate")] == ["a", "b"]
    assert deeds(book) is not deeds(book)
    assert deeds(book)[0] is deeds(book)[0]  # compared once


def test_an_action_that_is_still_to_come_is_not_there():
    assert deeds(opened({"Web": (5, 10)}, [action(done="2026-02-01")])) == []


def test_a_book_without_a_log_has_no_actions():
    book = kpilib.open({"opportunities": deals({"Web": (5, 10)})})
    assert (deeds(book), marks(book)) == ([], [])


def test_fewer_months_can_be_asked_for():
    (deed,) = deeds(opened({"Web": (5, 10)}, [action()]), months=2)
    assert deed.months == 2
    assert deed.comparison.before.window.first == date(2025, 5, 1)


def test_the_sentences_of_each_kind_have_all_their_names_filled():
    log = [action("a"), action("b", dimension="source", member="Web"), action("c", kpi="won_amount")]
    for deed in deeds(opened({"Web": (5, 10), "Fair": (5, 5)}, log)):
        assert "{" not in deed.said() + deed.said("fr") + deed.next("fr")


# Marks for charts


def test_the_marks_of_a_kpi_are_its_own_actions_and_those_that_name_none():
    log = [action("a"), action("b", kpi="sales_cycle"), action("c", kpi=None, done="2025-03-05")]
    book = opened({"Web": (5, 10)}, log)
    assert [mark.said for mark in marks(book, "win_rate")] == ["Did c", "Did a"]
    assert marks(book, "win_rate")[0] == module.Mark("2025-03-05", "Did c")
    assert len(marks(book)) == 3


def test_a_slice_keeps_the_marks_of_what_it_keeps():
    log = [
        action("all"),
        action("web", dimension="source", member="Web"),
        action("fair", dimension="source", member="Fair"),
    ]
    book = opened({"Web": (5, 10), "Fair": (5, 5)}, log)

    def said(where):
        return {mark.said for mark in marks(book, "win_rate", where)}

    assert said({"source": ["Web"]}) == said({"source": "Web"}) == {"Did all", "Did web"}
    assert said({"source": []}) == said({"team": ["East"]}) == {"Did all", "Did web", "Did fair"}


# The demo company: what is planted is found where it is large enough, and nothing where nothing is planted


@pytest.fixture(scope="module")
def truth(top):
    return tomllib.loads((top / "data" / "demo" / "answers.toml").read_text(encoding="utf-8"))


def test_a_planted_effect_is_found_and_none_where_nothing_was_planted(demo, truth):
    found = {deed.action_id: deed.verdict for deed in deeds(demo) if not deed.why}
    planted = {key: effect for key, effect in truth["actions"].items() if effect}
    assert planted == {"K01": "price_rise", "K03": "quality_on_csat", "K06": "leave_new_salesperson"}
    assert (found["K01"], found["K03"]) == ("better", "worse")
    # Churn of one region is too rare to show a hazard ratio of 1.5 among the few who were moved.
    assert found["K06"] == "same"
    assert {verdict for key, verdict in found.items() if key not in planted} == {"same"}


def test_the_margin_won_by_the_price_rise_is_the_one_that_arithmetic_gives(demo, truth):
    (deed,) = [deed for deed in deeds(demo) if deed.action_id == "K01"]
    before = deed.comparison.before.value
    planted = 1 - (1 - before) / (1 + truth["effects"]["price_rise"] / 100) - before
    assert deed.low < planted < deed.high


def test_checking_the_log_opens_no_database(demo):
    book = kpilib.book.Book(demo.about, lambda: pytest.fail("the database was opened"), demo.cubes)
    assert sum(not deed.why for deed in deeds(book)) == 11
    assert len(marks(book, "win_rate", {"team": ["East"]})) == 3


def test_an_import_flags_what_is_odd_in_a_log_and_keeps_it(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    lines = ["done_on,until,action,kpi,dimension,member", "2025-01-01,,x,win_rat,,", "2025-02-01,2025-01-01,y,,team,"]
    (folder / "actions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = import_folder(folder, tmp_path / "out.duckdb", dialect="model")
    assert {(f.column, f.reason, f.rows) for f in report.findings} == {
        ("kpi", "no KPI of the catalogue", 1),
        ("until", "ended before it was begun", 1),
        ("member", "a dimension without a member, or a member without its dimension", 1),
    }
    assert [(one.accepted, one.refused) for one in report.files] == [(2, 0)]


def test_a_deed_of_the_log_alone_has_no_check():
    deed = Deed("k", date(2025, 1, 1), None, "Did it", "", "", "", "")
    assert (deed.verdict, isnan(deed.effect), deed.without("no_kpi").why) == ("unknown", True, "no_kpi")
