"""Recordings as they lie on disk: read for a replay, cut by time.

Everything here blocks: not for the loop.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.archive import INDEX, Gap, Piece, folder_of
from server.media.window import utc

HOLE_MS: Final = 700
"""Pieces that lie further apart do not follow each other. A frame or two are lost at a generation's end."""
TAKE: Final = re.compile(r"[0-9a-f]{1,16}")
_pieces_of = msgspec.json.Decoder(Piece)
_gaps_of = msgspec.json.Decoder(Gap)


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """One generation on disk. `file` is relative to the session's directory, as in a playlist."""

    file: str
    header_bytes: int
    pieces: tuple[Piece, ...]


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which there is no picture. `second`: where in the replay. `why`: `disk` or `quota` (a picture came and
    was not recorded), `away` (none came)."""

    from_ms: int
    to_ms: int
    second: float
    why: str


def indexes(root: Path, session: SessionId) -> list[Path]:
    """The indexes of a session's takes, the oldest first."""
    return [index for index in sorted((root / folder_of(session)).glob(f"*/{INDEX}")) if is_take(index)]


def is_take(index: Path) -> bool:
    """What is being deleted has another name."""
    return TAKE.fullmatch(index.parent.name) is not None


def read(root: Path, session: SessionId) -> tuple[Film, ...]:
    """The films of a session in order of time. A line that was cut off by a crash ends its index, and a line whose
    bytes are not there (the power went) is none."""
    found: list[Film] = []
    for index in indexes(root, session):
        by_generation: dict[int, list[Piece]] = {}
        for line in lines_of(index):
            if isinstance(line, Piece):
                by_generation.setdefault(line.generation, []).append(line)
        for number, pieces in by_generation.items():
            size = size_of(index.with_name(f"g{number}.mp4"))
            there = tuple(piece for piece in pieces if piece.start + piece.bytes <= size)
            if there:
                name = f"{index.parent.name}/g{number}.mp4"
                found.append(Film(file=name, header_bytes=pieces[0].start, pieces=there))
    return tuple(sorted(found, key=lambda film: film.pieces[0].at_ms))


def read_gaps(root: Path, session: SessionId) -> tuple[Gap, ...]:
    """What was not recorded although a picture came."""
    return tuple(line for index in indexes(root, session) for line in lines_of(index) if isinstance(line, Gap))


def size_of(file: Path) -> int:
    """0 for a file that is not there."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def lines_of(index: Path) -> Iterator[Piece | Gap]:
    """The lines of an index, up to one that is not whole."""
    for line in index.read_bytes().splitlines():
        found = whole_line(line)
        if found is None:
            return
        yield found


def whole_line(line: bytes) -> Piece | Gap | None:
    """What a line says; None for half of one."""
    try:
        return _gaps_of.decode(line) if line.startswith(b'{"gap') else _pieces_of.decode(line)
    except msgspec.DecodeError:
        return None


def stamp(root: Path, session: SessionId) -> tuple[tuple[str, int], ...]:
    """Changes when something was recorded or deleted."""
    return tuple((str(index), size_of(index)) for index in indexes(root, session))


def between(films: tuple[Film, ...], from_ms: int, to_ms: int) -> tuple[Film, ...]:
    """What was recorded between two moments, snapped out to whole segments and back to one that begins with a key
    frame."""
    cut = []
    for film in films:
        first, end = 0, 0
        for index, piece in enumerate(film.pieces):
            if piece.at_ms + piece.duration_s * 1000 <= from_ms:
                first = index + 1
            if piece.at_ms < to_ms:
                end = index + 1
        if first >= end:
            continue
        while first > 0 and not film.pieces[first].key and _follows(film.pieces[first - 1], film.pieces[first]):
            first -= 1
        cut.append(msgspec.structs.replace(film, pieces=film.pieces[first:end]))
    return tuple(cut)


def longest(films: tuple[Film, ...]) -> Film | None:
    """The longest stretch without a hole: what can be one file with one header."""
    best: Film | None = None
    best_s = 0.0
    for film in films:
        start = 0
        for end in range(1, len(film.pieces) + 1):
            if end == len(film.pieces) or not _follows(film.pieces[end - 1], film.pieces[end]):
                stretch = film.pieces[start:end]
                length_s = sum(piece.duration_s for piece in stretch)
                if length_s > best_s:
                    best, best_s = msgspec.structs.replace(film, pieces=stretch), length_s
                start = end
    return best


def _follows(piece: Piece, other: Piece) -> bool:
    return other.at_ms - (piece.at_ms + piece.duration_s * 1000) <= HOLE_MS


def second_of(films: tuple[Film, ...], at_ms: int) -> float:
    """Where in the replay, in seconds, that moment is; a moment that was not recorded is the next one that was."""
    passed_s = 0.0
    for film in films:
        for piece in film.pieces:
            if piece.at_ms + piece.duration_s * 1000 > at_ms:
                return round(passed_s + max(0.0, (at_ms - piece.at_ms) / 1000), 3)
            passed_s += piece.duration_s
    return round(passed_s, 3)


def holes(films: tuple[Film, ...], gaps: tuple[Gap, ...]) -> tuple[Hole, ...]:
    """What is missing between the first piece and the last, and after it if it is known that a picture came."""
    found: list[Hole] = []
    pieces = sorted((piece for film in films for piece in film.pieces), key=lambda piece: piece.at_ms)
    passed_s = 0.0
    for index, piece in enumerate(pieces):
        passed_s += piece.duration_s
        end_ms = piece.at_ms + round(piece.duration_s * 1000)
        after = [gap for gap in gaps if gap.gap_to_ms > end_ms + HOLE_MS]
        if index + 1 < len(pieces):
            until_ms = pieces[index + 1].at_ms
        else:
            until_ms = max((gap.gap_to_ms for gap in after), default=end_ms)
        if until_ms - end_ms <= HOLE_MS:
            continue
        why = next((gap.why for gap in after if gap.gap_from_ms < until_ms), "away")
        found.append(Hole(from_ms=end_ms, to_ms=until_ms, second=round(passed_s, 3), why=why))
    return tuple(found)


def playlist(films: tuple[Film, ...]) -> bytes:
    """A playlist of the whole films (RFC 8216): byte ranges of files, so nothing is ever cut or copied."""
    longest_s = max((piece.duration_s for film in films for piece in film.pieces), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest_s)}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for index, film in enumerate(films):
        if index:
            lines.append("#EXT-X-DISCONTINUITY")
        lines.append(f'#EXT-X-MAP:URI="{film.file}",BYTERANGE="{film.header_bytes}@0"')
        for number, piece in enumerate(film.pieces):
            if number and not _follows(film.pieces[number - 1], piece):
                # Times jump here: without the word a player waits in the hole.
                lines.append("#EXT-X-DISCONTINUITY")
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{utc(piece.at_ms)}")
            lines += [f"#EXTINF:{piece.duration_s:.5f},", f"#EXT-X-BYTERANGE:{piece.bytes}@{piece.start}", film.file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()
