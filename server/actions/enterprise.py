"""What an enterprise and its specialist do with applicants."""

from typing import Final

import msgspec

from server.core import rules
from server.core.model import ApplicationId, ApplicationStatus, CallOutcome, EnterpriseId, Principal, Role
from server.core.model import UnsuitableReason as Reason
from server.core.protocol import (
    AnswerApplication,
    ApplicationsAre,
    FirmsAre,
    ListApplications,
    OpenApplication,
    Opened,
)
from server.core.refusal import Code, Refusal
from server.store import application_offers, application_queries, reply_queries, writes
from server.store.application_queries import Page
from server.store.store import Store

VISIT_EVERY_MS: Final = 10 * 60 * 1000
"""A visit is written down this often at most."""


async def list_applications(
    store: Store, principal: Principal, command: ListApplications, at_ms: int
) -> writes.Committed:
    """A page of an enterprise's applicants, masked."""
    enterprise = EnterpriseId(command.enterprise)
    rules.require_enterprise(principal, enterprise)
    page = Page(
        before=command.before,
        limit=command.limit,
        by=principal.person,
        statuses=command.statuses,
        position=command.position,
        order=command.order,
    )
    scope = rules.enterprises_of(principal)
    rows, after, waiting = await store.read(application_queries.of_enterprise, scope, enterprise, page)
    if rules.has(principal, (Role.HR,), enterprise):
        last_ms = await store.read(reply_queries.visited_at_ms, scope, enterprise)
        if at_ms - last_ms > VISIT_EVERY_MS:
            await store.transact(reply_queries.note_visit, enterprise, at_ms)
    return writes.Committed(reply=ApplicationsAre(applications=rows, next=after, waiting=waiting))


async def list_firms(store: Store, principal: Principal, at_ms: int) -> writes.Committed:
    """我的企业."""
    firms = await store.read(reply_queries.firms_of, _answerable(principal), at_ms)
    return writes.Committed(reply=FirmsAre(firms=firms))


async def open_application(
    store: Store, principal: Principal, command: OpenApplication, at_ms: int
) -> writes.Committed:
    """Name and phone in the clear, and a line in the audit log."""
    opened = await store.write(
        writes.OpenApplication(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
            enterprises=_answerable(principal),
            specialist_of=rules.specialist_of(principal),
            by_name=principal.name,
            purpose=command.purpose,
        )
    )
    shown = opened.reply
    assert isinstance(shown, Opened)
    offer = await store.read(application_offers.as_seen, shown.application.position, shown.application.about.version)
    if offer is None:
        return opened
    return msgspec.structs.replace(opened, reply=msgspec.structs.replace(shown, seen=offer[0], today=offer[1]))


async def answer_application(
    store: Store, principal: Principal, command: AnswerApplication, at_ms: int
) -> writes.Committed:
    """A step with what belongs to it, and a note the person can read. Raises `Refusal(BAD_MESSAGE)` for a part that
    belongs to another step."""
    interview = command.status is ApplicationStatus.INTERVIEW
    if (command.interview_at_ms or command.place.strip()) and not interview:
        raise Refusal(Code.BAD_MESSAGE, detail="time and place go with interview")
    if command.reason is not Reason.NONE and command.status is not ApplicationStatus.UNSUITABLE:
        raise Refusal(Code.BAD_MESSAGE, detail="a reason goes with unsuitable")
    if command.outcome is not CallOutcome.NONE and command.status in rules.NO_CALL:
        raise Refusal(Code.BAD_MESSAGE, detail="an outcome goes with a call")
    return await store.write(
        writes.AnswerApplication(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
            enterprises=_answerable(principal),
            specialist_of=rules.specialist_of(principal),
            status=command.status,
            note=rules.clean_optional_line(command.note),
            outcome=command.outcome,
            interview_at_ms=command.interview_at_ms,
            place=rules.clean_optional_line(command.place),
            reason=command.reason,
        )
    )


def _answerable(principal: Principal) -> tuple[EnterpriseId, ...]:
    enterprises = rules.enterprises_of(principal)
    if not enterprises:
        raise Refusal(Code.FORBIDDEN, needs="hr")
    return enterprises
