"""`/hls/SESSION/…`: the picture for viewers as LL-HLS (RFC 8216bis). Everybody may look; caches may keep it."""

import re
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web

from server.core.model import SessionId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.media.admission import SOUND_KBIT_S, Admission, Asked, Rendition
from server.media.broadcast import Broadcast
from server.media.broadcasts import Broadcasts
from server.media.engines.engine import Playback
from server.media.window import Window
from server.web.asked import asked_number

WAIT_S: Final = 6.0
"""How long a playlist that is asked for in advance may be waited for; then the answer is what there is."""
AHEAD: Final = 2
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
KEEP: Final = "public, max-age=60, immutable"
"""Nothing live is older than half a minute. Short, so that what was cut off is gone from caches soon."""
KEEP_BLOCKED: Final = "public, max-age=8"
ASK_AGAIN: Final = "no-cache"
KEEP_STILL: Final = "public, max-age=4"
OPEN: Final = {
    # Pages of other provinces, and players elsewhere, may show it; it is public and carries no one's data.
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_FILE: Final = re.compile(r"(?P<kind>[ispha])(?P<number>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,3}))?\.(?:mp4|m4s)")


class HlsDoor:
    """Handlers of the two addresses."""

    def __init__(
        self, *, broadcasts: Broadcasts, admission: Admission, away: Callable[[SessionId], Playback | None]
    ) -> None:
        """`away`: where else viewers get a session's picture."""
        self._away = away
        self._broadcasts = broadcasts
        self._admission = admission

    async def playlist(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/index.m3u8`, with `_HLS_msn` and `_HLS_part` for blocking reload and `v`, the player's own
        name, for the cap on what the hub sends out. A picture that an engine serves is there (302)."""
        away = self._away(SessionId(request.match_info["session"]))
        if away is not None:
            return web.Response(status=302, headers={hdrs.LOCATION: away.url, hdrs.CACHE_CONTROL: "no-store", **OPEN})
        broadcast = self._find(request)
        self._admit(request, broadcast, Rendition.PICTURE, broadcast.kbit_s())
        part = asked_number(request, "_HLS_part", digits=12, wants="a number")
        cache = await self._reached(request, broadcast, part)
        return _answer(broadcast.window.playlist(), PLAYLIST_TYPE, cache)

    async def sound_playlist(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/sound.m3u8`: the same without the picture, in whole segments. `not_found` for a picture
        that has no sound."""
        broadcast = self._find(request)
        if not broadcast.window.has_sound:
            raise _missing("sound")
        self._admit(request, broadcast, Rendition.SOUND, SOUND_KBIT_S)
        cache = await self._reached(request, broadcast, None)
        return _answer(broadcast.window.sound_playlist(), PLAYLIST_TYPE, cache)

    async def still(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/still.jpg`: how the picture looks, made anew every five seconds; nothing (204) where there
        is none. Rehearsals have none: whoever is not invited sees nothing of them."""
        session = SessionId(request.match_info["session"])
        broadcast = None if is_rehearsal(session) else self._broadcasts.find(session)
        if broadcast is None or not broadcast.looks.still:
            return web.Response(status=204, headers={hdrs.CACHE_CONTROL: KEEP_STILL})
        return _answer(broadcast.looks.still, "image/jpeg", KEEP_STILL)

    def _admit(self, request: web.Request, broadcast: Broadcast, rendition: Rendition, kbit_s: int) -> None:
        player = request.query.get("v", "")[:32]
        if not self._admission.admit(Asked(broadcast.session, player, rendition, kbit_s)):
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=30_000)

    async def _reached(self, request: web.Request, broadcast: Broadcast, part: int | None) -> str:
        """Wait for what is asked for in advance; for how long the answer may be kept."""
        number = asked_number(request, "_HLS_msn", digits=12, wants="a number")
        window = broadcast.window
        if number is None:
            if not window.segments:
                await broadcast.until(0, None, WAIT_S)
            return ASK_AGAIN
        last = window.segments[-1].number if window.segments else number
        if number > last + AHEAD:
            raise Refusal(Code.BAD_MESSAGE, detail="_HLS_msn is too far ahead")
        return KEEP_BLOCKED if await broadcast.until(number, part, WAIT_S) else ASK_AGAIN

    async def file(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/TAKE/FILE`: a header (`i`), a part (`p`) or a segment (`s`), and of the sound alone a
        header (`h`) or a segment (`a`). The part that comes next is waited for."""
        broadcast = self._find(request)
        found = _FILE.fullmatch(request.match_info["file"])
        if found is None or request.match_info["take"] != broadcast.window.take:
            raise _missing()
        number = int(found["number"])
        part = None if found["part"] is None else int(found["part"])
        if (found["kind"] == "p") != (part is not None):
            raise _missing()
        if part is not None:
            body = await _part(broadcast, number, part)
        else:
            body = _whole(broadcast.window, found["kind"], number)
        if not body:
            raise _missing()
        return _answer(body, "video/mp4", KEEP)

    def _find(self, request: web.Request) -> Broadcast:
        broadcast = self._broadcasts.find(SessionId(request.match_info["session"]))
        if broadcast is None:
            raise _missing()
        return broadcast


async def _part(broadcast: Broadcast, number: int, part: int) -> bytes | None:
    window = broadcast.window
    if window.segments and number <= window.segments[-1].number + 1:
        await broadcast.until(number, part, WAIT_S)
    return window.part(number, part)


def _whole(window: Window, kind: str, number: int) -> bytes | None:
    if kind == "s":
        return window.segment(number)
    if kind == "a":
        return window.sound(number)
    generation = window.generation(number)
    if generation is None:
        return None
    return generation.sound if kind == "h" else generation.header


def _missing(what: str = "picture") -> Refusal:
    return Refusal(Code.NOT_FOUND, what=what)


def _answer(body: bytes, media_type: str, cache: str) -> web.Response:
    return web.Response(
        body=body,
        content_type=media_type,
        headers={
            hdrs.CACHE_CONTROL: cache,
            **OPEN,
        },
    )
