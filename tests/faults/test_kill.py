"""Killed while people apply: what was acknowledged is on disk, once, and a resend with the same key is the same
application (promises 1 and 3)."""

import asyncio
import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from clients.python.doors import Doors, Ticket
from server.core.model import Role
from server.core.protocol import Apply, GoLive, Receipt
from server.core.refusal import Code, Refusal
from tests.faults.processes import HubProcess, hub_process

pytestmark = pytest.mark.faults

Acked = dict[str, Receipt]


class Applicants:
    """Writers that apply one after another, each with a key of its own, and note what was acknowledged."""

    def __init__(self, doors: Doors, guests: list[Ticket], positions: list[str], consent: str) -> None:
        self._doors = doors
        self._guests = guests
        self._positions = positions
        self._consent = consent
        self._count = 0
        self.acked: Acked = {}
        self.unanswered: dict[str, tuple[Apply, str]] = {}

    def _next(self) -> Apply:
        self._count += 1
        return Apply(
            session="S01",
            position=self._positions[self._count % len(self._positions)],
            name="张师傅",
            phone=f"199{self._count:08d}",
            consent=self._consent,
            age_confirmed=True,
            key=f"apply-{self._count:08d}",
        )

    async def write_until(self, stop: asyncio.Event) -> None:
        """All writers at once."""
        await asyncio.gather(*(self._write(guest, stop) for guest in self._guests))

    async def _write(self, guest: Ticket, stop: asyncio.Event) -> None:
        while not stop.is_set():
            command = self._next()
            self.unanswered[command.key] = (command, guest.token)
            with contextlib.suppress(Refusal):
                await self._send(command, guest.token)

    async def resend(self) -> None:
        """Everything that got no answer, with the same keys; each person one after another, as a page does."""
        by_person: dict[str, list[Apply]] = {}
        for command, token in self.unanswered.values():
            by_person.setdefault(token, []).append(command)
        await asyncio.gather(*(self._send_all(commands, token) for token, commands in by_person.items()))

    async def _send_all(self, commands: list[Apply], token: str) -> None:
        for command in commands:
            await self._send(command, token)

    async def _send(self, command: Apply, token: str) -> None:
        """Send it once, or again as soon as the ration allows."""
        while True:
            try:
                reply = await self._doors.call(command, token)
                break
            except Refusal as refusal:
                if refusal.code is not Code.TOO_MANY:
                    raise
                await asyncio.sleep(int(refusal.params["retry_ms"]) / 1000)
        assert isinstance(reply, Receipt)
        assert self.acked.setdefault(command.key, reply).application == reply.application
        self.unanswered.pop(command.key, None)


def stored(hub: HubProcess) -> list[str]:
    """Ids of the applications in the database file."""
    with contextlib.closing(sqlite3.connect(hub.var_dir / "daigang.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in db.execute("SELECT id FROM applications")]


async def killed_at_random(hub: HubProcess, writers: int, kills: int, chance: random.Random) -> None:
    await hub.start()
    host = await hub.doors.demo(Role.HOST)
    await hub.doors.call(GoLive(session="S01", key="go-live-1"), host.token)
    page = await hub.doors.session("S01")
    shelf = await hub.doors.shelf("S01", page.session.shelf_revision)
    consent = (await hub.doors.setup()).consent
    guests = [await hub.doors.guest() for _ in range(writers)]
    applicants = Applicants(hub.doors, guests, [slot.position.id for slot in shelf.slots], consent)
    for _ in range(kills):
        stop = asyncio.Event()
        writing = asyncio.create_task(applicants.write_until(stop))
        await asyncio.sleep(chance.uniform(0.2, 1.2))
        hub.kill()
        stop.set()
        await writing
        acked = {receipt.application for receipt in applicants.acked.values()}
        assert acked <= set(stored(hub))
        await hub.start()
    await applicants.resend()
    ids = stored(hub)
    assert len(applicants.acked) > kills * 5, "too few applications to prove anything"
    assert not applicants.unanswered
    assert len(ids) == len(set(ids))
    # One application per key, and none that nobody was told of: everything that was sent has been answered by now.
    assert {receipt.application for receipt in applicants.acked.values()} == set(ids)


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await killed_at_random(hub, writers=40, kills=3, chance=random.Random(20211127))


@pytest.mark.real_numbers
@pytest.mark.timeout(900)
async def test_what_was_acknowledged_survives_twenty_kills_of_two_hundred_writers(tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await killed_at_random(hub, writers=200, kills=20, chance=random.Random(20211127))
