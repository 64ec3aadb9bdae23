"""`GET /api/provinces`: the other provinces and how many halls each has; `GET /api/provinces/CODE`: those halls."""

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from server.core.refusal import Code, Refusal
from server.hub.far_halls import FarHall
from server.hub.hub import Hub
from server.web.answers import encode_json
from server.web.doors import FarProvince
from server.web.fresh import Fresh
from server.web.static import file_answer

FRESH_S: Final = 5.0


class ProvinceView(msgspec.Struct, frozen=True, kw_only=True):
    """One of them. `reachable`: its numbers are of now; otherwise of `known_at_ms`, and 0 there means of nothing."""

    code: str
    title: str
    reachable: bool
    known_at_ms: int
    halls: int
    live: int
    online: int


class ProvincesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/provinces`."""

    provinces: tuple[ProvinceView, ...]


class HallsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/provinces/CODE`."""

    province: ProvinceView
    halls: tuple[FarHall, ...]


class FarDoor:
    """The same answers for everybody, each at most FRESH_S old."""

    def __init__(self, hub: Hub, provinces: tuple[FarProvince, ...]) -> None:
        self._hub = hub
        self._provinces = {one.code: one for one in provinces}
        self._all = Fresh(self._make_all, FRESH_S, self._clock_s)
        self._each = {code: self._one_of(code) for code in self._provinces}

    async def all(self, request: web.Request) -> web.StreamResponse:
        """`GET /api/provinces`."""
        return file_answer(request, await self._all.get(), "no-cache")

    async def one(self, request: web.Request) -> web.StreamResponse:
        """`GET /api/provinces/CODE`. Raises `Refusal(NOT_FOUND)`."""
        kept = self._each.get(request.match_info["province"])
        if kept is None:
            raise Refusal(Code.NOT_FOUND, what="province", id=request.match_info["province"][:20])
        return file_answer(request, await kept.get(), "no-cache")

    def _one_of(self, code: str) -> Fresh:
        return Fresh(lambda: self._make_one(code), FRESH_S, self._clock_s)

    async def _make_all(self) -> bytes:
        views = await asyncio.gather(*(self._look(code) for code in self._provinces))
        return encode_json(ProvincesAnswer(provinces=tuple(view for view, _ in views)))

    async def _make_one(self, code: str) -> bytes:
        view, halls = await self._look(code)
        return encode_json(HallsAnswer(province=view, halls=halls))

    async def _look(self, code: str) -> tuple[ProvinceView, tuple[FarHall, ...]]:
        known = await self._hub.far_halls.look(code)
        view = ProvinceView(
            code=code,
            title=self._provinces[code].title,
            reachable=known.reachable,
            known_at_ms=known.at_ms,
            halls=len(known.halls),
            live=known.live,
            online=known.online,
        )
        return view, known.halls

    def _clock_s(self) -> float:
        return self._hub.clock_ms() / 1000
