"""A CDN that takes the encoder's stream at a signed address and serves viewers at another: Tencent's txSecret or
Alibaba's auth_key (type A).

The signatures are tested against vectors of their documentation. Nothing of a CDN was run here. What a CDN cannot do
for the hub, its adapter says: it has no way to cut an encoder off (its own console has), and no dates in its HLS.
"""

import hashlib
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from server.media.engines.engine import (
    Answer,
    Ask,
    BadHook,
    Event,
    Hook,
    Place,
    Playback,
    Sync,
    Target,
    field,
    fields_of,
)

PUSH_VALID_S: Final = 24 * 3600
"""An encoder that was cut off may come back for so long without a new key."""
PLAY_VALID_S: Final = 12 * 3600
_EVENTS: Final = {"1": Event.PUBLISH, "0": Event.DONE, "100": Event.RECORDED}


class CdnKeys(msgspec.Struct, frozen=True, kw_only=True):
    """`style`: tencent or aliyun; the keys of the domains that are pushed to and played from. Never printed."""

    style: str
    push: str
    play: str

    def __repr__(self) -> str:
        return "CdnKeys(…)"


def tencent(key: str, path: str, until_s: int) -> str:
    """txSecret = md5(key + StreamName + txTime), txTime in hexadecimal; the name without its ending."""
    stream = path.rpartition("/")[2].partition(".")[0]
    time = f"{until_s:X}"
    return f"txSecret={_md5(key + stream + time)}&txTime={time}"


def aliyun(key: str, path: str, until_s: int) -> str:
    """auth_key = time-rand-uid-md5(path-time-rand-uid-key), rand and uid being 0."""
    return f"auth_key={until_s}-0-0-{_md5(f'{path}-{until_s}-0-0-{key}')}"


STYLES: Final[dict[str, Callable[[str, str, int], str]]] = {"tencent": tencent, "aliyun": aliyun}


class Cdn:
    """`public_url`: rtmp://PUSH-DOMAIN/APP; `play_url`: https://PLAY-DOMAIN/APP/{stream}.m3u8."""

    name = "cdn"
    takes = True

    def __init__(self, public_url: str, play_url: str, keys: CdnKeys) -> None:
        self._public_url = public_url
        self._play_url = play_url
        self._keys = keys
        self._sign = STYLES[keys.style]

    def publish_target(self, stream: str, secret: str, now_ms: int) -> Target:
        """Signed for a day; the hub's own secret goes with it, for the callback."""
        path = f"{urlsplit(self._public_url).path}/{stream}"
        signed = self._sign(self._keys.push, path, now_ms // 1000 + PUSH_VALID_S)
        return Target(server=self._public_url, key=f"{stream}?{signed}&key={secret}")

    def hook(self, media_type: str, body: bytes) -> Hook:
        """Tencent's callback (event_type 1: began, 0: ended, 100: recorded). Raises `BadHook`."""
        values = fields_of(body)
        event = _EVENTS.get(field(values, "event_type"))
        if event is None:
            raise BadHook("event_type")
        param = field(values, "stream_param").replace("&amp;", "&")
        key = next((each[4:] for each in param.removeprefix("?").split("&") if each.startswith("key=")), "")
        return Hook(
            event=event,
            stream=field(values, "stream_id"),
            key=key,
            # Its sequence is the same from the beginning of a push to its end.
            client=field(values, "sequence"),
            address=field(values, "user_ip"),
            file=field(values, "video_url"),
        )

    def answer(self, allowed: bool) -> Answer:
        """It is told, not asked: whatever is answered, the stream goes on."""
        return Answer(body=b'{"code":0}', type="application/json")

    def place(self, stream: str) -> Place | None:
        """The hub fetches nothing."""
        return None

    def drop(self, stream: str, client: str) -> Ask | None:
        """Not from here."""
        return None

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """Signed for half a day."""
        url = self._play_url.replace("{stream}", stream)
        signed = self._sign(self._keys.play, urlsplit(url).path, now_ms // 1000 + PLAY_VALID_S)
        return Playback(kind="hls", url=f"{url}{'&' if '?' in url else '?'}{signed}", sync=Sync.LATENCY)

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """In the CDN's own storage."""
        return None


def _md5(text: str) -> str:
    # The CDNs' own choice; nothing of the house's is signed by it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
