"""举报: kept with the second it was made in, told to the operators of the branch, settled by one of them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update

from server.core.bodies import AnyBody, Line, Reported, ReportSettled, decode_body
from server.core.channels import Kind, channel
from server.core.limits import REPORTS_PER_HOUR
from server.core.model import Channel, Position, RegionCode, ReportSubject, rehearsed
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.log_queries import head
from server.store.tables import log, positions, reports, sessions, shelf_slots
from server.store.writes import FileReport, SettleReport, Write

HOUR_MS: Final = 3_600_000
_ID_BYTES: Final = 8
_SESSION: Final = select(sessions.c.region).where(sessions.c.id == bindparam("session"))
_POSITION: Final = (
    select(positions.c.body)
    .join_from(shelf_slots, positions, positions.c.id == shelf_slots.c.position)
    .where(shelf_slots.c.session == bindparam("session"), shelf_slots.c.position == bindparam("position"))
)
_LINE: Final = select(log.c.body).where(log.c.channel == bindparam("channel"), log.c.offset == bindparam("offset"))
_LATELY: Final = select(func.count(), func.min(reports.c.at_ms)).where(
    reports.c.person == bindparam("person"), reports.c.at_ms > bindparam("after")
)
_SAME: Final = select(reports.c.id).where(
    reports.c.person == bindparam("person"),
    reports.c.session == bindparam("session"),
    reports.c.subject == bindparam("subject"),
    reports.c.position == bindparam("position"),
    reports.c.line == bindparam("line"),
)
_decode_position: Final = msgspec.msgpack.Decoder(Position).decode


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The operators' channels of the branch, from the county up."""
    return {
        name for write in writes if isinstance(write, FileReport | SettleReport) for name in _watches(write.regions)
    }


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order. Reports are few, and rationed: one after another is fine."""
    return decide_each(
        writes, lambda write: _file(conn, context, write) if isinstance(write, FileReport) else _settle(conn, write)
    )


def _watches(regions: Sequence[RegionCode]) -> list[Channel]:
    return [channel(Kind.WATCH, region) for region in regions]


def _file(conn: Connection, context: Context, write: FileReport) -> Effect:
    region = conn.execute(_SESSION, {"session": write.session}).scalar()
    if region is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
    same = {"person": write.by, "session": write.session, "subject": write.subject.value}
    if conn.execute(_SAME, {**same, "position": write.position, "line": write.line}).first() is not None:
        return Effect(reply=Done())
    count, first_at_ms = conn.execute(_LATELY, {"person": write.by, "after": write.at_ms - HOUR_MS}).one()
    if count >= REPORTS_PER_HOUR:
        raise Refusal(Code.TOO_MANY, retry_ms=first_at_ms + HOUR_MS - write.at_ms)
    id = context.random_bytes(_ID_BYTES).hex()
    row: dict[str, Any] = {
        "id": id,
        "session": write.session,
        "region": region,
        "person": write.by,
        "subject": write.subject.value,
        "reason": write.reason.value,
        "text": write.text,
        "stage_offset": head(conn, channel(Kind.STAGE, write.session)).offset,
        "at_ms": write.at_ms,
        "outcome": "",
        "note": "",
        "settled_by": "",
        "settled_at_ms": 0,
        **_position(conn, write),
        **_line(conn, write),
    }
    conn.execute(reports.insert(), row)
    body = Reported(report=id, session=write.session, subject=write.subject, reason=write.reason)
    return Effect(reply=Done(), bodies=_told(write.regions, body))


def _position(conn: Connection, write: FileReport) -> dict[str, Any]:
    if write.subject is not ReportSubject.CARD:
        return {"position": "", "position_title": "", "position_version": 0}
    shelf = {"session": rehearsed(write.session), "position": write.position}
    body = conn.execute(_POSITION, shelf).scalar()
    if body is None:
        raise Refusal(Code.NOT_ON_SHELF, position=write.position[:80])
    position = _decode_position(body)
    return {"position": position.id, "position_title": position.title, "position_version": position.version}


def _line(conn: Connection, write: FileReport) -> dict[str, Any]:
    if write.subject is not ReportSubject.LINE:
        return {"line": 0, "line_text": ""}
    body = conn.execute(_LINE, {"channel": channel(Kind.CHAT, write.session), "offset": write.line}).scalar()
    line = None if body is None else decode_body(body)
    if not isinstance(line, Line):
        raise Refusal(Code.NOT_FOUND, what="line", id=str(write.line))
    return {"line": write.line, "line_text": line.text}


def _settle(conn: Connection, write: Write) -> Effect:
    assert isinstance(write, SettleReport)
    changed = conn.execute(
        update(reports)
        .where(reports.c.id == write.report)
        .values(outcome=write.outcome.value, note=write.note, settled_by=write.by, settled_at_ms=write.at_ms)
    ).rowcount
    if not changed:
        raise Refusal(Code.NOT_FOUND, what="report", id=write.report[:80])
    subject = f"report/{write.report}: {write.outcome.value}: {write.note}"
    note(conn, write, "settle_report", subject)
    return Effect(reply=Done(), bodies=_told(write.regions, ReportSettled(report=write.report, outcome=write.outcome)))


def _told(regions: Sequence[RegionCode], body: AnyBody) -> list[tuple[Channel, AnyBody]]:
    return [(name, body) for name in _watches(regions)]
