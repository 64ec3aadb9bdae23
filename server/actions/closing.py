"""An account is closed: it has no password and no roles any more, and the tokens it was given are void."""

import secrets
from collections.abc import Callable
from typing import Final

from server.core.model import PersonId
from server.store.account_queries import Account
from server.store.store import Store
from server.store.writes import AddAccount, RevokePerson

NO_PASSWORD: Final = "!"
"""Not a hash, so no password ever fits."""


async def close_account(store: Store, account: Account, by: PersonId, clock_ms: Callable[[], int]) -> None:
    """Running hubs end its connections within 2 s. Its name stays taken. Raises `Refusal`.

    Password, roles and tokens end in one write. The tokens end once more afterwards, for who signed in meanwhile.
    """
    await store.write(
        AddAccount(
            by=by,
            key=_key(),
            at_ms=clock_ms(),
            name=account.name,
            shown_name=account.shown_name,
            password_hash=NO_PASSWORD,
            grants=(),
        )
    )
    await store.write(RevokePerson(by=by, key=_key(), at_ms=clock_ms(), person=account.person))


def _key() -> str:
    return f"close-{secrets.token_hex(8)}"
