"""What the hub reads of a room, each as one consistent read of the store."""

from collections.abc import Sequence

import msgspec

from server.core.bodies import Revoked
from server.core.channels import Kind, parse
from server.core.model import Channel, Entry, Head, MyApplication, PersonId, RegionCode, Session, SessionId
from server.core.protocol import AreaSnapshot, MeSnapshot
from server.core.stage_fold import StageState
from server.store import account_queries, application_queries, catalogue_queries, log_queries, numbers_queries
from server.store.numbers_queries import Counters
from server.store.store import Connection


class RoomStart(msgspec.Struct, frozen=True, kw_only=True):
    """A room's beginning: where its log is, the last entries, for a stage what stands there, for the house who is
    revoked, for a person the applications, all as of one moment."""

    head: Head
    backlog: tuple[Entry, ...] = ()
    session: Session | None = None
    stage: StageState = StageState()
    revoked: tuple[Revoked, ...] = ()
    mine: MeSnapshot | None = None


def read_start(conn: Connection, channel: Channel, backlog_entries: int) -> RoomStart:
    """Raises `Refusal(NOT_FOUND)` when the channel's session does not exist."""
    kind, subject = parse(channel)
    backlog = tuple(log_queries.last_entries(conn, channel, backlog_entries)) if backlog_entries else ()
    if kind is Kind.STAGE:
        session, state, head = log_queries.standing(conn, SessionId(subject))
        return RoomStart(head=head, backlog=backlog, session=session, stage=state)
    if kind in (Kind.CHAT, Kind.DESK) or (kind is Kind.PULSE and not catalogue_queries.is_region(conn, subject)):
        catalogue_queries.session(conn, SessionId(subject))
    revoked: tuple[Revoked, ...] = ()
    if kind is Kind.HOUSE:
        revoked = tuple(Revoked(person=who, before_ms=ms) for who, ms in account_queries.revocations(conn).items())
    return RoomStart(head=log_queries.head(conn, channel), backlog=backlog, revoked=revoked)


def read_persons(conn: Connection, channels: Sequence[Channel], backlog_entries: int) -> dict[Channel, RoomStart]:
    """The beginnings of many persons' rooms. Most of them have never applied: they cost nothing further."""
    persons = {name: PersonId(parse(name)[1]) for name in channels}
    known = application_queries.known_among(conn, persons.values())
    starts: dict[Channel, RoomStart] = {}
    for name, head in log_queries.heads(conn, channels).items():
        backlog = tuple(log_queries.last_entries(conn, name, backlog_entries)) if head.offset else ()
        mine = application_queries.of_person(conn, persons[name]) if persons[name] in known else ()
        starts[name] = RoomStart(head=head, backlog=backlog, mine=MeSnapshot(applications=mine))
    return starts


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """All sessions and their counters, as of one moment."""

    sessions: tuple[Session, ...]
    counters: dict[SessionId, Counters]


def read_tally(conn: Connection) -> Tally:
    """Every session with its counters, in two statements."""
    return Tally(sessions=catalogue_queries.sessions(conn), counters=numbers_queries.counters(conn))


def read_after(conn: Connection, channel: Channel, after: int, limit: int) -> tuple[Head, tuple[Entry, ...]]:
    """The end of the log and the entries after an offset, at most `limit`."""
    return log_queries.head(conn, channel), tuple(log_queries.entries(conn, channel, after, limit))


def read_me(conn: Connection, person: PersonId) -> tuple[MeSnapshot, Head]:
    """A person's applications and where the person's channel is."""
    mine: tuple[MyApplication, ...]
    mine, head = log_queries.me(conn, person)
    return MeSnapshot(applications=mine), head


def read_area(conn: Connection, region: RegionCode) -> tuple[AreaSnapshot, Head]:
    """The sessions of a branch and where its channel is."""
    sessions, head = log_queries.area(conn, region)
    return AreaSnapshot(sessions=sessions), head
