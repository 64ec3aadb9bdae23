"""The JSON API: what pages read, and `POST /api/commands`, the door of networks that break websockets."""

import msgspec
from aiohttp import web

from server.config import Licence
from server.core.days import day_of
from server.core.limits import APPLIES_BURST, APPLIES_PER_S, COMMANDS_BURST, COMMANDS_PER_S, PROTOCOL_VERSION
from server.core.model import (
    Card,
    Enterprise,
    EnterpriseId,
    Fair,
    Numbers,
    PersonId,
    Picture,
    Position,
    Region,
    RegionCode,
    Replies,
    Session,
    SessionId,
    ShelfSlot,
    TalkRule,
    Venue,
)
from server.core.protocol import Apply, Command, Refused, Reply, decode_command, decode_json_command, encode, refused
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.store.reply_queries import replies_of
from server.store.store import Store
from server.web.answers import (
    MSGPACK,
    bytes_answer,
    encode_json,
    json_answer,
    msgpack_answer,
    refused_answer,
)
from server.web.fresh import Fresh, Kept, json_file
from server.web.issuing import bearer
from server.web.rationing import Ration, Rations
from server.web.reading import read_enterprise, read_fair, read_session, read_shelf
from server.web.static import FOREVER, file_answer

SHELVES_KEPT = 256
FRESH_S = 1.0


class FarProvince(msgspec.Struct, frozen=True, kw_only=True):
    """Another province whose sessions can be watched here as `SESSION@CODE`. `url`: where its own API answers."""

    code: str
    title: str
    url: str


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/setup` says and does not change while the hub runs."""

    title: str
    region: RegionCode
    demo: bool
    consent: str
    confirmation: str
    licence: Licence
    video: bool = False
    provinces: tuple[FarProvince, ...] = ()


class LicenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """人力资源服务许可证: holder and number."""

    name: str
    number: str


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/setup`. `icp` is the ICP filing number, empty for none; `confirmation` is
    `phone_confirmation` of config.yaml; `video`: pictures can be sent to this hub."""

    title: str
    region: RegionCode
    demo: bool
    consent: str
    confirmation: str
    protocol: int
    video: bool
    licence: LicenceAnswer | None
    icp: str
    now_ms: int
    provinces: tuple[FarProvince, ...] = ()


class SessionView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session as the portal shows it. `visits`: how often its stage was opened, for halls with few online. `notice`,
    `picture` and `talk` as in the snapshot of its stage, in the answer about one session only."""

    session: Session
    numbers: Numbers
    visits: int
    card: Card | None
    notice: str = ""
    picture: Picture = Picture()
    talk: TalkRule = TalkRule()


class FairAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/fair`."""

    fair: Fair | None
    venues: tuple[Venue, ...]
    sessions: tuple[SessionView, ...]


class RegionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/regions`."""

    regions: tuple[Region, ...]


class ShelfAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/sessions/ID/shelf/REVISION`."""

    session: SessionId
    revision: int
    slots: tuple[ShelfSlot, ...]


class EnterpriseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/enterprises/ID`. `replies`: how it answers those who apply, as the cards say it."""

    enterprise: Enterprise
    positions: tuple[Position, ...]
    replies: Replies = Replies()


class Doors:
    """Handlers of the API. They read the store and ask the hub; nothing is decided here."""

    def __init__(self, *, hub: Hub, store: Store, tree: RegionTree, facts: SiteFacts, rations: Rations) -> None:
        self._hub = hub
        self._store = store
        self._facts = facts
        self._regions = encode_json(RegionsAnswer(regions=tuple(tree)))
        self._fair = Fresh(self._make_fair, FRESH_S, self._clock_s)
        self._shelves = Kept(SHELVES_KEPT)
        # Those of a connection, and the kernel gives each to one worker: not shared out.
        self._commands = Ration(COMMANDS_PER_S, COMMANDS_BURST, self._clock_s)
        self._applies = rations.of_person(APPLIES_PER_S, APPLIES_BURST)

    def _clock_s(self) -> float:
        return self._hub.clock_ms() / 1000

    async def setup(self, _request: web.Request) -> web.Response:
        """`GET /api/setup`."""
        facts = self._facts
        licence = facts.licence
        answer = Setup(
            title=facts.title,
            region=facts.region,
            demo=facts.demo,
            consent=facts.consent,
            confirmation=facts.confirmation,
            protocol=PROTOCOL_VERSION,
            video=facts.video,
            licence=LicenceAnswer(name=licence.name, number=licence.number) if licence.name else None,
            icp=licence.icp,
            now_ms=self._hub.clock_ms(),
            provinces=facts.provinces,
        )
        return json_answer(answer)

    async def fair(self, request: web.Request) -> web.Response:
        """`GET /api/fair`, at most FRESH_S old."""
        return file_answer(request, await self._fair.get(), "no-cache")

    async def _make_fair(self) -> bytes:
        view = await self._store.read(read_fair)
        return encode_json(
            FairAnswer(
                fair=view.fair,
                venues=view.venues,
                sessions=tuple(
                    SessionView(
                        session=session,
                        numbers=self._hub.pulse.shown(session),
                        visits=self._hub.pulse.visits(session.id),
                        card=view.cards.get(session.id),
                    )
                    for session in view.sessions
                ),
            )
        )

    async def regions(self, _request: web.Request) -> web.Response:
        """`GET /api/regions`."""
        return bytes_answer(self._regions, cache="public, max-age=3600")

    async def session(self, request: web.Request) -> web.Response:
        """`GET /api/sessions/ID`."""
        session, now = await self._store.read(read_session, SessionId(request.match_info["session"]))
        pulse = self._hub.pulse
        return json_answer(
            SessionView(
                session=session,
                numbers=pulse.shown(session),
                visits=pulse.visits(session.id),
                card=now.card,
                notice=now.notice,
                picture=now.picture,
                talk=now.talk,
            )
        )

    async def shelf(self, request: web.Request) -> web.Response:
        """`GET /api/sessions/ID/shelf/REVISION`: a revision never changes, so it may be kept for ever."""
        session, revision = SessionId(request.match_info["session"]), request.match_info["revision"]
        name = f"{session} {revision}"
        file = self._shelves.get(name)
        if file is None:
            now, slots = await self._store.read(read_shelf, session, day_of(self._hub.clock_ms()))
            if str(now) != revision:
                raise Refusal(Code.NOT_FOUND, what="shelf", id=f"{session}/{revision}"[:80])
            file = await json_file(encode_json(ShelfAnswer(session=session, revision=now, slots=slots)))
            self._shelves.put(name, file)
        return file_answer(request, file, FOREVER)

    async def enterprise(self, request: web.Request) -> web.Response:
        """`GET /api/enterprises/ID`."""
        wanted, today = EnterpriseId(request.match_info["enterprise"]), day_of(self._hub.clock_ms())
        enterprise, positions = await self._store.read(read_enterprise, wanted, today)
        replies = await self._store.read(replies_of, (wanted,), self._hub.clock_ms())
        return json_answer(
            EnterpriseAnswer(enterprise=enterprise, positions=positions, replies=replies.get(wanted, Replies()))
        )

    async def commands(self, request: web.Request) -> web.Response:
        """`POST /api/commands`: one command in, its reply out, in the form it came in."""
        principal = self._hub.verify(bearer(request))
        msgpack = request.content_type in (MSGPACK, "application/vnd.msgpack", "application/x-msgpack")
        body = await request.read()
        try:
            command = decode_command(body) if msgpack else decode_json_command(body)
            self._ration(request, principal.person, command)
        except Refusal as refusal:
            return refused_answer(refused(refusal), msgpack=msgpack)
        reply = await self._hub.dispatch(principal, command)
        if isinstance(reply, Refused):
            return refused_answer(reply, msgpack=msgpack)
        return msgpack_answer(reply) if msgpack else bytes_answer(reply_json(reply))

    def _ration(self, request: web.Request, person: PersonId, command: Command) -> None:
        try:
            self._commands.take(person)
            if isinstance(command, Apply):
                self._applies.take(person)
            self._hub.gates(request)(command)
        except Refusal as refusal:
            refusal.in_reply_to = command.id
            raise


def reply_json(reply: Reply) -> bytes:
    """A reply as JSON. The bodies within `joined` are msgpack already, so it goes by way of plain values."""
    return encode_json(msgspec.msgpack.decode(encode(reply)))
