"""The province day: every hall of the fair at once, urgent messages only.

`province`: k messages a second in every room, CPU per delivery, round by round against C and the peers. `steps`: one
more message a second in every room until p99 goes beyond LATE_MS; the highest rate that was held. `lone`: one message
to all viewers in one room, again and again, until the last has it. `peers`: one room, small enough for the slowest.
`crowded`: lines of chat at those who send each by itself.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import msgspec

from bench.audience import AudienceError
from bench.contenders import Contender, Entered, Size, contenders
from bench.figures import Round
from bench.peers.known import PEERS
from bench.peers.publisher import PublisherError
from bench.peers.running import PeerError
from bench.publishing import at_rate
from bench.sides import Options, Side, measured_round

LATE_MS = 250.0
MOST_STEPS = 8
LONE_EVERY_S = 2.0
WARM_UP_S = 2.0
CALM_S = 1.0
LINES_PER_S = 5.0
SLOWEST_PER_S = 3.0
"""Of 1,000 viewers: 0.85 of a core for the slowest peer."""
LINE_BYTES = 220
"""A line of the day's corpus as the hub pushes it."""
FAILS = (AudienceError, PeerError, PublisherError)


async def province(options: Options, viewers: int, per_s: float) -> list[Round]:
    """`per_s` messages a second in each room, in rounds that take turns."""
    size = Size(viewers, options.rooms, per_s)
    found = await contenders(options, size)
    return await _in_turns(options, found, _shape(options, per_s), per_s * size.rooms)


async def lone(options: Options, viewers: int) -> list[Round]:
    """One room; a card every LONE_EVERY_S seconds, so that each has gone before the next."""
    found = await contenders(options, Size(viewers, 1, 1))
    return await _in_turns(options, found, "one message to all", 1 / LONE_EVERY_S)


async def peers(options: Options, viewers: int) -> list[Round]:
    """One room at a rate that every one of them can hold."""
    found = await contenders(options, Size(viewers, 1, SLOWEST_PER_S), heavy=True)
    return await _in_turns(options, found, f"one room, {SLOWEST_PER_S:g}/s", SLOWEST_PER_S)


async def crowded(options: Options, viewers: int) -> list[Round]:
    """What chat becomes where each line is sent by itself: LINES_PER_S texts of a line's size a second in each room
    at those beside us. Ours travel together and are measured as `flood`."""
    size = Size(viewers, options.rooms, LINES_PER_S)
    found = [one for one in await contenders(options, size, bytes_each=LINE_BYTES) if one.name in PEERS]
    shape = f"{size.rooms} rooms, {LINES_PER_S:g} lines/s in each, one by one"
    return await _in_turns(options, found, shape, LINES_PER_S * size.rooms) if found else []


async def steps(options: Options, viewers: int) -> list[Round]:
    """1, 2, 3 … messages a second in each room until one is late; rounds say the rate that was held. The step that
    `province` would measure is told as its round."""
    found = await contenders(options, Size(viewers, options.rooms, MOST_STEPS))

    async def climbing(side: Side, entered: Entered) -> list[Round]:
        held, climbed = await _climb(options, side)
        done: list[Round] = []
        usual = climbed.get(round(options.per_room))
        if usual is not None:
            figures = usual.beside | entered.figures(viewers)
            done.append(msgspec.structs.replace(usual, shape=_shape(options, options.per_room), beside=figures))
        best = msgspec.structs.replace(climbed[max(held, 1)], beside={"held_per_s": float(held)})
        options.say(f"{side.name}: held {held} a second in each room")
        return [*done, msgspec.structs.replace(best, shape=f"{options.rooms} rooms, highest rate held")]

    return await _taking_turns(options, found, climbing)


async def _in_turns(options: Options, found: list[Contender], shape: str, rate: float) -> list[Round]:
    async def measuring(side: Side, entered: Entered) -> list[Round]:
        one = await measured_round(options, shape, rate, side)
        figures = one.beside | entered.figures(side.audience.viewers)
        return [msgspec.structs.replace(one, shape=shape, beside=figures)]

    return await _taking_turns(options, found, measuring)


async def _taking_turns(
    options: Options, found: list[Contender], measure: Callable[[Side, Entered], Awaitable[list[Round]]]
) -> list[Round]:
    """Servers take turns at going first; one that fails is left out and said."""
    done: list[Round] = []
    for number in range(options.repeats):
        for contender in _from(found, number):
            try:
                async with AsyncExitStack() as stack:
                    side, entered = await contender.start(stack)
                    await _warm(side)
                    done += await measure(side, entered)
            except FAILS as error:
                options.say(f"{contender.name}: left out of this round: {error}")
    return done


def _from(found: list[Contender], number: int) -> list[Contender]:
    at = number % len(found)
    return found[at:] + found[:at]


async def _warm(side: Side) -> None:
    """One message in every room and what a first message makes."""
    await at_rate(side.send, side.rooms / WARM_UP_S, WARM_UP_S)
    await side.audience.settled(None, CALM_S)


async def _climb(options: Options, side: Side) -> tuple[int, dict[int, Round]]:
    """The highest rate that was held (0 for none) and every round by its rate: up to the first late one, and up to the
    usual rate in any case."""
    climbed: dict[int, Round] = {}
    held = 0
    for per_s in range(1, MOST_STEPS + 1):
        one = climbed[per_s] = await measured_round(options, f"step {per_s}", per_s * side.rooms, side)
        if held == per_s - 1 and not late(one):
            held = per_s
        elif per_s >= options.per_room:
            break
        await side.audience.settled(None, CALM_S)
    return held, climbed


def _shape(options: Options, per_s: float) -> str:
    return f"{options.rooms} rooms, {per_s:g}/s in each"


def late(one: Round) -> bool:
    """Whether the rate was not held: p99 beyond LATE_MS, or somebody got less than everything."""
    p99_us = one.latency.quantile_us(0.99)
    return p99_us is None or p99_us > LATE_MS * 1000 or one.missing > 0 or bool(one.lost) or bool(one.refused)
