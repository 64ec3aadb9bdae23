"""Codes sent to phones: rationed, good for a while and a few tries, and what a right one makes true.

The head of `house/` guards them, so that two hubs never grant the same ration twice: the house sends few codes an hour.
"""

import hmac
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, or_, select

from server.core.bodies import PhoneConfirmed
from server.core.channels import Kind, channel
from server.core.limits import CODE_AGAIN_S, CODE_TRIES, CODE_VALID_S, CODES_PER_DAY, CODES_PER_HOUR
from server.core.model import Channel, PersonId
from server.core.protocol import CodeSent, Done
from server.core.refusal import Code, Refusal
from server.store.engines import upsert
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.many import execute_many
from server.store.phone_queries import REISSUED_AFTER_DAYS
from server.store.tables import code_sends, confirmed_phones, phone_codes
from server.store.writes import AskCode, ConfirmCode, JoinHouse, Write

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_VALID_MS: Final = int(CODE_VALID_S * 1000)
_WINDOWS: Final = ((int(CODE_AGAIN_S * 1000), 1), (HOUR_MS, CODES_PER_HOUR), (DAY_MS, CODES_PER_DAY))
"""(ms, codes): so many within that time, to one number as for one person."""

_SENDS: Final = select(code_sends.c.person, code_sends.c.phone_hmac, code_sends.c.at_ms).where(
    code_sends.c.at_ms > bindparam("since"),
    or_(
        code_sends.c.person.in_(bindparam("persons", expanding=True)),
        code_sends.c.phone_hmac.in_(bindparam("phones", expanding=True)),
    ),
)
_OF_HOUSE: Final = select(func.count(), func.min(code_sends.c.at_ms)).where(code_sends.c.at_ms > bindparam("since"))
_CODES: Final = select(phone_codes).where(
    phone_codes.c.person.in_(bindparam("persons", expanding=True)),
    phone_codes.c.phone_hmac.in_(bindparam("phones", expanding=True)),
)
_OLD_SENDS: Final = delete(code_sends).where(code_sends.c.at_ms < bindparam("before"))
_TAKEN_OVER: Final = delete(confirmed_phones).where(
    confirmed_phones.c.phone_hmac == bindparam("phone"), confirmed_phones.c.at_ms < bindparam("before")
)
_OLD_CODES: Final = delete(phone_codes).where(phone_codes.c.sent_at_ms < bindparam("before"))
_SEND: Final = code_sends.insert()


class _Sent(msgspec.Struct):
    """One row of `phone_codes`."""

    person: PersonId
    phone_hmac: bytes
    code: bytes
    sent_at_ms: int
    tries_left: int
    used: bool


Place = tuple[PersonId, bytes]


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The head that guards codes, and those of the persons who confirm one."""
    persons = {channel(Kind.ME, write.by) for write in writes if isinstance(write, ConfirmCode)}
    return {channel(Kind.HOUSE, context.province)} | persons


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order. A wrong code is refused, and the try it cost is written."""
    mine = [write for write in writes if isinstance(write, AskCode | ConfirmCode)]
    batch = CodeRows(conn, context, mine)
    outcomes = decide_each(mine, lambda write: batch.ask(write) if isinstance(write, AskCode) else batch.confirm(write))
    batch.write(conn)
    return outcomes


class CodeRows:
    """All that the writes of a batch need to know, read in one statement per table."""

    def __init__(self, conn: Connection, context: Context, writes: Sequence[AskCode | ConfirmCode | JoinHouse]) -> None:
        self._hmacs = {write.phone: context.keyring.phone_hmac(write.phone) for write in writes}
        self._wanted = {"persons": sorted({write.by for write in writes}), "phones": sorted(self._hmacs.values())}
        rows = conn.execute(_CODES, self._wanted).mappings()
        self._codes: dict[Place, _Sent] = {(row["person"], row["phone_hmac"]): _Sent(**row) for row in rows}
        self._changed: dict[Place, _Sent] = {}
        self._confirmed: list[dict[str, Any]] = []
        self._fresh: list[dict[str, object]] = []
        self._times: dict[str | bytes, list[int]] = {}
        self._house: list[int] = [0, 0]
        self._newest_ms = max((write.at_ms for write in writes if isinstance(write, AskCode)), default=0)
        if self._newest_ms:
            self._read_rations(conn)

    def _read_rations(self, conn: Connection) -> None:
        for row in conn.execute(_SENDS, {**self._wanted, "since": self._newest_ms - DAY_MS}):
            self._note(row.person, row.phone_hmac, row.at_ms)
        count, oldest_ms = conn.execute(_OF_HOUSE, {"since": self._newest_ms - HOUR_MS}).one()
        self._house = [count, oldest_ms or self._newest_ms]

    def ask(self, write: AskCode) -> Effect:
        """A code takes the place of the last one. Raises `Refusal(CODE_TOO_OFTEN)`."""
        phone = self._hmacs[write.phone]
        wait_ms = max(_wait_ms(self._times.get(of, []), write.at_ms) for of in (phone, write.by))
        if self._house[0] >= write.per_hour:
            wait_ms = max(wait_ms, self._house[1] + HOUR_MS - write.at_ms, 1)
        if wait_ms > 0:
            raise Refusal(Code.CODE_TOO_OFTEN, retry_ms=wait_ms)
        self._note(write.by, phone, write.at_ms)
        self._house[0] += 1
        self._fresh.append({"person": write.by, "phone_hmac": phone, "at_ms": write.at_ms})
        self._put(_Sent(write.by, phone, write.code, write.at_ms, CODE_TRIES, used=False))
        return Effect(reply=CodeSent(valid_ms=_VALID_MS, again_after_ms=_WINDOWS[0][0]))

    def confirm(self, write: ConfirmCode) -> Effect:
        """The number is this person's, and no longer that of who confirmed it so long ago that it may have been given
        to somebody else since. Raises `Refusal`."""
        phone = self.take(write)
        self._confirmed.append({"person": write.by, "phone_hmac": phone, "at_ms": write.at_ms})
        me = channel(Kind.ME, write.by)
        return Effect(reply=Done(), bodies=[(me, PhoneConfirmed())], offset_in=me)

    def take(self, write: ConfirmCode | JoinHouse) -> bytes:
        """Use up the code it names; the HMAC of its number. Raises `Refusal`, and a wrong code costs a try."""
        sent = self._codes.get((write.by, self._hmacs[write.phone]))
        if sent is None:
            raise Refusal(Code.CODE_UNKNOWN)
        right = hmac.compare_digest(sent.code, write.code)
        if sent.used:
            raise Refusal(Code.CODE_USED)
        if write.at_ms >= sent.sent_at_ms + _VALID_MS:
            raise Refusal(Code.CODE_EXPIRED, minutes=_VALID_MS // 60_000)
        if not sent.tries_left:
            raise Refusal(Code.CODE_SPENT)
        if not right:
            sent.tries_left -= 1
            self._put(sent)
            if not sent.tries_left:
                raise Refusal(Code.CODE_SPENT)
            raise Refusal(Code.CODE_WRONG, left=sent.tries_left)
        sent.used = True
        self._put(sent)
        return sent.phone_hmac

    def write(self, conn: Connection) -> None:
        """Everything, one statement per table; what is older than a day goes."""
        dialect = conn.dialect.name
        if self._fresh:
            conn.execute(_OLD_SENDS, {"before": self._newest_ms - DAY_MS})
            conn.execute(_OLD_CODES, {"before": self._newest_ms - DAY_MS})
            execute_many(conn, _SEND, self._fresh)
        rows = [msgspec.structs.asdict(sent) for _, sent in sorted(self._changed.items())]
        execute_many(conn, upsert(dialect, phone_codes), rows)
        execute_many(conn, upsert(dialect, confirmed_phones), self._confirmed)
        for row in self._confirmed:
            before = row["at_ms"] - REISSUED_AFTER_DAYS * DAY_MS
            conn.execute(_TAKEN_OVER, {"phone": row["phone_hmac"], "before": before})

    def _put(self, sent: _Sent) -> None:
        place = (sent.person, sent.phone_hmac)
        self._codes[place] = self._changed[place] = sent

    def _note(self, person: PersonId, phone: bytes, at_ms: int) -> None:
        for of in (person, phone):
            self._times.setdefault(of, []).append(at_ms)


def _wait_ms(times: Sequence[int], now_ms: int) -> int:
    """How long until the next code may be sent when these were; 0 for now."""
    wait_ms = 0
    for window_ms, limit in _WINDOWS:
        within = sorted(at_ms for at_ms in times if at_ms > now_ms - window_ms)
        if len(within) >= limit:
            wait_ms = max(wait_ms, within[-limit] + window_ms - now_ms)
    return wait_ms
