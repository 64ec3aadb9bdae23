"""MediaMTX as the door for encoders, and, with `play_url`, as the place viewers get the picture from (LL-HLS with
dates).

Contracts from its documentation and source (1.x): `authMethod: http` posts `{user, password, token, ip, action, path,
protocol, id, query}` and takes any 20x for yes; `runOnUnavailable` and `runOnRecordSegmentComplete` run a command, here
`curl -d` to the same address. Not run here: tested against documented payloads (tests/media/hooks).
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from server.media.engines.engine import (
    FORM,
    Answer,
    Ask,
    Event,
    Hook,
    Playback,
    Sync,
    away,
    field,
    fields_of,
    form_of,
    key_in,
)
from server.media.engines.server import APP, MediaServer

PLAYBACK_PORT: Final = 9996
_CALLED: Final = {"unavailable": Event.DONE, "recorded": Event.RECORDED}
_ASKED: Final = {"publish": Event.PUBLISH, "read": Event.PLAY}


class MediaMtx(MediaServer):
    """`control_url`: of its API (`http://127.0.0.1:9997`); its playback server is on the same host."""

    name = "mediamtx"

    def hook(self, media_type: str, body: bytes) -> Hook:
        """JSON that asks, or the form of a command that tells. Raises `BadHook`."""
        if media_type == FORM:
            values = form_of(body)
            event = _CALLED.get(field(values, "event"), Event.OTHER)
        else:
            values = fields_of(body)
            event = _ASKED.get(field(values, "action"), Event.OTHER)
        app, _, stream = field(values, "path").rpartition("/")
        return Hook(
            event=event if app == APP else Event.OTHER,
            stream=stream,
            key=key_in(field(values, "query")),
            client=field(values, "id"),
            address=field(values, "ip"),
            file=field(values, "file"),
        )

    def answer(self, allowed: bool) -> Answer:
        """By its status."""
        return Answer(status=200 if allowed else 403)

    def drop(self, stream: str, client: str) -> Ask | None:
        """Its API."""
        return Ask(method="POST", url=f"{self._control_url}/v3/rtmpconns/kick/{quote(client, safe='')}")

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """Its HLS carries dates: cards stay in step."""
        return away(self._play_url, stream, Sync.DATES)

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """One MP4 of that time, from its playback server."""
        asked = {
            "path": f"{APP}/{stream}",
            "start": datetime.fromtimestamp(from_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "duration": f"{(to_ms - from_ms) / 1000:.3f}",
            "format": "mp4",
        }
        host = urlsplit(self._control_url).hostname or "127.0.0.1"
        return Ask(method="GET", url=f"http://{host}:{PLAYBACK_PORT}/get?{urlencode(asked)}")
