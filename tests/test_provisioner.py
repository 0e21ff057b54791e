"""Kernels that are forks of the warm parent behave as kernels do, and are ordinary ones where there is no parent."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from forking import SOON, children, gone, until
from jupyter_client import AsyncMultiKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets.config import Config

from kpilib.serve.provisioner import ForkProvisioner, ours, provisioned
from kpilib.serve.warm import Child, Warm

DEMO = str(Path(__file__).parent.parent / "data" / "demo")
KERNEL = ("ipykernel.ipkernel", "ipykernel.kernelapp", "ipywidgets", "kpilib.serve.kernel", "forking:mark")
PATIENCE = 60
"""Seconds for an ordinary kernel on a loaded machine."""

forked_only = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


@pytest.fixture(scope="module")
def parent():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        running = Warm.start_now(DEMO, KERNEL)
        yield running
        running.close_now()


@pytest.fixture
def settings(parent):
    """What an application with this parent is set to; nothing of it stays."""
    made = Config()
    provisioned(made, parent)
    yield made
    provisioned(Config(), None)


class Kernel:
    """A kernel of a manager, and a client of it."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    @property
    def process(self):
        return self.manager.provisioner.process

    async def says(self, code):
        """What a cell prints; the name of the error if it raises one."""
        said = []

        def heard(message):
            content = message["content"]
            said.append(content["text"] if message["msg_type"] == "stream" else content.get("ename", ""))

        await self.client.execute_interactive(code, timeout=PATIENCE, output_hook=heard)
        return "".join(said).strip()


@asynccontextmanager
async def kernel(settings, **how):
    """A kernel as an application's manager starts it."""
    managers = AsyncMultiKernelManager(config=settings)
    name = await managers.start_kernel(kernel_name="python3", **how)
    manager = managers.get_kernel(name)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=PATIENCE)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        if name in managers:
            await managers.shutdown_kernel(name, now=True)
        managers.context.term()


def run(test):
    """A coroutine with a limit: nothing here may hang."""
    return asyncio.run(asyncio.wait_for(test, 2 * PATIENCE))


@forked_only
@pytest.mark.slow
def test_a_forked_kernel_runs_cells_in_the_folder_and_environment_it_is_given(settings, parent, tmp_path):
    async def test():
        async with kernel(settings, cwd=str(tmp_path), env={**os.environ, "KPILIB_DATA": "exports"}) as one:
            assert isinstance(one.process, Child)
            assert await one.says("import forking; print(forking.MARKED)") == str(parent.pid), "loaded by the parent"
            assert await one.says("import os; print(os.getcwd(), os.environ['KPILIB_DATA'])") == f"{tmp_path} exports"
            assert await one.says("import sys; print(sys.argv[0])") == "ipykernel_launcher"
            assert await one.says("1 / 0") == "ZeroDivisionError"

    run(test())


@forked_only
@pytest.mark.slow
def test_widgets_reach_a_forked_kernel_as_they_reach_any(settings):
    async def test():
        async with kernel(settings) as one:
            code = "import comm; print(sorted(comm.get_comm_manager().targets))"
            assert await one.says(code) == "['jupyter.widget', 'jupyter.widget.control']"

    run(test())


@forked_only
@pytest.mark.slow
def test_two_kernels_share_no_state(settings):
    async def test():
        async with kernel(settings) as one, kernel(settings) as other:
            await one.says("import forking; forking.MARKED = secret = 'mine'")
            assert await one.says("print(secret)") == "mine"
            assert await other.says("print(secret)") == "NameError"
            assert await other.says("import forking; print(forking.MARKED)") != "mine"
            assert "MARKED" not in await other.says("%history -g secret"), "nor do they leave a history"

    run(test())


@forked_only
@pytest.mark.slow
def test_a_forked_kernel_survives_an_interrupt(settings):
    async def test():
        async with kernel(settings) as one:
            started = asyncio.Event()

            def heard(message):
                if message["msg_type"] == "stream":
                    started.set()

            code = "print('started', flush=True)\nimport time\ntime.sleep(600)"
            running = asyncio.ensure_future(one.client.execute_interactive(code, timeout=PATIENCE, output_hook=heard))
            await asyncio.wait_for(started.wait(), SOON)
            await one.manager.interrupt_kernel()
            reply = await running
            assert reply["content"]["ename"] == "KeyboardInterrupt"
            assert await one.says("print(6 * 7)") == "42"

    run(test())


@forked_only
@pytest.mark.slow
def test_a_forked_kernel_restarts_as_a_new_fork(settings):
    async def test():
        async with kernel(settings) as one:
            old = one.process.pid
            await one.says("left = 1")
            await one.manager.restart_kernel()
            assert gone(old)
            assert isinstance(one.process, Child)
            await one.client.wait_for_ready(timeout=PATIENCE)
            assert await one.says("print(left)") == "NameError"

    run(test())


@forked_only
@pytest.mark.slow
@pytest.mark.parametrize(("now", "status"), [(False, 0), (True, -signal.SIGKILL)], ids=["asked", "killed"])
def test_a_kernel_that_is_shut_down_leaves_no_process_and_no_file(settings, parent, now, status):
    async def test():
        async with kernel(settings) as one:
            child, file = one.process, Path(one.manager.connection_file)
            assert await one.manager.is_alive()
            assert file.exists()
            await asyncio.wait_for(one.manager.shutdown_kernel(now=now), SOON)
            assert not await one.manager.is_alive()
            assert child.poll() == status, "it went by itself if it was asked"
            assert gone(child.pid)
            assert not file.exists()
        assert not children(parent.pid)

    run(test())


@forked_only
@pytest.mark.slow
def test_the_death_of_a_kernel_is_noticed(settings):
    async def test():
        async with kernel(settings) as one:
            one.client.execute("import os; os._exit(9)")
            assert await asyncio.wait_for(one.process.wait(), SOON) == 9
            assert not await one.manager.is_alive()

    run(test())


@forked_only
@pytest.mark.slow
def test_a_kernel_outlives_its_parent_and_the_next_one_is_ordinary(settings, parent):
    async def test():
        async with kernel(settings) as one:
            os.kill(parent.pid, signal.SIGKILL)
            until(lambda: not parent.alive)
            async with kernel(settings) as other:
                assert not isinstance(other.process, Child)
                assert await other.says("print(1)") == "1"
            assert await one.says("print(2)") == "2"
            pid = one.process.pid
            await asyncio.wait_for(one.manager.shutdown_kernel(), SOON)
            assert gone(pid)

    run(test())
    parent.ready(PATIENCE)


@pytest.mark.slow
def test_without_a_parent_kernels_are_ordinary(monkeypatch):
    monkeypatch.setenv("KPILIB_FORK", "0")
    made = Config()
    provisioned(made, None)

    async def test():
        async with kernel(made) as one:
            assert not isinstance(one.manager.provisioner, ForkProvisioner)
            assert await one.says("print(1)") == "1"

    run(test())


@pytest.mark.parametrize(("parent", "chosen"), [(object(), ForkProvisioner), (None, LocalProvisioner)])
def test_kernels_are_forked_where_there_is_a_parent_to_fork(parent, chosen):
    try:
        provisioned(Config(), parent)
        spec = KernelSpecManager().get_kernel_spec("python3")
        made = KernelProvisionerFactory.instance().create_provisioner_instance("one", spec, None)
        assert type(made) is chosen
    finally:
        provisioned(Config(), None)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "a.json"], ["-f", "a.json"]),
        ([sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "a.json"], ["-f", "a.json"]),
        (["/elsewhere/python", "-m", "ipykernel_launcher", "-f", "a.json"], None),
        ([sys.executable, "-m", "bash_kernel", "-f", "a.json"], None),
    ],
)
def test_only_this_pythons_own_kernel_is_forked(command, arguments):
    assert ours(command) == arguments
