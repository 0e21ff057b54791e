"""A notebook's page in a real browser: what it shows, what it keeps to itself, what it says when it fails."""

from playwright.sync_api import expect
from serving import code, markdown, write


def test_a_page_without_controls_is_complete_and_asks_no_other_host(tiny, visit):
    seen = visit(tiny.url).open("/voila/render/00_overview.ipynb").until("ready")
    expect(seen.page.locator("main")).to_contain_text("The data are")
    # The notebook asks for a picture elsewhere: the policy stops it before it leaves, which is the only error told.
    assert [url for url in seen.elsewhere() if "elsewhere.example" not in url] == []
    assert all("elsewhere.example" in said for said in seen.errors)
    assert seen.page.evaluate("document.querySelector('img[alt=tracker]').naturalWidth") == 0


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


def test_the_cells_of_the_lab_do_not_run(tiny, visit):
    visit(tiny.url).open("/voila/render/00_overview.ipynb").until("ready")
    assert not (tiny.folder / "the-lab-ran").exists()


def test_the_source_is_not_in_the_page(tiny, visit):
    page = visit(tiny.url).open("/voila/render/00_overview.ipynb").until("ready").page
    assert "secret_source" not in page.content()
    assert "kpilib.serve.viewer" not in page.content()


def test_an_error_is_told_without_its_reason_and_ends_the_page(tiny, visit):
    page = visit(tiny.url).open("/voila/render/02_error.ipynb").until("failed").page
    expect(page.get_by_role("alert")).to_contain_text("could not be computed")
    expect(page.get_by_role("status")).to_contain_text("incomplete")
    expect(page.locator("main")).to_contain_text("computed before")
    expect(page.locator("main")).not_to_contain_text("computed after")
    for kept in ("secret-in-error", "ValueError", "Traceback"):
        assert kept not in page.content()
    assert "secret-in-error" in tiny.said(), "whoever runs the application is told"


def test_a_kernel_that_dies_is_told(tiny, visit):
    page = visit(tiny.url).open("/voila/render/03_death.ipynb").until("failed").page
    expect(page.get_by_role("alert")).to_contain_text("could not be computed")


def test_a_step_that_takes_too_long_is_stopped_and_told(start_app, visit, tmp_path):
    write(tmp_path / "slow.ipynb", markdown("# Slow"), code("import time\ntime.sleep(600)"))
    app = start_app("--notebooks", str(tmp_path), "--data", "data/demo", "--time-limit", "3")
    page = visit(app.url).open("/voila/render/slow.ipynb").until("failed").page
    expect(page.get_by_role("alert")).to_contain_text("could not be computed")
    expect(page.get_by_role("contentinfo")).to_contain_text("Data: demo")


def test_a_connection_that_breaks_is_told(tiny, visit):
    seen = visit(tiny.url)

    def cut(route):
        whole = route.fetch().text()
        route.fulfill(body=whole[: whole.index("kpi.finish(") - len("<script>")], content_type="text/html")

    seen.page.route("**/voila/render/*", cut)
    page = seen.open("/voila/render/04_prose.ipynb").until("failed").page
    expect(page.get_by_role("status")).to_contain_text("This page is incomplete. Reload it")


def test_scripts_that_do_not_come_are_told_and_the_figures_stay(tiny, visit):
    seen = visit(tiny.url)
    seen.page.route("**/voila.js", lambda route: route.abort())
    page = seen.open("/voila/render/01_controls.ipynb").until("failed").page
    expect(page.get_by_role("status")).to_contain_text("The controls could not be connected")


def test_a_page_has_one_main_part_a_way_to_the_others_and_its_own_title(tiny, visit):
    page = visit(tiny.url).open("/voila/render/lessons/one.ipynb").until("ready").page
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_contain_text("Data: demo")
    expect(page).to_have_title("A lesson – Key figures of the customer relation")
    page.get_by_text("Other pages").click()
    here = page.get_by_role("navigation").locator("[aria-current=page]")
    expect(here).to_have_text("A lesson")
    page.get_by_role("navigation").get_by_role("link", name="An error").click()
    expect(page).to_have_url(tiny.url + "/voila/render/02_error.ipynb")


def test_a_page_with_controls_fits_a_phone_in_the_dark(tiny, visit):
    seen = visit(tiny.url, viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = seen.open("/voila/render/01_controls.ipynb").until("ready").page
    expect(page.get_by_label("Months")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"


KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"


def status_of(page, url):
    return page.evaluate("url => fetch(url).then(answer => answer.status)", url)


def test_a_page_without_controls_gives_its_kernel_back_at_once(tiny, visit):
    page = visit(tiny.url).open("/voila/render/00_overview.ipynb").until("ready").page
    kernel = f"{tiny.url}/api/kernels/{page.evaluate(KERNEL)}"
    page.wait_for_function("url => fetch(url).then(answer => answer.status === 404)", arg=kernel)


def test_a_page_with_controls_keeps_its_kernel_until_it_is_left(tiny, visit):
    page = visit(tiny.url).open("/voila/render/01_controls.ipynb").until("ready").page
    kernel = f"{tiny.url}/api/kernels/{page.evaluate(KERNEL)}"
    assert status_of(page, kernel) == 200
    page.get_by_role("link", name="Key figures").click()
    expect(page).to_have_url(tiny.url + "/")
    page.wait_for_function("url => fetch(url).then(answer => answer.status === 404)", arg=kernel)


def test_a_page_that_is_left_before_it_is_complete_gives_its_kernel_back(start_app, visit, tmp_path):
    write(tmp_path / "slow.ipynb", markdown("# Slow"), code("import time\ntime.sleep(600)"))
    app = start_app("--notebooks", str(tmp_path), "--data", "data/demo")
    page = visit(app.url).open("/voila/render/slow.ipynb").page
    expect(page.get_by_role("heading", name="Slow")).to_be_visible()
    kernel = f"{app.url}/api/kernels/{page.evaluate(KERNEL)}"
    page.get_by_role("link", name="Key figures").click()
    expect(page).to_have_url(app.url + "/")
    page.wait_for_function("url => fetch(url).then(answer => answer.status === 404)", arg=kernel)


def test_a_page_whose_kernel_was_culled_says_so_when_one_comes_back_to_it(tiny, visit):
    page = visit(tiny.url).open("/voila/render/01_controls.ipynb").until("ready").page
    page.route("**/api/kernels/*", lambda route: route.fulfill(status=404))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("status")).to_contain_text("has stopped computing. Reload it")
