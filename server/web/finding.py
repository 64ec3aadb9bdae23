"""Finding positions over HTTP: the search, one position, what stands under a venue's number, and where people came
from."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from server.core.days import day_of
from server.core.limits import SOURCE_LIMIT
from server.core.model import Enterprise, Position, PositionId, RegionCode, SessionId, VenueId
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.search import (
    EDUCATIONS,
    PAGE_LIMIT,
    WORDS_LIMIT,
    Counts,
    Flag,
    Found,
    Hit,
    Query,
    Spot,
    read_cursor,
)
from server.core.share_picture import share_picture
from server.hub.hub import Hub
from server.store import finding_queries
from server.store.store import Store
from server.web.answers import bytes_answer, encode_json, json_answer
from server.web.branch_asked import branch_asked
from server.web.origin import Callers
from server.web.rationing import Rations

FRESH_S: Final = 1.0
"""How long an answer is given again; search results are at most this much older than the index."""
ANSWERS_KEPT: Final = 512
PAGE: Final = 20
SEARCHES_PER_S: Final = 40.0
SEARCHES_BURST: Final = 400
"""For one address, and only searches that are not answered already: a hall, or a whole operator's phones, may share
one, and the common words are the same. At 1 ms each one address takes 4 % of a core at most."""
MOST_YUAN: Final = 60_000

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_SOURCE: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{SOURCE_LIMIT}}}")
PICTURE_CACHE: Final = "public, max-age=3600"


class FoundAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer of `GET /api/positions`. `after` is what the next page is asked with, absent after the last."""

    total: int
    positions: tuple[Hit, ...]
    counts: Counts
    after: str = ""


class PositionAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer of `GET /api/positions/ID` and `GET /api/venues/VENUE/NUMBER`. `number` and `session` are those asked
    for; `removed`: it stands on that shelf no more, the number stays its own."""

    position: Position
    enterprise: Enterprise
    spots: tuple[Spot, ...]
    changed_at_ms: int
    session: SessionId = SessionId("")
    number: int = 0
    removed: bool = False


class SourcesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/sources?region=CODE`: applications per source, most first; "" is those without one."""

    sources: tuple[tuple[str, int], ...]


class FindingDoor:
    """Handlers. The search itself is the hub's finder; here it is read from an address and rationed."""

    def __init__(self, *, hub: Hub, store: Store, tree: RegionTree, callers: Callers, rations: Rations) -> None:
        self._hub = hub
        self._store = store
        self._tree = tree
        self._callers = callers
        self._clock_s = rations.clock_s
        self._searches = rations.of_address(SEARCHES_PER_S, SEARCHES_BURST)
        self._kept: OrderedDict[Query, tuple[float, bytes]] = OrderedDict()

    async def search(self, request: web.Request) -> web.Response:
        """`GET /api/positions?q=…`: at most FRESH_S old."""
        query = read_query(request.query, self._tree)
        body = self._fresh(query)
        if body is None:
            self.ration(request)
            body = self._answer(query)
        return bytes_answer(body, cache=f"public, max-age={FRESH_S:.0f}")

    def ration(self, request: web.Request) -> None:
        """One search of this caller. Raises `Refusal(TOO_MANY)`."""
        self._searches.take(self._callers.address(request))

    def find(self, query: Query) -> Found:
        """The same for a page made here. Raises `Refusal`."""
        return self._hub.finder.search(query)

    async def position(self, request: web.Request) -> web.Response:
        """`GET /api/positions/ID`, closed ones too: a link may be old."""
        return json_answer(await self.shown(PositionId(request.match_info["position"])))

    async def picture(self, request: web.Request) -> web.Response:
        """`GET /api/positions/ID/picture.png`: what it pays, for a shared link. It takes three milliseconds to make, so
        it is rationed like a search."""
        found = await self.shown(PositionId(request.match_info["position"]))
        self.ration(request)
        number = found.spots[0].number if found.spots else 0
        body = share_picture(found.position, number)
        return web.Response(body=body, content_type="image/png", headers={"Cache-Control": PICTURE_CACHE})

    async def numbered(self, request: web.Request) -> web.Response:
        """`GET /api/venues/VENUE/NUMBER`."""
        info = request.match_info
        return json_answer(await self.under_number(VenueId(info["venue"]), info["number"]))

    async def sources(self, request: web.Request) -> web.Response:
        """`GET /api/sources?region=CODE`, for the operators of that branch."""
        codes = [one.code for one in self._tree.branch(branch_asked(request, self._hub, self._tree))]
        found = await self._store.read(finding_queries.sources, codes)
        return json_answer(SourcesAnswer(sources=tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))))

    async def shown(self, position: PositionId) -> PositionAnswer:
        """A position. Raises `Refusal(NOT_FOUND)`."""
        found = await self._store.read(finding_queries.position, position, day_of(self._hub.clock_ms()))
        return PositionAnswer(**msgspec.structs.asdict(found))

    async def under_number(self, venue: VenueId, number: str) -> PositionAnswer:
        """What stands under a number of a venue's shelf. Raises `Refusal(NOT_FOUND)`."""
        if not _NUMBER.fullmatch(number):
            raise Refusal(Code.NOT_FOUND, what="position", id=f"{venue}/{number}"[:80])
        session, position, there = await self._store.read(finding_queries.numbered, venue, int(number))
        answer = await self.shown(position)
        return msgspec.structs.replace(answer, session=session, number=int(number), removed=not there)

    def _fresh(self, query: Query) -> bytes | None:
        kept = self._kept.get(query)
        return kept[1] if kept is not None and self._clock_s() - kept[0] < FRESH_S else None

    def _answer(self, query: Query) -> bytes:
        found = self.find(query)
        body = encode_json(
            FoundAnswer(
                total=found.total,
                positions=found.hits,
                counts=found.counts,
                after=found.after.text() if found.after else "",
            )
        )
        self._kept[query] = (self._clock_s(), body)
        self._kept.move_to_end(query)
        if len(self._kept) > ANSWERS_KEPT:
            self._kept.popitem(last=False)
        return body


def read_query(asked: Mapping[str, str], tree: RegionTree) -> Query:
    """The search of an address. Empty values mean nothing was chosen; what belongs to something else (`from`, `lang`)
    is passed over, and so is a `near` that is not here: it is no more than a preference. Raises `Refusal`: BAD_MESSAGE
    naming the parameter, TEXT_TOO_LONG."""
    words = " ".join(asked.get("q", "").split())
    if len(words) > WORDS_LIMIT:
        raise Refusal(Code.TEXT_TOO_LONG, limit=WORDS_LIMIT)
    after = asked.get("after", "")
    return Query(
        words=words,
        region=_region(asked, "region", tree),
        base=_number(asked, "base", MOST_YUAN),
        pay=_number(asked, "pay", MOST_YUAN),
        education=_education(asked),
        flags=frozenset(flag for flag in Flag if asked.get(flag.value, "") not in ("", "0")),
        near=RegionCode(near) if (near := asked.get("near", "")) in tree else None,
        after=read_cursor(after) if after else None,
        limit=_number(asked, "limit", PAGE_LIMIT) or PAGE,
    )


def read_source(asked: Mapping[str, str]) -> str:
    """The source code of an address (`?from=`); empty for none, and for what is none."""
    source = asked.get("from", "")
    return source if _SOURCE.fullmatch(source) else ""


def _number(asked: Mapping[str, str], name: str, most: int) -> int:
    text = asked.get(name, "")
    if text and (not _NUMBER.fullmatch(text) or int(text) > most):
        raise Refusal(Code.BAD_MESSAGE, detail=name)
    return int(text or 0)


def _region(asked: Mapping[str, str], name: str, tree: RegionTree) -> RegionCode | None:
    code = RegionCode(asked.get(name, ""))
    if code and code not in tree:
        raise Refusal(Code.BAD_MESSAGE, detail=name)
    return code or None


def _education(asked: Mapping[str, str]) -> int:
    text = asked.get("education", "")
    if text and text not in EDUCATIONS:
        raise Refusal(Code.BAD_MESSAGE, detail="education")
    return EDUCATIONS.index(text) + 1 if text else 0
