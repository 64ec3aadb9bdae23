"""The life of a session: on air, interrupted, ended, on again; and its rehearsals, which are sessions of their own that
only their link knows."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.bodies import AnyBody, CutOffFor, RoomChanged, StateChanged
from server.core.channels import Kind, channel
from server.core.limits import REOPEN_WITHIN_S
from server.core.model import ON_AIR, REHEARSAL_MARK, Channel, SessionId, SessionState, is_rehearsal
from server.core.protocol import Done, RehearsalIs
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.engines import insert_new
from server.store.handling import Context, Effect
from server.store.stage_rows import Stage
from server.store.tables import heads, sessions
from server.store.writes import ChangeState, StartRehearsal

S = SessionState
_CODE_CHARS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is misread when somebody types a link from a screen."""
_CODE_LENGTH: Final = 12
"""31 to the 12th, 59 bits: an id nobody guesses through doors that ration."""
_BECOMES: Final = {
    S.LIVE: frozenset({S.SCHEDULED, S.INTERRUPTED}),
    S.INTERRUPTED: frozenset({S.LIVE}),
    S.ENDED: frozenset({S.LIVE, S.INTERRUPTED, S.REHEARSAL}),
}
_OPEN: Final = select(sessions.c.rehearses, sessions.c.id).where(
    sessions.c.rehearses.in_(bindparam("sessions", expanding=True)), sessions.c.state == S.REHEARSAL.value
)
_PLANS: Final = select(sessions).where(sessions.c.id.in_(bindparam("sessions", expanding=True)))


def off_air(session: SessionId, state: SessionState | None) -> Refusal | None:
    """Why nothing can be said or shown in a session of that state; `None` when it can."""
    if state is None:
        return Refusal(Code.NOT_FOUND, what="session", id=session[:80])
    if state in ON_AIR or state is S.REHEARSAL:
        return None
    if state is S.ENDED:
        return Refusal(Code.SESSION_ENDED, session=session)
    return Refusal(Code.SESSION_NOT_LIVE, session=session, state=state.value)


def change_state(context: Context, write: ChangeState, stage: Stage) -> Effect:
    """The next step of its life. Raises `Refusal`."""
    if write.reopen:
        _check_reopening(write, stage)
    else:
        _check_step(write, stage)
    stage.state, stage.changed = write.state, True
    if write.state is S.LIVE:
        stage.live_at_ms = write.at_ms if stage.live_at_ms is None else stage.live_at_ms
        stage.ended_at_ms = None
    if write.state is S.ENDED:
        stage.ended_at_ms, stage.card, stage.undo = write.at_ms, None, []
        stage.cut_off = bool(write.cut_off_for)
    here = channel(Kind.STAGE, write.session)
    bodies: list[tuple[Channel, AnyBody]] = [(here, StateChanged(state=write.state, cut_off=bool(write.cut_off_for)))]
    if not is_rehearsal(write.session):
        area = channel(Kind.AREA, context.province)
        bodies.append((area, RoomChanged(session=write.session, state=write.state)))
    if write.cut_off_for:
        bodies.append((channel(Kind.DESK, write.session), CutOffFor(reason=write.cut_off_for)))
    return Effect(reply=Done(), bodies=bodies, offset_in=here)


def _check_step(write: ChangeState, stage: Stage) -> None:
    if stage.state is S.ENDED:
        if write.cut_off_for and not stage.cut_off:
            return  # who ends quickly neither reopens nor leaves a replay
        raise Refusal(Code.SESSION_ENDED, session=write.session)
    if stage.state is write.state is S.LIVE or (stage.state is S.LIVE and write.from_pause):
        raise Refusal(Code.ALREADY_LIVE, session=write.session)
    if stage.state not in _BECOMES.get(write.state, ()) or (write.from_pause and stage.state is not S.INTERRUPTED):
        raise Refusal(Code.SESSION_NOT_LIVE, session=write.session, state=stage.state.value)


def _check_reopening(write: ChangeState, stage: Stage) -> None:
    if stage.state in ON_AIR:
        raise Refusal(Code.ALREADY_LIVE, session=write.session)
    if stage.state is not S.ENDED or stage.ended_at_ms is None or is_rehearsal(write.session):
        raise Refusal(Code.SESSION_NOT_LIVE, session=write.session, state=stage.state.value)
    if stage.cut_off:
        raise Refusal(Code.SESSION_CUT_OFF, session=write.session)
    if write.at_ms - stage.ended_at_ms > REOPEN_WITHIN_S * 1000:
        raise Refusal(Code.REOPEN_TOO_LATE, minutes=REOPEN_WITHIN_S // 60)


def audit_cut_offs(conn: Connection, writes: Sequence[ChangeState]) -> None:
    """Who cut off what, when and why: a cut-off is answered for (DESIGN 11)."""
    for one in writes:
        if one.cut_off_for:
            note(conn, one, "cut_off", f"session/{one.session}: {one.cut_off_for}")


# ---- rehearsals ------------------------------------------------------------------------------------------------------


def new_rehearsal(context: Context, write: StartRehearsal) -> SessionId:
    """The id a rehearsal gets: the same each time this write is run, and nobody's guess without the keyring."""
    digest = context.keyring.digest(f"rehearsal/{write.session}/{write.by}/{write.key}".encode())
    number = int.from_bytes(digest[:16], "big")
    code = ""
    for _ in range(_CODE_LENGTH):
        number, place = divmod(number, len(_CODE_CHARS))
        code += _CODE_CHARS[place]
    return SessionId(f"{write.session}{REHEARSAL_MARK}{code}")


def open_rehearsals(conn: Connection, of: set[SessionId]) -> dict[SessionId, SessionId]:
    """The rehearsal that is open, of each session that has one."""
    return {row.rehearses: row.id for row in conn.execute(_OPEN, {"sessions": sorted(of)})} if of else {}


def start_rehearsals(conn: Connection, context: Context, writes: Sequence[StartRehearsal]) -> list[Effect | Refusal]:
    """A rehearsal for each, or the one that is open already."""
    if not writes:
        return []
    there = open_rehearsals(conn, {write.session for write in writes})
    plans = {
        row["id"]: row for row in conn.execute(_PLANS, {"sessions": sorted({w.session for w in writes})}).mappings()
    }
    outcomes: list[Effect | Refusal] = []
    for write in writes:
        plan = plans.get(write.session)
        if plan is None or is_rehearsal(write.session):
            outcomes.append(Refusal(Code.NOT_FOUND, what="session", id=write.session[:80]))
        elif plan["cut_off"]:
            outcomes.append(Refusal(Code.SESSION_CUT_OFF, session=write.session))
        elif write.session in there:
            outcomes.append(Effect(reply=RehearsalIs(session=there[write.session])))
        else:
            new = there[write.session] = new_rehearsal(context, write)
            _add(conn, new, dict(plan))
            body = StateChanged(state=S.REHEARSAL)
            outcomes.append(Effect(reply=RehearsalIs(session=new), bodies=[(channel(Kind.STAGE, new), body)]))
    return outcomes


def _add(conn: Connection, session: SessionId, plan: dict[str, object]) -> None:
    nothing = {"live_at_ms": None, "ended_at_ms": None, "card": None, "undo": None, "cut_off": False, "notice": ""}
    row = {**plan, **nothing, "id": session, "rehearses": plan["id"], "state": S.REHEARSAL.value}
    conn.execute(sessions.insert(), row)
    names = [channel(kind, session) for kind in (Kind.STAGE, Kind.CHAT, Kind.DESK)]
    conn.execute(insert_new(conn.dialect.name, heads), [{"channel": name, "top": 0} for name in sorted(names)])
