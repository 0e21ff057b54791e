"""An IPython kernel in a fork of the warm parent: what runs there instead of `python -m ipykernel_launcher`."""

import sys

GOODBYE_SECONDS = 1.0
"""For the thread that was told to end."""


def main(argv: list[str], fds: list[int]) -> None:
    """Be a kernel until it is told to end.

    Parameters
    ----------
    argv : list of str
        The arguments of `ipykernel_launcher`: `-f` and the connection file.
    fds : list of int
        None is used.
    """
    from ipykernel.kernelapp import IPKernelApp

    # 1: it neither watches its parent process, which it outlives (the leash ends it with the server), nor tells a
    # terminal how to reach it.
    app = IPKernelApp.instance(parent_handle=1)
    app.config.HistoryManager.hist_file = ":memory:"  # a viewer's cells are not the analyst's history
    app.initialize(argv)
    if widgets := sys.modules.get("ipywidgets"):
        widgets.register_comm_target()  # which its import does, but only in a kernel
    app.start()
    # It is still saying good-bye, through the thread that `close` stops first, and would wait ten seconds for it.
    app.control_thread.join(GOODBYE_SECONDS)
