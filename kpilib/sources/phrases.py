"""The small pieces of SQL that imports are written with: quoted names and texts, a value's three faces, conditions."""

from dataclasses import dataclass

from kpilib.sources.parts import Condition


def name(text: str) -> str:
    """A name quoted for SQL."""
    return '"' + text.replace('"', '""') + '"'


def word(text: str) -> str:
    """A text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Value:
    """Three expressions over the staged row: the typed value, whether anything was written there, and what."""

    read: str
    given: str
    raw: str


NOTHING = Value("NULL", "FALSE", "NULL::VARCHAR")


def compared(column: str) -> str:
    """A column as conditions compare it: lower case, without blanks around it, empty for nothing."""
    return f"lower(trim(coalesce({column}, '')))"


def holds(text: str, condition: Condition) -> str:
    """The SQL of one condition on a text that `compared` gave."""
    exact = [word(w.lower()) for w in condition.words if "*" not in w]
    parts = [f"{text} IN ({', '.join(exact)})"] if exact else []
    for pattern in (w for w in condition.words if "*" in w):
        escaped = pattern.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_").replace("*", "%")
        parts.append(f"{text} <> ''" if pattern == "*" else f"{text} LIKE {word(escaped)} ESCAPE '\\'")
    return f"({' OR '.join(parts)})"


def taken(take: str, expression: str, where: str = "") -> str:
    """Several rows' value as one (`take` is one of `parts.TAKES`), of the rows for which `where` holds.

    "first" is the first row in the order of the file; "count" is how many different values there are.
    """
    only = f" FILTER (WHERE {where})" if where else ""
    if take == "first":
        return f"arg_min({expression}, _row){only}"
    if take == "count":
        return f"count(DISTINCT {expression}){only}"
    if take == "same":
        least, most = f"min({expression}){only}", f"max({expression}){only}"
        return f"CASE WHEN {least} = {most} THEN {least} END"
    return f"{'avg' if take == 'mean' else take}({expression}){only}"
