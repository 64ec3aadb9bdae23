"""Applying, following one's application, and answering it."""

from server.core import rules
from server.core.limits import MIN_AGE_YEARS
from server.core.model import ApplicationId, EnterpriseId, PositionId, Principal, SessionId
from server.core.protocol import (
    AnswerApplication,
    ApplicationsAre,
    Apply,
    ListApplications,
    MyApplicationsAre,
    OpenApplication,
    Withdraw,
)
from server.core.refusal import Code, Refusal
from server.store import application_queries, writes
from server.store.store import Store


async def apply(store: Store, principal: Principal, command: Apply, consent: str, at_ms: int) -> writes.Committed:
    """投递. `consent` is the version of the consent text in force; an older one has to be read again
    (个人信息保护法 Art. 23: separate consent naming the recipient)."""
    if not command.age_confirmed:
        raise Refusal(Code.AGE_NOT_CONFIRMED, years=MIN_AGE_YEARS)
    if command.consent != consent:
        raise Refusal(Code.CONSENT_OUTDATED, version=consent)
    return await store.write(
        writes.Apply(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=SessionId(command.session),
            position=PositionId(command.position),
            name=rules.clean_name(command.name),
            phone=rules.normal_phone(command.phone),
            for_whom=rules.clean_name(command.for_whom) if command.for_whom.strip() else "",
            consent=command.consent,
            source=command.source,
        )
    )


async def withdraw(store: Store, principal: Principal, command: Withdraw, at_ms: int) -> writes.Committed:
    """撤回, by the person who applied."""
    return await store.write(
        writes.Withdraw(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
        )
    )


async def my_applications(store: Store, principal: Principal) -> writes.Committed:
    """我的投递, newest first."""
    mine = await store.read(application_queries.of_person, principal.person)
    return writes.Committed(reply=MyApplicationsAre(applications=mine))


async def list_applications(store: Store, principal: Principal, command: ListApplications) -> writes.Committed:
    """A page of an enterprise's applicants, masked."""
    enterprise = EnterpriseId(command.enterprise)
    rules.require_enterprise(principal, enterprise)
    rows, after, waiting = await store.read(
        application_queries.of_enterprise,
        rules.enterprises_of(principal),
        enterprise,
        command.before,
        command.limit,
    )
    return writes.Committed(reply=ApplicationsAre(applications=rows, next=after, waiting=waiting))


async def open_application(
    store: Store, principal: Principal, command: OpenApplication, at_ms: int
) -> writes.Committed:
    """Name and phone in the clear, and a line in the audit log."""
    return await store.write(
        writes.OpenApplication(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
            enterprises=_answerable(principal),
        )
    )


async def answer_application(
    store: Store, principal: Principal, command: AnswerApplication, at_ms: int
) -> writes.Committed:
    """A step, with a note the person can read."""
    return await store.write(
        writes.AnswerApplication(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
            enterprises=_answerable(principal),
            status=command.status,
            note=rules.clean_line(command.note) if command.note.strip() else "",
        )
    )


def _answerable(principal: Principal) -> tuple[EnterpriseId, ...]:
    enterprises = rules.enterprises_of(principal)
    if not enterprises:
        raise Refusal(Code.FORBIDDEN, needs="hr")
    return enterprises
