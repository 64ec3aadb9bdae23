"""A small day of the simulator against a whole house: nothing is lost or double, and what was tampered with is found.

Four county halls and 200 viewers, from 08:30 to 09:45 at 600x, faults on.
"""

import asyncio
import select
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from clients.simulator import day
from clients.simulator.address import address_of
from clients.simulator.comparing import Difference
from clients.simulator.crowd import Crowd
from clients.simulator.daytime import Daytime
from clients.simulator.errands import Errands
from clients.simulator.lean_link import ASKING, IN
from clients.simulator.ledger import Ledger
from clients.simulator.plan import HallPlan, Plan, Visit, Wish
from clients.simulator.playing import CannotPlay, Order, Outcome, Playing
from clients.simulator.seat import Seat
from server.config import Config, ConfigError, SenderSection
from server.core.model import SessionId
from server.opening import now_ms
from server.simulated_staff import FILE_NAME, prepare_staff
from tests.wire.houses import HouseUnderTest, make_config, serving
from tests.wire.hubs import eventually, small_fair

WISH = Wish(seed=5, viewers=200, halls=4, main=False, until_s=9.75 * 3600, gap_s=60)


def house_config(tmp_path: Path) -> Config:
    """Where anybody may write: the crowd has no phones to confirm."""
    return msgspec.structs.replace(make_config(tmp_path), phone_confirmation="off")


def order_for(url: str, tmp_path: Path) -> Order:
    return Order(url=url, staff=tmp_path / FILE_NAME, wish=WISH, speed=600, numbers_within_s=2.0)


def changed(tmp_path: Path, *statements: str) -> None:
    """Tamper with the store behind the house's back."""
    with closing(sqlite3.connect(tmp_path / "daigang.db", timeout=10)) as store, store:
        for statement in statements:
            assert store.execute(statement).rowcount > 0, statement


def tampered(tmp_path: Path, outcome: Outcome) -> tuple[str, str, str]:
    """A row less, a status nobody set, a card twice, a counter off by one. Returns the applications and the session."""
    ledger = outcome.play.ledger
    alone = (next(iter(held.receipts)) for held in ledger.forms.values() if len(held.receipts) == 1)
    lost, moved, *_ = sorted(alone)
    session = outcome.play.plan.halls[0].session
    card = max(offset for offset, entry in ledger.stage_done[session].items() if entry.kind == "card_shown")
    changed(
        tmp_path,
        f"DELETE FROM application_senders WHERE application = '{lost}'",
        f"DELETE FROM application_steps WHERE application = '{lost}'",
        f"DELETE FROM applications WHERE id = '{lost}'",
        f"UPDATE applications SET status = 'at_work' WHERE id = '{moved}'",
        "INSERT INTO log (channel, offset, at_ms, body) SELECT l.channel, h.top + 1, l.at_ms, l.body FROM log l "
        f"JOIN heads h ON h.channel = l.channel WHERE l.channel = 'stage/{session}' AND l.offset = {card}",
        f"UPDATE heads SET top = top + 1 WHERE channel = 'stage/{session}'",
        f"UPDATE counters SET value = value + 1 WHERE scope = '{session}' AND name = 'cards'",
    )
    return lost, moved, session


async def test_a_day_is_whole_and_every_tampering_with_it_is_found(tmp_path: Path):
    config = house_config(tmp_path)
    async with serving(config, catalogue=day.generate()) as house:
        await prepare_staff(house.store, config, now_ms)
        async with Playing(order_for(house.url, tmp_path)) as playing:
            await playing.day()
            whole = await playing.compare()
            assert whole.differences == []
            ledger = whole.play.ledger
            assert sum(held.intent for held in ledger.forms.values()) == 60
            assert ledger.counts["receipts again"] > 0
            assert ledger.counts["links that died on an application"] > 0
            assert ledger.counts["viewers dropped by a fault"] > 0
            assert ledger.counts["hosts cut off"] == 1
            assert ledger.counts["positions pulled"] == 1
            assert ledger.counts["reports settled"] > 0
            assert any(name.startswith("say chat_word") for name in ledger.refused)

            lost, moved, session = tampered(tmp_path, whole)
            await asyncio.sleep(2.5)  # a hub looks once a second whether somebody else wrote to its logs
            after = await playing.compare()
        by_place: dict[str, list[Difference]] = {}
        for one in after.differences:
            by_place.setdefault(one.where, []).append(one)
        assert [one.what for one in by_place[f"application {lost}"]] == ["a receipt without a row"]
        assert [one.found for one in by_place[f"application {moved}"]] == ["at_work"]
        assert [one.what.split()[2:] for one in by_place[f"stage/{session}"]] == [["that", "nobody", "sent"]]
        assert [one.what for one in by_place[f"portal, {session}"]] == ["cards"]
        assert [one.what for one in by_place["screen, 220000"]] == ["cards"]
        with pytest.raises(CannotPlay, match="has had its day"):
            async with Playing(order_for(house.url, tmp_path)) as again:
                await again.day()


async def test_two_visits_of_a_person_at_once_are_one_guest(tmp_path: Path):
    """A line that is sent again must find its key: under another guest's name it would be said twice."""
    visits = (Visit(person=0, hall=0, at_s=0, until_s=60), Visit(person=0, hall=0, at_s=30, until_s=60))
    hall = HallPlan(session=SessionId("S01"), visitors=1, intents=0, start_s=0, end_s=60, relayed=False, shows=())
    plan = Plan(wish=WISH, halls=(hall,), visits=visits, applications=(), pulls=(), peak=2)
    async with serving(house_config(tmp_path)) as house:
        ledger = Ledger()
        errands = Errands((), ("S01",), ledger, "two-visits")
        crowd = Crowd(address_of(house.url), plan, Daytime(1, 0), errands, ledger)
        first, second = (Seat(crowd, visit) for visit in visits)

        def second_has_its_answer() -> bool:
            second.can_read()
            return second.state != ASKING

        for seat in (first, second):
            seat.call()
            assert seat.sock is not None
            select.select([], [seat.sock], [], 5)
            seat.can_write()
        assert second.sock is not None
        crowd.poller.forget(second.sock.fileno())  # its answer waits until the first one is in
        await eventually(lambda: first.state == IN)
        token = crowd.tokens[0]
        await eventually(second_has_its_answer)
        for seat in (first, second):
            seat.close()
        crowd.close()
    assert crowd.tokens == {0: token}
    assert ledger.problems == []


async def test_nothing_is_played_beside_a_real_fair(tmp_path: Path):
    config = house_config(tmp_path)
    fair = small_fair()
    real = msgspec.structs.replace(fair, fair=msgspec.structs.replace(fair.fair, synthetic=False))
    async with serving(config, catalogue=real) as house:
        with pytest.raises(ConfigError, match="real fair"):
            await prepare_staff(house.store, config, now_ms)
        await assert_refused(house, tmp_path, "holds a real fair")


async def test_a_house_that_is_not_prepared_is_refused_with_a_sentence(tmp_path: Path):
    config = house_config(tmp_path)
    async with serving(config) as house:
        gateway = msgspec.structs.replace(config, sender=SenderSection(kind="http", url="https://sms.example"))
        with pytest.raises(ConfigError, match="console"):
            await prepare_staff(house.store, gateway, now_ms)
        with pytest.raises(CannotPlay, match=FILE_NAME):
            Playing(order_for(house.url, tmp_path))
        await assert_refused(house, tmp_path, "does not hold the Jilin day")
    with pytest.raises(CannotPlay, match="is a hub running"):
        async with Playing(order_for(house.url, tmp_path)) as playing:
            await playing.day()
    with pytest.raises(CannotPlay, match="http://HOST:PORT"):
        Playing(order_for("https://fair.example", tmp_path))


async def assert_refused(house: HouseUnderTest, tmp_path: Path, words: str) -> None:
    """With a file of accounts, which this house does not have."""
    staff = {"password": "x" * 20, "hosts": [], "desks": [], "operator": {"name": "o", "scopes": ["220000"]}}
    (tmp_path / FILE_NAME).write_bytes(msgspec.json.encode(staff))
    with pytest.raises(CannotPlay, match=words):
        async with Playing(order_for(house.url, tmp_path)) as playing:
            await playing.day()
