"""All that is held about a person, for that person (个人信息保护法 Art. 45)."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.model import ApplicationId, Consent, Held, Look, MyRecord, PersonId
from server.store.application_offers import rows_of
from server.store.application_queries import Mine, keyring_of, mine_of
from server.store.application_senders import senders_of
from server.store.people import unseal
from server.store.tables import audit

LOOKS: Final = ("open_application", "export_application")
"""What the audit log calls those who saw a name and a number."""
LOOKS_LIMIT: Final = 1_000

_LOOKS: Final = (
    select(audit.c.subject, audit.c.at_ms, audit.c.what, audit.c.why)
    .where(audit.c.subject.in_(bindparam("wanted", expanding=True)), audit.c.what.in_(LOOKS))
    .order_by(audit.c.at_ms.desc(), audit.c.n.desc())
    .limit(LOOKS_LIMIT)
)


def record_of(conn: Connection, person: PersonId) -> MyRecord:
    """Applications, names and numbers, consents, looks. Without the number confirmed, only what the device itself did
    and typed; who looked is told with the steps."""
    mine = mine_of(conn, person)
    return MyRecord(
        applications=tuple(one.shown for one in mine),
        held=tuple(held for one in mine if (held := _held(conn, one)) is not None),
        consents=_consents(conn, person, {one.row.id: one for one in mine}),
        looks=_looks(conn, {one.row.id: one for one in mine if one.sees}),
    )


def _held(conn: Connection, one: Mine) -> Held | None:
    keyring = keyring_of(conn)
    if one.own is None or one.owner:
        personal = unseal(keyring, one.row.id, one.row.sealed)
    elif one.own.sealed is not None:
        personal = unseal(keyring, one.own.shown_id, one.own.sealed)
    else:
        return None  # sent beside another's before what was typed was kept
    return Held(application=one.shown.id, name=personal.name, phone=personal.phone, for_whom=personal.for_whom)


def _consents(conn: Connection, person: PersonId, mine: dict[ApplicationId, Mine]) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            application=mine[sender.application].shown.id,
            enterprise=mine[sender.application].row.enterprise,
            enterprise_name=mine[sender.application].shown.enterprise_name,
            version=sender.consent,
            at_ms=sender.at_ms,
            withdrawn_at_ms=sender.consent_withdrawn_at_ms or 0,
        )
        for sender in sorted(senders_of(conn, mine), key=lambda sender: (-sender.at_ms, sender.shown_id))
        if sender.person == person or mine[sender.application].owner
    )


def _looks(conn: Connection, mine: dict[ApplicationId, Mine]) -> tuple[Look, ...]:
    return tuple(
        Look(
            application=mine[row["subject"]].shown.id,
            enterprise_name=mine[row["subject"]].shown.enterprise_name,
            at_ms=row["at_ms"],
            why=row["why"] if row["what"] == LOOKS[0] else "export",
        )
        for row in rows_of(conn, _LOOKS, mine)
    )
