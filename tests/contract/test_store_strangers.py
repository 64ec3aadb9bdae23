"""Whoever types somebody's number learns nothing of who applied with it before: two worlds, one script, one transcript.

In one world nobody ever used the number. In the other its owner applied before, was answered, took back, confirmed the
number, erased, also in between. A stranger with two devices does the same in both. What it is answered and what reaches
it must be equal, but for ids (as a pattern: which are the same must be the same) and offsets. Times are given, so they
are compared as well.
"""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from server.core.bodies import decode_body
from server.core.model import ApplicationId, ApplicationStatus, NightShift, PersonId
from server.core.protocol import Receipt
from server.core.refusal import Refusal
from server.store import application_queries, tables
from server.store.application_bounds import BLUR, DEVICES_MOST, FAMILY_MOST
from server.store.privacy_queries import record_of
from server.store.store import Store
from server.store.writes import Write
from tests.contract.conftest import a_keyring
from tests.contract.store_day import (
    answer,
    apply,
    e0,
    e1,
    erase,
    look,
    outcome,
    q,
    receipt,
    s0,
    s1,
    tell_more,
    withdraw,
    withdraw_consent,
)

S = ApplicationStatus
STEPS = 14


class Stranger:
    """Two devices that send the same commands in both worlds, and all they are told."""

    def __init__(self, store: Store, world: str, phone: str) -> None:
        self.store, self.phone = store, phone
        self.devices = [PersonId(f"{world}-x{n}") for n in range(2)]
        self.names: dict[str, str] = {}
        self.receipts: list[tuple[int, ApplicationId]] = []
        self.told: list[Any] = []

    def plain(self, value: Any) -> Any:
        """Ids by the order in which they were first seen; offsets left out."""
        if isinstance(value, dict):
            return {name: self._named(name, one) for name, one in value.items() if name != "offset"}
        return [self.plain(one) for one in value] if isinstance(value, list | tuple) else value

    def _named(self, name: str, value: Any) -> Any:
        if name in ("application", "receipt", "id") and isinstance(value, str):
            return self.names.setdefault(value, f"{name} {len(self.names)}")
        return "the number" if name == "phone" else self.plain(value)

    async def do(self, write: Write) -> None:
        """One command, and what comes of it for whoever sent it, on each of the two devices."""
        result = await outcome(self.store, write)
        if isinstance(result, Refusal):
            params = {"application" if name == "id" else name: value for name, value in result.params.items()}
            self.told.append(self.plain({"refused": result.code.value, **params}))
            return
        self.told.append(self.plain(msgspec.to_builtins(result.reply)))
        if isinstance(result.reply, Receipt):
            self.receipts.append((self.devices.index(write.by), result.reply.application))
        self.hear(result.publications)

    def hear(self, publications: Any) -> None:
        heard = []
        for one in publications:
            for device in self.devices:
                if one.channel == f"me/{device}":
                    body = msgspec.to_builtins(decode_body(one.entry.body))
                    heard.append([self.devices.index(device), self.plain(body)])
        # What comes of one command comes in the order of ids, which are chance.
        self.told += sorted(heard, key=str)

    async def read(self) -> None:
        for device in self.devices:
            mine = await self.store.read(application_queries.of_person, device)
            record = await self.store.read(record_of, device)
            self.told.append(self.plain(msgspec.to_builtins([mine, record])))


def command(chance: random.Random, at_ms: int) -> Callable[[Stranger], Write | None]:
    """What the stranger does next; the choices are made once for both worlds."""
    device, place, family = chance.randrange(2), chance.randrange(2), chance.choice(("", "", "妈妈"))
    kind, pick = chance.choice("aaaaawwwtce"), chance.random()

    def made(who: Stranger) -> Write | None:
        by = {"by": who.devices[device], "at_ms": at_ms}
        own = [id_ for of, id_ in who.receipts if of == device]
        if kind == "a":
            more = {"name": f"名字{device}", "for_whom": family, "version": chance_version, **by}
            return apply(q(place), s0, phone=who.phone, **more)
        if kind == "c":
            return withdraw_consent((e0, e1)[place], **by)
        if kind == "e":
            return erase(**by)
        if not own:
            return None
        application = own[int(pick * len(own))]
        if kind == "t":
            return tell_more(application, night_shift=NightShift.YES, start_in_days=3, **by)
        return withdraw(application, **by)

    chance_version = chance.choice((0, 1, 99))
    return made


class Owner:
    """Whose number it is, and the enterprise that knows it: everything they do leaves the stranger's view as it is."""

    def __init__(self, stranger: Stranger, chance: random.Random) -> None:
        self.to, self.store, self.phone = stranger, stranger.store, stranger.phone
        self.chance, self.person = chance, PersonId(f"owner of {stranger.phone}")
        self.mine: list[ApplicationId] = []
        self.rows: list[ApplicationId] = []
        self.shown = False

    async def before(self) -> None:
        for n in range(2):
            if self.chance.random() < 0.8:
                for_whom = self.chance.choice(("", "妈妈"))
                sent = await self.store.write(
                    apply(q(n), s1, phone=self.phone, by=self.person, name="真名", for_whom=for_whom, at_ms=500)
                )
                self.rows.append(receipt(sent).application)
                self.mine.append(receipt(sent).application)
        for _ in range(self.chance.randrange(4)):
            await self.act()

    async def act(self, meanwhile: bool = False) -> None:
        kind = self.chance.choice("lsswaecC")
        if meanwhile and self.shown and kind in "wec":
            return  # who has shown that the number is theirs takes back what strangers sent, and strangers see that
        write: Write | None = None
        if kind in "ls" and self.rows:
            of = self.chance.choice(self.rows)
            step = self.chance.choice((S.CONTACTED, S.INTERVIEW, S.HIRED, S.AT_WORK, S.UNSUITABLE, S.FILLED))
            write = look(of, (e0, e1)) if kind == "l" else answer(of, (e0, e1), step, note="明天9点")
        elif kind == "w" and self.mine:
            write = withdraw(self.chance.choice(self.mine), by=self.person, at_ms=600)
        elif kind == "a":
            write = apply(q(self.chance.randrange(2)), s1, phone=self.phone, by=self.person, name="真名", at_ms=650)
        elif kind == "e" and self.chance.random() < 0.3:
            write = erase(by=self.person, at_ms=700)
        elif kind == "c":
            write = withdraw_consent(self.chance.choice((e0, e1)), by=self.person, at_ms=710)
        elif kind == "C" and self.chance.random() < 0.3:
            await self.store.transact(self.confirm)
            self.shown = True
        if write is not None:
            result = await outcome(self.store, write)
            if not isinstance(result, Refusal):
                self.to.hear(result.publications)
                if isinstance(result.reply, Receipt):
                    self.mine.append(result.reply.application)

    def confirm(self, conn: Any) -> None:
        hmac = a_keyring().phone_hmac(self.phone)
        conn.execute(tables.confirmed_phones.delete().where(tables.confirmed_phones.c.person == self.person))
        conn.execute(tables.confirmed_phones.insert(), [{"person": self.person, "phone_hmac": hmac, "at_ms": 1}])


async def two_worlds(store: Store, seed: int) -> tuple[Stranger, Stranger]:
    chance = random.Random(seed)
    script = [command(chance, 1_000 + 10 * n) for n in range(STEPS)]
    empty = Stranger(store, f"empty{seed}", f"138{seed:08d}")
    used = Stranger(store, f"used{seed}", f"139{seed:08d}")
    owner = Owner(used, chance)
    await owner.before()
    for step in script:
        for who in (empty, used):
            if (write := step(who)) is not None:
                await who.do(write)
            await who.read()
        if chance.random() < 0.4:
            await owner.act(meanwhile=True)
            await used.read()
            await empty.read()
    return empty, used


async def on_both_shelves(store: Store) -> None:
    slots = [{"session": s1, "position": q(n), "number": 90 + n, "removed": False} for n in range(2)]
    await store.transact(lambda conn: conn.execute(tables.shelf_slots.insert(), slots))


@pytest.mark.parametrize("scripts", [20, pytest.param(3_000, marks=pytest.mark.real_numbers)])
async def test_nothing_a_stranger_is_told_depends_on_who_was_there_before(store: Store, scripts: int) -> None:
    await on_both_shelves(store)
    for seed in range(scripts):
        empty, used = await two_worlds(store, seed)
        for n, (one, other) in enumerate(zip(empty.told, used.told, strict=True)):
            assert one == other, f"script {seed}, line {n}: {empty.told[: n + 1][-4:]} and {used.told[: n + 1][-4:]}"


async def test_the_stranger_in_the_script_comes_far_enough_to_see_something(store: Store) -> None:
    """A test of the test: with what the receipt of the row itself says, the two worlds are told apart."""
    await on_both_shelves(store)
    owner = receipt(await store.write(apply(q(0), s1, by=PersonId("a"), at_ms=500)))
    told = receipt(await store.write(apply(q(0), by=PersonId("x"), at_ms=900)))
    assert told.application != owner.application
    assert told.receipt != owner.receipt
    assert (told.already, told.applied_at_ms, told.status) == (False, 900, S.APPLIED)


async def test_bounds_are_no_count_of_those_who_were_there(store: Store) -> None:
    """A stranger who fills one up learns a number between two, which says little of how many others there are."""
    reached: dict[bool, list[int]] = {True: [], False: []}
    for n in range(12):
        for used in (True, False):
            phone = f"137{n:07d}{int(used)}"
            if used:
                await store.write(apply(q(0), phone=phone, by=PersonId("a")))
            made = 0
            while not isinstance(await outcome(store, apply(q(0), phone=phone, by=PersonId(f"g{n}-{made}"))), Refusal):
                made += 1
            reached[used].append(made)
    assert all(DEVICES_MOST - 1 <= made < DEVICES_MOST + BLUR for made in reached[True] + reached[False])
    assert len(set(reached[False])) > 3
    assert FAMILY_MOST + BLUR < 40
