"""What waits for the bus, and what its ticks say: bounded, latest wins, nothing starves."""

import pytest

from server.bus.bus import Announcement, Snapshot
from server.bus.outgoing import BATCH_ANNOUNCEMENTS, QUEUE_NAMES, Outgoing
from server.bus.ticks import ROUNDS, TickBook
from server.bus.wire import pack_announcement, pack_member, unpack_announcement, unpack_member
from server.core.model import Channel, Entry, Epoch, Head
from tests.contract.listening import CHAT, EPOCH, STAGE, announcement, entry

OTHER = Epoch("e2")


def taken(out: Outgoing) -> list[int]:
    """Offsets of everything that waits, taken out."""
    offsets = []
    while out:
        offsets += [one.entries[0].offset for one in out.take().announcements]
    return offsets


def test_announcements_wait_in_order():
    out = Outgoing()
    assert not out
    for offset in range(1, BATCH_ANNOUNCEMENTS + 11):
        out.announce(announcement(STAGE, offset))
    first = out.take()
    assert len(first.announcements) == BATCH_ANNOUNCEMENTS
    out.announce(announcement(STAGE, 9_999))
    out.put_back(first)
    assert taken(out) == [*range(1, BATCH_ANNOUNCEMENTS + 11), 9_999]
    assert out.dropped == 0


def test_when_too_many_wait_the_oldest_goes():
    out = Outgoing(announcements=3)
    for offset in range(1, 6):
        out.announce(announcement(STAGE, offset))
    assert out.dropped == 2
    batch = out.take()
    for offset in (6, 7):
        out.announce(announcement(STAGE, offset))
    out.put_back(batch)
    assert out.dropped == 4
    assert taken(out) == [5, 6, 7]


def test_when_too_many_bytes_wait_the_oldest_goes():
    out = Outgoing(size_bytes=1_000)
    for offset in range(1, 5):
        out.announce(Announcement(STAGE, EPOCH, (Entry(offset, 0, b"x" * 300),)))
    assert taken(out) == [2, 3, 4]
    for _ in range(3):  # what was taken no longer counts
        out.announce(Announcement(STAGE, EPOCH, (Entry(9, 0, b"x" * 900),)))
        assert taken(out) == [9]


def test_of_a_number_and_a_snapshot_only_the_latest_waits():
    out = Outgoing()
    for number in (b"1", b"2"):
        out.pulse("presence", number)
    out.put_snapshot(STAGE, Snapshot(EPOCH, 2, b"two"))
    out.put_snapshot(STAGE, Snapshot(EPOCH, 1, b"one"))
    batch = out.take()
    assert (batch.pulses, batch.snapshots) == ({"presence": b"2"}, {STAGE: Snapshot(EPOCH, 2, b"two")})
    out.pulse("presence", b"3")
    out.put_snapshot(STAGE, Snapshot(OTHER, 1, b"new life"))
    out.put_back(batch)
    batch = out.take()
    assert (batch.pulses, batch.snapshots) == ({"presence": b"3"}, {STAGE: Snapshot(OTHER, 1, b"new life")})
    assert not out


def test_names_are_bounded():
    out = Outgoing()
    for number in range(QUEUE_NAMES + 10):
        out.pulse(f"n{number}", b"")
    assert list(out.take().pulses) == [f"n{number}" for number in range(10, QUEUE_NAMES + 10)]


def head(offset: int, epoch: Epoch = EPOCH) -> Head:
    return Head(epoch, offset)


def test_ticks_name_rooms_and_what_was_written_without_one():
    book = TickBook()
    assert book.next() == {}
    book.set_tops({STAGE: head(3)})
    book.announced(announcement(Channel("firm/e1"), 8, 9))
    book.announced(announcement(CHAT, 5))
    assert book.next() == {STAGE: head(3), Channel("firm/e1"): head(9)}
    for _ in range(ROUNDS - 1):
        assert Channel("firm/e1") in book.next()
    assert book.next() == {STAGE: head(3)}, "what has no room is forgotten after some rounds"


def test_an_announcement_that_comes_late_does_not_take_a_tick_back():
    book = TickBook()
    book.announced(announcement(STAGE, 7))
    book.announced(announcement(STAGE, 5))
    assert book.next() == {STAGE: head(7)}
    book.announced(announcement(STAGE, 1, epoch=OTHER))
    assert book.next() == {STAGE: head(1, OTHER)}
    book.set_tops({STAGE: head(1, OTHER)})
    book.announced(announcement(STAGE, 2, epoch=OTHER))
    assert book.next() == {STAGE: head(2, OTHER)}, "what was announced is newer than the room said"


def test_a_tick_is_bounded_what_moved_comes_first_and_everybody_has_a_turn():
    book = TickBook(tick_tops=10)
    rooms = {Channel(f"me/p{number}"): head(1) for number in range(95)}
    book.set_tops(rooms)
    seen: set[Channel] = set()
    for _ in range(ROUNDS * 10):
        said = book.next()
        assert len(said) <= 10
        seen |= said.keys()
    assert seen == rooms.keys()
    for _ in range(20):
        book.next()
    moved = Channel("me/p50")
    book.set_tops(rooms | {moved: head(2)})
    seen = set()
    for tick in range(12):
        said = book.next()
        assert tick >= ROUNDS or said[moved] == head(2)
        seen |= said.keys()
    assert seen == rooms.keys(), "one that moved does not keep the others from their turn"


def test_in_a_flood_each_that_moved_is_named():
    book = TickBook(tick_tops=10)
    for number in range(50):
        book.announced(announcement(Channel(f"me/p{number}"), 1))
    seen: set[Channel] = set()
    for _ in range(5):
        seen |= book.next().keys()
    assert len(seen) == 50


@pytest.mark.parametrize("offset", [1, 255, 256, 2**53])
def test_members_and_announcements_come_back_as_they_were(offset):
    one = Entry(offset, 1_700_000_000_123, bytes(range(256)))
    assert unpack_member(pack_member(one)) == one
    sent = Announcement(STAGE, EPOCH, (one, entry(3)))
    assert unpack_announcement(pack_announcement("hub", sent)) == ("hub", sent)
