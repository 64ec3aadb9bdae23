"""Sheets of paper: `/print/room/SESSION` and `/print/position/ID`, A4, to hang up at the door of a hall or a works.

A page without scripts that prints as it looks. The QR code carries the source code of `?from=`, else one of its own, so
that who came by paper is counted apart.
"""

from urllib.parse import quote, urlencode

from aiohttp import web

from server.core.limits import SOURCE_LIMIT
from server.core.model import PositionId, SessionId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.web.answers import STATUS
from server.web.finding import read_source
from server.web.pages import not_found_page
from server.web.plain.markup import Markup, el, join
from server.web.plain.pages import Makings, offer_of
from server.web.plain.pieces import chip_line, pay
from server.web.reading import read_session


class Printing:
    """Handlers."""

    def __init__(self, makings: Makings) -> None:
        self._with = makings

    async def room(self, request: web.Request) -> web.StreamResponse:
        """`/print/room/SESSION`."""
        session = SessionId(request.match_info["session"])
        try:
            if is_rehearsal(session):
                raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])
            found, _ = await self._with.store.read(read_session, session)
        except Refusal as refusal:
            return self._sorry(refusal)
        head = join((el("h1", found.venue_name or found.title), el("p", found.title)))
        path = f"/room/{quote(session, safe='')}"
        return await self._sheet(request, found.title, head, path, f"paper-{session}")

    async def position(self, request: web.Request) -> web.StreamResponse:
        """`/print/position/ID`."""
        position = PositionId(request.match_info["position"])
        try:
            offer = offer_of(await self._with.finding.shown(position))
        except Refusal as refusal:
            return self._sorry(refusal)
        t, one = self._with.words, offer.position
        head = join(
            (
                el("h1", one.title),
                el("p", one.enterprise_name),
                pay(t, one),
                el("p", one.place or t("fact.missing")),
                chip_line(one),
                el("p", t("card.openings", n=one.openings)),
            )
        )
        path = f"/position/{quote(position, safe='')}"
        if offer.spot is not None and offer.number:
            path = f"/{quote(offer.spot.venue, safe='')}/{offer.number}"
        return await self._sheet(request, one.title, head, path, f"paper-{position}")

    async def _sheet(self, request: web.Request, title: str, head: Markup, path: str, own: str) -> web.StreamResponse:
        w = self._with
        source = read_source(request.query) or read_source({"from": own[:SOURCE_LIMIT]})
        query = urlencode({"to": path, **({"from": source} if source else {})})
        content = el(
            "main",
            head,
            el("img", src=f"/api/qr?{query}", alt=w.words("poster.qr_alt"), class_="sheet-of-paper__qr"),
            el("p", w.words("poster.scan"), class_="strong"),
            el("p", w.origin + path, class_="quiet"),
            el("p", w.words("foot.free"), class_="quiet small"),
            el("p", w.site.licence, class_="quiet small") if w.site.licence else None,
            class_="sheet-of-paper",
            id="main",
        )
        return w.pages.answer(request, await w.pages.plain(title, content))

    def _sorry(self, refusal: Refusal) -> web.Response:
        if refusal.code is Code.NOT_FOUND:
            return not_found_page()
        return web.Response(text=self._with.words.refusal(refusal), status=STATUS.get(refusal.code, 409))
