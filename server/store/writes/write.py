"""The base of writes, and what becomes of one."""

import msgspec

from server.core.model import PersonId, Publication
from server.core.protocol import Reply


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Base of writes. `at_ms` is the writing hub's clock."""

    by: PersonId
    key: str
    at_ms: int


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """What a write became, after the commit. `epoch` and offsets are in the publications; a repeated key publishes
    nothing."""

    reply: Reply
    publications: tuple[Publication, ...] = ()
    repeated: bool = False
