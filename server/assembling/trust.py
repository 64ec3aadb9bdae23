"""Whose tokens are good at this hub: its own province's, and those that others it trusts made for this one."""

import base64
import binascii
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.config import Config, ConfigError
from server.core import tokens
from server.core.model import Principal
from server.core.refusal import Code, Refusal


class Trust:
    """`own` signs here; `others` by the code of their province."""

    def __init__(
        self,
        province: str,
        own: Ed25519PrivateKey,
        others: Mapping[str, Ed25519PublicKey],
        clock_ms: Callable[[], int],
    ) -> None:
        self._province = province
        self._own = own.public_key()
        self._sealing = tokens.sealing_key(own)
        self._others = others
        self._clock_ms = clock_ms

    def verify(self, token: str) -> Principal:
        """The principal of a token. Somebody of another province is a guest here, by a token that was made for this
        one and no other. Raises `Refusal`."""
        claimed = tokens.claimed_province(token) if self._others else ""
        if claimed in ("", self._province):
            return tokens.at_home(tokens.verify(token, (self._own,), self._clock_ms(), self._sealing))
        key = self._others.get(claimed)
        if key is None:
            raise Refusal(Code.NOT_SIGNED_IN)
        return tokens.guest_from(tokens.verify(token, (key,), self._clock_ms()), self._province)


def trust_of(config: Config, own: Ed25519PrivateKey, clock_ms: Callable[[], int]) -> Trust:
    """As configured. Raises `ConfigError`."""
    others = {code: _key(code, other.key) for code, other in config.provinces.items()}
    return Trust(config.province.code, own, others, clock_ms)


def public_text(own: Ed25519PrivateKey) -> str:
    """What the other provinces write into `provinces.CODE.key`."""
    return base64.b64encode(own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode("ascii")


def _key(code: str, text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise ConfigError(f"provinces.{code}.key: wants the line that `daigang key` prints there") from None
