"""What an enterprise does with its applicants."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import LIST_LIMIT
from server.core.model import Applicant, ApplicationStatus
from server.core.protocol.message import CommandBase, Key, ReplyBase, ShortId, Text


class ListApplications(CommandBase, frozen=True, kw_only=True, tag="list_applications"):
    """An enterprise's applicants, newest first, names and phones masked. Replied by `applications_are`."""

    enterprise: ShortId
    before: Annotated[str, Meta(max_length=64, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=LIST_LIMIT)] = 50


class OpenApplication(CommandBase, frozen=True, kw_only=True, tag="open_application"):
    """See name and phone of one applicant. The look is written to the audit log; a first look is the step
    `viewed`. Replied by `opened`."""

    application: ShortId
    key: Key


class AnswerApplication(CommandBase, frozen=True, kw_only=True, tag="answer_application"):
    """Move an application a step; the person sees it at once. Replied by `done`."""

    application: ShortId
    status: ApplicationStatus
    key: Key
    note: Text = ""


class ApplicationsAre(ReplyBase, frozen=True, kw_only=True, tag="applications_are"):
    """A page of applicants; `next` is empty on the last. `waiting` counts those nobody has answered yet."""

    applications: tuple[Applicant, ...]
    next: str = ""
    waiting: int = 0


class Opened(ReplyBase, frozen=True, kw_only=True, tag="opened"):
    """One applicant, name and phone in the clear."""

    application: Applicant
