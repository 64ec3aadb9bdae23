"""How much may be sent under a number that nobody has confirmed: guests cost nothing, and every step reads the rows."""

import hashlib
from typing import Final

from server.core.refusal import Code, Refusal
from server.store.application_batch import Batch
from server.store.application_rows import Application
from server.store.writes import Apply

DEVICES_MOST: Final = 20
"""Devices that may have sent one application without a confirmed number: a family, its neighbours, lost browsers."""
FAMILY_MOST: Final = 10
"""People one number may apply for at one position without being confirmed."""
NUMBER_MOST: Final = 300
"""Applications of one number that is not confirmed: more than anybody makes in three years of fairs."""
BLUR: Final = 16
"""Each bound is so much higher at most, by a digest nobody can guess: who fills one up and counts learns nothing of who
was there before, but for one case in sixteen."""


def require_few(batch: Batch, write: Apply, there: Application | None) -> None:
    """Guests cost nothing: without a bound thousands of them pile up rows under one number, which every step of its
    applications reads and locks. Who confirmed the number is not bound by what others did with it. Raises
    `Refusal(PHONE_UNCONFIRMED)`."""
    phone = batch.phones[write.phone]
    if batch.senders.confirmed(phone, write.by):
        return
    if there is not None:
        known = batch.senders.get(there, write.by) is not None
        few = known or _below(len(batch.senders.all_of(there)), DEVICES_MOST, (phone, b"devices"), write)
    else:
        same = batch.rows.of_phone(phone)
        family = sum(bool(for_whom) for _, position, for_whom in same if position == write.position)
        few = not write.for_whom or _below(family, FAMILY_MOST, (phone, b"family"), write)
        few = few and _below(len(same), NUMBER_MOST, (phone, b"number"))
    if not few:
        raise Refusal(Code.PHONE_UNCONFIRMED)


def _below(count: int, most: int, seed: tuple[bytes, ...], of: Apply | None = None) -> bool:
    """Whether the count is below the bound as it is for this number and position. The phone in `seed` is keyed, so
    nobody else can know it."""
    if count < most:
        return True
    digest = hashlib.sha256(b"\0".join((*seed, of.position.encode() if of else b""))).digest()
    return count < most + digest[0] % BLUR
