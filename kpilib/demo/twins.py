"""Accounts entered twice for the scenario `dirty`: the same firm in the same city under another key, written otherwise.

No import refuses them: they are good rows, and two for one. `answers.toml` has each pair.
"""

import re
import unicodedata
from typing import Any

import numpy as np

from kpilib.demo import words
from kpilib.demo.draws import Draws
from kpilib.model.tables import table

#: How the second name differs: capitals and accents, the legal form, the order of the words, two letters.
KINDS = ("same", "form", "order", "spelling")
#: One account in so many is entered a second time, for each kind.
ONE_IN = 100
_FORMS = tuple(ending.strip() for ending in words.ENDINGS if ending.isupper())
_WORDS = re.compile(r"[^\W\d_]+( [^\W\d_]+)+")
#: A name of fewer letters is another name when two of them change places.
_LONG = 18


def twins(cells: list[list[str]], first: int, draws: Draws) -> tuple[list[str], list[dict[str, Any]]]:
    """The second entries as lines of CSV, and for each pair its `kind` and both keys.

    Parameters
    ----------
    cells : list of list of str
        The texts of the columns of `customers`, quoted as CSV wants them.
    first : int
        The number of the first new key.
    draws : Draws
        Says which accounts they are.

    Returns
    -------
    list of str, list of dict
        As many of each kind as one account in `ONE_IN`, one at least where a name can differ so; for no rows, none.
    """
    names = table("customers").names
    rows = list(zip(*cells, strict=True))
    key, name = names.index("customer_id"), names.index("name")
    free = draws.shuffle(len(rows)).tolist()
    lines: list[str] = []
    pairs: list[dict[str, Any]] = []
    for kind in KINDS:
        wanted = max(len(rows) // ONE_IN, 1)
        able = [at for at in free if written(rows[at][name], kind) is not None][:wanted]
        free = [at for at in free if at not in set(able)]
        for at in able:
            twin, second = list(rows[at]), f"T{first + len(lines):05d}"
            twin[key], twin[name] = second, str(written(rows[at][name], kind))
            lines.append(",".join(twin) + "\n")
            pairs.append({"kind": kind, "one": rows[at][key], "other": second})
    return lines, pairs


def written(name: str, kind: str) -> str | None:
    """The name as somebody else enters it; None where it cannot differ in that way and be the same firm's.

    Examples
    --------
    >>> [written("Brasserie Guérin SARL", kind) for kind in ("same", "form")]
    ['BRASSERIE GUERIN SARL', 'Brasserie Guérin']
    >>> [written("Maçonnerie Guérin Frères", kind) for kind in ("order", "spelling")]
    ['Guérin Frères Maçonnerie', 'Maoçnnerie Guérin Frères']
    """
    if not _WORDS.fullmatch(name):
        return None
    said = name.split()
    bare = [word for word in said if word not in _FORMS]
    if kind == "same":
        return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    if kind == "form":
        return " ".join(bare) if bare != said else f"{name} {_FORMS[0]}"
    if bare != said or len(name) < _LONG:
        return None
    if kind == "order":
        return " ".join([*said[1:], said[0]])
    place = int(np.argmax([len(word) for word in said]))
    long = said[place]
    at = next((at for at in range(2, len(long) - 1) if long[at] != long[at + 1]), None)
    if at is None:
        return None
    said[place] = long[:at] + long[at + 1] + long[at] + long[at + 2 :]
    return " ".join(said)
