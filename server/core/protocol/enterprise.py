"""What an enterprise does with its applicants."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import LIST_LIMIT
from server.core.model import (
    Applicant,
    ApplicantOrder,
    ApplicationStatus,
    CallOutcome,
    Firm,
    LookPurpose,
    Position,
    UnsuitableReason,
)
from server.core.protocol.message import NO_CONTROLS, CommandBase, Key, ReplyBase, ShortId, Text


class ListApplications(CommandBase, frozen=True, kw_only=True, tag="list_applications"):
    """An enterprise's applicants, names and phones masked. Replied by `applications_are`."""

    enterprise: ShortId
    before: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=LIST_LIMIT)] = 50
    statuses: Annotated[tuple[ApplicationStatus, ...], Meta(max_length=10, description="only these; empty: all")] = ()
    position: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS, description="only this one; empty: all")] = ""
    order: ApplicantOrder = ApplicantOrder.NEWEST


class OpenApplication(CommandBase, frozen=True, kw_only=True, tag="open_application"):
    """See name and phone of one applicant. The look is written to the audit log with its purpose; a first look is the
    step `viewed` and claims the applicant for whoever looks. Replied by `opened`."""

    application: ShortId
    key: Key
    purpose: LookPurpose = LookPurpose.CONTACT


class AnswerApplication(CommandBase, frozen=True, kw_only=True, tag="answer_application"):
    """Move an application a step; the person sees it at once. `outcome` goes with a call: with `contacted`, or with the
    status it has, which is then only written down. Time and place go with `interview`, `reason` with `unsuitable`.
    Replied by `done`."""

    application: ShortId
    status: ApplicationStatus
    key: Key
    note: Text = ""
    outcome: CallOutcome = CallOutcome.NONE
    interview_at_ms: Annotated[int, Meta(ge=0, le=2**53)] = 0
    place: Text = ""
    reason: UnsuitableReason = UnsuitableReason.NONE


class FillWaiting(CommandBase, frozen=True, kw_only=True, tag="fill_waiting"):
    """岗位已招满 for all who wait for a first answer (`applied`, `viewed`): of one position, or of the whole enterprise
    when `position` is empty. With `close` that position also takes no applications any more. Each is told once, however
    often this is sent. Replied by `filled`."""

    enterprise: ShortId
    key: Key
    position: Annotated[
        str, Meta(max_length=64, pattern=NO_CONTROLS, description="only this one; empty: all of the enterprise")
    ] = ""
    close: bool = False


class Filled(ReplyBase, frozen=True, kw_only=True, tag="filled"):
    """How many were told. `left` is true when more wait than are told at once: send it again, with a new key."""

    told: int
    left: bool = False


class ListFirms(CommandBase, frozen=True, kw_only=True, tag="list_firms"):
    """我的企业: the enterprises one answers for, those whose people were never here first, then by who waits longest.
    Replied by `firms_are`."""


class FirmsAre(ReplyBase, frozen=True, kw_only=True, tag="firms_are"):
    """我的企业."""

    firms: tuple[Firm, ...]


class ApplicationsAre(ReplyBase, frozen=True, kw_only=True, tag="applications_are"):
    """A page of applicants; `next` is empty on the last. `waiting` counts those nobody has answered yet."""

    applications: tuple[Applicant, ...]
    next: str = ""
    waiting: int = 0


class Opened(ReplyBase, frozen=True, kw_only=True, tag="opened"):
    """One applicant, name and phone in the clear. `seen` is the position as this person saw it and `today` as it is,
    both only where pay, place or shift differ."""

    application: Applicant
    seen: Position | None = None
    today: Position | None = None
