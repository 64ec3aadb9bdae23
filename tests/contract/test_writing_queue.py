"""What the writer does next: what shows at once in the next batch, chat in company, nothing starved, all in order."""

import asyncio
import contextlib
import time

import pytest

from server.core.model import PersonId, PositionId, SessionId
from server.core.protocol import Done
from server.core.refusal import Refusal
from server.store.batch import Keyed
from server.store.patience import Patience
from server.store.waiting import Waiting, Work
from server.store.writes import Committed, Say, ShowCard, Write
from server.store.writing_queue import FEW, LINGER_S, WritingQueue

HERE = SessionId("s0")
FAR_S = 10.0
"""So much longer than what is done meanwhile that a busy machine makes no difference."""


def say(number: int) -> Say:
    by = PersonId(f"p{number}")
    return Say(by=by, key=f"k{number}", at_ms=number, session=HERE, author="a", name="n", text="t", role="")


def card(number: int) -> ShowCard:
    return ShowCard(by=PersonId("host"), key=f"k{number}", at_ms=number, session=HERE, position=PositionId("p"))


def waits(write: Write) -> Waiting:
    return Waiting(Keyed(write, write.key, b""), asyncio.get_running_loop())


def numbers(batch: list[Waiting] | Work | None) -> list[int]:
    assert isinstance(batch, list)
    return [one.item.write.at_ms for one in batch]


async def test_a_card_is_written_with_the_next_batch_however_many_lines_wait() -> None:
    queue = WritingQueue(batch_limit=8, queue_limit=100)
    for number in range(50):
        queue.put(waits(say(number)))
    queue.put(waits(card(50)))
    first = numbers(queue.next())
    assert 50 in first
    assert first == sorted(first)  # and as they came


async def test_lines_wait_a_moment_for_others_and_cards_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = WritingQueue(batch_limit=8, queue_limit=100)
    queue.put(waits(say(0)))
    queue.put(waits(say(1)))
    began_s = time.monotonic()
    assert numbers(queue.next()) == [0, 1]
    assert time.monotonic() - began_s >= LINGER_S / 2  # it did linger
    monkeypatch.setattr("server.store.writing_queue.LINGER_S", FAR_S)
    began_s = time.monotonic()
    queue.put(waits(card(2)))
    assert numbers(queue.next()) == [2]
    queue.put(waits(say(3)))
    queue.put(waits(card(4)))
    queue.put(waits(say(5)))
    assert numbers(queue.next()) == [3, 4, 5]
    assert time.monotonic() - began_s < FAR_S / 2  # nobody lingered


@pytest.mark.parametrize(("paced", "size"), [("FEW_PACE_S", 1), ("FEW_PACE_S", FEW - 1), ("PACE_S", FEW)])
async def test_batches_that_follow_each_other_for_long_keep_a_pace(
    monkeypatch: pytest.MonkeyPatch, paced: str, size: int
) -> None:
    free = 40
    for name in ("FEW_PACE_S", "PACE_S"):
        monkeypatch.setattr(f"server.store.writing_queue.{name}", 0.5 if name == paced else 0.0)
    monkeypatch.setattr("server.store.writing_queue.AHEAD_S", 0.5 * free)
    queue = WritingQueue(batch_limit=2 * FEW, queue_limit=100)
    began_s = time.monotonic()
    for number in range(free + 1):
        for _ in range(size):
            queue.put(waits(card(number)))
        assert numbers(queue.next()) == [number] * size
    assert time.monotonic() - began_s < 0.4  # what comes now and then waits for nothing
    queue.put(waits(card(100)))
    next_one = asyncio.create_task(asyncio.to_thread(queue.next))
    await asyncio.sleep(0.1)
    queue.put(waits(card(101)))
    assert numbers(await next_one) == [100, 101]


async def test_a_full_batch_a_work_and_the_end_wait_for_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store.writing_queue.FEW_PACE_S", FAR_S)
    queue = WritingQueue(batch_limit=4, queue_limit=100)
    began_s = time.monotonic()
    queue.put(waits(card(0)))
    queue.next()
    for number in range(4):
        queue.put(waits(card(number)))
    assert len(numbers(queue.next())) == 4
    work = Work(lambda _conn: None, asyncio.get_running_loop())
    queue.put(work)
    assert queue.next() is work
    queue.put(waits(card(7)))
    last = asyncio.create_task(asyncio.to_thread(queue.next))
    await asyncio.sleep(0.05)
    queue.close()
    assert numbers(await last) == [7]
    assert queue.next() is None
    assert time.monotonic() - began_s < FAR_S / 2


async def test_lines_are_not_starved_by_what_is_urgent_nor_a_work_by_lines() -> None:
    queue = WritingQueue(batch_limit=8, queue_limit=100)
    for number in range(6):
        queue.put(waits(say(number)))
    await asyncio.sleep(2 * LINGER_S)
    for number in range(6, 20):
        queue.put(waits(card(number)))
    first = numbers(queue.next())
    assert first[:4] == [0, 1, 2, 3]
    assert len(first) == 8
    work = Work(lambda _conn: None, asyncio.get_running_loop())
    other = WritingQueue(batch_limit=8, queue_limit=100)
    other.put(waits(say(0)))
    other.put(work)
    assert other.next() is work


async def test_who_was_given_up_is_left_out_and_a_closed_queue_hands_out_the_rest() -> None:
    queue = WritingQueue(batch_limit=8, queue_limit=3)
    gone, stays = waits(say(0)), waits(say(1))
    queue.put(gone)
    queue.put(stays)
    gone.abandoned = True
    queue.put(waits(card(2)))
    with pytest.raises(Refusal):
        queue.put(waits(card(3)))  # full
    queue.close()
    with pytest.raises(Refusal):
        queue.put(waits(card(4)))
    assert numbers(queue.next()) == [1, 2]
    assert queue.next() is None


async def test_a_write_whose_time_is_over_is_told_so_and_the_others_wait_on() -> None:
    given_up = 0

    def note() -> None:
        nonlocal given_up
        given_up += 1

    patience = Patience(0.05, note)
    done, late = waits(say(0)), waits(say(1))
    patience.watch(done)
    patience.watch(late)
    done.future.set_result(Committed(reply=Done()))
    with pytest.raises(Refusal):
        await late.future
    assert late.abandoned
    assert not done.abandoned
    assert given_up == 1


async def test_lines_that_come_faster_than_they_are_written_leave_room_at_the_door() -> None:
    queue = WritingQueue(batch_limit=8, queue_limit=100)
    taken = 0
    for number in range(200):
        with contextlib.suppress(Refusal):
            queue.put(waits(say(number)))
            taken += 1
    assert taken == 75
    for number in range(200, 225):
        queue.put(waits(card(number)))
    with pytest.raises(Refusal) as refused:
        queue.put(waits(card(225)))
    assert refused.value.temporary
    queue.next()
    queue.put(waits(card(226)))  # what was handed out has left its place


async def test_works_without_a_gap_do_not_starve_lines() -> None:
    """Two imports at once: whenever one work is done, another waits already."""
    queue = WritingQueue(batch_limit=8, queue_limit=100)
    works = [Work(lambda _conn: None, asyncio.get_running_loop()) for _ in range(4)]
    for number in range(10):
        queue.put(waits(say(number)))
    for work in works:
        queue.put(work)
    assert queue.next() is works[0]  # however long the lines have waited, a work is not put off twice
    await asyncio.sleep(2 * LINGER_S)
    assert numbers(queue.next()) == list(range(8))
    assert queue.next() is works[1]
    assert numbers(queue.next()) == [8, 9]
    assert queue.next() is works[2]
    assert queue.next() is works[3]  # no lines: nothing is between them
