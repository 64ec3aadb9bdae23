"""Bearer tokens: a principal, signed with Ed25519 (RFC 8032) by its province.

A token is `base64url(msgpack(Principal)).base64url(signature)`. Pure: the clock and the keys are arguments. Verifying
costs about 140 us, so a connection verifies once and keeps the principal.
"""

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.core.model import PersonId, Principal
from server.core.refusal import Code, Refusal

TOKEN_LIMIT_CHARS = 2048

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Principal] = msgspec.msgpack.Decoder(Principal)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def issue(principal: Principal, key: Ed25519PrivateKey) -> str:
    """The token that proves this principal."""
    body = _encoder.encode(principal)
    return f"{_text(body)}.{_text(key.sign(body))}"


def verify(token: str, keys: tuple[Ed25519PublicKey, ...], now_ms: int) -> Principal:
    """The principal of a token signed by one of the keys.

    Raises `Refusal` NOT_SIGNED_IN for anything that is not such a token, TOKEN_EXPIRED for one that was.
    """
    head, dot, tail = token.partition(".")
    if not dot or len(token) > TOKEN_LIMIT_CHARS:
        raise Refusal(Code.NOT_SIGNED_IN)
    try:
        body, signature = _bytes(head), _bytes(tail)
    except (binascii.Error, ValueError):
        raise Refusal(Code.NOT_SIGNED_IN) from None
    if not any(_signed_by(key, signature, body) for key in keys):
        raise Refusal(Code.NOT_SIGNED_IN)
    try:
        principal = _decoder.decode(body)
    except msgspec.DecodeError:
        raise Refusal(Code.NOT_SIGNED_IN) from None
    if principal.until_ms <= now_ms:
        raise Refusal(Code.TOKEN_EXPIRED)
    return principal


def claimed_province(token: str) -> str:
    """The province a token says it is of, before anybody has looked at its signature: which key to try. Empty for
    none, and for what is no token."""
    head, dot, _ = token.partition(".")
    if not dot or len(token) > TOKEN_LIMIT_CHARS:
        return ""
    try:
        return _decoder.decode(_bytes(head)).province
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return ""


def guest_from(principal: Principal) -> Principal:
    """Whoever another province vouches for: a guest here, whatever they are at home, under a name that none of this
    province's own can have."""
    person = PersonId(f"{principal.province}.{principal.person}")
    return msgspec.structs.replace(principal, person=person, grants=())


def _signed_by(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True
