"""Writes of invitations, and of what becomes of them: people with roles."""

from server.core.model import Grant, InvitationId, PersonId, RegionCode, Role
from server.store.writes.write import Write


class Invite(Write, frozen=True, kw_only=True):
    """Somebody is asked to join in one role. One row per number, role and scope: an invitation that still stands gets
    its days anew and keeps its link, one that does not is replaced. Reply `Invited`. In the audit log."""

    name: str
    phone: str
    role: Role
    scope: str
    region: RegionCode


class RevokeInvitation(Write, frozen=True, kw_only=True):
    """Its link works no more; again changes nothing. Reply `Done`. In the audit log. Refused: NOT_FOUND,
    INVITATION_USED."""

    invitation: InvitationId


class JoinHouse(Write, frozen=True, kw_only=True):
    """Who opened the invitation names the code sent to its number; `by` is `invited(id)`. The account of that number
    gets the role, and one is made when there is none. `password_hash` may be empty for an account that is there; a new
    one voids the tokens given before. Reply `Done`. In the audit log. Refused: NOT_FOUND, INVITATION_*, CODE_*,
    PASSWORD_INVALID."""

    invitation: InvitationId
    phone: str
    code: bytes
    password_hash: str


class ChangeGrants(Write, frozen=True, kw_only=True):
    """Roles given and taken, the others stay. Taking one voids the person's tokens: Revoked on house/PROVINCE. Reply
    `Done`. In the audit log. Refused: NOT_FOUND."""

    person: PersonId
    add: tuple[Grant, ...] = ()
    remove: tuple[Grant, ...] = ()


class SignedIn(Write, frozen=True, kw_only=True):
    """`by` came in by password, code or demonstration. Reply `Done`. Never kept in the key table."""


def invited(invitation: InvitationId) -> PersonId:
    """As whom somebody who is not anybody yet is sent a code."""
    return PersonId(f"i_{invitation}")
