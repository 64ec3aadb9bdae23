"""Which numbers a person has confirmed by a code. Numbers are known by their HMAC only."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.model import PersonId
from server.store.tables import confirmed_phones

_PHONES: Final = select(confirmed_phones.c.person, confirmed_phones.c.phone_hmac).where(
    confirmed_phones.c.person.in_(bindparam("persons", expanding=True))
)


def phones_of(conn: Connection, persons: Iterable[PersonId]) -> dict[PersonId, frozenset[bytes]]:
    """The HMACs of the numbers each of these persons has confirmed; persons without one are left out."""
    wanted = sorted(set(persons))
    found: dict[PersonId, set[bytes]] = {}
    for row in conn.execute(_PHONES, {"persons": wanted}) if wanted else ():
        found.setdefault(PersonId(row.person), set()).add(row.phone_hmac)
    return {person: frozenset(phones) for person, phones in found.items()}
