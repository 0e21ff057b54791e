"""The application without a browser: the gallery, the hook before a kernel, what is served and what is not."""

import io
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

import fake_page
import nbformat
import pytest
from serving import code, markdown, tiny_notebooks, write

from kpilib.errors import BadInput
from kpilib.serve import places, viewer
from kpilib.serve.app import server
from kpilib.serve.chrome import around
from kpilib.serve.facts import DataFacts, facts_from
from kpilib.serve.gallery import cards
from kpilib.serve.handlers import preferred
from kpilib.serve.hooks import QUIET, prelaunch, without_lab_cells
from kpilib.serve.lab import command
from kpilib.serve.pages import in_script
from kpilib.serve.settings import IDLE_SECONDS, configuration
from kpilib.serve.shelf import Asset, Shelf
from kpilib.serve.site import Site

FACTS = DataFacts("acme", "2026-06-30", "3f9a2c77b1d0", refused=12, rows=4800)


def test_a_card_says_what_the_notebook_says_of_itself(tmp_path):
    write(tmp_path / "03_churn.ipynb", markdown("# Leaving\n\nProse."), title="Churn", question="Who leaves?", order=2)
    (card,) = cards(tmp_path)
    assert (card.path, card.title, card.question, card.order) == ("03_churn.ipynb", "Churn", "Who leaves?", 2)


def test_without_metadata_a_card_says_the_first_heading_and_the_first_sentence(tmp_path):
    prose = "# Sales by *region*\n\nDoes the [north](x.ipynb) sell `more`? It depends.\n\nAnd so on."
    write(tmp_path / "01_sales.ipynb", code("1 + 1"), markdown(prose))
    (card,) = cards(tmp_path)
    assert (card.title, card.question) == ("Sales by region", "Does the north sell more?")


def test_without_any_prose_a_card_says_the_name_of_the_file(tmp_path):
    write(tmp_path / "02_win_rate.ipynb", code("1 + 1"))
    assert [(card.title, card.question) for card in cards(tmp_path)] == [("Win rate", "")]


def test_cards_come_by_order_then_by_file_name_and_lessons_last(tmp_path):
    for name in ("10_b.ipynb", "02_a.ipynb", "lessons/00_first.ipynb", ".hidden.ipynb", "drafts/x.ipynb"):
        write(tmp_path / name)
    write(tmp_path / "99_start.ipynb", order=1)
    assert [card.path for card in cards(tmp_path)] == [
        "99_start.ipynb",
        "02_a.ipynb",
        "10_b.ipynb",
        "lessons/00_first.ipynb",
    ]


@pytest.mark.parametrize("held", ["{not json", '{"nothing": 1}', "[]"])
def test_a_file_that_is_not_a_notebook_is_named(tmp_path, held):
    (tmp_path / "broken.ipynb").write_text(held)
    with pytest.raises(BadInput, match=r"broken\.ipynb' is not a notebook"):
        cards(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"no folder of notebooks at .*nowhere.*--notebooks"):
        cards(tmp_path / "nowhere")


def test_lab_cells_leave_before_the_kernel_and_nothing_else_does(tmp_path):
    file = write(
        tmp_path / "a.ipynb", markdown("# A"), code("secret()", "lab"), code("shown()", "chart"), code("end()")
    )
    notebook = without_lab_cells(nbformat.read(file, as_version=4))
    assert [cell.source for cell in notebook.cells] == [QUIET, "# A", "shown()", "end()"]


def test_the_hook_gives_the_page_its_title_its_neighbours_and_its_data(tmp_path):
    folder = tiny_notebooks(tmp_path)
    notebook = nbformat.read(folder / "lessons" / "one.ipynb", as_version=4)

    class Request:
        path_args = ("lessons/one.ipynb",)
        reader = "en"

    ready = prelaunch(Site(folder, FACTS, None, 60))(Request(), notebook=notebook, cwd="lessons")
    page = ready.metadata.kpi_page
    assert ready.metadata.title == page.title == "A lesson"
    assert [card.title for card in page.nav][-2:] == ["Prose <b>& marks</b>", "A lesson"]
    assert page.data.fingerprint == "3f9a2c77b1d0"


def test_the_foot_says_the_data_their_day_and_their_quality_in_the_readers_language(tmp_path):
    folder = tiny_notebooks(tmp_path)
    said = around("", folder, FACTS, "en")["data"]
    assert (said["name"], said["as_of"], said["day"]) == ("acme", "2026-06-30", "June 30, 2026")
    assert said["quality"] == "12 of 4,800 rows refused (0.25%)"
    assert around("", folder, FACTS, "fr")["data"]["day"] == "30 juin 2026"


def test_the_facts_know_when_the_cubes_were_built(tmp_path, monkeypatch):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path))
    built = tmp_path / "cubes" / "abcdef0123456789"
    built.mkdir(parents=True)
    facts = facts_from("exports/acme", {"as_of": "2026-06-30", "fingerprint": built.name, "refused": None})
    assert facts.refreshed == built.stat().st_mtime
    assert facts.said("en")["quality"] == ""


@pytest.mark.parametrize(
    ("header", "language"),
    [("fr-CH, fr;q=0.9, en;q=0.8", "fr"), ("de, en;q=0.5, fr;q=0.7", "fr"), ("de", "en"), ("", "en"), (";;q=,x", "en")],
)
def test_the_language_is_the_first_that_the_browser_accepts_and_we_speak(header, language):
    assert preferred(header) == language


def test_what_a_script_reads_cannot_end_its_element():
    held = {"name": "</script><!--<script>", "n": 1}
    text = in_script(held)
    assert "</" not in text
    assert "<!" not in text
    assert json.loads(text) == held


def test_what_is_on_the_shelf_is_found_again_under_its_whole_name_only(tmp_path):
    shelf = Shelf(tmp_path / "pages")
    assert shelf.get("page", "a") is None
    shelf.put({"cells": []}, "page", "a")
    assert shelf.has("page", "a")
    assert Shelf(tmp_path / "pages").get("page", "a") == {"cells": []}
    assert shelf.get("page", "b") is None
    next((tmp_path / "pages").iterdir()).write_bytes(b"broken")
    assert shelf.get("page", "a") is None


def test_an_asset_with_another_content_has_another_address():
    one, other = (Asset("kpi.js", "text/javascript", content) for content in (b"1", b"2"))
    assert one.address != other.address
    assert one.address.endswith("/kpi.js")


@pytest.mark.slow
def test_the_server_imports_neither_pandas_nor_altair():
    code = (
        "import sys, kpilib.serve.app;"
        "print(sorted({'pandas', 'altair', 'duckdb', 'ipywidgets', 'kpilib.show', 'kpilib.book'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_traceback_goes_to_the_log_and_one_sentence_to_the_browser(monkeypatch):
    sent = []

    class Shell:
        def _showtraceback(self, etype, evalue, stb):
            sent.append((etype.__name__, str(evalue), stb))

    shell, log = Shell(), io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", log)
    viewer.keep_tracebacks_here(shell)
    shell._showtraceback(ValueError, ValueError("customer 4711"), ["line 1: customer 4711"])
    assert sent == [("RuntimeError", viewer.SAID, [viewer.SAID])]
    assert "ValueError: customer 4711" in log.getvalue()


def test_the_settings_close_what_a_visitor_could_open(tmp_path):
    settings = configuration(tmp_path, 8866, "127.0.0.1")
    assert settings.VoilaConfiguration.allow_template_override == "NO"
    assert settings.VoilaConfiguration.allow_theme_override == "NO"
    assert settings.VoilaConfiguration.strip_sources is True
    assert settings.VoilaConfiguration.show_tracebacks is False
    assert settings.Voila.config_file_paths == []
    assert "token" not in settings.Voila


def test_pages_left_alone_lose_their_kernel_and_cells_have_a_time_limit(tmp_path):
    settings = configuration(tmp_path, 8866, "127.0.0.1")
    assert settings.MappingKernelManager.cull_idle_timeout == IDLE_SECONDS > 0
    assert settings.MappingKernelManager.cull_connected is True
    assert 0 < settings.VoilaExecutor.timeout <= 300
    assert settings.VoilaExecutor.interrupt_on_timeout is True


def test_another_address_than_this_machines_needs_a_token_made_anew_each_time(tmp_path):
    once, again = (configuration(tmp_path, 8866, "0.0.0.0").Voila.token for _ in "12")
    assert len(once) >= 24
    assert once != again


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(BadInput, match="There is no notebook in"):
        server(tmp_path, FACTS)


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"127.0.0.1:{port}.*--port"):
            places.check_port("127.0.0.1", port)


def test_a_port_that_does_not_exist_is_named():
    with pytest.raises(BadInput, match=r"99999.*--port"):
        places.check_port("127.0.0.1", 99999)


def test_a_kernel_gets_the_data_by_their_full_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPILIB_DATA", raising=False)
    assert places.absolute("exports") == str(tmp_path / "exports")
    assert places.absolute("duckdb:///x.duckdb") == "duckdb:///x.duckdb"
    assert places.absolute(None) is None
    monkeypatch.setenv("KPILIB_DATA", "elsewhere")
    assert places.absolute(None) == str(tmp_path / "elsewhere")


def test_the_lab_listens_here_only_and_asks_for_no_news(tmp_path):
    line = command(tmp_path, 0, open_browser=False)
    assert "--ServerApp.ip=127.0.0.1" in line
    assert "--LabApp.news_url=None" in line
    assert "--LabApp.extension_manager=readonly" in line
    assert "--no-browser" in line


@pytest.fixture(scope="module")
def app(start_app, tmp_path_factory):
    """The tiny notebooks, and one whose page has two pieces."""
    folder = tiny_notebooks(tmp_path_factory.mktemp("notebooks"))
    shutil.copy(fake_page.__file__, folder)
    made = code("from fake_page import FakePage\npage = FakePage()")
    about = {"question": "What is kept?", "headline": ["revenue"]}
    write(folder / "05_pieces.ipynb", markdown("# Pieces"), made, code("page.filters"), code("page.tiles"), **about)
    running = start_app("--notebooks", str(folder), "--data", "data/demo", "--kernels", "1")
    running.folder = folder
    return running


class Browser:
    """Asks as a browser does: with cookies, and with the guard that a page's script sends."""

    def __init__(self, url, **headers):
        self.url, self.jar, self.headers = url, CookieJar(), headers
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path, **headers):
        return self.send(urllib.request.Request(self.url + path, headers={**self.headers, **headers}))

    def post(self, path, body, guarded=True):
        guard = {cookie.name: cookie.value for cookie in self.jar}
        headers = {**self.headers, **({"X-XSRFToken": guard["_xsrf"]} if guarded else {})}
        data = json.dumps(body).encode()
        return self.send(urllib.request.Request(self.url + path, data, headers, method="POST"))

    def send(self, request):
        """Status, headers and text, whatever the status."""
        try:
            with self.opener.open(request, timeout=120) as got:
                return got.status, got.headers, got.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read().decode()


def answer(url, **headers):
    return Browser(url).get("", **headers)


PIECES = "/voila/render/05_pieces.ipynb"


@pytest.fixture
def reader(app):
    """A browser that has opened the page of two pieces."""
    one = Browser(app.url)
    assert one.get(PIECES)[0] == 200
    return one


def until(condition, seconds=60):
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_a_page_is_complete_before_any_script_and_its_charts_are_painted(reader):
    until(lambda: "svg en" in reader.get(PIECES)[2])
    _, _, text = reader.get(PIECES)
    assert '<section data-piece="tiles">svg en</section>' in text
    assert "What is kept?" in text
    first = json.loads(re.search(r'id="kpi-first">(.*?)</script>', text).group(1))
    assert [line["kind"] for line in first] == ["head", "piece", "end"]
    host = json.loads(re.search(r'id="kpi-host">(.*?)</script>', text).group(1))
    assert host["path"] == "05_pieces.ipynb"
    assert host["strings"]["lost"]


@pytest.mark.slow
def test_a_page_holds_no_script_but_the_servers_files_and_allows_no_other(reader):
    _, headers, text = reader.get(PIECES)
    scripts = re.findall(r"<script([^>]*)>", text)
    assert [about for about in scripts if "src=" not in about and "application/json" not in about] == []
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"


@pytest.mark.slow
def test_the_language_is_the_browsers_until_one_is_chosen_by_hand(app):
    french = Browser(app.url, **{"Accept-Language": "fr-FR,fr;q=0.9"})
    assert '<html lang="fr">' in french.get(PIECES)[2]
    assert " fr</section>" in french.get(PIECES)[2]
    assert '<html lang="en">' in french.get(PIECES + "?lang=en")[2]
    assert '<html lang="en">' in french.get("/")[2], "what was chosen is kept"


@pytest.mark.slow
def test_a_query_paints_its_own_page(reader):
    assert "live en" in reader.get(PIECES + "?segment=SMB")[2]


@pytest.mark.slow
def test_a_second_visit_transfers_nothing_and_the_first_is_compressed(reader):
    until(lambda: "svg en" in reader.get(PIECES)[2])
    _, headers, _ = reader.get(PIECES)
    assert reader.get(PIECES, **{"If-None-Match": headers["ETag"]})[0] == 304
    request = urllib.request.Request(reader.url + PIECES, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as got:
        assert got.headers["Content-Encoding"] == "gzip"
        assert got.read(2) == b"\x1f\x8b"


@pytest.mark.slow
def test_an_answer_comes_line_by_line_without_what_the_page_has(reader):
    status, headers, text = reader.post("/kpi/ask/05_pieces.ipynb?segment=SMB", {"have": []})
    lines = [json.loads(line) for line in text.splitlines()]
    assert status == 200
    assert headers["Content-Type"] == "application/x-ndjson"
    assert lines[0]["query"] == {"segment": ["SMB"]}
    assert lines[1]["chart"]["skeleton"] == {"mark": "bar"}
    _, _, text = reader.post("/kpi/ask/05_pieces.ipynb?segment=SMB", {"have": ["k1"]})
    assert "skeleton" not in text
    assert [json.loads(line)["kind"] for line in text.splitlines()] == ["head", "piece", "end"]


@pytest.mark.slow
def test_what_a_reader_sees_is_asked_first_and_an_answer_does_not_depend_on_it(reader):
    asked = "/kpi/ask/05_pieces.ipynb?segment=Seen"
    texts = [reader.post(asked, {"have": [], "first": [piece]})[2] for piece in ("tiles", "filters")]
    assert [json.loads(text.splitlines()[0])["first"] for text in texts] == [["tiles"], ["tiles"]]
    assert reader.post(asked, {"first": "tiles"})[0] == 400


@pytest.mark.slow
def test_an_answer_that_fails_says_a_reference_and_nothing_else(app, reader):
    _, _, text = reader.post("/kpi/ask/05_pieces.ipynb?segment=break", {"have": []})
    failed = json.loads(text)
    assert failed["kind"] == "failed"
    assert re.fullmatch(r"Something went wrong \(ref [0-9a-f]{8}\)\.", failed["said"])
    assert "secret-in-answer" in app.said(), "whoever runs the application is told"
    assert failed["said"].split()[-1].strip(").") in app.said()


@pytest.mark.slow
def test_a_question_from_another_site_is_refused(reader):
    assert reader.post("/kpi/ask/05_pieces.ipynb", {"have": []}, guarded=False)[0] == 403


@pytest.mark.slow
@pytest.mark.parametrize("body", [[], {"have": 3}, {"have": ["k"] * 2000}])
def test_a_question_that_no_page_asks_is_refused(reader, body):
    assert reader.post("/kpi/ask/05_pieces.ipynb", body)[0] == 400


@pytest.mark.slow
def test_records_and_files_come_with_what_they_are_called(reader):
    _, _, text = reader.get("/kpi/records/05_pieces.ipynb?piece=tiles&mark.region=West")
    assert json.loads(text) == {"title": "tiles", "mark": {"region": "West"}, "rows": [[1]]}
    _, headers, text = reader.get("/kpi/export/05_pieces.ipynb?piece=tiles&form=csv")
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''tiles.csv"
    assert text == "a,b\r\n"
    status, _, text = reader.get("/kpi/export/05_pieces.ipynb?piece=tiles&form=exe")
    assert (status, json.loads(text)["said"]) == (400, "No file 'exe'.")
    assert reader.get("/kpi/records/05_pieces.ipynb")[0] == 400
    assert reader.get("/kpi/records/nothing.ipynb?piece=tiles")[0] == 404


@pytest.mark.slow
def test_the_scripts_are_kept_by_the_browser_for_ever_and_known_by_their_content(reader):
    address = re.search(r'<script type="module" src="([^"]+)"', reader.get(PIECES)[2]).group(1)
    status, headers, text = reader.get(address)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert "mount" in text
    assert reader.get("/kpi/static/0123456789abcdef/kpi.js")[0] == 404


@pytest.mark.slow
def test_a_page_learns_whether_the_server_is_there_and_which_data_it_shows(reader):
    _, _, text = reader.get("/kpi/alive")
    shown = re.search(r"fingerprint</?[^<]*<code>(\w+)</code>|<code>(\w+)</code>", reader.get(PIECES)[2])
    assert json.loads(text)["fingerprint"] in shown.group(0)


@pytest.mark.slow
@pytest.mark.parametrize("path", [PIECES, "/kpi/records/05_pieces.ipynb"])
def test_arguments_of_hostile_length_are_refused_in_words(reader, path):
    status, _, text = reader.get(f"{path}?piece=tiles&segment={'x' * 5000}")
    assert status == 414
    assert "This address is too long" in text


@pytest.mark.slow
def test_the_gallery_says_the_headline_figures_of_a_page(app):
    def shown():
        return re.search(
            r'data-kpi="revenue">\s*<dt>revenue</dt>\s*<dd><span class="kpi-value">7</span>', answer(app.url + "/")[2]
        )

    until(shown)


@pytest.mark.slow
def test_a_page_that_fails_shows_what_stands_above_and_a_reference(app):
    status, _, text = answer(app.url + "/voila/render/02_error.ipynb")
    assert status == 200
    assert "computed before" in text
    assert "computed after" not in text
    ref = re.search(r'role="alert">.*?under (\w{8})\.', text, re.DOTALL).group(1)
    for kept in ("secret-in-error", "ValueError", "Traceback"):
        assert kept not in text
    assert f"ref {ref}" in app.said()


@pytest.mark.slow
def test_a_page_that_ends_its_worker_is_told_and_the_others_go_on(app, reader):
    status, _, text = answer(app.url + "/voila/render/03_death.ipynb")
    assert status == 500
    assert "What computes this page ended twice" in text
    assert "kpi-bar" in text, "with the way to the other pages"
    assert reader.post("/kpi/ask/05_pieces.ipynb?segment=after", {"have": []})[0] == 200


@pytest.mark.slow
def test_a_notebook_with_its_own_controls_gets_a_kernel_and_one_too_many_is_asked_to_wait(app):
    status, headers, text = answer(app.url + "/voila/render/01_controls.ipynb")
    assert status == 200
    assert "kpi.finish(true)" in text
    assert "'unsafe-inline'" in headers["Content-Security-Policy"]
    status, headers, text = answer(app.url + "/voila/render/01_controls.ipynb")
    assert status == 503
    assert headers["Retry-After"] == "5"
    assert "This page is busy" in text
    assert '<meta http-equiv="refresh" content="5">' in text
    assert answer(app.url + PIECES)[0] == 200, "pages without a kernel are open to all"


@pytest.mark.slow
def test_a_notebook_that_is_saved_anew_is_shown_anew(app, reader):
    file = app.folder / "06_later.ipynb"
    write(file, markdown("# First"))
    assert "First" in reader.get("/voila/render/06_later.ipynb")[2]
    write(file, markdown("# Second version"))
    assert "Second version" in reader.get("/voila/render/06_later.ipynb")[2]
    file.unlink()
    assert reader.get("/voila/render/06_later.ipynb")[0] == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/notes.txt",
        "/voila/files/00_overview.ipynb",
        "/voila/api/contents",
        "/voila/api/contents/00_overview.ipynb",
        "/voila/api/themes/x",
        "/voila/tree",
        "/voila/tree/lessons",
        "/voila/render/notes.txt",
        "/voila/render/../00_overview.ipynb",
        "/voila/render/nothing.ipynb",
        "/api/contents",
        "/api/kernels",
        "/metrics",
    ],
)
def test_nothing_but_the_pages_is_served(app, path):
    status, _, text = answer(app.url + path)
    assert status == 404
    assert "There is no such page" in text


@pytest.mark.slow
def test_a_visitor_can_choose_neither_template_nor_theme(app):
    status, _, text = answer(app.url + "/voila/render/04_prose.ipynb?template=reveal&theme=dark")
    assert status == 200
    assert 'class="kpi-bar"' in text, "our template"
    assert "reveal" not in text


@pytest.mark.slow
def test_marks_in_a_title_are_text(app):
    for path in ("/", "/voila/render/00_overview.ipynb"):
        _, _, text = answer(app.url + path)
        assert "Prose &lt;b&gt;&amp; marks&lt;/b&gt;" in text
        assert "Prose <b>" not in text


@pytest.mark.slow
def test_every_page_forbids_requests_to_other_hosts(app):
    for path in ("/", "/nothing", PIECES):
        policy = answer(app.url + path)[1]["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy


@pytest.mark.slow
def test_a_request_under_another_hosts_name_is_refused(app):
    for path in ("/", PIECES, "/kpi/alive"):
        assert answer(app.url + path, Host="evil.example")[0] == 403


@pytest.mark.slow
def test_no_page_names_another_host_or_a_place_on_this_machine(app):
    for path in ("/", "/voila/render/04_prose.ipynb", PIECES, "/nothing"):
        text = answer(app.url + path)[2].replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        assert str(app.folder) not in text
        assert str(places.NOTEBOOKS.parent) not in text


@pytest.mark.slow
def test_an_application_open_to_others_shows_nothing_without_its_token(start_app, app):
    shared = start_app("--notebooks", str(app.folder), "--data", "data/demo", "--host", "0.0.0.0", "--workers", "1")
    token = re.search(r"token=(\S+)", shared.said()).group(1)
    for path in ("/", "/voila/render/04_prose.ipynb"):
        assert "Prose" not in answer(shared.url + path)[2]
        assert "Prose" in answer(f"{shared.url}{path}?token={token}")[2]
    stranger = Browser(shared.url)
    stranger.get("/")
    for path in ("/kpi/alive", "/kpi/records/05_pieces.ipynb?piece=tiles", "/kpi/export/05_pieces.ipynb?piece=tiles"):
        status, headers, text = stranger.get(path)
        assert status == 403
        assert headers["Content-Type"].startswith("application/json")
        assert json.loads(text)["said"].startswith("This page is not open to you.")


@pytest.mark.slow
def test_an_application_that_is_stopped_ends_its_processes_and_says_nothing(start_app, app):
    stopped = start_app("--notebooks", str(app.folder), "--data", "data/demo", "--workers", "1")
    assert answer(stopped.url + PIECES)[0] == 200
    before = len(stopped.said())
    for _ in range(2):
        stopped.process.send_signal(signal.SIGTERM)
    assert stopped.process.wait(30) == 0
    # The notebook that fails may still be run; nothing of ours fails.
    assert "kpilib/serve" not in stopped.said()[before:]
    with pytest.raises(urllib.error.URLError):
        answer(stopped.url + "/")
