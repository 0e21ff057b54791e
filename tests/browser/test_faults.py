"""What fails and how a page lives on: workers and their parent killed, the server restarted, figures that raise."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest
from companies import company
from playwright.sync_api import expect
from serving import code, markdown, write

import kpilib
from browser.hostile import write as write_table
from browser.reading import Reader, none, same

LIMIT = 3
"""Seconds that a cell may take."""
TILE = ".kpi-tile[data-kpi=win_rate] .kpi-value"
OPENING = "import kpilib\nfrom kpilib.show import Drawn, Page\npage = Page(kpilib.open(), period='All')\npage.filters"
TILES = "page.tiles(['win_rate', 'open_opportunities'])"
BROKEN = """
def broken(view):
    if view.where:
        raise ValueError('secret-in-figure')
    return Drawn('Whole.', rows=1)
page.figure('Broken?', broken)
"""
SLOW = """
import time
def slow(view):
    if view.where.get('region'):
        time.sleep(600)
    return Drawn('Quick.', rows=1)
page.figure('Slow?', slow)
"""
LATE = """
import time
from pathlib import Path
def late(view):
    Path('asked').touch()
    while Path('hold').exists():
        time.sleep(.05)
    return Drawn('Late.', rows=1)
page.figure('Late?', late)
"""
WHOLE = "page.figure('Whole?', lambda view: Drawn('The page goes on.', rows=1))"


def own(folder: Path, name: str, *cells: str) -> Path:
    """A notebook with a page of its own pieces."""
    return write(folder / f"{name}.ipynb", markdown(f"# {name.title()}"), *(code(cell) for cell in (OPENING, *cells)))


@pytest.fixture(scope="module")
def fragile(start_app, tmp_path_factory):
    """A small company and notebooks that fail, each in its way."""
    top = tmp_path_factory.mktemp("fragile")
    for table, frame in company(3).items():
        write_table(frame, top / "data", table)
    folder = top / "notebooks"
    own(folder, "broken", TILES, BROKEN, WHOLE)
    own(folder, "slow", TILES, SLOW, WHOLE)
    own(folder, "late", TILES, LATE)
    own(folder, "plain", TILES)
    own(folder, "raises", TILES, "raise ValueError('secret-in-cell')", WHOLE)
    shutil.copy(folder / "plain.ipynb", folder / "changing.ipynb")
    command = ["--data", str(top / "data"), "--notebooks", str(folder), "--time-limit", str(LIMIT)]
    app = start_app(*command)
    app.folder, app.data, app.command = folder, top / "data", command
    return app


@pytest.fixture(scope="module")
def book(fragile):
    """The company as it is at the start."""
    kept = fragile.data.parent / "kept"
    shutil.copytree(fragile.data, kept)
    return kpilib.open(kept)


def below(app) -> list[psutil.Process]:
    """Every process that the server started: the warm parent, the workers, and one that paints if there is one."""
    return psutil.Process(app.process.pid).children(recursive=True)


def warm_parents(app) -> list[psutil.Process]:
    """The process that workers are forks of; none for a moment after it died."""
    return [one for one in psutil.Process(app.process.pid).children() if "warm_parent" in " ".join(one.cmdline())]


def workers(app) -> list[psutil.Process]:
    """All but the warm parent."""
    return [one for one in below(app) if one not in warm_parents(app)]


def until(condition, seconds: float = 60):
    """Wait until it holds; what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def kill(processes) -> None:
    for process in processes:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(processes, 10)


# --- deaths -------------------------------------------------------------------------------------------------------


def test_when_every_worker_was_killed_the_page_answers_the_next_choice(fragile, visit, book):
    reader = Reader(visit, fragile, "plain")
    kill(until(lambda: workers(fragile)))
    reader.choose("segment", "SMB")
    reader.shows(book, where={"segment": ["SMB"]})
    none(reader.page.locator(".kpi-banner"))
    assert reader.seen.errors == []


def test_when_a_worker_is_killed_while_it_answers_another_one_answers(fragile, visit, book):
    reader = Reader(visit, fragile, "late")
    hold, asked = fragile.folder / "hold", fragile.folder / "asked"
    hold.touch()
    asked.unlink(missing_ok=True)
    try:
        reader.pick("segment").locator("input[value=Key]").check()
        until(asked.exists)
        kill(workers(fragile))
    finally:
        hold.unlink()
    reader.seen.settled()
    reader.shows(book, where={"segment": ["Key"]})
    none(reader.page.locator(".kpi-banner"))


def test_when_the_warm_parent_was_killed_too_there_is_another_and_the_page_answers(fragile, visit, book):
    reader = Reader(visit, fragile, "plain")
    old = warm_parents(fragile)
    kill(below(fragile))
    reader.choose("region", "North")
    none(reader.page.locator(".kpi-banner"))
    reader.shows(book, where={"region": ["North"]})
    assert until(lambda: warm_parents(fragile)) != old


def test_a_server_that_went_is_told_and_a_restarted_one_found_with_the_choice_kept(fragile, start_app, visit, book):
    port = int(fragile.url.rsplit(":", 1)[1])
    first = start_app(*fragile.command)
    reader = Reader(visit, first, "plain")
    reader.choose("segment", "SMB")
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    reader.pick("region").locator("input[value=North]").check()
    lost = reader.page.locator("[data-banner=lost]")
    expect(lost).to_contain_text("The connection to the server is lost")
    assert int(first.url.rsplit(":", 1)[1]) != port
    start_app(*fragile.command, port=int(first.url.rsplit(":", 1)[1]))
    expect(reader.page.locator("[data-banner=back]")).to_be_visible()
    none(lost)
    reader.seen.settled()
    assert reader.query == {"segment": ["SMB"], "region": ["North"]}
    reader.shows(book, where={"segment": ["SMB"], "region": ["North"]})


def test_a_server_that_went_is_noticed_by_a_reader_who_comes_back_to_the_page(fragile, start_app, visit):
    app = start_app(*fragile.command)
    page = Reader(visit, app, "plain").page
    os.killpg(app.process.pid, signal.SIGKILL)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("The connection to the server is lost")).to_be_visible()
    expect(page.locator(TILE)).to_be_visible()


# --- what fails in a page -----------------------------------------------------------------------------------------


def test_a_figure_that_raises_shows_a_reference_and_the_page_goes_on(fragile, visit, book):
    reader = Reader(visit, fragile, "broken")
    expect(reader.piece("broken")).to_contain_text("Whole.")
    reader.choose("segment", "SMB")
    said = reader.piece("broken").locator("[data-slot=finding]").inner_text()
    ref = re.fullmatch(r"Something went wrong \(ref ([0-9a-f]{8})\)\.", said)[1]
    reader.shows(book, where={"segment": ["SMB"]})
    expect(reader.piece("whole")).to_contain_text("The page goes on.")
    page = Reader(visit, fragile, "broken", "?segment=SMB").page
    for content in (reader.page.content(), page.content()):
        for kept in ("secret-in-figure", "ValueError", "Traceback"):
            assert kept not in content
    until(lambda: f"ref {ref}" in fragile.said() and "secret-in-figure" in fragile.said())
    reader.reset()
    expect(reader.piece("broken")).to_contain_text("Whole.")


def test_a_cell_that_raises_ends_the_page_with_a_reference_and_what_stands_above_lives(fragile, visit, book):
    reader = Reader(visit, fragile, "raises")
    said = reader.page.locator(".kpi-failed[role=alert]")
    expect(said).to_contain_text("could not be computed")
    ref = re.search(r"[0-9a-f]{8}", said.inner_text())[0]
    assert "secret-in-cell" not in reader.page.content()
    assert f"ref {ref}" in fragile.said()
    none(reader.piece("whole"))
    reader.choose("segment", "SMB")
    reader.shows(book, where={"segment": ["SMB"]})


def test_a_figure_that_takes_too_long_is_stopped_while_other_visitors_go_on(fragile, visit, book):
    reader, other = Reader(visit, fragile, "slow"), Reader(visit, fragile, "plain")
    reader.pick("region").locator("input[value=North]").check()
    expect(reader.piece("slow")).to_have_attribute("aria-busy", "true")
    other.choose("segment", "Key")
    other.shows(book, where={"segment": ["Key"]})
    expect(reader.piece("slow")).to_have_attribute("aria-busy", "true")
    expect(reader.page.locator("[data-banner=failed]")).to_contain_text("took too long and was stopped")
    reader.seen.settled()
    reader.page.keyboard.press("Escape")
    reader.reset()
    expect(reader.piece("slow")).to_contain_text("Quick.")
    reader.shows(book)


def test_a_notebook_that_is_saved_anew_is_shown_anew(fragile, visit):
    reader = Reader(visit, fragile, "changing")
    own(fragile.folder, "changing", "page.tiles(['won_amount'])")
    reader.page.reload(wait_until="commit")
    reader.seen.alive()
    assert list(reader.tiles()) == ["won_amount"]


def test_newer_data_are_offered_to_an_open_page_and_shown_when_wanted(start_app, visit, tmp_path):
    for table, frame in company(3).items():
        write_table(frame, tmp_path / "data", table)
    own(tmp_path / "notebooks", "plain", TILES)
    app = start_app("--data", str(tmp_path / "data"), "--notebooks", str(tmp_path / "notebooks"), "--workers", "1")
    reader = Reader(visit, app, "plain")
    before = reader.tiles()
    deals = company(3)["opportunities"]
    deals.loc[deals["status"] == "won", "status"] = "lost"
    write_table(deals, tmp_path / "data", "opportunities")
    fresh = reader.page.get_by_role("button", name="Show them")

    def offered():
        reader.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        return fresh.is_visible()

    until(offered)
    assert reader.tiles() == before, "not before the reader wants them"
    fresh.click()
    none(fresh)
    reader.seen.alive()
    assert same(reader.tiles()["win_rate"][0], 0)
