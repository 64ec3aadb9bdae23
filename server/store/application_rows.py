"""The rows a batch of applications works on: read set-based, changed in memory, written set-based.

Whoever changes a row holds the head of its `firm/` channel, so that two hubs never decide about one row at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, select, update

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    CallOutcome,
    EnterpriseId,
    NightShift,
    PersonId,
    PositionId,
    SessionId,
    UnsuitableReason,
)
from server.store.application_offers import rows_of
from server.store.engines import insert_new
from server.store.handling import Context
from server.store.many import execute_many
from server.store.tables import application_steps, applications, audit


class Application(msgspec.Struct, kw_only=True):
    """One row of `applications`. The columns are its fields; those with a default are empty at first."""

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
    version: int
    status: ApplicationStatus
    steps: int
    reached_intent: bool
    applied_at_ms: int
    changed_at_ms: int
    claimed_by: str = ""
    claimed_name: str = ""
    claimed_at_ms: int | None = None
    replied_at_ms: int | None = None
    consent_withdrawn_at_ms: int | None = None
    erased_at_ms: int | None = None
    night_shift: NightShift = NightShift.UNKNOWN
    start_in_days: int | None = None

    @property
    def identity(self) -> "Identity":
        return self.phone_hmac, self.position, self.for_whom_hmac


Identity = tuple[bytes, PositionId, bytes]
"""What makes an application the same one: HMAC of the phone, position, HMAC of for_whom."""

_NEVER_CHANGED: Final = ("id", "receipt", "session", "position", "enterprise", "source")
_CHANGEABLE: Final = tuple(name for name in Application.__struct_fields__ if name not in _NEVER_CHANGED)
_AT_FIRST: Final = tuple(
    field.name for field in msgspec.structs.fields(Application) if field.default is msgspec.NODEFAULT
)
_COLUMNS: Final = [applications.c[name] for name in Application.__struct_fields__]
_BY_PHONE: Final = select(*_COLUMNS).where(applications.c.phone_hmac.in_(bindparam("wanted", expanding=True)))
_BY_ID: Final = select(*_COLUMNS).where(applications.c.id.in_(bindparam("wanted", expanding=True)))
_STEPS: Final = (
    select(applications.c.id, applications.c.applied_at_ms, application_steps)
    .outerjoin_from(applications, application_steps, application_steps.c.application == applications.c.id)
    .where(applications.c.id.in_(bindparam("wanted", expanding=True)))
    .order_by(applications.c.id, application_steps.c.n)
)
_ADD: Final = applications.insert()
_ADD_STEP: Final = application_steps.insert()
_NOTE: Final = audit.insert()
_CHANGE: Final = (
    update(applications)
    .where(applications.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)
_WIPE_STEPS: Final = (
    update(application_steps)
    .where(application_steps.c.application == bindparam("of"))
    .values(note=bindparam("blank"), place=bindparam("blank"))
)


def application_of(row: Mapping[str, Any] | RowMapping) -> Application:
    """The row as read from the table, its words as those of the house."""
    values: dict[str, Any] = {name: row[name] for name in Application.__struct_fields__}
    values["status"] = ApplicationStatus(values["status"])
    values["reached_intent"] = bool(values["reached_intent"])
    values["night_shift"] = NightShift(values["night_shift"])
    return Application(**values)


def steps_of(conn: Connection, of: Iterable[ApplicationId]) -> dict[ApplicationId, list[ApplicationStep]]:
    """The steps of each application, first to last. The first stands in the table once it was sent anew; until then the
    application tells it."""
    found: dict[ApplicationId, list[ApplicationStep]] = defaultdict(list)
    for row in rows_of(conn, _STEPS, of):
        steps = found[row["id"]]
        if not steps and row["n"] != 1:
            steps.append(_first_step(row["applied_at_ms"]))
        if row["n"] is None:
            continue
        steps.append(
            ApplicationStep(
                status=ApplicationStatus(row["status"]),
                at_ms=row["at_ms"],
                note=row["note"],
                outcome=CallOutcome(row["outcome"]),
                interview_at_ms=row["interview_at_ms"] or 0,
                place=row["place"],
                reason=UnsuitableReason(row["reason"]),
                by_specialist=bool(row["by_specialist"]),
            )
        )
    return found


def _first_step(applied_at_ms: int) -> ApplicationStep:
    return ApplicationStep(status=ApplicationStatus.APPLIED, at_ms=applied_at_ms)


class ApplicationRows:
    """The applications a batch deals with, and everything it will write about them."""

    def __init__(self, conn: Connection, ids: Iterable[ApplicationId], phones: Iterable[bytes]) -> None:
        self.by_id: dict[ApplicationId, Application] = {}
        self.by_identity: dict[Identity, Application] = {}
        self._of_phone: dict[bytes, set[Identity]] = defaultdict(set)
        self._fresh: list[Application] = []
        self._changed: dict[ApplicationId, Application] = {}
        self._wiped: set[ApplicationId] = set()
        self._steps: list[tuple[ApplicationId, int, ApplicationStep]] = []
        self._first_steps: list[tuple[ApplicationId, int, ApplicationStep]] = []  # to be kept
        self._audit: list[dict[str, object]] = []
        for query, wanted in ((_BY_ID, ids), (_BY_PHONE, phones)):
            for row in rows_of(conn, query, wanted):
                self._know(application_of(row))

    def add(self, application: Application) -> None:
        """A new application with its first step."""
        self._know(application)
        self._fresh.append(application)
        self._steps.append((application.id, 1, _first_step(application.applied_at_ms)))

    def move(self, application: Application, step: ApplicationStep) -> None:
        """A step; the caller has asked the rules."""
        application.status, application.changed_at_ms = step.status, step.at_ms
        application.steps += 1
        self._steps.append((application.id, application.steps, step))
        self.touch(application)

    def send_anew(self, application: Application, at_ms: int) -> None:
        """It has another moment from now on. Its first step is written down, which until now that moment told."""
        self._first_steps.append((application.id, 1, _first_step(application.applied_at_ms)))
        application.applied_at_ms = at_ms
        self.touch(application)

    def touch(self, application: Application) -> None:
        """Its fields were changed."""
        self._changed[application.id] = application

    def wipe(self, application: Application, at_ms: int) -> None:
        """Nothing personal stays: no name, no number nor what it is found by, no words somebody wrote to this person.
        The record of the service does."""
        del self.by_identity[application.identity]
        self._of_phone[application.phone_hmac].discard(application.identity)
        application.sealed = application.for_whom_hmac = b""
        application.phone_hmac = application.id.encode()
        application.person = PersonId("")
        application.erased_at_ms = at_ms
        application.consent_withdrawn_at_ms = application.consent_withdrawn_at_ms or at_ms
        application.night_shift, application.start_in_days = NightShift.UNKNOWN, None
        self._wiped.add(application.id)
        self._know(application)
        self.touch(application)

    def of_phone(self, phone_hmac: bytes) -> Collection[Identity]:
        """The applications of that number."""
        return self._of_phone.get(phone_hmac, ())

    def steps_of_batch(self, application: ApplicationId) -> list[ApplicationStep]:
        """The steps that are not written yet."""
        return [step for of, _, step in self._steps if of == application]

    def note(self, by: PersonId, what: str, subject: str, at_ms: int, why: str) -> None:
        """A line in the audit log."""
        self._audit.append({"at_ms": at_ms, "by": by, "what": what, "subject": subject, "why": why})

    def write(self, conn: Connection) -> None:
        """Everything, one statement per table and kind. Changes go first: what was wiped makes room for what is new."""
        fresh = {application.id for application in self._fresh}
        changed = [a for _, a in sorted(self._changed.items()) if a.id not in fresh]
        execute_many(conn, _CHANGE, [{"of": a.id, **_values(a, _CHANGEABLE)} for a in changed])
        plain = [a for a in self._fresh if a.id not in self._changed]
        execute_many(conn, _ADD, [_values(a, _AT_FIRST) for a in plain])
        rest = [a for a in self._fresh if a.id in self._changed]
        execute_many(conn, _ADD, [_values(a, Application.__struct_fields__) for a in rest])
        kept = [_step_row(of, n, step) for of, n, step in self._first_steps]
        execute_many(conn, insert_new(conn.dialect.name, application_steps), kept)
        execute_many(conn, _ADD_STEP, [_step_row(of, n, step) for of, n, step in self._steps if n > 1])
        execute_many(conn, _WIPE_STEPS, [{"of": application, "blank": ""} for application in sorted(self._wiped)])
        execute_many(conn, _NOTE, self._audit)

    def _know(self, application: Application) -> None:
        known = self.by_id.setdefault(application.id, application)
        self.by_identity[known.identity] = known
        self._of_phone[known.phone_hmac].add(known.identity)


def _values(application: Application, names: Iterable[str]) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(application, name) for name in names}
    values["status"] = application.status.value
    if "night_shift" in values:
        values["night_shift"] = application.night_shift.value
    return values


def _step_row(of: ApplicationId, n: int, step: ApplicationStep) -> dict[str, object]:
    return {
        "application": of,
        "n": n,
        "status": step.status.value,
        "at_ms": step.at_ms,
        "note": step.note,
        "outcome": step.outcome.value,
        "interview_at_ms": step.interview_at_ms or None,
        "place": step.place,
        "reason": step.reason.value,
        "by_specialist": step.by_specialist,
    }


def new_id(context: Context, at_ms: int) -> ApplicationId:
    """An opaque id: the moment, then 72 bits of chance (like UUIDv7, RFC 9562 5.7). What was made together stands
    together in the four trees that are ordered by it: by chance alone an application changed twice as many pages."""
    return ApplicationId("a" + at_ms.to_bytes(6, "big").hex() + context.random_bytes(9).hex())
