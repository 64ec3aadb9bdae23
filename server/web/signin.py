"""Name and password: argon2id in a thread, a bounded number at once, and patience for those who guess.

A name that does not exist is answered like a wrong password and after the same work, so that nobody learns names.
"""

import asyncio
import functools
import secrets
from collections.abc import Awaitable, Callable

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from server.core.refusal import Code, Refusal
from server.core.rules import normal_phone
from server.store.account_queries import Account
from server.web.rationing import Ration, Rations

AT_ONCE = 2
"""Hashes computed at a time: each takes 64 MiB and about 50 ms of a core."""
WAITING = 64
"""Sign-ins that may wait for their turn, some two seconds' worth; more are told to come back."""
RETRY_S = 30.0
"""A name that used up its tries gets another one this often."""
NAME_TRIES = 50
"""Tries for one name from all addresses together: who knows a name cannot lock its owner out with less than that."""
ADDRESS_TRIES = 100
"""Tries from one address, whatever the names: the staff of a whole hall share one."""
PASSWORD_LIMIT = 200


def hash_password(password: str) -> str:
    """The argon2id hash of a password (RFC 9106, the low-memory choice), about 50 ms: not for the loop."""
    return argon2.PasswordHasher().hash(password)


FindAccount = Callable[[str], Awaitable[Account | None]]


class SignIn:
    """Checks passwords. Invariant: at most AT_ONCE hashes run and WAITING wait, whatever comes."""

    def __init__(self, *, find: FindAccount, tries: int, rations: Rations) -> None:
        """`find`: the account of a name, None for none; `tries`: wrong passwords in a row for one name from one
        address before it waits. Of several workers one answers an address (`web/passing`), so only what counts over
        all addresses is shared out."""
        self._find = find
        self._hasher = argon2.PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._pairs = Ration(1 / RETRY_S, tries, rations.clock_s)
        self._names = rations.of_address(1 / 10, NAME_TRIES)
        self._addresses = Ration(1.0, ADDRESS_TRIES, rations.clock_s)

    async def check(self, name: str, password: str, address: str) -> Account:
        """The account. Raises `Refusal` SIGN_IN_FAILED, or TOO_MANY (temporary)."""
        known_as = _one_name(name)
        pair = f"{address} {known_as}"
        self._pairs.take(pair)
        self._addresses.take(address)
        self._names.take(known_as)
        if self._waiting >= WAITING:
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=2000)
        self._waiting += 1
        try:
            account = await self._find(name)
            async with self._slots:
                good = await asyncio.to_thread(self._matches, account, password)
        finally:
            self._waiting -= 1
        # Read once more: it may have been closed or renewed meanwhile, and a token made from what it was would outlive
        # the end of its tokens.
        now = await self._find(name) if good else None
        if account is None or now is None or now.password_hash != account.password_hash:
            raise Refusal(Code.SIGN_IN_FAILED)
        self._pairs.forget(pair)
        return now

    def _matches(self, account: Account | None, password: str) -> bool:
        # Asked for first, whoever it is, so that the one time it is made tells nothing either.
        nobody = _hash_of_nobody()
        try:
            return self._hasher.verify(account.password_hash if account else nobody, password) and account is not None
        except InvalidHashError:
            # A closed account has no hash; the work is done all the same.
            return self._matches(None, password)
        except VerificationError:
            return False


def _one_name(name: str) -> str:
    """A number, which may stand for a name, however it is typed: else each way of typing it would have tries of its
    own."""
    try:
        return normal_phone(name)
    except Refusal:
        return name


@functools.cache
def _hash_of_nobody() -> str:
    """Takes as long to refuse as a real one."""
    return hash_password(secrets.token_hex(16))
