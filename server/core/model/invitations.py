"""Who works for the house, and who is asked to."""

from enum import StrEnum

from server.core.model.ids import InvitationId, PersonId, RegionCode, Value
from server.core.model.people import Role


class InvitationState(StrEnum):
    """An invitation is used once."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Member(Value, frozen=True, kw_only=True):
    """A person with one of its roles. `title` names the scope: the session's, the enterprise's, the region's.
    `signed_in_at_ms` is the last time, absent for never. The phone is masked, empty where none is known."""

    person: PersonId
    name: str
    role: Role
    scope: str
    title: str
    region: RegionCode
    phone: str = ""
    signed_in_at_ms: int | None = None


class Invitation(Value, frozen=True, kw_only=True):
    """Somebody is asked to join in one role, by a link that works with a code sent to the number on file. The phone is
    masked; `sent_at_ms` is when its link last went to that number."""

    id: InvitationId
    name: str
    role: Role
    scope: str
    title: str
    region: RegionCode
    phone: str
    state: InvitationState
    made_at_ms: int
    expires_at_ms: int
    used_at_ms: int | None = None
    sent_at_ms: int | None = None


class ScopeView(Value, frozen=True, kw_only=True):
    """A session, an enterprise or a region in which a role can be held."""

    id: str
    title: str
    region: RegionCode
