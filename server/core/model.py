"""The nouns of the house as typed, frozen values.

Pure: may import nothing of the house. Every other room passes these values, never dicts.
Times are integer milliseconds UTC (`_at_ms`), money is whole yuan a month (`_yuan`).
"""

from enum import StrEnum
from typing import Annotated, NewType

import msgspec

PersonId = NewType("PersonId", str)
RegionCode = NewType("RegionCode", str)
FairId = NewType("FairId", str)
VenueId = NewType("VenueId", str)
EnterpriseId = NewType("EnterpriseId", str)
PositionId = NewType("PositionId", str)
SessionId = NewType("SessionId", str)
ApplicationId = NewType("ApplicationId", str)
Channel = NewType("Channel", str)
Epoch = NewType("Epoch", str)


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the nouns: immutable, by keyword, absent when default."""


class Level(StrEnum):
    """Levels of the region tree (GB/T 2260): province, city (地级), county (县级)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Region(Value, frozen=True, kw_only=True):
    """One unit of the region tree. `code` is GB/T 2260, or a local code where the standard has none."""

    code: RegionCode
    name: str
    level: Level
    parent: RegionCode | None = None
    lon: float | None = None
    lat: float | None = None


class Fair(Value, frozen=True, kw_only=True):
    """招聘会: one whole day over many venues. `on_day` is ISO 8601, local to the province."""

    id: FairId
    title: str
    on_day: str
    region: RegionCode
    synthetic: bool = False


class Venue(Value, frozen=True, kw_only=True):
    """会场: one hall of a fair."""

    id: VenueId
    fair: FairId
    name: str
    region: RegionCode


class Enterprise(Value, frozen=True, kw_only=True):
    """企业. `uscc` is the unified social credit code (GB 32100)."""

    id: EnterpriseId
    name: str
    region: RegionCode
    uscc: str = ""
    industry: str = ""
    size: int | None = None
    synthetic: bool = False


class PayUnit(StrEnum):
    """How pay is counted. Amounts are per month, also those of piecework; with `hour` they are per hour."""

    MONTH = "month"
    HOUR = "hour"
    PIECE = "piece"


class Position(Value, frozen=True, kw_only=True):
    """岗位: what is offered, in the words a card shows. Missing facts stay `None` or empty and are shown as missing.

    `base_yuan` is 底薪, `pay_min_yuan`/`pay_max_yuan` the 综合 monthly band; both `None` with
    `pay_negotiable` is 面议. `openings` is 招聘人数. `version` grows with every edit.
    """

    id: PositionId
    enterprise: EnterpriseId
    title: str
    region: RegionCode
    openings: int
    enterprise_name: str = ""
    place: str = ""
    base_yuan: int | None = None
    pay_min_yuan: int | None = None
    pay_max_yuan: int | None = None
    pay_unit: PayUnit = PayUnit.MONTH
    pay_negotiable: bool = False
    shift: str = ""
    rest: str = ""
    education: str = ""
    employment_type: str = ""
    benefits: tuple[str, ...] = ()
    duties: str = ""
    requirements: str = ""
    valid_until: str = ""
    closed: bool = False
    version: int = 1
    synthetic: bool = False


class SessionState(StrEnum):
    """A session's life. Only `live` and `interrupted` count as on air."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


ON_AIR = frozenset({SessionState.LIVE, SessionState.INTERRUPTED})


class Session(Value, frozen=True, kw_only=True):
    """场次: one broadcast of one venue, with its shelf."""

    id: SessionId
    venue: VenueId
    fair: FairId
    region: RegionCode
    title: str
    venue_name: str = ""
    state: SessionState = SessionState.SCHEDULED
    starts_at_ms: int | None = None
    live_at_ms: int | None = None
    ended_at_ms: int | None = None
    shelf_revision: int = 1


class ShelfSlot(Value, frozen=True, kw_only=True):
    """One place of a shelf (岗位架): the speakable number of a position, never reused in its session."""

    number: int
    position: Position


class Card(Value, frozen=True, kw_only=True):
    """岗位卡 as it is shown: the position as of that moment and its number on the shelf."""

    number: int
    position: Position


class ApplicationStatus(StrEnum):
    """The steps of an application (投递), in the order people see them."""

    APPLIED = "applied"
    VIEWED = "viewed"
    CONTACTED = "contacted"
    INTERVIEW = "interview"
    INTENT = "intent"
    HIRED = "hired"
    AT_WORK = "at_work"
    UNSUITABLE = "unsuitable"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class ApplicationStep(Value, frozen=True, kw_only=True):
    """One step of an application's history."""

    status: ApplicationStatus
    at_ms: int
    note: str = ""


class MyApplication(Value, frozen=True, kw_only=True):
    """An application as its own person sees it."""

    id: ApplicationId
    receipt: str
    position: PositionId
    position_title: str
    enterprise_name: str
    session: SessionId
    status: ApplicationStatus
    applied_at_ms: int
    changed_at_ms: int
    steps: tuple[ApplicationStep, ...] = ()


class Applicant(Value, frozen=True, kw_only=True):
    """An application as the enterprise sees it. Name and phone are masked until it is opened."""

    id: ApplicationId
    receipt: str
    enterprise: EnterpriseId
    position: PositionId
    position_title: str
    name: str
    phone: str
    revealed: bool
    status: ApplicationStatus
    applied_at_ms: int
    changed_at_ms: int
    for_whom: str = ""
    steps: tuple[ApplicationStep, ...] = ()


class Role(StrEnum):
    """Who a person is to the house. Everybody may watch; a guest may also apply."""

    GUEST = "guest"
    HOST = "host"
    ASSISTANT = "assistant"
    HR = "hr"
    SPECIALIST = "specialist"
    OPERATOR = "operator"
    ADMIN = "admin"


class Grant(Value, frozen=True, kw_only=True):
    """A role within a scope: a session id (host, assistant), an enterprise id (HR, specialist), a region code
    (operator, admin: that branch of the tree)."""

    role: Role
    scope: str


class Principal(Value, frozen=True, kw_only=True):
    """Who is asking, as proved by a token. `kind` is `browser` or `client`; only a `client` token may come
    without an Origin. The principal is nobody after `until_ms`."""

    person: PersonId
    token_id: str
    issued_at_ms: int
    until_ms: int
    kind: str = "browser"
    name: str = ""
    grants: tuple[Grant, ...] = ()


class Numbers(Value, frozen=True, kw_only=True):
    """The numbers of one region branch or one session. `cards` are shows less undone ones; `applications`
    are applications ever made; `intents` those that ever reached 初步意向."""

    live: int = 0
    online: int = 0
    cards: int = 0
    applications: int = 0
    intents: int = 0


class RegionNumbers(Value, frozen=True, kw_only=True):
    """A line of the operator's region tree: the branch's sums. `online` is presence (latest known), the others
    equal the log."""

    region: RegionCode
    numbers: Numbers


class Entry(msgspec.Struct, frozen=True):
    """One entry of a channel's log: `body` is the msgpack encoding of a publication body, kept byte for byte."""

    offset: int
    at_ms: int
    body: bytes


class Publication(msgspec.Struct, frozen=True):
    """An entry as it travels."""

    channel: Channel
    epoch: Epoch
    entry: Entry


class Since(msgspec.Struct, frozen=True):
    """What a client has seen of a channel: everything up to `offset` in that epoch."""

    epoch: Annotated[Epoch, msgspec.Meta(max_length=64)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Head(msgspec.Struct, frozen=True):
    """The end of a channel's log: its life and its last offset, 0 when nothing was written yet."""

    epoch: Epoch
    offset: int
