"""A notebook's page in a real browser: what it shows, what it keeps to itself, what it says when it fails."""

import time

import pytest
from playwright.sync_api import expect
from serving import CONTROLS, code, markdown, write

KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"


@pytest.fixture(scope="module")
def narrow(start_app, tmp_path_factory):
    """Notebooks with controls of their own, for one visitor at a time, three seconds a cell."""
    folder = tmp_path_factory.mktemp("narrow")
    write(folder / "controls.ipynb", markdown("# Controls"), code(CONTROLS))
    raises = code("raise ValueError('secret-in-kernel')")
    write(folder / "error.ipynb", markdown("# Error"), code(CONTROLS), raises, code("print('computed after')"))
    write(folder / "slow.ipynb", markdown("# Slow"), code(CONTROLS), code("import time\ntime.sleep(600)"))
    limits = ("--kernels", "1", "--time-limit", "3", "--workers", "1")
    return start_app("--notebooks", str(folder), "--data", "data/demo", *limits)


@pytest.fixture
def kernel_of(visit):
    """The address of a page's kernel; when the test is over it is gone, so that the next visitor may come in."""
    watched = []

    def address(seen) -> str:
        kernel = f"{seen.url}/api/kernels/{seen.page.evaluate(KERNEL)}"
        watched.append((seen, kernel))
        return kernel

    yield address
    for seen, kernel in watched:
        seen.page.goto(seen.url + "/nothing", wait_until="commit")
        ended(seen, kernel)


def ended(seen, kernel: str) -> None:
    """Wait until there is no such kernel."""
    deadline = time.monotonic() + 30
    while seen.page.context.request.get(kernel).status != 404:
        assert time.monotonic() < deadline, "the kernel lives on"
        time.sleep(0.05)


# --- pages that need no kernel ------------------------------------------------------------------------------------


def test_a_page_without_controls_is_complete_and_asks_no_other_host(tiny, visit):
    seen = visit(tiny.url).open("/voila/render/00_overview.ipynb").alive()
    expect(seen.page.locator("main")).to_contain_text("The data are")
    # The notebook asks for a picture elsewhere: the policy stops it before it leaves, which is the only error told.
    assert [url for url in seen.elsewhere() if "elsewhere.example" not in url] == []
    assert all("elsewhere.example" in said for said in seen.errors)
    assert seen.page.evaluate("document.querySelector('img[alt=tracker]').naturalWidth") == 0


def test_the_cells_of_the_lab_do_not_run(tiny, visit):
    visit(tiny.url).open("/voila/render/00_overview.ipynb").alive()
    assert not (tiny.folder / "the-lab-ran").exists()


def test_the_source_is_not_in_the_page(tiny, visit):
    for path, state in (("00_overview", "alive"), ("01_controls", "ready")):
        seen = visit(tiny.url).open(f"/voila/render/{path}.ipynb")
        content = (seen.alive() if state == "alive" else seen.until(state)).page.content()
        assert "secret_source" not in content
        assert "secret-in-callback" not in content
        assert "kpilib.serve.viewer" not in content


def test_an_error_is_told_without_its_reason_and_ends_the_page(tiny, visit):
    page = visit(tiny.url).open("/voila/render/02_error.ipynb").alive().page
    expect(page.locator("main [role=alert]")).to_contain_text("could not be computed")
    expect(page.locator("main")).to_contain_text("computed before")
    expect(page.locator("main")).not_to_contain_text("computed after")
    for kept in ("secret-in-error", "ValueError", "Traceback"):
        assert kept not in page.content()
    assert "secret-in-error" in tiny.said(), "whoever runs the application is told"


def test_a_notebook_that_ends_its_process_is_told_with_the_way_to_the_other_pages(tiny, visit):
    page = visit(tiny.url).open("/voila/render/03_death.ipynb").page
    expect(page.get_by_role("alert")).to_contain_text("What computes this page ended twice")
    page.get_by_role("link", name="All pages").click()
    expect(page).to_have_url(tiny.url + "/")


def test_a_page_has_one_main_part_a_way_to_the_others_and_its_own_title(tiny, visit):
    page = visit(tiny.url).open("/voila/render/lessons/one.ipynb").alive().page
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_contain_text("Data: demo")
    expect(page).to_have_title("A lesson – Key figures of the customer relation")
    page.get_by_text("Other pages").click()
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.locator("[aria-current=page]")).to_have_text("A lesson")
    pages.get_by_role("link", name="An error").click()
    expect(page).to_have_url(tiny.url + "/voila/render/02_error.ipynb")


# --- pages with a kernel of the visitor's own -----------------------------------------------------------------------


def test_a_control_changes_the_page_and_asks_no_other_host(tiny, visit):
    seen = visit(tiny.url).open("/voila/render/01_controls.ipynb").until("ready")
    field = seen.page.get_by_label("Months")
    field.fill("7")
    field.press("Enter")
    expect(seen.page.get_by_text("7 months")).to_be_visible()
    assert seen.elsewhere() == []
    assert seen.errors == []


def test_a_callback_that_fails_sends_no_traceback_to_the_page(tiny, visit):
    heard: list[str] = []
    seen = visit(tiny.url)
    seen.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    seen.open("/voila/render/01_controls.ipynb").until("ready")
    seen.page.get_by_role("button", name="Break").click()
    field = seen.page.get_by_label("Months")
    field.fill("8")
    field.press("Enter")
    expect(seen.page.get_by_text("8 months")).to_be_visible()
    assert heard, "the control talks to its kernel"
    assert not any("secret-in-callback" in frame for frame in heard)
    assert "secret-in-callback" in tiny.said(), "whoever runs the application is told"


def test_a_page_with_controls_keeps_its_kernel_until_it_is_left(tiny, visit, kernel_of):
    seen = visit(tiny.url).open("/voila/render/01_controls.ipynb").until("ready")
    kernel = kernel_of(seen)
    assert seen.page.context.request.get(kernel).status == 200
    seen.page.get_by_role("link", name="Key figures").click()
    expect(seen.page).to_have_url(tiny.url + "/")
    ended(seen, kernel)


def test_one_visitor_too_many_is_told_to_wait_and_comes_in_when_another_leaves(narrow, visit):
    first = visit(narrow.url).open("/voila/render/controls.ipynb").until("ready")
    second = visit(narrow.url).open("/voila/render/controls.ipynb")
    expect(second.page.get_by_role("alert")).to_contain_text("This page is busy")
    kernel = f"{first.url}/api/kernels/{first.page.evaluate(KERNEL)}"
    first.page.goto(narrow.url + "/nothing", wait_until="commit")
    ended(first, kernel)
    second.until("ready")
    expect(second.page.get_by_label("Months")).to_be_visible()
    kernel = f"{second.url}/api/kernels/{second.page.evaluate(KERNEL)}"
    second.page.goto(narrow.url + "/nothing", wait_until="commit")
    ended(second, kernel)


def test_a_cell_of_a_kernel_that_fails_is_told_without_its_reason_and_its_kernel_ends(narrow, visit, kernel_of):
    seen = visit(narrow.url).open("/voila/render/error.ipynb").until("failed")
    page = seen.page
    expect(page.locator("main [role=alert]")).to_contain_text("could not be computed")
    expect(page.get_by_role("status")).to_contain_text("incomplete")
    expect(page.locator("main")).not_to_contain_text("computed after")
    for kept in ("secret-in-kernel", "ValueError", "Traceback"):
        assert kept not in page.content()
    ended(seen, kernel_of(seen))


def test_a_cell_of_a_kernel_that_takes_too_long_is_stopped_and_told(narrow, visit, kernel_of):
    seen = visit(narrow.url).open("/voila/render/slow.ipynb").until("failed")
    expect(seen.page.locator("main [role=alert]")).to_contain_text("could not be computed")
    expect(seen.page.get_by_role("contentinfo")).to_contain_text("Data: demo")
    ended(seen, kernel_of(seen))


def test_a_connection_that_breaks_is_told(narrow, visit, kernel_of):
    seen = visit(narrow.url)

    def cut(route):
        whole = route.fetch().text()
        route.fulfill(body=whole[: whole.index("kpi.finish(") - len("<script>")], content_type="text/html")

    seen.page.route("**/voila/render/*", cut)
    seen.open("/voila/render/controls.ipynb").until("failed")
    expect(seen.page.get_by_role("status")).to_contain_text("This page is incomplete. Reload it")
    kernel_of(seen)


def test_scripts_that_do_not_come_are_told_and_the_figures_stay(tiny, visit):
    seen = visit(tiny.url)
    seen.page.route("**/voila.js", lambda route: route.abort())
    page = seen.open("/voila/render/01_controls.ipynb").until("failed").page
    expect(page.get_by_role("status")).to_contain_text("The controls could not be connected")


def test_a_page_with_controls_fits_a_phone_in_the_dark(tiny, visit):
    seen = visit(tiny.url, viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = seen.open("/voila/render/01_controls.ipynb").until("ready").page
    expect(page.get_by_label("Months")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"


def test_a_page_whose_kernel_was_culled_says_so_when_one_comes_back_to_it(tiny, visit):
    page = visit(tiny.url).open("/voila/render/01_controls.ipynb").until("ready").page
    page.route("**/api/kernels/*", lambda route: route.fulfill(status=404))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("status")).to_contain_text("has stopped computing. Reload it")
