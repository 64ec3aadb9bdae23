"""One server with its viewers, and one measured round of it, from a silent room to a silent room."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median

import msgspec

from bench.audience import Audience
from bench.control import Reported
from bench.figures import Round
from bench.hub import Hub
from bench.machine import cores, cpu_s
from bench.plan import Plan
from bench.publishing import Send, Sent, Talkers, at_rate, people_for, rounds, saturated, says, shows
from bench.reference import FIRST_OFFSET, Reference, compiler
from bench.speaker import Speaker
from server.core.channels import Kind, channel
from server.core.protocol import CommandBase

SETTLE_S = 2.0
"""No delivery for this long: nothing more will come (a chat tick is at most 0.5 s)."""
WARM_UP_S = 1.0


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; rates per second, for the room as a whole."""

    seconds: float = 10.0
    repeats: int = 3
    cards_per_s: float = 5.0
    lines_per_s: float = 20.0
    hosts: int = 60
    slow: int = 50
    slow_cards_per_s: float = 20.0
    slow_seconds: float = 20.0
    trickle_bytes_per_s: float = 64 * 1024
    rude: int = 20
    rude_acts_per_s: float = 5.0
    streams: int = 8
    reference: bool = True
    rooms: int = 49
    per_room: float = 2.0
    flood_seconds: float = 60.0
    applications_per_s: float = 5000.0
    peers: tuple[str, ...] = ()
    say: Callable[[str], None] = print


class Side(msgspec.Struct, kw_only=True):
    """One server with its viewers, and how something is sent to one of its rooms, each as large as the others."""

    name: str
    pid: int
    send: Send
    audience: Audience
    rooms: int = 1

    @property
    def each(self) -> int:
        """Viewers of a room, at most."""
        return -(-self.audience.viewers // self.rooms)

    def expected(self, sent: int) -> int:
        """Deliveries when so many were sent, one room after another."""
        return sent * self.audience.viewers // self.rooms


async def measured_round(options: Options, kind: str, rate: float, side: Side) -> Round:
    """One round of a kind at one server: `saturated` as fast as they arrive, any other at so many a second."""
    shape = "cards, saturated" if kind == "saturated" else f"{kind}, {rate:g}/s"
    await side.audience.settled(None, 0.2)
    await side.audience.begin()
    cpu_before_s = cpu_s(side.pid)
    if kind == "saturated":
        sent = await saturated(side.send, side.audience.window, options.seconds)
    else:
        sent = await at_rate(side.send, rate, options.seconds)
    await side.audience.settled(side.expected(sent.count), SETTLE_S)
    used_s = cpu_s(side.pid) - cpu_before_s
    report = await side.audience.report(sent.times)
    # At a rate the round is as long as was asked for; saturated, until the last card was read.
    least_s = 0.0 if kind == "saturated" else options.seconds
    one = made_round(shape, side, sent, report, (used_s, least_s))
    options.say(said_of(one))
    return one


def made_round(shape: str, side: Side, sent: Sent, report: Reported, took: tuple[float, float]) -> Round:
    """`took`: processor seconds of the server, and how long the round was at least."""
    used_s, least_s = took
    lasts = report.until_last_us
    return Round(
        shape=shape,
        server=side.name,
        viewers=side.audience.viewers,
        sent=sent.count,
        refused=sent.refused,
        deliveries=report.deliveries,
        frames=report.frames,
        wall_s=max((report.last_ns - sent.began_ns) / 1e9, least_s, 1e-9),
        cpu_s=used_s,
        load_cpu_s=report.cpu_s,
        latency=report.latency,
        missing=report.missing,
        repeats=report.repeats,
        lost=report.lost,
        beside={"until_last_ms": median(lasts) / 1000} if lasts else {},
    )


def said_of(one: Round) -> str:
    """A round in one line, for who watches."""
    p99_us = one.latency.quantile_us(0.99)
    return (
        f"{one.server}: {one.shape}, {one.viewers} viewers: {one.deliveries / one.wall_s:,.0f} deliveries/s, "
        f"{one.cpu_s * 1e6 / max(1, one.deliveries):.2f} us CPU each, p99 {(p99_us or 0) / 1000:.1f} ms, "
        f"missing {one.missing}, busy {one.cpu_s / one.wall_s:.2f} (load {one.load_cpu_s / one.wall_s:.2f})"
    )


# ---- setting up ------------------------------------------------------------------------------------------------------


async def audience_of(stack: AsyncExitStack, hub: Hub, viewers: int, names: tuple[str, ...]) -> Audience:
    """So many viewers of the hub, each in those channels, until the stack unwinds."""
    plan = Plan(host=hub.host, port=hub.port, viewers=viewers, rooms=(names,), seed=hub.seed)
    return await stack.enter_async_context(Audience(plan, cores()[1]))


async def speakers_of(stack: AsyncExitStack, hub: Hub, tokens: list[str]) -> list[Speaker]:
    """A connection for each token, until the stack unwinds."""
    speakers = [Speaker(hub.host, hub.port) for _ in tokens]
    for speaker, token in zip(speakers, tokens, strict=True):
        await speaker.open(token)
        stack.callback(speaker.close)
    return speakers


async def hosts_of(stack: AsyncExitStack, hub: Hub, options: Options, stage: str = "") -> Talkers:
    """Hosts enough for the rate, who show one card after another. `stage`: what the viewers call it, if they do not see
    it at home."""
    count = max(options.hosts, people_for(options.cards_per_s))
    speakers = await speakers_of(stack, hub, [hub.host_token(number) for number in range(count)])
    stage = stage or str(channel(Kind.STAGE, hub.session.id))
    return Talkers(speakers, stage, shows(hub.session.id, hub.positions, "bench"))


async def guests_of(stack: AsyncExitStack, hub: Hub, options: Options) -> Talkers:
    """Guests enough for the rate, who say one line after another."""
    tokens = [hub.signer.token(f"guest-{number}") for number in range(people_for(options.lines_per_s))]
    command: Callable[[int], CommandBase] = says(hub.session.id, "bench")
    return Talkers(await speakers_of(stack, hub, tokens), str(channel(Kind.CHAT, hub.session.id)), command)


async def reference_side(
    stack: AsyncExitStack, options: Options, hub: Hub, viewers: int, stages: tuple[str, ...]
) -> list[Side]:
    """The C loop with its own viewers, one room for each stage; nothing where it cannot be built or is not wanted."""
    if not options.reference:
        return []
    if compiler() is None:
        options.say("no C compiler: the comparison with C is left out")
        return []
    try:
        reference = await stack.enter_async_context(Reference(cores()[0], hub.card, stages))
    except OSError as error:
        options.say(f"the comparison with C is left out: {error}")
        return []
    options.say(f"C: frames of {reference.frame_bytes} bytes")
    rooms = tuple((stage,) for stage in stages)
    plan = Plan(
        host=reference.host, port=reference.port, viewers=viewers, rooms=rooms, top=FIRST_OFFSET, manner="frames"
    )
    audience = await stack.enter_async_context(Audience(plan, cores()[1]))
    return [
        Side(name=reference.name, pid=reference.pid, send=rounds(reference), audience=audience, rooms=len(stages)),
    ]
