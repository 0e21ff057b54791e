"""The manager's first page as it is seen and used: its questions, its lists, the way to the other pages."""

from playwright.sync_api import expect

from browser.reading import Reader

STEM = "00_overview"
YEAR = {"since": "2025-07", "until": "2026-06"}
MISSIONS = "missions"


def test_the_overview_is_the_first_page_of_the_gallery(server, visit):
    page = visit(server.url).open("/").loaded().page
    assert "00_overview" in page.locator("a[href*='/voila/render/']").first.get_attribute("href")


def test_five_questions_and_three_missions_are_answered_before_any_number(server, visit):
    page = Reader(visit, server, STEM).page
    assert page.locator("[data-piece=questions] > [role=group]").count() == 5
    assert page.locator("[data-piece=missions] > [role=group]").count() == 3
    for said in page.locator(".kpi-asked .kpi-finding").all_inner_texts():
        assert len(said) > 40
    for state in page.locator(".kpi-asked .kpi-state").all_inner_texts():
        assert state in ("Better", "Worse", "Better and worse", "No change", "Not known")


def test_the_tiles_of_a_mission_follow_the_filters(server, visit, demo):
    reader = Reader(visit, server, STEM)
    before = reader.piece(MISSIONS).inner_text()
    reader.choose("segment", "Enterprise")
    assert reader.piece(MISSIONS).inner_text() != before
    won = demo.kpi("win_rate", where={"segment": ["Enterprise"]}, **YEAR)["value"].item()
    tile = reader.piece(MISSIONS).locator("[data-kpi=win_rate] .kpi-value")
    expect(tile).to_have_text(f"{won:.1%}")


def test_a_question_leads_to_the_page_that_goes_deeper_with_the_choice_in_force(server, visit):
    reader = Reader(visit, server, STEM)
    reader.choose("segment", "SMB")
    reader.page.locator("[data-piece=questions] .kpi-deeper a[href^='06_service']").first.click()
    reader.page.wait_for_url("**/06_service.ipynb?*segment=SMB*")


def test_an_action_is_chosen_by_the_reader_and_told(server, visit):
    reader = Reader(visit, server, STEM)
    slug = "what-did-we-do-and-what-came-of-it"
    action = reader.piece(slug).locator("[data-list=action] option").nth(2).get_attribute("value")
    reader.choose_list(slug, "action", action)
    expect(reader.piece(slug).locator(".kpi-finding")).to_contain_text(action.rpartition(",")[0])
