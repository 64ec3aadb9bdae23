"""Staff accounts and revoked people."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from server.core.bodies import Revoked
from server.core.channels import Kind, channel
from server.core.model import Channel, PersonId
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.engines import insert_new, upsert
from server.store.handling import Context, Effect, Outcome
from server.store.keyring import Keyring
from server.store.people import seal_phone
from server.store.tables import accounts, grants, revocations
from server.store.writes import AddAccount, ChangeGrants, RevokePerson, SignedIn, Write

_PERSONS: Final = select(accounts).where(accounts.c.name.in_(bindparam("names", expanding=True)))
_REVOKED: Final = select(revocations.c.person, revocations.c.before_ms).where(
    revocations.c.person.in_(bindparam("persons", expanding=True))
)
_NO_GRANTS: Final = delete(grants).where(grants.c.person == bindparam("of"))
_TAKE: Final = delete(grants).where(
    grants.c.person == bindparam("of"), grants.c.role == bindparam("was"), grants.c.scope == bindparam("over")
)
_SEEN: Final = update(accounts).where(accounts.c.person == bindparam("of")).values(signed_in_at_ms=bindparam("at"))


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The head that guards accounts."""
    return {channel(Kind.HOUSE, context.province)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    added = [write for write in writes if isinstance(write, AddAccount)]
    persons = _add(conn, context, added) if added else {}
    seen = [{"of": write.by, "at": write.at_ms} for write in writes if isinstance(write, SignedIn)]
    if seen:
        conn.execute(_SEEN, seen)
    known = _known(conn, {write.person for write in writes if isinstance(write, ChangeGrants)})
    outcomes: list[Outcome] = []
    voided: dict[PersonId, int] = {}
    for write in writes:
        match write:
            case AddAccount(name=name) if name in persons:
                outcomes.append(_void(context, voided, persons[name], write.at_ms))
            case ChangeGrants(person=person) if person not in known:
                outcomes.append(Refusal(Code.NOT_FOUND, what="person", id=person[:80]))
            case ChangeGrants(person=person):
                # Who may take roles of the own branch ends nobody's tokens by taking one that is not there.
                taken = change_grants(conn, write)
                outcomes.append(_void(context, voided, person, write.at_ms) if taken else Effect(reply=Done()))
            case RevokePerson(person=person):
                outcomes.append(_void(context, voided, person, write.at_ms))
            case _:
                outcomes.append(Effect(reply=Done()))
    if voided:
        void_tokens(conn, voided)
    return outcomes


def _void(context: Context, voided: dict[PersonId, int], person: PersonId, at_ms: int) -> Effect:
    voided[person] = max(voided.get(person, 0), at_ms)
    return revoked(context, person, at_ms)


def revoked(context: Context, person: PersonId, at_ms: int) -> Effect:
    """Every hub is told that the tokens of that person given before are void."""
    house = channel(Kind.HOUSE, context.province)
    return Effect(reply=Done(), bodies=[(house, Revoked(person=person, before_ms=at_ms))], offset_in=house)


def change_grants(conn: Connection, write: ChangeGrants) -> bool:
    """Give and take, each written down; whether there was something to take. A change of roles is rare: one statement
    each is fine."""
    taken = [
        g
        for g in write.remove
        if conn.execute(_TAKE, {"of": write.person, "was": g.role.value, "over": g.scope}).rowcount
    ]
    if write.add:
        rows = [{"person": write.person, "role": g.role.value, "scope": g.scope} for g in write.add]
        conn.execute(insert_new(conn.dialect.name, grants), rows)
    for what, changed in (("take_role", taken), ("give_role", write.add)):
        for g in changed:
            note(conn, write, what, f"{write.person} {g.role} {g.scope}")
    return bool(taken)


def _known(conn: Connection, persons: set[PersonId]) -> set[PersonId]:
    query = select(accounts.c.person).where(accounts.c.person.in_(sorted(persons)))
    return {PersonId(person) for person in conn.execute(query).scalars()} if persons else set()


def _add(conn: Connection, context: Context, writes: Sequence[AddAccount]) -> dict[str, PersonId]:
    """The last account of a name in the batch is what stands; a name that was there keeps its person. Those names."""
    last = {write.name: write for write in writes}
    there = {row.name: row for row in conn.execute(_PERSONS, {"names": sorted(last)})}
    rows, granted = [], []
    for name, write in sorted(last.items()):
        old = there.get(name)
        person = old.person if old is not None else new_person(context)
        rows.append(
            {
                "person": person,
                "name": name,
                "shown_name": write.shown_name,
                "password_hash": write.password_hash,
                "changed_at_ms": write.at_ms,
                **(_phone(context.keyring, person, write.phone) if write.phone or old is None else _phone_of(old)),
                "signed_in_at_ms": None if old is None else old.signed_in_at_ms,
            }
        )
        granted += [{"person": person, "role": g.role.value, "scope": g.scope} for g in set(write.grants)]
    conn.execute(upsert(conn.dialect.name, accounts), rows)
    conn.execute(_NO_GRANTS, [{"of": row["person"]} for row in rows])
    if granted:
        conn.execute(grants.insert(), granted)
    return {name: PersonId(row.person) for name, row in there.items()}


def void_tokens(conn: Connection, wanted: Mapping[PersonId, int]) -> None:
    """Tokens of these persons given before these times are void; a revocation never moves back in time."""
    before = dict(wanted)
    for row in conn.execute(_REVOKED, {"persons": sorted(before)}):
        before[row.person] = max(before[row.person], row.before_ms)
    rows = [{"person": person, "before_ms": at_ms} for person, at_ms in sorted(before.items())]
    conn.execute(upsert(conn.dialect.name, revocations), rows)


def new_person(context: Context) -> PersonId:
    """The id of a new account."""
    return PersonId("p" + context.random_bytes(9).hex())


def _phone(keyring: Keyring, person: PersonId, phone: str) -> dict[str, object]:
    if not phone:
        return {"phone_hmac": None, "sealed": None}
    return {"phone_hmac": keyring.phone_hmac(phone), "sealed": seal_phone(keyring, person, phone)}


def _phone_of(row: Row[Any]) -> dict[str, object]:
    return {"phone_hmac": row.phone_hmac, "sealed": row.sealed}
