"""Everything a fair consists of, as one value: what the simulator generates and what a loader writes into the store."""

import msgspec

from server.core.model import Enterprise, Fair, Position, Region, Session, SessionId, ShelfSlot, Venue


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """One fair, whole. Parents stand before their children in `regions`; every id that is named is in here.

    `shelves` has one shelf for each session, by ascending number. As JSON (`msgspec.json`) it is the form in which
    a catalogue travels as a file.
    """

    fair: Fair
    regions: tuple[Region, ...]
    venues: tuple[Venue, ...]
    enterprises: tuple[Enterprise, ...]
    positions: tuple[Position, ...]
    sessions: tuple[Session, ...]
    shelves: dict[SessionId, tuple[ShelfSlot, ...]]

    @property
    def openings(self) -> int:
        """招聘人数 of all positions together: the number a fair announces as its 岗位."""
        return sum(position.openings for position in self.positions)
