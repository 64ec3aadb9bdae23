"""Writes of accounts."""

from server.core.model import Grant, PersonId
from server.store.writes.write import Write


class AddAccount(Write, frozen=True, kw_only=True):
    """A staff account. `password_hash` is argon2id (PHC string). An existing name gets the new hash and grants.
    Reply `Done`."""

    name: str
    shown_name: str
    password_hash: str
    grants: tuple[Grant, ...]


class RevokePerson(Write, frozen=True, kw_only=True):
    """Every token of `person` issued before `at_ms` is void. Publishes Revoked on house/PROVINCE. Reply `Done`."""

    person: PersonId
