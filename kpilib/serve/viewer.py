"""The part that runs inside a viewer's kernel: what went wrong is told to the log, never to the page.

Voilà strips the tracebacks of cells only; a callback of a control would still send its own to the browser.
"""

import sys
import traceback
from typing import Any

SAID = "This could not be computed. The reason is in the log of the application."


def keep_tracebacks_here(shell: Any = None) -> None:
    """Send every traceback of this kernel to its standard error, and one plain sentence to the browser.

    Parameters
    ----------
    shell : IPython shell, optional
        Default: the running one. Outside IPython nothing happens.
    """
    if shell is None:
        from IPython import get_ipython

        shell = get_ipython()
    if shell is None:
        return
    send = shell._showtraceback

    def quietly(etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        log = sys.__stderr__
        if log is not None:
            log.write("".join(traceback.format_exception(etype, evalue, getattr(evalue, "__traceback__", None))))
            log.flush()
        send(RuntimeError, RuntimeError(SAID), [SAID])

    shell._showtraceback = quietly
