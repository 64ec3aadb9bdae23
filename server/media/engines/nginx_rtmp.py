"""nginx with libnginx-mod-rtmp as the door for encoders; the hub fetches the stream and packs it itself.

Its hooks are forms: `call` with `app`, `name`, `addr`, `clientid`, and whatever stood behind the `?` of the stream key.
2xx is yes, everything else ends the connection. Run with nginx 1.22 and nginx-rtmp 1.2.2 (tests/faults/test_rtmp.py).
"""

from typing import Final
from urllib.parse import urlencode

from server.media.engines.engine import (
    FORM,
    Answer,
    Ask,
    BadHook,
    Event,
    Hook,
    Playback,
    Sync,
    away,
    field,
    form_of,
)
from server.media.engines.server import APP, MediaServer

_EVENTS: Final = {
    "publish": Event.PUBLISH,
    "update_publish": Event.STILL,
    "publish_done": Event.DONE,
    "play": Event.PLAY,
    "update_play": Event.PLAY,
    "record_done": Event.RECORDED,
}


class NginxRtmp(MediaServer):
    """`control_url`: of its `rtmp_control`; `play_url`: of its plain HLS."""

    name = "nginx_rtmp"

    def hook(self, media_type: str, body: bytes) -> Hook:
        """A form. Raises `BadHook`."""
        if media_type != FORM:
            raise BadHook("no form")
        # What the module writes comes first; an encoder's own arguments follow and may repeat its names.
        values = form_of(body)
        if field(values, "app") != APP:
            raise BadHook("app")
        return Hook(
            event=_EVENTS.get(field(values, "call"), Event.OTHER),
            stream=field(values, "name"),
            key=field(values, "key"),
            client=field(values, "clientid"),
            address=field(values, "addr"),
            file=field(values, "path"),
        )

    def answer(self, allowed: bool) -> Answer:
        """By its status."""
        return Answer(status=200 if allowed else 403)

    def drop(self, stream: str, client: str) -> Ask | None:
        """Its control door."""
        asked = {"app": APP, "name": stream, **({"clientid": client} if client.isdigit() else {})}
        return Ask(method="GET", url=f"{self._control_url}/drop/publisher?{urlencode(asked)}")

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """From the hub, which packs it; or its own HLS, which has no dates."""
        return away(self._play_url, stream, Sync.LATENCY)

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """The hub's own."""
        return None
