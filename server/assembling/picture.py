"""What a hub has for live pictures: the broadcasts, who may watch, and the doors of both."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from server.actions.cameras import Cameras
from server.actions.duty import session_for
from server.actions.restreaming import Restreaming
from server.actions.session_life import require_picture
from server.actions.streaming import Streaming
from server.apart.clips import Clips
from server.assembling.start import WorkerPlace
from server.config import Config
from server.core.model import Principal, SessionId
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.jobs.clearing import ClearingJob
from server.media.admission import Admission
from server.media.archive import GIB, Bounds
from server.media.broadcasts import Broadcasts
from server.media.engines.choosing import engine_of, networks
from server.media.engines.engine import Ask
from server.media.engines.inlets import Inlets, Known
from server.media.outlet import Where
from server.media.outlets import Outlets, Sides
from server.media.uplink import SharedUplink
from server.opening import clips_of, recordings_of
from server.outside.control import Control
from server.secrets_file import Secrets
from server.store.retention import DAY_MS
from server.store.store import Store
from server.web.clip_door import ClipDoor
from server.web.encoder_doors import EncoderDoors
from server.web.engine_door import EngineDoor
from server.web.hls import HlsDoor
from server.web.live_door import LiveDoor
from server.web.media_door import MediaDoor
from server.web.passing import Passing
from server.web.picture_right import PictureRights
from server.web.recordings_door import RecordingsDoor
from server.web.replay import ReplayDoor
from server.web.replays import Replays
from server.web.restream_door import RestreamDoor
from server.web.streaming_door import StreamingDoor
from server.web.streams_door import StreamsDoor


class Picture:
    """The picture's part of an assembly. `start` it and `close` it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        tree: RegionTree,
        origin: str,
        clock_ms: Callable[[], int],
        cdn_keys: str = "",
        worker: WorkerPlace | None = None,
    ) -> None:
        """`origin`: the public address of the house; `worker`: of those who share its uplink. Raises `ConfigError`."""
        self._store = store
        self._tree = tree
        self._kept_days = config.retention.session_days
        self._clock_ms = clock_ms
        self.cameras = Cameras(store, clock_ms)
        self._recordings = recordings_of(config)
        uplink = SharedUplink(Path(worker.directory), worker.number, worker.count) if worker else None
        self._admission = Admission(config.limits.video_egress_mbps * 1000, time.monotonic, uplink)
        self.broadcasts = Broadcasts(
            clock_ms=clock_ms,
            check=partial(require_picture, store),
            watching=self._admission.watching,
            recordings=self._recordings,
            bounds=Bounds(
                low_water_bytes=round(config.recording.low_water_gb * GIB),
                room_bytes=round(config.recording.room_gb * GIB),
            ),
            converted=config.video.converted_rooms,
        )
        self.clips = Clips(self._recordings, clips_of(config))
        self._replays = Replays(store=store, root=self._recordings)
        self._video = config.video
        self.control = Control()
        self.streaming = Streaming(store, tree)
        self.inlets = Inlets(
            engine=engine_of(config.video, origin, cdn_keys),
            broadcasts=self.broadcasts,
            find=self._find,
            digest=store.keyring.stream_key_digest,
            ask=self._ask,
            clock_ms=clock_ms,
        )
        self.restreaming = Restreaming(store, networks(config.video.private_targets))
        self.outlets = Outlets(
            broadcasts=self.broadcasts, wanted=self._wanted, private=tuple(config.video.private_targets)
        )

    async def _wanted(self, sessions: Sequence[SessionId]) -> list[Where]:
        found = await self.restreaming.wanted(sessions)
        return [Where(session=one.session, slot=one.slot, url=one.url, key=one.key) for one in found]

    async def _find(self, stream: str) -> Known | None:
        found = await self.streaming.find(stream)
        return None if found is None else Known(found[1], found[0].digest)

    async def _ask(self, ask: Ask) -> None:
        await self.control.ask(ask.method, ask.url, ask.body)

    async def close(self) -> None:
        """Everything that fetches or packs has ended when it returns."""
        await self.clips.close()
        await self.outlets.close()
        await self.inlets.close()
        await self.broadcasts.close()
        await self.control.close()

    def start(self) -> None:
        """Look after pictures and encoders until `close`."""
        self.broadcasts.start()
        self.inlets.start()
        self.outlets.start()

    def states(self) -> dict[SessionId, str]:
        """What viewers are told, for every session with a picture."""
        return {**self.inlets.states(), **self.broadcasts.states()}

    def play_origins(self) -> frozenset[str]:
        """Where else than here pages fetch pictures."""
        parts = urlsplit(self._video.play_url)
        return frozenset({f"{parts.scheme}://{parts.netloc}"} if parts.netloc else ())

    @property
    def sides(self) -> Sides:
        """For the metrics."""
        return Sides(self.inlets, self.outlets)

    def encoder_doors(self, hub: Hub, secrets: Secrets, passing: Passing | None) -> EncoderDoors:
        """Where a media engine asks, and where hosts look after their encoder and the platforms."""
        return EncoderDoors(
            engine=EngineDoor(
                inlets=self.inlets,
                secret=secrets.hook_secret(),
                networks=networks(self._video.hooks_from),
                passing=passing,
            ),
            streaming=StreamingDoor(hub=hub, streaming=self.streaming, inlets=self.inlets, broadcasts=self.broadcasts),
            streams=StreamsDoor(
                hub=hub,
                store=self._store,
                tree=self._tree,
                inlets=self.inlets,
                broadcasts=self.broadcasts,
                passing=passing,
            ),
            restream=RestreamDoor(
                hub=hub, streaming=self.streaming, restreaming=self.restreaming, outlets=self.outlets
            ),
        )

    def media_door(self, hub: Hub) -> MediaDoor:
        """Where hosts send their picture."""
        rights = PictureRights(hub.verify, self.cameras.require, hub.voided)
        return MediaDoor(broadcasts=self.broadcasts, rights=rights, clock_ms=self._clock_ms)

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
        return HlsDoor(broadcasts=self.broadcasts, admission=self._admission, away=self.inlets.playback)

    def replay_door(self) -> ReplayDoor:
        """Where it is seen again."""
        return ReplayDoor(store=self._store, replays=self._replays)

    def clip_door(self) -> ClipDoor:
        """Where explanations are had as files."""
        return ClipDoor(replays=self._replays, clips=self.clips)

    def recordings_door(self, hub: Hub, tree: RegionTree) -> RecordingsDoor:
        """Where operators look after recordings."""
        return RecordingsDoor(
            hub=hub, store=self._store, tree=tree, replays=self._replays, clips=self.clips, kept_days=self._kept_days
        )

    def clearing(self) -> ClearingJob:
        """What deletes recordings."""
        kept_ms = self._kept_days * DAY_MS
        return ClearingJob(self._store, self._recordings, kept_ms, self._clock_ms, self.clips.forget)
