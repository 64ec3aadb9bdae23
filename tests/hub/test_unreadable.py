"""Bytes of another house that no decoder takes: text that is not UTF-8, nesting without end. They cost that house its
own word, and nothing else stops."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from server.bus.bus import FAR, OPEN, Snapshot
from server.bus.memory import Exchange, MemoryBus
from server.bus.provinces import Provinces
from server.core.bodies import AnyBody, Launched, Line, LineRemoved, NoticePinned, decode_body, encode_body
from server.core.channels import Kind, channel, far_channel
from server.core.model import Channel, Entry, Epoch, Head, Launch, Numbers, RegionCode
from server.core.protocol import AreaSnapshot, SessionPulse, StageSnapshot
from server.core.refusal import Code, Refusal
from server.hub.far import FarNumbers, pack_numbers, read_far_start
from server.hub.far_halls import FarHalls, Known
from server.hub.joining import without_removed
from server.hub.openroom import OpenRoom
from server.hub.reading import RoomStart
from tests.wire.hubs import running, small_fair

THERE = "210000"
STAGE, EPOCH = Channel("stage/S01"), Epoch("e1")
MARK = "########"
SESSION = msgspec.structs.replace(small_fair().sessions[0], title=MARK)
encode = msgspec.msgpack.encode


def not_utf8(good: bytes) -> bytes:
    """The same with other bytes where MARK was."""
    assert MARK.encode() in good
    return good.replace(MARK.encode(), b"\xff" * len(MARK))


def endless(good: bytes) -> bytes:
    """The same small map with one more field that nobody knows."""
    assert 0x80 <= good[0] < 0x8F
    return bytes((good[0] + 1,)) + good[1:] + b"\xa1x" + b"\x91" * 50_000 + b"\xc0"


Spoil = Callable[[bytes], bytes]
both = pytest.mark.parametrize("spoil", [not_utf8, endless])


def launched(text: str) -> Launched:
    return Launched(launch=Launch(text=text, region=RegionCode(THERE), show_at_ms=1))


@both
@pytest.mark.parametrize("body", [launched(MARK), NoticePinned(text=MARK)], ids=["launched", "notice"])
async def test_a_room_passes_over_it(spoil: Spoil, body: AnyBody) -> None:
    bad = spoil(encode_body(body))
    with pytest.raises((UnicodeDecodeError, RecursionError)):
        decode_body(bad)
    room = OpenRoom(far_channel(STAGE, THERE))
    entries = (Entry(1, 0, encode_body(launched("x"))), Entry(2, 0, bad))
    room.begin(RoomStart(head=Head(EPOCH, 2), backlog=entries))
    assert room.launch == launched("x").launch
    assert room.body(entries[1]) is None


@both
def test_a_newcomer_is_told_the_lines_beside_it(spoil: Spoil) -> None:
    line = encode_body(Line(author="a", name="n", text=MARK))
    bodies = (spoil(line), line, encode_body(LineRemoved(line=2)))
    entries = tuple(Entry(n, 0, body) for n, body in enumerate(bodies, 1))
    assert [entry.offset for entry in without_removed(entries)] == [1]


@both
async def test_what_another_provinces_redis_holds_is_refused(spoil: Spoil) -> None:
    exchange = Exchange()
    bus = Provinces(MemoryBus(), {THERE: MemoryBus(exchange)})
    stage, area = encode(StageSnapshot(session=SESSION)), encode(AreaSnapshot(sessions=(SESSION,)))
    exchange.put_snapshot(STAGE, Snapshot(EPOCH, 1, spoil(stage)))
    exchange.put_snapshot(channel(Kind.AREA, THERE), Snapshot(EPOCH, 1, spoil(area)))
    with pytest.raises(Refusal) as refused:
        await read_far_start(bus, far_channel(STAGE, THERE))
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)
    assert await FarHalls(bus, FarNumbers(), lambda: 1).look(THERE) == Known(reachable=False)


async def test_numbers_of_other_hubs_are_passed_over(tmp_path: Path) -> None:
    pulse = encode(SessionPulse(numbers=Numbers(), visits=0, picture=MARK))
    numbers = [b"\x81\xa3S01" + spoil(pulse) for spoil in (not_utf8, endless)]
    assert b"\x81\xa3S01" + pulse == pack_numbers({"S01": SessionPulse(numbers=Numbers(), visits=0, picture=MARK)})
    online = b"\x81\xa1\xff\x01"
    async with running(tmp_path) as hub:
        for name, told in (
            ("presence", [online]),
            (f"{FAR}presence", [online]),
            ("pictures", [b"\x81\xa3S01\xa1\xff"]),
            ("looks", [b"\x81\xa3S01\xa1\xff"]),
            (f"{OPEN}numbers@{THERE}", numbers),
        ):
            for data in told:
                hub.hub.pulsed("h1", name, data)
