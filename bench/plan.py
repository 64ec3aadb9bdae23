"""What the viewers' process is told first: whom to call, how many viewers, in which rooms, and in which manner."""

import msgspec


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`manner` names how one gets into this kind of server (`bench.manners`). `seed` is a hub's signing seed; `top` is
    the offset that everybody has at the start where a server does not say it."""

    host: str
    port: int
    viewers: int
    rooms: tuple[tuple[str, ...], ...]
    """For each room the channels to join; viewer N is in room N modulo rooms. `me/{person}` is each viewer's own; such
    channels are joined and not counted."""
    manner: str = "daigang"
    top: int = 0
    seed: bytes = b""
    name: str = "viewer"
    ports: tuple[int, ...] = ()
    """Instead of `port`: viewers take turns at them, as they do at rooms."""
    at_once: int = 100
    """How many may be on their way in."""
    returning: bool = False
    """Who loses the link comes back with a client's backoff; else it is lost."""

    @property
    def counted(self) -> tuple[str, ...]:
        """The channels whose entries are counted, in the order of their indexes; numbers (`pulse/`) have none."""
        names = (name for room in self.rooms for name in room if "{" not in name and not name.startswith("pulse/"))
        return tuple(dict.fromkeys(names))

    def room_of(self, number: int) -> tuple[str, ...]:
        """The channels of a viewer."""
        return self.rooms[number % len(self.rooms)]

    def address(self, number: int) -> tuple[str, int]:
        """Whom a viewer calls."""
        return self.host, self.ports[number % len(self.ports)] if self.ports else self.port

    def person(self, number: int) -> str:
        """The name a viewer goes by."""
        return f"{self.name}-{number}"
