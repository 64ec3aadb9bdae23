"""Applying, following one's application, and what a person may ask about their data."""

import msgspec

from server.core import rules
from server.core.limits import MIN_AGE_YEARS
from server.core.model import ApplicationId, EnterpriseId, PositionId, Principal, SessionId
from server.core.protocol import (
    Apply,
    EraseMe,
    MyApplicationsAre,
    MyDataIs,
    TellMore,
    Withdraw,
    WithdrawConsent,
)
from server.core.refusal import Code, Refusal
from server.store import application_queries, writes
from server.store.privacy_queries import record_of
from server.store.store import Store


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the house asks of every application: `consent`, the version of the text in force; `confirmed_only`, that
    the number was confirmed by a code before."""

    consent: str
    confirmed_only: bool = False


async def apply(store: Store, principal: Principal, command: Apply, terms: Terms, at_ms: int) -> writes.Committed:
    """投递. An older version of the consent text than the one in force has to be read again
    (个人信息保护法 Art. 23: separate consent naming the recipient)."""
    if not command.age_confirmed or 0 < command.age < MIN_AGE_YEARS:
        raise Refusal(Code.AGE_NOT_CONFIRMED, years=MIN_AGE_YEARS)
    if command.consent != terms.consent:
        raise Refusal(Code.CONSENT_OUTDATED, version=terms.consent)
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
            version=command.version,
            confirmed_only=terms.confirmed_only,
        )
    )


async def withdraw(store: Store, principal: Principal, command: Withdraw, at_ms: int) -> writes.Committed:
    """撤回, by whoever sent it or has confirmed its number."""
    return await store.write(
        writes.Withdraw(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
        )
    )


async def tell_more(store: Store, principal: Principal, command: TellMore, at_ms: int) -> writes.Committed:
    """夜班行吗？几天能到岗？"""
    return await store.write(
        writes.TellMore(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            application=ApplicationId(command.application),
            night_shift=command.night_shift,
            start_in_days=command.start_in_days,
        )
    )


async def my_applications(store: Store, principal: Principal) -> writes.Committed:
    """我的投递, newest first."""
    mine = await store.read(application_queries.of_person, principal.person)
    return writes.Committed(reply=MyApplicationsAre(applications=mine))


async def withdraw_consent(
    store: Store, principal: Principal, command: WithdrawConsent, at_ms: int
) -> writes.Committed:
    """One enterprise loses sight of this person."""
    enterprise = EnterpriseId(command.enterprise)
    return await store.write(
        writes.WithdrawConsent(by=principal.person, key=command.key, at_ms=at_ms, enterprise=enterprise)
    )


async def my_data(store: Store, principal: Principal, at_ms: int) -> writes.Committed:
    """All that is held about this person."""
    return writes.Committed(reply=MyDataIs(at_ms=at_ms, record=await store.read(record_of, principal.person)))


async def erase_me(store: Store, principal: Principal, command: EraseMe, at_ms: int) -> writes.Committed:
    """Name and number are wiped."""
    return await store.write(writes.EraseMe(by=principal.person, key=command.key, at_ms=at_ms))
