"""Chat floods: lines in every room, said by the viewers themselves, and a card every CARD_EVERY_S in every room.

A viewer says less than a line a second in every shape here, so the limits of the protocol hold without being raised,
rooms have no slow mode unless a host asks for one, and a hub leaves no line out: chat is not sampled. Nothing may be
lost: no card, and no line that was stored; what the viewers were told is compared with the log at the end.
"""

from contextlib import AsyncExitStack

import msgspec

from bench.audience import Audience
from bench.control import OfKind, Reported
from bench.fair import Hall, halls_of, hosts_of_halls, sends_of
from bench.figures import Round
from bench.hub import Hub
from bench.machine import cores, cpu_s
from bench.plan import Plan
from bench.publishing import Sent, at_rate, in_turn
from bench.sides import Options, Side, made_round, said_of
from bench.speaker import Speaker
from server.core.limits import COMMANDS_BURST
from server.core.protocol import Join, Joined

CARD_EVERY_S = 10.0
WARM_UP_S = 3.0
ANSWERED_WITHIN_S = 30.0
SETTLE_S = 3.0


class Flood(msgspec.Struct, frozen=True):
    """So many lines a second in each of so many rooms, for so long."""

    rooms: int
    lines_per_s: float
    seconds: float

    @property
    def shape(self) -> str:
        """Its name."""
        return f"flood, {self.rooms} x {self.lines_per_s:g} lines/s, {self.seconds:g} s"


async def floods(options: Options, viewers: int, asked: tuple[Flood, ...]) -> list[Round]:
    """Each in turn, each time with a fresh hub: a log that grew is not there the next time."""
    return [await _one(options, viewers, flood) for _ in range(options.repeats) for flood in asked]


async def _one(options: Options, viewers: int, flood: Flood) -> Round:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        halls = await halls_of(hub, flood.rooms)
        talkers = await hosts_of_halls(stack, hub, halls, 1.0)
        rooms = tuple((hall.stage, hall.chat) for hall in halls)
        plan = Plan(host=hub.host, port=hub.port, viewers=viewers, rooms=rooms, seed=hub.seed)
        audience = await stack.enter_async_context(Audience(plan, cores()[1]))
        side = Side(name=hub.name, pid=hub.pid, send=in_turn(sends_of(talkers)), audience=audience, rooms=flood.rooms)
        await _flooded(side, msgspec.structs.replace(flood, seconds=WARM_UP_S))
        before = await _tops(hub, halls)
        cpu_before_s = cpu_s(hub.pid)
        sent, report = await _flooded(side, flood)
        used_s = cpu_s(hub.pid) - cpu_before_s
        after = await _tops(hub, halls)
        one = made_round(flood.shape, side, sent, report, (used_s, flood.seconds))
        figures = _figures(report) | {"lines_not_in_log": _not_in_log(report, before, after)}
        one = msgspec.structs.replace(
            one,
            beside=figures,
            latency=report.kinds["chat"].latency,
            sent=sent.count + sum(report.said.stored.values()),
            refused=sent.refused | report.said.refused,
            missing=report.missing + int(figures["lines_not_in_log"]),
        )
        options.say(said_of(one) + ", " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        return one


async def _flooded(side: Side, flood: Flood) -> tuple[Sent, Reported]:
    await side.audience.settled(None, 0.5)
    await side.audience.begin()
    await side.audience.talk(flood.lines_per_s * flood.rooms, flood.seconds)
    sent = await at_rate(side.send, flood.rooms / CARD_EVERY_S, flood.seconds)
    await side.audience.all_answered(ANSWERED_WITHIN_S)
    await side.audience.settled(None, SETTLE_S)
    return sent, await side.audience.report(sent.times)


def _figures(report: Reported) -> dict[str, float]:
    figures: dict[str, float] = {"lines_stored": sum(report.said.stored.values())}
    for kind, name in (("stage", "cards"), ("chat", "chat")):
        of = report.kinds.get(kind, OfKind())
        p99_us = of.latency.quantile_us(0.99)
        figures[f"{name}_missing"] = of.missing
        if p99_us is not None:
            figures[f"{name}_p99_ms"] = p99_us / 1000
    return figures


def _not_in_log(report: Reported, before: dict[str, int], after: dict[str, int]) -> float:
    """Lines with an answer that the log does not hold, or holds without one: both must be none."""
    return sum(abs(after[name] - before[name] - report.said.stored.get(name, 0)) for name in before if after[name] >= 0)


async def _tops(hub: Hub, halls: list[Hall]) -> dict[str, int]:
    """How long the log of each chat is, asked by as many people as may ask so much at once."""
    tops: dict[str, int] = {}
    each = COMMANDS_BURST - 2
    for start in range(0, len(halls), each):
        speaker = Speaker(hub.host, hub.port)
        await speaker.open(hub.signer.token(f"bench-reader-{start}"))
        for hall in halls[start : start + each]:
            joined = await speaker.command(Join(channel=hall.chat))
            tops[hall.chat] = joined.offset if isinstance(joined, Joined) else -1
        speaker.close()
    return tops
