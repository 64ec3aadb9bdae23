"""The shapes: what is set up, what is sent, what is measured around it.

A shape starts a fresh hub on the first core; viewers, senders and this process are on the others. Where C is compared,
both servers run with their viewers connected all the time, and rounds alternate, so that both see the same machine.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from bench.applicants import Applicants, Applied
from bench.audience import Audience
from bench.control import Applies
from bench.figures import Idle, Round
from bench.hub import Hub
from bench.machine import cores, cpu_s, rss_bytes
from bench.publishing import at_rate
from bench.sides import (
    WARM_UP_S,
    Options,
    Side,
    audience_of,
    guests_of,
    hosts_of,
    measured_round,
    reference_side,
    said_of,
)
from server.core.channels import Kind, channel
from server.core.limits import APPLIES_PER_S
from server.core.model import PersonId

APPLIED_WITHIN_S = 30.0
PAGE = (Kind.STAGE, Kind.CHAT, Kind.PULSE)


async def one_room(options: Options, viewers: int, kinds: tuple[str, ...]) -> list[Round]:
    """One room of so many viewers: `cards` at a rate, cards `saturated`, `chat` lines at a rate."""
    done: list[Round] = []
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        stage, chat = (str(channel(kind, hub.session.id)) for kind in (Kind.STAGE, Kind.CHAT))
        audience = await audience_of(stack, hub, viewers, (stage, chat) if "chat" in kinds else (stage,))
        talkers = await hosts_of(stack, hub, options)
        sides = [Side(name=hub.name, pid=hub.pid, send=talkers.send, audience=audience)]
        if {"cards", "saturated"} & set(kinds):
            sides += await reference_side(stack, options, hub, viewers, (stage,))
        lines = await guests_of(stack, hub, options) if "chat" in kinds else None
        for side in sides:
            await at_rate(side.send, options.cards_per_s, WARM_UP_S)
        for number in range(options.repeats):
            for kind in kinds:
                if kind == "chat" and lines is not None:
                    chatting = msgspec.structs.replace(sides[0], send=lines.send)
                    done.append(await measured_round(options, kind, options.lines_per_s, chatting))
                    continue
                # C and the hub take turns at going first.
                for side in sides[:: -1 if number % 2 else 1]:
                    done.append(await measured_round(options, kind, options.cards_per_s, side))
    return done


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
    """So many guests apply, all at once."""
    done: list[Round] = []
    async with hub_with_applicants(people) as (hub, applicants):
        for _ in range(options.repeats):
            await applicants.rest()
            cpu_before_s, load_before_s = cpu_s(hub.pid), time.process_time()
            applied = await applicants.burst()
            used_s, load_s = cpu_s(hub.pid) - cpu_before_s, time.process_time() - load_before_s
            one = _applied_round("applications, burst", people, applied, used_s, load_s)
            done.append(one)
            options.say(said_of(one) + f", refused {one.refused or 'none'}")
    return done


async def applications_steady(options: Options, people: int) -> list[Round]:
    """So many people, connected as viewers, apply `options.applications_per_s` times a second all together: to a hub
    with an empty store, a fresh one each time, and once more to the same one with what the first made in it."""
    rate = min(options.applications_per_s, people * APPLIES_PER_S)
    options = msgspec.structs.replace(options, applications_per_s=rate)
    done: list[Round] = []
    for _ in range(options.repeats):
        async with AsyncExitStack() as stack:
            hub = await stack.enter_async_context(Hub(cores()[0]))
            stage = str(channel(Kind.STAGE, hub.session.id))
            audience = await audience_of(stack, hub, people, (stage,))
            applies = Applies(hub.session.id, tuple(position.id for position in hub.positions), hub.consent)
            for after in ("", ", once more"):
                applied, used_s, load_s = await _applying(options, hub, audience, applies)
                one = _applied_round(f"applications, {rate:g}/s{after}", people, applied, used_s, load_s)
                done.append(one)
                options.say(said_of(one) + f", refused {one.refused or 'none'}")
    return done


async def _applying(options: Options, hub: Hub, audience: Audience, applies: Applies) -> tuple[Applied, float, float]:
    """What became of it, and the processor time of the hub and of the viewers."""
    await audience.begin()
    began_ns, before_s = time.monotonic_ns(), cpu_s(hub.pid)
    await audience.talk(options.applications_per_s, options.seconds, applies)
    await asyncio.sleep(options.seconds)
    await audience.all_answered(APPLIED_WITHIN_S)
    used_s = cpu_s(hub.pid) - before_s
    report = await audience.report({})
    applied = Applied(
        receipts=report.said.receipts,
        refused=report.said.refused,
        latency=report.said.took,
        began_ns=began_ns,
        last_ns=max(report.said.last_ns, began_ns + round(options.seconds * 1e9)),
    )
    return applied, used_s, report.cpu_s


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
