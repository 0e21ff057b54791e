"""The front end as files: one script of all modules, and texts that are all known to both sides."""

import re

import pytest

from kpilib.show import style, web

SOURCES = {file.stem: file.read_text(encoding="utf-8") for file in web.FOLDER.glob("*.js")}


def test_every_module_is_in_the_script_and_none_asks_for_one_that_comes_later():
    assert set(web.MODULES) == set(SOURCES) - {"early"}
    for at, name in enumerate(web.MODULES):
        wanted = re.findall(r'from "\./([\w-]+)\.js"', SOURCES[name])
        assert set(wanted) <= set(web.MODULES[:at]), name


def test_the_script_is_one_module_that_imports_nothing():
    bundle = web.bundle()
    assert not re.search(r"^import ", bundle, re.MULTILINE)
    assert re.findall(r"^export .*", bundle, re.MULTILINE) == ["export const { mount, initialize, render } = of_main;"]


def test_the_texts_that_the_script_says_are_those_that_are_translated():
    said = set()
    for source in SOURCES.values():
        for call in re.findall(r"(?:say|translate)\(([^)]*)\)", source):
            said |= set(re.findall(r'"(\w+)"', call))
    themes = {f"theme_{name}" for name in ("system", "light", "dark")}
    assert said | themes == set(web.STRINGS)


def test_nothing_in_the_script_names_another_host():
    own = {name: source for name, source in SOURCES.items() if name != "chart"}
    assert not [name for name, source in own.items() if re.search(r"https?://", source)]


def test_the_style_that_each_notebook_keeps_is_small():
    assert len(style.BLOCK.encode()) < 14_000


@pytest.mark.parametrize("name", ["kpi.js", "kpi.css", "early.js", "tables.js"])
def test_an_asset_says_what_it_is(name):
    data, mime = web.asset(name)
    assert data
    assert mime.startswith("text/css" if name.endswith("css") else "text/javascript")


def test_an_asset_that_is_not_there_is_refused():
    with pytest.raises(KeyError):
        web.asset("../style.py")
