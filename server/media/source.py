"""Who sends a session's picture, and what a recording of it is. One session has one source at a time."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from server.core.limits import Close
from server.media.pipe import Container
from server.media.talk import ToHost


class SourceKind(StrEnum):
    """What sends, as the consoles name it."""

    CONSOLE = "console"  # a host's page
    PHONE = "phone"  # the page a phone opens from a console's QR
    ENCODER = "encoder"  # OBS and its like


class Source:
    """What sends, as a broadcast knows it. `name` is the same after a lost connection: who comes back replaces oneself.
    `say` and `leave` never wait."""

    def __init__(
        self, name: str, kind: SourceKind, say: Callable[[ToHost], None], leave: Callable[[Close], None]
    ) -> None:
        self.name = name
        self.kind = kind
        self.say = say
        self.leave = leave


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What a source is about to send. `started_at_ms`: capture time of its first frame, on the hub's clock as the
    source reckons it. `transcode`: it is VP8 and is to become H.264."""

    started_at_ms: int
    container: Container = Container.WEBM
    transcode: bool = False
