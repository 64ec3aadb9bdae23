"""What crawlers ask for: which addresses are for them, and a map of them all."""

from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from aiohttp import hdrs, web

from server.store import catalogue_queries
from server.web.fresh import FreshByName
from server.web.plain.pages import Makings

MAP_PART: Final = 1_000
"""Addresses in one part: it is made in 2 ms, and the sitemap protocol allows 50,000."""
FRESH_S: Final = 600.0
XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Crawlers:
    """Handlers of `/robots.txt` and of the sitemap."""

    def __init__(self, makings: Makings) -> None:
        self._with = makings
        self._fresh = FreshByName(FRESH_S, 128, lambda: makings.hub.clock_ms() / 1000)

    async def robots(self, _request: web.Request) -> web.Response:
        """`/robots.txt`: halls and positions are to be found, work pages and answers are not."""
        closed = ("/api/", "/host", "/desk", "/screen", "/join", "/camera", "/print/", "/ws")
        lines = [
            "User-agent: *",
            *(f"Disallow: {path}" for path in closed),
            f"Sitemap: {self._with.origin}/sitemap.xml",
        ]
        return web.Response(text="\n".join(lines) + "\n", headers={hdrs.CACHE_CONTROL: "public, max-age=3600"})

    async def sitemap(self, _request: web.Request) -> web.Response:
        """`/sitemap.xml`: the index of the parts."""
        return _xml(await self._fresh.get("index", self._index))

    async def sitemap_part(self, request: web.Request) -> web.Response:
        """`/sitemap-halls.xml`, `/sitemap-0.xml` …"""
        part = request.match_info["part"]
        if part == "halls":
            return _xml(await self._fresh.get(part, self._halls))
        if not part.isascii() or not part.isdigit() or int(part) >= self._parts():
            raise web.HTTPNotFound
        return _xml(await self._fresh.get(part, lambda: self._positions(int(part))))

    def _parts(self) -> int:
        return -(-self._with.hub.finder.size // MAP_PART)

    async def _index(self) -> str:
        names = ["halls", *map(str, range(self._parts()))]
        places = "".join(f"<sitemap><loc>{self._with.origin}/sitemap-{name}.xml</loc></sitemap>\n" for name in names)
        return f'{XML}<sitemapindex xmlns="{SCHEMA}">\n{places}</sitemapindex>\n'

    async def _halls(self) -> str:
        sessions = await self._with.store.read(catalogue_queries.sessions)
        return self._urls(["/", *(f"/room/{quote(session.id, safe='')}" for session in sessions)])

    async def _positions(self, part: int) -> str:
        ids = self._with.hub.finder.ids(part * MAP_PART, MAP_PART)
        return self._urls([f"/position/{quote(id, safe='')}" for id in ids])

    def _urls(self, paths: list[str]) -> str:
        urls = "".join(f"<url><loc>{escape(self._with.origin + path)}</loc></url>\n" for path in paths)
        return f'{XML}<urlset xmlns="{SCHEMA}">\n{urls}</urlset>\n'


def _xml(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/xml", headers={hdrs.CACHE_CONTROL: "public, max-age=600"})
