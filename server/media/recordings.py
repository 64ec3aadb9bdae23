"""Recordings as they lie on disk: read for a replay, cut by time, deleted when their time is over.

Everything here blocks: not for the loop.
"""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.archive import INDEX, Piece, folder_of
from server.media.window import utc

DELETED: Final = "deleted.jsonl"
"""What was deleted when: the proof of it."""
_decoder = msgspec.json.Decoder(Piece)


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """One generation on disk. `file` is relative to the session's directory, as in a playlist."""

    file: str
    header_bytes: int
    pieces: tuple[Piece, ...]


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the proof."""

    session: str
    take: str
    from_ms: int
    to_ms: int
    bytes: int
    deleted_at_ms: int


def read(root: Path, session: SessionId) -> tuple[Film, ...]:
    """The films of a session in order of time. A line that was cut off by a crash ends its index."""
    found: list[Film] = []
    for take in sorted((root / folder_of(session)).glob(f"*/{INDEX}")):
        by_generation: dict[int, list[Piece]] = {}
        for piece in _pieces(take):
            by_generation.setdefault(piece.generation, []).append(piece)
        for number, pieces in by_generation.items():
            name = f"{take.parent.name}/g{number}.mp4"
            found.append(Film(file=name, header_bytes=pieces[0].start, pieces=tuple(pieces)))
    return tuple(sorted(found, key=lambda film: film.pieces[0].at_ms))


def _pieces(index: Path) -> Iterator[Piece]:
    for line in index.read_bytes().splitlines():
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError:
            return


def between(films: tuple[Film, ...], from_ms: int, to_ms: int) -> tuple[Film, ...]:
    """What was recorded between two moments, snapped out to whole segments: a segment begins with a key frame."""
    cut = []
    for film in films:
        pieces = tuple(p for p in film.pieces if p.at_ms < to_ms and p.at_ms + p.duration_s * 1000 > from_ms)
        if pieces:
            cut.append(msgspec.structs.replace(film, pieces=pieces))
    return tuple(cut)


def second_of(films: tuple[Film, ...], at_ms: int) -> float:
    """Where in the replay, in seconds, that moment is; a moment that was not recorded is the next one that was."""
    passed_s = 0.0
    for film in films:
        for piece in film.pieces:
            if piece.at_ms + piece.duration_s * 1000 > at_ms:
                return round(passed_s + max(0.0, (at_ms - piece.at_ms) / 1000), 3)
            passed_s += piece.duration_s
    return round(passed_s, 3)


def playlist(films: tuple[Film, ...]) -> bytes:
    """A playlist of the whole films (RFC 8216): byte ranges of files, so nothing is ever cut or copied."""
    longest = max((piece.duration_s for film in films for piece in film.pieces), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest)}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for index, film in enumerate(films):
        if index:
            lines.append("#EXT-X-DISCONTINUITY")
        lines.append(f'#EXT-X-MAP:URI="{film.file}",BYTERANGE="{film.header_bytes}@0"')
        for piece in film.pieces:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{utc(piece.at_ms)}")
            lines += [f"#EXTINF:{piece.duration_s:.5f},", f"#EXT-X-BYTERANGE:{piece.bytes}@{piece.start}", film.file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def prune(root: Path, before_ms: int, now_ms: int) -> tuple[Deleted, ...]:
    """Delete the takes that ended before that moment, and write down what was deleted. Raises `OSError`."""
    gone: list[Deleted] = []
    for index in sorted(root.glob(f"*/*/{INDEX}")):
        pieces = list(_pieces(index))
        if pieces and pieces[-1].at_ms >= before_ms:
            continue
        take = index.parent
        size = sum(file.stat().st_size for file in take.iterdir())
        shutil.rmtree(take)
        line = Deleted(
            session=take.parent.name,
            take=take.name,
            from_ms=pieces[0].at_ms if pieces else 0,
            to_ms=pieces[-1].at_ms if pieces else 0,
            bytes=size,
            deleted_at_ms=now_ms,
        )
        with (root / DELETED).open("ab") as proof:
            proof.write(msgspec.json.encode(line) + b"\n")
        gone.append(line)
    return tuple(gone)
