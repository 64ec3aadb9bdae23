"""Applications: one row per person and position, its steps, and who is told of them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from server.core import rules
from server.core.bodies import AnyBody, ApplicationCame, ApplicationMoved, ApplicationNew
from server.core.channels import Kind, channel
from server.core.model import (
    Applicant,
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    Channel,
    EnterpriseId,
    PositionId,
    SessionId,
    SessionState,
    is_rehearsal,
)
from server.core.protocol import Done, Opened, Receipt
from server.core.refusal import Code, Refusal
from server.store.application_rows import (
    Application,
    ApplicationRows,
    Offer,
    OnAir,
    new_id,
    offers,
    on_air,
    on_shelves,
    parties,
    steps_of,
    titles,
)
from server.store.counting import APPLICATIONS, INTENTS
from server.store.handling import Context, Count, Effect, Outcome
from server.store.notice_writes import Notices
from server.store.people import Personal, seal, unseal
from server.store.phone_queries import followers_of
from server.store.receipts import new_receipt
from server.store.writes import AnswerApplication, Apply, OpenApplication, Withdraw, Write

S = ApplicationStatus


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these writes: of the firm, of the person, of the session's desk.

    An application that comes back to life under the person who made it, asked for by another, is not seen here; its
    `me/` channel is then asked for with `NeedsLock`.
    """
    applies = [write for write in writes if isinstance(write, Apply)]
    wanted: set[Channel] = set()
    for write in applies:
        wanted |= {channel(Kind.ME, write.by), channel(Kind.DESK, write.session)}
    firms = {offer.enterprise for offer in offers(conn, (write.position for write in applies)).values()}
    phones = {context.keyring.phone_hmac(write.phone) for write in applies}
    for firm, person, session, phone in parties(conn, _named(writes)):
        firms.add(firm)
        phones.add(phone)
        wanted |= {channel(Kind.ME, person), channel(Kind.DESK, session)}
    for followers in followers_of(conn, phones).values():
        wanted |= {channel(Kind.ME, person) for person in followers}
    return wanted | {channel(Kind.FIRM, firm) for firm in firms}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    batch = _Batch(conn, context, writes)
    outcomes: list[Outcome] = []
    for write in writes:
        try:
            outcomes.append(batch.decide(write))
        except Refusal as refusal:
            outcomes.append(refusal)
    batch.rows.write(conn)
    batch.notices.write(conn)
    return outcomes


def _named(writes: Sequence[Write]) -> set[ApplicationId]:
    return {w.application for w in writes if isinstance(w, Withdraw | OpenApplication | AnswerApplication)}


class _Batch:
    """All that the writes of a batch need to know, read in one statement per table."""

    def __init__(self, conn: Connection, context: Context, writes: Sequence[Write]) -> None:
        applies = [write for write in writes if isinstance(write, Apply)]
        wanted = {write.position for write in applies}
        keyring = context.keyring
        self._context = context
        self._phones = {write.phone: keyring.phone_hmac(write.phone) for write in applies}
        self.rows = ApplicationRows(conn, _named(writes), self._phones.values())
        self.notices = Notices()
        of_rows = {row.phone_hmac for row in self.rows.by_id.values()}
        self._followers = followers_of(conn, of_rows.union(self._phones.values()))
        self._on_air: dict[SessionId, OnAir] = on_air(conn, (write.session for write in applies))
        self._offers: dict[PositionId, Offer] = offers(conn, wanted)
        self._on_shelves = on_shelves(conn, wanted)
        opened = {w.application for w in writes if isinstance(w, OpenApplication)} & self.rows.by_id.keys()
        self._steps = steps_of(conn, opened)
        self._titles = titles(conn, (self.rows.by_id[application].position for application in opened))

    def decide(self, write: Write) -> Effect:
        """What comes of a write. Raises `Refusal`."""
        match write:
            case Apply():
                return self._apply(write)
            case Withdraw():
                return self._withdraw(write)
            case OpenApplication():
                return self._open(write)
            case AnswerApplication():
                return self._answer(write)
            case _:
                raise TypeError(f"{type(write).__name__} is no write about applications")

    def _apply(self, write: Apply) -> Effect:
        here, offer = self._on_air.get(write.session), self._offers.get(write.position)
        if here is None:
            raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
        if offer is None:
            raise Refusal(Code.NOT_FOUND, what="position", id=write.position[:80])
        for_whom_hmac = self._context.keyring.for_whom_hmac(write.for_whom)
        there = self.rows.by_identity.get((self._phones[write.phone], write.position, for_whom_hmac))
        # What is stored is never refused: this comes before the questions that could be answered otherwise by now.
        if there is not None and there.status is not S.WITHDRAWN:
            return Effect(reply=_receipt(there, already=True))
        if here.state is SessionState.REHEARSAL or is_rehearsal(write.session):
            raise Refusal(Code.REHEARSAL, session=write.session)
        if here.cut_off:
            raise Refusal(Code.SESSION_CUT_OFF, session=write.session)
        # A position outlives its session: who watches the replay applies like who was there (docs/decisions.md).
        if here.state is SessionState.SCHEDULED:
            raise Refusal(Code.SESSION_NOT_LIVE, session=write.session, state=here.state.value)
        if (write.session, write.position) not in self._on_shelves:
            raise Refusal(Code.NOT_ON_SHELF, position=write.position)
        if offer.closed:
            raise Refusal(Code.POSITION_CLOSED, position=write.position)
        if there is not None:
            return self._apply_again(write, there)
        return self._apply_first(write, here, offer.enterprise, for_whom_hmac)

    def _apply_first(self, write: Apply, here: OnAir, firm: EnterpriseId, for_whom_hmac: bytes) -> Effect:
        application = new_id(self._context)
        row = Application(
            id=application,
            receipt=new_receipt(self._context.random_bytes),
            session=write.session,
            position=write.position,
            enterprise=firm,
            person=write.by,
            phone_hmac=self._phones[write.phone],
            for_whom_hmac=for_whom_hmac,
            sealed=self._sealed(application, write),
            consent=write.consent,
            source=write.source,
            status=S.APPLIED,
            steps=1,
            reached_intent=False,
            applied_at_ms=write.at_ms,
            changed_at_ms=write.at_ms,
        )
        self.rows.add(row)
        here.applications += 1
        new = ApplicationNew(application=application, position=write.position, session=write.session)
        came = ApplicationCame(position=write.position, total=here.applications)
        return Effect(
            reply=_receipt(row),
            bodies=[*self._to_all(row, new), (channel(Kind.DESK, write.session), came)],
            counts=[Count(write.session, APPLICATIONS, 1)],
        )

    def _apply_again(self, write: Apply, row: Application) -> Effect:
        """A withdrawn one comes back to life. It stays its first person's; nobody else may correct the name."""
        row.applied_at_ms = write.at_ms
        if row.person == write.by:
            row.sealed, row.consent = self._sealed(row.id, write), write.consent
        return self._moved(
            row, S.APPLIED, write.at_ms, "", reply=_receipt(msgspec.structs.replace(row, status=S.APPLIED))
        )

    def _withdraw(self, write: Withdraw) -> Effect:
        row = self.rows.by_id.get(write.application)
        if row is None or row.person != write.by:
            raise _not_found(write.application)
        if row.status not in rules.WITHDRAWABLE:
            raise Refusal(Code.STEP_NOT_ALLOWED, now=row.status.value, wanted=S.WITHDRAWN.value)
        return self._moved(row, S.WITHDRAWN, write.at_ms, offset_in=channel(Kind.ME, row.person))

    def _answer(self, write: AnswerApplication) -> Effect:
        row = self._of_firm(write.application, write.enterprises)
        if not rules.may_step(row.status, write.status):
            raise Refusal(Code.STEP_NOT_ALLOWED, now=row.status.value, wanted=write.status.value)
        counts = []
        if write.status in rules.REACHED_INTENT and not row.reached_intent:
            row.reached_intent = True
            counts = [Count(row.session, INTENTS, 1)]
        effect = self._moved(row, write.status, write.at_ms, write.note, offset_in=channel(Kind.FIRM, row.enterprise))
        effect.counts = counts
        return effect

    def _open(self, write: OpenApplication) -> Effect:
        row = self._of_firm(write.application, write.enterprises)
        self.rows.note_look(write.by, row.id, write.at_ms)
        effect = self._moved(row, S.VIEWED, write.at_ms) if row.status is S.APPLIED else Effect(reply=Done())
        personal = unseal(self._context.keyring, row.id, row.sealed)
        steps = (*self._steps.get(row.id, ()), *self.rows.steps_of_batch(row.id))
        effect.reply = Opened(
            application=applicant(row, personal, self._titles.get(row.position, ""), steps, revealed=True)
        )
        return effect

    def _of_firm(self, application: ApplicationId, enterprises: tuple[EnterpriseId, ...]) -> Application:
        row = self.rows.by_id.get(application)
        if row is None or row.enterprise not in enterprises:
            raise _not_found(application)
        return row

    def _moved(
        self,
        row: Application,
        status: ApplicationStatus,
        at_ms: int,
        note: str = "",
        *,
        reply: Receipt | None = None,
        offset_in: Channel | None = None,
    ) -> Effect:
        self.rows.move(row, status, at_ms, note)
        self.notices.note(row.id, row.steps, status, at_ms)
        body = ApplicationMoved(application=row.id, position=row.position, status=status)
        return Effect(reply=reply or Done(), bodies=self._to_all(row, body), offset_in=offset_in)

    def _to_all(self, row: Application, body: AnyBody) -> list[tuple[Channel, AnyBody]]:
        """To the enterprise, to who applied, and to who showed by a code that the number is theirs."""
        persons = dict.fromkeys((row.person, *self._followers.get(row.phone_hmac, ())))
        return [(channel(Kind.FIRM, row.enterprise), body), *((channel(Kind.ME, person), body) for person in persons)]

    def _sealed(self, application: ApplicationId, write: Apply) -> bytes:
        return seal(self._context.keyring, application, Personal(write.name, write.phone, write.for_whom))


def applicant(
    row: Application, personal: Personal, title: str, steps: Sequence[ApplicationStep], *, revealed: bool
) -> Applicant:
    """The application as the enterprise sees it."""
    return Applicant(
        id=row.id,
        receipt=row.receipt,
        enterprise=row.enterprise,
        position=row.position,
        position_title=title,
        name=personal.name,
        phone=personal.phone,
        revealed=revealed,
        status=row.status,
        applied_at_ms=row.applied_at_ms,
        changed_at_ms=row.changed_at_ms,
        for_whom=personal.for_whom,
        steps=tuple(steps),
    )


def _receipt(row: Application, *, already: bool = False) -> Receipt:
    return Receipt(
        application=row.id,
        receipt=row.receipt,
        status=row.status,
        applied_at_ms=row.applied_at_ms,
        already=already,
    )


def _not_found(application: ApplicationId) -> Refusal:
    return Refusal(Code.NOT_FOUND, what="application", id=application[:80])
