"""A province of two hubs on a bad day, by a seed: hubs, Redis and PostgreSQL die and freeze, links swallow and break,
while hosts show, seekers apply, viewers, an enterprise and the desk watch. Afterwards everybody's history is held
against the store (`history.py`).

A failure names its seed; `DAIGANG_SEED=… pytest tests/faults/test_nemesis.py` plays the same harms again, and the
history lies beside the hubs' logs.
"""

import asyncio
import contextlib
import itertools
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.python.doors import Doors
from server.core import tokens
from server.core.model import Grant, PersonId, Principal, Role
from server.core.protocol import GoLive
from server.secrets_file import load_secrets
from tests.faults.history import History, Stored, What, complaints
from tests.faults.nemesis import Nemesis, Province, province
from tests.faults.witnesses import Witness, application, stage_command, until_done
from tests.services import PostgresServer, RedisServer

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.faults, pytest.mark.redis, pytest.mark.postgres]

SESSIONS = ("S01", "S02")
SEEKERS = 8
WHOLE_WITHIN_S = 45.0


class Day:
    """The people of one run. They come by either hub in turn; there is a host, and an enterprise to watch, for each
    session."""

    def __init__(self, fair: Province, viewers: int) -> None:
        self.history = History()
        self.witnesses: list[Witness] = []
        self.shelves: dict[str, list[str]] = {}
        self._fair = fair
        self._viewers = viewers
        self._signing = Ed25519PrivateKey.from_private_bytes(
            load_secrets(fair.hubs[0].var_dir, {}, store_exists=True).signing_seed
        )
        self._reading: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()
        self._numbers = itertools.count(1)

    def _doors(self, n: int) -> Doors:
        return self._fair.hubs[n % 2].doors

    def _token(self, who: str, *grants: Grant) -> str:
        now_ms = time.time_ns() // 1_000_000
        person = Principal(
            person=PersonId(who),
            token_id=who,
            issued_at_ms=now_ms,
            until_ms=now_ms + 3_600_000,
            kind="client",
            name=who,
            grants=grants,
        )
        return tokens.issue(person, self._signing)

    def _come(self, who: str, n: int, *channels: str, role: Role = Role.GUEST, scope: str = "") -> Witness:
        grants = (Grant(role=role, scope=scope),) if scope else ()
        witness = Witness(who, self._token(who, *grants), self._fair.viewer_links[n % 2], self.history)
        self.witnesses.append(witness)
        self._reading.append(asyncio.create_task(witness.be_there(*channels)))
        return witness

    async def begin(self) -> None:
        """On air, and everybody is there."""
        doors = self._doors(0)
        self._consent = (await doors.setup()).consent
        self.hosts = []
        for n, session in enumerate(SESSIONS):
            page = await doors.session(session)
            slots = (await doors.shelf(session, page.session.shelf_revision)).slots
            self.shelves[session] = [slot.position.id for slot in slots]
            host = self._come(f"host-{n}", n, f"desk/{session}", role=Role.HOST, scope=session)
            self.hosts.append(host)
            await host.ask(doors, GoLive(session=session, key=f"on-air-{session}"), f"stage/{session}")
            firm = slots[0].position.enterprise
            self._come(f"hr-{n}", n + 1, f"firm/{firm}", role=Role.HR, scope=firm)
        for n in range(self._viewers):
            self._come(f"viewer-{n}", n, f"stage/{SESSIONS[n // 2 % 2]}")
        self.seekers = [self._come(f"seeker-{n}", n, f"me/seeker-{n}") for n in range(SEEKERS)]
        await until_done(lambda: all(one.joined for one in self.witnesses), 30.0, "everybody there")

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Cards and applications until the block ends; then everything under way is finished."""
        doings = [self._hosting(n, hand) for n in range(len(SESSIONS)) for hand in range(2)]
        doings += [self._seeking(n) for n in range(SEEKERS)]
        tasks = [asyncio.create_task(doing) for doing in doings]
        try:
            yield
        finally:
            self._over.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [end for end in ended if end is not None], ended

    async def _hosting(self, n: int, hand: int) -> None:
        """Each host has two hands, one at each hub."""
        session = SESSIONS[n]
        while not self._over.is_set():
            command, text = stage_command(next(self._numbers), session, self.shelves[session])
            await self.hosts[n].ask(self._doors(hand), command, f"stage/{session}", text)
            await asyncio.sleep(0.5)

    async def _seeking(self, n: int) -> None:
        turn = n
        while not self._over.is_set():
            turn += 1
            session = SESSIONS[turn % 3 == 0]
            command = application(session, self.shelves[session], self._consent)
            await self.seekers[n].ask(self._doors(turn) if turn % 2 else None, command, "")
            await asyncio.sleep(0.3)

    async def whole(self, tops: Callable[[], Awaitable[dict[str, int]]]) -> None:
        """Newcomers at both hubs, and then everybody is at the top of what they read."""
        for n in range(2):
            self._come(f"newcomer-{n}", n, *(f"stage/{session}" for session in SESSIONS))
        due = await tops()

        def behind() -> list[str]:
            places = {
                (event.who, event.channel): event.offset
                for event in self.history.events
                if event.what in (What.FRESH, What.ARRIVED)
            }
            late = [f"{who} {channel} {at}" for (who, channel), at in places.items() if at < due.get(channel, 0)]
            return late + [one.who for one in self.witnesses if not one.joined]

        try:
            await until_done(lambda: not behind(), WHOLE_WITHIN_S, "everybody whole")
        except TimeoutError:
            log.error("behind: %s of %s", behind(), due)  # the checkers say the rest

    async def end(self) -> None:
        """Everybody goes. A reader that ended by itself is a failure."""
        for task in self._reading:
            task.cancel()
        ended = await asyncio.gather(*self._reading, return_exceptions=True)
        assert [end for end in ended if not isinstance(end, asyncio.CancelledError)] == []


def plain(store_url: str) -> str:
    return store_url.replace("postgresql+psycopg", "postgresql")


def heads(store_url: str) -> dict[str, int]:
    with psycopg.connect(plain(store_url), connect_timeout=10) as link:
        return {str(name): int(top) for name, top in link.execute("SELECT channel, top FROM heads").fetchall()}


def stored(store_url: str, shelves: dict[str, list[str]], channels: set[str]) -> Stored:
    """What the checkers compare with, of the channels somebody read."""
    with psycopg.connect(plain(store_url), connect_timeout=10) as link:
        rows = link.execute("SELECT id, encode(phone_hmac, 'hex'), position FROM applications").fetchall()
        firms = link.execute("SELECT id, enterprise FROM positions").fetchall()
        logs: dict[str, dict[int, bytes]] = {channel: {} for channel in channels}
        for channel, offset, body in link.execute('SELECT channel, "offset", body FROM log ORDER BY 1, 2').fetchall():
            if channel in channels:
                logs[channel][int(offset)] = bytes(body)
    return Stored(
        applications=tuple((str(a), str(b), str(c)) for a, b, c in rows),
        logs=logs,
        firms={str(position): str(firm) for position, firm in firms},
        shelves={session: frozenset(shelf) for session, shelf in shelves.items()},
    )


@pytest.mark.parametrize(
    ("for_s", "longest_s", "viewers"),
    [
        (9.0, 1.5, 12),
        pytest.param(600.0, 6.0, 40, marks=[pytest.mark.real_numbers, pytest.mark.timeout(900)]),
        pytest.param(120.0, 5.0, 30, marks=[pytest.mark.real_numbers, pytest.mark.timeout(400)]),
    ],
)
async def test_a_province_on_a_bad_day_loses_doubles_and_mixes_nothing(
    tmp_path: Path,
    postgres_server: PostgresServer,
    postgres_url: str,
    redis_server: RedisServer,
    for_s: float,
    longest_s: float,
    viewers: int,
) -> None:
    seed = int(os.environ.get("DAIGANG_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
    log.warning("DAIGANG_SEED=%d", seed)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
    async with province(tmp_path, postgres_url, postgres_server, redis_server) as fair:
        day = Day(fair, viewers)
        nemesis = Nemesis(fair, day.history, seed, longest_s)
        try:
            await day.begin()
            async with day.going_on():
                await nemesis.rage(for_s)
            await day.whole(lambda: asyncio.to_thread(heads, postgres_url))
            await day.end()
        finally:
            day.history.write(tmp_path / "history.jsonl")
        channels = {event.channel for event in day.history.events if event.what is What.FRESH}
        held = await asyncio.to_thread(stored, postgres_url, day.shelves, channels)
        found = complaints(day.history.events, held)
        found += [f"hub {n} wrote a traceback" for n, hub in enumerate(fair.hubs) if "Traceback" in hub.log()]
    log.warning("%d events, %d applications, harms: %s", len(day.history.events), len(held.applications), nemesis.done)
    assert found == [], f"DAIGANG_SEED={seed}, {len(found)} complaints, history in {tmp_path}"
    assert len(held.applications) > SEEKERS
