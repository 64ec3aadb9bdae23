"""Sheets of paper: `/print/room/SESSION` and `/print/position/ID`, A4, to hang up at the door of a hall or a works.

A page without scripts that prints as it looks. The QR code carries the source code of `?from=`, else one of its own, so
that who came by paper is counted apart.
"""

from urllib.parse import quote, urlencode

from aiohttp import web

from server.core.limits import SOURCE_LIMIT
from server.core.model import PositionId, SessionId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.web.finding import read_source
from server.web.plain.languages import in_its_language
from server.web.plain.markup import Markup, el, join
from server.web.plain.pages import Makings, offer_of
from server.web.plain.pieces import chip_line, pay, written
from server.web.plain.switch import switch
from server.web.reading import read_session


class Printing:
    """Handlers."""

    def __init__(self, makings: Makings) -> None:
        self._with = makings

    async def room(self, request: web.Request) -> web.StreamResponse:
        """`/print/room/SESSION`."""
        session = SessionId(request.match_info["session"])
        if is_rehearsal(session):
            raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])
        found, _ = await self._with.store.read(read_session, session)
        t = self._with.languages.of(request)
        head = join((el("h1", found.venue_name or found.title, lang=t.theirs), el("p", found.title, lang=t.theirs)))
        path = f"/room/{quote(session, safe='')}"
        return await self._sheet(request, found.title, head, path, f"paper-{session}")

    async def position(self, request: web.Request) -> web.StreamResponse:
        """`/print/position/ID`."""
        position = PositionId(request.match_info["position"])
        offer = offer_of(await self._with.finding.shown(position))
        t, one = self._with.languages.of(request), offer.position
        head = join(
            (
                el("h1", one.title, lang=t.theirs),
                el("p", one.enterprise_name, lang=t.theirs),
                pay(t, one),
                el("p", written(t, one.place)),
                chip_line(t, one),
                el("p", t("card.openings", n=one.openings)),
            )
        )
        path = f"/position/{quote(position, safe='')}"
        if offer.spot is not None and offer.number:
            path = f"/{quote(offer.spot.venue, safe='')}/{offer.number}"
        return await self._sheet(request, one.title, head, path, f"paper-{position}")

    async def _sheet(self, request: web.Request, title: str, head: Markup, path: str, own: str) -> web.StreamResponse:
        w, t = self._with, self._with.languages.of(request)
        source = read_source(request.query) or read_source({"from": own[:SOURCE_LIMIT]})
        query = urlencode({"to": path, **({"from": source} if source else {})})
        content = el(
            "main",
            head,
            el("img", src=f"/api/qr?{query}", alt=t("poster.qr_alt"), class_="sheet-of-paper__qr"),
            el("p", t("poster.scan"), class_="strong"),
            el("p", w.origin + path, class_="quiet"),
            el("p", t("foot.free"), class_="quiet small"),
            el("p", licence, class_="quiet small") if (licence := w.site.licence(t)) else None,
            switch(t, _address(request, source)),
            class_="sheet-of-paper",
            id="main",
        )
        return in_its_language(w.pages.answer(request, await w.pages.plain(title, content, t.locale)), t)


def _address(request: web.Request, source: str) -> str:
    return quote(request.path) + (f"?from={source}" if source else "")
