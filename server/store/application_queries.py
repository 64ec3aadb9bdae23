"""Reading applications. Each takes the scope of who asks – a person, or the enterprises that person answers for – and
gives rows of that scope only."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, bindparam, exists, func, or_, select

from server.core.limits import LIST_LIMIT
from server.core.model import Applicant, ApplicationStatus, EnterpriseId, MyApplication, PersonId
from server.core.refusal import Code, Refusal
from server.store.application_rows import Application, steps_of
from server.store.application_writes import applicant
from server.store.keyring import Keyring
from server.store.people import unseal
from server.store.tables import applications, confirmed_phones, enterprises, positions

MINE_LIMIT: Final = 200
"""Applications shown to one person; more than anybody makes in a day."""
WAITING: Final = (ApplicationStatus.APPLIED, ApplicationStatus.VIEWED)
"""Nobody has answered these yet."""

_OWN: Final = ("id", "receipt", "position", "session", "status", "applied_at_ms", "changed_at_ms")
_MINE: Final = (
    select(
        *(applications.c[name] for name in _OWN),
        positions.c.title.label("position_title"),
        enterprises.c.name.label("enterprise_name"),
        exists().where(confirmed_phones.c.phone_hmac == applications.c.phone_hmac).label("confirmed"),
    )
    .join_from(applications, positions, positions.c.id == applications.c.position)
    .join(enterprises, enterprises.c.id == applications.c.enterprise)
    .where(
        or_(
            applications.c.person == bindparam("person"),
            applications.c.phone_hmac.in_(
                select(confirmed_phones.c.phone_hmac).where(confirmed_phones.c.person == bindparam("person"))
            ),
        )
    )
    .order_by(applications.c.applied_at_ms.desc(), applications.c.id.desc())
    .limit(MINE_LIMIT)
)
_OF_FIRM: Final = (
    select(*(applications.c[name] for name in Application.__struct_fields__), positions.c.title)
    .join_from(applications, positions, positions.c.id == applications.c.position)
    .where(applications.c.enterprise == bindparam("enterprise"))
    .order_by(applications.c.applied_at_ms.desc(), applications.c.id.desc())
    .limit(bindparam("at_most"))
)
_OLDER: Final = _OF_FIRM.where(
    applications.c.applied_at_ms <= bindparam("at_ms"),
    or_(applications.c.applied_at_ms < bindparam("at_ms"), applications.c.id < bindparam("id")),
)
_UNANSWERED: Final = select(func.count()).where(
    applications.c.enterprise == bindparam("enterprise"), applications.c.status.in_([s.value for s in WAITING])
)


def of_person(conn: Connection, person: PersonId) -> tuple[MyApplication, ...]:
    """我的投递: the person's own applications, and those of every number the person has confirmed by a code, with their
    steps, newest first."""
    rows = conn.execute(_MINE, {"person": person}).mappings().all()
    steps = steps_of(conn, (row["id"] for row in rows))
    return tuple(
        MyApplication(
            **{**row, "status": ApplicationStatus(row["status"]), "confirmed": bool(row["confirmed"])},
            steps=tuple(steps[row["id"]]),
        )
        for row in rows
    )


def of_enterprise(
    conn: Connection, scope: Collection[EnterpriseId], enterprise: EnterpriseId, before: str, limit: int
) -> tuple[tuple[Applicant, ...], str, int]:
    """A page of an enterprise's applicants, newest first, masked; `before` of the next page, empty after the last; and
    how many nobody has answered yet. Only the rows of the page are decrypted.

    Raises `Refusal`: FORBIDDEN when the enterprise is not in the scope, BAD_MESSAGE for a `before` that is none.
    """
    if enterprise not in scope:
        raise Refusal(Code.FORBIDDEN, needs="hr")
    limit = max(1, min(limit, LIST_LIMIT))
    wanted: dict[str, object] = {"enterprise": enterprise, "at_most": limit + 1}
    query = _OF_FIRM
    if before:
        at_ms, dot, id_ = before.partition(".")
        if not (dot and at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 19):
            raise Refusal(Code.BAD_MESSAGE, detail="before")
        query, wanted = _OLDER, {**wanted, "at_ms": int(at_ms), "id": id_}
    found = [dict(row) for row in conn.execute(query, wanted).mappings()]
    page = found[:limit]
    steps = steps_of(conn, (row["id"] for row in page))
    keyring = keyring_of(conn)
    shown = []
    for row in page:
        title = row.pop("title")
        known = Application(**{**row, "status": ApplicationStatus(row["status"])})
        personal = unseal(keyring, known.id, known.sealed).masked()
        shown.append(applicant(known, personal, title, steps[known.id], revealed=False))
    after = f"{shown[-1].applied_at_ms}.{shown[-1].id}" if len(found) > limit else ""
    waiting = conn.execute(_UNANSWERED, {"enterprise": enterprise}).scalar_one()
    return tuple(shown), after, waiting


def keyring_of(conn: Connection) -> Keyring:
    """The keys the store gave this connection for its reads."""
    keyring = conn.get_execution_options()["keyring"]
    assert isinstance(keyring, Keyring)
    return keyring
