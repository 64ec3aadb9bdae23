"""The rows a batch of applications works on: read set-based, changed in memory, written set-based.

Whoever changes a row holds the head of its `firm/` channel, so that two hubs never decide about one row at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, Select, bindparam, select, update

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    EnterpriseId,
    PersonId,
    PositionId,
    SessionId,
    SessionState,
)
from server.store.counting import APPLICATIONS
from server.store.handling import Context
from server.store.many import execute_many
from server.store.tables import application_steps, applications, audit, counters, positions, sessions, shelf_slots


class Application(msgspec.Struct, kw_only=True):
    """One row of `applications`. The columns are its fields, in the same order."""

    id: ApplicationId
    receipt: str
    session: SessionId
    position: PositionId
    enterprise: EnterpriseId
    person: PersonId
    phone_hmac: bytes
    for_whom_hmac: bytes
    sealed: bytes
    consent: str
    source: str
    status: ApplicationStatus
    steps: int
    reached_intent: bool
    applied_at_ms: int
    changed_at_ms: int

    @property
    def identity(self) -> "Identity":
        return self.phone_hmac, self.position, self.for_whom_hmac


Identity = tuple[bytes, PositionId, bytes]
"""What makes an application the same one: HMAC of the phone, position, HMAC of for_whom."""


class OnAir(msgspec.Struct):
    """What an application needs to know of a session. `applications` grows while the batch is decided."""

    state: SessionState
    applications: int
    cut_off: bool


class Offer(msgspec.Struct, frozen=True):
    """A position as an application meets it."""

    enterprise: EnterpriseId
    closed: bool


_COLUMNS: Final = [applications.c[name] for name in Application.__struct_fields__]
_BY_PHONE: Final = select(*_COLUMNS).where(applications.c.phone_hmac.in_(bindparam("wanted", expanding=True)))
_BY_ID: Final = select(*_COLUMNS).where(applications.c.id.in_(bindparam("wanted", expanding=True)))
_PARTIES: Final = select(
    applications.c.enterprise, applications.c.person, applications.c.session, applications.c.phone_hmac
).where(applications.c.id.in_(bindparam("wanted", expanding=True)))
_OFFERS: Final = select(positions.c.id, positions.c.enterprise, positions.c.closed).where(
    positions.c.id.in_(bindparam("wanted", expanding=True))
)
_TITLES: Final = select(positions.c.id, positions.c.title).where(
    positions.c.id.in_(bindparam("wanted", expanding=True))
)
_SLOTS: Final = select(shelf_slots.c.session, shelf_slots.c.position).where(
    shelf_slots.c.position.in_(bindparam("wanted", expanding=True)), shelf_slots.c.removed.is_(False)
)
_ON_AIR: Final = (
    select(sessions.c.id, sessions.c.state, sessions.c.cut_off, counters.c.value)
    .outerjoin_from(sessions, counters, (counters.c.scope == sessions.c.id) & (counters.c.name == APPLICATIONS))
    .where(sessions.c.id.in_(bindparam("wanted", expanding=True)))
)
_STEPS: Final = (
    select(application_steps)
    .where(application_steps.c.application.in_(bindparam("wanted", expanding=True)))
    .order_by(application_steps.c.application, application_steps.c.n)
)
_CHANGEABLE: Final = (
    "sealed",
    "consent",
    "status",
    "steps",
    "reached_intent",
    "applied_at_ms",
    "changed_at_ms",
)
_ADD: Final = applications.insert()
_ADD_STEP: Final = application_steps.insert()
_NOTE: Final = audit.insert()
_CHANGE: Final = (
    update(applications)
    .where(applications.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)


def offers(conn: Connection, of: Iterable[PositionId]) -> dict[PositionId, Offer]:
    """Those of the positions that exist."""
    return {row["id"]: Offer(row["enterprise"], row["closed"]) for row in rows_of(conn, _OFFERS, of)}


def titles(conn: Connection, of: Iterable[PositionId]) -> dict[PositionId, str]:
    """The titles of those of the positions that exist."""
    return {row["id"]: row["title"] for row in rows_of(conn, _TITLES, of)}


def on_shelves(conn: Connection, of: Iterable[PositionId]) -> set[tuple[SessionId, PositionId]]:
    """On which shelves the positions are."""
    return {(row["session"], row["position"]) for row in rows_of(conn, _SLOTS, of)}


def on_air(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, OnAir]:
    """Those of the sessions that exist."""
    return {
        row["id"]: OnAir(SessionState(row["state"]), row["value"] or 0, row["cut_off"])
        for row in rows_of(conn, _ON_AIR, of)
    }


def parties(conn: Connection, of: Iterable[ApplicationId]) -> set[tuple[EnterpriseId, PersonId, SessionId, bytes]]:
    """Whom these applications concern: enterprise, person, session, HMAC of the phone. None of it ever changes, so it
    may be read before anything is locked."""
    rows = rows_of(conn, _PARTIES, of)
    return {(row["enterprise"], row["person"], row["session"], row["phone_hmac"]) for row in rows}


def steps_of(conn: Connection, of: Iterable[ApplicationId]) -> dict[ApplicationId, list[ApplicationStep]]:
    """The steps of each application, first to last."""
    found: dict[ApplicationId, list[ApplicationStep]] = defaultdict(list)
    for row in rows_of(conn, _STEPS, of):
        step = ApplicationStep(status=ApplicationStatus(row["status"]), at_ms=row["at_ms"], note=row["note"])
        found[row["application"]].append(step)
    return found


def rows_of(conn: Connection, query: Select[*tuple[object, ...]], wanted: Iterable[object]) -> Sequence[RowMapping]:
    """The rows of a query with one list parameter, `wanted`; none, and no statement, for an empty list."""
    values = sorted(set(wanted))  # type: ignore[type-var]
    return conn.execute(query, {"wanted": values}).mappings().all() if values else ()


class ApplicationRows:
    """The applications a batch deals with, and everything it will write about them."""

    def __init__(self, conn: Connection, ids: Iterable[ApplicationId], phones: Iterable[bytes]) -> None:
        self.by_id: dict[ApplicationId, Application] = {}
        self.by_identity: dict[Identity, Application] = {}
        self._fresh: list[Application] = []
        self._changed: dict[ApplicationId, Application] = {}
        self._steps: list[tuple[ApplicationId, int, ApplicationStep]] = []
        self._audit: list[dict[str, object]] = []
        for query, wanted in ((_BY_ID, ids), (_BY_PHONE, phones)):
            for row in rows_of(conn, query, wanted):
                self._know(Application(**{**row, "status": ApplicationStatus(row["status"])}))

    def add(self, application: Application) -> None:
        """A new application with its first step."""
        self._know(application)
        self._fresh.append(application)
        self._step(application, "")

    def move(self, application: Application, status: ApplicationStatus, at_ms: int, note: str = "") -> None:
        """A step; the caller has asked the rules."""
        application.status, application.changed_at_ms = status, at_ms
        application.steps += 1
        self._step(application, note)
        self._changed[application.id] = application

    def steps_of_batch(self, application: ApplicationId) -> list[ApplicationStep]:
        """The steps that are not written yet."""
        return [step for of, _, step in self._steps if of == application]

    def note_look(self, by: PersonId, application: ApplicationId, at_ms: int) -> None:
        """A line in the audit log: somebody looks at this application's name and phone."""
        self._audit.append({"at_ms": at_ms, "by": by, "what": "open_application", "subject": application})

    def write(self, conn: Connection) -> None:
        """Everything, one statement per table."""
        fresh = {application.id for application in self._fresh}
        if self._fresh:
            execute_many(conn, _ADD, [_row(application) for application in self._fresh])
        changed = [a for _, a in sorted(self._changed.items()) if a.id not in fresh]
        if changed:
            execute_many(
                conn, _CHANGE, [{"of": a.id, **{name: _row(a)[name] for name in _CHANGEABLE}} for a in changed]
            )
        if self._steps:
            execute_many(
                conn,
                _ADD_STEP,
                [
                    {"application": of, "n": n, "status": step.status.value, "at_ms": step.at_ms, "note": step.note}
                    for of, n, step in self._steps
                ],
            )
        if self._audit:
            execute_many(conn, _NOTE, self._audit)

    def _know(self, application: Application) -> None:
        known = self.by_id.setdefault(application.id, application)
        self.by_identity[known.identity] = known

    def _step(self, application: Application, note: str) -> None:
        step = ApplicationStep(status=application.status, at_ms=application.changed_at_ms, note=note)
        self._steps.append((application.id, application.steps, step))


def _row(application: Application) -> dict[str, object]:
    return {**msgspec.structs.asdict(application), "status": application.status.value}


def new_id(context: Context) -> ApplicationId:
    """An opaque id; 96 bits of chance."""
    return ApplicationId("a" + context.random_bytes(12).hex())
