"""Kernels as forks of the warm parent: an extension of jupyter_client that Voilà uses without knowing.

A kernel that is not this Python's own ipykernel, or for which no parent is there, starts as it always did.
"""

import sys
from importlib.metadata import entry_points
from typing import Any, ClassVar

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets.config import Config

from kpilib.serve.warm import Child, NotWarm, Warm

NAME = "kpilib-fork"
"""Of the entry point in `jupyter_client.kernel_provisioners`."""


def provisioned(settings: Config, parent: Warm | None) -> None:
    """Let the kernels of an application be forks of a warm parent; without one, nothing changes.

    Parameters
    ----------
    settings : Config
        The application's, before its kernel manager is made.
    parent : Warm or None
        Whom to ask.
    """
    ForkProvisioner.warm = parent
    if parent is not None and entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=NAME):
        settings.KernelProvisionerFactory.default_provisioner_name = NAME
    KernelProvisionerFactory.clear_instance()  # there is one a process, with the settings of who asks first
    KernelProvisionerFactory.instance(config=settings)


class ForkProvisioner(LocalProvisioner):
    """Starts, signals and awaits a kernel that the warm parent forked, or an ordinary one."""

    warm: ClassVar[Warm | None] = None
    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        arguments = ours(cmd)
        if arguments is None or self.warm is None:
            return await super().launch_kernel(cmd, **kwargs)
        try:
            self.process = await self._fork(self.warm, arguments, kwargs)
        except NotWarm as reason:
            self.log.info("An ordinary kernel is started: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def _fork(self, warm: Warm, arguments: list[str], kwargs: dict[str, Any]) -> Child:
        stdio = tuple(kwargs.get(name) for name in ("stdin", "stdout", "stderr"))
        return await warm.fork(
            "kpilib.serve.kernel:main",
            {"argv": arguments},
            stdio=stdio,
            cwd=kwargs.get("cwd"),
            env=kwargs.get("env"),
            argv=["ipykernel_launcher", *arguments],
        )

    async def wait(self) -> int | None:
        if not isinstance(self.process, Child):
            return await super().wait()
        status = await self.process.wait()
        self.process = None
        return status

    async def send_signal(self, signum: int) -> None:
        if isinstance(self.process, Child):
            self.process.signal(signum)
        else:
            await super().send_signal(signum)


def ours(command: list[str]) -> list[str] | None:
    """What follows `-m ipykernel_launcher` when the command starts this very Python; None for any other kernel.

    Examples
    --------
    >>> ours([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel-1.json"])
    ['-f', 'kernel-1.json']
    >>> ours(["julia", "-i", "kernel.jl"])
    """
    launcher = ["-m", "ipykernel_launcher"]
    plain = [word for word in command if word != "-Xfrozen_modules=off"]  # for the debugger's sake
    return plain[3:] if plain[:3] == [sys.executable, *launcher] else None
