"""What a hub counts about itself; `web/metrics` shows it. Plain integers: a label lookup per delivery would cost more
than the delivery."""


class Counts:
    """Running totals since the hub started, except `connections` and `strangers`, which are now."""

    __slots__ = (
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

    def values(self) -> dict[str, int]:
        """Name and value of each."""
        return {name: getattr(self, name) for name in self.__slots__}
