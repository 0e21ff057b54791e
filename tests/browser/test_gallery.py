"""The gallery in a real browser."""

from playwright.sync_api import expect


def test_the_gallery_shows_one_card_a_notebook_in_order(tiny, visit):
    page = visit(tiny.url).open().page
    titles = [
        "The customer relation at a glance",
        "Controls",
        "An error",
        "A death",
        "Prose <b>& marks</b>",
        "A lesson",
    ]
    expect(page.locator(".kpi-card a")).to_have_text(titles)
    expect(page.locator(".kpi-card p").first).to_have_text("How do we stand against target?")
    expect(page.get_by_role("heading", name="Lessons")).to_be_visible()


def test_a_card_opens_its_notebook(tiny, visit):
    page = visit(tiny.url).open().page
    page.get_by_role("link", name="The customer relation at a glance").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page).to_have_url(tiny.url + "/voila/render/00_overview.ipynb")
    expect(page).to_have_title("The customer relation at a glance – Key figures of the customer relation")


def test_the_gallery_asks_for_nothing_but_itself_and_two_scripts_and_logs_no_error(tiny, visit):
    seen = visit(tiny.url).open()
    seen.page.wait_for_load_state()
    scripts = [url.rsplit("/", 1)[1] for url in seen.requests if "/kpi/static/" in url]
    assert sorted(scripts) == ["early.js", "kpi.js"]
    assert len(seen.requests) == 3
    assert seen.errors == []


def test_the_foot_states_the_data_and_their_date(tiny, visit):
    page = visit(tiny.url).open().page
    for said in ("Data: demo", "as of June 30, 2026", "fingerprint", "last refreshed", "quality: none of"):
        expect(page.get_by_role("contentinfo")).to_contain_text(said)


def test_the_gallery_fits_a_phone_in_the_dark(tiny, visit):
    page = visit(tiny.url, viewport={"width": 360, "height": 740}, color_scheme="dark").open().loaded().page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(red, green, blue) < 60, "the ground is dark"


def test_an_address_that_does_not_exist_leads_back(tiny, visit):
    page = visit(tiny.url).open("/voila/render/none.ipynb").page
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="All pages").click()
    expect(page).to_have_url(tiny.url + "/")
