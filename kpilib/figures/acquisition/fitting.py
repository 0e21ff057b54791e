"""A view that a panel can answer: what leads and costs are not known by does not narrow them, and this is said."""

from __future__ import annotations

from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.model.panels import panel
from kpilib.show.view import View
from kpilib.show.words import low

_NOT_BY = N_("Not narrowed by {dimensions}: that is not known of these rows.")


def fitted(view: View, *names: str) -> tuple[View, str]:
    """The view without the filters that one of these panels does not have, and the sentence that says so.

    Parameters
    ----------
    view : View
        The slice in force.
    names : str
        The panels that the figure reads.

    Returns
    -------
    View, str
        Empty text where no filter was taken away.
    """
    known = set.intersection(*(set(panel(name).dimensions) for name in names))
    out = [name for name in view.where if name not in known]
    if not out:
        return view, ""
    kept = {name: members for name, members in view.where.items() if name in known}
    said = listed([low(view.words.dimension(name)) for name in out], view.words)
    return View(view.book, kept, view.since, view.until, view.locale), view.words.say(_NOT_BY, dimensions=said)


def told(*notes: str) -> str:
    """The notes that say something, one after the other."""
    return " ".join(note for note in notes if note)
