"""Writing what a workbook holds: piece by piece, so that other writes find room between."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from server.actions.import_pieces import Piece
from server.core.model import PersonId, PositionId, RegionCode, Review, SessionId
from server.core.protocol import Changed
from server.store import writes
from server.store.store import Store

REST_BESIDE_VIEWERS: Final = 2.0
"""A thread that runs Python a quarter of the time costs 400 writes of fan-out 0.6 ms, one that always does two seconds
(DESIGN 5): so the writer of a hub rests twice as long as each piece takes, most of which is the disk."""
MOST_REST_S: Final = 0.5


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports, for which branch (None: everywhere), onto which shelf (once approved), and the name under which a
    repeated piece is known. `approve`: what has no faults is approved by the same person at once. `rest`: how long the
    writer rests after each piece, in times of what the piece took."""

    by: PersonId
    key: str
    session: SessionId | None = None
    branch: RegionCode | None = None
    approve: bool = False
    rest: float = 0.0


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What it came to: positions that are new or another now, and those that were there already."""

    changed: int
    left: int


async def import_pieces(store: Store, pieces: AsyncIterator[Piece], how: Import, at_ms: int) -> Imported:
    """Write a plan. Sent again with the same key it changes nothing, whatever became of the first time.

    Raises `Refusal`: NOT_FOUND (session), UNAVAILABLE (then the pieces before are written; the same key again).
    """
    changed: list[PositionId] = []
    left, number = 0, 0
    clock_s = asyncio.get_running_loop().time
    async for piece in pieces:
        began_s = clock_s()
        done = await store.write(_write(piece, how, number, at_ms))
        assert isinstance(done.reply, Changed)
        changed += done.reply.positions
        left += done.reply.left
        if how.approve:
            await _approve(store, piece, how, number, at_ms)
        number += 1
        await asyncio.sleep(min(MOST_REST_S, how.rest * (clock_s() - began_s)))
    return Imported(changed=len(changed), left=left)


def _write(piece: Piece, how: Import, number: int, at_ms: int) -> writes.ImportPositions:
    return writes.ImportPositions(
        by=how.by,
        key=f"{how.key}-{number}",
        at_ms=at_ms,
        enterprises=piece.enterprises,
        rows=piece.rows,
        session=how.session,
        branch=how.branch,
    )


async def _approve(store: Store, piece: Piece, how: Import, number: int, at_ms: int) -> None:
    clean = tuple((r.position.id, r.position.region) for r in piece.rows if r.review is Review.WAITING)
    if not clean:
        return
    await store.write(
        writes.ReviewPositions(
            by=how.by,
            key=f"{how.key}-{number}-approve",
            at_ms=at_ms,
            positions=clean,
            review=Review.APPROVED,
            seen_ms=at_ms,
            waiting_only=True,
        )
    )
