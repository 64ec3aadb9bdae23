"""What every bus does. Each test runs over the memory bus and over a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from server.bus.bus import SET_ENTRIES, Announcement, Bus, Snapshot
from server.bus.memory import Exchange, MemoryBus
from server.bus.redis import RedisBus
from server.core.model import Channel, Entry, Epoch, Head
from tests.contract.listening import CHAT, EPOCH, STAGE, Ear, announcement, entries, entry, until

OTHER = Epoch("e2")
DESK = Channel("desk/s1")
TICK_S = 0.1


class Hubs:
    """Buses of one province (or, by name, of another), each with its ear."""

    def __init__(self, make: Callable[[str], Bus]) -> None:
        self._make = make
        self._buses: list[Bus] = []

    def bus(self, province: str = "jilin") -> Bus:
        """One more bus, not started."""
        self._buses.append(self._make(province))
        return self._buses[-1]

    async def join(self, *channels: Channel, province: str = "jilin") -> tuple[Bus, Ear]:
        """One more hub, started, subscribed to these channels, and told so."""
        bus, ear = self.bus(province), Ear()
        await bus.start(ear)
        for channel in channels:
            bus.subscribe(channel)
        await until(lambda: set(ear.rejoins) >= set(channels), "the subscriptions")
        return bus, ear

    async def close(self) -> None:
        for bus in self._buses:
            await bus.close()


@pytest.fixture(params=["memory", "redis"])
async def hubs(request: pytest.FixtureRequest) -> AsyncIterator[Hubs]:
    if request.param == "memory":
        exchanges: dict[str, Exchange] = {}
        hubs = Hubs(lambda province: MemoryBus(exchanges.setdefault(province, Exchange()), tick_s=TICK_S))
    else:
        url = request.getfixturevalue("redis_server").url
        hubs = Hubs(lambda province: RedisBus(url, province, tick_s=TICK_S))
    yield hubs
    before = asyncio.current_task()
    await hubs.close()
    left = [task for task in asyncio.all_tasks() if task is not before and not task.done()]
    left = [task for task in left if "bus" in task.get_name()]
    assert left == [], "tasks of a bus outlived it"


async def stored(bus: Bus, channel: Channel, top: int, epoch: Epoch = EPOCH) -> None:
    """Return once the set holds `top`: announcing does not wait."""
    held: list[int] = []

    async def look() -> bool:
        held[:] = [one.offset for one in await bus.history(channel, epoch, top - 1, 1)]
        return held == [top]

    for _ in range(1_000):
        if await look():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{channel} never held {top}, but {held}")


# ---- announcements -------------------------------------------------------------------------------------------------


async def test_an_announcement_reaches_the_others_byte_for_byte(hubs):
    here, ear_here = await hubs.join(STAGE)
    _, ear = await hubs.join(STAGE)
    _, third = await hubs.join(STAGE)
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements and third.announcements, "the announcement")
    assert ear.announcements == third.announcements == [announcement(STAGE, 1)]
    assert ear_here.announcements == []


async def test_a_batch_arrives_as_a_batch(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(CHAT)
    here.announce(announcement(CHAT, 4, 5, 9))
    await until(lambda: ear.announcements, "the batch")
    assert ear.announcements == [announcement(CHAT, 4, 5, 9)]


async def test_a_batch_too_long_for_one_message_comes_in_parts(hubs):
    """Redis is held to 1 MB at once; a hub that stood still for a moment has more to tell."""
    here, _ = await hubs.join()
    _, ear = await hubs.join(CHAT)
    lines = tuple(Entry(offset, 1, b"x" * 1_000) for offset in range(1, 3_001))
    here.announce(Announcement(CHAT, EPOCH, lines))
    await until(lambda: ear.offsets(CHAT)[-1:] == [3_000], "all parts")
    assert [entry for one in ear.announcements for entry in one.entries] == list(lines)
    assert max(len(one.entries) for one in ear.announcements) < 300
    assert await here.history(CHAT, EPOCH, 2_990, 100) == lines[2_990:]


async def test_the_announcements_of_a_hub_stay_in_order(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(STAGE, CHAT)
    for offset in range(1, 1_001):
        here.announce(announcement(STAGE, offset))
        if offset % 10 == 0:
            here.announce(announcement(CHAT, *range(offset - 9, offset + 1)))
    await until(lambda: ear.offsets(STAGE)[-1:] == [1_000] == ear.offsets(CHAT)[-1:], "a thousand announcements")
    assert ear.offsets(STAGE) == ear.offsets(CHAT) == list(range(1, 1_001))


async def test_an_empty_announcement_is_nothing(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(STAGE)
    here.announce(announcement(STAGE))
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements, "the second announcement")
    assert ear.announcements == [announcement(STAGE, 1)]


async def test_only_subscribed_channels_are_heard(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(STAGE)
    here.announce(announcement(DESK, 1))
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements, "the announcement")
    assert [one.channel for one in ear.announcements] == [STAGE]


async def test_unsubscribed_channels_are_heard_no_more(hubs):
    here, _ = await hubs.join()
    there, ear = await hubs.join(STAGE, DESK)
    there.unsubscribe(DESK)
    here.announce(announcement(DESK, 1))
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements, "the announcement")
    assert [one.channel for one in ear.announcements] == [STAGE]


async def test_a_channel_can_be_left_and_joined_again_and_is_told_again(hubs):
    here, _ = await hubs.join()
    there, ear = await hubs.join(STAGE)
    for round_ in range(1, 4):
        there.unsubscribe(STAGE)
        if round_ > 1:
            await asyncio.sleep(0.05)  # in the first round the bus has no time to follow
        there.subscribe(STAGE)
        await until(lambda: len(ear.rejoins) > round_, "to be told")  # noqa: B023
        here.announce(announcement(STAGE, round_))
        await until(lambda: ear.offsets(STAGE)[-1:] == [round_], "the announcement")  # noqa: B023


async def test_provinces_do_not_hear_each_other(hubs):
    here, _ = await hubs.join(province="liaoning")
    _, other = await hubs.join(STAGE, province="jilin")
    _, ear = await hubs.join(STAGE, province="liaoning")
    here.announce(announcement(STAGE, 1))
    here.pulse("presence", b"1")
    await until(lambda: ear.announcements and ear.pulses, "the announcement")
    await until(lambda: ear.tops(STAGE), "a tick")
    assert (other.announcements, other.pulses, other.tops(STAGE)) == ([], [], [])


async def test_what_was_asked_before_the_start_is_done_after_it(hubs):
    _, ear = await hubs.join(STAGE)
    early, early_ear = hubs.bus(), Ear()
    early.subscribe(DESK)
    early.announce(announcement(STAGE, 1))
    early.pulse("presence", b"7")
    await early.start(early_ear)
    await until(lambda: ear.announcements and ear.pulses and early_ear.rejoins == [DESK], "what was asked for")


async def test_a_listener_that_fails_does_not_end_the_bus(hubs, caplog):
    class Touchy(Ear):
        def announced(self, announcement):
            super().announced(announcement)
            raise ValueError(announcement.channel)

    here, _ = await hubs.join()
    bus, ear = hubs.bus(), Touchy()
    await bus.start(ear)
    bus.subscribe(STAGE)
    await until(lambda: ear.rejoins, "the subscription")
    here.announce(announcement(STAGE, 1))
    here.announce(announcement(STAGE, 2))
    await until(lambda: len(ear.announcements) == 2, "the second announcement")
    assert caplog.text.count("ValueError: stage/s1") == 2


# ---- sets ----------------------------------------------------------------------------------------------------------


async def test_history_gives_what_was_announced(hubs):
    here, _ = await hubs.join()
    there, _ = await hubs.join()
    here.announce(announcement(STAGE, 1, 2, 3))
    here.announce(announcement(STAGE, 4))
    await stored(there, STAGE, 4)
    assert await there.history(STAGE, EPOCH, 0, 100) == entries(1, 2, 3, 4)
    assert await there.history(STAGE, EPOCH, 2, 100) == entries(3, 4)
    assert await there.history(STAGE, EPOCH, 1, 2) == entries(2, 3)
    assert await there.history(STAGE, EPOCH, 4, 100) == ()
    assert await here.history(STAGE, EPOCH, 3, 100) == entries(4)


async def test_history_of_what_is_not_there_is_empty(hubs):
    here, _ = await hubs.join()
    here.announce(announcement(STAGE, 1))
    await stored(here, STAGE, 1)
    assert await here.history(DESK, EPOCH, 0, 100) == ()
    assert await here.history(STAGE, OTHER, 0, 100) == ()


async def test_announcing_again_or_out_of_order_changes_nothing(hubs):
    here, _ = await hubs.join()
    there, _ = await hubs.join()
    for bus, offsets in ((here, (3,)), (there, (1,)), (here, (2, 3)), (there, (2,)), (here, (4,)), (here, (1,))):
        bus.announce(announcement(STAGE, *offsets))
        await stored(here, STAGE, max(offsets))
    assert await here.history(STAGE, EPOCH, 0, 100) == entries(1, 2, 3, 4)


async def test_history_of_a_complete_channel_ends_at_a_gap(hubs):
    here, _ = await hubs.join()
    here.announce(announcement(STAGE, 1, 2, 4, 5))
    await stored(here, STAGE, 5)
    assert await here.history(STAGE, EPOCH, 0, 100) == entries(1, 2)
    assert await here.history(STAGE, EPOCH, 2, 100) == ()
    assert await here.history(STAGE, EPOCH, 3, 100) == entries(4, 5)


async def test_history_of_chat_gives_what_is_there(hubs):
    here, _ = await hubs.join()
    here.announce(announcement(CHAT, 1, 2, 4, 5))
    await stored(here, CHAT, 5)
    assert await here.history(CHAT, EPOCH, 1, 100) == entries(2, 4, 5)
    assert await here.history(CHAT, EPOCH, 1, 2) == entries(2, 4)


async def test_a_set_is_bounded_and_keeps_the_last(hubs):
    here, _ = await hubs.join()
    for first in range(1, SET_ENTRIES + 100, 50):
        here.announce(announcement(STAGE, *range(first, first + 50)))
    top = first + 49
    await stored(here, STAGE, top)
    lowest = top - SET_ENTRIES + 1
    assert await here.history(STAGE, EPOCH, lowest - 2, 1_000) == ()
    assert await here.history(STAGE, EPOCH, lowest - 1, 1_000) == entries(*range(lowest, top + 1))


async def test_each_life_of_a_log_has_its_own_set(hubs):
    here, _ = await hubs.join()
    here.announce(announcement(STAGE, 1, 2))
    here.announce(announcement(STAGE, 1, epoch=OTHER))
    await stored(here, STAGE, 1, OTHER)
    assert await here.history(STAGE, EPOCH, 0, 100) == entries(1, 2)
    assert await here.history(STAGE, OTHER, 0, 100) == entries(1)


# ---- ticks ---------------------------------------------------------------------------------------------------------


async def test_ticks_say_where_the_others_rooms_are(hubs):
    here, ear_here = await hubs.join(STAGE)
    _, ear = await hubs.join(STAGE)
    here.set_tops({STAGE: Head(EPOCH, 7), DESK: Head(EPOCH, 2)})
    await until(lambda: ear.tops(STAGE), "a tick")
    assert ear.ticks[0] == {STAGE: Head(EPOCH, 7)}, "only of subscribed channels"
    here.set_tops({STAGE: Head(EPOCH, 8)})
    await until(lambda: Head(EPOCH, 8) in ear.tops(STAGE), "the next tick")
    heard = len(ear.ticks)
    await until(lambda: len(ear.ticks) > heard + 12, "ticks that go on without a change")
    assert ear_here.ticks == [], "own ticks are not told"


async def test_ticks_say_what_was_announced_without_a_room(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(STAGE)
    here.announce(announcement(STAGE, 1, 2))
    await until(lambda: ear.tops(STAGE), "a tick")
    assert ear.tops(STAGE)[0] == Head(EPOCH, 2)


async def test_ticks_stop_speaking_of_a_closed_room(hubs):
    here, _ = await hubs.join()
    _, ear = await hubs.join(STAGE, DESK)
    here.set_tops({STAGE: Head(EPOCH, 1), DESK: Head(EPOCH, 1)})
    await until(lambda: ear.tops(STAGE), "a tick")
    here.set_tops({DESK: Head(EPOCH, 1)})
    heard = len(ear.ticks)
    await until(lambda: len(ear.ticks) > heard + 10, "more ticks")
    assert STAGE not in ear.ticks[-1]


# ---- numbers -------------------------------------------------------------------------------------------------------


async def test_pulses_reach_the_others_with_the_hubs_name(hubs):
    here, ear_here = await hubs.join()
    _, ear = await hubs.join()

    def arrived() -> bool:
        here.pulse(
            "presence", b"\x00\xff 12"
        )  # what is said before the other listens is lost: the latest is said again
        return bool(ear.pulses)

    await until(arrived, "the pulse")
    assert set(ear.pulses) == {(here.hub, "presence", b"\x00\xff 12")}
    assert ear_here.pulses == []


async def test_of_a_number_only_the_latest_is_sent(hubs):
    here, _ = await hubs.join(STAGE)
    _, ear = await hubs.join(STAGE)
    for number in range(100):
        here.pulse("presence", b"%d" % number)
        here.pulse("likes", b"%d" % number)
    await until(lambda: len(ear.pulses) >= 2, "the pulses")
    assert ear.pulses == [(here.hub, "presence", b"99"), (here.hub, "likes", b"99")]


# ---- snapshots -----------------------------------------------------------------------------------------------------


async def snapshot_is(bus: Bus, wanted: Snapshot, channel: Channel = STAGE) -> None:
    for _ in range(1_000):
        if (seen := await bus.snapshot(channel)) == wanted:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the snapshot is {seen}")


async def test_the_latest_snapshot_is_kept(hubs):
    here, _ = await hubs.join()
    there, _ = await hubs.join()
    assert await there.snapshot(STAGE) is None
    here.put_snapshot(STAGE, Snapshot(EPOCH, 9, b"\x00 nine"))
    await snapshot_is(there, Snapshot(EPOCH, 9, b"\x00 nine"))
    there.put_snapshot(STAGE, Snapshot(EPOCH, 7, b"seven, late"))
    there.put_snapshot(DESK, Snapshot(EPOCH, 1, b""))
    await snapshot_is(here, Snapshot(EPOCH, 1, b""), DESK)
    assert await here.snapshot(STAGE) == Snapshot(EPOCH, 9, b"\x00 nine")
    here.put_snapshot(STAGE, Snapshot(EPOCH, 10, b"ten"))
    await snapshot_is(there, Snapshot(EPOCH, 10, b"ten"))
    here.put_snapshot(STAGE, Snapshot(OTHER, 1, b"new life"))
    await snapshot_is(there, Snapshot(OTHER, 1, b"new life"))


# ---- the end -------------------------------------------------------------------------------------------------------


async def test_a_closed_bus_hears_nothing_and_closes_once(hubs):
    here, _ = await hubs.join()
    there, ear = await hubs.join(STAGE)
    _, third = await hubs.join(STAGE)
    await there.close()
    here.announce(announcement(STAGE, 1))
    await until(lambda: third.announcements, "the announcement")
    assert ear.announcements == []
    await there.close()


async def test_what_was_announced_just_before_the_close_is_sent(hubs):
    here, _ = await hubs.join(STAGE)
    there, ear = await hubs.join(STAGE)
    here.announce(announcement(STAGE, 1))
    await here.close()
    await until(lambda: ear.announcements, "the last announcement")
    assert await there.history(STAGE, EPOCH, 0, 10) == (entry(1),)


async def test_a_bus_that_was_never_started_can_be_closed(hubs):
    await hubs.bus().close()
