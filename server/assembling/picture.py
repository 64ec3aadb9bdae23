"""What a hub has for live pictures: the broadcasts, who may watch, and the doors of both."""

import time
from collections.abc import Callable
from functools import partial

from server.actions.duty import session_for
from server.actions.session_life import require_picture
from server.config import Config
from server.core.model import Principal
from server.core.regions import RegionTree
from server.media.admission import Admission
from server.media.broadcasts import Broadcasts
from server.opening import recordings_of
from server.store.store import Store
from server.web.hls import HlsDoor
from server.web.live_door import LiveDoor
from server.web.media_door import MediaDoor
from server.web.replay import ReplayDoor


class Picture:
    """The picture's part of an assembly. Nothing here opens or closes."""

    def __init__(self, config: Config, store: Store, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._recordings = recordings_of(config)
        self._admission = Admission(config.limits.video_egress_mbps * 1000, time.monotonic)
        self.broadcasts = Broadcasts(
            clock_ms=clock_ms,
            check=partial(require_picture, store),
            watching=self._admission.watching,
            recordings=self._recordings,
        )

    def media_door(self, verify: Callable[[str], Principal]) -> MediaDoor:
        """Where hosts send their picture."""
        return MediaDoor(broadcasts=self.broadcasts, verify=verify, clock_ms=self._clock_ms)

    def live_door(self, verify: Callable[[str], Principal], tree: RegionTree) -> LiveDoor:
        """Where hosts and operators see it without delay."""
        return LiveDoor(
            broadcasts=self.broadcasts,
            verify=verify,
            allowed=partial(session_for, self._store, tree),
            clock_ms=self._clock_ms,
        )

    def hls_door(self) -> HlsDoor:
        """Where viewers get it."""
        return HlsDoor(broadcasts=self.broadcasts, admission=self._admission)

    def replay_door(self) -> ReplayDoor:
        """Where it is seen again."""
        return ReplayDoor(store=self._store, root=self._recordings)
