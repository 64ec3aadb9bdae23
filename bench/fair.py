"""The whole fair of a hub on air: a hall for each of its sessions, each with its own hosts and its own shelf."""

import asyncio
import math
from contextlib import AsyncExitStack

import msgspec

from bench.hub import Hub, HubError
from bench.publishing import PACE_S, Send, Talkers, shows
from bench.sides import speakers_of
from bench.speaker import why_not
from server.core.channels import Kind, channel
from server.core.model import Grant, PersonId, Position, Role, Session, ShelfSlot
from server.core.protocol import GoLive
from server.core.refusal import Code


class Hall(msgspec.Struct, frozen=True):
    """One session on air, and the open positions of its shelf."""

    session: Session
    positions: tuple[Position, ...]

    @property
    def stage(self) -> str:
        """Its complete channel."""
        return str(channel(Kind.STAGE, self.session.id))

    @property
    def chat(self) -> str:
        """Its lines."""
        return str(channel(Kind.CHAT, self.session.id))

    @property
    def page(self) -> tuple[str, ...]:
        """All that a page joins."""
        pulse, mine = channel(Kind.PULSE, self.session.id), channel(Kind.ME, PersonId("{person}"))
        return (self.stage, self.chat, str(pulse), str(mine))


async def halls_of(hub: Hub, count: int) -> list[Hall]:
    """The first so many sessions. Raises `HubError` when there are fewer."""
    fair = await hub.get("/api/fair")
    sessions = [msgspec.convert(one["session"], Session) for one in fair["sessions"]][:count]
    if len(sessions) < count:
        raise HubError(f"{count} halls are wanted, the hub has {len(sessions)}")
    return list(await asyncio.gather(*(_hall(hub, session) for session in sessions)))


async def _hall(hub: Hub, session: Session) -> Hall:
    shelf = await hub.get(f"/api/sessions/{session.id}/shelf/{session.shelf_revision}")
    slots = [msgspec.convert(slot, ShelfSlot) for slot in shelf["slots"]]
    positions = tuple(slot.position for slot in slots if not slot.position.closed)
    if len(positions) < 2:
        raise HubError(f"session {session.id} has {len(positions)} open positions on its shelf")
    return Hall(session, positions)


async def hosts_of_halls(stack: AsyncExitStack, hub: Hub, halls: list[Hall], cards_per_s: float) -> list[Talkers]:
    """Every hall on air, and hosts enough in each for so many cards a second."""
    each = max(1, math.ceil(cards_per_s * PACE_S * 1.25))
    return [await _hosts(stack, hub, hall, each) for hall in halls]


async def _hosts(stack: AsyncExitStack, hub: Hub, hall: Hall, count: int) -> Talkers:
    grants = (Grant(role=Role.HOST, scope=hall.session.id),)
    tokens = [hub.signer.token(f"host-{hall.session.id}-{number}", grants) for number in range(count)]
    speakers = await speakers_of(stack, hub, tokens)
    refusal = why_not(await speakers[0].command(GoLive(session=hall.session.id, key=f"live-{hall.session.id}")))
    if refusal not in ("", Code.ALREADY_LIVE.value):
        raise HubError(f"going live in {hall.session.id} was refused: {refusal}")
    return Talkers(speakers, hall.stage, shows(hall.session.id, hall.positions, f"hall-{hall.session.id}"))


def sends_of(talkers: list[Talkers]) -> list[Send]:
    """How something is shown in each hall."""
    return [one.send for one in talkers]
