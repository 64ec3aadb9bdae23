"""Who works for the house and who is asked to: lists for those who may invite, and one invitation for who opens it.

Each list takes its scope, a branch of the tree or one enterprise; numbers are masked in all of them.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, literal, or_, select, union_all

from server.core.contacts import Contact
from server.core.model import (
    EnterpriseId,
    Invitation,
    InvitationId,
    InvitationState,
    Member,
    PersonId,
    RegionCode,
    Role,
    ScopeView,
)
from server.core.refusal import Code, Refusal
from server.store import tables as t
from server.store.application_queries import keyring_of
from server.store.catalogue_queries import branch
from server.store.people import mask_phone, unseal, unseal_phone

PEOPLE_LIMIT: Final = 200
SCOPES_LIMIT: Final = 50
HOUR_MS: Final = 3_600_000
_AT_SESSION: Final = (Role.HOST.value, Role.ASSISTANT.value)
_AT_ENTERPRISE: Final = (Role.HR.value, Role.SPECIALIST.value)
_AT_REGION: Final = (Role.OPERATOR.value, Role.ADMIN.value)


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is about: a branch, or one enterprise; `words` must stand in a name or a title; `skip`
    rows are left out."""

    region: RegionCode = RegionCode("")
    enterprise: EnterpriseId = EnterpriseId("")
    words: str = ""
    skip: int = 0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A scope as people read it."""

    title: str
    region: RegionCode


def place_of(conn: Connection, role: Role, scope: str) -> Place:
    """Where a role would be held. Raises `Refusal(NOT_FOUND)` when the scope is no thing of the right kind: a mistyped
    one would give a role over nothing."""
    what, table, title, region = _KINDS[role]
    row = conn.execute(select(table.c[title], table.c[region]).where(table.c[_ID[what]] == scope)).first()
    if row is None:
        raise Refusal(Code.NOT_FOUND, what=what, id=scope[:80])
    return Place(title=row[0], region=RegionCode(row[1]))


_HALLS: Final = (
    select(
        t.sessions.c.id,
        (t.venues.c.name + " · " + t.sessions.c.title).label("title"),
        t.sessions.c.region.label("region"),
    )
    .join_from(t.sessions, t.venues, t.venues.c.id == t.sessions.c.venue)
    .subquery("halls")
)
_SESSION: Final = ("session", _HALLS, "title", "region")
_ENTERPRISE: Final = ("enterprise", t.enterprises, "name", "region")
_REGION: Final = ("region", t.regions, "name", "code")
_ID: Final = {"session": "id", "enterprise": "id", "region": "code"}
_KINDS: Final = {
    Role.HOST: _SESSION,
    Role.ASSISTANT: _SESSION,
    Role.HR: _ENTERPRISE,
    Role.SPECIALIST: _ENTERPRISE,
    Role.OPERATOR: _REGION,
    Role.ADMIN: _REGION,
}


def scopes(conn: Connection, role: Role, over: Over) -> tuple[tuple[ScopeView, ...], bool]:
    """Where that role can be held in the branch, by title; and whether there are more than SCOPES_LIMIT."""
    what, table, title, region = _KINDS[role]
    query = select(table.c[_ID[what]].label("id"), table.c[title].label("title"), table.c[region].label("region"))
    query = query.where(table.c[region].in_(branch(over.region)))
    if over.words:
        query = query.where(table.c[title].contains(over.words, autoescape=True))
    rows = conn.execute(query.order_by("title", "id").limit(SCOPES_LIMIT + 1)).mappings().all()
    return tuple(ScopeView(**row) for row in rows[:SCOPES_LIMIT]), len(rows) > SCOPES_LIMIT


def firms_named(conn: Connection, region: RegionCode, contacts: Sequence[Contact]) -> list[ScopeView | None]:
    """The enterprise of each contact, by credit code, else by its very name, if it lies in the branch."""
    e = t.enterprises.c
    query = select(e.id, e.name.label("title"), e.region, e.uscc).where(e.region.in_(branch(region)))
    by_code: dict[str, ScopeView] = {}
    by_name: dict[str, ScopeView] = {}
    for row in conn.execute(query):
        firm = ScopeView(id=row.id, title=row.title, region=RegionCode(row.region))
        by_name[row.title] = firm
        if row.uscc:
            by_code[row.uscc] = firm
    return [by_code.get(contact.code) or by_name.get(contact.firm) for contact in contacts]


def members(conn: Connection, over: Over) -> tuple[tuple[Member, ...], bool]:
    """The roles held in that scope, by role, title and name; and whether there are more than PEOPLE_LIMIT."""
    parts = [_members(*_SESSION, _AT_SESSION), _members(*_ENTERPRISE, _AT_ENTERPRISE), _members(*_REGION, _AT_REGION)]
    every = union_all(*parts).subquery()
    query = _within(select(every), every.c, over).order_by(every.c.role, every.c.title, every.c.name, every.c.person)
    rows = conn.execute(query.offset(over.skip).limit(PEOPLE_LIMIT + 1)).mappings().all()
    return tuple(_member(conn, row) for row in rows[:PEOPLE_LIMIT]), len(rows) > PEOPLE_LIMIT


def _members(what: str, table: Any, title: str, region: str, roles: tuple[str, ...]) -> Select[Any]:
    return (
        select(
            t.grants.c.person,
            t.accounts.c.shown_name.label("name"),
            t.grants.c.role,
            t.grants.c.scope,
            table.c[title].label("title"),
            table.c[region].label("region"),
            t.accounts.c.sealed,
            t.accounts.c.signed_in_at_ms,
        )
        .join_from(t.grants, t.accounts, t.accounts.c.person == t.grants.c.person)
        .join(table, table.c[_ID[what]] == t.grants.c.scope)
        .where(t.grants.c.role.in_(roles))
    )


def _within(query: Select[Any], columns: Any, over: Over) -> Select[Any]:
    if over.enterprise:
        query = query.where(columns.scope == over.enterprise, columns.role.in_(_AT_ENTERPRISE))
    else:
        query = query.where(columns.region.in_(branch(over.region)))
    if over.words:
        query = query.where(or_(columns.title.contains(over.words, autoescape=True), _named(columns, over.words)))
    return query


def _named(columns: Any, words: str) -> ColumnElement[bool]:
    # The names of invitations are sealed: they are found by their title alone.
    return columns.name.contains(words, autoescape=True) if "name" in columns else literal(False)


def _member(conn: Connection, row: RowMapping) -> Member:
    fields = dict(row)
    sealed, fields["role"] = fields.pop("sealed"), Role(row["role"])
    phone = "" if sealed is None else mask_phone(unseal_phone(keyring_of(conn), PersonId(row["person"]), sealed))
    return Member(**fields, phone=phone)


def invitations(conn: Connection, over: Over, now_ms: int) -> tuple[tuple[Invitation, ...], bool]:
    """Those asked to join in that scope, the newest first; and whether there are more than PEOPLE_LIMIT."""
    every = _invitations().subquery()
    query = _within(select(every), every.c, over).order_by(every.c.made_at_ms.desc(), every.c.id)
    rows = conn.execute(query.offset(over.skip).limit(PEOPLE_LIMIT + 1)).mappings().all()
    return tuple(_shown(conn, row, now_ms)[0] for row in rows[:PEOPLE_LIMIT]), len(rows) > PEOPLE_LIMIT


def invitation(conn: Connection, identity: InvitationId, now_ms: int) -> tuple[Invitation, str, bytes]:
    """One, with its number in the clear, for the code alone, and that number's HMAC. Raises `Refusal(NOT_FOUND)`."""
    row = conn.execute(_invitations().where(t.invitations.c.id == identity)).mappings().first()
    if row is None:
        raise Refusal(Code.NOT_FOUND, what="invitation", id=identity[:40])
    shown, phone = _shown(conn, row, now_ms)
    return shown, phone, row["phone_hmac"]


def links_wait_ms(conn: Connection, per_hour: int, now_ms: int) -> int:
    """How long until the next link may go out by message when `per_hour` may within any hour; 0 for now."""
    lately = select(func.count(), func.min(t.invitations.c.sent_at_ms)).where(
        t.invitations.c.sent_at_ms > now_ms - HOUR_MS
    )
    count, first_ms = conn.execute(lately).one()
    return max(first_ms + HOUR_MS - now_ms, 1) if count >= per_hour else 0


def _invitations() -> Select[Any]:
    i = t.invitations.c
    titles = [
        select(table.c[title]).where(table.c[_ID[what]] == i.scope).scalar_subquery()
        for what, table, title, _ in (_SESSION, _ENTERPRISE, _REGION)
    ]
    return select(t.invitations, func.coalesce(*titles, i.scope).label("title"))


def _shown(conn: Connection, row: RowMapping, now_ms: int) -> tuple[Invitation, str]:
    personal = unseal(keyring_of(conn), f"invitation {row['id']}", row["sealed"])
    state = InvitationState.OPEN
    if row["used_at_ms"] is not None:
        state = InvitationState.USED
    elif row["revoked_at_ms"] is not None:
        state = InvitationState.REVOKED
    elif row["expires_at_ms"] <= now_ms:
        state = InvitationState.EXPIRED
    shown = Invitation(
        id=InvitationId(row["id"]),
        name=personal.name,
        role=Role(row["role"]),
        scope=row["scope"],
        title=row["title"],
        region=RegionCode(row["region"]),
        phone=mask_phone(personal.phone),
        state=state,
        made_at_ms=row["made_at_ms"],
        expires_at_ms=row["expires_at_ms"],
        used_at_ms=row["used_at_ms"],
        sent_at_ms=row["sent_at_ms"],
    )
    return shown, personal.phone
