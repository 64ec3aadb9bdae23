"""Steps that wait to be told to a phone: put there with the step itself, taken away by who saw it.

No head guards them: each row is changed by conditions on the row alone.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from server.core.limits import NOTICE_AFTER_S
from server.core.model import ApplicationId, ApplicationStatus, Channel
from server.core.protocol import Done
from server.core.quiet import out_of_quiet
from server.core.texts import STEP_WORDS
from server.store.handling import Context, Effect, Outcome
from server.store.many import execute_many
from server.store.tables import application_senders, applications, confirmed_phones, outgoing
from server.store.writes import Saw, Write

WAITING, SENT, CANCELLED, FAILED = "waiting", "sent", "cancelled", "failed"
_AFTER_MS: Final = int(NOTICE_AFTER_S * 1000)

_ADD: Final = outgoing.insert()
_CANCEL: Final = (
    update(outgoing)
    .where(outgoing.c.application == bindparam("of"), outgoing.c.state == WAITING, outgoing.c.n <= bindparam("seen"))
    .values(state=CANCELLED, changed_at_ms=bindparam("at"))
)
_CANCEL_OWN: Final = _CANCEL.where(
    exists().where(
        applications.c.id == outgoing.c.application,
        or_(
            # As `application_senders` has it: the first device, until somebody has confirmed the number. Where another
            # device sent the same, nobody knows whose number it is: then the phone is told all the same, or whoever
            # typed a stranger's number first would keep the news from them.
            and_(
                applications.c.person == bindparam("who"),
                ~exists().where(confirmed_phones.c.phone_hmac == applications.c.phone_hmac),
                ~exists().where(
                    application_senders.c.application == applications.c.id,
                    application_senders.c.person != applications.c.person,
                    application_senders.c.withdrawn_at_ms.is_(None),
                ),
            ),
            applications.c.phone_hmac.in_(
                select(confirmed_phones.c.phone_hmac).where(confirmed_phones.c.person == bindparam("whose"))
            ),
        ),
    )
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """None."""
    return set()


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What was seen need not be told."""
    rows = [
        {"of": of, "seen": steps, "at": write.at_ms, "who": write.by, "whose": write.by}
        for write in writes
        if isinstance(write, Saw)
        for of, steps in write.seen
    ]
    if rows:
        conn.execute(_CANCEL_OWN, sorted(rows, key=lambda row: str(row["of"])))
    return [Effect(reply=Done()) for _ in writes]


class Notices:
    """The steps of a batch that will be told, and those that will not any more."""

    def __init__(self) -> None:
        self._last: dict[ApplicationId, tuple[int, ApplicationStatus, int]] = {}

    def note(self, application: ApplicationId, n: int, status: ApplicationStatus, at_ms: int) -> None:
        """The application took its n-th step. Only the newest one is told; one that is not told (withdrawn, applied
        again) silences those before it."""
        if status is not ApplicationStatus.VIEWED:
            self._last[application] = (n, status, at_ms)

    def write(self, conn: Connection) -> None:
        """One statement for what is silenced, one for what is new."""
        last = sorted(self._last.items())
        if last:
            conn.execute(_CANCEL, [{"of": of, "seen": n, "at": at_ms} for of, (n, _, at_ms) in last])
        told = [(of, *step) for of, step in last if step[1] in STEP_WORDS]
        execute_many(
            conn,
            _ADD,
            [
                {
                    "application": of,
                    "n": n,
                    "status": status.value,
                    "state": WAITING,
                    "due_at_ms": out_of_quiet(at_ms + _AFTER_MS),
                    "tries": 0,
                    "changed_at_ms": at_ms,
                }
                for of, n, status, at_ms in told
            ],
        )
