"""The addresses of encoders and platforms, together."""

from aiohttp import web

from server.web.engine_door import PATH, EngineDoor
from server.web.restream_door import RestreamDoor
from server.web.streaming_door import StreamingDoor
from server.web.streams_door import StreamsDoor

STREAMING = "/api/sessions/{session}/streaming"
RESTREAM = "/api/sessions/{session}/restream"
SLOT = RESTREAM + "/{slot:[1-3]}"


class EncoderDoors:
    """Four doors and the way to them."""

    def __init__(
        self, *, engine: EngineDoor, streaming: StreamingDoor, streams: StreamsDoor, restream: RestreamDoor
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._streams = streams
        self._restream = restream

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Make them answer."""
        router.add_post(PATH, self._engine.post)
        router.add_get("/api/streaming", self._streams.get)
        router.add_get(STREAMING, self._streaming.get)
        router.add_post(f"{STREAMING}/key", self._streaming.make_key)
        router.add_post(f"{STREAMING}/revoke", self._streaming.revoke)
        router.add_post(f"{STREAMING}/take_over", self._streaming.take_over)
        router.add_get(RESTREAM, self._restream.get)
        router.add_post(SLOT, self._restream.put)
        router.add_post(f"{SLOT}/run", self._restream.run)
        router.add_post(f"{SLOT}/drop", self._restream.drop)
