"""Who sent an application, and who of them may see how it goes.

The number of an unconfirmed sender is only said to be theirs. So the steps are shown to whoever has confirmed the
number; as long as nobody has, to the device that sent it first (most people never ask for a code); to everybody else
only what they did themselves. Withdrawing goes by the same line: without a confirmed number a device takes back what
it sent, and the application goes when nobody's sending is left.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, update

from server.core.model import ApplicationId, PersonId
from server.store.application_offers import rows_of
from server.store.application_rows import Application
from server.store.many import execute_many
from server.store.phone_queries import FOLLOWERS, confirmers_of
from server.store.tables import application_senders


class Sender(msgspec.Struct, kw_only=True):
    """One row of `application_senders`: one device's sending, and the consent it gave with it."""

    application: ApplicationId
    person: PersonId
    at_ms: int
    consent: str
    withdrawn_at_ms: int | None = None
    consent_withdrawn_at_ms: int | None = None


_BY_APPLICATION: Final = select(application_senders).where(
    application_senders.c.application.in_(bindparam("wanted", expanding=True))
)
_ADD: Final = application_senders.insert()
_CHANGE: Final = (
    update(application_senders)
    .where(application_senders.c.application == bindparam("of"), application_senders.c.person == bindparam("who"))
    .values({name: bindparam(name) for name in ("at_ms", "consent", "withdrawn_at_ms", "consent_withdrawn_at_ms")})
)
_REMOVE: Final = delete(application_senders).where(
    application_senders.c.application == bindparam("of"), application_senders.c.person == bindparam("who")
)


def senders_of(conn: Connection, of: Iterable[ApplicationId]) -> list[Sender]:
    """Every sending of these applications."""
    return [Sender(**row) for row in rows_of(conn, _BY_APPLICATION, of)]


class Senders:
    """The sendings of a batch's applications: read once, changed in memory, written once."""

    def __init__(self, conn: Connection, rows: Iterable[Application], phones: Iterable[bytes]) -> None:
        """`phones`: HMACs of those of the rows and of those that come."""
        known = list(rows)
        self._of: dict[ApplicationId, dict[PersonId, Sender]] = {row.id: {} for row in known}
        for sender in senders_of(conn, self._of):
            self._of[sender.application][sender.person] = sender
        self._confirmers = confirmers_of(conn, {*phones, *(row.phone_hmac for row in known)})
        self._fresh: dict[tuple[ApplicationId, PersonId], Sender] = {}
        self._changed: dict[tuple[ApplicationId, PersonId], Sender] = {}
        self._gone: set[tuple[ApplicationId, PersonId]] = set()

    def owns(self, row: Application, person: PersonId) -> bool:
        """Whether this person has confirmed the number of this application."""
        return self.confirmed(row.phone_hmac, person)

    def confirmed(self, phone_hmac: bytes, person: PersonId) -> bool:
        """Whether this person has confirmed that number."""
        return person in self._confirmers.get(phone_hmac, ())

    def sees(self, row: Application, person: PersonId) -> bool:
        """Whether this person sees the steps of it."""
        confirmers = self._confirmers.get(row.phone_hmac)
        return person in confirmers if confirmers else person == row.person

    def told(self, row: Application) -> tuple[PersonId, ...]:
        """Those of them who hear of each step at once."""
        confirmers = self._confirmers.get(row.phone_hmac)
        return confirmers[:FOLLOWERS] if confirmers else ((row.person,) if row.person else ())

    def get(self, row: Application, person: PersonId) -> Sender | None:
        """What this device sent of it."""
        return self._of.get(row.id, {}).get(person)

    def standing(self, row: Application) -> list[Sender]:
        """The sendings that were not taken back."""
        return [sender for sender in self._of.get(row.id, {}).values() if sender.withdrawn_at_ms is None]

    def all_of(self, row: Application) -> list[Sender]:
        """Every sending."""
        return list(self._of.get(row.id, {}).values())

    def send(self, row: Application, person: PersonId, consent: str, at_ms: int) -> Sender:
        """This device sends it, for the first time or again."""
        sender = self.get(row, person)
        if sender is None:
            sender = Sender(application=row.id, person=person, at_ms=at_ms, consent=consent)
            self._of.setdefault(row.id, {})[person] = sender
            self._fresh[row.id, person] = sender
        elif sender.withdrawn_at_ms is not None or sender.consent_withdrawn_at_ms is not None:
            sender.at_ms, sender.consent = at_ms, consent
            sender.withdrawn_at_ms = sender.consent_withdrawn_at_ms = None
            self._note(sender)
        return sender

    def take_back(self, sender: Sender, at_ms: int, *, consent: bool = False) -> None:
        """The sending is taken back, with `consent` also what was consented to."""
        if sender.withdrawn_at_ms is None:
            sender.withdrawn_at_ms = at_ms
        if consent and sender.consent_withdrawn_at_ms is None:
            sender.consent_withdrawn_at_ms = at_ms
        self._note(sender)

    def remove(self, sender: Sender) -> None:
        """Nothing shall say any more that this device sent it."""
        identity = (sender.application, sender.person)
        del self._of[sender.application][sender.person]
        self._changed.pop(identity, None)
        if self._fresh.pop(identity, None) is None:
            self._gone.add(identity)

    def write(self, conn: Connection) -> None:
        """Everything, one statement each."""
        execute_many(conn, _REMOVE, [{"of": of, "who": who} for of, who in sorted(self._gone)])
        execute_many(conn, _ADD, [msgspec.structs.asdict(sender) for sender in self._fresh.values()])
        changes = [
            {**msgspec.structs.asdict(sender), "of": of, "who": who}
            for (of, who), sender in sorted(self._changed.items())
        ]
        for change in changes:
            del change["application"], change["person"]
        execute_many(conn, _CHANGE, changes)

    def _note(self, sender: Sender) -> None:
        identity = (sender.application, sender.person)
        if identity not in self._fresh:
            self._changed[identity] = sender
