"""The nouns of the house as typed, frozen values.

Pure: may import nothing of the house. Every other room passes these values, never dicts.
Times are integer milliseconds UTC (`_at_ms`), money is whole yuan a month (`_yuan`).
One file per subject; the house imports all of it from here.
"""

from server.core.model.applications import Applicant, ApplicationStatus, ApplicationStep, MyApplication
from server.core.model.ids import (
    ApplicationId,
    Channel,
    EnterpriseId,
    Epoch,
    FairId,
    PersonId,
    PositionId,
    RegionCode,
    SessionId,
    Value,
    VenueId,
)
from server.core.model.log import Entry, Head, Publication, Since
from server.core.model.numbers import Numbers, RegionNumbers
from server.core.model.people import Grant, Principal, Role
from server.core.model.places import Fair, Level, Region, Venue
from server.core.model.positions import Enterprise, Flag, PayUnit, Position, PositionFile, Review, ReviewFirm
from server.core.model.sessions import (
    ON_AIR,
    REHEARSAL_MARK,
    Card,
    Picture,
    PictureKind,
    Session,
    SessionState,
    ShelfSlot,
    TalkMode,
    TalkRule,
    is_rehearsal,
    rehearsed,
)

__all__ = [
    "ON_AIR",
    "REHEARSAL_MARK",
    "Applicant",
    "ApplicationId",
    "ApplicationStatus",
    "ApplicationStep",
    "Card",
    "Channel",
    "Enterprise",
    "EnterpriseId",
    "Entry",
    "Epoch",
    "Fair",
    "FairId",
    "Flag",
    "Grant",
    "Head",
    "Level",
    "MyApplication",
    "Numbers",
    "PayUnit",
    "PersonId",
    "Picture",
    "PictureKind",
    "Position",
    "PositionFile",
    "PositionId",
    "Principal",
    "Publication",
    "Region",
    "RegionCode",
    "RegionNumbers",
    "Review",
    "ReviewFirm",
    "Role",
    "Session",
    "SessionId",
    "SessionState",
    "ShelfSlot",
    "Since",
    "TalkMode",
    "TalkRule",
    "Value",
    "Venue",
    "VenueId",
    "is_rehearsal",
    "rehearsed",
]
