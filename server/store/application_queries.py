"""Reading applications. Each takes the scope of who asks – a person, or the enterprises that person answers for – and
gives rows of that scope only."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, and_, bindparam, case, exists, func, or_, select, union

from server.core.limits import LIST_LIMIT
from server.core.model import (
    About,
    Applicant,
    ApplicantOrder,
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    EnterpriseId,
    MyApplication,
    PersonId,
    PositionId,
    Sending,
    SessionId,
)
from server.core.refusal import Code, Refusal
from server.store.application_answering import WAITING
from server.store.application_batch import Asked, about, applicant
from server.store.application_offers import rows_of
from server.store.application_rows import Application, application_of, steps_of
from server.store.application_senders import Sender, sender_of
from server.store.keyring import Keyring
from server.store.people import unseal
from server.store.tables import application_senders, applications, confirmed_phones, enterprises, positions

S = ApplicationStatus
MINE_LIMIT: Final = 200
"""Applications shown to one person; more than anybody makes in a day."""

_MY_PHONES: Final = select(confirmed_phones.c.phone_hmac).where(confirmed_phones.c.person == bindparam("person"))
# One list of ids: PostgreSQL answers `id IN (…) OR phone_hmac IN (…)` with a scan of the whole table.
_MY_IDS: Final = union(
    select(application_senders.c.application).where(application_senders.c.person == bindparam("person")),
    select(applications.c.id)
    .join_from(confirmed_phones, applications, applications.c.phone_hmac == confirmed_phones.c.phone_hmac)
    .where(confirmed_phones.c.person == bindparam("person")),
)
_KNOWN: Final = union(
    select(application_senders.c.person).where(application_senders.c.person.in_(bindparam("persons", expanding=True))),
    select(confirmed_phones.c.person).where(confirmed_phones.c.person.in_(bindparam("persons", expanding=True))),
)
_own: Final = application_senders.alias("own")
_owned: Final = applications.c.phone_hmac.in_(_MY_PHONES)
_MINE: Final = (
    select(
        *(applications.c[name] for name in Application.__struct_fields__),
        positions.c.title.label("position_title"),
        enterprises.c.name.label("enterprise_name"),
        exists().where(confirmed_phones.c.phone_hmac == applications.c.phone_hmac).label("confirmed"),
        _owned.label("owned"),
        *(_own.c[name].label(f"own_{name}") for name in Sender.__struct_fields__),
    )
    .join_from(applications, positions, positions.c.id == applications.c.position)
    .join(enterprises, enterprises.c.id == applications.c.enterprise)
    .outerjoin(_own, and_(_own.c.application == applications.c.id, _own.c.person == bindparam("person")))
    .where(applications.c.id.in_(_MY_IDS))
    # By what this device knows: the order would tell when somebody else sent the same.
    .order_by(
        case((_owned, applications.c.applied_at_ms), else_=_own.c.at_ms).desc(),
        case((_owned, applications.c.id), else_=_own.c.shown_id).desc(),
    )
    .limit(MINE_LIMIT)
)
_OF_FIRM: Final = (
    select(*(applications.c[name] for name in Application.__struct_fields__), positions.c.title)
    .join_from(applications, positions, positions.c.id == applications.c.position)
    .where(applications.c.enterprise == bindparam("enterprise"), applications.c.consent_withdrawn_at_ms.is_(None))
    .limit(bindparam("at_most"))
)
_UNANSWERED: Final = select(func.count()).where(
    applications.c.enterprise == bindparam("enterprise"),
    applications.c.consent_withdrawn_at_ms.is_(None),
    applications.c.status.in_([s.value for s in WAITING]),
)
_OTHER_RECEIPTS: Final = (
    select(application_senders.c.application, application_senders.c.receipt)
    .join_from(application_senders, applications, applications.c.id == application_senders.c.application)
    .where(
        applications.c.id.in_(bindparam("wanted", expanding=True)),
        application_senders.c.withdrawn_at_ms.is_(None),
        application_senders.c.receipt != applications.c.receipt,
    )
    .order_by(application_senders.c.application, application_senders.c.receipt)
)
_CONFIRMED: Final = (
    select(applications.c.id)
    .join_from(applications, application_senders, application_senders.c.application == applications.c.id)
    .join(
        confirmed_phones,
        and_(
            confirmed_phones.c.person == application_senders.c.person,
            confirmed_phones.c.phone_hmac == applications.c.phone_hmac,
        ),
    )
    .where(applications.c.id.in_(bindparam("wanted", expanding=True)), application_senders.c.withdrawn_at_ms.is_(None))
)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which applicants are asked for. `by`: who asks, to say which are theirs already. Empty filters let all pass."""

    before: str = ""
    limit: int = 50
    by: PersonId = PersonId("")
    statuses: tuple[ApplicationStatus, ...] = ()
    position: str = ""
    order: ApplicantOrder = ApplicantOrder.NEWEST


def known_among(conn: Connection, persons: Iterable[PersonId]) -> frozenset[PersonId]:
    """Those of them who have sent an application or confirmed a number; `of_person` finds nothing for the others."""
    wanted = sorted(set(persons))
    return frozenset(PersonId(row[0]) for row in conn.execute(_KNOWN, {"persons": wanted}))


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """An application of one person. `shown` is what that person sees of it; `row` the application itself, `own` this
    device's sending, `owner` whether the person has confirmed the number, `sees` whether it sees the steps."""

    shown: MyApplication
    row: Application
    own: Sender | None
    owner: bool
    sees: bool


def of_person(conn: Connection, person: PersonId) -> tuple[MyApplication, ...]:
    """我的投递: what this person sent, and what was sent with every number the person has confirmed by a code, newest
    first. Steps only where `Senders.sees` would say so."""
    return tuple(one.shown for one in mine_of(conn, person))


def mine_of(conn: Connection, person: PersonId) -> list[Mine]:
    """The same, with what it was made of."""
    rows = conn.execute(_MINE, {"person": person}).mappings().all()
    steps = steps_of(conn, (row["id"] for row in rows if sees(row, person)))
    return [_mine(conn, row, person, steps.get(row["id"], [])) for row in rows]


def sees(row: RowMapping, person: PersonId) -> bool:
    """Whether the person sees how the application of this row goes: the rule of `application_senders`."""
    return bool(row["owned"]) if row["confirmed"] else row["person"] == person


def _mine(conn: Connection, row: RowMapping, person: PersonId, steps: list[ApplicationStep]) -> Mine:
    known, owner, seen = application_of(row), bool(row["owned"]), sees(row, person)
    own = sender_of({name: row[f"own_{name}"] for name in Sender.__struct_fields__}) if row["own_person"] else None
    if own is None or owner:
        shown = _of_owner(row, known, steps)
    else:
        shown = _of_sender(row, own, _since_sent(own, steps if seen else []))
    if known.for_whom_hmac:  # the same words for all: they are part of what makes it the same application
        for_whom = unseal(keyring_of(conn), known.id, known.sealed).for_whom
        shown = msgspec.structs.replace(shown, for_whom=for_whom)
    return Mine(shown=shown, row=known, own=own, owner=owner, sees=seen)


def _of_owner(row: RowMapping, known: Application, steps: list[ApplicationStep]) -> MyApplication:
    return MyApplication(
        id=known.id,
        receipt=known.receipt,
        position=known.position,
        position_title=row["position_title"],
        enterprise_name=row["enterprise_name"],
        enterprise=known.enterprise,
        session=known.session,
        status=known.status,
        applied_at_ms=known.applied_at_ms,
        changed_at_ms=known.changed_at_ms,
        steps=tuple(steps),
        confirmed=True,
        sending=Sending(hidden=known.consent_withdrawn_at_ms is not None),
        about=about(known, phone_confirmed=True),
    )


def _since_sent(own: Sender, steps: list[ApplicationStep]) -> list[ApplicationStep]:
    """The steps since this device sent it for the last time; those of its sending alone where it sees no others."""
    begun = [n for n, step in enumerate(steps) if step.status is S.APPLIED]
    if begun:
        return steps[begun[-1] :]
    sent = [ApplicationStep(status=S.APPLIED, at_ms=own.at_ms)]
    if own.withdrawn_at_ms is not None:
        sent.append(ApplicationStep(status=S.WITHDRAWN, at_ms=own.withdrawn_at_ms))
    return sent


def _of_sender(row: RowMapping, own: Sender, steps: list[ApplicationStep]) -> MyApplication:
    """What a device that has not confirmed the number knows. Nothing here may depend on what others sent."""
    return MyApplication(
        id=own.shown_id,
        receipt=own.receipt,
        position=PositionId(row["position"]),
        position_title=row["position_title"],
        enterprise_name=row["enterprise_name"],
        enterprise=EnterpriseId(row["enterprise"]),
        session=SessionId(own.session),
        status=steps[-1].status,
        applied_at_ms=own.at_ms,
        changed_at_ms=steps[-1].at_ms,
        steps=tuple(steps),
        sending=Sending(hidden=own.consent_withdrawn_at_ms is not None),
        about=About(version=own.version, night_shift=own.night_shift, start_in_days=own.start_in_days),
    )


def of_enterprise(
    conn: Connection, scope: Collection[EnterpriseId], enterprise: EnterpriseId, page: Page
) -> tuple[tuple[Applicant, ...], str, int]:
    """A page of an enterprise's applicants in the order asked for, masked; `before` of the next page, empty after the
    last; and how many nobody has answered yet. Only the rows of the page are decrypted. Who took a consent back is not
    in it.

    Raises `Refusal`: FORBIDDEN when the enterprise is not in the scope, BAD_MESSAGE for a `before` that is none.
    """
    if enterprise not in scope:
        raise Refusal(Code.FORBIDDEN, needs="hr")
    limit = max(1, min(page.limit, LIST_LIMIT))
    found = _page_rows(conn, enterprise, page, limit + 1)
    rows = found[:limit]
    steps = steps_of(conn, (row["id"] for row in rows))
    confirmed = confirmed_among(conn, scope, [row["id"] for row in rows])
    receipts = _other_receipts(conn, (row["id"] for row in rows))
    keyring = keyring_of(conn)
    shown = []
    for row in rows:
        known = application_of(row)
        personal = unseal(keyring, known.id, known.sealed).masked()
        asked = Asked(
            title=row["title"],
            by=page.by,
            phone_confirmed=known.id in confirmed,
            receipts=tuple(receipts.get(known.id, ())),
        )
        shown.append(applicant(known, personal, steps[known.id], asked))
    after = f"{shown[-1].applied_at_ms}.{shown[-1].id}" if len(found) > limit else ""
    waiting = conn.execute(_UNANSWERED, {"enterprise": enterprise}).scalar_one()
    return tuple(shown), after, waiting


def _other_receipts(conn: Connection, of: Iterable[ApplicationId]) -> dict[ApplicationId, list[str]]:
    """What other devices hold in hand for the same applications, should they read it out."""
    found: dict[ApplicationId, list[str]] = {}
    for row in rows_of(conn, _OTHER_RECEIPTS, of):
        found.setdefault(row["application"], []).append(row["receipt"])
    return found


def _page_rows(conn: Connection, enterprise: EnterpriseId, page: Page, at_most: int) -> Sequence[RowMapping]:
    longest = page.order is ApplicantOrder.LONGEST
    last, time = applications.c.id, applications.c.applied_at_ms
    query = _OF_FIRM.order_by(time, last) if longest else _OF_FIRM.order_by(time.desc(), last.desc())
    if page.statuses:
        query = query.where(applications.c.status.in_([status.value for status in page.statuses]))
    if page.position:
        query = query.where(applications.c.position == page.position)
    if page.before:
        at_ms, dot, id_ = page.before.partition(".")
        if not (dot and at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 19):
            raise Refusal(Code.BAD_MESSAGE, detail="before")
        if longest:
            query = query.where(time >= int(at_ms), or_(time > int(at_ms), last > id_))
        else:
            query = query.where(time <= int(at_ms), or_(time < int(at_ms), last < id_))
    return conn.execute(query, {"enterprise": enterprise, "at_most": at_most}).mappings().all()


def confirmed_among(
    conn: Connection, scope: Collection[EnterpriseId], of: Collection[ApplicationId]
) -> frozenset[ApplicationId]:
    """Those of the applications whose number one of those who sent it has confirmed. The scope has been asked by who
    gives the ids."""
    return frozenset(row["id"] for row in rows_of(conn, _CONFIRMED, of)) if scope else frozenset()


def keyring_of(conn: Connection) -> Keyring:
    """The keys the store gave this connection for its reads."""
    keyring = conn.get_execution_options()["keyring"]
    assert isinstance(keyring, Keyring)
    return keyring
