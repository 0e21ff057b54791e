"""One family of errors, and the one did-you-mean.

Every error that a reader can cause derives from `KpilibError` and says what was given, what exists and what to do.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches


class KpilibError(Exception):
    """What all errors of kpilib have in common; catch this one to catch them all."""


class UnknownName(KpilibError, KeyError):
    """A name that is not in the catalogue, the model or the data."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadInput(KpilibError, ValueError):
    """A file, table, value or argument that cannot be taken as it is."""


class CannotAnswer(KpilibError):
    """The question is clear, but the data at hand do not hold the answer.

    `key` is the KPI that lacks something; `told` says the sentence in a language, where it can be said in several.
    """

    def __init__(self, said: str, key: str = "", told: Callable[[str], str] | None = None) -> None:
        super().__init__(said)
        self.key, self.told = key, told


def unknown(what: str, given: object, known: Iterable[str]) -> UnknownName:
    """The error for a name nobody knows, with the closest known one.

    Parameters
    ----------
    what : str
        The sentence's subject, with its place: "column of 'opportunities'".
    given : object
        The name as it was given.
    known : iterable of str
        The names that exist.

    Returns
    -------
    UnknownName
        To be raised by the caller.

    Examples
    --------
    >>> print(unknown("column of 'opportunities'", "regoin", ["region", "stage"]))
    No column of 'opportunities' is called 'regoin'. Did you mean 'region'?
    """
    names = sorted(known)
    close = get_close_matches(str(given).lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    said = f"No {what} is called {str(given)!r}."
    if close:
        original = next(n for n in names if n.lower() == close[0])
        return UnknownName(f"{said} Did you mean {original!r}?")
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return UnknownName(f"{said} There is: {listed or 'none'}.")
