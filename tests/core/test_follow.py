"""The reader's side of the second promise: whatever the link does, entries come in order, once, or the reader is told
to start afresh (promises 5, 7, 10). A hub, a link that loses and cuts, and the reader, without a loop or a socket."""

from collections import deque

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clients.python.comeback import LOST, Lost, as_told_s, backoff_s, final
from clients.python.follow import Arrived, Follow, Fresh, Item, Latest
from server.core import samples
from server.core.bodies import ShelfChanged, encode_body
from server.core.limits import BACKOFF_MAX_S, BACKOFF_MIN_S, Close
from server.core.model import Epoch, Since
from server.core.protocol import (
    Join,
    Joined,
    LogEntry,
    Pulse,
    Push,
    Restart,
    SessionPulse,
    StageSnapshot,
    decode_server,
    encode,
)
from server.core.refusal import Code, Refusal

STAGE = "stage/S01"
RECOVERED_AT_MOST = 5


def entry(offset: int, life: int = 1) -> LogEntry:
    """An entry whose body says which it is: revision = 1000 x life + offset."""
    return LogEntry(
        offset=offset, at_ms=offset, body=msgspec.Raw(encode_body(ShelfChanged(revision=1000 * life + offset)))
    )


def push(offset: int, epoch: str = "e1", channel: str = STAGE) -> Push:
    one = entry(offset)
    return Push(channel=channel, epoch=epoch, offset=offset, at_ms=one.at_ms, body=one.body)


def arrived(offset: int, life: int = 1) -> Arrived:
    return Arrived(offset, offset, ShelfChanged(revision=1000 * life + offset))


def reply(offset: int, *entries: int, recovered: bool = True, epoch: str = "e1", channel: str = STAGE) -> Joined:
    return Joined(channel=channel, epoch=epoch, offset=offset, recovered=recovered, entries=tuple(map(entry, entries)))


def standing_at(offset: int, channel: str = STAGE) -> Follow:
    """A reader that joined afresh at that offset."""
    follow = Follow(channel)
    follow.ask()
    follow.joined(reply(offset, recovered=False, channel=channel))
    return follow


def test_a_new_reader_asks_without_since_and_starts_from_the_snapshot():
    follow = Follow(STAGE)
    assert follow.wanting
    assert follow.ask() == Join(channel=STAGE)
    assert (follow.wanting, follow.asking) == (False, True)
    snapshot = StageSnapshot(session=samples.SESSION, card=samples.CARD)
    fresh = Joined(channel=STAGE, epoch="e1", offset=7, recovered=False, snapshot=snapshot)
    assert follow.joined(fresh) == (Fresh("e1", 7, snapshot, ()),)
    assert (follow.wanting, follow.asking, follow.offset) == (False, False, 7)


def test_a_push_before_the_first_reply_is_dropped():
    follow = Follow(STAGE)
    follow.ask()
    assert follow.pushed(push(1)) == ()
    assert not follow.wanting


def test_pushes_in_order_are_handed_on_and_repeats_are_not():
    follow = standing_at(7)
    assert follow.pushed(push(8)) == (arrived(8),)
    assert follow.pushed(push(8)) == ()
    assert follow.pushed(push(3)) == ()
    assert follow.pushed(push(9)) == (arrived(9),)
    assert not follow.wanting


def test_a_gap_asks_once_and_what_was_missed_comes_before_the_rest():
    follow = standing_at(7)
    assert follow.pushed(push(10)) == ()
    assert follow.wanting
    assert follow.ask() == Join(channel=STAGE, since=Since(epoch=Epoch("e1"), offset=7))
    assert follow.pushed(push(11)) == ()
    assert not follow.wanting
    assert follow.joined(reply(11, 8, 9, 10, 11)) == tuple(map(arrived, (8, 9, 10, 11)))
    assert follow.pushed(push(12)) == (arrived(12),)


def test_what_arrived_while_asking_is_not_handed_on_again():
    follow = standing_at(7)
    follow.pushed(push(10))
    follow.ask()
    assert follow.pushed(push(8)) == (arrived(8),)
    assert follow.joined(reply(10, 8, 9, 10)) == (arrived(9), arrived(10))


@pytest.mark.parametrize("answer", [reply(10, 8, 10), reply(10, 9, 10), reply(10, 8, 9), reply(10)])
def test_a_recovery_with_a_hole_is_not_believed(answer):
    follow = standing_at(7)
    follow.cut()
    follow.ask()
    items = follow.joined(answer)
    assert items in ((), (arrived(8),), (arrived(8), arrived(9)))
    assert follow.wanting
    assert follow.ask() == Join(channel=STAGE)


def test_a_recovery_of_another_epoch_is_not_believed():
    follow = standing_at(7)
    follow.cut()
    follow.ask()
    assert follow.joined(reply(9, 8, 9, epoch="e2")) == ()
    assert follow.ask() == Join(channel=STAGE)


def test_recovered_without_having_been_asked_for_is_a_fresh_start():
    follow = Follow(STAGE)
    follow.ask()
    assert follow.joined(reply(9, recovered=True)) == (Fresh("e1", 9, None, ()),)


def test_a_push_of_another_epoch_asks_for_everything():
    follow = standing_at(7)
    assert follow.pushed(push(1, epoch="e2")) == ()
    assert follow.ask() == Join(channel=STAGE)
    assert follow.joined(reply(1, recovered=False, epoch="e2")) == (Fresh("e2", 1, None, ()),)


def test_a_restart_asks_for_everything_unless_an_answer_is_on_its_way():
    follow = standing_at(7)
    follow.restart()
    assert follow.ask() == Join(channel=STAGE)
    follow.restart()
    assert not follow.wanting


def test_a_cut_forgets_the_answer_that_did_not_come_but_not_the_place():
    follow = standing_at(7)
    follow.pushed(push(10))
    follow.ask()
    follow.cut()
    assert follow.ask() == Join(channel=STAGE, since=Since(epoch=Epoch("e1"), offset=7))


@pytest.mark.parametrize(("top", "lost"), [(6, False), (7, False), (8, True)])
def test_a_ping_uncovers_a_lost_last_push(top, lost):
    follow = standing_at(7)
    assert follow.behind(top) is lost
    assert follow.wanting is lost


def test_a_ping_says_nothing_of_a_channel_that_is_being_asked_for_or_may_skip():
    follow = Follow(STAGE)
    assert not follow.behind(5)
    follow.ask()
    assert not follow.behind(5)
    assert not standing_at(3, "chat/S01").behind(9)


def test_chat_may_skip_but_not_go_back():
    follow = standing_at(7, "chat/S01")
    assert [follow.pushed(push(n, channel="chat/S01")) for n in (9, 8, 12)] == [(arrived(9),), (), (arrived(12),)]
    assert not follow.wanting
    follow.cut()
    follow.ask()
    assert follow.joined(reply(20, 15, 19, channel="chat/S01")) == (arrived(15), arrived(19))
    assert follow.offset == 20


def test_a_chats_last_lines_come_with_the_fresh_start():
    follow = Follow("chat/S01")
    follow.ask()
    items = follow.joined(reply(9, 8, 9, recovered=False, channel="chat/S01"))
    assert items == (Fresh("e1", 9, None, (arrived(8), arrived(9))),)


def test_a_pulse_has_no_past():
    follow = Follow("pulse/S01")
    follow.ask()
    assert follow.joined(Joined(channel="pulse/S01", epoch="e1", offset=0, recovered=False)) == ()
    body = SessionPulse(numbers=samples.NUMBERS, visits=3)
    assert follow.pulsed(Pulse(channel="pulse/S01", at_ms=5, body=body)) == (Latest(5, body),)
    follow.cut()
    assert follow.ask() == Join(channel="pulse/S01")


@pytest.mark.parametrize("data", [b"\x81\xa1t\xa5other", b"\x81\xa1t\xa2\xff\xff", b"\xc0"])
def test_a_body_nobody_knows_moves_the_offset(data):
    follow = standing_at(7)
    strange = Push(channel=STAGE, epoch="e1", offset=8, at_ms=8, body=msgspec.Raw(data))
    assert follow.pushed(strange) == (Arrived(8, 8, None),)
    assert follow.pushed(push(9)) == (arrived(9),)


@pytest.mark.parametrize("name", ["", "stage", "stage/", "nonsense/S01", "stage/" + "S" * 65])
def test_only_channels_are_followed(name):
    with pytest.raises(Refusal) as caught:
        Follow(name)
    assert caught.value.code is Code.NOT_FOUND


class ReaderMachine(RuleBasedStateMachine):
    """A hub, a reader and what is between them: bytes on their way, in order; pushes may get lost, the link may be cut
    (all on the way is lost), the log may begin a new life."""

    def __init__(self) -> None:
        super().__init__()
        self.life, self.top = 1, 0
        self.member = False
        self.downward: deque[bytes] = deque()  # hub > reader
        self.upward: deque[Join] = deque()
        self.linked = True
        self.follow = Follow(STAGE)
        self.seen: list[Item] = []
        self.ask()

    def ask(self) -> None:
        if self.linked and self.follow.wanting and not self.follow.asking:
            self.upward.append(self.follow.ask())

    # ---- the hub

    @rule(lost=st.booleans(), repeated=st.booleans())
    def append(self, lost, repeated):
        self.top += 1
        one = entry(self.top, self.life)
        message = Push(channel=STAGE, epoch=f"e{self.life}", offset=self.top, at_ms=one.at_ms, body=one.body)
        if self.member and not lost:
            self.downward.extend([encode(message)] * (1 + repeated))

    @rule(lost=st.booleans())
    def new_life(self, lost):
        self.life, self.top = self.life + 1, 0
        if self.member and not lost:
            self.downward.append(encode(Restart(channel=STAGE)))

    @precondition(lambda self: self.upward)
    @rule()
    def answer(self):
        since = self.upward.popleft().since
        recovered = (
            since is not None and since.epoch == f"e{self.life}" and 0 <= self.top - since.offset <= RECOVERED_AT_MOST
        )
        missed = range(since.offset + 1, self.top + 1) if since is not None and recovered else ()
        self.member = True
        self.downward.append(
            encode(
                Joined(
                    channel=STAGE,
                    epoch=f"e{self.life}",
                    offset=self.top,
                    recovered=recovered,
                    entries=tuple(entry(offset, self.life) for offset in missed),
                )
            )
        )

    # ---- the link and the reader

    @precondition(lambda self: self.downward)
    @rule()
    def arrive(self):
        (message,) = decode_server(self.downward.popleft())
        match message:
            case Push():
                self.seen += self.follow.pushed(message)
            case Joined():
                self.seen += self.follow.joined(message)
            case Restart():
                self.follow.restart()
        self.ask()

    @rule()
    def cut(self):
        self.linked = self.member = False
        self.downward.clear()
        self.upward.clear()
        self.follow.cut()

    @precondition(lambda self: not self.linked)
    @rule()
    def come_back(self):
        self.linked = True
        self.ask()

    @rule()
    def ping(self):
        """A ping may overtake pushes that are on their way."""
        self.follow.behind(self.top)
        self.ask()

    @rule()
    def settle(self):
        """Everything arrives, then a ping: the reader stands where the hub does."""
        if not self.linked:
            self.come_back()
        for _ in range(4):
            while self.upward or self.downward:
                if self.upward:
                    self.answer()
                while self.downward:
                    self.arrive()
            self.ping()
            if self.follow.epoch != f"e{self.life}":
                self.append(lost=False, repeated=False)  # a lost restart is uncovered by the next push
        assert (self.follow.epoch, self.follow.offset) == (f"e{self.life}", self.top)

    @invariant()
    def in_order_and_once(self):
        life, offset = 0, 0
        for item in self.seen:
            if isinstance(item, Fresh):
                life, offset = int(item.epoch[1:]), item.offset
            else:
                offset += 1
                assert item == arrived(offset, life)

    @invariant()
    def asks_once_at_a_time(self):
        assert len(self.upward) <= 1


TestReader = ReaderMachine.TestCase
TestReader.settings = settings(max_examples=60, stateful_step_count=40)


def test_who_was_told_to_wait_waits_so_long_and_some_more_by_chance():
    told = Refusal(Code.TOO_MANY, temporary=True, retry_ms=900)
    assert [as_told_s(told, 1.0, chance) for chance in (0.0, 0.5, 1.0)] == pytest.approx([0.9, 1.35, 1.8])
    assert as_told_s(Refusal(Code.TOO_MANY, temporary=True, retry_ms=60_000), 1.0, 1.0) == 65.0
    assert as_told_s(Refusal(Code.UNAVAILABLE, temporary=True), 1.0, 0.0) == 1.0


def test_backoff_is_jitter_between_its_limits():
    assert [backoff_s(n, 1.0) for n in range(5)] == [2, 4, 8, 10, 10]
    assert backoff_s(10**9, 1.0) == BACKOFF_MAX_S
    assert {backoff_s(n, 0.0) for n in range(5)} == {BACKOFF_MIN_S}
    assert backoff_s(0, 0.5) == 1.25


@pytest.mark.parametrize(
    ("end", "renewable", "code"),
    [
        (Lost(LOST), False, None),
        (Lost(1012), False, None),
        (Lost(Close.RESTART), False, None),
        (Lost(Close.SLOW), False, None),
        (Lost(Close.RENEW), True, None),
        (Lost(Close.RENEW), False, Code.TOKEN_EXPIRED),
        (Lost(Close.BAD_PROTOCOL), True, Code.UPGRADE),
        (Lost(Close.WHO_ARE_YOU), True, Code.NOT_SIGNED_IN),
        (Lost(Close.TOO_MANY), True, Code.TOO_MANY),
        (Lost(4999), True, Code.FORBIDDEN),
        (OSError(), False, None),
        (TimeoutError(), False, None),
        (Refusal(Code.UNAVAILABLE, temporary=True), False, None),
        (Refusal(Code.TOKEN_EXPIRED), True, None),
        (Refusal(Code.TOKEN_EXPIRED), False, Code.TOKEN_EXPIRED),
        (Refusal(Code.FORBIDDEN), True, Code.FORBIDDEN),
    ],
)
def test_an_end_is_final_or_not(end, renewable, code):
    outcome = final(end, renewable=renewable)
    assert code is None if outcome is None else isinstance(outcome, Refusal) and outcome.code is code
