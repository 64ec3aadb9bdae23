"""The shapes: what is set up, what is sent, what is measured around it.

A shape starts a fresh hub on the first core; viewers, senders and this process are on the others. Where C is compared,
both servers run with their viewers connected all the time, and rounds alternate, so that both see the same machine.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from bench.applicants import Applicants, Applied
from bench.audience import Audience
from bench.crowd import Plan
from bench.figures import Idle, Round
from bench.hub import Hub
from bench.machine import cores, cpu_s, rss_bytes
from bench.publishing import Send, Sent, Talkers, at_rate, people_for, rounds, saturated, says, shows
from bench.reference import FIRST_OFFSET, Reference, compiler
from bench.speaker import Speaker
from server.core.channels import Kind, channel
from server.core.model import PersonId
from server.core.protocol import CommandBase

SETTLE_S = 2.0
"""No delivery for this long: nothing more will come (a chat tick is at most 0.5 s)."""
WARM_UP_S = 1.0
PAGE = (Kind.STAGE, Kind.CHAT, Kind.PULSE)


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
    reference: bool = True
    say: Callable[[str], None] = print


class Side(msgspec.Struct, kw_only=True):
    """One server with its viewers, and how something is sent to `channel`."""

    name: str
    pid: int
    send: Send
    audience: Audience
    channel: str


async def one_room(options: Options, viewers: int, kinds: tuple[str, ...]) -> list[Round]:
    """One room of so many viewers: `cards` at a rate, cards `saturated`, `chat` lines at a rate."""
    done: list[Round] = []
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        stage, chat = (str(channel(kind, hub.session.id)) for kind in (Kind.STAGE, Kind.CHAT))
        audience = await audience_of(stack, hub, viewers, (stage, chat) if "chat" in kinds else (stage,))
        talkers = await hosts_of(stack, hub, options)
        sides = [Side(name=hub.name, pid=hub.pid, send=talkers.send, audience=audience, channel=stage)]
        if {"cards", "saturated"} & set(kinds) and options.reference:
            sides += await _reference_side(stack, options, hub, viewers, stage)
        lines = await _guests(stack, hub, options) if "chat" in kinds else None
        for side in sides:
            await at_rate(side.send, options.cards_per_s, WARM_UP_S)
        for number in range(options.repeats):
            for kind in kinds:
                if kind == "chat" and lines is not None:
                    chatting = msgspec.structs.replace(sides[0], send=lines.send, channel=chat)
                    done.append(await measured_round(options, kind, options.lines_per_s, chatting))
                    continue
                # C and the hub take turns at going first.
                for side in sides[:: -1 if number % 2 else 1]:
                    done.append(await measured_round(options, kind, options.cards_per_s, side))
    return done


async def measured_round(options: Options, kind: str, rate: float, side: Side) -> Round:
    """One round of a kind at one server, from a silent room to a silent room."""
    shape = "cards, saturated" if kind == "saturated" else f"{kind}, {rate:g}/s"
    await side.audience.settled(None, 0.2)
    await side.audience.begin()
    cpu_before_s = cpu_s(side.pid)
    if kind == "saturated":
        sent = await saturated(side.send, side.audience.window, options.seconds)
    else:
        sent = await at_rate(side.send, rate, options.seconds)
    await side.audience.settled(len(sent.times) * side.audience.viewers, SETTLE_S)
    used_s = cpu_s(side.pid) - cpu_before_s
    # At a rate the round is as long as was asked for; saturated, until the last card was read.
    least_s = 0.0 if kind == "saturated" else options.seconds
    one = await _made_round(shape, side, sent, used_s, least_s)
    p99_us = one.latency.quantile_us(0.99)
    options.say(
        f"{side.name}: {shape}, {one.viewers} viewers: {one.deliveries / one.wall_s:,.0f} deliveries/s, "
        f"{one.cpu_s * 1e6 / max(1, one.deliveries):.2f} us CPU each, p99 {(p99_us or 0) / 1000:.1f} ms, "
        f"missing {one.missing}, busy {one.cpu_s / one.wall_s:.2f} (load {one.load_cpu_s / one.wall_s:.2f})"
    )
    return one


async def _made_round(shape: str, side: Side, sent: Sent, used_s: float, least_s: float) -> Round:
    report = await side.audience.report({side.channel: sent.times})
    wall_s = max((report.last_ns - sent.began_ns) / 1e9, least_s, 1e-9)
    return Round(
        shape=shape,
        server=side.name,
        viewers=side.audience.viewers,
        sent=len(sent.times),
        refused=sent.refused,
        deliveries=report.deliveries,
        frames=report.frames,
        wall_s=wall_s,
        cpu_s=used_s,
        load_cpu_s=report.cpu_s,
        latency=report.latency,
        missing=report.missing,
        repeats=report.repeats,
        lost=report.lost,
    )


async def idle(options: Options, viewers: int) -> list[Idle]:
    """Memory of viewers who joined what a page joins (stage, chat, pulse, their own) while nothing happens; a fresh hub
    each time. Kernel memory of sockets is not in it."""
    done: list[Idle] = []
    for _ in range(options.repeats):
        async with AsyncExitStack() as stack:
            hub = await stack.enter_async_context(Hub(cores()[0]))
            before = rss_bytes(hub.pid)
            names = (*(str(channel(kind, hub.session.id)) for kind in PAGE), channel(Kind.ME, PersonId("{person}")))
            audience = await audience_of(stack, hub, viewers, names)
            await asyncio.sleep(2)
            began_s, cpu_before_s = time.monotonic(), cpu_s(hub.pid)
            await asyncio.sleep(options.seconds)
            one = Idle(
                shape="idle",
                viewers=viewers,
                rss_before_bytes=before,
                rss_after_bytes=rss_bytes(hub.pid),
                joined_in_s=audience.took_s,
                wall_s=time.monotonic() - began_s,
                cpu_s=cpu_s(hub.pid) - cpu_before_s,
            )
        done.append(one)
        grown = one.rss_after_bytes - one.rss_before_bytes
        options.say(f"daigang: idle, {viewers} viewers: {grown / viewers / 1000:.1f} kB each, in {one.joined_in_s} s")
    return done


async def applications(options: Options, people: int) -> list[Round]:
    """So many guests apply: all at once, then each once a second."""
    done: list[Round] = []
    async with hub_with_applicants(people) as (hub, applicants):
        for _ in range(options.repeats):
            for steady in (False, True):
                await applicants.rest()
                cpu_before_s, load_before_s = cpu_s(hub.pid), time.process_time()
                applied = await (applicants.steady(options.seconds) if steady else applicants.burst())
                shape = f"applications, {people}/s" if steady else "applications, burst"
                used_s, load_s = cpu_s(hub.pid) - cpu_before_s, time.process_time() - load_before_s
                one = _applied_round(shape, people, applied, used_s, load_s)
                done.append(one)
                options.say(
                    f"daigang: {shape}: {one.deliveries / one.wall_s:,.0f} receipts/s, "
                    f"p99 {(one.latency.quantile_us(0.99) or 0) / 1000:.1f} ms, refused {one.refused or 'none'}"
                )
    return done


def _applied_round(shape: str, people: int, applied: Applied, used_s: float, load_s: float) -> Round:
    return Round(
        shape=shape,
        server="daigang",
        viewers=people,
        sent=applied.receipts,
        refused=applied.refused,
        deliveries=applied.receipts,
        frames=0,
        wall_s=max(applied.last_ns - applied.began_ns, 1) / 1e9,
        cpu_s=used_s,
        load_cpu_s=load_s,
        latency=applied.latency,
    )


@asynccontextmanager
async def hub_with_applicants(people: int) -> AsyncIterator[tuple[Hub, Applicants]]:
    """A fresh hub and so many connected guests."""
    async with Hub(cores()[0]) as hub:
        applicants = Applicants(hub, people)
        try:
            await applicants.open()
            yield hub, applicants
        finally:
            applicants.close()


# ---- setting up ------------------------------------------------------------------------------------------------------


async def audience_of(stack: AsyncExitStack, hub: Hub, viewers: int, names: tuple[str, ...]) -> Audience:
    """So many viewers of the hub, each in those channels, until the stack unwinds."""
    plan = Plan(host=hub.host, port=hub.port, viewers=viewers, rooms=(names,), seed=hub.seed)
    return await stack.enter_async_context(Audience(plan, cores()[1]))


async def _people(stack: AsyncExitStack, hub: Hub, tokens: list[str], command: Callable[[int], CommandBase]) -> Talkers:
    speakers = [Speaker(hub.host, hub.port) for _ in tokens]
    for speaker, token in zip(speakers, tokens, strict=True):
        await speaker.open(token)
        stack.callback(speaker.close)
    return Talkers(speakers, command)


async def hosts_of(stack: AsyncExitStack, hub: Hub, options: Options) -> Talkers:
    """Hosts enough for the rate, who show one card after another."""
    count = max(options.hosts, people_for(options.cards_per_s))
    tokens = [hub.host_token(number) for number in range(count)]
    return await _people(stack, hub, tokens, shows(hub.session.id, hub.positions, "bench"))


async def _guests(stack: AsyncExitStack, hub: Hub, options: Options) -> Talkers:
    tokens = [hub.signer.token(f"guest-{number}") for number in range(people_for(options.lines_per_s))]
    return await _people(stack, hub, tokens, says(hub.session.id, "bench"))


async def _reference_side(stack: AsyncExitStack, options: Options, hub: Hub, viewers: int, stage: str) -> list[Side]:
    if compiler() is None:
        options.say("no C compiler: the comparison with C is left out")
        return []
    try:
        reference = await stack.enter_async_context(Reference(cores()[0], hub.card, stage))
    except OSError as error:
        options.say(f"the comparison with C is left out: {error}")
        return []
    options.say(f"C: frames of {reference.frame_bytes} bytes")
    plan = Plan(host=reference.host, port=reference.port, viewers=viewers, rooms=((stage,),), bare_top=FIRST_OFFSET)
    audience = await stack.enter_async_context(Audience(plan, cores()[1]))
    return [
        Side(
            name=reference.name,
            pid=reference.pid,
            send=rounds(reference),
            audience=audience,
            channel=stage,
        )
    ]
