"""The accounts as the entrance asks for them."""

import contextlib
from collections.abc import Callable

from server.core.model import PersonId
from server.core.refusal import Refusal
from server.store import account_queries
from server.store.store import Store
from server.store.writes import SignedIn


class Accounts:
    """Finds accounts in the store and writes down who came in."""

    def __init__(self, store: Store, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms

    async def of_name(self, name: str) -> account_queries.Account | None:
        """The account of that name."""
        return await self._store.read(account_queries.account, name)

    async def of_login(self, name: str) -> account_queries.Account | None:
        """The account of that name or phone number."""
        return await self._store.read(account_queries.account_for_login, name, self._store.keyring)

    async def of_person(self, person: PersonId) -> account_queries.Account | None:
        """The account of that person."""
        return await self._store.read(account_queries.account_of, person)

    async def signed_in(self, person: PersonId) -> None:
        """Write down that the person came in; who comes in is not sent away because that failed."""
        with contextlib.suppress(Refusal):
            await self._store.write(SignedIn(by=person, key="in", at_ms=self._clock_ms()))
