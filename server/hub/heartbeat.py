"""Who is still there: pings, answers that do not come, tokens that end, outboxes that do not move.

Every second a share of the connections is pinged (all within `ping_every_s`); the ping carries the top offset of each
complete channel, so a lost last push is found without another one.
"""

import asyncio
from collections.abc import Callable

from server.core.limits import Close
from server.core.model import Channel
from server.core.protocol import Ping
from server.hub.connection import Connection, Leave
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings

BEAT_S = 1.0


class Heartbeat:
    """Walks over all connections once a second; each is pinged in its own slot of the round."""

    def __init__(
        self,
        connections: dict[Connection, None],
        rooms: Rooms,
        settings: HubSettings,
        clock_ms: Callable[[], int],
        leave: Leave,
    ) -> None:
        self._connections = connections
        self._rooms = rooms
        self._settings = settings
        self._clock_ms = clock_ms
        self._leave = leave

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(min(BEAT_S, self._settings.ping_every_s / 4))
            self.beat()

    def beat(self) -> None:
        """Look at every connection once."""
        now_s = asyncio.get_running_loop().time()
        now_ms = self._clock_ms()
        settings = self._settings
        for connection in list(self._connections):
            if now_ms >= connection.principal.until_ms:
                self._leave(connection, Close.RENEW)
            elif not connection.outbox.look(
                connection.transport.get_write_buffer_size(), now_s, settings.outbox_bytes, settings.stuck_after_s
            ):
                self._leave(connection, Close.SLOW)
            elif connection.pinged_s is not None:
                if not connection.busy and now_s - connection.pinged_s > settings.pong_within_s:
                    self._leave(connection, Close.NO_PONG)
            elif now_s >= connection.next_ping_s:
                connection.next_ping_s = now_s + settings.ping_every_s
                connection.pinged_s = now_s
                connection.send(Ping(at_ms=now_ms, tops=self._tops(connection)))

    def _tops(self, connection: Connection) -> dict[str, int]:
        tops: dict[str, int] = {}
        for name in connection.channels:
            room = self._rooms.get(Channel(name))
            if room is not None and room.delivery.complete:
                tops[name] = room.order.top
        return tops
