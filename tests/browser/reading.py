"""A page of kpilib's pieces as its reader uses it: chooses by hand, reads numbers, opens what stands behind them."""

import re
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from babel.numbers import parse_decimal
from playwright.sync_api import Locator, Page, expect

DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
#: What hangs over the edge of its card: what is too wide is scrolled within it.
OVER = """() => [...document.querySelectorAll(".kpi-card *, .kpi > :not(style)")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => one.getBoundingClientRect().right > one.closest(".kpi-card, .kpi").getBoundingClientRect().right + 1)
  .map((one) => one.className)"""
#: What can be pressed and is smaller than 24 pixels.
SMALL = """() => [...document.querySelectorAll("main :is(button, summary, select, input), header *:is(a, button)")]
  .filter((one) => one.checkVisibility() && !one.closest("label"))
  .map((one) => [one.className || one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && (width < 24 || height < 24))
  .map(([name, { width, height }]) => `${name}: ${width} × ${height}`)"""

TABLE = (
    """table => [...table.querySelectorAll("tbody tr")].map(row => [...row.children].map(cell => cell.textContent))"""
)
TILES = """tiles => tiles.map(t => [t.dataset.kpi, ["value", "rows"].map(part => {
  const said = t.querySelector(`.kpi-${part}`);
  return said.title || said.textContent;
})])"""


class Reader:
    """A visitor of one notebook's page; `search` is the query of the link that he follows."""

    def __init__(self, visit, app, stem: str, search: str = "", **options):
        self._of(visit(app.url, **options).open(f"/voila/render/{stem}.ipynb{search}").alive())

    @classmethod
    def of(cls, seen) -> "Reader":
        """The reader of a page that is open."""
        made = cls.__new__(cls)
        made._of(seen)
        return made

    def _of(self, seen) -> None:
        self.seen, self.page = seen, seen.page

    # --- choosing -----------------------------------------------------------------------------------------------

    def pick(self, dimension: str) -> Locator:
        """A list of the filter bar, opened."""
        pick = self.page.locator(f".kpi-pick[data-dimension={dimension}]")
        if pick.get_attribute("open") is None:
            pick.locator("> summary").click()
        return pick

    def choose(self, dimension: str, member: str, on: bool = True) -> None:
        """Tick a member of a list, or take its tick away."""
        box = self.pick(dimension).locator(f'input[name="{dimension}"]').and_(self.box(member))
        box.set_checked(on)
        self.page.keyboard.press("Escape")
        self.seen.settled()

    def box(self, member: str) -> Locator:
        written = member.replace("\\", "\\\\").replace('"', '\\"')
        return self.page.locator(f'input[value="{written}"]')

    def period(self, preset: str) -> None:
        """One of the periods that are offered, by its name in the address."""
        self.pick("period").locator(f"input[value={preset}]").check()
        self.page.keyboard.press("Escape")
        self.seen.settled()

    def months(self, since: str, until: str) -> None:
        """A period by its first and last month."""
        pick = self.pick("period")
        for edge, month in (("since", since), ("until", until)):
            pick.locator(f"[data-edge={edge}]").select_option(month)
            self.seen.settled()
        self.page.keyboard.press("Escape")

    def choose_list(self, slug: str, name: str, value: str) -> None:
        """One of a figure's own lists."""
        self.piece(slug).locator(f"[data-list={name}]").select_option(value)
        self.seen.settled()

    def reset(self) -> None:
        self.page.locator("[data-do=reset]").click()
        self.seen.settled()

    # --- reading ------------------------------------------------------------------------------------------------

    def piece(self, slug: str) -> Locator:
        return self.page.locator(f"[data-piece={slug}]")

    @property
    def query(self) -> dict[str, list[str]]:
        """What the address says."""
        return parse_qs(urlsplit(self.page.url).query)

    def tiles(self) -> dict[str, list[str]]:
        """Value in full and rows of every tile that has a number, by its KPI."""
        return dict(self.page.locator(".kpi-tile[data-kpi]:has(.kpi-value)").evaluate_all(TILES))

    def table(self, slug: str) -> list[list[str]]:
        """The rows of a figure's table."""
        return self.piece(slug).locator("[data-slot=table] table").evaluate(TABLE)

    def shows(self, book, key: str = "win_rate", locale: str = "en", **how) -> None:
        """A tile shows value and rows as the book answers them to this choice."""
        answer = book.kpi(key, **how).iloc[0]
        value, rows = self.tiles()[key]
        assert same(value, answer["value"], locale), (key, value, answer["value"])
        assert same(rows, answer["rows"], locale), (key, rows, answer["rows"])

    # --- what stands behind ---------------------------------------------------------------------------------------

    def marks(self, slug: str) -> int:
        """How many marks of a figure's chart say something."""
        return self.piece(slug).locator(".catch_marks > *").count()

    def mark(self, slug: str, at: int) -> str:
        """Point at a mark of a figure's chart; the head of what it says there."""
        mark = self.piece(slug).locator(".catch_marks > *").nth(at)
        mark.evaluate("mark => mark.scrollIntoView({block: 'center'})")
        box = mark.bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return self.page.locator(".kpi-tip > div").first.text_content()

    def click(self) -> None:
        """Click where the mouse is."""
        self.page.mouse.down()
        self.page.mouse.up()

    def records(self) -> Locator:
        """The dialog with the records, once its table can be searched."""
        self.page.locator("dialog[data-ready]").wait_for()
        return self.page.get_by_role("dialog")

    def saved(self, button: Locator):
        """The name and bytes of the file that a button gives."""
        with self.page.expect_download() as download:
            button.click()
        return download.value.suggested_filename, download.value.path().read_bytes()

    def save(self, slug: str, form: str):
        """A file of a figure."""
        menu = self.piece(slug).locator(".kpi-save")
        menu.locator("summary").click()
        return self.saved(menu.locator(f"[data-export={form}]"))


def number(text: str, locale: str = "en") -> tuple[float, float]:
    """The first number of a text as its language writes it, a share as a fraction; half a unit of its last digit."""
    found = re.search(r"[−+-]?\d(?:[\d.,\s]*\d)?", text)
    assert found, text
    value = parse_decimal(found[0].replace("−", "-").replace("+", ""), locale=locale, strict=True)
    unit = 10.0 ** value.as_tuple().exponent / 2
    scale = 100 if re.match(r"\s?%", text[found.end() :]) else 1
    return float(value) / scale, unit / scale * 1.0001


def same(text: str, value: float, locale: str = "en") -> bool:
    """Whether a text says this number, to its last digit."""
    said, half = number(text, locale)
    return abs(said - value) <= half


def none(locator: Locator) -> None:
    """Wait until there is none of these."""
    expect(locator).to_have_count(0)


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds, a line each, with the first elements it found it in."""
    found = Axe().run(page, context=within, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found]


def over(page: Page, width: int) -> list[str]:
    """What is wider than a screen of this width, and what hangs over the edge of its card."""
    scrolled = page.evaluate("document.documentElement.scrollWidth")
    return [*([f"the page: {scrolled}"] if scrolled != width else []), *page.evaluate(OVER)]
