"""The contacts of a workbook are asked to join as HR of their enterprises, all at once."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from server.core.contacts import Contact
from server.core.model import PersonId, RegionCode, Role
from server.core.refusal import Refusal
from server.store import people_queries, writes
from server.store.store import Store

AT_ONCE: Final = 64
"""Invitations written together: one batch of the store."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the contacts: asked to join, enterprises without a mobile number, enterprises that are not in the
    branch (their positions were not imported, or lie elsewhere)."""

    asked: int
    without_number: int
    unknown: int


async def invite_contacts(
    store: Store, by: PersonId, region: RegionCode, contacts: Sequence[Contact], at_ms: int
) -> Asked:
    """Ask them all; again renews what still stands. Raises `Refusal` when the store does not answer."""
    firms = await store.read(people_queries.firms_named, region, contacts)
    known = [(contact, firm) for contact, firm in zip(contacts, firms, strict=True) if firm is not None]
    reachable = [(contact, firm) for contact, firm in known if contact.phone]
    for start in range(0, len(reachable), AT_ONCE):
        some = [
            store.write(
                writes.Invite(
                    by=by,
                    key=f"contact-{at_ms}-{start + place}",
                    at_ms=at_ms,
                    name=contact.name,
                    phone=contact.phone,
                    role=Role.HR,
                    scope=firm.id,
                    region=firm.region,
                )
            )
            for place, (contact, firm) in enumerate(reachable[start : start + AT_ONCE])
        ]
        for result in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(result, Refusal):
                raise result
    return Asked(asked=len(reachable), without_number=len(known) - len(reachable), unknown=len(contacts) - len(known))
