"""Which numbers a person has confirmed by a code. Numbers are known by their HMAC only."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.model import PersonId
from server.store.asking import ask_many
from server.store.tables import confirmed_phones

_PHONES: Final = select(confirmed_phones.c.person, confirmed_phones.c.phone_hmac).where(
    confirmed_phones.c.person.in_(bindparam("persons", expanding=True))
)
CONFIRMED_FOR_DAYS: Final = 365
"""A code proves who holds a number today. After a year the number is asked for again."""
REISSUED_AFTER_DAYS: Final = 90
"""No operator gives a number to somebody else sooner. Who confirms it takes it from those who did so longer ago."""
FOLLOWERS: Final = 5
"""Persons (devices, mostly) that get the steps of one number's applications live, so that a step is a bounded number
of log entries; older ones see them when they open 我的投递."""
_CONFIRMERS: Final = (
    select(confirmed_phones.c.phone_hmac, confirmed_phones.c.person)
    .where(confirmed_phones.c.phone_hmac.in_(bindparam("phones", expanding=True)))
    .order_by(confirmed_phones.c.phone_hmac, confirmed_phones.c.at_ms.desc(), confirmed_phones.c.person)
)


def phones_of(conn: Connection, persons: Iterable[PersonId]) -> dict[PersonId, frozenset[bytes]]:
    """The HMACs of the numbers each of these persons has confirmed; persons without one are left out."""
    wanted = sorted(set(persons))
    found: dict[PersonId, set[bytes]] = {}
    for row in conn.execute(_PHONES, {"persons": wanted}) if wanted else ():
        found.setdefault(PersonId(row.person), set()).add(row.phone_hmac)
    return {person: frozenset(phones) for person, phones in found.items()}


def confirmers_of(conn: Connection, phones: Iterable[bytes]) -> dict[bytes, tuple[PersonId, ...]]:
    """Who has confirmed each of these numbers, the last one first; a number nobody has confirmed is left out."""
    wanted = sorted(set(phones))
    found: dict[bytes, list[PersonId]] = {}
    for row in ask_many(conn, _CONFIRMERS, {"phones": wanted}) if wanted else ():
        found.setdefault(row.phone_hmac, []).append(PersonId(row.person))
    return {phone: tuple(persons) for phone, persons in found.items()}
