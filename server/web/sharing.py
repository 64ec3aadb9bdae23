"""QR codes of our own pages, with the code of who shows them."""

import re
from typing import Final

import msgspec
from aiohttp import web

from server.core.qr import qr_modules, qr_svg
from server.core.refusal import Code, Refusal
from server.web.answers import bytes_answer, encode_json
from server.web.finding import read_source
from server.web.fresh import FreshByName
from server.web.origin import Callers
from server.web.rationing import Rations

KEPT: Final = 256
KEPT_FOR_S: Final = 24 * 3600.0
CODES_PER_S: Final = 5.0
CODES_BURST: Final = 60
"""For one address: a code takes 5 ms to make."""
CACHE: Final = "public, max-age=86400"

_STEP: Final = r"[A-Za-z0-9_.~%-]{1,96}"
_OURS: Final = re.compile(rf"/|/room/{_STEP}|/position/{_STEP}|/{_STEP}/[0-9]{{1,9}}")


class Modules(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/qr?as=modules`: what the code says, and its rows of 0 and 1 without the quiet zone."""

    address: str
    rows: tuple[str, ...]


class ShareDoor:
    """The handler of `GET /api/qr?to=/room/S01&from=CODE`: an SVG, or with `as=modules` JSON. `to` is a page of ours
    that seekers may open: no code leads anywhere else."""

    def __init__(self, *, origin: str, callers: Callers, rations: Rations) -> None:
        self._origin = origin
        self._callers = callers
        self._codes = rations.of_address(CODES_PER_S, CODES_BURST)
        self._kept = FreshByName(KEPT_FOR_S, KEPT, rations.clock_s)

    async def qr(self, request: web.Request) -> web.Response:
        """Raises `Refusal`: BAD_MESSAGE for a page that is none of ours, TOO_MANY."""
        to, source = request.query.get("to", ""), read_source(request.query)
        if not _OURS.fullmatch(to):
            raise Refusal(Code.BAD_MESSAGE, detail="to")
        self._codes.take(self._callers.address(request))
        address = f"{self._origin}{to}" + (f"?from={source}" if source else "")
        if request.query.get("as") == "modules":
            return bytes_answer((await self._kept.get(f"m {address}", lambda: _modules(address))).encode(), cache=CACHE)
        svg = await self._kept.get(f"s {address}", lambda: _svg(address))
        return web.Response(text=svg, content_type="image/svg+xml", headers={"Cache-Control": CACHE})


async def _modules(address: str) -> str:
    return encode_json(Modules(address=address, rows=tuple(qr_modules(address)))).decode()


async def _svg(address: str) -> str:
    return qr_svg(address)
