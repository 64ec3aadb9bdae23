"""Every shape by name: what it is, how many viewers it has unless told otherwise, and how long it takes."""

from collections.abc import Awaitable, Callable

import msgspec

from bench.arrivals import arrivals
from bench.beside import importing, pictures, rude, slow
from bench.burst import bursts, bursts_far
from bench.figures import Idle, Round
from bench.flood import Flood, floods
from bench.peers.known import PEERS
from bench.province import crowded, lone, peers, province, steps
from bench.shapes import applications, applications_steady, idle, one_room
from bench.sides import Options
from bench.storm import storm

PROVINCE = 19_600
Found = tuple[list[Round], list[Idle]]
Run = Callable[[Options, int], Awaitable[Found]]
OPENING_PER_S = 1_000
"""Viewers that get into a hub on a machine like ours, for estimates."""


class Shape(msgspec.Struct, frozen=True):
    """`rounds_s`: seconds of one repeat with so many viewers, about."""

    text: str
    run: Run
    viewers: int
    rounds_s: Callable[[Options, int], float]


def _rounds(made: Callable[[Options, int], Awaitable[list[Round]]]) -> Run:
    async def run(options: Options, viewers: int) -> Found:
        return await made(options, viewers), []

    return run


def _one_room(*kinds: str) -> Run:
    return _rounds(lambda options, viewers: one_room(options, viewers, kinds))


async def _idle(options: Options, viewers: int) -> Found:
    return [], await idle(options, viewers)


def _peers_s(options: Options, viewers: int) -> float:
    return _servers(options, heavy=True) * (8 + options.seconds)


def _servers(options: Options, *, heavy: bool = False) -> int:
    return 1 + options.reference + sum(heavy or not PEERS[name].heavy for name in options.peers)


def _fresh_s(viewers: int) -> float:
    """A hub starts, viewers come, all go."""
    return 20 + viewers / OPENING_PER_S


def _contest_s(options: Options, viewers: int) -> float:
    return _servers(options) * (8 + viewers / 1_500 + options.seconds) + _fresh_s(viewers) / 2


def _climb_s(options: Options, viewers: int) -> float:
    return _contest_s(options, viewers) + _servers(options) * 3.5 * options.seconds


SHAPES: dict[str, Shape] = {
    "cards": Shape("cards at a rate in one room", _one_room("cards"), 1000, lambda o, n: 2 * (o.seconds + 3)),
    "saturated": Shape("cards as fast as they arrive", _one_room("saturated"), 1000, lambda o, n: 2 * (o.seconds + 3)),
    "chat": Shape("lines at a rate by guests", _one_room("chat"), 1000, lambda o, n: o.seconds + 3),
    "idle": Shape("memory of viewers while nothing happens", _idle, PROVINCE, lambda o, n: _fresh_s(n) + o.seconds),
    "applications": Shape("guests apply all at once", _rounds(applications), 1000, lambda o, n: 15),
    "applying": Shape(
        "people apply at an even rate",
        _rounds(applications_steady),
        6000,
        lambda o, n: _fresh_s(n) + 2 * (o.seconds + 3),
    ),
    "slow": Shape("some viewers do not read", _rounds(slow), 1000, lambda o, n: 2 * (20 + o.slow_seconds)),
    "rude": Shape("some clients misbehave", _rounds(rude), 1000, lambda o, n: 2 * (20 + o.seconds)),
    "imports": Shape("an operator uploads workbooks", _rounds(importing), 1000, lambda o, n: 2 * (25 + o.seconds)),
    "pictures": Shape("hosts send pictures of 720 lines", _rounds(pictures), 1000, lambda o, n: 2 * (40 + o.seconds)),
    "province": Shape(
        "2 messages a second in every room of the fair, against C and the peers",
        _rounds(lambda options, viewers: province(options, viewers, options.per_room)),
        PROVINCE,
        _contest_s,
    ),
    "steps": Shape("highest rate with p99 <= 250 ms, by steps", _rounds(steps), PROVINCE, _climb_s),
    "lone": Shape("one message to all in one room, until the last has it", _rounds(lone), PROVINCE, _contest_s),
    "flood": Shape(
        "20 and 60 lines a second in every room, and a card every 10 s, for a minute",
        _rounds(lambda o, n: floods(o, n, tuple(Flood(o.rooms, lines, o.flood_seconds) for lines in (20, 60)))),
        PROVINCE,
        lambda o, n: 2 * (_fresh_s(n) + 1.4 * o.flood_seconds),
    ),
    "lines": Shape(
        "400 lines a second in one room",
        _rounds(lambda o, n: floods(o, n, (Flood(1, 400, o.seconds),))),
        1000,
        lambda o, n: _fresh_s(n) + 2 * o.seconds,
    ),
    "storm": Shape(
        "the hub is killed and starts anew, everybody comes back",
        _rounds(storm),
        PROVINCE,
        lambda o, n: 2 * _fresh_s(n) + 20,
    ),
    "arrivals": Shape(
        "everybody comes cold within a minute: page, scripts, token, websocket, snapshot",
        _rounds(arrivals),
        PROVINCE,
        lambda o, n: 2 * (25 + n / 300),
    ),
    "burst": Shape("twenty cards at once in one room", _rounds(bursts), 2000, lambda o, n: 2 * (o.seconds + 3)),
    "burst-far": Shape(
        "the same for viewers of another province", _rounds(bursts_far), 2000, lambda o, n: 2 * (o.seconds + 3)
    ),
    "crowded": Shape(
        "5 lines a second in every room at those who do not let them travel together",
        _rounds(crowded),
        PROVINCE,
        lambda o, n: _contest_s(o, n) + _servers(o) * 2 * o.seconds,
    ),
    "peers": Shape(
        "one room that the slowest peer can carry",
        _rounds(peers),
        1000,
        _peers_s,
    ),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "one-room": ("cards", "saturated", "chat", "idle"),
    "all": ("cards", "saturated", "chat", "idle", "applications", "applying", "slow", "rude", "imports"),
    "all-province": (
        "steps",
        "flood",
        "lone",
        "lines",
        "idle",
        "storm",
        "arrivals",
        "applications",
        "applying",
        "peers",
        "crowded",
    ),
}


def names_of(asked: str) -> list[str]:
    """The shapes of a group, or several by comma. Raises `ValueError`."""
    names = [name for part in asked.split(",") for name in GROUPS.get(part, (part,))]
    for name in names:
        if name not in SHAPES:
            raise ValueError(f"{name}: no such shape; there are {', '.join((*SHAPES, *GROUPS))}")
    return list(dict.fromkeys(names))


def takes_s(options: Options, names: list[str], viewers: list[int]) -> float:
    """How long they take together, about."""
    return sum(
        options.repeats * SHAPES[name].rounds_s(options, count)
        for name in names
        for count in viewers or [SHAPES[name].viewers]
    )
