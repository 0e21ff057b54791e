"""`kpi alerts`: what it prints, writes, sends and remembers, and the number it ends with."""

import json
from mailbox import Mailbox, running

import pytest
from test_alerts_sent import Hook
from watched import frames

from kpilib.cli import main
from kpilib.sources.importing import import_frames

#: What a workbook says of mail.
MAIL = """
[alerts.mail]
host = "127.0.0.1"
port = {port}
from = "kpi@example.com"
to = ["boss@example.com"]
starttls = false
"""


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A company in which nothing happened, as a DuckDB file."""
    file = tmp_path_factory.mktemp("calm") / "vigie.duckdb"
    import_frames(frames(), file)
    return str(file)


@pytest.fixture(scope="module")
def upset(tmp_path_factory):
    """The same with unhappy customers in its last month, under the same name."""
    file = tmp_path_factory.mktemp("upset") / "vigie.duckdb"
    import_frames(frames(unhappy="all"), file)
    return str(file)


@pytest.fixture
def alerts(tmp_path, monkeypatch):
    """`kpi alerts` with a memory of its own, in a folder without a workbook.toml."""
    monkeypatch.chdir(tmp_path)
    return lambda data, *more: main(["alerts", "--data", data, "--state", str(tmp_path / "told.json"), *more])


def settings(tmp_path, text):
    (tmp_path / "workbook.toml").write_text(text)


def test_where_nothing_is_wrong_it_says_so_with_its_false_alarm_rate_and_ends_with_0(alerts, calm, capsys):
    assert alerts(calm) == 0
    said = capsys.readouterr().out
    assert said.startswith("Nothing new calls for attention.\n")
    assert "the whole watch gives a false alarm in 5% of months at most" in said


def test_something_wrong_ends_with_1_once_and_then_with_0(alerts, upset, capsys):
    assert alerts(upset) == 1
    assert "- [Worse] CSAT was 0.0% in 2026-06" in capsys.readouterr().out
    assert alerts(upset) == 0
    assert "CSAT" not in capsys.readouterr().out


def test_all_prints_what_was_told_before_and_ends_with_1_while_it_is_open(alerts, upset, capsys):
    alerts(upset)
    capsys.readouterr()
    assert alerts(upset, "--all") == 1
    said = capsys.readouterr().out
    assert said.startswith("Nothing new calls for attention.")
    assert "Told before and still open:\n- [Worse] CSAT was 0.0%" in said


def test_what_is_back_is_said_once_and_ends_with_0(alerts, calm, upset, capsys):
    alerts(upset)
    capsys.readouterr()
    assert alerts(calm) == 0
    assert "- CSAT: over. What was told since 2026-06 no longer holds" in capsys.readouterr().out
    assert alerts(calm) == 0
    assert "over" not in capsys.readouterr().out


def test_json_on_standard_output_is_json_alone_and_tells_new_from_open(alerts, upset, capsys):
    assert alerts(upset, "--json", "-") == 1
    first = json.loads(capsys.readouterr().out)
    assert alerts(upset, "--json", "-") == 0
    again = json.loads(capsys.readouterr().out)
    assert {one["new"] for one in first["alerts"]} == {True}
    assert {one["new"] for one in again["alerts"]} == {False}
    assert [one["key"] for one in first["alerts"]] == [one["key"] for one in again["alerts"]]
    assert first["false_alarm_rate"] == 0.05


def test_json_in_a_file_stands_beside_the_text(alerts, upset, tmp_path, capsys):
    alerts(upset, "--json", str(tmp_path / "out.json"))
    assert "CSAT" in capsys.readouterr().out
    assert json.loads((tmp_path / "out.json").read_text())["company"] == "vigie"


def test_mail_goes_to_whom_the_workbook_says_and_no_letter_goes_without_news(alerts, upset, calm, tmp_path):
    with running(Mailbox()) as box:
        settings(tmp_path, MAIL.format(port=box.port))
        assert alerts(calm, "--mail") == 0
        assert box.letters == []
        assert alerts(upset, "--mail") == 1
        assert alerts(upset, "--mail") == 0
        assert alerts(calm, "--mail") == 0
    assert [letter["Subject"] for letter in box.letters][1:] == ["vigie: alerts that are over"]
    assert "CSAT was 0.0% in 2026-06" in box.letters[0].get_body(("plain",)).get_content()


def test_a_channel_that_fails_is_told_next_time_and_the_others_are_not_told_twice(alerts, upset, tmp_path, capsys):
    with running(Hook(401, 200)) as hook, running(Mailbox()) as box:
        settings(tmp_path, MAIL.format(port=box.port) + f'[alerts.webhook]\nurl = "{hook.url}"\n')
        assert alerts(upset, "--mail", "--webhook") == 2
        shown = capsys.readouterr()
        assert "answered 401" in shown.err
        assert "CSAT" in shown.out
        assert alerts(upset, "--mail", "--webhook") == 0
        assert alerts(upset, "--mail", "--webhook") == 0
    assert len(box.letters) == 1
    assert len(hook.got) == 2
    assert hook.got[0][2]["alerts"] == hook.got[1][2]["alerts"]


def test_a_webhook_may_be_given_with_the_command(alerts, upset):
    with running(Hook(200)) as hook:
        alerts(upset, "--webhook", hook.url)
    assert hook.got[0][2]["company"] == "vigie"


def test_only_what_the_workbook_names_is_watched(alerts, upset, tmp_path, capsys):
    settings(tmp_path, '[alerts]\nkpis = ["revenue"]\nby = []\n')
    assert alerts(upset) == 0
    assert "CSAT" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--mail"], r"needs \[alerts.mail\]"),
        (["--webhook"], "needs an address"),
        (["--webhook", "ftp://x"], "must be one of http or https"),
        (["--workbook", "nowhere.toml"], "nowhere.toml"),
        (["--json", "/nowhere/x.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_ends_with_2(alerts, upset, capsys, more, said):
    import re

    assert alerts(upset, *more) == 2
    err = capsys.readouterr().err
    assert re.search(said, err)
    assert err.count("\n") == 1


def test_a_day_that_is_none_is_refused(alerts, calm, capsys):
    with pytest.raises(SystemExit, match="2"):
        alerts(calm, "--today", "tomorrow")
    assert "write it as 2026-06-30" in capsys.readouterr().err


def test_a_broken_memory_ends_with_2_and_stays(alerts, calm, tmp_path, capsys):
    (tmp_path / "told.json").write_text("{")
    assert alerts(calm) == 2
    assert "Nothing was changed" in capsys.readouterr().err
    assert (tmp_path / "told.json").read_text() == "{"
