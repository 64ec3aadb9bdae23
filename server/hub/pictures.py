"""Which sessions have a live picture and how it looks, here and at the other hubs: the latest wins."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from server.core.model import SessionId

PICTURES: Final = "pictures"
"""Name of the pulse between hubs."""
LOOKS: Final = "looks"
"""The same for how they look (`media.looks.told_look`)."""
SILENT_S: Final = 5.0

_decoder = msgspec.msgpack.Decoder(dict[SessionId, str])
_encoder = msgspec.msgpack.Encoder()


class Pictures:
    """`here` gives this hub's own, by session: for PICTURES `on`, `paused` or `gone`."""

    def __init__(self) -> None:
        self.here: Callable[[], Mapping[SessionId, str]] = dict
        self._others: dict[str, tuple[float, dict[SessionId, str]]] = {}

    def state(self, session: SessionId) -> str:
        """The session's; empty when nobody sends one."""
        own = self.here().get(session)
        if own is not None:
            return own
        return next((states[session] for _, states in self._others.values() if session in states), "")

    def all(self) -> dict[SessionId, str]:
        """Of every session that has one, here or elsewhere."""
        found: dict[SessionId, str] = {}
        for _, states in self._others.values():
            found.update(states)
        return {**found, **self.here()}

    def told(self) -> bytes:
        """For the other hubs."""
        return _encoder.encode(dict(self.here()))

    def hear(self, hub: str, data: bytes, now_s: float) -> None:
        """What another hub has. Raises one of `UNREADABLE`."""
        self._others[hub] = (now_s, _decoder.decode(data))

    def forget_silent(self, now_s: float) -> None:
        """Hubs that say nothing any more have no pictures."""
        self._others = {hub: heard for hub, heard in self._others.items() if now_s - heard[0] <= SILENT_S}
