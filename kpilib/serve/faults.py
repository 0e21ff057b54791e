"""What went wrong: a reference for the reader, the whole traceback for the log of the application."""

import sys
import traceback
from hashlib import sha256

from kpilib.language import say

WRONG = "Something went wrong (ref {ref})."


def reference(error: BaseException, where: str) -> str:
    """Write the traceback to the log; what to call the fault, the same for the same fault.

    Parameters
    ----------
    error : BaseException
        What was raised.
    where : str
        What was being done, for the log.

    Returns
    -------
    str
        Eight hexadecimal digits.
    """
    lines = [(frame.name, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ref = sha256(f"{where}|{type(error).__name__}|{lines}".encode()).hexdigest()[:8]
    trace = "".join(traceback.format_exception(error))
    print(f"ref {ref}: {where}\n{trace}", file=sys.stderr, flush=True)
    return ref


def sentence(ref: str, locale: str = "en") -> str:
    """What the reader is told.

    Examples
    --------
    >>> sentence("1a2b3c4d")
    'Something went wrong (ref 1a2b3c4d).'
    """
    return say(WRONG, locale, ref=ref)
