"""What a page's script asks: answers line by line, records, files, whether the server is there, and its own files."""

import json
import zlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import tornado.web
from tornado.iostream import StreamClosedError

from kpilib.serve.answers import Job
from kpilib.serve.facts import SHOWN
from kpilib.serve.handlers import AGAIN, Ours, explained
from kpilib.serve.lines import whole, without
from kpilib.serve.pool import Busy
from kpilib.serve.wire import Frame

MOST = 1000
"""Keys of chart skeletons, or names of pieces, that a page may tell."""
WHILE = 0.05
"""Seconds between two parts of an answer that is written while it is computed."""
PARTS = ("piece", "form", "of", "kpi")


class Scripted(Ours):
    """What a script asks: a refusal is JSON, and nobody is sent to a page for logging in."""

    async def prepare(self) -> None:
        await super().prepare(_redirect_to_login=False)

    def refuse(self, status: int, said: str) -> None:
        """An error as the script reads it."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.write({"kind": "failed", "said": said})

    def write_error(self, status_code: int, **_: Any) -> None:
        self.refuse(status_code, explained(status_code, self.reader))
        self.finish()


class Asked(Scripted):
    """What needs a worker: the job is left when its reader leaves."""

    job: Job | None = None

    async def started(self, do: str, path: str, first: Sequence[str] = (), **more: Any) -> Job:
        """The job that answers; a busy pool ends the request."""
        try:
            self.job = await self.site.ask(do, self.known(path), self.query(), self.reader, first, **more)
        except Busy as busy:
            self.set_header("Retry-After", str(AGAIN))
            self.refuse(429, str(busy))
            raise tornado.web.Finish from busy
        return self.job

    async def only(self, do: str, path: str) -> Frame:
        """The one frame that answers; what was refused or failed ends the request with its sentence."""
        job = await self.started(do, path, **self.parts())
        last = (await job.result())[-1].head
        if not job.whole:
            self.refuse(400 if last["kind"] == "refused" else 500, last["said"])
            raise tornado.web.Finish
        return job.frames[0]

    def parts(self) -> dict[str, Any]:
        """Which piece is asked, in which form, and which mark of its chart: ``mark.region=West``, or an object."""
        found: dict[str, Any] = {
            name: self.get_query_argument(name) for name in PARTS if self.get_query_argument(name, "")
        }
        if "piece" not in found:
            raise tornado.web.HTTPError(400)
        mark = {name[5:]: self.get_query_argument(name) for name in self.request.query_arguments if name[:5] == "mark."}
        try:
            told = json.loads(self.get_query_argument("mark", "{}"))
        except ValueError:
            raise tornado.web.HTTPError(400) from None
        if isinstance(told, dict):
            mark |= {str(name): str(value) for name, value in told.items()}
        return {**found, "mark": mark} if mark else found

    def on_connection_close(self) -> None:
        """The reader went away: what has not begun for him need not begin."""
        super().on_connection_close()
        self.leave()

    def on_finish(self) -> None:
        super().on_finish()
        self.leave()

    def leave(self) -> None:
        if self.job is not None:
            self.job.leave()
            self.job = None


class AskHandler(Asked):
    """An answer to a query, a line of JSON a piece, each sent as soon as it is there."""

    @tornado.web.authenticated
    async def post(self, path: str) -> None:
        have, first = self.told("have", "first")
        job = await self.started("answer", path, first=first)
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        self.pack = zlib.compressobj(1, wbits=31) if self.zips else None
        if self.pack is not None:
            self.set_header("Content-Encoding", "gzip")
        try:
            await self.stream(job, set(have))
        except StreamClosedError:
            self.leave()

    async def stream(self, job: Job, have: set[str]) -> None:
        """Write the first piece as soon as it is there, then each as it comes, or all of a while where several wait.

        What comes together is painted together, which leaves a busy machine to the next reader.
        """
        self.at_once()
        answers = self.site.pool.answers
        async for frames in job.parts(lambda: WHILE if answers.several else 0.0):
            await self.send(b"".join(line(frame, have) for frame in frames))
        if self.pack is not None:
            self.write(self.pack.flush())

    def at_once(self) -> None:
        """Each part leaves when it is written; by default one waits until the part before it is acknowledged."""
        stream = getattr(self.request.connection, "stream", None)
        if stream is not None and not stream.closed():
            stream.set_nodelay(True)

    async def send(self, lines: bytes) -> None:
        if self.pack is not None:
            lines = self.pack.compress(lines) + self.pack.flush(zlib.Z_SYNC_FLUSH)
        if lines:
            self.write(lines)
            await self.flush()

    @property
    def zips(self) -> bool:
        """Whether the lines are compressed: not for a reader on this machine, who would only wait for it."""
        return self.request.remote_ip not in {"127.0.0.1", "::1"} and "gzip" in self.request.headers.get(
            "Accept-Encoding", ""
        )

    def told(self, *names: str) -> list[list[str]]:
        """What the page tells of itself: the skeletons that it has, the pieces that its reader sees."""
        try:
            body = json.loads(self.request.body or b"{}")
            told = [body.get(name, []) for name in names]
        except (ValueError, AttributeError):
            raise tornado.web.HTTPError(400) from None
        if not all(isinstance(one, list) and len(one) <= MOST for one in told):
            raise tornado.web.HTTPError(400)
        return [[str(one) for one in listed] for listed in told]


def line(frame: Frame, have: set[str]) -> bytes:
    """A frame as the browser reads it; nothing for the one that only ends the stream."""
    kind = frame.head["kind"]
    if kind == "line":
        return (without if frame.head.get("key") in have else whole)(frame) + b"\n"
    if kind == "end":
        return b""
    return json.dumps({"kind": "failed", "said": frame.head["said"]}).encode() + b"\n"


class RecordsHandler(Asked):
    """The rows behind a piece or a mark."""

    do = "records"

    @tornado.web.authenticated
    async def get(self, path: str) -> None:
        frame = await self.only(self.do, path)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.write(frame.body)


class AboutHandler(RecordsHandler):
    """What the KPI of a tile is: its definition, its SQL, its other definitions and their values."""

    do = "about"


class ExportHandler(Asked):
    """What a piece shows, as a file."""

    @tornado.web.authenticated
    async def get(self, path: str) -> None:
        frame = await self.only("export", path)
        self.set_header("Content-Type", frame.head["mime"])
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(frame.head['name'], safe='')}")
        self.set_header("Cache-Control", "no-store")
        self.write(frame.body)


class AliveHandler(Scripted):
    """That the server is there, and which data it shows."""

    @tornado.web.authenticated
    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.write({"fingerprint": self.site.data.fingerprint[:SHOWN]})


class FrontHandler(Ours):
    """The files of the front end, under addresses that never change their content."""

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        asset = self.site.assets.get(name)
        if asset is None or asset.address != self.request.path:
            raise tornado.web.HTTPError(404)
        self.etag = f'"{asset.address}"'
        self.set_header("Content-Type", asset.mime)
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(asset.zipped)
        else:
            self.write(asset.content)
