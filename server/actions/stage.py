"""What a host does with the stage: cards, what is pinned, where the picture is, who may talk."""

from server.core import rules
from server.core.limits import NOTICE_LIMIT
from server.core.model import PersonId, PositionId, Principal, SessionId, TalkRule, rehearsed
from server.core.pictures import picture_of
from server.core.protocol import (
    AssistantsAre,
    ClearNotice,
    DismissAssistant,
    HideCard,
    ListAssistants,
    PinNotice,
    SetPicture,
    SetTalk,
    ShowCard,
    UndoCard,
)
from server.core.rules import Duty
from server.store import account_queries, writes
from server.store.store import Store


async def show_card(store: Store, principal: Principal, command: ShowCard, at_ms: int) -> writes.Committed:
    """讲解中: the card of one position, for everybody."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.CARDS, session)
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
    rules.require_duty(principal, Duty.CARDS, session)
    return await store.write(writes.UndoCard(by=principal.person, key=command.key, at_ms=at_ms, session=session))


async def hide_card(store: Store, principal: Principal, command: HideCard, at_ms: int) -> writes.Committed:
    """No position is being explained."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.CARDS, session)
    return await store.write(writes.HideCard(by=principal.person, key=command.key, at_ms=at_ms, session=session))


async def pin_notice(
    store: Store, principal: Principal, command: PinNotice | ClearNotice, at_ms: int
) -> writes.Committed:
    """置顶公告, set or taken away."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.NOTICE, session)
    text = rules.clean_line(command.text, NOTICE_LIMIT) if isinstance(command, PinNotice) else ""
    return await store.write(
        writes.PinNotice(by=principal.person, key=command.key, at_ms=at_ms, session=session, text=text)
    )


async def set_picture(store: Store, principal: Principal, command: SetPicture, at_ms: int) -> writes.Committed:
    """Where the picture is."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.PICTURE, session)
    picture = picture_of(command.kind, command.url)
    return await store.write(
        writes.SetPicture(by=principal.person, key=command.key, at_ms=at_ms, session=session, picture=picture)
    )


async def set_talk(store: Store, principal: Principal, command: SetTalk, at_ms: int) -> writes.Committed:
    """Who may write in the chat, and how often."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.TALK, session)
    talk = TalkRule(mode=command.mode, slow_s=command.slow_s)
    return await store.write(
        writes.SetTalk(by=principal.person, key=command.key, at_ms=at_ms, session=session, talk=talk)
    )


async def list_assistants(store: Store, principal: Principal, command: ListAssistants) -> writes.Committed:
    """场控 of the session."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.ASSISTANTS, session)
    found = await store.read(account_queries.assistants_of, rehearsed(session))
    return writes.Committed(reply=AssistantsAre(assistants=found))


async def dismiss_assistant(
    store: Store, principal: Principal, command: DismissAssistant, at_ms: int
) -> writes.Committed:
    """One tap, and the assistant is out, on every device."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.ASSISTANTS, session)
    return await store.write(
        writes.DismissAssistant(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=rehearsed(session),
            person=PersonId(command.person),
        )
    )
