"""What another province's hub announces or keeps reaches viewers here as one value each, or not at all."""

import msgspec
import pytest

from server.bus.bus import Announcement
from server.bus.far_entries import DEEPEST, NOT_READABLE, is_sound
from server.bus.memory import Exchange, MemoryBus
from server.bus.provinces import Provinces
from server.core.channels import far_channel
from server.core.examples import PUSHES
from server.core.limits import MAX_OUT_BYTES
from server.core.model import Channel, Entry
from server.core.protocol import Push
from tests.contract.listening import CHAT, EPOCH, STAGE, Ear, until

THERE = "210000"
encode = msgspec.msgpack.encode


def nested(levels: int) -> bytes:
    return b"\x82\xa1t\xa1x\xa1b" + b"\x91" * levels + b"\xc0"


GOOD = encode({"t": "x", "n": [1, 0.5, None, True, {"a": "b"}]})
BAD = {
    "nothing": b"",
    "no value": b"\xc1",
    "half of one": GOOD[:-1],
    "another message behind it": GOOD + encode({"t": "restart", "channel": "stage/S01"}),
    "not UTF-8": b"\x82\xa1t\xa1x\xa1b\xa1\xff",
    "too deep": nested(DEEPEST),
    "without end": nested(50_000),
    "no map": encode(["t"]),
    "no tag": encode({"a": "b"}),
    "a tag that is a number": encode({"t": 1}),
    "a name that is a number": encode({"t": "x", "b": {1: 2}}),
    "a name that breaks the pages' decoder": encode({"t": "x", "b": {"__proto__": 1}}),
    "an extension": encode({"t": "x", "b": msgspec.msgpack.Ext(5, b"x")}),
    "too large": encode({"t": "x", "b": "x" * MAX_OUT_BYTES}),
}


def test_every_body_of_ours_is_sound() -> None:
    bodies = [bytes(one.message.body) for one in PUSHES if isinstance(one.message, Push)]
    assert any(b"card_shown" in body for body in bodies)
    assert all(is_sound(body) for body in bodies)
    assert is_sound(GOOD)
    assert is_sound(NOT_READABLE)
    assert is_sound(nested(DEEPEST - 1))


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_what_is_unsound_leaves_no_hole(bad: bytes) -> None:
    """Heard and read alike; a chat, which may have holes, goes on without it."""
    exchange = Exchange()
    there, here = MemoryBus(exchange), Provinces(MemoryBus(), {THERE: MemoryBus(exchange)})
    ear, nobody = Ear(), Ear()
    await there.start(nobody)
    await here.start(ear)
    wanted: dict[Channel, list[bytes]] = {STAGE: [GOOD, NOT_READABLE, GOOD], CHAT: [GOOD, GOOD]}
    try:
        for name, bodies in wanted.items():
            far = far_channel(name, THERE)
            here.subscribe(far)
            await until(lambda far=far: far in ear.rejoins, "the subscription")  # type: ignore[misc]
            there.announce(
                Announcement(name, EPOCH, tuple(Entry(n, 1, one) for n, one in enumerate((GOOD, bad, GOOD), 1)))
            )
            await until(lambda far=far: ear.offsets(far)[-1:] == [3], "the announcement")  # type: ignore[misc]
            heard = [entry.body for one in ear.announcements if one.channel == far for entry in one.entries]
            read = [entry.body for entry in await here.history(far, EPOCH, 0, 10)]
            assert heard == read == bodies
    finally:
        await here.close()
        await there.close()


async def test_what_our_own_hubs_say_is_taken_as_it_is() -> None:
    """Nobody else writes there, and a newer hub may say what this one cannot read."""
    exchange = Exchange()
    there, here, ear = MemoryBus(exchange), Provinces(MemoryBus(exchange), {}), Ear()
    await there.start(Ear())
    await here.start(ear)
    here.subscribe(STAGE)
    await until(lambda: ear.rejoins, "the subscription")
    there.announce(Announcement(STAGE, EPOCH, (Entry(1, 1, nested(DEEPEST)),)))
    await until(lambda: ear.announcements, "the announcement")
    assert ear.announcements[0].entries[0].body == nested(DEEPEST)
    await here.close()
    await there.close()
