"""Text as UTF-8, whatever it was saved as: UTF-8, UTF-16, or CP1252 (which Latin-1 is read as).

The whole file decides, not its beginning; nothing is held but one block.
"""

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpilib.errors import BadInput
from kpilib.sources.guards import refuse_if_not_text
from kpilib.sources.staging import plural, were

_BLOCK = 1 << 20
_UTF8_PAIRS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(128, 256))


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8, read as CP1252, and as Latin-1 where CP1252 has a hole."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    try:
        return byte.decode("cp1252"), error.start + 1
    except UnicodeDecodeError:
        return byte.decode("latin-1"), error.start + 1


codecs.register_error("kpilib_cp1252", _as_windows)


@contextmanager
def as_utf8(path: Path, head: bytes) -> Iterator[tuple[Path, str, list[str]]]:
    """The file as UTF-8: itself where it is, else a copy in a temporary file, written a block at a time."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _copied(path, "utf-16", "UTF-16", [])
        return
    refuse_if_not_text(path, head)
    valid, high = _utf8_share(path)
    if valid == high:
        yield path, "UTF-8 with BOM" if head.startswith(codecs.BOM_UTF8) else "UTF-8", []
    elif 2 * valid > high:
        lost = f"{plural(high - valid, 'byte')} that {were(high - valid)} not UTF-8 {were(high - valid)} read as CP1252"
        yield from _copied(path, "utf-8", "UTF-8", [lost])
    else:
        yield from _copied(
            path, "cp1252", "CP1252", ["the file is not UTF-8 and was read as CP1252 (Western European)"]
        )


def _utf8_share(path: Path) -> tuple[int, int]:
    """How many bytes beyond ASCII belong to valid UTF-8 sequences, and how many there are, over the whole file."""
    valid = high = 0
    carry = b""
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            block, carry = carry + block, b""
            if not block.isascii():
                carry = _open_sequence(block)
                block = block[: len(block) - len(carry)]
                high += len(block) - len(block.translate(None, _HIGH))
                valid += _valid_bytes(block)
    return valid, high + len(carry)


def _open_sequence(block: bytes) -> bytes:
    """The bytes at the end of a block that may go on in the next one."""
    for back in (1, 2, 3):
        byte = block[-back] if len(block) >= back else 0
        if byte >= 0xC0:
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return block[-back:] if wanted > back else b""
        if byte < 0x80:
            return b""
    return b""


def _valid_bytes(block: bytes) -> int:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return sum(len(found) for found in _UTF8_PAIRS.findall(block))
    return len(block) - len(block.translate(None, _HIGH))


def _copied(path: Path, codec: str, encoding: str, notes: list[str]) -> Iterator[tuple[Path, str, list[str]]]:
    with tempfile.TemporaryDirectory(prefix="kpilib-") as folder:
        copy = Path(folder) / "text.csv"
        with path.open("rb") as source, copy.open("w", encoding="utf-8", newline="") as target:
            decoder = codecs.getincrementaldecoder(codec)("strict" if codec == "utf-16" else "kpilib_cp1252")
            try:
                while block := source.read(_BLOCK):
                    target.write(decoder.decode(block))
                target.write(decoder.decode(b"", True))
            except UnicodeError as error:
                raise BadInput(f"{path.name}: starts as UTF-16 but breaks off ({error}). Export it again.") from error
        yield copy, encoding, notes
