"""Handlers of the pages made on the server: `/`, a room, a position under its id and under its number."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from server.core.channels import home_of
from server.core.days import day_of
from server.core.jobposting import in_script, job_posting
from server.core.model import PositionId, SessionId, VenueId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.search import Query
from server.hub.far_halls import Known
from server.hub.hub import Hub
from server.store.store import Store
from server.web.answers import STATUS
from server.web.doors import FarProvince
from server.web.finding import FindingDoor, PositionAnswer, read_query, read_source
from server.web.fresh import FreshByName
from server.web.issuing import Issuer
from server.web.origin import Callers
from server.web.pages import Head, Pages
from server.web.plain import listing, provinces
from server.web.plain.form import KEY_MARK, SOURCE_MARK, TOKEN_MARK
from server.web.plain.languages import Languages, in_its_language
from server.web.plain.listing import Site
from server.web.plain.markup import Markup, el
from server.web.plain.pieces import Offer
from server.web.plain.words import Words
from server.web.rationing import Ration, Rations
from server.web.reading import read_fair, read_session, read_shelf

Find = Callable[[], Awaitable[PositionAnswer]]
FRESH_S: Final = 1.0
KEPT: Final = 256
PROVINCES_FRESH_S: Final = 5.0
LOOK_WITHIN_S: Final = 0.3
"""The portal waits so long for another province; then it says what it knew last."""


class Makings(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages are made with."""

    hub: Hub
    store: Store
    tree: RegionTree
    finding: FindingDoor
    pages: Pages
    issuer: Issuer
    guests: Ration
    rations: Rations
    callers: Callers
    languages: Languages
    site: Site
    origin: str
    provinces: Mapping[str, FarProvince] = {}
    """The others whose sessions are watched here, by code."""


class PlainPages:
    """Handlers. A page is made at most once a second, whoever asks for it; what is each one's own (key and token of the
    form, where somebody came from) is put in at the end."""

    def __init__(self, makings: Makings) -> None:
        self._with = makings
        self._fresh = FreshByName(FRESH_S, KEPT, lambda: makings.hub.clock_ms() / 1000)
        self._others = FreshByName(PROVINCES_FRESH_S, KEPT, lambda: makings.hub.clock_ms() / 1000)

    async def portal(self, request: web.Request) -> web.StreamResponse:
        """`/`: all halls, the halls of another province (`?province=CODE`), or what a search finds."""
        asked = {name: value for name, value in request.query.items() if value}
        t = self._with.languages.of(request)
        try:
            if "province" in asked:
                other = self._other(asked["province"])
                return self._answer(
                    request, t, await self._others.get(f"{t.mark} {other.code}", lambda: self._halls(t, other))
                )
            query = read_query(asked, self._with.tree)
            if query == Query() and "all" not in asked:
                return self._answer(request, t, await self._fresh.get(f"{t.mark} /", lambda: self._portal(t)))
            self._with.finding.ration(request)
            name = f"{t.mark} /?{query!r}"
            return self._answer(request, t, await self._fresh.get(name, lambda: self._results(t, query)))
        except Refusal as refusal:
            return await self._trouble(request, refusal)

    async def room(self, request: web.Request) -> web.StreamResponse:
        """`/room/SESSION`."""
        session, whole = SessionId(request.match_info["session"]), request.query.get("shelf") == "all"
        t = self._with.languages.of(request)
        try:
            text = await self._fresh.get(f"{t.mark} {session} {whole}", lambda: self._room(t, session, whole))
        except Refusal as refusal:
            return await self._trouble(request, refusal)
        return self._answer(request, t, text)

    async def position(self, request: web.Request) -> web.StreamResponse:
        """`/position/ID`."""
        position = PositionId(request.match_info["position"])
        return await self._offer(request, f"p {position}", lambda: self._with.finding.shown(position))

    async def numbered(self, request: web.Request) -> web.StreamResponse:
        """`/VENUE/NUMBER`: what is spoken in a hall."""
        venue, number = VenueId(request.match_info["venue"]), request.match_info["number"]
        return await self._offer(request, f"n {venue} {number}", lambda: self._with.finding.under_number(venue, number))

    # ---- making ------------------------------------------------------------------------------------------------------

    async def _portal(self, t: Words) -> str:
        w = self._with
        view = await w.store.read(read_fair)
        halls = listing.hall_rows(t, w.tree, view.sessions, view.cards)
        others = Markup(await self._others.get(t.mark, lambda: self._provinces(t))) if w.provinces else None
        content = listing.portal(t, w.site, halls, others)
        text = t("portal.description", n=len(view.sessions))
        return await w.pages.viewer(Head(title=w.site.title, text=text, path="/", locale=t.locale), content)

    async def _provinces(self, t: Words) -> str:
        known = await asyncio.gather(*(self._look(one) for one in self._with.provinces.values()))
        return provinces.province_rows(t, list(zip(self._with.provinces.values(), known, strict=True))) or ""

    async def _halls(self, t: Words, other: FarProvince) -> str:
        w = self._with
        content = provinces.province(t, w.site, other, await self._look(other))
        title = f"{other.title} · {w.site.title}"
        head = Head(title=title, text=title, path=provinces.path_of(other.code), more=_NOINDEX, locale=t.locale)
        return await w.pages.viewer(head, content)

    async def _look(self, other: FarProvince) -> Known:
        return await self._with.hub.far_halls.look(other.code, within_s=LOOK_WITHIN_S)

    def _other(self, code: str) -> FarProvince:
        found = self._with.provinces.get(code)
        if found is None:
            raise Refusal(Code.NOT_FOUND, what="province", id=code[:20])
        return found

    async def _results(self, t: Words, query: Query) -> str:
        w = self._with
        found = w.finding.find(query)
        title = " · ".join(filter(None, (query.words, t("find.found"), w.site.title)))
        text = t("find.total", n=found.total)
        # Pages of results are for people; what is in them has addresses of its own.
        more = el("meta", name="robots", content="noindex,follow")
        head = Head(title=title, text=text, path="/", more=more, locale=t.locale)
        return await w.pages.viewer(head, listing.results(t, w.site, query, found))

    async def _room(self, t: Words, session: SessionId, whole: bool) -> str:
        w = self._with
        path = f"/room/{quote(session, safe='')}"
        _, province = home_of(session)
        if province:
            # A far hall: the page reads it from there; this house has no more to print of it than its name.
            other = self._other(province)
            content = provinces.room(t, w.site, other, await self._look(other), session)
            title = f"{other.title} · {w.site.title}"
            head = Head(title=title, text=title, path=path, more=_NOINDEX, locale=t.locale)
            return await w.pages.viewer(head, content)
        found, stage = await w.store.read(read_session, session)
        if is_rehearsal(session):
            # Known to those with its link alone: nothing of it is told, and it is nothing to find.
            return await w.pages.viewer(listing.room_head(t, w.site, found, path, _NOINDEX), None)
        _, slots = await w.store.read(read_shelf, session, day_of(w.hub.clock_ms()))
        content = listing.room(
            t, w.site, found, stage.card, slots if whole else slots[: listing.SHELF_SHOWN], len(slots)
        )
        return await w.pages.viewer(listing.room_head(t, w.site, found, path), content)

    async def _offer(self, request: web.Request, name: str, find: Find) -> web.StreamResponse:
        t = self._with.languages.of(request)
        try:
            text = await self._fresh.get(f"{t.mark} {name}", lambda: self._position(t, find))
        except Refusal as refusal:
            return await self._trouble(request, refusal)
        if KEY_MARK not in text:
            return self._answer(request, t, text)
        # It holds this one's key and token: no cache between us gives it to another.
        answer = self._with.pages.answer(request, self._own(request, text), cache="private, no-cache")
        return in_its_language(answer, t)

    async def _position(self, t: Words, find: Find) -> str:
        w = self._with
        answer = await find()
        offer = offer_of(answer)
        path = f"/position/{quote(offer.position.id, safe='')}"
        posting = job_posting(
            offer.position,
            offer.enterprise,
            w.tree,
            address=w.origin + path,
            changed_at_ms=answer.changed_at_ms,
            now_ms=w.hub.clock_ms(),
        )
        more = Markup(f'<script type="application/ld+json">{in_script(posting)}</script>') if posting else Markup("")
        head = listing.position_head(t, w.site, offer, path, more)
        return await w.pages.viewer(head, listing.position(t, w.site, offer))

    def _own(self, request: web.Request, text: str) -> str:
        """The page with a key and a guest of its own, and where this one came from."""
        own = {
            KEY_MARK: new_key(),
            TOKEN_MARK: new_guest(self._with, request),
            SOURCE_MARK: read_source(request.query),
        }
        for mark, value in own.items():
            text = text.replace(mark, value)
        return text

    # ---- answering ---------------------------------------------------------------------------------------------------

    def _answer(self, request: web.Request, t: Words, text: str, status: int = 200) -> web.StreamResponse:
        return in_its_language(self._with.pages.answer(request, text, status=status), t)

    async def _trouble(self, request: web.Request, refusal: Refusal) -> web.StreamResponse:
        """What could not be done, above the search. Raises it again where nothing is to be found."""
        if refusal.code is Code.NOT_FOUND:
            raise refusal
        w, t = self._with, self._with.languages.of(request)
        content = listing.trouble(t, w.site, t.refusal(refusal))
        head = Head(title=w.site.title, text="", path="/", more=_NOINDEX, locale=t.locale)
        text = await w.pages.viewer(head, content)
        return self._answer(request, t, text, STATUS.get(refusal.code, 409))


_NOINDEX: Final = el("meta", name="robots", content="noindex")


def offer_of(answer: PositionAnswer, session: SessionId | None = None) -> Offer:
    """The position in the hall that was asked for, else in its best one."""
    wanted = session or answer.session
    spot = next((spot for spot in answer.spots if spot.session == wanted), None)
    if spot is None and answer.spots and not answer.removed:
        spot = answer.spots[0]
    return Offer(
        position=answer.position,
        enterprise=answer.enterprise,
        spot=spot,
        number=answer.number or (spot.number if spot else 0),
        removed=answer.removed,
    )


def new_key() -> str:
    """An idempotency key nobody can guess."""
    return secrets.token_urlsafe(18)


def new_guest(makings: Makings, request: web.Request) -> str:
    """A token for somebody who has said nothing; empty when this address asked for too many."""
    try:
        makings.guests.take(makings.callers.address(request))
    except Refusal:
        return ""
    return makings.issuer.guest().token
