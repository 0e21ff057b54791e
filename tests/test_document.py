"""A notebook as a page: what is kept of its cells, what makes it foreign, and what a worker answers for it."""

import json

import pytest
from serving import code, markdown, write

from kpilib.serve.document import open_notebook
from kpilib.serve.gallery import has_formula
from kpilib.serve.lines import plain, whole, without
from kpilib.serve.outputs import clean, prose
from kpilib.serve.worker import Desk
from kpilib.show.charts import renderer

PAGE = "from fake_page import FakePage\npage = FakePage()"


def opened(tmp_path, *cells, **options):
    return open_notebook(write(tmp_path / "a.ipynb", *cells), **options)


def kinds(document):
    return [cell.kind for cell in document.cells]


def test_a_page_is_its_prose_its_pieces_and_its_outputs_in_order(tmp_path):
    document = opened(
        tmp_path,
        markdown("# Sales\n\nIs it *growing*?"),
        code(PAGE),
        code("page.filters"),
        code("print('before')\ndisplay(page.tiles)\nprint('after')\n1 + 1"),
    )
    assert kinds(document) == ["prose", "piece", "html", "piece", "html", "html"]
    assert [cell.text for cell in document.cells if cell.kind == "piece"] == ["filters", "tiles"]
    assert document.page.filters.page is document.page
    assert not document.foreign
    assert "<em>growing</em>" in document.said("en")[0][1]
    assert ">before\n</pre>" in document.cells[2].text
    assert ">2</pre>" in document.cells[5].text


def test_cells_of_the_lab_do_not_run(tmp_path):
    document = opened(tmp_path, code("raise SystemExit", "lab"), code("print('shown')"))
    assert kinds(document) == ["html"]


def test_a_cell_that_ends_with_a_semicolon_shows_nothing(tmp_path):
    assert kinds(opened(tmp_path, code("'kept to myself';"), code("'shown'"))) == ["html"]


def test_notebooks_share_no_name(tmp_path):
    opened(tmp_path, code("mine = 1"))
    assert ">False</pre>" in opened(tmp_path, code("'mine' in globals()")).cells[0].text


def test_prose_is_said_in_the_readers_language(tmp_path, monkeypatch):
    monkeypatch.setattr("kpilib.serve.document.say", lambda text, locale: {"fr": "Bonjour"}.get(locale, text))
    document = opened(tmp_path, markdown("Hello"))
    assert "Hello" in document.said("en")[0][1]
    assert "Bonjour" in document.said("fr")[0][1]


def test_what_stands_above_an_error_is_kept_and_its_reason_goes_to_the_log(tmp_path, capfd):
    document = opened(tmp_path, code("print('above')"), code("raise ValueError('secret')"), code("print('below')"))
    assert kinds(document) == ["html", "error"]
    assert "secret" not in str(document.cells)
    log = capfd.readouterr().err
    assert f"ref {document.cells[-1].text}" in log
    assert "ValueError: secret" in log


@pytest.mark.parametrize("broken", ["1 +", "raise SystemExit(3)", "undefined_name"])
def test_no_way_to_fail_ends_the_worker(tmp_path, broken):
    assert kinds(opened(tmp_path, code(broken))) == ["error"]


def test_a_cell_that_takes_too_long_is_stopped(tmp_path):
    assert kinds(opened(tmp_path, code("import time\ntime.sleep(60)"), seconds=0.2)) == ["error"]


@pytest.mark.parametrize(
    "cells",
    [
        [code("import ipywidgets\nipywidgets.IntSlider()")],
        [code(PAGE), code("page.filters"), code("from fake_page import FakePage\nFakePage().filters")],
        [markdown("Let $p = k/n$.")],
        [code("from IPython.display import Latex\nLatex('$x$')")],
    ],
    ids=["another widget", "a second page", "a formula in prose", "a formula as output"],
)
def test_what_needs_a_kernel_or_the_scripts_of_voila_is_foreign(tmp_path, cells):
    assert opened(tmp_path, *cells).foreign


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("It costs $5, or $7 with tax.", False),
        ("From $5m to $7m.", False),
        ("In `a$b$c` and\n```\n$x$\n```", False),
        ("Let $p = k/n$.", True),
        ("$$\nx\n$$", True),
        (r"So \(x\) is.", True),
    ],
)
def test_money_is_no_formula(text, formula):
    assert has_formula(text) is formula


def test_a_frame_keeps_its_table_and_a_hostile_name_in_it_is_text(tmp_path):
    made = "import pandas as pd\npd.DataFrame({'name': ['<img src=x onerror=alert(1)>']})"
    html = opened(tmp_path, code(made)).cells[0].text
    assert "<table" in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<b>bold</b><script>alert(1)</script>", "<b>bold</b>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<img src="p.png" alt="a" onerror="alert(1)">', '<img src="p.png" alt="a">'),
        ("<style>td { color: red }</style><p>x</p>", "<style>td { color: red }</style><p>x</p>"),
        ("<style></style ><script>alert(1)</script>", ""),
        ("<iframe src=x></iframe><p>x</p>", "<p>x</p>"),
    ],
)
def test_an_output_runs_nothing(given, kept):
    assert clean(given) == kept


def test_prose_runs_nothing_and_a_picture_beside_the_notebook_is_embedded(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG")
    html = prose("![dot](dot.png)\n\n<script>alert(1)</script>\n\n| a |\n|---|\n| 1 |", str(tmp_path))
    assert 'src="data:image/png;base64,' in html
    assert "script" not in html
    assert "<table>" in html


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A function that asks a worker's desk about a page of two pieces."""
    monkeypatch.setattr(renderer, "compiled", renderer.compiled)  # a desk puts its own in its place
    file = write(tmp_path / "page.ipynb", markdown("Hello"), code(PAGE), code("page.filters"), code("page.tiles"))
    table = Desk()

    def ask(do, **more):
        request = {"do": do, "notebook": str(file), "query": {}, "locale": "en", **more}
        return list(table.answers(request))

    ask.file = file
    return ask


def test_a_desk_answers_with_the_whole_page(desk):
    frame, end = desk("document", charts="svg", locale="fr")
    made = json.loads(frame.body)
    assert [kind for kind, _ in made["cells"]] == ["prose", "piece", "piece"]
    assert made["sections"]["tiles"] == '<section data-piece="tiles">svg fr</section>'
    assert [line["kind"] for line in made["lines"]] == ["head", "piece", "end"]
    assert made["lines"][1]["chart"]["skeleton"] == {"mark": "bar"}
    assert end.head["kind"] == "end"


def test_a_desk_answers_a_query_line_by_line_and_sends_what_is_no_number_as_null(desk):
    lines = [frame for frame in desk("answer", query={"segment": ["SMB"]}) if frame.head["kind"] == "line"]
    assert [json.loads(whole(frame))["kind"] for frame in lines] == ["head", "piece", "end"]
    assert json.loads(whole(lines[0]))["query"] == {"segment": ["SMB"]}
    assert json.loads(whole(lines[1]))["chart"] == {
        "key": "k1",
        "data": {"rows": [None, 1]},
        "skeleton": {"mark": "bar"},
    }
    assert json.loads(without(lines[1]))["chart"] == {"key": "k1", "data": {"rows": [None, 1]}}


def test_a_desk_gives_records_and_files_and_headlines(desk):
    records = json.loads(desk("records", piece="tiles", mark={"region": "West"})[0].body)
    assert records == {"title": "tiles", "mark": {"region": "West"}, "rows": [[1]]}
    file = desk("export", piece="tiles", form="csv")[0]
    assert (file.head["name"], file.head["mime"], file.body) == ("tiles.csv", "text/csv", b"a,b\r\n")
    assert json.loads(desk("headlines", keys=["revenue"])[0].body)[0]["key"] == "revenue"


def test_what_kpilib_refuses_is_said_and_what_fails_has_a_reference_only(desk, capfd):
    assert desk("export", piece="tiles", form="exe")[-1].head == {"kind": "refused", "said": "No file 'exe'."}
    head = desk("answer", query={"segment": ["break"]})[-1].head
    assert head["kind"] == "failed"
    assert head["said"].startswith("Something went wrong (ref ")
    assert "secret" not in str(head)
    assert "secret-in-answer" in capfd.readouterr().err
    assert desk("nonsense")[-1].head["kind"] == "failed"


def test_a_notebook_runs_once_and_again_when_its_file_or_the_data_changed(desk):
    write(desk.file, code("from pathlib import Path\nwith open('runs', 'a') as f:\n    f.write('x')"))
    runs = desk.file.parent / "runs"
    for _ in range(2):
        desk("document")
    assert len(runs.read_text()) == 1
    desk("document", epoch=1)
    assert len(runs.read_text()) == 2
    desk.file.write_text(desk.file.read_text().replace('"x"', '"y"').replace("'x'", "'xx'"))
    desk("document", epoch=1)
    assert len(runs.read_text()) == 4


def test_json_holds_dates_and_numbers_of_other_libraries():
    import numpy as np
    import pandas as pd

    given = {"n": np.int64(3), "x": np.float64("nan"), "day": pd.Timestamp("2026-06-30")}
    assert json.loads(plain(given)) == {"n": 3, "x": None, "day": "2026-06-30T00:00:00"}
