"""The file an import writes: built beside the target, put in its place at the end, or not at all.

One import at a time holds a target. Whatever happens on the way (an exception, kill -9, a full disk), the old file
stays as it was, and what a dead import left is removed by the next one.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpilib.errors import BadInput

if sys.platform == "win32":
    import msvcrt

    def _hold(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _hold(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Busy(BadInput):
    """Another import holds the target; it will be free again."""


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to build the new file at; when the block ends well, it takes the target's place at once.

    The folder of the path is scratch space on the target's own disk, and is removed at the end.

    Raises
    ------
    BadInput
        Where the folder cannot be written to, or the target is a folder.
    Busy
        Where another import holds the target.
    """
    if target.is_dir():
        raise BadInput(f"{str(target)!r} is a folder. Name the database file to write, e.g. {target.name}.duckdb.")
    scratch = target.with_name(f".{target.name}.importing")
    with _held(scratch, target) as lock:
        _sweep(scratch, lock)
        new = scratch / "new.duckdb"
        try:
            yield new
            _put(new, target)
        finally:
            _sweep(scratch, lock)


@contextmanager
def _held(scratch: Path, target: Path) -> Iterator[Path]:
    """Hold the scratch folder's lock file for the length of the block, then remove both."""
    lock = scratch / "lock"
    handle = _take(scratch, lock, target)
    try:
        yield lock
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        os.close(handle)


def _take(scratch: Path, lock: Path, target: Path) -> int:
    """The open, locked handle of the lock file. A lock whose file was removed meanwhile is taken again."""
    for _ in range(20):
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadInput(
                f"Nothing can be written in {str(target.parent)!r}: {_why(error)}. "
                "Choose another place (--into FILE.duckdb), or ask for the right to write there."
            ) from error
        try:
            _hold(handle)
        except OSError:
            os.close(handle)
            raise Busy(
                f"Another import is writing {str(target)!r} at this moment. Wait until it ends, or write elsewhere."
            ) from None
        if _same(handle, lock):
            return handle
        os.close(handle)
    raise BadInput(f"{str(scratch)!r} cannot be made: other imports keep removing it. Try again in a moment.")


def _put(new: Path, target: Path) -> None:
    try:
        os.replace(new, target)
    except OSError as error:
        raise BadInput(f"{str(target)!r} cannot be written: {_why(error)}. The old file, if any, stays.") from error


def _same(handle: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(lock))
    except FileNotFoundError:
        return False


def _sweep(scratch: Path, lock: Path) -> None:
    """Remove everything in the scratch folder but the lock."""
    for item in scratch.iterdir() if scratch.exists() else ():
        if item != lock:
            shutil.rmtree(item, ignore_errors=True) if item.is_dir() else item.unlink(missing_ok=True)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
