"""Reading staff accounts and revocations."""

import msgspec
from sqlalchemy import Connection, select

from server.core.model import Assistant, Grant, PersonId, Role, SessionId
from server.core.refusal import Refusal
from server.core.rules import normal_phone
from server.store.keyring import Keyring
from server.store.tables import accounts, grants
from server.store.tables import revocations as revocation_rows


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A staff account. `password_hash` is argon2id as a PHC string, and in no repr."""

    person: PersonId
    name: str
    shown_name: str
    password_hash: str
    grants: tuple[Grant, ...]

    def __repr__(self) -> str:
        return f"Account({self.name!r})"


def has_password(password_hash: str) -> bool:
    """Whether any password fits; none does for a closed account, nor for those of a demonstration."""
    return password_hash.startswith("$")


def account(conn: Connection, name: str) -> Account | None:
    """The account of that name, `None` when there is none."""
    row = conn.execute(select(accounts).where(accounts.c.name == name)).first()
    if row is None:
        return None
    return Account(
        person=PersonId(row.person),
        name=row.name,
        shown_name=row.shown_name,
        password_hash=row.password_hash,
        grants=_grants(conn, PersonId(row.person)),
    )


def account_of(conn: Connection, person: PersonId) -> Account | None:
    """The account of that person, `None` when there is none: for the renewal of a token."""
    name = conn.execute(select(accounts.c.name).where(accounts.c.person == person)).scalar()
    return None if name is None else account(conn, name)


def account_by_phone(conn: Connection, phone_hmac: bytes) -> Account | None:
    """The account of that number, `None` when there is none."""
    name = conn.execute(select(accounts.c.name).where(accounts.c.phone_hmac == phone_hmac)).scalar()
    return None if name is None else account(conn, name)


def account_for_login(conn: Connection, name: str, keyring: Keyring) -> Account | None:
    """The account of that name, or of that number: who was invited has no name of the own choosing."""
    found = account(conn, name)
    if found is None:
        try:
            phone = normal_phone(name)
        except Refusal:
            return None
        found = account_by_phone(conn, keyring.phone_hmac(phone))
    return found


def names(conn: Connection) -> tuple[str, ...]:
    """The names of all accounts: for `daigang account list`."""
    return tuple(conn.execute(select(accounts.c.name).order_by(accounts.c.name)).scalars())


def revocations(conn: Connection) -> dict[PersonId, int]:
    """Every revoked person, and the time (ms) before which that person's tokens were issued that are void."""
    rows = conn.execute(select(revocation_rows.c.person, revocation_rows.c.before_ms))
    return {PersonId(row.person): row.before_ms for row in rows}


def _grants(conn: Connection, person: PersonId) -> tuple[Grant, ...]:
    rows = conn.execute(
        select(grants.c.role, grants.c.scope).where(grants.c.person == person).order_by(grants.c.role, grants.c.scope)
    )
    return tuple(Grant(role=Role(row.role), scope=row.scope) for row in rows)


def assistants_of(conn: Connection, session: SessionId) -> tuple[Assistant, ...]:
    """Those who assist in the session, by name."""
    rows = conn.execute(
        select(accounts.c.person, accounts.c.shown_name)
        .join_from(grants, accounts, accounts.c.person == grants.c.person)
        .where(grants.c.role == Role.ASSISTANT.value, grants.c.scope == session)
        .order_by(accounts.c.shown_name, accounts.c.person)
    )
    return tuple(Assistant(person=row.person, name=row.shown_name) for row in rows)
