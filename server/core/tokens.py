"""Bearer tokens: a principal, signed with Ed25519 (RFC 8032) by its province.

A token is `base64url(body).base64url(signature)`; the body is `msgpack(Principal)` with one more field at its end, the
seal: an HMAC of everything before it under a key that only the province itself has (RFC 2104, 128 bits of it). Who has
that key looks at the seal, which costs 3 us instead of 90; everybody else, and of tokens made before there were seals
the province too, at the signature. When 20,000 come back at once it was an eighth of what they cost.

A token is good in one province: at home when it names no audience, else in the province it names. Whoever is shown one
can show it to nobody else.

Pure: the clock and the keys are arguments.
"""

import base64
import binascii
import hashlib
import hmac

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.core.model import PersonId, Principal
from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE

TOKEN_LIMIT_CHARS = 2048
SEAL_BYTES = 16
_SEAL_NEXT = b"\xa4seal\xc4" + bytes((SEAL_BYTES,))
"""msgpack: the name of the last field, and the head of its value."""
_MAP, _MAP_MOST = 0x80, 0x8E
"""msgpack: a small map, and the largest that has room for one more field."""

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Principal] = msgspec.msgpack.Decoder(Principal)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def issue(principal: Principal, key: Ed25519PrivateKey) -> str:
    """The token that proves this principal."""
    plain = _encoder.encode(principal)
    assert _MAP <= plain[0] <= _MAP_MOST, "a principal is a small map"
    unsealed = bytes((plain[0] + 1,)) + plain[1:] + _SEAL_NEXT
    body = unsealed + _seal(unsealed, sealing_key(key))
    return f"{_text(body)}.{_text(key.sign(body))}"


def sealing_key(key: Ed25519PrivateKey) -> bytes:
    """The key of the seals of whoever signs with that one."""
    return hmac.digest(key.private_bytes_raw(), b"daigang: seals of tokens", hashlib.sha256)


def verify(token: str, keys: tuple[Ed25519PublicKey, ...], now_ms: int, sealing: bytes = b"") -> Principal:
    """The principal of a token sealed with the key `sealing`, if there is one, or signed by one of the keys.

    Raises `Refusal` NOT_SIGNED_IN for anything that is not such a token, TOKEN_EXPIRED for one that was.
    """
    head, dot, tail = token.partition(".")
    if not dot or len(token) > TOKEN_LIMIT_CHARS:
        raise Refusal(Code.NOT_SIGNED_IN)
    try:
        body, signature = _bytes(head), _bytes(tail)
    except (binascii.Error, ValueError):
        raise Refusal(Code.NOT_SIGNED_IN) from None
    if not (sealing and _sealed_with(sealing, body)) and not any(_signed_by(key, signature, body) for key in keys):
        raise Refusal(Code.NOT_SIGNED_IN)
    try:
        principal = _decoder.decode(body)
    except UNREADABLE:
        raise Refusal(Code.NOT_SIGNED_IN) from None
    if principal.until_ms <= now_ms:
        raise Refusal(Code.TOKEN_EXPIRED)
    # PostgreSQL takes no U+0000, and the rooms of persons are read many at once: none of another province spoils them.
    if "\0" in principal.person or "\0" in principal.name:
        raise Refusal(Code.NOT_SIGNED_IN)
    return principal


def claimed_province(token: str) -> str:
    """The province a token says it is of, before anybody has looked at its signature: which key to try. Empty for
    none, and for what is no token."""
    head, dot, _ = token.partition(".")
    if not dot or len(token) > TOKEN_LIMIT_CHARS:
        return ""
    try:
        return _decoder.decode(_bytes(head)).province
    except UNREADABLE:  # a binascii.Error is a ValueError too
        return ""


def at_home(principal: Principal) -> Principal:
    """Whom the province itself vouches for, at home. Raises `Refusal` NOT_SIGNED_IN when the token was made to be shown
    in another province: who sees it there must not come back with it."""
    if principal.audience:
        raise Refusal(Code.NOT_SIGNED_IN)
    return msgspec.structs.replace(principal, province="") if principal.province else principal


def guest_from(principal: Principal, here: str) -> Principal:
    """Whoever another province vouches for: a guest here, whatever they are at home, under a name that none of this
    province's own can have. Raises `Refusal` NOT_SIGNED_IN unless the token was made for `here`: one that is good at
    its home, or was shown in a third province, says nothing here."""
    if not here or principal.audience != here:
        raise Refusal(Code.NOT_SIGNED_IN)
    person = PersonId(f"{principal.province}.{principal.person}")
    return msgspec.structs.replace(principal, person=person, grants=(), audience="")


def _seal(unsealed: bytes, sealing: bytes) -> bytes:
    return hmac.digest(sealing, unsealed, hashlib.sha256)[:SEAL_BYTES]


def _sealed_with(sealing: bytes, body: bytes) -> bool:
    unsealed, seal = body[:-SEAL_BYTES], body[-SEAL_BYTES:]
    return unsealed.endswith(_SEAL_NEXT) and hmac.compare_digest(_seal(unsealed, sealing), seal)


def _signed_by(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True
