"""What seekers do: send an application, take it back, tell more. One function per kind of write.

Whoever has not confirmed the number is answered about its own sending alone, so that the answer is the same whether the
number was here before or not (SECURITY.md says what is left).
"""

from server.core import rules
from server.core.bodies import AnyBody, ApplicationCame, ApplicationChanged, ApplicationMoved, ApplicationNew
from server.core.channels import Kind, channel
from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    Channel,
    NightShift,
    PersonId,
    SessionState,
    is_rehearsal,
)
from server.core.protocol import Done, Receipt
from server.core.refusal import Code, Refusal
from server.store.application_batch import Batch, firm
from server.store.application_bounds import require_few
from server.store.application_offers import Offer, OnAir
from server.store.application_rows import Application, new_id
from server.store.application_senders import Sender
from server.store.counting import APPLICATIONS
from server.store.handling import Count, Effect
from server.store.receipts import new_receipt
from server.store.writes import Apply, TellMore, Withdraw, Write

S = ApplicationStatus


def apply(batch: Batch, write: Apply) -> Effect:
    """One row per phone, position and person applied for. Raises `Refusal`."""
    here, offer = batch.on_air.get(write.session), batch.offers.get(write.position)
    if here is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
    if offer is None:
        raise Refusal(Code.NOT_FOUND, what="position", id=write.position[:80])
    for_whom_hmac = batch.context.keyring.for_whom_hmac(write.for_whom)
    there = batch.rows.by_identity.get((batch.phones[write.phone], write.position, for_whom_hmac))
    stands = there is not None and there.status is not S.WITHDRAWN
    # What is stored is never refused to who sent it: this comes before the questions that could be answered otherwise
    # by now. Somebody else with that number is asked them all, or a refusal would say whether it applied here.
    if there is not None and stands and _is_theirs(batch, write, there):
        return _again_the_same(batch, write, there)
    _require_takes(batch, write, here, offer)
    if write.confirmed_only and not batch.senders.confirmed(batch.phones[write.phone], write.by):
        raise Refusal(Code.PHONE_UNCONFIRMED)
    require_few(batch, write, there)
    if there is not None and stands:
        return _again_the_same(batch, write, there)
    if there is not None:
        return _back_to_life(batch, write, there)
    return _first(batch, write, here, offer, for_whom_hmac)


def _is_theirs(batch: Batch, write: Apply, row: Application) -> bool:
    return _stands(batch, write, row) or batch.senders.owns(row, write.by)


def _stands(batch: Batch, write: Apply, row: Application) -> bool:
    """Whether what this device sent was not taken back."""
    own = batch.senders.get(row, write.by)
    return own is not None and own.withdrawn_at_ms is None


def _require_takes(batch: Batch, write: Apply, here: OnAir, offer: Offer) -> None:
    if here.state is SessionState.REHEARSAL or is_rehearsal(write.session):
        raise Refusal(Code.REHEARSAL, session=write.session)
    if here.cut_off:
        raise Refusal(Code.SESSION_CUT_OFF, session=write.session)
    # A position outlives its session: who watches the replay applies like who was there (docs/decisions.md).
    if here.state is SessionState.SCHEDULED:
        raise Refusal(Code.SESSION_NOT_LIVE, session=write.session, state=here.state.value)
    if (write.session, write.position) not in batch.on_shelves:
        raise Refusal(Code.NOT_ON_SHELF, position=write.position)
    if not offer.takes(write.at_ms):
        raise Refusal(Code.POSITION_CLOSED, position=write.position)
    if batch.changed_since_seen(write):
        raise Refusal(Code.POSITION_CHANGED, version=offer.position.version)


def _first(batch: Batch, write: Apply, here: OnAir, offer: Offer, for_whom_hmac: bytes) -> Effect:
    application = new_id(batch.context, write.at_ms)
    row = Application(
        id=application,
        receipt=new_receipt(batch.context.random_bytes),
        session=write.session,
        position=write.position,
        enterprise=offer.enterprise,
        person=write.by,
        phone_hmac=batch.phones[write.phone],
        for_whom_hmac=for_whom_hmac,
        sealed=batch.sealed(application, write),
        consent=write.consent,
        source=write.source,
        version=write.version,
        status=S.APPLIED,
        steps=1,
        reached_intent=False,
        applied_at_ms=write.at_ms,
        changed_at_ms=write.at_ms,
    )
    batch.rows.add(row)
    batch.senders.send(_sending(write, row, row.id, row.receipt, row.sealed))
    here.applications += 1
    new = ApplicationNew(application=application, position=write.position, session=write.session)
    came = ApplicationCame(position=write.position, total=here.applications)
    persons = dict.fromkeys((write.by, *batch.senders.told(row)))
    bodies: list[tuple[Channel, AnyBody]] = [
        (firm(row), new),
        *(batch.to_person(row, person, new) for person in persons),
        (channel(Kind.DESK, write.session), came),
    ]
    return Effect(reply=_receipt(batch, write, row), bodies=bodies, counts=[Count(write.session, APPLICATIONS, 1)])


def _sending(write: Apply, row: Application, shown: ApplicationId, receipt: str, sealed: bytes) -> Sender:
    return Sender(
        application=row.id,
        person=write.by,
        at_ms=write.at_ms,
        consent=write.consent,
        shown_id=shown,
        receipt=receipt,
        session=write.session,
        sealed=sealed,
        version=write.version,
    )


def _send_beside(batch: Batch, write: Apply, row: Application) -> AnyBody | None:
    """Another device's sending is written down beside the first, under an id and a receipt of its own. What that device
    is told, as if nobody had been there; None where it has been told already, or sees the application itself."""
    stood, known = _stands(batch, write, row), batch.senders.get(row, write.by)
    shown = known.shown_id if known is not None else new_id(batch.context, write.at_ms)
    receipt = known.receipt if known is not None else new_receipt(batch.context.random_bytes)
    batch.senders.send(_sending(write, row, shown, receipt, batch.sealed(shown, write)))
    if stood or batch.senders.owns(row, write.by):
        return None
    if known is None:
        return ApplicationNew(application=shown, position=row.position, session=write.session)
    return ApplicationMoved(application=shown, position=row.position, status=S.APPLIED)


def _again_the_same(batch: Batch, write: Apply, row: Application) -> Effect:
    """It is there."""
    alone = not batch.senders.standing(row)
    already = _is_theirs(batch, write, row)
    news = _send_beside(batch, write, row)
    changed = _take_the_owners_word(batch, write, row) or (alone and _take_only_their_word(batch, write, row))
    effect = Effect(reply=_receipt(batch, write, row, already=already))
    if row.consent_withdrawn_at_ms is not None:
        row.consent_withdrawn_at_ms, changed = None, True
    if changed:
        batch.rows.touch(row)
        effect.bodies = [(firm(row), ApplicationChanged(application=row.id, position=row.position))]
    return _also_to_sender(effect, write, news)


def _back_to_life(batch: Batch, write: Apply, row: Application) -> Effect:
    """A withdrawn one is sent again, with what is typed now: what was taken back stays taken back."""
    news = _send_beside(batch, write, row)
    batch.rows.send_anew(row, write.at_ms)
    row.consent_withdrawn_at_ms, row.version = None, write.version
    row.replied_at_ms = None
    if not _take_the_owners_word(batch, write, row):
        _take_only_their_word(batch, write, row)
    effect = batch.moved(row, ApplicationStep(status=S.APPLIED, at_ms=write.at_ms))
    effect.reply = _receipt(batch, write, row)
    return _also_to_sender(effect, write, news)


def _also_to_sender(effect: Effect, write: Write, news: AnyBody | None) -> Effect:
    """The news for the one who acted, unless what others are told reaches it too."""
    me = channel(Kind.ME, write.by)
    if news is not None and me not in {where for where, _ in effect.bodies}:
        effect.bodies = [*effect.bodies, (me, news)]
    return effect


def _take_the_owners_word(batch: Batch, write: Apply, row: Application) -> bool:
    """Who has confirmed the number may correct the name a stranger typed with it."""
    if row.person == write.by or not batch.senders.owns(row, write.by):
        return False
    row.person, row.sealed, row.consent = write.by, batch.sealed(row.id, write), write.consent
    return True


def _take_only_their_word(batch: Batch, write: Apply, row: Application) -> bool:
    """Nobody's sending stands but this one: neither the name somebody took back comes into sight again, nor does the
    device that withdrew follow this one's steps, nor this one those that were before. The code shows them."""
    row.sealed, row.consent = batch.sealed(row.id, write), write.consent
    row.night_shift, row.start_in_days = NightShift.UNKNOWN, None
    if row.person != write.by:
        row.person = PersonId("")
    return True


def withdraw(batch: Batch, write: Withdraw) -> Effect:
    """撤回. Raises `Refusal`."""
    row = batch.meant(write.application, write.by)
    sender, owner = batch.senders.get(row, write.by), batch.senders.owns(row, write.by)
    standing = batch.senders.standing(row)
    if not owner and sender is not None:
        if sender not in standing:
            raise Refusal(Code.STEP_NOT_ALLOWED, now=S.WITHDRAWN.value, wanted=S.WITHDRAWN.value)
        if len(standing) > 1 or (row.status not in rules.WITHDRAWABLE and not batch.senders.sees(row, write.by)):
            return _take_back_own(batch, write, row, sender)
    if row.status not in rules.WITHDRAWABLE:
        raise Refusal(Code.STEP_NOT_ALLOWED, now=row.status.value, wanted=S.WITHDRAWN.value)
    for one in standing:
        batch.senders.take_back(one, write.at_ms)
    effect = batch.moved(row, ApplicationStep(status=S.WITHDRAWN, at_ms=write.at_ms))
    return _told_to(batch, effect, write, row)


def _take_back_own(batch: Batch, write: Withdraw, row: Application, sender: Sender) -> Effect:
    """Another device's sending stands: only this one goes, and only this device hears of it."""
    batch.senders.take_back(sender, write.at_ms)
    batch.lose_sight(row, write.by)
    return _told_to(batch, Effect(reply=Done()), write, row)


def _told_to(batch: Batch, effect: Effect, write: Withdraw, row: Application) -> Effect:
    """Whoever withdrew hears of it, also when it sees nothing else of the application."""
    body = ApplicationMoved(application=row.id, position=row.position, status=S.WITHDRAWN)
    where, news = batch.to_person(row, write.by, body)
    effect = _also_to_sender(effect, write, news)
    effect.offset_in = where
    return effect


def tell_more(batch: Batch, write: TellMore) -> Effect:
    """夜班行吗？几天能到岗？ The enterprise reads the answers of who sees the application; those of another device stay
    beside its own sending: nobody else may answer for its person."""
    row = batch.meant(write.application, write.by)
    own = batch.senders.get(row, write.by)
    if own is not None:
        own.night_shift, own.start_in_days = write.night_shift, write.start_in_days
        batch.senders.changed(own)
    if not batch.senders.sees(row, write.by):
        return Effect(reply=Done())
    row.night_shift, row.start_in_days = write.night_shift, write.start_in_days
    batch.rows.touch(row)
    body = ApplicationChanged(application=row.id, position=row.position)
    return Effect(reply=Done(), bodies=[(firm(row), body)])


def _receipt(batch: Batch, write: Apply, row: Application, *, already: bool = False) -> Receipt:
    """The receipt of the application to who has confirmed its number; else of this device's sending."""
    own = batch.senders.get(row, write.by)
    if own is None or batch.senders.owns(row, write.by):
        return Receipt(
            application=row.id,
            receipt=row.receipt,
            status=row.status,
            applied_at_ms=row.applied_at_ms,
            already=already,
        )
    return Receipt(
        application=own.shown_id,
        receipt=own.receipt,
        status=row.status if batch.senders.sees(row, write.by) else S.APPLIED,
        applied_at_ms=own.at_ms,
        already=already,
    )
