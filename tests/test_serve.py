"""The application without a browser: the gallery, the hook before a kernel, what is served and what is not."""

import io
import re
import socket
import sys
import urllib.error
import urllib.request

import nbformat
import pytest
from serving import code, markdown, tiny_notebooks, write

from kpilib.errors import BadInput
from kpilib.serve import places, viewer
from kpilib.serve.app import IDLE_SECONDS, configuration, server
from kpilib.serve.gallery import cards
from kpilib.serve.hooks import QUIET, DataFacts, page_of, prelaunch, without_lab_cells
from kpilib.serve.lab import command

FACTS = DataFacts("acme", "2026-06-30", "3f9a2c77b1d0")


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

    ready = prelaunch(folder, FACTS)(Request(), notebook=notebook, cwd="lessons")
    page = ready.metadata.kpi_page
    assert ready.metadata.title == page.title == "A lesson"
    assert [card.title for card in page.nav][-2:] == ["Prose <b>& marks</b>", "A lesson"]
    assert dict(page.data) == {"name": "acme", "as_of": "2026-06-30", "fingerprint": "3f9a2c77b1d0"}


@pytest.mark.parametrize(("prose", "needed"), [("It costs 5 EUR.", False), ("Let $p = k/n$.", True)])
def test_scripts_are_needed_where_there_is_mathematics(tmp_path, prose, needed):
    notebook = nbformat.read(write(tmp_path / "a.ipynb", markdown(prose)), as_version=4)
    assert page_of("a.ipynb", tmp_path, FACTS, notebook)["math"] is needed


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
    settings = configuration(tmp_path, FACTS, 8866, "127.0.0.1", open_browser=False)
    assert settings.VoilaConfiguration.allow_template_override == "NO"
    assert settings.VoilaConfiguration.allow_theme_override == "NO"
    assert settings.VoilaConfiguration.strip_sources is True
    assert settings.VoilaConfiguration.show_tracebacks is False
    assert settings.Voila.config_file_paths == []
    assert "token" not in settings.Voila


def test_pages_left_alone_lose_their_kernel_and_cells_have_a_time_limit(tmp_path):
    settings = configuration(tmp_path, FACTS, 8866, "127.0.0.1", open_browser=False)
    assert settings.MappingKernelManager.cull_idle_timeout == IDLE_SECONDS > 0
    assert settings.MappingKernelManager.cull_connected is True
    assert 0 < settings.VoilaExecutor.timeout <= 300
    assert settings.VoilaExecutor.interrupt_on_timeout is True


def test_another_address_than_this_machines_needs_a_token_made_anew_each_time(tmp_path):
    once, again = (configuration(tmp_path, FACTS, 8866, "0.0.0.0", open_browser=False).Voila.token for _ in "12")
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
    folder = tiny_notebooks(tmp_path_factory.mktemp("notebooks"))
    running = start_app("--notebooks", str(folder), "--data", "data/demo")
    running.folder = folder
    return running


def answer(url, **headers):
    """Status, headers and text of an answer, whatever its status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=120) as got:
            return got.status, got.headers, got.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read().decode()


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
    assert "kpi.finish(" in text, "our template"
    assert "reveal" not in text


@pytest.mark.slow
def test_marks_in_a_title_are_text(app):
    _, _, text = answer(app.url + "/")
    assert "Prose &lt;b&gt;&amp; marks&lt;/b&gt;" in text
    assert "Prose <b>" not in text


@pytest.mark.slow
def test_every_page_forbids_requests_to_other_hosts(app):
    for path in ("/", "/nothing"):
        policy = answer(app.url + path)[1]["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy


@pytest.mark.slow
def test_a_request_under_another_hosts_name_is_refused(app):
    assert answer(app.url + "/", Host="evil.example")[0] == 403


@pytest.mark.slow
def test_no_page_names_another_host_or_a_place_on_this_machine(app):
    for path in ("/", "/voila/render/04_prose.ipynb", "/voila/render/01_controls.ipynb", "/nothing"):
        text = answer(app.url + path)[2].replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        assert str(app.folder) not in text
        assert str(places.NOTEBOOKS.parent) not in text


@pytest.mark.slow
def test_an_application_open_to_others_shows_nothing_without_its_token(start_app, app):
    shared = start_app("--notebooks", str(app.folder), "--data", "data/demo", "--host", "0.0.0.0")
    token = re.search(r"token=(\S+)", shared.said()).group(1)
    for path in ("/", "/voila/render/04_prose.ipynb"):
        assert "Prose" not in answer(shared.url + path)[2]
        assert "Prose" in answer(f"{shared.url}{path}?token={token}")[2]
