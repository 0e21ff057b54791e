"""Messages between the server and a worker: a head of JSON and a body of bytes, each after its length.

The same over a socket and over a process's pipes; nothing in it is code, so nothing received is ever run.
"""

import json
import struct
from typing import Any, NamedTuple, Protocol

LENGTHS = struct.Struct(">II")
LARGEST = 1 << 28
"""Bytes; a length beyond it is a broken stream, not a message."""


class Frame(NamedTuple):
    """One message: what it is, and what it carries."""

    head: dict[str, Any]
    body: bytes = b""


class Readable(Protocol):
    """What a message is read from: a pipe, or a socket's file."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; fewer when the other end is gone."""


def pack(frame: Frame) -> bytes:
    """The bytes of a message.

    Examples
    --------
    >>> pack(Frame({"id": 1}, b"ab"))
    b'\\x00\\x00\\x00\\x08\\x00\\x00\\x00\\x02{"id":1}ab'
    """
    head = json.dumps(frame.head, separators=(",", ":")).encode()
    return LENGTHS.pack(len(head), len(frame.body)) + head + frame.body


def read(stream: Readable) -> Frame:
    """The next message.

    Parameters
    ----------
    stream : file
        Blocks until a whole message is there.

    Raises
    ------
    EOFError
        The other end is gone, or what it sends is no message.
    """
    head, body = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    if head + body > LARGEST:
        raise EOFError
    return Frame(json.loads(_exactly(stream, head)), _exactly(stream, body))


def _exactly(stream: Readable, size: int) -> bytes:
    parts, missing = [], size
    while missing:
        part = stream.read(missing)
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
