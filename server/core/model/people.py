"""Who somebody is to the house."""

from enum import StrEnum

from server.core.model.ids import PersonId, Value


class Role(StrEnum):
    """Who a person is to the house. Everybody may watch; a guest may also apply."""

    GUEST = "guest"
    HOST = "host"
    ASSISTANT = "assistant"
    HR = "hr"
    SPECIALIST = "specialist"
    OPERATOR = "operator"
    ADMIN = "admin"


class Grant(Value, frozen=True, kw_only=True):
    """A role within a scope: a session id (host, assistant), an enterprise id (HR, specialist), a region code
    (operator, admin: that branch of the tree)."""

    role: Role
    scope: str


class Principal(Value, frozen=True, kw_only=True):
    """Who is asking, as proved by a token. `kind` is `browser` or `client`; only a `client` token may come
    without an Origin. The principal is nobody after `until_ms`. `province`: whose token it is, where several trust
    each other; a hub leaves it empty for its own. `audience`: the one other province that may take the token; empty:
    it is good at home, and nowhere else."""

    person: PersonId
    token_id: str
    issued_at_ms: int
    until_ms: int
    kind: str = "browser"
    name: str = ""
    grants: tuple[Grant, ...] = ()
    province: str = ""
    audience: str = ""
