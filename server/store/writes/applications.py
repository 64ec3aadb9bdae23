"""Writes of applications."""

from server.core.model import ApplicationId, ApplicationStatus, EnterpriseId, PositionId, SessionId
from server.store.writes.write import Write


class Apply(Write, frozen=True, kw_only=True):
    """One application row per (position, HMAC of phone, for_whom), whatever is resent; withdrawn ones come back to
    life. Reply `Receipt`. Publishes, for a row that was not there: ApplicationNew on firm/ENTERPRISE and me/PERSON,
    ApplicationCame on desk/SESSION, counter `applications` + 1; for a withdrawn one: ApplicationMoved(applied) on
    firm/ and me/. A row that is there under another person answers `already` and publishes nothing (and gives nothing
    away but the receipt of this very phone and position). Refused: NOT_FOUND, SESSION_NOT_LIVE (never was on air),
    SESSION_ENDED, NOT_ON_SHELF, POSITION_CLOSED. `phone` is 11 digits, already normalised. `source`: the code of the
    QR or poster that led here; the first one stays."""

    session: SessionId
    position: PositionId
    name: str
    phone: str
    for_whom: str
    consent: str
    source: str = ""


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
