"""岗位已招满: all who still wait for an answer are told at once, in pieces, each a transaction."""

import hashlib
from typing import Final

from server.actions import catalogue
from server.core import rules
from server.core.model import ApplicationId, EnterpriseId, PositionId, Principal, Publication
from server.core.protocol import ClosePosition, Filled, FillWaiting
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.store import reply_queries, review_queries, writes
from server.store.store import Store

PIECE: Final = 40
"""Applications of one transaction: each locks the channels of its person, and others wait for the writer."""
MOST: Final = 1_000
"""Told by one command; an enterprise has some hundred applications in a fair."""


async def fill_waiting(
    store: Store, tree: RegionTree, principal: Principal, command: FillWaiting, at_ms: int
) -> writes.Committed:
    """Close the position if that was asked for, then tell who waits. Sent again it tells whoever waits by then: nobody
    is told twice, for who was told waits no more. Raises `Refusal`, but not after somebody was told."""
    enterprise = EnterpriseId(command.enterprise)
    rules.require_enterprise(principal, enterprise)
    news: list[Publication] = []
    if command.position:
        await _require_theirs(store, enterprise, PositionId(command.position))
    if command.close:
        if not command.position:
            raise Refusal(Code.BAD_MESSAGE, detail="close goes with a position")
        closing = ClosePosition(position=command.position, key=_key(command, "close"))
        news += (await catalogue.close_position(store, tree, principal, closing, at_ms)).publications
    told, scope = 0, rules.enterprises_of(principal)
    waiting = await store.read(reply_queries.waiting_of, scope, enterprise, command.position, MOST + 1)
    left = len(waiting) > MOST
    for start in range(0, min(len(waiting), MOST), PIECE):
        try:
            done = await store.write(_piece(principal, command, waiting[start : start + PIECE], at_ms))
        except Refusal:
            if not told:
                raise
            left = True  # what was told was told; the others wait for the next tap
            break
        assert isinstance(done.reply, Filled)
        told += done.reply.told
        news += done.publications
    return writes.Committed(reply=Filled(told=told, left=left), publications=tuple(news))


async def _require_theirs(store: Store, enterprise: EnterpriseId, position: PositionId) -> None:
    found = await store.read(review_queries.file, position)
    if found is None or found[0].position.enterprise != enterprise:
        raise Refusal(Code.NOT_FOUND, what="position", id=position[:80])


def _piece(
    principal: Principal, command: FillWaiting, piece: tuple[ApplicationId, ...], at_ms: int
) -> writes.FillWaiting:
    return writes.FillWaiting(
        by=principal.person,
        key=_key(command, *piece),
        at_ms=at_ms,
        applications=piece,
        enterprises=(EnterpriseId(command.enterprise),),
        specialist_of=rules.specialist_of(principal),
    )


def _key(command: FillWaiting, *of: str) -> str:
    """One for each part of the command. It is made of what the part does, so a repetition that finds others waiting is
    no other content under an old key."""
    return hashlib.sha256("\0".join((command.key, *of)).encode()).hexdigest()[:40]
