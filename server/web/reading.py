"""What the doors read of the store, each as one consistent read."""

import msgspec

from server.core.model import (
    ON_AIR,
    Card,
    Enterprise,
    EnterpriseId,
    Fair,
    Position,
    Session,
    SessionId,
    SessionState,
    ShelfSlot,
    Venue,
)
from server.core.stage_fold import StageState
from server.store import catalogue_queries, log_queries
from server.store.store import Connection


class FairView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest fair with its venues, its sessions (live first) and the cards that stand in them."""

    fair: Fair | None
    venues: tuple[Venue, ...] = ()
    sessions: tuple[Session, ...] = ()
    cards: dict[SessionId, Card]


_ORDER = {
    SessionState.LIVE: 0,
    SessionState.INTERRUPTED: 1,
    SessionState.SCHEDULED: 2,
    SessionState.REHEARSAL: 2,
    SessionState.ENDED: 3,
}


def read_fair(conn: Connection) -> FairView:
    """The fair a visitor of the portal sees; without one, everything is empty."""
    fairs = catalogue_queries.fairs(conn)
    if not fairs:
        return FairView(fair=None, cards={})
    fair = fairs[0]
    sessions = [session for session in catalogue_queries.sessions(conn) if session.fair == fair.id]
    sessions.sort(key=lambda session: (_ORDER[session.state], session.id))
    cards = {}
    for session in sessions:
        if session.state in ON_AIR:
            card = log_queries.stage(conn, session.id)[1]
            if card is not None:
                cards[session.id] = card
    return FairView(fair=fair, venues=catalogue_queries.venues(conn, fair.id), sessions=tuple(sessions), cards=cards)


def read_session(conn: Connection, session: SessionId) -> tuple[Session, StageState]:
    """A session and what stands on its stage. Raises `Refusal(NOT_FOUND)`."""
    found, standing, _ = log_queries.standing(conn, session)
    return found, standing


def read_shelf(conn: Connection, session: SessionId, on_day: str) -> tuple[int, tuple[ShelfSlot, ...]]:
    """Revision and slots of a shelf. Raises `Refusal(NOT_FOUND)`."""
    return catalogue_queries.session(conn, session).shelf_revision, catalogue_queries.shelf(conn, session, on_day)


def read_enterprise(conn: Connection, enterprise: EnterpriseId, on_day: str) -> tuple[Enterprise, tuple[Position, ...]]:
    """An enterprise and its positions. Raises `Refusal(NOT_FOUND)`."""
    return catalogue_queries.enterprise(conn, enterprise), catalogue_queries.positions_of(conn, enterprise, on_day)
