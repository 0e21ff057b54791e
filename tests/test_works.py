"""What runs behind the pages: painting, the watch for changes, and where processes come from."""

import asyncio
import json
import time

import pytest
from serving import code, markdown, write
from test_pool import END, Fake

from kpilib.errors import BadInput
from kpilib.serve import works
from kpilib.serve.facts import DataFacts
from kpilib.serve.pool import Pool
from kpilib.serve.processes import Spawned, ask
from kpilib.serve.shelf import Shelf
from kpilib.serve.site import Site
from kpilib.serve.warm import NotWarm
from kpilib.serve.wire import Frame
from kpilib.serve.works import Works

FACTS = DataFacts("acme", "2026-06-30", "3f9a2c77b1d0")


def page(*cells, foreign=False):
    """What a worker answers to "document"."""
    made = {"foreign": foreign, "cells": list(cells), "sections": {}, "lines": []}
    return [Frame({"kind": "document"}, json.dumps(made).encode()), END]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A function that makes the works of a folder of two notebooks whose processes do as they are told."""
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "notebooks"
    write(folder / "1.ipynb", markdown("# One"), headline=["revenue"])
    write(folder / "2.ipynb", markdown("# Two"), code("1"))
    (tmp_path / "data.csv").write_text("a")

    def make(does):
        started = []

        def start():
            started.append(Fake(does))
            return started[-1]

        site = Site(folder, FACTS, Pool(start, workers=1), 5)
        made = Works(site, str(tmp_path / "data.csv"), start)
        made.started = started
        return made

    return make


def painter(seen, answers=None):
    def does(request, _):
        if request["do"] == "headlines":
            return [Frame({"kind": "json"}, b'[{"key": "revenue"}]'), END]
        seen.append((request["notebook"][-7:], request["locale"], request.get("charts")))
        return (answers or {}).get(request["notebook"][-7:], page(["prose", "x"]))

    return does


def test_every_page_is_painted_once_in_each_language_and_kept(bench):
    seen = []
    works = bench(painter(seen))
    works.paint()
    assert seen == [(name, locale, "svg") for name in ("1.ipynb", "2.ipynb") for locale in ("en", "fr")]
    assert len(works.started) == 1
    assert works.started[0].dead.is_set(), "the painter ends"
    works.paint()
    assert len(seen) == 4
    one = next(iter(works._notebooks()))[0]
    assert works.site.shelf.get(*works.site.name("headlines", one, "en")) == [{"key": "revenue"}]


def test_a_page_is_painted_anew_when_its_notebook_the_data_or_the_language_is_another(bench):
    seen = []
    works = bench(painter(seen))
    works.paint()
    write(works.site.folder / "1.ipynb", markdown("# Changed"))
    works.paint()
    assert seen[4:] == [("1.ipynb", "en", "svg"), ("1.ipynb", "fr", "svg")]
    works.site.data = DataFacts("acme", "2026-07-31", "another")
    works.paint()
    assert len(seen) == 10


def test_a_painter_that_dies_is_told_and_the_other_pages_are_painted(bench, capfd):
    seen = []
    works = bench(painter(seen, {"1.ipynb": [None]}))
    works.paint()
    assert [name for name, *_ in seen] == ["1.ipynb", "1.ipynb", "2.ipynb", "2.ipynb"]
    assert "1.ipynb was not painted" in capfd.readouterr().err


def test_a_page_with_an_error_is_not_kept(bench):
    seen = []
    works = bench(painter(seen, {"2.ipynb": page(["error", "abc"])}))
    works.paint()
    works.paint()
    assert [name for name, *_ in seen].count("2.ipynb") == 4
    assert [name for name, *_ in seen].count("1.ipynb") == 2


def test_data_that_change_are_read_again_and_the_painted_pages_with_them(bench, monkeypatch, tmp_path):
    monkeypatch.setattr(works, "LOOK", 0.05)
    seen = []
    paints = painter(seen)
    found = {"as_of": "2026-07-31", "fingerprint": "new", "refused": None}

    def does(request, dead):
        if request["do"] == "facts":
            return [Frame({"kind": "json"}, json.dumps(found).encode()), END]
        return paints(request, dead)

    async def scenario():
        made = bench(does)
        made.open()
        await asyncio.sleep(0.5)
        (tmp_path / "data.csv").write_text("another")
        deadline = time.monotonic() + 10
        while made.site.data.fingerprint != "new" and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        await made.close()
        return made

    made = asyncio.run(scenario())
    assert (made.site.data.as_of, made.site.epoch) == ("2026-07-31", 1)
    assert len([1 for _, _, charts in seen if charts == "svg"]) == 8


def test_data_that_changed_and_cannot_be_read_leave_the_old_ones(bench, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(works, "LOOK", 0.05)
    paints = painter([])

    def does(request, dead):
        if request["do"] == "facts":
            return [Frame({"kind": "refused", "said": "Row 3 has no date."})]
        return paints(request, dead)

    async def scenario():
        made = bench(does)
        made.open()
        await asyncio.sleep(0.3)
        (tmp_path / "data.csv").write_text("broken")
        await asyncio.sleep(0.5)
        await made.close()
        return made

    assert asyncio.run(scenario()).site.data == FACTS
    assert "the old ones are shown. Row 3 has no date." in capfd.readouterr().err


def test_a_worker_waits_for_the_warm_parent_and_does_without_it_in_the_end(monkeypatch):
    monkeypatch.setattr(works, "Spawned", lambda: "spawned")
    monkeypatch.setattr(works, "Forked", lambda fork: fork("target", {}, []))

    class Parent:
        closed, cold = False, 3

        def fork_now(self, target, args, fds):
            self.cold -= 1
            if self.cold >= 0:
                raise NotWarm("not yet")
            return "forked"

    assert works.starter(Parent())() == "forked"
    monkeypatch.setattr(works, "WARMING", 0)
    assert works.starter(Parent())() == "spawned"
    assert works.starter(None)() == "spawned"


def test_the_files_of_the_front_end_are_made_once_and_found_again(tmp_path):
    file = Frame({"kind": "file", "name": "kpi.js", "mime": "text/javascript"}, b"1;")
    shelf, started = Shelf(tmp_path), []

    def start():
        started.append(Fake(lambda *_: [file, Frame({"kind": "json"}, b'{"back": "x"}'), END]))
        return started[-1]

    for _ in range(2):
        assets, strings = works.front(start, shelf)
        assert assets["kpi.js"].content == b"1;"
        assert strings == {"back": "x"}
    assert len(started) == 1


@pytest.mark.slow
def test_a_new_process_answers_over_its_pipes_and_what_a_notebook_prints_by_other_ways_is_not_in_them(tmp_path, capfd):
    file = write(tmp_path / "a.ipynb", code("import os\nos.system('echo loud')\nos.write(1, b'louder')"))
    process = Spawned()
    try:
        (frame,) = ask(process, {"do": "document", "notebook": str(file), "query": {}, "locale": "en"})
        assert not json.loads(frame.body)["foreign"]
        with pytest.raises(BadInput, match="Something went wrong"):
            ask(process, {"do": "document", "notebook": str(tmp_path / "none.ipynb"), "query": {}, "locale": "en"})
    finally:
        process.kill()
    assert "louder" in capfd.readouterr().err
    with pytest.raises(BadInput, match="ended; its reason stands above"):
        ask(process, {"do": "facts", "source": None, "locale": "en"})


def test_no_worker_is_started_once_the_application_ends():
    class Closed:
        closed = True

        def fork_now(self, *_, **__):
            raise NotWarm("The warm parent was closed.")

    with pytest.raises(OSError, match="ends"):
        works.starter(Closed())()
