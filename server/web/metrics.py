"""`GET /metrics` in Prometheus' text format: what a hub counts, and how late its loop is.

No label ever holds a person, a token, an address or a path someone else chose.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from server.core.refusal import Code, Refusal
from server.hub.hub import Hub
from server.media.broadcast import PictureState
from server.outside.counted import CountedSender
from server.store.store import Store
from server.web.guard import Guard
from server.web.issuing import bearer
from server.web.origin import from_this_machine

LAG_EVERY_S = 0.1
LAG_BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

TEXTS = {
    "connections": "Websockets of proved persons, now.",
    "strangers": "Websockets that have not said hello yet, now.",
    "commands": "Commands over both doors.",
    "refused": "Commands that were refused.",
    "publications": "Entries that reached a room of this hub.",
    "deliveries": "Frames written to viewers.",
    "skipped": "Batched frames left out because the viewer was slow.",
    "left_slow": "Viewers let go because they read too slowly.",
    "recovered": "Joins answered with all that was missed.",
    "snapshots": "Joins answered with a snapshot.",
    "holes": "Holes in a room's order that were noticed.",
    "store_fills": "Reads of the store that filled a hole.",
    "restarts": "Channels that had to be joined anew.",
}
_NOW = frozenset({"connections", "strangers"})


class Metrics:
    """Collects at the moment of asking; costs nothing in between but the measuring of the loop's lag."""

    def __init__(self, *, hub: Hub, store: Store, guard: Guard, messages: CountedSender, token: str) -> None:
        """`token`: what a monitor elsewhere shows; empty: only this machine may ask."""
        self._hub = hub
        self._store = store
        self._guard = guard
        self._messages = messages
        self._token = token
        self._registry = CollectorRegistry()
        self._lag = Histogram(
            "daigang_loop_lag_seconds",
            "How much later than asked the event loop woke up.",
            buckets=LAG_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(self)
        ProcessCollector(registry=self._registry)  # processor, memory, open files; on Linux

    async def watch_lag(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._lag.observe(max(0.0, loop.time() - due_s))

    def collect(self) -> Iterator[Metric]:
        """Prometheus' own name for it."""
        for name, value in self._hub.counts.values().items():
            kind = GaugeMetricFamily if name in _NOW else CounterMetricFamily
            yield kind(f"daigang_{name}", TEXTS.get(name, name), value=value)
        counts = self._hub.counts
        websockets = counts.connections + counts.strangers
        gauges = (
            ("daigang_open_sockets", "TCP connections, websockets included.", self._guard.open + websockets),
            ("daigang_silent_sockets", "TCP connections whose first request has not come.", self._guard.strangers),
            ("daigang_writes_waiting", "Writes that wait for the store's next batch.", self._store.writes_waiting),
            ("daigang_bus_silent", "1 while the other hubs are not heard.", int(self._hub.watch.silent)),
            ("daigang_ready", "1 while the hub takes viewers.", int(self._hub.ready)),
        )
        for name, text, value in gauges:
            yield GaugeMetricFamily(name, text, value=value)
        for name, text, value in (
            ("daigang_messages_sent", "Codes and news delivered to phones.", self._messages.sent),
            ("daigang_messages_failed", "Tries to deliver one that failed.", self._messages.failed),
        ):
            yield CounterMetricFamily(name, text, value=value)
        pictures = GaugeMetricFamily("daigang_pictures", "Live pictures of this hub, by state.", labels=("state",))
        states = Counter(self._hub.pulse.pictures.here().values())
        for state in PictureState:
            pictures.add_metric((state.value,), states[state.value])
        yield pictures
        yield CounterMetricFamily("daigang_cut_off", "Connections cut off at a deadline.", value=self._guard.cut)

    async def get(self, request: web.Request) -> web.Response:
        """Handler of `/metrics`: for this machine, and for who shows the token."""
        if not from_this_machine(request) and not self._has_token(request):
            raise Refusal(Code.FORBIDDEN, needs="metrics_token")
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": "text/plain; version=0.0.4"})

    def _has_token(self, request: web.Request) -> bool:
        return bool(self._token) and hmac.compare_digest(bearer(request).encode(), self._token.encode())
