"""What a person takes back: a consent, everything. One function per kind of write.

Without a confirmed number a device decides about what it sent alone; with it, about every application of the number.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from server.core import rules
from server.core.bodies import AnyBody, ApplicationMoved
from server.core.model import ApplicationStatus, ApplicationStep, Channel, PersonId
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.application_batch import Batch, firm
from server.store.application_rows import Application
from server.store.handling import Effect
from server.store.tables import confirmed_phones
from server.store.writes import EraseMe, WithdrawConsent

S = ApplicationStatus


def withdraw_consent(batch: Batch, write: WithdrawConsent) -> Effect:
    """The enterprise sees nothing of this person any more (个人信息保护法 Art. 15). Raises `Refusal(NOT_FOUND)`."""
    rows = [row for row in batch.of_person(write.by) if row.enterprise == write.enterprise]
    if not rows:
        raise Refusal(Code.NOT_FOUND, what="enterprise", id=write.enterprise[:80])
    effect = Effect(reply=Done())
    for row in rows:
        owner = batch.senders.owns(row, write.by)
        news = _own(batch, row, write.by)
        for sender in batch.senders.all_of(row):
            if owner or sender.person == write.by:
                batch.senders.take_back(sender, write.at_ms, consent=True)
        bodies: list[tuple[Channel, AnyBody]] = []
        if not any(sender.consent_withdrawn_at_ms is None for sender in batch.senders.all_of(row)):
            bodies = _hide(batch, row, write.at_ms)
        elif not batch.senders.standing(row) and row.status in rules.WITHDRAWABLE:
            moved = batch.moved(row, ApplicationStep(status=S.WITHDRAWN, at_ms=write.at_ms)).bodies
            bodies = [one for one in moved if news is None or one[0] != news[0]]
        elif not owner:
            batch.lose_sight(row, write.by)
        effect.bodies += _with(bodies, news)
    return effect


def erase(batch: Batch, write: EraseMe) -> Effect:
    """Name and number are wiped (个人信息保护法 Art. 47); that there was an application stays."""
    effect = Effect(reply=Done())
    for row in batch.of_person(write.by):
        owner = batch.senders.owns(row, write.by)
        senders = batch.senders.all_of(row)
        others = [sender for sender in senders if sender.person != write.by]
        news = _own(batch, row, write.by)
        if others and not owner:
            effect.bodies += _with(_leave(batch, row, write), news)
            continue
        effect.bodies += _with(_hide(batch, row, write.at_ms), news)
        for sender in senders:
            batch.senders.remove(sender)
        batch.rows.wipe(row, write.at_ms)
    return effect


def forget_phones(conn: Connection, persons: Iterable[PersonId]) -> None:
    """What these persons confirmed is forgotten, on all devices that confirmed the same number."""
    wanted = sorted(set(persons))
    if wanted:
        phones = select(confirmed_phones.c.phone_hmac).where(confirmed_phones.c.person.in_(wanted))
        conn.execute(delete(confirmed_phones).where(confirmed_phones.c.phone_hmac.in_(phones)))


def _leave(batch: Batch, row: Application, write: EraseMe) -> list[tuple[Channel, AnyBody]]:
    """Another device sent the same: that one's stays, nothing says any more that this one did."""
    sender = batch.senders.get(row, write.by)
    assert sender is not None
    batch.senders.remove(sender)
    bodies: list[tuple[Channel, AnyBody]] = []
    batch.lose_sight(row, write.by)
    if not batch.senders.standing(row) and row.status in rules.WITHDRAWABLE:
        bodies = batch.moved(row, ApplicationStep(status=S.WITHDRAWN, at_ms=write.at_ms)).bodies
    return bodies


def _hide(batch: Batch, row: Application, at_ms: int) -> list[tuple[Channel, AnyBody]]:
    """Name and number go out of the enterprise's sight, on pages that are open as well."""
    if row.consent_withdrawn_at_ms is not None:
        return []
    row.consent_withdrawn_at_ms = at_ms
    batch.rows.touch(row)
    if row.status in rules.WITHDRAWABLE:
        return batch.moved(row, ApplicationStep(status=S.WITHDRAWN, at_ms=at_ms)).bodies
    body = ApplicationMoved(application=row.id, position=row.position, status=row.status, contact_gone=True)
    return [(firm(row), body), *batch.to_told(row, body)]


def _own(batch: Batch, row: Application, person: PersonId) -> tuple[Channel, AnyBody] | None:
    """What this device is told about its own sending, whoever else sent the same; None where its consent was taken back
    before, or it sent nothing."""
    sender = batch.senders.get(row, person)
    if sender is None or sender.consent_withdrawn_at_ms is not None:
        return None
    body = ApplicationMoved(application=row.id, position=row.position, status=S.WITHDRAWN, contact_gone=True)
    return batch.to_person(row, person, body)


def _with(bodies: list[tuple[Channel, AnyBody]], news: tuple[Channel, AnyBody] | None) -> list[tuple[Channel, AnyBody]]:
    """The news too, unless what others are told reaches the same one."""
    return bodies if news is None or news[0] in {where for where, _ in bodies} else [*bodies, news]
