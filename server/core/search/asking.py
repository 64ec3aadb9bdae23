"""What can be asked of the index, and what it answers."""

import base64
import binascii
import re
from enum import StrEnum
from typing import Final

import msgspec

from server.core.model import Position, PositionId, RegionCode, SessionId, SessionState
from server.core.refusal import Code, Refusal
from server.core.search.facts import Flag

PAGE_LIMIT: Final = 50
_CURSOR: Final = re.compile(r"(\d{1,3})\.(\d{1,15})\.(.{1,64})", re.DOTALL)


class Where(StrEnum):
    """What is narrowed one group at a time; the counts of a group leave its own choice out."""

    REGION = "region"
    BASE = "base"
    PAY = "pay"
    EDUCATION = "education"


class Cursor(msgspec.Struct, frozen=True):
    """Where a page ended: in which rank, and at which position, by the time it changed. It means the same to every
    hub."""

    rank: int
    changed_at_ms: int
    position: PositionId

    def text(self) -> str:
        """As it travels."""
        plain = f"{self.rank}.{self.changed_at_ms}.{self.position}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor of a text. Raises `Refusal(BAD_MESSAGE)`."""
    try:
        padded = text[:200].encode("ascii") + b"=" * (-len(text[:200]) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise Refusal(Code.BAD_MESSAGE, detail="after") from None
    match = _CURSOR.fullmatch(plain)
    if match is None:
        raise Refusal(Code.BAD_MESSAGE, detail="after")
    return Cursor(int(match[1]), int(match[2]), PositionId(match[3]))


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A search. `region`: work there or below; `base`, `pay`: at least so many yuan a month; `education`: the rung one
    has, 0 for not asked; `near`: this county's first, then its city's."""

    words: str = ""
    region: RegionCode | None = None
    base: int = 0
    pay: int = 0
    education: int = 0
    flags: frozenset[Flag] = frozenset()
    near: RegionCode | None = None
    after: Cursor | None = None
    limit: int = 20


class Hall(msgspec.Struct, frozen=True, kw_only=True):
    """A session as far as a search needs it. `explained`: the position on its card, while it is on air."""

    session: SessionId
    venue: str
    venue_name: str
    region: RegionCode
    state: SessionState
    explained: PositionId | None = None


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a position can be met: the hall, its number on the shelf, and whether it is explained there now."""

    session: SessionId
    venue: str
    venue_name: str
    state: SessionState
    number: int
    explained: bool = False


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A position that was found, and its halls, the best one first."""

    position: Position
    spots: tuple[Spot, ...] = ()


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many a further choice would leave: of each flag, of each step of pay (at least), of each education one may
    have, of each region below the chosen one and beside it."""

    flags: dict[Flag, int]
    base: dict[int, int]
    pay: dict[int, int]
    education: dict[str, int]
    regions: dict[RegionCode, int]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. `total` is exact, `after` leads to the next page, None after the last."""

    total: int
    hits: tuple[Hit, ...]
    after: Cursor | None
    counts: Counts
