"""`/replay/SESSION/clip-MOMENT.mp4`: the explanation of a position (看讲解) as a file to keep."""

import re
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from server.apart.clips import Clip, Clips
from server.core.model import SessionId
from server.core.refusal import Code, Refusal
from server.media import recordings
from server.web.hls import OPEN
from server.web.replays import PREROLL_MS, Explained, Replays

KEEP: Final = "public, max-age=60"
_NOT_IN_NAMES: Final = re.compile(r"[^\w（）()+.-]+")


class ClipDoor:
    """Only what is a chapter of a replay can be had: nobody makes us cut at every second."""

    def __init__(self, *, replays: Replays, clips: Clips) -> None:
        self._replays = replays
        self._clips = clips

    async def get(self, request: web.Request) -> web.StreamResponse:
        """The file of the chapter that began at that moment; of several generations the longest stretch, which one
        header can describe. Raises `Refusal`."""
        session = SessionId(request.match_info["session"])
        moment = int(request.match_info["moment"])
        about = await self._replays.about(session)
        chapter = next((one for one in about.chapters if one.from_ms == moment), None)
        if chapter is None:
            raise Refusal(Code.NOT_FOUND, what="recording")
        films = await self._replays.films(session)
        film = recordings.longest(recordings.between(films, chapter.from_ms - PREROLL_MS, chapter.to_ms))
        if film is None:
            raise Refusal(Code.NOT_FOUND, what="recording")
        last = film.pieces[-1]
        name = f"{chapter.from_ms}-{chapter.to_ms}-{last.at_ms}"
        path = await self._clips.file(Clip(session=session, name=name, film=film))
        return web.FileResponse(
            path,
            headers={
                hdrs.CACHE_CONTROL: KEEP,
                **OPEN,
                hdrs.CONTENT_TYPE: "video/mp4",
                hdrs.CONTENT_DISPOSITION: f"attachment; filename=clip.mp4; filename*=UTF-8''{quote(spoken(chapter))}",
            },
        )


def spoken(chapter: Explained) -> str:
    """The name of the file, as the host says it: 12号-叉车工-讲解.mp4."""
    title = _NOT_IN_NAMES.sub("-", chapter.title).strip("-")[:40]
    return f"{chapter.number}号-{title}-讲解.mp4"
