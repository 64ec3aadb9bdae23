"""Who is still there: pings, answers that do not come, tokens that end, outboxes that do not move.

Every second those are looked at whose moment has come (`look_at_s`) or whose bytes wait, a slice of them at a time: to
look at all 19,600 was a hundredth of a core. Each is pinged in its own slot of `ping_every_s`.
The ping carries the top offset of each complete channel, so a lost last push is found without another one.

Two pings tell a client this clock, and they may be half a minute apart. Before the moment of a launch (开幕) those who
came so lately that they know it by their hello alone are pinged at once: in a crowd a hello waits on its way.
"""

import asyncio
import math
from collections.abc import Callable

from server.core.limits import Close
from server.core.model import Channel
from server.core.protocol import Ping
from server.hub.connection import Connection, Leave
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks

BEAT_S = 1.0
SLICE = 500
"""Connections looked at before others get their turn: 20,000 at once would hold the loop for 40 ms."""


HASTEN_S = 0.2
"""Between two looks at them: a launch is told at least a second ahead, and a line may be 80 ms long."""


class Heartbeat:
    """Walks over all connections once a second."""

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

    def start(self, tasks: Tasks) -> None:
        """Beat until the tasks are closed."""
        tasks.every(min(BEAT_S, self._settings.ping_every_s / 4), self.beat, name="heartbeat")
        tasks.every(HASTEN_S, self.hasten, name="clocks before a launch")

    async def beat(self) -> None:
        """Look at those whose moment has come, or whose bytes wait."""
        connections = list(self._connections)
        for start in range(0, len(connections), SLICE):
            now_s, now_ms = asyncio.get_running_loop().time(), self._clock_ms()
            of_slice = connections[start : start + SLICE]
            for connection in [one for one in of_slice if one.look_at_s <= now_s or one.behind]:
                if not connection.gone:
                    self._look(connection, now_s, now_ms)
                    self._plan(connection, now_s, now_ms)
            await asyncio.sleep(0)

    async def hasten(self) -> None:
        """While a launch lies ahead: ping who does not know this clock from both sides and has answered."""
        if self._clock_ms() >= self._rooms.launch_at_ms:
            return
        connections = [one for one in self._connections if not one.clocked]
        for start in range(0, len(connections), SLICE):
            now_s, now_ms = asyncio.get_running_loop().time(), self._clock_ms()
            for connection in connections[start : start + SLICE]:
                if not connection.gone and connection.pinged_s is None:
                    self._ping(connection, now_s, now_ms)
                    self._plan(connection, now_s, now_ms)
            await asyncio.sleep(0)

    def _look(self, connection: Connection, now_s: float, now_ms: int) -> None:
        settings = self._settings
        if now_ms >= connection.principal.until_ms:
            self._leave(connection, Close.RENEW)
        elif connection.behind and not connection.outbox.look(
            connection.transport.get_write_buffer_size(), now_s, settings.outbox_bytes, settings.stuck_after_s
        ):
            self._leave(connection, Close.SLOW)
        elif connection.pinged_s is not None:
            if not connection.socket.busy and now_s - connection.pinged_s > settings.pong_within_s:
                self._leave(connection, Close.NO_PONG)
        elif now_s >= connection.next_ping_s:
            self._ping(connection, now_s, now_ms)

    def _plan(self, connection: Connection, now_s: float, now_ms: int) -> None:
        """When to look at it again, its bytes aside: what comes first of its ping, the end of its patience for an
        answer, and the end of its token. A later moment may have been told meanwhile; then nothing is found."""
        pinged_s = connection.pinged_s
        answer_s = math.inf if pinged_s is None else pinged_s + self._settings.pong_within_s
        over_s = now_s + (connection.principal.until_ms - now_ms) / 1000
        connection.look_at_s = min(connection.next_ping_s, answer_s, over_s)

    def _ping(self, connection: Connection, now_s: float, now_ms: int) -> None:
        connection.next_ping_s = now_s + self._settings.ping_every_s
        connection.pinged_s = now_s
        connection.clocked = connection.pong_at_ms > 0
        connection.send(Ping(at_ms=now_ms, tops=self._tops(connection), pong_at_ms=connection.pong_at_ms))

    def _tops(self, connection: Connection) -> dict[str, int]:
        tops: dict[str, int] = {}
        for name in connection.channels:
            room = self._rooms.get(Channel(name))
            if room is not None and room.delivery.complete:
                tops[name] = room.order.top
        return tops
