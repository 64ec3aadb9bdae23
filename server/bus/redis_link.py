"""What every side of the Redis bus shares: names, a client that never makes anybody wait, a loop that never dies."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NoReturn

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError

from server.bus.redis_bounded import BoundedParser
from server.bus.redis_sentinel import by_sentinels, connection_options
from server.core.model import Channel, Epoch, is_rehearsal

log = logging.getLogger(__name__)

SOCKET_WITHIN_S: Final = 1.0
"""Connecting, and each reply. redis-py's own 5 s and 10 retries held a caller for 15.8 s when Redis was stopped."""
BACKOFF_LEAST_S: Final = 0.05
BACKOFF_MOST_S: Final = 1.0
"""Longest pause between two attempts: Redis back means whole again within 5 s (promise 9)."""
CALM_AFTER_S: Final = 5.0
"""A loop that has run for so long begins its backoff, and its warnings, from the start."""

REFUSED: Final = (AuthenticationError, AuthorizationError, NoPermissionError)
"""Redis is there and lets this user do nothing: only a person can mend that."""
CANCEL_AGAIN_S: Final = 0.02
APART: Final = "apart:"


class LinkLost(Exception):
    """Own ticks do not come back."""


class Names:
    """What a province's keys and published names are called in Redis."""

    def __init__(self, province: str) -> None:
        self._prefix = f"daigang:{province}:"
        self.ticks = f"{self._prefix}ticks"
        self.pulse = f"{self._prefix}pulse"
        self.open_ticks = f"{self._prefix}open:ticks"
        self.open_pulse = f"{self._prefix}open:pulse"
        """The same for hubs of other provinces, without what is none of theirs."""
        self.hubs = f"{self._prefix}hubs"
        """Which hubs are there: name to `wire.PresentHub`."""
        self._live = f"{self._prefix}live:"

    def far(self, province: str) -> str:
        """Where the hubs of that other province tell their numbers, and that they are there; nothing else of them is
        heard. One for each, which its user alone may publish to, so that no province speaks in another's name."""
        return f"{self._prefix}far:{province}"

    def set(self, channel: Channel, epoch: Epoch) -> str:
        """The sorted set of a channel's life."""
        return f"{self._prefix}set:{_kept_apart(channel)}{channel}:{epoch}"

    def snapshot(self, channel: Channel) -> str:
        """The hash of a channel's latest snapshot."""
        return f"{self._prefix}snapshot:{channel}"

    def live(self, channel: Channel) -> str:
        """What a channel's announcements are published under."""
        return f"{self._live}{_kept_apart(channel)}{channel}"

    def channel(self, name: str) -> Channel | None:
        """The channel whose announcements are published under that name."""
        if not name.startswith(self._live):
            return None
        return Channel(name.removeprefix(self._live).removeprefix(APART))


def _kept_apart(channel: Channel) -> str:
    """Rehearsals are named so that no pattern for stages or chats fits (the user of far hubs has those)."""
    return APART if is_rehearsal(channel) else ""


def client(url: str, connections: int, *, far: bool = False) -> Redis:
    """A client that waits at most SOCKET_WITHIN_S for anything and never tries again by itself. RESP 2: one form of
    replies whatever the version of redis-py. `far`: of another province's Redis, whose answers are bounded."""
    within: dict[str, Any] = {
        "max_connections": connections,
        "timeout": SOCKET_WITHIN_S,
        "socket_timeout": SOCKET_WITHIN_S,
        "socket_connect_timeout": SOCKET_WITHIN_S,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    if far:
        within["parser_class"] = BoundedParser
    if by_sentinels(url):
        return Redis.from_pool(BlockingConnectionPool(**connection_options(url), **within))
    pool = BlockingConnectionPool.from_url(url, **within)
    return Redis.from_pool(pool)


async def forever(name: str, once: Callable[[], Awaitable[None]]) -> NoReturn:
    """Run it again and again, with backoff and full jitter, however it ends. Ends only when cancelled.

    A lost link is said once, then at debug level until it has held for CALM_AFTER_S; neither names the address.
    """
    clock = asyncio.get_running_loop().time
    failures = 0
    while True:
        began_s = clock()
        try:
            await once()
        except (RedisError, OSError, LinkLost) as error:
            failures = 0 if clock() - began_s > CALM_AFTER_S else failures
            log.log(logging.DEBUG if failures else logging.WARNING, "bus, %s: %s", name, type(error).__name__)
        except Exception:
            log.exception("bus, %s: begins anew", name)
        failures += 1
        pause_s = min(BACKOFF_MOST_S, BACKOFF_LEAST_S * 2.0 ** min(failures, 10))
        await asyncio.sleep(pause_s * random.uniform(0.1, 1.0))


async def first(*doings: Awaitable[Any]) -> None:
    """Do them until one ends; the others are cancelled and waited for. Raises what any of them raised."""
    tasks = [asyncio.ensure_future(doing) for doing in doings]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def end(tasks: Sequence["asyncio.Future[Any]"]) -> None:
    """Cancel them until they are gone. Once is not enough: `asyncio.wait_for` of Python 3.11, in which redis-py sends,
    forgets a cancellation that comes together with its result."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
        for task in done:
            if not task.cancelled():
                task.exception()  # looked at: asyncio would complain of one that nobody has seen
