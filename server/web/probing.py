"""How fast the way from a host to the hub is, measured with a little of nothing before a broadcast."""

import asyncio
from typing import Final

from aiohttp import WSMsgType, web

from server.core.refusal import Code, Refusal
from server.media.talk import Probed

BYTES_MOST: Final = 1024 * 1024
WITHIN_S: Final = 3.0
"""From the first message on; what came by then is the measure."""
FIRST_WITHIN_S: Final = 5.0
PROBES_PER_S, PROBES_BURST = 0.1, 5
"""Of one host."""
AT_ONCE: Final = 8


class Probes:
    """Measures a few at a time."""

    def __init__(self) -> None:
        self._running = 0

    async def measure(self, ws: web.WebSocketResponse) -> Probed:
        """What comes in by that connection, by the clock of its arrival. Raises `Refusal`."""
        if self._running >= AT_ONCE:
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=5_000)
        self._running += 1
        try:
            return await _measure(ws)
        finally:
            self._running -= 1


async def _measure(ws: web.WebSocketResponse) -> Probed:
    clock_s = asyncio.get_running_loop().time
    await _receive(ws, FIRST_WITHIN_S)
    began_s = last_s = clock_s()
    came = 0
    while came < BYTES_MOST and clock_s() - began_s < WITHIN_S:
        size = await _receive(ws, began_s + WITHIN_S - clock_s())
        if size is None:
            last_s = began_s + WITHIN_S
            break
        came += size
        last_s = clock_s()
    # The first message starts the clock and does not count.
    return Probed(kbit_s=round(came * 8 / 1000 / max(last_s - began_s, 0.001)))


async def _receive(ws: web.WebSocketResponse, within_s: float) -> int | None:
    """Size of the next message, None when none comes in time. Raises `Refusal` for anything but bytes."""
    try:
        async with asyncio.timeout(within_s):
            message = await ws.receive()
    except TimeoutError:
        return None
    if message.type is not WSMsgType.BINARY:
        raise Refusal(Code.OUT_OF_TURN, detail="a probe is bytes")
    return len(message.data)
