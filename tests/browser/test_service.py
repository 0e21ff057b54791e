"""The service page as it is used: a target chosen, a filter set, a group opened, the hours of the week pointed at."""

from playwright.sync_api import expect

from browser.reading import Reader

STEM = "06_service"
LEVEL, WHERE, WEEK = (
    "how-many-are-answered-within-the-target", "where-are-tickets-handled-better-and-where-worse",
    "when-do-tickets-come",
)  # fmt: skip
YEAR = {"since": "2025-07", "until": "2026-06"}


def test_a_later_target_is_kept_more_often_and_a_filter_narrows_the_numbers(server, visit, demo):
    reader = Reader(visit, server, STEM)
    before = {row[0]: float(row[1].rstrip("%")) for row in reader.table(LEVEL)}
    reader.choose_list(LEVEL, "target", "24 hours")
    after = {row[0]: float(row[1].rstrip("%")) for row in reader.table(LEVEL)}
    assert all(after[group] > share + 20 for group, share in before.items())
    reader.choose("segment", "Enterprise")
    reader.shows(demo, "fcr", where={"segment": ["Enterprise"]}, **YEAR)


def test_a_click_on_a_channel_opens_its_tickets_and_an_hour_says_how_many_come(server, visit, demo):
    reader = Reader(visit, server, STEM)
    group = reader.mark(WHERE, 0)
    reader.click()
    expect(reader.records()).to_contain_text(group)
    behind = demo.rows("fcr", limit=None, where={"channel": [group]}, **YEAR)
    assert len(behind) > 1000
    reader.page.keyboard.press("Escape")
    assert reader.marks(WEEK) == 7 * 10
