"""What `/metrics` tells of one hub, as Prometheus names things: base units, `_total` for what only grows, and labels
from closed lists. No label ever holds a person, a token, an address or a path someone else chose.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from server.core.channels import Kind
from server.core.histogram import Histogram
from server.hub.hub import Hub
from server.media.broadcast import PictureState
from server.media.outlet import OutletState
from server.media.outlets import Sides
from server.outside.counted import CountedSender
from server.store.store import Store
from server.web.broken_requests import BrokenRequests
from server.web.guard import Guard

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


class Families:
    """A collector of Prometheus' library: everything is looked at when somebody asks."""

    def __init__(
        self,
        *,
        hub: Hub,
        store: Store,
        guard: Guard,
        broken: BrokenRequests,
        messages: CountedSender,
        sides: Sides,
        version: str,
    ) -> None:
        self._sides = sides
        self._hub = hub
        self._store = store
        self._guard = guard
        self._broken = broken
        self._messages = messages
        self._version = version
        self.lag = Histogram(LAG_BUCKETS_S)

    def collect(self) -> Iterator[Metric]:
        """Prometheus' own name for it."""
        build = GaugeMetricFamily("daigang_build_info", "Always 1; the version is the label.", labels=("version",))
        build.add_metric((self._version,), 1)
        yield build
        yield from self._of_hub()
        yield from self._of_bus()
        yield from self._of_doors()
        yield from self._of_pictures()
        yield _histogram("daigang_loop_lag_seconds", "How much later than asked the event loop woke up.", self.lag)
        took, commits = self._hub.counts.took, self._store.commits
        yield _histogram("daigang_command_seconds", "From a command's dispatch to its reply.", took)
        text = "From the beginning of a batch of writes to its commit, fsync included."
        yield _histogram("daigang_store_commit_seconds", text, commits)

    def _of_hub(self) -> Iterator[Metric]:
        for name, value in self._hub.counts.values().items():
            kind = GaugeMetricFamily if name in _NOW else CounterMetricFamily
            yield kind(f"daigang_{name}", TEXTS.get(name, name), value=value)
        refusals = CounterMetricFamily("daigang_refusals", "Refused commands by code.", labels=("code",))
        for code, count in self._hub.counts.codes.items():
            refusals.add_metric((str(code),), count)
        yield refusals
        rooms = GaugeMetricFamily("daigang_rooms", "Rooms that are open, by kind of channel.", labels=("kind",))
        for room_kind in Kind:
            count = len(self._hub.rooms.of(room_kind)) + len(self._hub.rooms.far(room_kind))
            rooms.add_metric((room_kind.value,), count)
        yield rooms
        yield GaugeMetricFamily("daigang_ready", "1 while the hub takes viewers.", value=int(self._hub.ready))

    def _of_bus(self) -> Iterator[Metric]:
        figures = self._hub.figures()
        silent = int(self._hub.watch.silent)
        yield GaugeMetricFamily("daigang_bus_silent", "1 while the other hubs are not heard.", value=silent)
        text = "Announcements given up: the link was away for too long. Ticks uncover them."
        yield CounterMetricFamily("daigang_bus_dropped", text, value=figures.dropped)
        text = "Announcements not sent yet."
        yield GaugeMetricFamily("daigang_bus_waiting", text, value=figures.waiting)
        text = "How long this hub's last tick took to come back."
        yield GaugeMetricFamily("daigang_bus_round_trip_seconds", text, value=figures.round_trip_s)
        if figures.far_silent:
            text = "1 while another province is not heard."
            silences = GaugeMetricFamily("daigang_province_silent", text, labels=("province",))
            for code, is_silent in figures.far_silent.items():
                silences.add_metric((code,), int(is_silent))
            yield silences

    def _of_doors(self) -> Iterator[Metric]:
        counts = self._hub.counts
        websockets = counts.connections + counts.strangers
        gauges = (
            ("daigang_open_sockets", "TCP connections, websockets included.", self._guard.open + websockets),
            ("daigang_silent_sockets", "TCP connections whose first request has not come.", self._guard.strangers),
            ("daigang_writes_waiting", "Writes that wait for the store's next batch.", self._store.writes_waiting),
        )
        for name, text, value in gauges:
            yield GaugeMetricFamily(name, text, value=value)
        for name, text, value in (
            ("daigang_messages_sent", "Codes and news delivered to phones.", self._messages.sent),
            ("daigang_messages_failed", "Tries to deliver one that failed.", self._messages.failed),
            ("daigang_store_reads", "Reads of the store, each one transaction.", self._store.reads),
            ("daigang_broken_requests", "What strangers sent that is no HTTP.", self._broken.count),
            ("daigang_cut_off", "Connections cut off at a deadline.", self._guard.cut),
        ):
            yield CounterMetricFamily(name, text, value=value)

    def _of_pictures(self) -> Iterator[Metric]:
        pictures = GaugeMetricFamily("daigang_pictures", "Live pictures of this hub, by state.", labels=("state",))
        states = Counter(self._hub.pulse.pictures.here().values())
        for state in PictureState:
            pictures.add_metric((state.value,), states[state.value])
        yield pictures
        yield GaugeMetricFamily(
            "daigang_encoders", "Encoders whose stream this hub takes.", value=self._sides.inlets.count
        )
        platforms = GaugeMetricFamily("daigang_platforms", "Platforms pictures go on to, by state.", labels=("state",))
        standing = self._sides.outlets.states()
        for each in OutletState:
            platforms.add_metric((each.value,), standing[each])
        yield platforms


def _histogram(name: str, text: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, text, buckets=histogram.cumulated(), sum_value=histogram.total)
