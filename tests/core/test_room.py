"""The ordering state of one channel, case by case; random walks are in test_room_machine."""

import pytest

from server.core.model import Channel, Entry, Epoch, Since
from server.core.room import Offered, Room, merge

EPOCH = Epoch("a")
OTHER = Epoch("b")


def entry(offset: int) -> Entry:
    return Entry(offset, 1_000 + offset, b"body %d" % offset)


def entries(*offsets: int) -> tuple[Entry, ...]:
    return tuple(entry(offset) for offset in offsets)


def a_room(top: int = 0, *, complete: bool = True, **limits: int) -> Room:
    return Room(Channel("stage/s"), EPOCH, top, complete=complete, **limits)


def offsets(given: tuple[Entry, ...] | None) -> list[int] | None:
    return None if given is None else [one.offset for one in given]


def test_the_next_entry_is_delivered():
    room = a_room()
    assert room.offer(EPOCH, entry(1)) == Offered(deliver=entries(1))
    assert room.offer(EPOCH, entry(2)) == Offered(deliver=entries(2))
    assert room.top == 2


def test_a_room_goes_on_from_the_top_it_was_made_with():
    room = a_room(top=7)
    assert room.offer(EPOCH, entry(7)) == Offered()
    assert room.offer(EPOCH, entry(8)).deliver == entries(8)


def test_an_entry_again_is_nothing():
    room = a_room()
    room.offer(EPOCH, entry(1))
    assert room.offer(EPOCH, entry(1)) == Offered()
    room.offer(EPOCH, entry(3))
    assert room.offer(EPOCH, entry(3)) == Offered(hole=(2, 2))
    assert room.offer(EPOCH, entry(2)).deliver == entries(2, 3)


def test_early_entries_wait_for_those_before_them():
    room = a_room()
    assert room.offer(EPOCH, entry(4)) == Offered(hole=(1, 3))
    assert room.offer(EPOCH, entry(2)) == Offered(hole=(1, 1))
    assert room.offer(EPOCH, entry(1)) == Offered(deliver=entries(1, 2), hole=(3, 3))
    assert room.hole == (3, 3)
    assert room.offer(EPOCH, entry(3)) == Offered(deliver=entries(3, 4))
    assert room.hole is None


def test_when_all_places_for_early_entries_are_taken_the_farthest_goes_and_stays_known():
    room = a_room(early_limit=2)
    for offset in (5, 3, 4):
        room.offer(EPOCH, entry(offset))
    assert room.offer(EPOCH, entry(1)) == Offered(deliver=entries(1), hole=(2, 2))
    assert room.offer(EPOCH, entry(2)) == Offered(deliver=entries(2, 3, 4), hole=(5, 5))
    assert room.offer(EPOCH, entry(5)) == Offered(deliver=entries(5))


def test_an_entry_of_another_life_is_not_taken():
    room = a_room(top=3)
    assert room.offer(OTHER, entry(4)) == Offered(other_epoch=True)
    assert room.top == 3
    room.restart(OTHER, 1)
    assert room.offer(EPOCH, entry(4)) == Offered(other_epoch=True)
    assert room.offer(OTHER, entry(2)).deliver == entries(2)


def test_a_restart_forgets_ring_early_entries_and_what_was_known():
    room = a_room()
    room.offer(EPOCH, entry(1))
    room.offer(EPOCH, entry(5))
    room.restart(OTHER, 0)
    assert room.hole is None
    assert room.missed(Since(OTHER, 0)) == ()
    assert room.offer(OTHER, entry(1)) == Offered(deliver=entries(1))
    for offset in (2, 3, 4):
        assert room.offer(OTHER, entry(offset)).deliver == entries(offset)


def test_a_tick_ahead_opens_a_hole_until_the_room_is_there():
    room = a_room(top=2)
    assert not room.behind(EPOCH, 2)
    assert not room.behind(EPOCH, 1)
    assert room.hole is None
    assert room.behind(EPOCH, 4)
    assert room.hole == (3, 4)
    assert room.behind(EPOCH, 2), "an older tick does not close the hole"
    assert room.offer(EPOCH, entry(3)).hole == (4, 4)
    assert room.offer(EPOCH, entry(4)).hole is None
    assert not room.behind(EPOCH, 4)


def test_a_tick_of_another_life_means_behind_and_opens_no_hole():
    room = a_room(top=2)
    assert room.behind(OTHER, 1)
    assert room.hole is None


def test_chat_is_delivered_at_once_over_holes_but_never_backwards():
    room = a_room(complete=False)
    assert room.offer(EPOCH, entry(1)) == Offered(deliver=entries(1))
    assert room.offer(EPOCH, entry(4)) == Offered(deliver=entries(4))
    assert room.offer(EPOCH, entry(3)) == Offered()
    assert room.offer(EPOCH, entry(5)) == Offered(deliver=entries(5))
    assert not room.behind(EPOCH, 9)
    assert room.behind(OTHER, 9)
    assert room.hole is None


def test_missed_comes_from_the_ring():
    room = a_room(top=10)
    for offset in (11, 12, 13):
        room.offer(EPOCH, entry(offset))
    assert room.missed(Since(EPOCH, 13)) == ()
    assert room.missed(Since(EPOCH, 11)) == entries(12, 13)
    assert room.missed(Since(EPOCH, 10)) == entries(11, 12, 13)
    assert room.missed(Since(EPOCH, 9)) is None
    assert room.missed(Since(EPOCH, 14)) is None
    assert room.missed(Since(EPOCH, -1)) is None
    assert room.missed(Since(OTHER, 12)) is None


def test_missed_never_hands_out_what_waits_behind_a_hole():
    room = a_room()
    for offset in (1, 2, 4):
        room.offer(EPOCH, entry(offset))
    assert room.missed(Since(EPOCH, 0)) == entries(1, 2)


def test_the_ring_is_bounded():
    room = a_room(ring_entries=3)
    for offset in range(1, 6):
        room.offer(EPOCH, entry(offset))
    assert room.missed(Since(EPOCH, 1)) is None
    assert room.missed(Since(EPOCH, 2)) == entries(3, 4, 5)


def test_a_ring_smaller_than_what_waited_keeps_the_last():
    room = a_room(ring_entries=2)
    for offset in (4, 3, 2, 1):
        offered = room.offer(EPOCH, entry(offset))
    assert offered.deliver == entries(1, 2, 3, 4)
    assert room.missed(Since(EPOCH, 2)) == entries(3, 4)
    assert room.missed(Since(EPOCH, 1)) is None


def test_a_chat_ring_is_given_with_its_gaps():
    room = a_room(complete=False)
    for offset in (1, 2, 5, 6):
        room.offer(EPOCH, entry(offset))
    assert offsets(room.missed(Since(EPOCH, 2))) == [5, 6]
    assert offsets(room.missed(Since(EPOCH, 3))) == [5, 6]
    assert offsets(room.missed(Since(EPOCH, 0))) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("since", "history", "live", "top", "merged"),
    [
        (0, [], [], None, []),
        (2, [3, 4], [5], None, [3, 4, 5]),
        (2, [3, 4, 5], [4, 5, 6], None, [3, 4, 5, 6]),
        (2, [4, 3], [5, 5], None, [3, 4, 5]),
        (2, [1, 2, 3], [], None, [3]),
        (2, [3], [5], None, None),
        (2, [4], [], None, None),
        (2, [], [3], None, [3]),
        (2, [3, 4, 5], [4], 4, [3, 4]),
        (2, [3], [], 4, None),
        (2, [], [], 2, []),
        (2, [3, 4], [], 2, []),
        (2, [], [], 1, None),
    ],
)
def test_merge(since, history, live, top, merged):
    given = merge(since, entries(*history), entries(*live), top=top)
    assert offsets(given) == merged


def test_merge_of_chat_has_no_holes_to_speak_of():
    assert merge(2, entries(4, 7), entries(6, 9), complete=False) == entries(4, 6, 7, 9)
    assert merge(2, entries(4, 7), entries(6, 9), False, top=7) == entries(4, 6, 7)
