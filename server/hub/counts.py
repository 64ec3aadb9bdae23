"""What a hub counts about itself; `web/metrics` shows it. Plain integers: a label lookup per delivery would cost more
than the delivery."""

from collections import Counter

from server.core.histogram import Histogram

COMMAND_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Counts:
    """Running totals since the hub started, except `connections` and `strangers`, which are now."""

    __slots__ = (
        "codes",
        "commands",
        "connections",
        "deliveries",
        "holes",
        "left_slow",
        "publications",
        "recovered",
        "refused",
        "restarts",
        "skipped",
        "snapshots",
        "store_fills",
        "strangers",
        "took",
    )

    def __init__(self) -> None:
        self.connections = 0
        self.strangers = 0
        self.commands = 0
        self.refused = 0
        self.publications = 0
        self.deliveries = 0
        self.skipped = 0
        self.left_slow = 0
        self.recovered = 0
        self.snapshots = 0
        self.holes = 0
        self.store_fills = 0
        self.restarts = 0
        self.codes: Counter[str] = Counter()  # of refusals: a closed list
        self.took = Histogram(COMMAND_BUCKETS_S)  # seconds from a command's dispatch to its reply

    def refuse(self, code: str) -> None:
        """One more command was refused."""
        self.refused += 1
        self.codes[code] += 1

    def values(self) -> dict[str, int]:
        """Name and value of each plain number."""
        return {name: value for name in self.__slots__ if isinstance(value := getattr(self, name), int)}
