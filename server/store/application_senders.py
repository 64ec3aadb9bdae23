"""Who sent an application, and who of them may see how it goes.

The number of an unconfirmed sender is only said to be theirs. So the steps are shown to whoever has confirmed the
number; as long as nobody has, to the device that sent it first (most people never ask for a code); to everybody else
only what they did themselves, and in the very words in which the first would read it: nobody learns by typing a number
whether it was here before. Withdrawing goes by the same line: without a confirmed number a device takes back what
it sent, and the application goes when nobody's sending is left.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, delete, select, update

from server.core.model import ApplicationId, NightShift, PersonId
from server.store.application_offers import rows_of
from server.store.application_rows import Application
from server.store.many import execute_many
from server.store.phone_queries import FOLLOWERS, confirmers_of
from server.store.tables import application_senders


class Sender(msgspec.Struct, kw_only=True):
    """One row of `application_senders`: one device's sending, and the consent it gave with it. `shown_id` and `receipt`
    are what this device was given for it."""

    application: ApplicationId
    person: PersonId
    at_ms: int
    consent: str
    shown_id: ApplicationId
    receipt: str
    session: str
    sealed: bytes | None
    version: int = 0
    night_shift: NightShift = NightShift.UNKNOWN
    start_in_days: int | None = None
    withdrawn_at_ms: int | None = None
    consent_withdrawn_at_ms: int | None = None


_BY_APPLICATION: Final = select(application_senders).where(
    application_senders.c.application.in_(bindparam("wanted", expanding=True))
)
_ADD: Final = application_senders.insert()
_CHANGEABLE: Final = (
    "at_ms",
    "consent",
    "sealed",
    "version",
    "night_shift",
    "start_in_days",
    "withdrawn_at_ms",
    "consent_withdrawn_at_ms",
)
_CHANGE: Final = (
    update(application_senders)
    .where(application_senders.c.application == bindparam("of"), application_senders.c.person == bindparam("who"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)
_REMOVE: Final = delete(application_senders).where(
    application_senders.c.application == bindparam("of"), application_senders.c.person == bindparam("who")
)


def senders_of(conn: Connection, of: Iterable[ApplicationId]) -> list[Sender]:
    """Every sending of these applications."""
    return [sender_of(row) for row in rows_of(conn, _BY_APPLICATION, of)]


def sender_of(row: Mapping[str, Any] | RowMapping) -> Sender:
    """One row, its words as those of the house."""
    values: dict[str, Any] = {name: row[name] for name in Sender.__struct_fields__}
    values["night_shift"] = NightShift(values["night_shift"])
    return Sender(**values)


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

    def known_as(self, shown: ApplicationId, person: PersonId) -> Sender | None:
        """What this device sent and knows by that id."""
        return next((by[person] for by in self._of.values() if person in by and by[person].shown_id == shown), None)

    def shown_id(self, row: Application, person: PersonId) -> ApplicationId:
        """The id this person knows the application by."""
        sender = None if self.owns(row, person) else self.get(row, person)
        return row.id if sender is None else sender.shown_id

    def standing(self, row: Application) -> list[Sender]:
        """The sendings that were not taken back."""
        return [sender for sender in self._of.get(row.id, {}).values() if sender.withdrawn_at_ms is None]

    def all_of(self, row: Application) -> list[Sender]:
        """Every sending."""
        return list(self._of.get(row.id, {}).values())

    def send(self, sending: Sender) -> Sender:
        """This device sends it, for the first time or again: then what it was given stays, and what it typed is new."""
        of, person = sending.application, sending.person
        sender = self._of.setdefault(of, {}).setdefault(person, sending)
        if sender is sending:
            self._fresh[of, person] = sender
        elif sender.withdrawn_at_ms is not None or sender.consent_withdrawn_at_ms is not None:
            sender.at_ms, sender.consent, sender.version = sending.at_ms, sending.consent, sending.version
            sender.sealed, sender.night_shift, sender.start_in_days = sending.sealed, NightShift.UNKNOWN, None
            sender.withdrawn_at_ms = sender.consent_withdrawn_at_ms = None
            self.changed(sender)
        return sender

    def take_back(self, sender: Sender, at_ms: int, *, consent: bool = False) -> None:
        """The sending is taken back, with `consent` also what was consented to."""
        if sender.withdrawn_at_ms is None:
            sender.withdrawn_at_ms = at_ms
        if consent and sender.consent_withdrawn_at_ms is None:
            sender.consent_withdrawn_at_ms = at_ms
        self.changed(sender)

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
        execute_many(conn, _ADD, [_values(sender, Sender.__struct_fields__) for sender in self._fresh.values()])
        changes = [
            {**_values(sender, _CHANGEABLE), "of": of, "who": who}
            for (of, who), sender in sorted(self._changed.items())
        ]
        execute_many(conn, _CHANGE, changes)

    def changed(self, sender: Sender) -> None:
        """Its fields were changed."""
        identity = (sender.application, sender.person)
        if identity not in self._fresh:
            self._changed[identity] = sender


def _values(sender: Sender, names: Iterable[str]) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(sender, name) for name in names}
    values["night_shift"] = sender.night_shift.value
    return values
