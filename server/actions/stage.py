"""What a host does with the stage: go live, end, show a card, undo, hide."""

from server.core import rules
from server.core.model import PositionId, Principal, SessionId, SessionState
from server.core.protocol import EndSession, GoLive, HideCard, ShowCard, UndoCard
from server.store import writes
from server.store.store import Store


async def go_live(store: Store, principal: Principal, command: GoLive, at_ms: int) -> writes.Committed:
    """The session is on air from this commit on."""
    return await _change_state(store, principal, command, SessionState.LIVE, at_ms)


async def end_session(store: Store, principal: Principal, command: EndSession, at_ms: int) -> writes.Committed:
    """The session is over; nobody can apply any more."""
    return await _change_state(store, principal, command, SessionState.ENDED, at_ms)


async def _change_state(
    store: Store, principal: Principal, command: GoLive | EndSession, state: SessionState, at_ms: int
) -> writes.Committed:
    session = SessionId(command.session)
    rules.require_host(principal, session)
    return await store.write(
        writes.ChangeState(by=principal.person, key=command.key, at_ms=at_ms, session=session, state=state)
    )


async def show_card(store: Store, principal: Principal, command: ShowCard, at_ms: int) -> writes.Committed:
    """讲解中: the card of one position, for everybody."""
    session = SessionId(command.session)
    rules.require_host(principal, session)
    return await store.write(
        writes.ShowCard(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session,
            position=PositionId(command.position),
        )
    )


async def undo_card(store: Store, principal: Principal, command: UndoCard, at_ms: int) -> writes.Committed:
    """The last show was a mistake."""
    session = SessionId(command.session)
    rules.require_host(principal, session)
    return await store.write(writes.UndoCard(by=principal.person, key=command.key, at_ms=at_ms, session=session))


async def hide_card(store: Store, principal: Principal, command: HideCard, at_ms: int) -> writes.Committed:
    """No position is being explained."""
    session = SessionId(command.session)
    rules.require_host(principal, session)
    return await store.write(writes.HideCard(by=principal.person, key=command.key, at_ms=at_ms, session=session))
