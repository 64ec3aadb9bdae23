"""Random walks over one room: every member sees each offset once and in order, or is told to start afresh
(promises 5, 6, 7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.core.model import Channel, Entry, Epoch, Since
from server.core.room import Offered, Room, merge

Merge = Callable[..., tuple[Entry, ...] | None]
pick = st.integers(min_value=0, max_value=10_000)


@dataclass
class Member:
    """What one page holds: everything of `epoch` up to `offset`, and whether it is in the room now."""

    epoch: Epoch
    offset: int
    joined: bool = True
    told_to_start_afresh: int = 0

    def see(self, epoch: Epoch, entry: Entry) -> None:
        assert self.joined
        assert epoch == self.epoch, "an entry of another life reached a member that was not told to start afresh"
        assert entry.offset == self.offset + 1, f"after {self.offset} came {entry.offset}"
        assert entry.body == body(epoch, entry.offset)
        self.offset = entry.offset

    def start_afresh(self, room: Room) -> None:
        self.epoch, self.offset, self.joined = room.epoch, room.top, True
        self.told_to_start_afresh += 1


@dataclass
class Joining:
    """A member between `join` and its reply: the room's deliveries are set aside while history is read."""

    member: Member
    room_epoch: Epoch
    live: list[Entry] = field(default_factory=list)


def body(epoch: Epoch, offset: int) -> bytes:
    return f"{epoch}:{offset}".encode()


def room_machine(merge_function: Merge = merge, room_type: type[Room] = Room) -> type[RuleBasedStateMachine]:
    """The machine over a given merge and room, so that broken ones can be shown to be found."""

    class RoomMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.epoch = Epoch("1")
            self.log: list[Entry] = []
            self.room = room_type(Channel("stage/s"), self.epoch, 0, complete=True, ring_entries=4, early_limit=3)
            self.flying: list[tuple[Epoch, Entry]] = []
            self.present: list[Member] = [Member(self.epoch, 0)]
            self.absent: list[Member] = []
            self.joining: list[Joining] = []

        # -- the log and what becomes of its announcements

        @rule(count=st.integers(min_value=1, max_value=4))
        def publish(self, count: int) -> None:
            for _ in range(count):
                offset = len(self.log) + 1
                self.log.append(Entry(offset, offset, body(self.epoch, offset)))
                self.flying.append((self.epoch, self.log[-1]))

        @precondition(lambda self: self.flying)
        @rule(which=pick)
        def arrive(self, which: int) -> None:
            self._offer(*self.flying.pop(which % len(self.flying)))

        @precondition(lambda self: self.flying)
        @rule()
        def arrive_in_order(self) -> None:
            self._offer(*self.flying.pop(0))

        @precondition(lambda self: self.flying)
        @rule(which=pick)
        def arrive_twice(self, which: int) -> None:
            self._offer(*self.flying[which % len(self.flying)])

        @precondition(lambda self: self.flying)
        @rule(which=pick)
        def lose(self, which: int) -> None:
            self.flying.pop(which % len(self.flying))

        @rule(limit=st.integers(min_value=1, max_value=5))
        def tick(self, limit: int) -> None:
            """Another hub says where the log is; this one reads at most `limit` entries."""
            if self.room.behind(self.epoch, len(self.log)):
                self._read(limit)

        @precondition(lambda self: self.room.hole is not None and self.room.epoch == self.epoch)
        @rule()
        def fill_the_hole(self) -> None:
            hole = self.room.hole
            assert hole is not None
            first, last = hole
            assert self.room.top < first <= last <= len(self.log)
            for entry in self.log[first - 1 : last]:
                self._offer(self.epoch, entry)
            assert self.room.top >= last

        @rule()
        def new_life(self) -> None:
            """The store was restored: a new epoch, in which less may have happened."""
            self.epoch = Epoch(str(int(self.epoch) + 1))
            self.log = [Entry(offset, offset, body(self.epoch, offset)) for offset in range(1, len(self.log) // 2 + 1)]

        # -- members

        @rule(at=pick)
        def newcomer(self, at: int) -> None:
            """Somebody who was last here at any offset of this life, as far back as the beginning."""
            self.absent.append(Member(self.epoch, at % (len(self.log) + 1), joined=False))

        @precondition(lambda self: self.present)
        @rule(which=pick)
        def leave(self, which: int) -> None:
            member = self.present.pop(which % len(self.present))
            member.joined = False
            self.absent.append(member)

        @precondition(lambda self: self.absent)
        @rule(which=pick)
        def join_from_ring(self, which: int) -> None:
            member = self.absent.pop(which % len(self.absent))
            self._admit(member, self.room.missed(Since(member.epoch, member.offset)))

        @precondition(lambda self: self.absent)
        @rule(which=pick)
        def begin_joining(self, which: int) -> None:
            member = self.absent.pop(which % len(self.absent))
            if member.epoch != self.room.epoch:
                self._admit(member, None)
            else:
                self.joining.append(Joining(member, self.room.epoch))

        @precondition(lambda self: self.joining)
        @rule(which=pick, read_at=pick)
        def finish_joining(self, which: int, read_at: int) -> None:
            """The history may have been read at any moment, before or after the room got to where it is."""
            joining = self.joining.pop(which % len(self.joining))
            member = joining.member
            missed = None
            if joining.room_epoch == self.room.epoch == self.epoch:
                history = self.log[member.offset : read_at % (len(self.log) + 1)]
                missed = merge_function(member.offset, history, joining.live, top=self.room.top)
            self._admit(member, missed)

        # -- what must hold

        @invariant()
        def everybody_in_the_room_is_where_the_room_is(self) -> None:
            for member in self.present:
                assert (member.epoch, member.offset) == (self.room.epoch, self.room.top)

        @invariant()
        def bounds_hold(self) -> None:
            assert len(self.room._early) <= 3
            assert len(self.room._ring or ()) <= 4

        def teardown(self) -> None:
            """However the walk went: once ticks get through, everybody in the room is at the end of the
            log."""
            for _ in range(len(self.log) + 2):
                if not self.room.behind(self.epoch, len(self.log)):
                    break
                self._read(3)
            assert (self.room.epoch, self.room.top, self.room.hole) == (self.epoch, len(self.log), None)
            self.everybody_in_the_room_is_where_the_room_is()

        # -- what a hub does

        def _offer(self, epoch: Epoch, entry: Entry) -> None:
            offered: Offered = self.room.offer(epoch, entry)
            assert offered.other_epoch == (epoch != self.room.epoch)
            assert offered.hole == self.room.hole
            for delivered in offered.deliver:
                for member in self.present:
                    member.see(epoch, delivered)
                for joining in self.joining:
                    joining.live.append(delivered)

        def _read(self, limit: int) -> None:
            if self.room.epoch != self.epoch:
                self.room.restart(self.epoch, len(self.log))
                for member in self.present:
                    member.start_afresh(self.room)
                return
            for entry in self.log[self.room.top : self.room.top + limit]:
                self._offer(self.epoch, entry)

        def _admit(self, member: Member, missed: Sequence[Entry] | None) -> None:
            if missed is None:
                member.start_afresh(self.room)
            else:
                member.joined = True
                for entry in missed:
                    member.see(self.room.epoch, entry)
            self.present.append(member)

    return RoomMachine


def walk(machine: type[RuleBasedStateMachine], examples: int, steps: int, *, repeatable: bool = False) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=repeatable,
            report_multiple_bugs=not repeatable,
            phases=[Phase.generate] if repeatable else list(Phase),
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_member_sees_all_in_order_once_or_starts_afresh():
    walk(room_machine(), examples=40, steps=40)


@pytest.mark.real_numbers
def test_the_same_over_ten_thousand_steps():
    walk(room_machine(), examples=300, steps=50)


# ---- the tests of the test: each broken part must be found
# ---------------------------------------------------------


def merge_that_repeats(since, history, live, complete=True, *, top=None):
    merged = merge(since, history, live, complete, top=top)
    return None if merged is None else tuple(history) + tuple(live)


def merge_over_holes(since, history, live, complete=True, *, top=None):
    return merge(since, history, live, complete=False, top=top)


def merge_past_the_room(since, history, live, complete=True, *, top=None):
    return merge(since, history, live, complete)


class RoomThatDoesNotWait(Room):
    def offer(self, epoch, entry):
        if epoch == self.epoch and entry.offset > self.top:
            self.top = entry.offset
            return Offered(deliver=(entry,))
        return super().offer(epoch, entry)


class RoomThatKeepsItsRing(Room):
    def restart(self, epoch, top):
        ring = self._ring
        super().restart(epoch, top)
        self._ring = ring


class RoomThatForgetsTheFarthest(Room):
    def behind(self, epoch, top):
        return epoch != self.epoch


@pytest.mark.parametrize(
    "machine",
    [
        room_machine(merge_function=merge_that_repeats),
        room_machine(merge_function=merge_over_holes),
        room_machine(merge_function=merge_past_the_room),
        room_machine(room_type=RoomThatDoesNotWait),
        room_machine(room_type=RoomThatKeepsItsRing),
        room_machine(room_type=RoomThatForgetsTheFarthest),
    ],
    ids=["repeats", "over_holes", "past_the_room", "does_not_wait", "keeps_its_ring", "forgets"],
)
def test_a_broken_part_is_found(machine):
    with pytest.raises(AssertionError):
        walk(machine, examples=4_000, steps=40, repeatable=True)
