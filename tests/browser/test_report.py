"""A report in a real browser: on a telephone, on paper, without a network; and what a mail client leaves of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.hostile import hostile
from kpilib import cli

PERIOD = "2026-06"


@pytest.fixture(scope="module")
def written(top: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's June in all three forms, made by the command."""
    folder = tmp_path_factory.mktemp("report")
    for form in ("html", "pdf", "xlsx"):
        out = ["--out", str(folder / f"june.{form}")]
        assert cli.main(["report", "--data", str(top / "data" / "demo"), "--period", PERIOD, *out]) == 0
    return folder


def opened(browser: Browser, file: Path, width: int = 900, scripts: bool = True) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: asked.append(said.text) if said.type == "error" else None)
    page.goto(file.as_uri())
    return page, asked


@pytest.mark.parametrize("width", [360, 900])
def test_a_report_fits_its_screen_and_asks_for_nothing(browser, written, width):
    page, asked = opened(browser, written / "june.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [(written / "june.html").as_uri()]
    clipped = "[...document.querySelectorAll('td,th,p,svg')].filter(e => e.getBoundingClientRect().right > innerWidth)"
    assert page.evaluate(f"{clipped}.length") == 0
    page.close()


def test_the_preview_of_a_mail_client_begins_with_what_matters(browser, written):
    page, _ = opened(browser, written / "june.html")
    first = page.locator("body").inner_text()[:200]
    assert first.startswith("Key figures, June 2026")
    assert re.search(r"(Worse|Better) than the period before|No share and no mean differs", first)
    page.close()


def test_what_a_mail_client_that_drops_styles_and_pictures_leaves_still_tells_the_figures(browser, written, tmp_path):
    html = (written / "june.html").read_text(encoding="utf-8")
    bare = re.sub(r"<(style|svg)\b.*?</\1>", "", html, flags=re.S)
    (tmp_path / "bare.html").write_text(bare, encoding="utf-8")
    page, _ = opened(browser, tmp_path / "bare.html")
    row = page.locator("tr", has=page.locator("strong", has_text="Win rate")).inner_text()
    assert re.search(r"41\.4%", row)
    assert re.search(r"rows", row)
    page.close()


def test_text_is_dark_on_white_whatever_the_system_prefers(browser, written):
    page, _ = opened(browser, written / "june.html")
    page.emulate_media(color_scheme="dark")
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(28, 36, 48)", "rgb(255, 255, 255)"]
    page.close()


def test_paper_is_a4_and_the_sql_is_open_on_it(browser, written):
    pdf = (written / "june.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) < 2_000_000
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf))
    assert {tuple(round(float(side)) for side in box.split()) for box in boxes} == {(0, 0, 595, 842)}
    page, _ = opened(browser, written / "june.html")
    assert not page.locator("details pre").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("details pre").first.is_visible()
    page.close()


def test_a_hostile_company_runs_nothing_and_asks_for_nothing(browser, tmp_path):
    folder, out = hostile(tmp_path / '<img src=x onerror="window.hacked=1">'), tmp_path / "june.html"
    command = [sys.executable, "-W", "error", "-m", "kpilib.cli", "report", "--data", str(folder), "--out", str(out)]
    subprocess.run([*command, "--kpis", "revenue,win_rate,average_deal", "--period", "2024-12"], check=True)
    page, asked = opened(browser, out)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, script, iframe").count() == 0
    assert asked == [out.as_uri()]
    page.close()
