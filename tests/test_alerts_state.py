"""No event is told twice, its end once, each channel for itself; and the memory is never lost."""

import json
import threading
import time
from dataclasses import replace

import pytest

from kpilib.alerts import state
from kpilib.alerts.alert import Alert
from kpilib.alerts.state import default_file, remembered
from kpilib.alerts.watch import Watch
from kpilib.errors import BadInput

DROP = Alert("outside", "worse", "2026-06", "2026-06", 0.3, 0.4, 0.6, 0.5, "win_rate", "segment", "SMB", "below")
RISE = Alert("outside", "better", "2026-06", "2026-06", 0.7, 0.4, 0.6, 0.5, "csat", side="above")
JUDGED = frozenset({"limits|win_rate|segment=SMB|", "limits|csat|=|", "late", "broken"})


def seen(*alerts, month="2026-06", judged=JUDGED) -> Watch:
    """A watch that found these."""
    return Watch(alerts, month, 2, 0.05, 24, judged)


def run(file, watch, channel="print", name="demo"):
    """Tell a channel all that is new to it; the members of the news, and the titles of what is over."""
    with remembered(file, name) as told:
        told.look(watch)
        news, over = told.news(watch.alerts, channel), told.over(channel)
        told.tell(news, over, channel)
    return [one.kpi for one in news], [one.title for one in over]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "deep" / "alerts.json"


def test_an_event_is_told_once(file):
    assert run(file, seen(DROP)) == (["win_rate"], [])
    assert run(file, seen(DROP)) == ([], [])


def test_an_event_that_goes_on_next_month_is_not_told_again(file):
    run(file, seen(DROP))
    assert run(file, seen(replace(DROP, month="2026-07", kind="run"), month="2026-07")) == ([], [])


def test_an_event_whose_first_month_moves_because_a_month_was_corrected_is_the_same(file):
    run(file, seen(DROP))
    assert run(file, seen(replace(DROP, month="2026-07", since="2026-05"), month="2026-07")) == ([], [])


def test_the_end_of_an_event_is_told_once(file):
    run(file, seen(DROP, RISE))
    assert run(file, seen(RISE, month="2026-07")) == ([], ["Win rate, SMB"])
    assert run(file, seen(RISE, month="2026-07")) == ([], [])
    assert run(file, seen(RISE, month="2026-08")) == ([], [])


def test_the_next_event_of_the_same_figure_is_told_again(file):
    run(file, seen(DROP))
    run(file, seen(month="2026-07"))
    assert run(file, seen(replace(DROP, month="2026-08", since="2026-08"), month="2026-08")) == (["win_rate"], [])


def test_an_event_that_began_after_the_last_look_saw_the_first_one_is_a_new_one(file):
    """Nobody looked in July, when the first event was over."""
    run(file, seen(DROP))
    assert run(file, seen(replace(DROP, month="2026-08", since="2026-08"), month="2026-08")) == (["win_rate"], [])


def test_what_could_not_be_judged_is_not_over(file):
    run(file, seen(DROP))
    assert run(file, seen(month="2026-07", judged=frozenset())) == ([], [])
    assert run(file, seen(month="2026-08")) == ([], ["Win rate, SMB"])


def test_each_channel_is_told_for_itself(file):
    run(file, seen(DROP), "mail")
    assert run(file, seen(DROP), "webhook") == (["win_rate"], [])
    assert run(file, seen(month="2026-07"), "mail") == ([], ["Win rate, SMB"])
    assert run(file, seen(month="2026-07"), "webhook") == ([], ["Win rate, SMB"])
    assert json.loads(file.read_text())["books"]["demo"] == {}


def test_what_nobody_was_told_of_has_no_end_to_tell(file):
    with remembered(file, "demo") as told:
        told.look(seen(DROP))
    assert run(file, seen(month="2026-07")) == ([], [])


def test_two_companies_have_a_memory_each(file):
    run(file, seen(DROP), name="demo")
    assert run(file, seen(DROP), name="other") == (["win_rate"], [])


def test_what_was_told_is_remembered_though_the_run_fails_later(file):
    def failing() -> None:
        with remembered(file, "demo") as told:
            told.look(seen(DROP, RISE))
            told.tell([DROP], [], "print")
            raise OSError("the line is cut")

    with pytest.raises(OSError, match="line is cut"):
        failing()
    assert run(file, seen(DROP, RISE)) == (["csat"], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1, "books": {"demo"', "line 1, column"),
        ("[]", "version 1"),
        ('{"version": 2, "books": {}}', "version 1"),
        ('{"version": 1, "books": {"demo": {"x": {"told": []}}}}', "version 1"),
        ('{"version": 1, "books": {"demo": []}}', "version 1"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_broken_memory_is_refused_and_left_as_it_is(file, text, said):
    file.parent.mkdir()
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = file.read_bytes()
    with pytest.raises(BadInput, match=said) as refused:
        run(file, seen(DROP))
    assert "Nothing was changed" in str(refused.value)
    assert file.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_memory_and_no_scratch(file, monkeypatch):
    run(file, seen(DROP))
    before = file.read_text()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(BadInput, match="No space left"):
        run(file, seen(DROP, RISE))
    assert file.read_text() == before
    assert sorted(one.name for one in file.parent.iterdir()) == ["alerts.json", "alerts.json.lock"]


def test_two_runs_at_once_tell_an_event_once(file):
    told = []

    def slow():
        with remembered(file, "demo") as memory:
            memory.look(seen(DROP))
            news = memory.news([DROP], "print")
            time.sleep(0.1)
            memory.tell(news, [], "print")
            told.extend(news)

    threads = [threading.Thread(target=slow) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told == [DROP]


def test_a_run_that_waits_too_long_says_so(file, monkeypatch):
    monkeypatch.setattr(state, "WAIT", 0.1)
    with remembered(file, "demo"), pytest.raises(BadInput, match=r"has held .* for 0\.1 seconds"):
        run(file, seen(DROP))


def test_the_memory_is_kept_in_the_users_own_folder_unless_the_cache_is_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path))
    assert default_file() == tmp_path / "alerts.json"
    monkeypatch.delenv("KPILIB_CACHE")
    assert default_file().parent.name == "kpilib"
