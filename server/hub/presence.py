"""Who is in which session: counted here, heard of from the other hubs.

Presence of another hub that was not heard of for PRESENCE_S is void, so a killed hub's viewers are counted for that
long at most (promise 28).
"""

from collections.abc import Iterable

import msgspec

from server.core.channels import home_of
from server.core.model import SessionId, is_rehearsal
from server.hub.openroom import OpenRoom

PRESENCE_S = 10.0
MOST_FAR_HUBS = 128
"""Of each other province: a noisy one takes no place of the others."""
FAR_NAME_LIMIT = 64
"""Characters of the name a hub of another province gives itself."""
MOST_SESSIONS = 2_000
MOST_ONLINE = 1_000_000
"""Of one hub: hubs of other provinces speak here too."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[dict[SessionId, int]] = msgspec.msgpack.Decoder(dict[SessionId, int])

Told = dict[str, tuple[float, dict[SessionId, int]]]
"""By hub: when it was heard, and whom it has."""


class Presence:
    """Who is in which session: counted here, heard of from the other hubs."""

    def __init__(self) -> None:
        self._here: dict[SessionId, int] = {}
        self._others: Told = {}
        self._far: dict[str, Told] = {}  # by province

    @property
    def here(self) -> dict[SessionId, int]:
        """As last counted."""
        return self._here

    def count(self, stages: Iterable[OpenRoom]) -> bytes:
        """Count the persons in the stage rooms of this hub, each once however many pages are open, without the hosts
        and assistants of that session; a rehearsal has nobody. Returns what to tell the other hubs."""
        counted = (room for room in stages if not is_rehearsal(room.subject))
        self._here = {SessionId(room.subject): online for room in counted if (online := room.online)}
        return _encoder.encode(self._here)

    def count_far(self, stages: Iterable[OpenRoom]) -> bytes:
        """Count who is here in sessions of one other province, to be told there: there they count, and only there."""
        return _encoder.encode({home_of(room.subject)[0]: online for room in stages if (online := room.online)})

    def hear(self, hub: str, data: bytes, now_s: float) -> None:
        """Another hub of this province tells its own. Raises one of `UNREADABLE` for what is no presence."""
        self._others[hub] = (now_s, _counts(data))

    def hear_far(self, province: str, hub: str, data: bytes, now_s: float) -> None:
        """The same of a hub of another province, which goes by the name it gives itself: it speaks for none of ours,
        and takes no place of theirs or of a third province's."""
        told = self._far.setdefault(province, {})
        hub = hub[:FAR_NAME_LIMIT]
        if len(told) < MOST_FAR_HUBS or hub in told:
            told[hub] = (now_s, _counts(data))

    def forget_silent(self, now_s: float) -> None:
        """Hubs not heard of for PRESENCE_S count no more."""
        self._others = _heard_of(self._others, now_s)
        self._far = {province: kept for province, told in self._far.items() if (kept := _heard_of(told, now_s))}

    def online(self, session: SessionId) -> int:
        """Persons in that session in all hubs, latest known."""
        told = (self._others, *self._far.values())
        others = sum(online.get(session, 0) for heard in told for _, online in heard.values())
        return self._here.get(session, 0) + others


def _heard_of(told: Told, now_s: float) -> Told:
    return {hub: one for hub, one in told.items() if now_s - one[0] < PRESENCE_S}


def _counts(data: bytes) -> dict[SessionId, int]:
    told = list(_decoder.decode(data).items())[:MOST_SESSIONS]
    return {session: min(count, MOST_ONLINE) for session, count in told if count > 0}
