"""A page of two pieces that needs no data: what the tests of the application run in place of a real one."""

from kpilib.errors import BadInput
from kpilib.show.live import Live


class Piece(Live):
    """A piece without content of its own."""

    def __init__(self, page, name):
        self.page, self.name = page, name

    def compose(self, view, chosen):
        raise AssertionError("a piece without content is not asked for it")

    frame = compose


class FakePage:
    """Answers as `kpilib.show.Page` does."""

    def __init__(self):
        self.filters, self.tiles = Piece(self, "filters"), Piece(self, "tiles")

    def answer(self, query, locale="en", have=frozenset(), first=()):
        if query.get("segment") == ["break"]:
            raise RuntimeError("secret-in-answer")
        yield {"kind": "head", "query": query, "lang": locale, "first": list(first)}
        chart = {"key": "k1", "data": {"rows": [float("nan"), 1]}, "skeleton": {"mark": "bar"}}
        yield {"kind": "piece", "piece": "tiles", "slots": {"tiles": "<b>7</b>"}, "chart": chart}
        yield {"kind": "end"}

    def sections(self, query, locale="en", charts="live"):
        return {name: f'<section data-piece="{name}">{charts} {locale}</section>' for name in ("filters", "tiles")}

    def records(self, query, locale, piece, mark=None):
        return {"title": piece, "mark": mark, "rows": [[1]]}

    def export(self, query, locale, piece, form, mark=None, of="table"):
        if form != "csv":
            raise BadInput(f"No file {form!r}.")
        return f"{piece}.csv", "text/csv", b"a,b\r\n"

    def headlines(self, keys, locale="en"):
        return [{"key": key, "name": key, "value": "7", "change": "", "direction": ""} for key in keys]
