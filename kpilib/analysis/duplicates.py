"""Accounts that look like one another: pairs with a score and a reason, and the groups they make. Nothing is merged.

Names are compared within one city: all pairs of it, by the share of letters that two names have in common (rapidfuzz).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

#: Two names of this likeness (0 to 100) or more are a pair.
LIKENESS = 93
#: Words that say what kind of firm one is, and not which.
FORMS = frozenset(
    ("sa", "sas", "sasu", "sarl", "eurl", "snc", "sci", "scop", "gmbh", "ag", "kg", "ohg", "ltd", "limited", "llc",
     "inc", "plc", "corp", "co", "bv", "nv", "spa", "srl", "sl")
)  # fmt: skip
#: A city of more accounts than this is compared among names with a word that begins alike.
LARGE = 3000
#: So many pairs are listed, the likest first.
LISTED = 500
#: Why two accounts are a pair, the surest first.
WHY = ("same", "form", "order", "spelling")
_WORD = re.compile(r"[a-z0-9]+")


def duplicates(book: Any) -> dict[str, Any]:
    """The finding "duplicates": accounts that look like another, in pairs and in groups.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `accounts`: how many were compared; `alike`: how many look like another; `pairs`: frame of one, other (keys),
        name, other_name, city, owner, score (0–100), why (of `WHY`), the likest first, at most `LISTED`; `pairs_all`;
        `by_why`: pairs by reason; `groups`: frame of size, names, keys, city. `cannot`: "no_accounts".

    Notes
    -----
    A pair has the same name, another legal form or none beside one ("form": never two different ones), the same words
    in another order, or almost the same letters. Digits must agree. Misses one firm in two cities.
    """
    if "customers" not in book.tables:
        return {"cannot": "no_accounts"}
    rows = book.panel("accounts", columns=["customer_id", "customer", "city", "owner"]).reset_index(drop=True)
    found = alike(rows["customer_id"].tolist(), _names(rows), rows["city"].tolist())
    pairs = pd.DataFrame(found, columns=["at", "to", "score", "why"])
    pairs = pairs.sort_values(["score", "at", "to"], ascending=[False, True, True], ignore_index=True)
    groups = _groups(pairs)
    return {
        "accounts": len(rows), "alike": sum(len(group) for group in groups), "pairs": _told(pairs[:LISTED], rows),
        "pairs_all": len(pairs), "by_why": {why: int((pairs["why"] == why).sum()) for why in WHY},
        "groups": _gathered(groups, rows),
    }  # fmt: skip


def _names(rows: pd.DataFrame) -> list[str]:
    """What accounts are called: without the key that tells apart those of one name."""
    return [
        str(name).removesuffix(f" ({key})")
        for name, key in zip(rows["customer"].tolist(), rows["customer_id"].tolist(), strict=True)
    ]


def plain(name: str) -> tuple[str, frozenset[str]]:
    """A name's words without accents and legal form, and the form.

    Examples
    --------
    >>> plain("Hôtel de l'Étoile S.A.R.L.")
    ('hotel de l etoile', frozenset({'sarl'}))
    """
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    bare = re.sub(r"\b((?:[a-z]\.){2,})", lambda found: found[0].replace(".", "") + " ", bare)  # S.A. is SA
    words = _WORD.findall(bare)
    kept = [word for word in words if word not in FORMS] or words
    return " ".join(kept), frozenset(words) & FORMS


def alike(keys: list[str], names: list[str], cities: list[str]) -> list[tuple[int, int, float, str]]:
    """The pairs among some accounts: places of both, likeness (0–100), reason; empty for none.

    Accounts whose name is their key, or that have none, are compared with no other.
    """
    told = [plain(name) for name in names]
    usable = [at for at, key in enumerate(keys) if told[at][0] and names[at] != str(key)]
    found: dict[tuple[int, int], tuple[float, str]] = {}
    for block in _blocks(usable, told, cities):
        for one, other, score in _close([told[at][0] for at in block]):
            at, to = block[one], block[other]
            why = _why(names[at], names[to], told[at], told[to])
            if why:
                found[at, to] = (score, why)
    return [(*pair, *told_) for pair, told_ in found.items()]


def _blocks(usable: list[int], told: list[tuple[str, frozenset[str]]], cities: list[str]) -> Iterator[list[int]]:
    """The accounts of each city; of a very large one, those that have a word that begins alike."""
    by_city: dict[str, list[int]] = {}
    for at in usable:
        by_city.setdefault(plain(str(cities[at]))[0], []).append(at)
    for block in by_city.values():
        if len(block) <= LARGE:
            yield block
            continue
        begun: dict[str, list[int]] = {}
        for at in block:
            for start in {word[:3] for word in told[at][0].split()}:
                begun.setdefault(start, []).append(at)
        yield from begun.values()


def _close(names: list[str]) -> Iterator[tuple[int, int, float]]:
    """The pairs of names that are alike enough, each once."""
    from rapidfuzz import fuzz, process

    if len(names) < 2:
        return
    scores = process.cdist(names, names, scorer=fuzz.token_sort_ratio, score_cutoff=LIKENESS, dtype=np.float32)
    for one, other in zip(*np.nonzero(np.triu(scores, 1)), strict=True):
        yield int(one), int(other), float(scores[one, other])


def _why(
    name: str, other: str, told: tuple[str, frozenset[str]], beside: tuple[str, frozenset[str]]
) -> str:  # fmt: skip
    """The reason why two names of a likeness are taken for one firm; empty text where they are two."""
    (words, forms), (others, their) = told, beside
    if forms and their and forms != their:
        return ""
    if re.sub(r"\D", "", words) != re.sub(r"\D", "", others):
        return ""
    if words == others:
        return "same" if forms == their else "form"
    return "order" if sorted(words.split()) == sorted(others.split()) else "spelling"


def _groups(pairs: pd.DataFrame) -> list[list[int]]:
    """The accounts that pairs hold together, each group once, the largest first."""
    of: dict[int, list[int]] = {}
    for one, other in zip(pairs["at"].tolist(), pairs["to"].tolist(), strict=True):
        first, second = of.setdefault(one, [one]), of.setdefault(other, [other])
        if first is not second:
            first += second
            of.update(dict.fromkeys(second, first))
    groups = {id(group): sorted(group) for group in of.values()}
    return sorted(groups.values(), key=lambda group: (-len(group), group))


def _told(pairs: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    names = pd.Series(_names(rows), dtype=object)
    one, other = rows.iloc[pairs["at"]], rows.iloc[pairs["to"]]
    return pd.DataFrame(
        {
            "one": one["customer_id"].tolist(), "other": other["customer_id"].tolist(),
            "name": names.iloc[pairs["at"]].tolist(), "other_name": names.iloc[pairs["to"]].tolist(),
            "city": one["city"].astype(str).tolist(), "owner": one["owner"].astype(str).tolist(),
            "score": pairs["score"].round(1).tolist(), "why": pairs["why"].tolist(),
        }
    )  # fmt: skip


def _gathered(groups: list[list[int]], rows: pd.DataFrame) -> pd.DataFrame:
    names, keys, cities = _names(rows), rows["customer_id"].tolist(), rows["city"].astype(str).tolist()
    lines = [
        (len(group), "; ".join(dict.fromkeys(names[at] for at in group)), "; ".join(keys[at] for at in group),
         cities[group[0]])
        for group in groups[:LISTED]
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=["size", "names", "keys", "city"])
