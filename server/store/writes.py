"""What can be written, one Struct per kind of write; the writer commits many at once, set-based (DESIGN 8).

A write says what is wanted and by whom; the decision that needs the state of the database (is the session on air, is
the position on its shelf) is made inside the transaction, after the heads of its channels are locked. A write that
cannot be done ends as a `Refusal` of its own and never spoils the others of its batch.

Every write has a `key` scoped to `by` (KEYS_KEPT_DAYS): the same key and content again is answered with the first
reply and changes nothing; the same key with other content is refused with KEY_REUSED.
"""

import msgspec

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    EnterpriseId,
    Grant,
    PersonId,
    PositionId,
    Publication,
    SessionId,
    SessionState,
)
from server.core.protocol import Reply


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Base of writes. `at_ms` is the writing hub's clock."""

    by: PersonId
    key: str
    at_ms: int


class ChangeState(Write, frozen=True, kw_only=True):
    """Session to `state`. Reply `Done(offset in stage/)`. Publishes StateChanged on stage/ and RoomChanged on the
    area/ channel of the province. Refused: NOT_FOUND, ALREADY_LIVE, SESSION_ENDED, SESSION_NOT_LIVE."""

    session: SessionId
    state: SessionState


class ShowCard(Write, frozen=True, kw_only=True):
    """Reply `Done(offset)`. Publishes CardShown on stage/; counter `cards` + 1. Refused: NOT_FOUND, SESSION_NOT_LIVE,
    SESSION_ENDED, NOT_ON_SHELF, POSITION_CLOSED."""

    session: SessionId
    position: PositionId


class UndoCard(Write, frozen=True, kw_only=True):
    """Take the last show back (up to 10 in a row); the card before it stands again. Publishes CardUndone; counter
    `cards` - 1. Refused: NOTHING_TO_UNDO, SESSION_*."""

    session: SessionId


class HideCard(Write, frozen=True, kw_only=True):
    """Publishes CardHidden; the undo stack starts anew. Refused: NOTHING_SHOWN, SESSION_*."""

    session: SessionId


class Say(Write, frozen=True, kw_only=True):
    """One chat line. Publishes Line on chat/. Refused: SESSION_NOT_LIVE, SESSION_ENDED, NOT_FOUND."""

    session: SessionId
    author: str
    name: str
    text: str
    role: str = ""


class Apply(Write, frozen=True, kw_only=True):
    """One application row per (position, HMAC of phone, for_whom), whatever is resent; withdrawn ones come back to
    life. Reply `Receipt`. Publishes, for a row that was not there: ApplicationNew on firm/ENTERPRISE and me/PERSON,
    ApplicationCame on desk/SESSION, counter `applications` + 1; for a withdrawn one: ApplicationMoved(applied) on
    firm/ and me/. A row that is there under another person answers `already` and publishes nothing (and gives nothing
    away but the receipt of this very phone and position). Refused: NOT_FOUND, SESSION_NOT_LIVE (never was on air),
    SESSION_ENDED, NOT_ON_SHELF, POSITION_CLOSED. `phone` is 11 digits, already normalised."""

    session: SessionId
    position: PositionId
    name: str
    phone: str
    for_whom: str
    consent: str


class Withdraw(Write, frozen=True, kw_only=True):
    """By the person who applied only. Publishes ApplicationMoved(withdrawn) on firm/ and me/. Refused: NOT_FOUND,
    STEP_NOT_ALLOWED."""

    application: ApplicationId


class OpenApplication(Write, frozen=True, kw_only=True):
    """Name and phone in the clear, for one of `enterprises` only; writes the audit log every time (also for a repeated
    key), and the step `viewed` when it was `applied` (ApplicationMoved on firm/ and me/). Reply `Opened`: never kept
    in the key table (personal data): a repeated key is executed again. Refused: NOT_FOUND (also when it is another
    enterprise's)."""

    application: ApplicationId
    enterprises: tuple[EnterpriseId, ...]


class AnswerApplication(Write, frozen=True, kw_only=True):
    """Move to `status` with a note. Publishes ApplicationMoved on firm/ and me/; counter `intents` + 1 the first time
    it reaches `intent` or what lies behind it (hired, at_work). Refused: NOT_FOUND, STEP_NOT_ALLOWED
    (`rules.may_step`)."""

    application: ApplicationId
    enterprises: tuple[EnterpriseId, ...]
    status: ApplicationStatus
    note: str = ""


class AddAccount(Write, frozen=True, kw_only=True):
    """A staff account. `password_hash` is argon2id (PHC string). An existing name gets the new hash and grants.
    Reply `Done`."""

    name: str
    shown_name: str
    password_hash: str
    grants: tuple[Grant, ...]


class RevokePerson(Write, frozen=True, kw_only=True):
    """Every token of `person` issued before `at_ms` is void. Publishes Revoked on house/PROVINCE. Reply `Done`."""

    person: PersonId


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """What a write became, after the commit. `epoch` and offsets are in the publications; a repeated key publishes
    nothing."""

    reply: Reply
    publications: tuple[Publication, ...] = ()
    repeated: bool = False
