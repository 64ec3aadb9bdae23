"""Chat lines: said while the session is on air and the room's rule allows it; removed, they stay in the log."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from server.core.bodies import Line, LineRemoved, LineSettled, LineWaits, decode_body
from server.core.channels import Kind, channel
from server.core.model import Channel, MuteLength, PersonId, SessionId, TalkMode, is_rehearsal
from server.core.protocol import Done, Waits
from server.core.refusal import Code, Refusal
from server.store.engines import upsert
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.many import execute_many
from server.store.phone_queries import phones_of
from server.store.session_life import off_air
from server.store.tables import audit, log, speakers, waiting_lines
from server.store.talk_rows import MuteRow, Room, Speaker, by_person, rooms_of, scopes_of, speakers_of, standing_mutes
from server.store.writes import RemoveLine, Say, SettleLine, Write

_ID_BYTES: Final = 8
_WAITING: Final = select(waiting_lines).where(waiting_lines.c.id.in_(bindparam("lines", expanding=True)))
_SETTLE: Final = update(waiting_lines).where(waiting_lines.c.id == bindparam("of")).values(settled=bindparam("settled"))
_LOGGED: Final = select(log.c.channel, log.c.offset, log.c.body).where(
    log.c.channel.in_(bindparam("channels", expanding=True)), log.c.offset.in_(bindparam("offsets", expanding=True))
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these lines. Where lines wait for approval, the desk is told too; a rule that changes before
    the heads are locked is seen by `NeedsLock`."""
    said = {write.session for write in writes if isinstance(write, Say)}
    wanted = {channel(Kind.CHAT, session) for session in said}
    for session, room in rooms_of(conn, said).items():
        if room.talk.mode is TalkMode.APPROVED:
            wanted.add(channel(Kind.DESK, session))
    for write in writes:
        if isinstance(write, SettleLine):
            wanted |= {channel(Kind.CHAT, write.session), channel(Kind.DESK, write.session)}
        elif isinstance(write, RemoveLine):
            wanted.add(channel(Kind.CHAT, write.session))
    return wanted


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    batch = _Batch(conn, context, writes)
    outcomes = decide_each(writes, batch.decide)
    batch.write(conn)
    return outcomes


class _Batch:
    """All that the writes of a batch need to know, read in one statement per table."""

    def __init__(self, conn: Connection, context: Context, writes: Sequence[Write]) -> None:
        said = [write for write in writes if isinstance(write, Say)]
        guests = [write for write in said if not write.role]
        self._context = context
        self._rooms = rooms_of(conn, (w.session for w in writes if isinstance(w, Say | SettleLine | RemoveLine)))
        self._speakers = speakers_of(conn, [(write.session, write.author) for write in said])
        self._mutes = standing_mutes(conn, self._rooms) if guests else {}
        self._phones = phones_of(conn, (write.by for write in guests))
        settling = sorted({write.line for write in writes if isinstance(write, SettleLine)})
        self._waiting = {row.id: dict(row._mapping) for row in conn.execute(_WAITING, {"lines": settling})}
        self._lines = _lines(conn, [write for write in writes if isinstance(write, RemoveLine)])
        self._spoke: dict[tuple[SessionId, str], Speaker] = {}
        self._put: list[dict[str, object]] = []
        self._settled: dict[str, str] = {}
        self._noted: list[dict[str, object]] = []

    def decide(self, write: Write) -> Effect:
        """What comes of a write. Raises `Refusal`."""
        match write:
            case Say():
                return self._say(write)
            case SettleLine():
                return self._settle(write)
            case RemoveLine():
                return self._remove(write)
            case _:
                raise TypeError(f"{type(write).__name__} is no write about chat lines")

    def write(self, conn: Connection) -> None:
        """Keep what was decided."""
        if self._spoke:
            rows = [
                {"session": s, "author": a, "person": k.person, "name": k.name, "last_at_ms": k.last_at_ms}
                for (s, a), k in sorted(self._spoke.items())
            ]
            execute_many(conn, upsert(conn.dialect.name, speakers), rows)
        if self._put:
            conn.execute(waiting_lines.insert(), self._put)
        if self._settled:
            conn.execute(_SETTLE, [{"of": line, "settled": how} for line, how in sorted(self._settled.items())])
        if self._noted:
            conn.execute(audit.insert(), self._noted)

    def _say(self, write: Say) -> Effect:
        room = self._rooms.get(write.session)
        refusal = off_air(write.session, room.state if room else None)
        if room is None or refusal is not None:
            raise refusal or Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
        place = (write.session, write.author)
        spoken = self._spoke.get(place) or self._speakers.get(place)
        if not write.role:
            self._check(write, room, spoken)
        # A clock that runs behind must not shorten the wait of a slow room.
        last = max(write.at_ms, spoken.last_at_ms if spoken else 0)
        self._spoke[place] = Speaker(write.by, write.name, last)
        line = Line(author=write.author, name=write.name, text=write.text, role=write.role, caption=write.caption)
        if room.talk.mode is TalkMode.APPROVED and not write.role:
            return self._wait(write, line)
        name = channel(Kind.CHAT, write.session)
        return Effect(reply=Done(), bodies=[(name, line)], offset_in=name)

    def _check(self, write: Say, room: Room, spoken: Speaker | None) -> None:
        if room.talk.mode is TalkMode.OFF:
            raise Refusal(Code.CHAT_OFF)
        mute = self._mute_of(write, room)
        if mute is not None:
            raise Refusal(Code.CHAT_MUTED, until_ms=mute.until_ms, length=mute.length.value, reason=mute.reason)
        confirming = room.talk.mode is TalkMode.CONFIRMED and write.must_confirm and not is_rehearsal(write.session)
        if confirming and write.by not in self._phones:
            raise Refusal(Code.PHONE_UNCONFIRMED)
        if room.talk.slow_s and spoken is not None:
            left_ms = spoken.last_at_ms + room.talk.slow_s * 1000 - write.at_ms
            if left_ms > 0:
                raise Refusal(Code.CHAT_SLOW, retry_ms=left_ms)

    def _mute_of(self, write: Say, room: Room) -> MuteRow | None:
        """The mute that holds longest, of those by the person or by one of the phones."""
        known = {by_person(write.by), *self._phones.get(write.by, ())}
        standing = [
            mute
            for scope in scopes_of(write.session, room.fair)
            for mute in self._mutes.get(scope, ())
            if mute.who in known and (mute.until_ms == 0 or mute.until_ms > write.at_ms)
        ]
        order = {MuteLength.FAIR: 0, MuteLength.SESSION: 1, MuteLength.TEN_MINUTES: 2}
        return min(standing, key=lambda mute: (order[mute.length], -mute.until_ms), default=None)

    def _wait(self, write: Say, line: Line) -> Effect:
        id = self._context.random_bytes(_ID_BYTES).hex()
        self._put.append(
            {
                "id": id,
                "session": write.session,
                "author": line.author,
                "name": line.name,
                "text": line.text,
                "at_ms": write.at_ms,
                "settled": "",
            }
        )
        return Effect(reply=Waits(line=id), bodies=[(channel(Kind.DESK, write.session), LineWaits(id=id, line=line))])

    def _settle(self, write: SettleLine) -> Effect:
        row = self._waiting.get(write.line)
        if row is None or row["session"] != write.session:
            raise Refusal(Code.NOT_FOUND, what="line", id=write.line[:80])
        if row["settled"] or write.line in self._settled:
            return Effect(reply=Done())
        self._settled[write.line] = "passed" if write.passed else "dropped"
        effect = Effect(
            reply=Done(),
            bodies=[(channel(Kind.DESK, write.session), LineSettled(id=write.line, passed=write.passed))],
        )
        if write.passed:
            line = Line(author=row["author"], name=row["name"], text=row["text"])
            effect.bodies.append((channel(Kind.CHAT, write.session), line))
        else:
            self._note(write.by, write.at_ms, "drop_line", f"session/{write.session}: {write.line}")
        return effect

    def _remove(self, write: RemoveLine) -> Effect:
        if (write.session, write.offset) not in self._lines:
            raise Refusal(Code.NOT_FOUND, what="line", id=str(write.offset))
        self._note(write.by, write.at_ms, "remove_line", f"session/{write.session}: chat {write.offset}")
        name = channel(Kind.CHAT, write.session)
        return Effect(reply=Done(), bodies=[(name, LineRemoved(line=write.offset))], offset_in=name)

    def _note(self, by: PersonId, at_ms: int, what: str, subject: str) -> None:
        self._noted.append({"at_ms": at_ms, "by": by, "what": what, "subject": subject})


def _lines(conn: Connection, removing: Sequence[RemoveLine]) -> set[tuple[SessionId, int]]:
    """Where there really is a line."""
    if not removing:
        return set()
    names = sorted({channel(Kind.CHAT, write.session) for write in removing})
    rows = conn.execute(_LOGGED, {"channels": names, "offsets": sorted({write.offset for write in removing})})
    found = [row for row in rows if isinstance(decode_body(row.body), Line)]
    return {(SessionId(row.channel.partition("/")[2]), row.offset) for row in found}
