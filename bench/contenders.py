"""Who is compared: the hub, the C loop, the peers. Each is started anew for each round, with all of its viewers, so
that only one of them is on the machine at a time and rounds can take turns.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import msgspec

from bench.audience import Audience
from bench.fair import halls_of, hosts_of_halls, sends_of
from bench.hub import Hub
from bench.machine import cores, cpu_s, rss_bytes
from bench.peers.known import PEERS, Peer
from bench.peers.running import FIRST_ENTRY, RunningPeer
from bench.plan import Plan
from bench.publishing import Send, in_turn, rounds
from bench.reference import FIRST_OFFSET, Reference, compiler, frame_of
from bench.sides import Options, Side
from server.core.model import Card


class Size(msgspec.Struct, frozen=True):
    """So many viewers in so many rooms, in each of which at most so many messages a second are sent."""

    viewers: int
    rooms: int
    per_s: float


class Entered(msgspec.Struct, frozen=True):
    """What it cost one server to let everybody in."""

    cpu_s: float
    took_s: float
    rss_before_bytes: int
    rss_after_bytes: int

    def figures(self, viewers: int) -> dict[str, float]:
        """By viewer."""
        return {
            "handshake_us": self.cpu_s * 1e6 / viewers,
            "joined_in_s": self.took_s,
            "kb_per_viewer": (self.rss_after_bytes - self.rss_before_bytes) / viewers / 1000,
        }


Start = Callable[[AsyncExitStack], Awaitable[tuple[Side, Entered]]]


class Contender(msgspec.Struct, frozen=True):
    """A server by name; `start` gives it with its viewers, until the stack unwinds."""

    name: str
    start: Start


async def contenders(options: Options, size: Size, *, heavy: bool = False, bytes_each: int = 0) -> list[Contender]:
    """All that can be had here: ours first. `heavy`: also those that thousands of viewers are too much for.
    `bytes_each`: what a peer sends, a card's size when 0."""
    async with Hub(cores()[0]) as hub:
        card = hub.card
        stages = tuple(hall.stage for hall in await halls_of(hub, size.rooms))
    found = [Contender(Hub.name, lambda stack: _ours(stack, size))]
    if options.reference and compiler() is not None:
        found.append(Contender(Reference.name, lambda stack: _reference(stack, size, card, stages)))
    bytes_each = bytes_each or len(frame_of(card, stages[0])[0]) - 4  # the frame's head
    for name in options.peers:
        peer = PEERS[name]
        if not peer.version():
            options.say(f"{name}: not installed here (python -m bench.peers)")
        elif heavy or not peer.heavy:
            found.append(_peer(peer, size, bytes_each))
    return found


def _peer(peer: Peer, size: Size, bytes_each: int) -> Contender:
    return Contender(peer.name, lambda stack: _started(stack, peer, size, bytes_each))


async def _ours(stack: AsyncExitStack, size: Size) -> tuple[Side, Entered]:
    hub = await stack.enter_async_context(Hub(cores()[0]))
    halls = await halls_of(hub, size.rooms)
    talkers = await hosts_of_halls(stack, hub, halls, size.per_s)
    rooms = tuple((hall.stage,) for hall in halls)
    plan = Plan(host=hub.host, port=hub.port, viewers=size.viewers, rooms=rooms, seed=hub.seed)
    return await _entered(stack, (hub.name, hub.pid), plan, in_turn(sends_of(talkers)))


async def _reference(stack: AsyncExitStack, size: Size, card: Card, stages: tuple[str, ...]) -> tuple[Side, Entered]:
    reference = await stack.enter_async_context(Reference(cores()[0], card, stages))
    plan = Plan(
        host=reference.host,
        port=reference.port,
        viewers=size.viewers,
        rooms=tuple((stage,) for stage in stages),
        top=FIRST_OFFSET,
        manner="frames",
    )
    return await _entered(stack, (reference.name, reference.pid), plan, rounds(reference))


async def _started(stack: AsyncExitStack, peer: Peer, size: Size, bytes_each: int) -> tuple[Side, Entered]:
    running = await stack.enter_async_context(RunningPeer(peer, cores()[0]))
    channels = tuple(f"stage/{room}" for room in range(size.rooms))
    plan = Plan(
        host=running.host,
        port=running.port,
        viewers=size.viewers,
        rooms=tuple((name,) for name in channels),
        top=FIRST_ENTRY,
        manner=peer.manner,
    )
    return await _entered(stack, (peer.name, running.pid), plan, running.send(channels, bytes_each))


async def _entered(stack: AsyncExitStack, server: tuple[str, int], plan: Plan, send: Send) -> tuple[Side, Entered]:
    name, pid = server
    cpu_before_s, rss_before = cpu_s(pid), rss_bytes(pid)
    audience = await stack.enter_async_context(Audience(plan, cores()[1]))
    entered = Entered(cpu_s(pid) - cpu_before_s, audience.took_s, rss_before, rss_bytes(pid))
    return Side(name=name, pid=pid, send=send, audience=audience, rooms=len(plan.rooms)), entered
