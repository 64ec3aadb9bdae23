"""The life of a session: rehearse, go live, pause, resume, end, reopen; and what an operator does to many or to one."""

from server.core import rules
from server.core.limits import NOTICE_LIMIT
from server.core.model import ON_AIR, Principal, RegionCode, SessionId, SessionState, is_rehearsal, rehearsed
from server.core.protocol import (
    CutOff,
    EndSession,
    GoLive,
    LaunchHalls,
    PauseSession,
    ReopenSession,
    ResumeSession,
    StartRehearsal,
)
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.rules import Duty
from server.store import catalogue_queries, writes
from server.store.store import Store

Step = GoLive | EndSession | PauseSession | ResumeSession | ReopenSession
_BECOMES: dict[type[Step], SessionState] = {
    GoLive: SessionState.LIVE,
    PauseSession: SessionState.INTERRUPTED,
    ResumeSession: SessionState.LIVE,
    EndSession: SessionState.ENDED,
    ReopenSession: SessionState.LIVE,
}


async def step(store: Store, principal: Principal, command: Step, at_ms: int) -> writes.Committed:
    """The next step of a session's life."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.AIR, session)
    return await store.write(
        writes.ChangeState(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session,
            state=_BECOMES[type(command)],
            from_pause=isinstance(command, ResumeSession),
            reopen=isinstance(command, ReopenSession),
        )
    )


async def start_rehearsal(store: Store, principal: Principal, command: StartRehearsal, at_ms: int) -> writes.Committed:
    """排练, for whoever gets the link."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.REHEARSE, session)
    return await store.write(writes.StartRehearsal(by=principal.person, key=command.key, at_ms=at_ms, session=session))


async def require_picture(store: Store, session: SessionId) -> None:
    """Raises `Refusal` for a session that may have no picture now. What was cut off goes on in no rehearsal either."""
    found = await store.read(catalogue_queries.session, session)
    if found.state not in ON_AIR and found.state is not SessionState.REHEARSAL:
        raise Refusal(Code.SESSION_NOT_LIVE, session=session, state=found.state.value)
    if is_rehearsal(session) and (await store.read(catalogue_queries.session, rehearsed(session))).cut_off:
        raise Refusal(Code.SESSION_CUT_OFF, session=session)


async def launch(
    store: Store, tree: RegionTree, principal: Principal, command: LaunchHalls, at_ms: int
) -> writes.Committed:
    """开幕: an operator opens all halls of the own branch in one moment."""
    region = RegionCode(command.region)
    rules.require_operator(principal, tree.path(region))
    return await store.write(
        writes.Launch(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            regions=tuple(one.code for one in tree.branch(region)),
            text=rules.clean_line(command.text, NOTICE_LIMIT),
            in_ms=command.in_ms,
        )
    )


async def cut_off(
    store: Store, tree: RegionTree, principal: Principal, command: CutOff, at_ms: int
) -> writes.Committed:
    """即时阻断 (互联网直播服务管理规定 Art. 14): an operator of the branch ends what must not go on."""
    session = await store.read(catalogue_queries.session, SessionId(command.session))
    rules.require_operator(principal, tree.path(session.region))
    return await store.write(
        writes.ChangeState(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session.id,
            state=SessionState.ENDED,
            cut_off_for=rules.clean_line(command.reason),
        )
    )
