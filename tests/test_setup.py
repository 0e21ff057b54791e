"""What `make` sets up: the pins, the stamps, the browser."""

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(file):
    """The pinned version of each package of a requirements file, by canonical name."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\n]+)", file.read_text(), re.MULTILINE)
    return {canonicalize_name(name): pinned for name, pinned in lines}


def declared(top, *extras):
    project = tomllib.loads((top / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in wanted]


@pytest.mark.parametrize(("name", "extras"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_the_pins_are_those_of_the_declared_dependencies(top, name, extras):
    pinned = pins(top / name)
    for requirement in declared(top, *extras):
        given = pinned.get(canonicalize_name(requirement.name))
        assert given is not None, f"{name} lacks {requirement.name}: run `make pins`"
        assert requirement.specifier.contains(given), f"{name} has {given}, declared is {requirement}: run `make pins`"


def test_the_tests_run_on_the_versions_that_the_application_has(top):
    light, full = pins(top / "requirements.txt"), pins(top / "requirements-dev.txt")
    assert {name: full.get(name) for name in light} == light


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_pins_name_no_registry_and_no_machine(top, name):
    text = (top / name).read_text()
    assert "make pins" in text.splitlines()[1]
    assert not re.search(r"https?://|--index|--find-links|file:|^\s*/", text, re.MULTILINE)


def test_voila_is_the_version_whose_inside_we_build_on(top):
    assert version("voila") == pins(top / "requirements.txt")["voila"]


@pytest.fixture
def fresh(top, tmp_path):
    """A copy of what make looks at, with an environment that is set up in name only."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(top / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    return tmp_path


def would_run(folder, *arguments):
    # Of a make that runs these tests, this one must know nothing.
    free = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    made = subprocess.run(["make", "-n", *arguments], cwd=folder, env=free, capture_output=True, text=True, check=True)
    return made.stdout


def test_the_first_start_installs_the_pins_and_not_the_tools_of_the_tests(fresh):
    line = would_run(fresh, "app")
    assert "--requirement requirements.txt" in line
    assert "requirements-dev.txt" not in line


def test_a_second_start_installs_nothing(fresh):
    (fresh / ".venv" / ".ready-app").touch()
    assert would_run(fresh, "app").split() == ["exec", ".venv/bin/kpi", "app"]


def test_data_and_port_are_handed_to_the_application(fresh):
    (fresh / ".venv" / ".ready-app").touch()
    assert would_run(fresh, "app", "DATA=my exports", "PORT=9000").strip().endswith('--data "my exports" --port 9000')


def test_chromium_is_the_one_that_is_asked_for(finder, tmp_path, monkeypatch):
    mine = tmp_path / "my-chromium"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("KPI_CHROMIUM", str(mine))
    assert finder.find() == str(mine)


def test_a_chromium_that_is_asked_for_and_absent_is_not_replaced_in_silence(finder, monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        finder.find()


def test_without_any_chromium_the_way_to_one_is_told(finder, monkeypatch, capsys):
    monkeypatch.setattr(finder, "find", lambda: None)
    monkeypatch.setattr(finder, "install", lambda: None)
    assert finder.main() == 1
    assert "KPI_CHROMIUM" in capsys.readouterr().err
