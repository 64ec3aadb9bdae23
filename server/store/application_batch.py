"""All that the writes about applications of one batch need to know, read in one statement per table."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select, union

from server.core import rules
from server.core.bodies import AnyBody, ApplicationMoved, ApplicationNew
from server.core.channels import Kind, channel
from server.core.model import (
    About,
    Applicant,
    ApplicationId,
    ApplicationStep,
    Channel,
    Claim,
    EnterpriseId,
    PersonId,
    PositionId,
    SessionId,
)
from server.core.protocol import Done, Reply
from server.core.refusal import Code, Refusal
from server.store.application_offers import OnAir, offers, on_air, on_shelves, rows_of, titles, versions
from server.store.application_rows import Application, ApplicationRows, steps_of
from server.store.application_senders import Senders
from server.store.handling import Context, Effect
from server.store.notice_writes import Notices
from server.store.people import Personal, seal
from server.store.tables import application_senders, applications, confirmed_phones
from server.store.writes import (
    AnswerApplication,
    Apply,
    EraseMe,
    FillWaiting,
    OpenApplication,
    TellMore,
    Withdraw,
    WithdrawConsent,
    Write,
)

_PARTIES: Final = select(
    applications.c.id,
    applications.c.enterprise,
    applications.c.session,
    applications.c.person,
    applications.c.phone_hmac,
).where(applications.c.id.in_(bindparam("wanted", expanding=True)))
_TOLD: Final = union(
    select(application_senders.c.person).where(
        application_senders.c.application.in_(bindparam("wanted", expanding=True))
    ),
    select(confirmed_phones.c.person)
    .join_from(applications, confirmed_phones, confirmed_phones.c.phone_hmac == applications.c.phone_hmac)
    .where(applications.c.id.in_(bindparam("wanted", expanding=True))),
    select(applications.c.person).where(applications.c.id.in_(bindparam("wanted", expanding=True))),
)
KNOWN_AS: Final = select(application_senders.c.application).where(
    application_senders.c.shown_id.in_(bindparam("wanted", expanding=True)),
    application_senders.c.shown_id != application_senders.c.application,
)
_OF_PERSONS: Final = union(
    select(application_senders.c.application.label("id")).where(
        application_senders.c.person.in_(bindparam("wanted", expanding=True))
    ),
    select(applications.c.id)
    .join_from(confirmed_phones, applications, applications.c.phone_hmac == confirmed_phones.c.phone_hmac)
    .where(confirmed_phones.c.person.in_(bindparam("wanted", expanding=True))),
)


def named(conn: Connection, writes: Sequence[Write]) -> set[ApplicationId]:
    """The applications these writes are about, as far as that can be told before anything is locked."""
    found = {w.application for w in writes if isinstance(w, Withdraw | OpenApplication | AnswerApplication | TellMore)}
    shown = {w.application for w in writes if isinstance(w, Withdraw | TellMore)}
    persons = {w.by for w in writes if isinstance(w, WithdrawConsent | EraseMe)}
    found |= {one for w in writes if isinstance(w, FillWaiting) for one in w.applications}
    return (
        found
        | {row["application"] for row in rows_of(conn, KNOWN_AS, shown)}
        | {row["id"] for row in rows_of(conn, _OF_PERSONS, persons)}
    )


def concerned(conn: Connection, of: Iterable[ApplicationId]) -> set[Channel]:
    """The channels of those whom these applications concern: firm, desk, and everyone who sent them or has confirmed
    their number."""
    wanted = set(of)
    found: set[Channel] = set()
    for row in rows_of(conn, _PARTIES, wanted):
        found |= {channel(Kind.FIRM, row["enterprise"]), channel(Kind.DESK, row["session"])}
    found |= {channel(Kind.ME, row["person"]) for row in rows_of(conn, _TOLD, wanted) if row["person"]}
    return found


class Batch:
    """The rows, and the surroundings the decisions need."""

    def __init__(self, conn: Connection, context: Context, writes: Sequence[Write]) -> None:
        applies = [write for write in writes if isinstance(write, Apply)]
        wanted = {write.position for write in applies}
        self.context = context
        self.notices = Notices()
        self.phones = {write.phone: context.keyring.phone_hmac(write.phone) for write in applies}
        self.rows = ApplicationRows(conn, named(conn, writes), self.phones.values())
        self.senders = Senders(conn, self.rows.by_id.values(), self.phones.values())
        self.on_air: dict[SessionId, OnAir] = on_air(conn, (write.session for write in applies))
        self.offers = offers(conn, wanted)
        self.on_shelves = on_shelves(conn, wanted)
        self.seen = versions(conn, (pair for write in applies if (pair := self._outdated(write)) is not None))
        opened = {w.application for w in writes if isinstance(w, OpenApplication)} & self.rows.by_id.keys()
        self.steps = steps_of(conn, opened)
        self.titles = titles(conn, (self.rows.by_id[application].position for application in opened))

    def write(self, conn: Connection) -> None:
        """All that was decided."""
        self.rows.write(conn)
        self.senders.write(conn)
        self.notices.write(conn)

    def _outdated(self, write: Apply) -> tuple[PositionId, int] | None:
        """The version somebody saw, if the position has another one now."""
        offer = self.offers.get(write.position) if write.version else None
        if offer is None or write.version == offer.position.version:
            return None
        return write.position, write.version

    def changed_since_seen(self, write: Apply) -> bool:
        """Whether pay, place or shift differ from what was seen. A version nobody knows counts as different."""
        pair = self._outdated(write)
        if pair is None:
            return False
        seen = self.seen.get(pair)
        return seen is None or rules.terms_of(seen) != rules.terms_of(self.offers[write.position].position)

    def of_firm(self, application: ApplicationId, enterprises: Iterable[EnterpriseId]) -> Application:
        """The application, if it is one of these enterprises' and they may see it. Raises `Refusal(NOT_FOUND)`."""
        row = self.rows.by_id.get(application)
        if row is None or row.enterprise not in enterprises or row.consent_withdrawn_at_ms is not None:
            raise not_found(application)
        return row

    def meant(self, shown: ApplicationId, person: PersonId) -> Application:
        """The application this person means by that id: one of a number it has confirmed, or its own sending's. Raises
        `Refusal(NOT_FOUND)`."""
        row = self.rows.by_id.get(shown)
        if row is None or not self.senders.owns(row, person):
            own = self.senders.known_as(shown, person)
            row = None if own is None else self.rows.by_id[own.application]
        if row is None or row.erased_at_ms is not None:
            raise not_found(shown)
        return row

    def of_person(self, person: PersonId) -> list[Application]:
        """The applications this person sent, or whose number it has confirmed, as of now in this batch; in the order of
        the ids the person knows, for it sees the order in what it is told."""
        return [
            row
            for row in sorted(self.rows.by_id.values(), key=lambda row: self.senders.shown_id(row, person))
            if row.erased_at_ms is None
            and (self.senders.get(row, person) is not None or self.senders.owns(row, person))
        ]

    def lose_sight(self, row: Application, person: PersonId) -> None:
        """The first device took its sending back, another's stands: what comes now is the other's."""
        if row.person == person:
            row.person = PersonId("")
            self.rows.touch(row)

    def moved(self, row: Application, step: ApplicationStep, *, reply: Reply | None = None) -> Effect:
        """A step, told to the enterprise and to those who follow it."""
        logged = step.status is row.status  # a call that moves nothing is no news for its person
        self.rows.move(row, step)
        if not logged:
            self.notices.note(row.id, row.steps, step.status, step.at_ms)
        gone = row.consent_withdrawn_at_ms is not None
        body = ApplicationMoved(application=row.id, position=row.position, status=step.status, contact_gone=gone)
        return Effect(reply=reply or Done(), bodies=[(firm(row), body), *self.to_told(row, body)])

    def to_told(self, row: Application, body: ApplicationMoved | ApplicationNew) -> list[tuple[Channel, AnyBody]]:
        """The body for everyone who hears of each step, about the application as each knows it."""
        return [self.to_person(row, person, body) for person in self.senders.told(row)]

    def to_person(
        self, row: Application, person: PersonId, body: ApplicationMoved | ApplicationNew
    ) -> tuple[Channel, AnyBody]:
        """The body for this one."""
        shown = self.senders.shown_id(row, person)
        return channel(Kind.ME, person), msgspec.structs.replace(body, application=shown)

    def sealed(self, application: ApplicationId, write: Apply) -> bytes:
        """What was typed, sealed for that row or that sending."""
        return seal(self.context.keyring, application, Personal(write.name, write.phone, write.for_whom))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What else is shown of an applicant, and to whom."""

    title: str
    by: PersonId
    phone_confirmed: bool
    revealed: bool = False
    receipts: tuple[str, ...] = ()


def applicant(row: Application, personal: Personal, steps: Sequence[ApplicationStep], asked: Asked) -> Applicant:
    """The application as the enterprise sees it, masked or not as `personal` is."""
    return Applicant(
        id=row.id,
        receipt=row.receipt,
        enterprise=row.enterprise,
        position=row.position,
        position_title=asked.title,
        name=personal.name,
        phone=personal.phone,
        revealed=asked.revealed,
        status=row.status,
        applied_at_ms=row.applied_at_ms,
        changed_at_ms=row.changed_at_ms,
        for_whom=personal.for_whom,
        steps=tuple(steps),
        about=about(row, phone_confirmed=asked.phone_confirmed, receipts=asked.receipts),
        claim=_claim(row, asked.by),
    )


def about(row: Application, *, phone_confirmed: bool, receipts: tuple[str, ...] = ()) -> About:
    """What belongs to it beside name and number."""
    return About(
        phone_confirmed=phone_confirmed,
        version=row.version,
        night_shift=row.night_shift,
        start_in_days=row.start_in_days,
        receipts=receipts,
    )


def _claim(row: Application, by: PersonId) -> Claim | None:
    if not row.claimed_by:
        return None
    return Claim(by=row.claimed_name, at_ms=row.claimed_at_ms or 0, mine=row.claimed_by == by)


def firm(row: Application) -> Channel:
    """The channel of its enterprise."""
    return channel(Kind.FIRM, row.enterprise)


def not_found(application: ApplicationId) -> Refusal:
    """There is none, or whoever asks may not know of it."""
    return Refusal(Code.NOT_FOUND, what="application", id=application[:80])
