"""All that is held about a person, for that person (个人信息保护法 Art. 45)."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.model import ApplicationId, Consent, Held, Look, MyApplication, MyRecord, PersonId
from server.store.application_offers import rows_of
from server.store.application_queries import keyring_of, of_person
from server.store.application_senders import senders_of
from server.store.people import unseal
from server.store.tables import applications, audit

LOOKS: Final = ("open_application", "export_application")
"""What the audit log calls those who saw a name and a number."""
LOOKS_LIMIT: Final = 1_000

_SEALED: Final = select(applications.c.id, applications.c.sealed).where(
    applications.c.id.in_(bindparam("wanted", expanding=True)), applications.c.erased_at_ms.is_(None)
)
_LOOKS: Final = (
    select(audit.c.subject, audit.c.at_ms, audit.c.what, audit.c.why)
    .where(audit.c.subject.in_(bindparam("wanted", expanding=True)), audit.c.what.in_(LOOKS))
    .order_by(audit.c.at_ms.desc(), audit.c.n.desc())
    .limit(LOOKS_LIMIT)
)


def record_of(conn: Connection, person: PersonId) -> MyRecord:
    """Applications, names and numbers, consents, looks. Of an application whose steps this device may not see, only
    what the device itself did."""
    mine = of_person(conn, person)
    whole = {one.id: one for one in mine if not one.sending.limited}
    return MyRecord(
        applications=mine,
        held=_held(conn, person, whole),
        consents=_consents(conn, person, {one.id: one for one in mine}),
        looks=_looks(conn, person, whole),
    )


def _held(conn: Connection, person: PersonId, of: Iterable[ApplicationId]) -> tuple[Held, ...]:
    keyring = keyring_of(conn)
    found = []
    for row in rows_of(conn, _SEALED, of):
        personal = unseal(keyring, row["id"], row["sealed"])
        found.append(Held(application=row["id"], name=personal.name, phone=personal.phone, for_whom=personal.for_whom))
    return tuple(found)


def _consents(conn: Connection, person: PersonId, mine: dict[ApplicationId, MyApplication]) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            application=sender.application,
            enterprise=mine[sender.application].enterprise,
            enterprise_name=mine[sender.application].enterprise_name,
            version=sender.consent,
            at_ms=sender.at_ms,
            withdrawn_at_ms=sender.consent_withdrawn_at_ms or 0,
        )
        for sender in sorted(senders_of(conn, mine), key=lambda sender: -sender.at_ms)
        if sender.person == person or not mine[sender.application].sending.limited
    )


def _looks(conn: Connection, person: PersonId, mine: dict[ApplicationId, MyApplication]) -> tuple[Look, ...]:
    return tuple(
        Look(
            application=row["subject"],
            enterprise_name=mine[row["subject"]].enterprise_name,
            at_ms=row["at_ms"],
            why=row["why"] if row["what"] == LOOKS[0] else "export",
        )
        for row in rows_of(conn, _LOOKS, mine)
    )
