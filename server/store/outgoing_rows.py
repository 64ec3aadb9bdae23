"""The job's side of what waits to be told: claim what is due, settle what became of it; and the lock of jobs."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, exists, func, or_, select, update

from server.core.model import ApplicationId, ApplicationStatus
from server.core.quiet import DAY_MS, out_of_quiet
from server.store.engines import insert_new
from server.store.keyring import Keyring, SealBroken
from server.store.many import execute_many
from server.store.notice_writes import CANCELLED, FAILED, SENT, WAITING
from server.store.people import unseal
from server.store.tables import applications, confirmed_phones, job_locks, outgoing, positions

HOUR_MS: Final = 3_600_000
CLAIM_LIMIT: Final = 50
CLAIMED_MS: Final = 180_000
"""How long a claimed message is the claimer's; after a crash it is due again, with the same key."""
RETRY_MS: Final = (60_000, 300_000, 1_800_000, 7_200_000)
"""Before each further try."""
A_DAY_UNCONFIRMED: Final = 1
"""Messages within 24 hours to a number nobody has confirmed; and one ever about one application."""
A_DAY: Final = 10
"""The same to a confirmed number."""

_IS_CONFIRMED: Final = exists().where(confirmed_phones.c.phone_hmac == applications.c.phone_hmac)
_LATELY: Final = (
    select(func.count())
    .select_from(outgoing)
    .where(outgoing.c.state.in_((WAITING, SENT)), outgoing.c.tries > 0, outgoing.c.changed_at_ms > bindparam("since"))
)
"""What may have gone out. A message that failed for good cost nothing."""
# The numbers somebody confirmed come first: anybody can type others.
_DUE: Final = (
    select(
        outgoing.c.application,
        outgoing.c.n,
        outgoing.c.status.label("step"),
        outgoing.c.tries,
        applications.c.status,
        applications.c.consent_withdrawn_at_ms,
        applications.c.sealed,
        applications.c.phone_hmac,
        positions.c.title,
        _IS_CONFIRMED.label("confirmed"),
    )
    .join_from(outgoing, applications, applications.c.id == outgoing.c.application)
    .join(positions, positions.c.id == applications.c.position)
    .where(outgoing.c.state == WAITING, outgoing.c.due_at_ms <= bindparam("now"))
    .order_by(_IS_CONFIRMED.desc(), outgoing.c.due_at_ms, outgoing.c.application)
    .with_for_update(of=outgoing, skip_locked=True)
)
_ANY_DUE: Final = select(outgoing.c.n).where(outgoing.c.state == WAITING, outgoing.c.due_at_ms <= bindparam("now"))
_GONE_OUT: Final = (
    select(applications.c.phone_hmac, outgoing.c.application, outgoing.c.n, outgoing.c.changed_at_ms)
    .join_from(applications, outgoing, outgoing.c.application == applications.c.id)
    .where(
        applications.c.phone_hmac.in_(bindparam("phones", expanding=True)),
        outgoing.c.tries > 0,
        outgoing.c.state != FAILED,
    )
)
_SET: Final = (
    update(outgoing)
    .where(outgoing.c.application == bindparam("of"), outgoing.c.n == bindparam("step"))
    .values(
        {
            "state": bindparam("to"),
            "due_at_ms": bindparam("due"),
            "tries": bindparam("tried"),
            "changed_at_ms": bindparam("at"),
        }
    )
)
# A claimed one that was seen, or overtaken by a newer step, while its message was under way stays cancelled unless it
# went out.
_SETTLE: Final = _SET.where(or_(outgoing.c.state == WAITING, bindparam("to", type_=outgoing.c.state.type) == SENT))


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to go out now. `key` is the same at every try. Never printed: it holds a number."""

    application: ApplicationId
    n: int
    step: ApplicationStatus
    title: str
    phone: str
    tries: int

    @property
    def key(self) -> str:
        return f"step-{self.application}-{self.n}"

    def __repr__(self) -> str:
        return f"Due({self.key})"


def any_due(conn: Connection, now_ms: int) -> bool:
    """Whether there is something to send."""
    return conn.execute(_ANY_DUE.limit(1), {"now": now_ms}).first() is not None


def take_lock(conn: Connection, name: str, holder: str, now_ms: int, for_ms: int) -> bool:
    """Whether the job is this holder's until `now_ms + for_ms`: it was already, or nobody's any more."""
    conn.execute(insert_new(conn.dialect.name, job_locks), {"name": name, "holder": holder, "until_ms": 0})
    mine = (
        update(job_locks)
        .where(job_locks.c.name == name, or_(job_locks.c.holder == holder, job_locks.c.until_ms <= now_ms))
        .values(holder=holder, until_ms=now_ms + for_ms)
    )
    return conn.execute(mine).rowcount == 1


def claim(conn: Connection, keyring: Keyring, now_ms: int, per_hour: int) -> list[Due]:
    """What goes out now, marked as tried; `per_hour` at most in any hour. What must not (withdrawn, erased, told once
    already to an unconfirmed number) is cancelled; what must wait (night, enough for today) is put off."""
    left = per_hour - conn.execute(_LATELY, {"since": now_ms - HOUR_MS}).scalar_one()
    if left <= 0:
        return []
    found = conn.execute(_DUE.limit(min(left, CLAIM_LIMIT)), {"now": now_ms}).mappings().all()
    gone_out = _gone_out(conn, (row["phone_hmac"] for row in found))
    changes: list[dict[str, object]] = []
    due: list[Due] = []
    for row in found:
        decided = _decide(row, gone_out[row["phone_hmac"]], now_ms)
        phone = _phone(keyring, row) if decided is None else ""
        if decided is None and not phone:
            decided = (CANCELLED, now_ms)
        state, due_ms = decided or (WAITING, now_ms + CLAIMED_MS)
        tried = row["tries"] + (decided is None)
        changes.append(
            {"of": row["application"], "step": row["n"], "to": state, "due": due_ms, "tried": tried, "at": now_ms}
        )
        if decided is None:
            gone_out[row["phone_hmac"]].append((row["application"], row["n"], now_ms))
            due.append(
                Due(
                    application=row["application"],
                    n=row["n"],
                    step=ApplicationStatus(row["step"]),
                    title=row["title"],
                    phone=phone,
                    tries=tried,
                )
            )
    execute_many(conn, _SET, changes)
    return due


def settle(conn: Connection, due: Due, now_ms: int, *, sent: bool, again: bool = True) -> None:
    """What became of a message: sent, to be tried again later, or given up."""
    state, due_ms = SENT, now_ms
    if not sent:
        state = WAITING if again and due.tries <= len(RETRY_MS) else FAILED
        due_ms = out_of_quiet(now_ms + RETRY_MS[min(due.tries, len(RETRY_MS)) - 1])
    row = {"of": due.application, "step": due.n, "to": state, "due": due_ms, "tried": due.tries, "at": now_ms}
    conn.execute(_SETTLE, row)


def waiting(conn: Connection) -> int:
    """How many messages wait."""
    return conn.execute(select(func.count()).where(outgoing.c.state == WAITING)).scalar_one()


Gone = tuple[ApplicationId, int, int]
"""Application, step, when."""


def _gone_out(conn: Connection, phones: Iterable[bytes]) -> dict[bytes, list[Gone]]:
    found: dict[bytes, list[Gone]] = defaultdict(list)
    wanted = sorted(set(phones))
    for row in conn.execute(_GONE_OUT, {"phones": wanted}) if wanted else ():
        found[row.phone_hmac].append((row.application, row.n, row.changed_at_ms))
    return found


def _decide(row: RowMapping, gone_out: list[Gone], now_ms: int) -> tuple[str, int] | None:
    """None to send it, else its state and when it is due."""
    if row["status"] == ApplicationStatus.WITHDRAWN.value or row["consent_withdrawn_at_ms"] is not None:
        return CANCELLED, now_ms
    others = [gone for gone in gone_out if gone[:2] != (row["application"], row["n"])]
    if not row["confirmed"] and any(application == row["application"] for application, _, _ in others):
        return CANCELLED, now_ms
    morning_ms = out_of_quiet(now_ms)
    if morning_ms > now_ms:
        return WAITING, morning_ms
    times = sorted(at_ms for _, _, at_ms in others if at_ms > now_ms - DAY_MS)
    limit = A_DAY if row["confirmed"] else A_DAY_UNCONFIRMED
    if len(times) >= limit:
        return WAITING, out_of_quiet(times[-limit] + DAY_MS)
    return None


def _phone(keyring: Keyring, row: RowMapping) -> str:
    """Empty where there is none any more."""
    try:
        return unseal(keyring, row["application"], row["sealed"]).phone
    except (SealBroken, msgspec.DecodeError, IndexError):
        return ""
