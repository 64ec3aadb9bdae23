"""Whether a hub may join those that are there, asked of Redis before it starts.

What cannot work is said before the first viewer comes, in a sentence with what to do; a Redis that is away is no reason
to stay away, for it may be away at any time.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from server.bus.bus import READ_WITHIN_S, CannotMeet
from server.bus.redis_link import REFUSED, Names
from server.bus.wire import PresentHub, pack_present, unpack_present
from server.core.clocks import clock_off
from server.core.unreadable import UNREADABLE

log = logging.getLogger(__name__)

PRESENT_S: Final = 10
"""A hub that has not said so for this long is gone."""
FORGOTTEN_S: Final = 3600
LET_IN: Final = (
    "Redis refuses this user and password; compare DAIGANG_REDIS_URL with requirepass, or with the user's ACL"
)


async def meet(execute: Callable[..., Awaitable[Any]], names: Names, protocol: int, now_ms: int) -> None:
    """Raises `CannotMeet`."""
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            seconds, micros = await execute("TIME")
            hubs: Mapping[bytes, bytes] = await execute("HGETALL", names.hubs)
    except REFUSED:
        raise CannotMeet(f"bus.url: {LET_IN}") from None
    except (RedisError, OSError, TimeoutError) as error:
        log.warning(
            "Redis does not answer (%s): this hub begins without it and goes on looking. Is it running, and does "
            "DAIGANG_REDIS_URL (bus.url) name its host and port?",
            type(error).__name__,
        )
        return
    redis_ms = int(seconds) * 1000 + int(micros) // 1000
    if (wrong := clock_off(now_ms, redis_ms, "Redis")) is not None:
        raise CannotMeet(wrong)
    there = _read(hubs if isinstance(hubs, dict) else _pairs(hubs))
    _compare(there, protocol, redis_ms)
    gone = [name for name, hub in there.items() if redis_ms - hub.at_ms > FORGOTTEN_S * 1000]
    if gone:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(READ_WITHIN_S):
                await execute("HDEL", names.hubs, *gone)


def _pairs(flat: Any) -> Mapping[bytes, bytes]:
    words = list(flat)
    return dict(zip(words[::2], words[1::2], strict=True))


def _read(hubs: Mapping[bytes, bytes]) -> dict[bytes, PresentHub]:
    read = {}
    for name, data in hubs.items():
        with contextlib.suppress(*UNREADABLE):
            read[name] = unpack_present(data)
    return read


def _compare(hubs: Mapping[bytes, PresentHub], protocol: int, redis_ms: int) -> None:
    for there in hubs.values():
        if there.protocol != protocol and abs(redis_ms - there.at_ms) < PRESENT_S * 1000:
            raise CannotMeet(
                f"hubs that run in this province speak protocol {there.protocol}, this one {protocol}: pages of one "
                "could not talk to the other. Stop them all, then start the new ones (docs/operations.md, section 9)"
            )


def present(protocol: int) -> bytes:
    """What a hub writes under its name with each tick."""
    return pack_present(protocol, time.time_ns() // 1_000_000)
