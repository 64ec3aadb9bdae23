"""Writes of applications."""

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    CallOutcome,
    EnterpriseId,
    LookPurpose,
    NightShift,
    PositionId,
    SessionId,
    UnsuitableReason,
)
from server.store.writes.write import Write


class Apply(Write, frozen=True, kw_only=True):
    """One application row per (position, HMAC of phone, for_whom), whatever is resent; withdrawn ones come back to
    life. Reply `Receipt`. Publishes, for a row that was not there: ApplicationNew on firm/ENTERPRISE and me/PERSON,
    ApplicationCame on desk/SESSION, counter `applications` + 1; for a withdrawn one: ApplicationMoved(applied) on
    firm/ and me/. Another device's sending of a row that is there is written down beside the first, with an id and a
    receipt of its own, and is told in the same words: only what this device sent before is `already`. Refused:
    NOT_FOUND, SESSION_NOT_LIVE (never was on air), SESSION_ENDED, NOT_ON_SHELF, POSITION_CLOSED (also when no reviewer
    approved it), POSITION_CHANGED (`version` is not 0, and pay, place or shift differ now), PHONE_UNCONFIRMED
    (`confirmed_only`, and the number is not). `phone` is 11 digits, already normalised. `source`: the code of the QR
    or poster that led to it, kept with a row that was not there."""

    session: SessionId
    position: PositionId
    name: str
    phone: str
    for_whom: str
    consent: str
    source: str = ""
    version: int = 0
    confirmed_only: bool = False


class Withdraw(Write, frozen=True, kw_only=True):
    """By who has confirmed the number: the application goes (ApplicationMoved(withdrawn) on firm/ and me/). By another
    device: what it sent goes, with the application when nobody else's sending is left; else only this device's me/
    hears of it. Refused: NOT_FOUND, STEP_NOT_ALLOWED."""

    application: ApplicationId


class TellMore(Write, frozen=True, kw_only=True):
    """The answers to the two questions after the receipt. Of who sees the application they go to the enterprise
    (ApplicationChanged on firm/); of another device they stay with its own sending. Refused: NOT_FOUND."""

    application: ApplicationId
    night_shift: NightShift = NightShift.UNKNOWN
    start_in_days: int | None = None


class OpenApplication(Write, frozen=True, kw_only=True):
    """Name and phone in the clear, for one of `enterprises` only; writes the audit log every time (also for a repeated
    key), claims it for `by` when nobody had, and takes the step `viewed` when it was `applied` (ApplicationMoved on
    firm/ and me/; ApplicationChanged on firm/ for a claim alone). Reply `Opened`: never kept in the key table (personal
    data): a repeated key is executed again. Refused: NOT_FOUND (also when it is another enterprise's, or the consent
    was taken back), STEP_NOT_ALLOWED (withdrawn)."""

    application: ApplicationId
    enterprises: tuple[EnterpriseId, ...]
    specialist_of: tuple[EnterpriseId, ...] = ()
    by_name: str = ""
    purpose: LookPurpose = LookPurpose.CONTACT


class AnswerApplication(Write, frozen=True, kw_only=True):
    """Move to `status`, or write a call down. Publishes ApplicationMoved on firm/ and me/; counter `intents` + 1 the
    first time it reaches `intent` or what lies behind it (hired, at_work). Refused: NOT_FOUND, STEP_NOT_ALLOWED
    (`rules.may_step`)."""

    application: ApplicationId
    enterprises: tuple[EnterpriseId, ...]
    status: ApplicationStatus
    specialist_of: tuple[EnterpriseId, ...] = ()
    note: str = ""
    outcome: CallOutcome = CallOutcome.NONE
    interview_at_ms: int = 0
    place: str = ""
    reason: UnsuitableReason = UnsuitableReason.NONE


class FillWaiting(Write, frozen=True, kw_only=True):
    """岗位已招满 for those of `applications` that wait for a first answer and are an enterprise's of `enterprises`; the
    others are passed over. Publishes ApplicationMoved on firm/ and me/ for each. Reply `Filled`."""

    applications: tuple[ApplicationId, ...]
    enterprises: tuple[EnterpriseId, ...]
    specialist_of: tuple[EnterpriseId, ...] = ()


class WithdrawConsent(Write, frozen=True, kw_only=True):
    """The enterprise loses sight of this person: applications there are withdrawn and gone from its lists. Publishes
    ApplicationMoved(contact_gone) on firm/ and me/. Refused: NOT_FOUND."""

    enterprise: EnterpriseId


class EraseMe(Write, frozen=True, kw_only=True):
    """Name and number are wiped; the rows stay without them. Publishes as WithdrawConsent does. Reply `Done`."""
