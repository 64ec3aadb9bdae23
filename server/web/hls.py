"""`/hls/SESSION/…`: the picture for viewers as LL-HLS (RFC 8216bis). Everybody may look; caches may keep it."""

import re
from typing import Final

from aiohttp import hdrs, web

from server.core.model import SessionId
from server.core.refusal import Code, Refusal
from server.media.admission import Admission
from server.media.broadcast import Broadcast
from server.media.broadcasts import Broadcasts
from server.web.asked import asked_number

WAIT_S: Final = 6.0
"""How long a playlist that is asked for in advance may be waited for; then the answer is what there is."""
AHEAD: Final = 2
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
KEEP: Final = "public, max-age=60, immutable"
"""Nothing live is older than half a minute. Short, so that what was cut off is gone from caches soon."""
KEEP_BLOCKED: Final = "public, max-age=8"
ASK_AGAIN: Final = "no-cache"
_FILE: Final = re.compile(r"(?P<kind>[isp])(?P<number>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,3}))?\.(?:mp4|m4s)")


class HlsDoor:
    """Handlers of the two addresses."""

    def __init__(self, *, broadcasts: Broadcasts, admission: Admission) -> None:
        self._broadcasts = broadcasts
        self._admission = admission

    async def playlist(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/index.m3u8`, with `_HLS_msn` and `_HLS_part` for blocking reload and `v`, the player's own
        name, for the cap on what the hub sends out."""
        broadcast = self._find(request)
        if not self._admission.admit(broadcast.session, request.query.get("v", "")[:32], broadcast.kbit_s()):
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=30_000)
        number, part = (asked_number(request, name, digits=12, wants="a number") for name in ("_HLS_msn", "_HLS_part"))
        cache = ASK_AGAIN
        if number is not None:
            last = broadcast.window.segments[-1].number if broadcast.window.segments else number
            if number > last + AHEAD:
                raise Refusal(Code.BAD_MESSAGE, detail="_HLS_msn is too far ahead")
            if await broadcast.until(number, part, WAIT_S):
                cache = KEEP_BLOCKED
        elif not broadcast.window.segments:
            await broadcast.until(0, None, WAIT_S)
        return _answer(broadcast.window.playlist(), PLAYLIST_TYPE, cache)

    async def file(self, request: web.Request) -> web.Response:
        """`GET /hls/SESSION/TAKE/FILE`: a header, a part or a segment. The part that comes next is waited for."""
        broadcast = self._find(request)
        window = broadcast.window
        found = _FILE.fullmatch(request.match_info["file"])
        if found is None or request.match_info["take"] != window.take:
            raise _missing()
        number = int(found["number"])
        body: bytes | None
        part = None if found["part"] is None else int(found["part"])
        if (found["kind"] == "p") != (part is not None):
            raise _missing()
        if part is not None:
            if window.segments and number <= window.segments[-1].number + 1:
                await broadcast.until(number, part, WAIT_S)
            body = window.part(number, part)
        elif found["kind"] == "s":
            body = window.segment(number)
        else:
            body = window.header(number)
        if body is None:
            raise _missing()
        return _answer(body, "video/mp4", KEEP)

    def _find(self, request: web.Request) -> Broadcast:
        broadcast = self._broadcasts.find(SessionId(request.match_info["session"]))
        if broadcast is None:
            raise _missing()
        return broadcast


def _missing() -> Refusal:
    return Refusal(Code.NOT_FOUND, what="picture")


def _answer(body: bytes, media_type: str, cache: str) -> web.Response:
    return web.Response(
        body=body,
        content_type=media_type,
        headers={
            hdrs.CACHE_CONTROL: cache,
            # Pages of other provinces, and players elsewhere, may show it; it is public and carries no one's data.
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )
