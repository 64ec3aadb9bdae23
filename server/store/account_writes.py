"""Staff accounts and revoked people."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from server.core.bodies import Revoked
from server.core.channels import Kind, channel
from server.core.model import Channel
from server.core.protocol import Done
from server.store.engines import upsert
from server.store.handling import Context, Effect, Outcome
from server.store.tables import accounts, grants, revocations
from server.store.writes import AddAccount, RevokePerson, Write

_PERSONS: Final = select(accounts.c.name, accounts.c.person).where(
    accounts.c.name.in_(bindparam("names", expanding=True))
)
_REVOKED: Final = select(revocations.c.person, revocations.c.before_ms).where(
    revocations.c.person.in_(bindparam("persons", expanding=True))
)
_NO_GRANTS: Final = delete(grants).where(grants.c.person == bindparam("of"))


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The head that guards accounts."""
    return {channel(Kind.HOUSE, context.province)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    added = [write for write in writes if isinstance(write, AddAccount)]
    if added:
        _add(conn, context, added)
    revoked = [write for write in writes if isinstance(write, RevokePerson)]
    if revoked:
        _revoke(conn, revoked)
    house = channel(Kind.HOUSE, context.province)
    return [
        Effect(reply=Done(), bodies=[(house, Revoked(person=write.person, before_ms=write.at_ms))], offset_in=house)
        if isinstance(write, RevokePerson)
        else Effect(reply=Done())
        for write in writes
    ]


def _add(conn: Connection, context: Context, writes: Sequence[AddAccount]) -> None:
    """The last account of a name in the batch is what stands; a name that was there keeps its person."""
    last = {write.name: write for write in writes}
    persons = {row.name: row.person for row in conn.execute(_PERSONS, {"names": sorted(last)})}
    rows, granted = [], []
    for name, write in sorted(last.items()):
        person = persons.get(name) or "p" + context.random_bytes(9).hex()
        rows.append(
            {
                "person": person,
                "name": name,
                "shown_name": write.shown_name,
                "password_hash": write.password_hash,
                "changed_at_ms": write.at_ms,
            }
        )
        granted += [{"person": person, "role": g.role.value, "scope": g.scope} for g in set(write.grants)]
    conn.execute(upsert(conn.dialect.name, accounts), rows)
    conn.execute(_NO_GRANTS, [{"of": row["person"]} for row in rows])
    if granted:
        conn.execute(grants.insert(), granted)


def _revoke(conn: Connection, writes: Sequence[RevokePerson]) -> None:
    """A revocation never moves back in time."""
    before = {write.person: write.at_ms for write in sorted(writes, key=lambda w: w.at_ms)}
    for row in conn.execute(_REVOKED, {"persons": sorted(before)}):
        before[row.person] = max(before[row.person], row.before_ms)
    rows = [{"person": person, "before_ms": at_ms} for person, at_ms in sorted(before.items())]
    conn.execute(upsert(conn.dialect.name, revocations), rows)
