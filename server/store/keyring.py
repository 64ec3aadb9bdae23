"""The keys of the store's personal data: sealing, opening, and finding without opening.

AES-256-GCM with a random nonce of 96 bits; what is sealed names its key, so keys can be changed while the old ones are
still held. What must be found is found by HMAC-SHA256 under a key of its own: it stays when sealing keys change.
Keys come from the environment or `var/secrets.env`; nothing here reads either.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.store.chance import random_bytes

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = 1


class SealBroken(Exception):
    """These bytes were not sealed by a key of this ring for this purpose: a wrong key, or a damaged database."""


class Keyring:
    """Sealing keys by id, the id new things are sealed with, and the key for finding.

    Raises `ValueError` when a key has not 32 bytes, an id not 1 to 32 ASCII characters, or `current` is not among them.
    """

    def __init__(self, sealing: Mapping[str, bytes], current: str, finding: bytes) -> None:
        if current not in sealing:
            raise ValueError(f"no sealing key named {current}")
        for name in sealing:
            if not (name.isascii() and 1 <= len(name) <= 32):
                raise ValueError("a key's id has 1 to 32 ASCII characters")
        if any(len(key) != KEY_BYTES for key in (*sealing.values(), finding)):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._ciphers = {name.encode(): AESGCM(key) for name, key in sealing.items()}
        self._current = current.encode()
        # Copied for each: `hmac.digest` gives up the interpreter's lock even for a few bytes, and then waits for the
        # writer's thread.
        self._keyed = hmac.new(finding, digestmod=hashlib.sha256)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """The sealed bytes: version, length and id of the key, nonce, ciphertext with its tag. They open only for the
        same purpose, so that a row cannot be given another row's bytes."""
        nonce = random_bytes(_NONCE_BYTES)
        head = bytes((_VERSION, len(self._current))) + self._current
        return head + nonce + self._ciphers[self._current].encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed. Raises `SealBroken`."""
        start = 2 + (sealed[1] if len(sealed) > 1 else 0)
        cipher = self._ciphers.get(sealed[2:start])
        if cipher is None or sealed[0] != _VERSION:
            raise SealBroken("sealed with a key that is not in the ring")
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, purpose.encode())
        except (InvalidTag, ValueError):
            raise SealBroken("the seal does not fit") from None

    def key_of(self, sealed: bytes) -> str:
        """The id of the key those bytes were sealed with: what is left to seal anew before a key may go."""
        return sealed[2 : 2 + sealed[1]].decode("ascii")

    def phone_hmac(self, phone: str) -> bytes:
        """What a phone number is found by: the same for the same number, useless without the key."""
        return self._hmac(b"phone", phone.encode())

    def for_whom_hmac(self, for_whom: str) -> bytes:
        """The same for the family member somebody fills in for; empty for nobody."""
        return self._hmac(b"for_whom", for_whom.encode()) if for_whom else b""

    def code(self, person: str, phone: str, key: str, digits: int) -> str:
        """The code of one wish for a code: the same again for the same wish, so that its repetition is the same
        command; no way to guess it without the key. 64 bits make the modulus fair to 1 in 10^13."""
        chance = self._hmac(b"code", "\0".join((person, phone, key)).encode())
        return str(int.from_bytes(chance[:8], "big") % 10**digits).zfill(digits)

    def code_digest(self, person: str, phone: str, code: str) -> bytes:
        """What is kept of a code: six digits could be guessed back from a plain hash."""
        return self._hmac(b"sent code", "\0".join((person, phone, code)).encode())

    def invitation_token(self, invitation: str) -> str:
        """What the link of an invitation carries: its id and 96 bits nobody can make without the key."""
        mark = base64.urlsafe_b64encode(self._hmac(b"invitation", invitation.encode())[:12]).decode("ascii")
        return f"{invitation}.{mark}"

    def invitation_of(self, token: str) -> str | None:
        """The id of an invitation whose token this is, None for anything else."""
        invitation = token.partition(".")[0]
        right = self.invitation_token(invitation)
        return invitation if hmac.compare_digest(right.encode(), token.encode("utf-8", "replace")) else None

    def stream_key_digest(self, secret: str) -> bytes:
        """What is kept of an encoder's key."""
        return self._hmac(b"stream key", secret.encode("utf-8", "replace"))

    def digest(self, content: bytes) -> bytes:
        """The keyed digest of a command's content: a plain one of an 11-digit number could be guessed back."""
        return self._hmac(b"content", content)

    def _hmac(self, purpose: bytes, value: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(purpose + b"\0" + value)
        return mac.digest()
