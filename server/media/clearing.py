"""Recordings that are over: mended after a crash, and deleted so that it can be proved.

The proof of a take is the digest of its index, and each line of the index holds the digest of its segment. Everything
here blocks: not for the loop.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.archive import INDEX, Piece
from server.media.recordings import is_take, lines_of, size_of, whole_line

DELETED: Final = "deleted.jsonl"
"""What was deleted when, beside the audit log: whoever keeps copies of the directory keeps this with them."""
_GOING: Final = ".gone"
_LINE_BYTES: Final = 1024
"""Longer than any line of an index."""


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One life of a session's picture on disk."""

    session: SessionId
    folder: Path
    generations: tuple[int, ...]
    from_ms: int
    to_ms: int
    bytes: int

    def words(self, sha256: str) -> str:
        """For the audit log; `sha256` of its index."""
        numbers = ",".join(map(str, self.generations))
        return (
            f"take {self.folder.name} generations {numbers or '-'} from {self.from_ms} to {self.to_ms} "
            f"bytes {self.bytes} sha256 {sha256}"
        )


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the proof."""

    session: str
    take: str
    generations: tuple[int, ...]
    from_ms: int
    to_ms: int
    bytes: int
    sha256: str
    deleted_at_ms: int


def takes(root: Path, *, growing: bool = False) -> Iterator[Take]:
    """All that are over, in no order; with `growing` the others too. Only the ends of indexes are read: a province has
    thousands, of a megabyte each."""
    for index in root.glob(f"*/*/{INDEX}"):
        if is_take(index):
            with _locked(index) as is_over:
                if is_over or growing:
                    yield _take(index)


def _take(index: Path) -> Take:
    """Where nothing was recorded the moments are those of the file."""
    first, last = _ends(index)
    at_ms = round(index.stat().st_mtime * 1000)
    films = [film.stem[1:] for film in index.parent.glob("g*.mp4")]
    return Take(
        session=_session_of(index.parent.parent.name),
        folder=index.parent,
        generations=tuple(sorted(int(number) for number in films if number.isdigit())),
        from_ms=first or at_ms,
        to_ms=last or at_ms,
        bytes=sum(size_of(file) for file in index.parent.iterdir()),
    )


def _ends(index: Path) -> tuple[int, int]:
    with index.open("rb") as text:
        head = text.read(_LINE_BYTES).partition(b"\n")[0]
        text.seek(max(0, size_of(index) - 2 * _LINE_BYTES))
        tail = text.read().splitlines()
    pieces = [piece for piece in map(whole_line, (head, *tail)) if isinstance(piece, Piece)]
    if not pieces:
        return 0, 0
    return pieces[0].at_ms, pieces[-1].at_ms + round(pieces[-1].duration_s * 1000)


def digest_of(take: Take) -> str:
    """SHA-256 of its index, in hex. Raises `OSError`."""
    return hashlib.sha256((take.folder / INDEX).read_bytes()).hexdigest()


def _session_of(folder: str) -> SessionId:
    """As `archive.folder_of`, backwards."""
    with contextlib.suppress(ValueError):
        if folder.startswith("x"):
            return SessionId(bytes.fromhex(folder[1:]).decode())
    return SessionId(folder)


def delete(root: Path, take: Take, sha256: str, now_ms: int) -> None:
    """Raises `OSError`. Interrupted, `sweep` finishes it."""
    with _locked(take.folder / INDEX) as is_over:
        if not is_over:
            return
        going = take.folder.with_name(take.folder.name + _GOING)
        line = Deleted(
            session=take.session,
            take=take.folder.name,
            generations=take.generations,
            from_ms=take.from_ms,
            to_ms=take.to_ms,
            bytes=take.bytes,
            sha256=sha256,
            deleted_at_ms=now_ms,
        )
        with (root / DELETED).open("ab") as proof:
            proof.write(msgspec.json.encode(line) + b"\n")
        take.folder.rename(going)
    shutil.rmtree(going)
    with contextlib.suppress(OSError):  # others of the session are there still
        take.folder.parent.rmdir()


def sweep(root: Path) -> None:
    """What a crash left: half deleted takes go, and films and indexes end where their last whole line says. A film must
    not end in half a segment, or players of the bare file stumble over it. Raises `OSError`."""
    for going in root.glob(f"*/*{_GOING}"):
        shutil.rmtree(going)
    for index in root.glob(f"*/*/{INDEX}"):
        if is_take(index):
            with _locked(index) as is_over:
                if is_over:
                    _mend(index)


def _mend(index: Path) -> None:
    text = index.read_bytes()
    whole = text.rpartition(b"\n")[0] + b"\n" if b"\n" in text else b""
    if len(whole) != len(text):
        os.truncate(index, len(whole))
    ends: dict[int, int] = {}
    for line in lines_of(index):
        if isinstance(line, Piece):
            ends[line.generation] = line.start + line.bytes
    for film in index.parent.glob("g*.mp4"):
        number = film.stem[1:]
        end = ends.get(int(number), 0) if number.isdigit() else 0
        if film.stat().st_size > end:
            os.truncate(film, end)


@contextlib.contextmanager
def _locked(index: Path) -> Iterator[bool]:
    """Whether nobody writes to it any more; then nobody begins to while this lasts."""
    try:
        fd = os.open(index, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)
