"""Personal data as it lies in a row and as it is shown: sealed together, masked until somebody opens it."""

import msgspec

from server.core.model import PersonId
from server.store.keyring import Keyring


class Personal(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed of one application. Never printed: it would end up in a log."""

    name: str
    phone: str
    for_whom: str = ""

    def __repr__(self) -> str:
        return "Personal(…)"

    def masked(self) -> "Personal":
        """张三 as 张**, 19912340063 as 199****0063."""
        return Personal(mask_name(self.name), mask_phone(self.phone), mask_name(self.for_whom))


_decoder: msgspec.msgpack.Decoder[Personal] = msgspec.msgpack.Decoder(Personal)


def seal(keyring: Keyring, application: str, personal: Personal) -> bytes:
    """The bytes for the row of that application; they open for no other row."""
    return keyring.seal(msgspec.msgpack.encode(personal), application)


def unseal(keyring: Keyring, application: str, sealed: bytes) -> Personal:
    """Raises `SealBroken`."""
    return _decoder.decode(keyring.open(sealed, application))


def mask_name(name: str) -> str:
    """The first character, then always two stars: the length of a name is told to nobody."""
    return f"{name[0]}**" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and the last four digits."""
    return f"{phone[:3]}****{phone[-4:]}"


def seal_phone(keyring: Keyring, person: PersonId, phone: str) -> bytes:
    """The number of an account; it opens for that account alone."""
    return keyring.seal(phone.encode("ascii"), f"account {person}")


def unseal_phone(keyring: Keyring, person: PersonId, sealed: bytes) -> str:
    """Raises `SealBroken`."""
    return keyring.open(sealed, f"account {person}").decode("ascii")
