"""SRS as the door for encoders, and, with `play_url`, as the place viewers get the picture from (HLS without dates).

Contracts from its documentation (`http_hooks` of full.conf): JSON with `action`, `client_id`, `ip`, `vhost`, `app`,
`stream`, `param`; HTTP 200 with `{"code":0}` is yes. Not run here: tested against documented payloads
(tests/media/hooks).
"""

from typing import Final
from urllib.parse import quote

from server.media.engines.engine import (
    Answer,
    Ask,
    Event,
    Hook,
    Playback,
    Sync,
    away,
    field,
    fields_of,
    key_in,
)
from server.media.engines.server import APP, MediaServer

_EVENTS: Final = {
    "on_publish": Event.PUBLISH,
    "on_unpublish": Event.DONE,
    "on_play": Event.PLAY,
    "on_dvr": Event.RECORDED,
}


class Srs(MediaServer):
    """`control_url`: of its API (`http://127.0.0.1:1985`)."""

    name = "srs"

    def hook(self, media_type: str, body: bytes) -> Hook:
        """JSON. Raises `BadHook`."""
        values = fields_of(body)
        event = _EVENTS.get(field(values, "action"), Event.OTHER)
        return Hook(
            event=event if field(values, "app") == APP else Event.OTHER,
            stream=field(values, "stream"),
            key=key_in(field(values, "param")),
            client=field(values, "client_id"),
            address=field(values, "ip"),
            file=field(values, "file"),
        )

    def answer(self, allowed: bool) -> Answer:
        """Always 200: the code says it."""
        return Answer(body=b'{"code":0}' if allowed else b'{"code":403}', type="application/json")

    def drop(self, stream: str, client: str) -> Ask | None:
        """Its API."""
        return Ask(method="DELETE", url=f"{self._control_url}/api/v1/clients/{quote(client, safe='')}")

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """Its HLS has no dates."""
        return away(self._play_url, stream, Sync.LATENCY)

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """SRS writes files and tells where (`on_dvr`); it has no request for a time."""
        return None
