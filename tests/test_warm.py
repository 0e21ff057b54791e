"""The warm parent: what its forks are, what happens when they, it or the server die."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from forking import SOON, children, gone, open_fds, until

from kpilib.serve.warm import PRELOAD, START_SECONDS, UNKNOWN, NotWarm, Warm

TESTS = Path(__file__).parent
DEMO = str(TESTS.parent / "data" / "demo")
NULL = os.open(os.devnull, os.O_WRONLY)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


@contextmanager
def warm(*preload, **options):
    """A parent of the test's own."""
    parent = Warm.start_now(DEMO, preload, **options)
    try:
        yield parent
    finally:
        parent.close_now()


@pytest.fixture(scope="module", autouse=True)
def importable():
    """A parent, and what it forks, find the module `forking`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(TESTS))
        yield


@pytest.fixture(scope="module")
def parent(importable):
    with warm("forking", "forking:log_something") as running:
        yield running


@contextmanager
def talk(parent, target, args=None, **how):
    """A fork and our end of a line to it."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child = parent.fork_now(target, args, [theirs.fileno()], **how)
        ours.settimeout(SOON)
        yield child, ours


def told(parent, args=None, **how):
    """What a fork says of itself, and its status."""
    with talk(parent, "forking:tell", args, **how) as (child, line):
        said = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
        return said, child.wait_now(SOON)


def answers(line):
    line.sendall(b"there?")
    return line.recv(100) == b"there?"


def test_a_fork_runs_a_function_with_arguments_and_descriptors(parent):
    said, status = told(parent, {"status": 7, "region": "north"})
    assert said["given"] == {"status": 7, "region": "north"}
    assert status == 7


def test_the_parent_has_one_thread_before_and_after_it_forked(parent):
    assert os.listdir(f"/proc/{parent.pid}/task") == [str(parent.pid)]
    told(parent)
    assert os.listdir(f"/proc/{parent.pid}/task") == [str(parent.pid)]


def test_a_fork_leads_a_session_of_its_own_with_signals_and_logs_as_at_birth(parent):
    said, _ = told(parent)
    assert said["session"] == said["pid"]
    assert said["handled"] == [signal.SIGINT], "Python's own, which raises KeyboardInterrupt"
    assert said["blocked"] == said["logs"] == 0


def test_a_fork_gets_the_surroundings_it_is_given(parent, tmp_path):
    said, _ = told(parent, cwd=tmp_path, env={"COLOUR": "red"}, argv=["me", "-f"])
    assert (said["cwd"], said["environment"], said["argv"]) == (str(tmp_path), {"COLOUR": "red"}, ["me", "-f"])
    assert told(parent)[0]["environment"]["PYTHONPATH"] == str(TESTS), "the parent's own, if none is given"


def test_a_fork_holds_its_own_line_and_leash_and_nothing_of_the_parents(parent):
    said, _ = told(parent)
    open_ = {int(fd): where for fd, where in said["open"].items()}
    live = [fd for fd, where in open_.items() if fd > 2 and where.startswith(("socket", "pipe", "anon"))]
    assert len(live) == 2
    assert set(said["fds"]) < set(live)


def test_random_numbers_differ_between_forks(parent):
    drawn = [tuple(told(parent)[0]["random"]) for _ in range(4)]
    assert len({python for python, _ in drawn}) == len({numpy for _, numpy in drawn}) == 4


def test_twenty_forks_at_once_all_answer(parent):
    async def one():
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours:
            with theirs:
                child = await parent.fork("forking:echo", fds=[theirs.fileno()])
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(ours, str(child.pid).encode())
            heard = await loop.sock_recv(ours, 100)
            ours.shutdown(socket.SHUT_WR)
            return child.pid, int(heard), await child.wait()

    async def all_of_them():
        return await asyncio.wait_for(asyncio.gather(*(one() for _ in range(20))), SOON)

    done = asyncio.run(all_of_them())
    assert len({pid for pid, _, _ in done}) == 20
    assert all(pid == heard and status == 3 for pid, heard, status in done)


def test_an_error_of_the_target_is_told_on_its_standard_error(parent, tmp_path):
    with (tmp_path / "log").open("w+") as log:
        child = parent.fork_now("forking:fail", stdio=(None, NULL, log.fileno()))
        assert child.wait_now(SOON) == 1
        assert "ValueError: on purpose" in (tmp_path / "log").read_text()


def test_a_killed_child_is_noticed_and_leaves_no_zombie(parent):
    with talk(parent, "forking:echo") as (child, line):
        assert answers(line)
        assert child.poll() is None
        child.signal(signal.SIGKILL)
        assert child.wait_now(SOON) == child.poll() == -signal.SIGKILL
        assert not Path(f"/proc/{child.pid}").exists()
        child.signal(signal.SIGTERM)  # nobody is hit


def test_a_signal_reaches_a_child_before_it_has_made_its_own_group(parent):
    with talk(parent, "forking:echo") as (child, _):
        child.signal(signal.SIGTERM)
        assert child.wait_now(SOON) == -signal.SIGTERM


def test_descriptors_do_not_leak(parent):
    told(parent)
    before = open_fds(os.getpid()), open_fds(parent.pid)
    for _ in range(50):
        told(parent)
    assert (open_fds(os.getpid()), open_fds(parent.pid)) == before


def test_a_fork_that_nobody_waits_for_any_more_is_ended(parent):
    async def impatient():
        os.kill(parent.pid, signal.SIGSTOP)  # it would otherwise answer before anybody can be impatient
        task = asyncio.ensure_future(parent.fork("forking:pause", stdio=(None, NULL, NULL)))
        await asyncio.sleep(0)
        task.cancel()
        os.kill(parent.pid, signal.SIGCONT)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(impatient())
    assert told(parent)[1] == 0, "later orders are carried out"
    until(lambda: not children(parent.pid))


def test_an_order_that_cannot_be_sent_is_refused_and_the_next_is_carried_out(parent):
    with pytest.raises(NotWarm, match="cannot be asked"):
        parent.fork_now("forking:echo", {"long": "x" * 1_000_000})
    with pytest.raises(NotWarm, match="cannot be asked"):
        parent.fork_now("forking:echo", {"no JSON": object()})
    assert told(parent)[1] == 0


@pytest.mark.slow
def test_a_killed_parent_is_replaced_and_its_children_live_on():
    with warm("forking") as parent, talk(parent, "forking:echo") as (child, line):
        old = parent.pid
        os.kill(old, signal.SIGKILL)
        until(lambda: not parent.alive)
        with pytest.raises(NotWarm):  # an ordinary process is started meanwhile
            parent.fork_now("forking:echo")
        parent.ready(START_SECONDS)
        assert parent.pid != old
        assert told(parent)[1] == 0
        assert answers(line), "the child of the old one"
        child.signal(signal.SIGKILL)
        assert child.wait_now(SOON) == UNKNOWN, "nobody could tell how it ended, but that it did"


@pytest.mark.slow
def test_a_parent_that_hangs_holds_nobody_up_and_is_replaced():
    with warm("forking", patience=0.5) as parent:
        old = parent.pid
        os.kill(old, signal.SIGSTOP)
        since = time.monotonic()
        with pytest.raises(NotWarm, match="did not answer"):
            parent.fork_now("forking:echo")
        with pytest.raises(NotWarm):
            asyncio.run(parent.fork("forking:echo"))
        assert time.monotonic() - since < 3
        until(lambda: gone(old))
        parent.ready(START_SECONDS)
        assert told(parent)[1] == 0


@pytest.mark.slow
def test_a_child_that_ends_under_a_parent_that_hangs_is_noticed():
    with warm("forking") as parent, talk(parent, "forking:echo") as (child, line):
        assert answers(line)
        os.kill(parent.pid, signal.SIGSTOP)
        child.signal(signal.SIGKILL)
        assert child.wait_now(SOON) == UNKNOWN


@pytest.mark.slow
def test_closing_ends_the_parent_and_every_child():
    with warm("forking") as parent, talk(parent, "forking:echo") as (child, line):
        assert answers(line)
        parent.close_now()
        assert gone(parent.pid)
        assert child.wait_now(SOON) == -signal.SIGKILL
        assert gone(child.pid)
        with pytest.raises(NotWarm, match="closed"):
            parent.fork_now("forking:echo")


SERVER = """
import sys
from kpilib.serve.warm import Warm
parent = Warm.start_now(sys.argv[1], ["forking"])
child = parent.fork_now("forking:pause", stdio=(None, 2, 2))
print(parent.pid, child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_everything_ends_with_the_server_even_if_it_is_killed_and_the_parent_hangs():
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", SERVER, DEMO], **ends) as server:
        parent, child = map(int, server.stdout.readline().split())
        assert server.stderr.readline() == b"here\n"
        os.kill(parent, signal.SIGSTOP)
        server.kill()
        until(lambda: gone(parent) and gone(child))


@pytest.mark.slow
def test_the_whole_stack_is_loaded_without_a_second_thread():
    parent = Warm.start_now(DEMO, (*PRELOAD, "forking"))
    try:
        assert os.listdir(f"/proc/{parent.pid}/task") == [str(parent.pid)]
        assert told(parent)[1] == 0
    finally:
        parent.close_now()


@pytest.mark.slow
def test_a_parent_that_would_have_two_threads_is_not_used():
    with pytest.raises(NotWarm, match="must have one thread, and has python, "):
        Warm.start_now(DEMO, ["forking:leave_a_thread"])


def test_a_parent_that_cannot_load_says_why_and_is_not_started_again_at_once():
    parent = Warm(DEMO, ["no_such_module"])
    try:
        with pytest.raises(NotWarm, match="No module named 'no_such_module'"):
            parent.ready(START_SECONDS)
        pid = parent.pid
        for _ in range(2):
            with pytest.raises(NotWarm, match="not ready"):
                parent.fork_now("forking:echo")
        assert parent.pid == pid
    finally:
        parent.close_now()


def test_without_forks_no_parent_is_started(monkeypatch):
    monkeypatch.setenv("KPILIB_FORK", "0")
    assert not Warm.available()
    with pytest.raises(NotWarm, match="not forked here"):
        asyncio.run(Warm.start(DEMO, []))
