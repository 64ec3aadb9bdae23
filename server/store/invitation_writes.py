"""Invitations: one per number, role and scope; used once, by who names the code sent to the number on file.

The head of `house/` guards them, as it does accounts and codes.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from server.core.channels import Kind, channel
from server.core.limits import INVITATION_DAYS, PASSWORD_LEAST
from server.core.model import Channel, Grant, InvitationId, PersonId, Role
from server.core.protocol import Done, Invited
from server.core.refusal import Code, Refusal
from server.store.account_queries import has_password
from server.store.account_writes import change_grants, new_person, revoked, void_tokens
from server.store.auditing import note
from server.store.code_writes import DAY_MS, CodeRows
from server.store.engines import insert_new
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.people import Personal, seal, seal_phone, unseal
from server.store.tables import accounts, audit, confirmed_phones, invitations
from server.store.writes import ChangeGrants, Invite, JoinHouse, RevokeInvitation, Write

VALID_MS: Final = INVITATION_DAYS * DAY_MS
_BY_PHONE: Final = select(invitations).where(
    invitations.c.phone_hmac == bindparam("phone"),
    invitations.c.role == bindparam("wanted"),
    invitations.c.scope == bindparam("over"),
)
_BY_ID: Final = select(invitations).where(invitations.c.id == bindparam("of"))
_ACCOUNT: Final = select(accounts.c.person, accounts.c.password_hash).where(accounts.c.phone_hmac == bindparam("phone"))


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The head that guards accounts, invitations and codes."""
    return {channel(Kind.HOUSE, context.province)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order. People join one by one: a few statements for each are fine."""
    codes = CodeRows(conn, context, [write for write in writes if isinstance(write, JoinHouse)])

    def decide(write: Write) -> Effect:
        match write:
            case Invite():
                return _invite(conn, context, write)
            case RevokeInvitation():
                return _revoke(conn, write)
            case JoinHouse():
                return _join(conn, context, codes, write)
            case _:
                raise TypeError(f"{type(write).__name__} is no write about invitations")

    outcomes = decide_each(writes, decide)
    codes.write(conn)
    return outcomes


def _invite(conn: Connection, context: Context, write: Invite) -> Effect:
    phone = context.keyring.phone_hmac(write.phone)
    old = conn.execute(_BY_PHONE, {"phone": phone, "wanted": write.role.value, "over": write.scope}).first()
    stands = old is not None and old.used_at_ms is None and old.revoked_at_ms is None
    if old is not None and stands and old.expires_at_ms > write.at_ms:
        identity = InvitationId(old.id)
        renewed = update(invitations).where(invitations.c.id == identity)
        conn.execute(renewed.values(expires_at_ms=write.at_ms + VALID_MS))
    else:
        if old is not None:
            conn.execute(delete(invitations).where(invitations.c.id == old.id))
        identity = InvitationId(context.random_bytes(9).hex())
        conn.execute(invitations.insert(), _row(context, write, identity, phone))
    note(conn, write, "invite", f"{identity} {write.role} {write.scope}")
    return Effect(reply=Invited(invitation=identity))


def _row(context: Context, write: Invite, identity: InvitationId, phone: bytes) -> dict[str, object]:
    return {
        "id": identity,
        "role": write.role.value,
        "scope": write.scope,
        "region": write.region,
        "phone_hmac": phone,
        "sealed": seal(context.keyring, f"invitation {identity}", Personal(write.name, write.phone)),
        "made_by": write.by,
        "made_at_ms": write.at_ms,
        "expires_at_ms": write.at_ms + VALID_MS,
        "used_at_ms": None,
        "used_by": "",
        "revoked_at_ms": None,
        "sent_at_ms": None,
    }


def _revoke(conn: Connection, write: RevokeInvitation) -> Effect:
    row = conn.execute(_BY_ID, {"of": write.invitation}).first()
    if row is None:
        raise _not_found(write.invitation)
    if row.used_at_ms is not None:
        raise Refusal(Code.INVITATION_USED)
    if row.revoked_at_ms is None:
        conn.execute(update(invitations).where(invitations.c.id == row.id).values(revoked_at_ms=write.at_ms))
        note(conn, write, "revoke_invitation", row.id)
    return Effect(reply=Done())


def require_open(row: "Row[tuple[object, ...]] | None", invitation: InvitationId, at_ms: int) -> None:
    """Raises `Refusal` unless the invitation can be used now."""
    if row is None:
        raise _not_found(invitation)
    if row.used_at_ms is not None:
        raise Refusal(Code.INVITATION_USED)
    if row.revoked_at_ms is not None:
        raise Refusal(Code.INVITATION_REVOKED)
    if row.expires_at_ms <= at_ms:
        raise Refusal(Code.INVITATION_EXPIRED, days=INVITATION_DAYS)


def _join(conn: Connection, context: Context, codes: CodeRows, write: JoinHouse) -> Effect:
    row = conn.execute(_BY_ID, {"of": write.invitation}).first()
    require_open(row, write.invitation, write.at_ms)
    assert row is not None
    account = conn.execute(_ACCOUNT, {"phone": row.phone_hmac}).first()
    there = None if account is None else account.person
    if not write.password_hash and (account is None or not has_password(account.password_hash)):
        raise Refusal(Code.PASSWORD_INVALID, least=PASSWORD_LEAST)
    if codes.take(write) != row.phone_hmac:
        raise Refusal(Code.CODE_UNKNOWN)
    effect = Effect(reply=Done())
    if there is None:
        person = new_person(context)
        conn.execute(accounts.insert(), _account(context, person, row, write))
    else:
        person = PersonId(there)
        if write.password_hash:
            changed = update(accounts).where(accounts.c.person == person)
            conn.execute(changed.values(password_hash=write.password_hash, changed_at_ms=write.at_ms))
            void_tokens(conn, {person: write.at_ms})
            effect = revoked(context, person, write.at_ms)
        conn.execute(update(accounts).where(accounts.c.person == person).values(signed_in_at_ms=write.at_ms))
    grant = Grant(role=Role(row.role), scope=row.scope)
    change_grants(conn, ChangeGrants(by=write.by, key=write.key, at_ms=write.at_ms, person=person, add=(grant,)))
    conn.execute(update(invitations).where(invitations.c.id == row.id).values(used_at_ms=write.at_ms, used_by=person))
    conn.execute(
        insert_new(conn.dialect.name, confirmed_phones),
        {"person": person, "phone_hmac": row.phone_hmac, "at_ms": write.at_ms},
    )
    note(conn, write, "join", f"{row.id} {person}")
    return effect


def _account(context: Context, person: PersonId, row: "Row[tuple[object, ...]]", write: JoinHouse) -> dict[str, object]:
    personal = unseal(context.keyring, f"invitation {row.id}", row.sealed)
    return {
        "person": person,
        "name": f"u{person[1:13]}",
        "shown_name": personal.name,
        "password_hash": write.password_hash,
        "changed_at_ms": write.at_ms,
        "phone_hmac": row.phone_hmac,
        "sealed": seal_phone(context.keyring, person, personal.phone),
        "signed_in_at_ms": write.at_ms,
    }


def note_shown(conn: Connection, by: PersonId, invitation: InvitationId, at_ms: int) -> None:
    """A line in the audit log: somebody has the link before their eyes."""
    conn.execute(audit.insert(), {"at_ms": at_ms, "by": by, "what": "show_invitation", "subject": invitation})


def note_sent(conn: Connection, by: PersonId, invitation: InvitationId, at_ms: int) -> None:
    """Its link went to the number on file; a line in the audit log."""
    conn.execute(update(invitations).where(invitations.c.id == invitation).values(sent_at_ms=at_ms))
    conn.execute(audit.insert(), {"at_ms": at_ms, "by": by, "what": "send_invitation", "subject": invitation})


def _not_found(invitation: InvitationId) -> Refusal:
    return Refusal(Code.NOT_FOUND, what="invitation", id=invitation[:40])
