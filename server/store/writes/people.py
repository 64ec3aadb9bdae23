"""Writes of accounts."""

from server.core.model import ApplicationId, Grant, PersonId
from server.store.writes.write import Write


class AddAccount(Write, frozen=True, kw_only=True):
    """A staff account. `password_hash` is argon2id (PHC string). An existing name gets the new hash and grants, keeps
    its number when `phone` (11 digits) is empty, and every token issued to it before `at_ms` is void: that publishes
    Revoked on house/PROVINCE. Reply `Done`."""

    name: str
    shown_name: str
    password_hash: str
    grants: tuple[Grant, ...]
    phone: str = ""


class AskCode(Write, frozen=True, kw_only=True):
    """A code for `by` and this number takes the place of the last one, within the rations (`limits.CODE_AGAIN_S`,
    `CODES_PER_HOUR`, `CODES_PER_DAY` per number and per person, `per_hour` for the whole house). `code` is its keyed
    digest. Reply `CodeSent`. Refused: CODE_TOO_OFTEN."""

    phone: str
    code: bytes
    per_hour: int


class ConfirmCode(Write, frozen=True, kw_only=True):
    """`by` names the code that was sent to the number. Publishes PhoneConfirmed on me/. Reply `Done`. A wrong one
    costs a try. Refused: CODE_UNKNOWN, CODE_USED, CODE_EXPIRED, CODE_SPENT, CODE_WRONG."""

    phone: str
    code: bytes


class Saw(Write, frozen=True, kw_only=True):
    """`by` sees (application, steps): what waits to be told of them is cancelled, where the application is `by`'s own
    or its number confirmed by `by`; others are passed over. Reply `Done`. Never kept in the key table: again is the
    same."""

    seen: tuple[tuple[ApplicationId, int], ...]


class RevokePerson(Write, frozen=True, kw_only=True):
    """Every token of `person` issued before `at_ms` is void. Publishes Revoked on house/PROVINCE. Reply `Done`."""

    person: PersonId
