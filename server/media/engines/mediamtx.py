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
    Place,
    Playback,
    Sync,
    Target,
    away,
    field,
    fields_of,
    form_of,
    key_in,
)

APP: Final = "live"
PLAYBACK_PORT: Final = 9996
_CALLED: Final = {"unavailable": Event.DONE, "recorded": Event.RECORDED}
_ASKED: Final = {"publish": Event.PUBLISH, "read": Event.PLAY}


class MediaMtx:
    """`control_url`: of its API (`http://127.0.0.1:9997`); its playback server is on the same host."""

    name = "mediamtx"
    takes = True

    def __init__(self, public_url: str, source_url: str, control_url: str, play_url: str = "") -> None:
        self._public_url = public_url
        self._source_url = source_url
        self._control_url = control_url
        self._play_url = play_url

    def publish_target(self, stream: str, secret: str, now_ms: int) -> Target:
        """As for nginx: the secret comes to the hub in `query`."""
        return Target(server=self._public_url, key=f"{stream}?key={secret}")

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

    def place(self, stream: str) -> Place | None:
        """From itself, unless viewers go there too."""
        return None if self._play_url else Place(url=self._source_url, name=stream)

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
