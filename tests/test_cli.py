"""The command `kpi`: what each command does, and how it refuses."""

import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pytest

import kpilib
from kpilib import cli


def test_list_prints_every_kpi_with_its_question(capsys):
    from kpilib.catalogue import CATALOGUE

    assert cli.main(["list"]) == 0
    printed = capsys.readouterr().out
    assert "win_rate" in printed
    assert all(kpi.key in printed and kpi.question in printed for kpi in CATALOGUE.values())


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("app", "lab", "demo", "import", "check", "list"))


def test_a_command_that_does_not_exist_is_refused_with_those_that_do(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["serve"])
    assert "invalid choice: 'serve'" in capsys.readouterr().err


@pytest.mark.slow
def test_data_that_cannot_be_used_are_refused_in_one_line_before_anything_is_served(capsys, tmp_path):
    assert cli.main(["app", "--no-browser", "--port", "0", "--data", str(tmp_path), "--notebooks", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"kpi app: The folder '{tmp_path}' holds no data file.")
    assert told.count("\n") == 1


@pytest.mark.slow
def test_a_folder_that_does_not_exist_is_refused_without_a_traceback(tmp_path):
    command = [sys.executable, "-m", "kpilib.cli", "app", "--no-browser", "--port", "0", "--data", "no-such-folder"]
    done = subprocess.run([*command, "--notebooks", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no-such-folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_app_hands_its_arguments_on(monkeypatch, tmp_path):
    handed = {}
    monkeypatch.setattr("kpilib.serve.app.serve", lambda *given, **named: handed.update(given=given, **named))
    assert cli.main(["app", "--data", "exports", "--notebooks", str(tmp_path), "--port", "9000", "--no-browser"]) == 0
    expected = {"given": ("exports", tmp_path), "port": 9000, "host": "127.0.0.1"}
    limits = handed.pop("limits")
    assert handed == {**expected, "open_browser": False}
    assert (limits.seconds, limits.kernels) == (120, 10)
    assert 1 <= limits.workers <= 4


def test_app_hands_its_limits_on_and_refuses_what_is_no_number(monkeypatch, capsys):
    handed = {}
    monkeypatch.setattr("kpilib.serve.app.serve", lambda *_, **named: handed.update(named))
    cli.main(["app", "--workers", "3", "--kernels", "5", "--time-limit", "9"])
    assert (handed["limits"].workers, handed["limits"].kernels, handed["limits"].seconds) == (3, 5, 9)
    with pytest.raises(SystemExit):
        cli.main(["app", "--workers", "0"])
    assert "'0' is not a whole number from 1 on" in capsys.readouterr().err


def test_lab_starts_jupyterlab_with_the_data_in_the_environment(monkeypatch, tmp_path):
    ran = {}
    monkeypatch.setattr("subprocess.call", lambda line, env: ran.update(line=line, env=env) or 0)
    notebooks = ["--notebooks", str(tmp_path), "--port", "0", "--no-browser"]
    assert cli.main(["lab", "--data", str(tmp_path / "exports"), *notebooks]) == 0
    assert ran["line"][1:4] == ["-m", "jupyterlab", str(tmp_path)]
    assert ran["env"]["KPILIB_DATA"] == str(tmp_path / "exports")


def test_check_says_which_kpis_the_data_answer_and_what_the_others_miss(monkeypatch, capsys):
    why = {"win_rate": "", "csat": "There is no table of surveys."}
    kpis = {key: SimpleNamespace(name=key.replace("_", " ").capitalize()) for key in why}
    book = SimpleNamespace(kpis=kpis, why_not=why.get, as_of=date(2026, 6, 30))
    monkeypatch.setattr(kpilib, "open", lambda source: book, raising=False)
    assert cli.main(["check", "postgres://host/crm"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["KPIs", "that", "these", "data", "answer:", "1", "of", "2"]
    assert lines[1] == ["yes", "win_rate", "Win", "rate"]
    assert lines[2] == ["no", "csat", "There", "is", "no", "table", "of", "surveys."]


@pytest.mark.slow
def test_check_reports_the_rows_of_a_folder_and_the_kpis_they_answer(capsys, tmp_path):
    deals = "opportunity_id,customer_id,created_on,closed_on,status,amount,currency\n"
    deals += "O1,C1,2026-01-05,2026-02-01,won,100,EUR\nO2,C1,2026-01-09,2026-03-01,lost,50,EUR\n"
    (tmp_path / "opportunities.csv").write_text(deals)
    assert cli.main(["check", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "opportunities.csv" in printed
    assert "yes  win_rate" in printed


def test_reading_only_the_beginning_of_the_list_is_no_error():
    line = f"{sys.executable} -m kpilib.cli list | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_command_starts_without_a_web_server_or_pandas():
    heavy = "import sys, kpilib.cli; print(sorted({'voila', 'pandas', 'tornado', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
