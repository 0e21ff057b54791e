"""The manager's first page: answers in plain words, what moved, alarms, the log of actions, how good the data are."""

import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from speaking import mask, unsaid

import kpilib
from kpilib.change.deed import Deed
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import events, overview
from kpilib.figures.overview import overview_alarms, overview_deeds, overview_moved
from kpilib.figures.overview.overview_questions import MISSIONS, QUESTIONS, answered, told
from kpilib.figures.overview.overview_words import PLAIN, plain
from kpilib.show import Page, View
from kpilib.show.against import Told
from kpilib.show.words import Words
from kpilib.workbook import OVERVIEW, settings

YEAR = ("2025-07", "2026-06")
WORDS = Words()


@pytest.fixture(scope="module")
def book(demo):
    return demo


@pytest.fixture(scope="module")
def view(book):
    return View(book, {}, *YEAR)


@pytest.fixture(scope="module")
def page(book):
    return Page(book)


def deals(won_before, won_now, n=200):
    """Two years of deals, so many of `n` a year won; all of one salesperson, one a day or so."""
    rows = []
    for year, won in ((2025, won_before), (2026, won_now)):
        days = pd.date_range(f"{year - 1}-07-01", f"{year}-06-30", periods=n).strftime("%Y-%m-%d")
        rows += [(f"{year}-{i}", day, "won" if i < won else "lost") for i, day in enumerate(days)]
    frame = pd.DataFrame(rows, columns=["opportunity_id", "closed_on", "status"])
    more = {"customer_id": None, "owner_id": "s1", "amount": 100.0, "currency": "EUR", "stage": "Closed"}
    people = pd.DataFrame({"owner_id": ["s1"], "owner": ["Ada"]})
    given = {"opportunities": frame.assign(created_on=frame["closed_on"], **more), "salespeople": people}
    return kpilib.open(given, as_of="2026-06-30")


def tile_of(name, change="none", aim="none", total=False, now=1.0, before=1.0, value=0.5):
    """A tile that says what is asked of it."""
    kpi = replace(kpilib.catalogue.CATALOGUE["win_rate"], key=name.lower(), name=name)
    if total:
        kpi = replace(kpi, denominator=None, unit="count")
    found = SimpleNamespace(kpi=kpi, row={"value": value}, now={"value": now}, before={"value": before})
    return SimpleNamespace(found=found, change=Told("", change), aim=Told("", aim))


# --- the questions ----------------------------------------------------------------------------------------------------


def test_there_are_five_questions_and_three_missions_and_each_has_its_kpis_and_its_page(top):
    assert [one.key for one in (*QUESTIONS, *MISSIONS)] == list(OVERVIEW)
    assert (len(QUESTIONS), len(MISSIONS)) == (5, 3)
    for one in (*QUESTIONS, *MISSIONS):
        assert (top / "notebooks" / one.notebook).is_file()


def test_every_kpi_of_the_start_has_a_plain_sentence_of_its_own():
    assert set(settings().kpis) <= set(PLAIN)
    assert all("{value}" in said for said in PLAIN.values())


def test_a_figure_of_the_teams_own_is_said_by_its_name(book):
    assert plain(book.kpis["sales_cycle"], 61.5, WORDS) == "Sales cycle: 61.5 days."


@pytest.mark.parametrize(("value", "said"), [(12.0, "12.0 more would recommend"), (-12.0, "12.0 more would warn")])
def test_a_net_score_below_zero_is_said_the_other_way_round(book, value, said):
    assert said in plain(book.kpis["nps"], value, WORDS)


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        (("better", "none"), "better", "Better than in the window before: first."),
        (("none", "worse"), "worse", "Worse than in the window before: second."),
        (("better", "worse"), "mixed", "Against the window before, better: first; worse: second."),
        (("none", "none"), "steady", "Nothing here changed beyond chance since the window before."),
    ],
)
def test_a_question_is_as_its_figures_are(view, changes, state, said):
    made = [tile_of(name, change) for name, change in zip(("First", "Second"), changes, strict=True)]
    found, answer = answered(view, made)
    assert found == state
    assert answer.endswith(said)


def test_a_total_that_grew_is_a_fact_and_no_verdict_beside_figures_that_chance_can_be_told_from(view):
    state, answer = answered(view, [tile_of("Rate"), tile_of("Hours", "worse", total=True, now=12.0, before=10.0)])
    assert state == "steady"
    assert answer.endswith("More than in the window before: hours.")


def test_where_there_are_totals_alone_they_decide(view):
    assert answered(view, [tile_of("Sales", "better", total=True, now=12.0, before=10.0)])[0] == "better"


def test_targets_are_said_by_the_names_of_those_that_are_behind_and_ahead(view):
    _, answer = answered(view, [tile_of("First", aim="worse"), tile_of("Second", aim="better")])
    assert answer.endswith("Behind target: first. Ahead of target: second.")


def test_a_question_without_any_figure_says_that_the_data_do_not_tell(view):
    assert answered(view, [SimpleNamespace(found=None, change=None, aim=None)]) == (
        "unknown", "These data do not tell.",
    )  # fmt: skip


def test_a_question_shows_the_numbers_that_the_tiles_of_other_pages_show(page, view, book):
    shown = overview.questions(page).shown(view, {})
    for key in ("csat", "churn_rate", "nps", "customer_margin"):
        value = WORDS.short(book.kpi(key, since=YEAR[0], until=YEAR[1])["value"].item(), book.kpis[key].unit)
        assert value in "".join(shown.slots.values())
        assert page.tiles([key], name=key).shown(view, {}).plain.splitlines()[0] in shown.plain


def test_a_question_follows_the_filters(page, book):
    piece = overview.missions(page)
    small = View(book, {"segment": ["SMB"]}, *YEAR)
    won = book.kpi("win_rate", where={"segment": ["SMB"]}, since=YEAR[0], until=YEAR[1])["value"].item()
    assert WORDS.short(won, "share") in piece.shown(small, {}).slots["develop-tiles"]
    assert piece.shown(small, {}).plain.endswith(small.text)


def test_a_team_chooses_its_own_figures_and_hides_a_question(book, tmp_path, monkeypatch):
    file = tmp_path / "workbook.toml"
    file.write_text('[overview]\nloyalty = ["sales_cycle"]\nservice = []')
    monkeypatch.setenv("KPILIB_WORKBOOK", str(file))
    made = overview.questions(Page(book)).section()
    assert 'data-kpi="sales_cycle"' in made
    assert "Is our service good?" not in made
    assert "Are they satisfied?" in made


def test_a_question_that_the_data_cannot_answer_is_greyed_with_its_reason():
    firm = deals(100, 100)
    shown = overview.questions(Page(firm)).shown()
    assert "These data do not tell." in shown.slots["satisfaction-answer"]
    assert "kpi-tile-off" in shown.slots["satisfaction-tiles"]
    assert "needs the table &#x27;surveys&#x27;" in shown.slots["satisfaction-tiles"]


def test_each_question_links_to_the_page_that_goes_deeper(page):
    made = overview.questions(page).section()
    deeper = [link for link in re.findall(r'<a href="([^"]+)" data-shared', made) if "#" not in link]
    assert len(deeper) == len(QUESTIONS)
    for one in QUESTIONS:
        assert f'href="{one.notebook}"' in made


# --- what moved -------------------------------------------------------------------------------------------------------


def test_a_rise_beyond_chance_is_named_first_with_its_difference():
    # 120 of 200 against 80 of 200: the standard error is 0.049, so that 0.2 is four of them.
    drawn = overview.moved(View(deals(80, 120), {}, *YEAR), ["win_rate", "average_deal"])
    assert drawn.finding.startswith("Of 2 figures with an interval these moved by more than chance: win rate (+20.0 ")
    assert "better" in drawn.finding.split(".")[1] + drawn.finding.split(")")[0]
    assert drawn.table.iloc[0].tolist()[:4] == ["Win rate", "60.0%", "40.0%", "+20.0 points"]


def test_where_nothing_moved_that_is_said():
    drawn = overview.moved(View(deals(100, 101), {}, *YEAR), ["win_rate"])
    assert drawn.finding == "Of 1 figures none moved by more than chance since the window before."
    assert drawn.table["It is"].tolist() == ["within chance"]


def test_twenty_looks_are_counted_before_one_of_them_is_called_a_move(view, monkeypatch):
    """One p of 0.04 among twenty is what chance alone brings (Benjamini and Hochberg)."""
    made = overview_moved.moves(view, ["win_rate", "csat"])[0]
    keys = [f"k{i}" for i in range(20)]

    def move(view, key, period):
        kpi = replace(made.kpi, key=key)
        return replace(made, kpi=kpi, previous=replace(made.previous, p=0.04 if key == "k7" else 0.5), why=None)

    monkeypatch.setattr(overview_moved, "_move", move)
    assert not [one for one in overview_moved.moves(view, keys) if one.stands]
    assert [one.stands for one in overview_moved.moves(view, ["k7"])] == [True]


def test_the_strength_of_a_move_is_one_where_chance_ends_and_points_to_the_better_side(view):
    (one,) = overview_moved.moves(view, ["win_rate"])
    arm = one.previous.difference - one.previous.low
    assert one.strength == pytest.approx(one.previous.difference / arm)
    assert (one.strength > 1) == (one.previous.low > 0)
    turned = replace(one, kpi=replace(one.kpi, better="lower"))
    assert turned.strength == -one.strength


def test_every_comparison_of_the_table_is_that_of_the_book(view, book):
    frame = overview.moved(view, ["csat", "revenue"]).table.set_index("Figure")
    for key, name in (("csat", "CSAT"), ("revenue", "Revenue")):
        now, before = (book.kpi(key, since=s, until=u)["value"].item() for s, u in (YEAR, ("2024-07", "2025-06")))
        assert frame.loc[name, "Change"] == WORDS.difference(now - before, book.kpis[key].unit)


def test_last_year_has_a_column_where_it_is_another_window(view, book):
    assert "A year before" not in overview.moved(view, ["csat"]).table
    quarter = overview.moved(View(book, {}, "2026-04", "2026-06"), ["csat"]).table
    now, then = (
        book.kpi("csat", since=s, until=u)["value"].item() for s, u in (("2026-04", "2026-06"), ("2025-04", "2025-06"))
    )
    assert WORDS.difference(now - then, "share") in quarter["A year before"].item()


def test_nothing_to_compare_is_said(book):
    with pytest.raises(CannotAnswer, match="None of these figures can be compared with a window before"):
        overview.moved(View(book, {}, "2023-07", "2023-08"), ["win_rate"])


# --- alarms, data, actions --------------------------------------------------------------------------------------------


def test_the_open_alarms_are_those_of_the_watch_and_one_is_drawn(view, book):
    found = overview_alarms.watched(book).alerts
    names = overview.open_alarms(book)
    assert names == ([overview_alarms.named(one) for one in found] or ["–"])
    drawn = overview.alarms(view, names[0])
    assert found[0].said("en", "EUR") in drawn.finding
    assert drawn.chart is not None
    assert drawn.table["What it says"].tolist() == [one.said("en", "EUR") for one in found]


def test_an_alarm_that_is_not_open_is_refused(view):
    with pytest.raises(UnknownName, match="No open alarm is called 'Nothing'"):
        overview.alarms(view, "Nothing")


def test_a_company_without_an_alarm_says_that_nothing_is_out_of_the_ordinary(monkeypatch, view):
    quiet = SimpleNamespace(alerts=(), series=12, rate=0.05, month="2026-06")
    monkeypatch.setattr(overview_alarms, "watched", lambda book: quiet)
    drawn = overview.alarms(view, "–")
    assert drawn.finding == "Nothing is out of the ordinary in 2026-06: 12 series were watched."
    assert "5.0% of monthly watches" in drawn.note


def test_the_quality_of_the_data_counts_rows_by_table_and_names_what_cannot_be_answered(view, book):
    drawn = overview.quality(view, ["win_rate"])
    assert drawn.table.set_index("Table")["Rows"].to_dict() == {t: book.about.rows[t] for t in book.tables}
    assert drawn.finding.endswith("Every figure of this page can be answered.")
    firm = deals(100, 100)
    said = overview.quality(View(firm), ["win_rate", "nps"]).finding
    assert said.endswith("these figures cannot be answered: NPS.")


def test_an_action_is_told_with_what_came_of_it_and_drawn_with_its_letter(view, book):
    names = overview.logged(book)
    drawn = overview.log(view, names[0])
    deed = next(one for one in overview_deeds.deeds(book) if overview_deeds.named(one) == names[0])
    assert drawn.finding.startswith(deed.said())
    assert len(drawn.table) == len(overview_deeds.deeds(book))
    assert f"a: {deed.action}" in drawn.note or f"b: {deed.action}" in drawn.note


def test_a_company_without_a_log_is_told_what_the_log_would_say():
    with pytest.raises(CannotAnswer, match="the table 'actions' would say what was done"):
        overview.log(View(deals(100, 100)), "–")


def test_actions_of_a_kpi_have_letters_beside_the_numbers_of_events(view, book):
    deed: Deed = next(one for one in overview_deeds.deeds(book) if one.kpi and not one.member)
    month = f"{deed.done_on:%Y-%m}"
    signs = {one["period"]: one["said"] for one in events.marks(View(book), [month], deed.kpi)}
    assert signs[month].split(", ")[-1] == "a"
    assert f"a: {deed.action} ({deed.done_on})" in events.told(View(book), [month], deed.kpi)
    assert deed.action not in events.told(View(book), [month])


def test_a_page_without_actions_or_events_draws_none():
    assert events.marks(View(deals(100, 100)), ["2026-01"], "win_rate") == []
    assert events.told(View(deals(100, 100)), ["2026-01"], "win_rate") == ""


# --- the page as a whole ----------------------------------------------------------------------------------------------


def test_every_sentence_of_the_page_is_a_message_that_can_be_translated(view, book, monkeypatch):
    mask(monkeypatch)
    told.cache_clear()
    page = Page(book)
    said = [piece.shown(view, {}).plain for piece in (overview.questions(page), overview.missions(page))]
    said += [overview.quality(view).finding, overview.quality(view).note, overview.moved(view, ["csat"]).finding]
    assert [unsaid(one.replace("hours", "")) for one in said] == [""] * 5  # the unit is said by Babel
    told.cache_clear()


@pytest.mark.slow
def test_the_page_needs_no_database_and_no_library_of_statistics(top):
    code = (
        "import sys, kpilib; from kpilib.figures import overview;"
        "from kpilib.show import Page; book = kpilib.open('data/demo');"
        "page = Page(book);"
        "overview.questions(page).shown(); overview.missions(page).shown(); overview.moved(page.view);"
        "overview.quality(page.view); overview.alarms(page.view, overview.open_alarms(book)[0]);"
        "overview.log(page.view, overview.logged(book)[0]);"
        "print(sorted({'scipy.stats', 'scipy.optimize', 'statsmodels', 'sklearn', 'duckdb'} & set(sys.modules)))"
    )
    kpilib.open(top / "data" / "demo")
    done = subprocess.run([sys.executable, "-c", code], cwd=top, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
