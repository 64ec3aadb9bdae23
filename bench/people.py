"""Who asks in a benchmark: tokens signed here with the hub's own seed, of kind `client` and with invented ids."""

import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.core import tokens
from server.core.model import Grant, PersonId, Principal

GOOD_FOR_MS = 6 * 3600 * 1000


class Signer:
    """Makes principals that the hub whose seed this is believes."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def token(self, person: str, grants: tuple[Grant, ...] = ()) -> str:
        """The token of a person; without grants it is a guest."""
        now_ms = time.time_ns() // 1_000_000
        principal = Principal(
            person=PersonId(person),
            token_id=person,
            issued_at_ms=now_ms,
            until_ms=now_ms + GOOD_FOR_MS,
            kind="client",
            name=f"观众{person[-4:]}",
            grants=grants,
        )
        return tokens.issue(principal, self._key)
