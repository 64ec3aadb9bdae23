"""A manner that keeps the hub's clock as every client of ours does, so that a launch can be shown at its moment."""

import time

from bench.manners import Daigang, Replied
from bench.plan import Plan
from bench.tally import Read
from bench.viewer import Viewer
from clients.python.hub_clock import HubClock
from server.core.bodies import Launched, decode_body
from server.core.protocol import Ping, Push, Welcome, decode_server

_LAUNCHED = b"launched"


class Clocked(Daigang):
    """A hub's viewers, each with a clock of its own. The clock of this machine is the hub's too, so what a viewer's
    clock is ahead is by how much it is wrong."""

    def __init__(self, plan: Plan, replied: Replied) -> None:
        super().__init__(plan, replied)
        self._clocks: dict[int, HubClock] = {}
        self._said_ms: dict[int, float] = {}
        self._ponged_ms: dict[int, float] = {}
        self._show_at_ms = 0

    def upgraded(self, viewer: Viewer) -> bytes:
        """The hello is the first question about the time."""
        hello = super().upgraded(viewer)
        self._said_ms[viewer.number] = _now_ms()
        return hello

    def read(self, payload: bytes) -> Read:
        """When the halls open, beside what is counted."""
        if _LAUNCHED in payload:
            for message in decode_server(payload):
                if isinstance(message, Push) and isinstance(body := decode_body(message.body), Launched):
                    self._show_at_ms = body.launch.show_at_ms
        return super().read(payload)

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """What the hub stamps is learnt from."""
        now_ms, number = _now_ms(), viewer.number
        if isinstance(message, Welcome):
            clock = self._clocks[number] = HubClock()
            clock.answered(self._said_ms[number], message.now_ms, now_ms)
            clock.stamped(message.now_ms, now_ms)
        elif isinstance(message, Ping):
            clock = self._clocks[number]
            ponged_ms = self._ponged_ms.get(number, 0.0)
            if ponged_ms and message.pong_at_ms:
                clock.answered(ponged_ms, message.pong_at_ms, ponged_ms)
            clock.stamped(message.at_ms, now_ms)
            self._ponged_ms[number] = now_ms
        return super().hear(viewer, message)

    def early_ms(self) -> list[float]:
        """How much too early each shows the last launch."""
        return [clock.ahead_ms(self._show_at_ms) for clock in self._clocks.values()]


def _now_ms() -> float:
    return time.time() * 1000
