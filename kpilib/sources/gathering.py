"""Rows of a file that are about one thing become one row of the model.

A marketplace lists its customer with every order, a mailing tool an event a message: the dialect says in which columns
of the model rows must agree to be one (`gather`), and how each other column is taken (`take`, else the first filled).
"""

from kpilib.model.columns import Table
from kpilib.sources.parts import Source
from kpilib.sources.phrases import taken


def take(source: Source, column: str) -> str:
    """How a column of gathered rows is taken."""
    choices = source.columns.get(column, ())
    return next((c.take for c in choices if c.take != "first"), "first")


def gathered(source: Source, table: Table, picked: str) -> str:
    """The SELECT `picked` (`_row`, and two columns `…_read`, `…_given` each) with rows that agree made one.

    The row number is that of the first. A row in which no gathering column is filled is about none of these things (a
    deal without a company names no customer) and makes no row; one in which some cannot be read stays alone, to be
    refused. Where rows agree in more than the key, the key is made of all the gathering columns.
    """
    if not source.gather:
        return picked
    alone = " OR ".join(f"{name}_read IS NULL" for name in source.gather)
    filled = " OR ".join(f"{name}_given" for name in source.gather)
    groups = ", ".join(f"{name}_read" for name in source.gather)
    columns = ", ".join(_column(source, table, c.name) for c in table.columns)
    grouped = f"GROUP BY {groups}, CASE WHEN {alone} THEN _row END"
    return f"SELECT min(_row) AS _row, {columns} FROM ({picked}) AS gathered_rows WHERE {filled} {grouped}"


def _column(source: Source, table: Table, name: str) -> str:
    how = take(source, name)
    given = f"bool_or({name}_given) AS {name}_given"
    if name == table.key and name in source.gather and len(source.gather) > 1:
        parts = ", ".join(f"CAST({c}_read AS VARCHAR)" for c in source.gather)
        return f"CASE WHEN {name}_read IS NOT NULL THEN concat_ws('|', {parts}) END AS {name}_read, {given}"
    if name in source.gather:
        return f"{name}_read, {given}"
    if how == "count":
        sql_type = table.column(name).sql_type
        return f"CAST({taken(how, f'{name}_read', f'{name}_given')} AS {sql_type}) AS {name}_read, TRUE AS {name}_given"
    return f"{taken(how, f'{name}_read', f'{name}_given')} AS {name}_read, {given}"
