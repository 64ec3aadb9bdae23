"""Names of things, each a type of its own, and the base of the nouns."""

from typing import NewType

import msgspec

PersonId = NewType("PersonId", str)
RegionCode = NewType("RegionCode", str)
FairId = NewType("FairId", str)
VenueId = NewType("VenueId", str)
EnterpriseId = NewType("EnterpriseId", str)
PositionId = NewType("PositionId", str)
SessionId = NewType("SessionId", str)
ApplicationId = NewType("ApplicationId", str)
InvitationId = NewType("InvitationId", str)
Channel = NewType("Channel", str)
Epoch = NewType("Epoch", str)


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the nouns: immutable, by keyword, absent when default."""
