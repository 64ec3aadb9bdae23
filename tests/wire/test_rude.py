"""A rude client costs only itself: every broken thing gets its answer, and nobody else notices (promises 20, 21)."""

import asyncio
import contextlib
import struct
from pathlib import Path

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed

from server.core.limits import (
    COMMANDS_BURST,
    CONNECTIONS_PER_PERSON,
    HELLO_BYTES,
    MAX_IN_BYTES,
    PROTOCOL_VERSION,
    Close,
)
from server.core.model import PersonId
from server.core.protocol import Done, Hello, Join, Joined, Push, Refused, Renew, Say, Welcome, encode
from server.core.refusal import Code
from server.hub.incoming import CONTROLS_MOST
from server.hub.settings import HubSettings
from server.store.writes import RevokePerson
from tests.wire.hubs import HOST, Running, eventually, go_live, key, now_ms, running, say, show, token

pytestmark = pytest.mark.usefixtures("blockbuster")

SHORT = HubSettings(hello_within_s=0.3, ping_every_s=0.4, pong_within_s=0.4)


async def refusal_then_close(hub: Running, first: bytes | str, origin: str | None = None) -> tuple[Code, int]:
    async with hub.raw(origin) as line:
        await line.ws.send(first)
        reply = await line.next()
        assert isinstance(reply, Refused)
        return reply.code, await line.closed()


def hello(text: str, version: int = PROTOCOL_VERSION) -> bytes:
    return encode(Hello(version=version, token=text))


async def test_no_token_no_entry(hub: Running) -> None:
    ended = token("g1", issued_at_ms=now_ms() - 700_000)
    assert await refusal_then_close(hub, hello("")) == (Code.NOT_SIGNED_IN, Close.WHO_ARE_YOU)
    assert await refusal_then_close(hub, hello("a.b")) == (Code.NOT_SIGNED_IN, Close.WHO_ARE_YOU)
    assert await refusal_then_close(hub, hello(token("g1")[:-4] + "AAAA")) == (Code.NOT_SIGNED_IN, Close.WHO_ARE_YOU)
    assert await refusal_then_close(hub, hello(ended)) == (Code.TOKEN_EXPIRED, Close.RENEW)
    assert await refusal_then_close(hub, encode(Join(channel="stage/S01"))) == (Code.OUT_OF_TURN, Close.WHO_ARE_YOU)
    assert hub.hub.counts.connections == 0


async def test_a_browsers_token_without_its_origin_is_no_entry(hub: Running) -> None:
    stolen = token("g1", kind="browser")
    assert await refusal_then_close(hub, hello(stolen)) == (Code.FORBIDDEN, Close.FORBIDDEN)
    async with hub.raw("http://127.0.0.1") as line:
        assert isinstance(await line.call(Hello(version=PROTOCOL_VERSION, token=stolen)), Welcome)


async def test_another_version_is_told_to_upgrade(hub: Running) -> None:
    assert await refusal_then_close(hub, hello(token("g1"), version=0)) == (Code.UPGRADE, Close.BAD_PROTOCOL)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"", Code.BAD_MESSAGE),
        (b"\xc1", Code.BAD_MESSAGE),
        (b"\x81" * 2000, Code.BAD_MESSAGE),
        (b"\xdd\xff\xff\xff\xff", Code.BAD_MESSAGE),
        (msgpack.packb([1, 2]), Code.BAD_MESSAGE),
        (msgpack.packb({"t": "hello"}), Code.BAD_MESSAGE),
        (msgpack.packb({"t": "no such thing"}), Code.UNKNOWN_TYPE),
        (bytes(HELLO_BYTES), Code.BAD_MESSAGE),
        ('{"t":"hello"}', Code.BAD_MESSAGE),
    ],
)
async def test_broken_first_messages(hub: Running, first: bytes | str, code: Code) -> None:
    assert await refusal_then_close(hub, first) == (code, Close.BAD_PROTOCOL)


async def test_a_first_message_is_short_and_then_there_is_room(hub: Running) -> None:
    async with hub.raw() as line:
        await line.ws.send(bytes(HELLO_BYTES + 1))
        assert await line.closed() == 1009
    async with hub.line("g1") as line:
        await line.ws.send(bytes(MAX_IN_BYTES + 1))
        assert isinstance(reply := await line.next(), Refused)
        assert reply.code is Code.TOO_LARGE
        assert await line.closed() == Close.BAD_PROTOCOL


async def test_a_frame_beyond_all_bounds_is_cut_while_it_is_read(hub: Running) -> None:
    async with hub.line("g1") as line:
        await line.ws.send(bytes(5 * MAX_IN_BYTES))
        assert await line.closed() == 1009


async def test_silence_after_the_upgrade_has_a_deadline(tmp_path: Path) -> None:
    async with running(tmp_path, settings=SHORT) as hub, hub.raw() as line:
        assert await line.closed(3.0) == Close.WHO_ARE_YOU
        assert hub.hub.counts.strangers == 0


async def test_who_does_not_answer_pings_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path, settings=SHORT) as hub, hub.line("g1") as line:
        await line.join("stage/S01")
        assert await line.closed(5.0) == Close.NO_PONG
        room = hub.hub.rooms.get("stage/S01")  # type: ignore[arg-type]
        assert room is not None
        assert not room.lanes.members


async def test_what_is_wrong_with_a_command_costs_only_the_command(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as rude:
        await go_live(host)
        for plain, code in [
            ({"t": "no_such", "id": 7}, Code.UNKNOWN_TYPE),
            ({"t": "say", "id": 7, "session": "S01", "key": "12345678"}, Code.BAD_MESSAGE),
            ({"t": "say", "id": 7, "session": "S01", "text": 5, "key": "12345678"}, Code.BAD_MESSAGE),
            ({"t": "say", "id": 7, "session": "S01", "text": "x", "key": "short"}, Code.BAD_MESSAGE),
            ({"t": "say", "id": 7, "session": "S01", "text": "x", "key": "12345678", "admin": True}, Code.BAD_MESSAGE),
        ]:
            await rude.ws.send(msgpack.packb(plain))
            reply = await rude.next()
            assert isinstance(reply, Refused)
            assert (reply.code, reply.id) == (code, 7)
        assert isinstance(await say(rude, "还在"), Done)


async def test_out_of_turn(hub: Running) -> None:
    async with hub.line("g1") as line:
        reply = await line.call(Hello(version=PROTOCOL_VERSION, token=token("g1")))
        assert isinstance(reply, Refused)
        assert reply.code is Code.OUT_OF_TURN


async def test_too_many_are_refused_and_then_shown_the_door(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as calm, hub.line("g2") as rude:
        await go_live(host)
        await calm.join("stage/S01")
        for n in range(COMMANDS_BURST * 5):
            await rude.ws.send(encode(Say(id=n + 1, session="S01", text="刷屏", key=f"flood-{n:06}")))
        assert await rude.closed() == Close.TOO_MANY
        await show(host, 1)
        assert await calm.offsets("stage/S01", 2) == [2]
        assert hub.hub.counts.connections == 2


async def test_one_person_holds_a_few_connections_and_loses_the_oldest(hub: Running) -> None:
    """On a bad network the oldest are dead ones: whoever comes back must not be locked out by them."""
    async with hub.line("g1") as oldest, contextlib.AsyncExitStack() as others:
        lines = [await others.enter_async_context(hub.line("g1")) for _ in range(CONNECTIONS_PER_PERSON - 1)]
        async with hub.line("g2"), hub.line("g1") as newest:
            assert await oldest.closed() == Close.TOO_MANY
            await lines[0].join("stage/S01")
            await newest.join("stage/S01")


async def test_fragments_of_one_byte_are_one_message(hub: Running) -> None:
    async with hub.line("g1") as line:
        message = encode(Join(id=1, channel="stage/S01"))
        await line.ws.send([message[k : k + 1] for k in range(len(message))])
        assert (await line.next()).id == 1  # type: ignore[union-attr]


async def test_compressed_and_unmasked_frames_end_the_connection(hub: Running) -> None:
    # RFC 6455 5.1 wants a client's frames masked, 5.2 no bit of an extension nobody agreed on.
    for frame in (b"\xc2\x81\0\0\0\0a", b"\x82\x01a"):
        async with hub.line("g1") as line:
            line.ws.transport.write(frame)
            assert await line.closed() == 1002
    assert hub.hub.counts.connections == 0


async def test_a_connection_cut_in_the_middle_of_a_message_leaves_nothing(hub: Running) -> None:
    async with hub.line("g1") as line:
        await line.join("stage/S01")
        line.ws.transport.write(b"\x82" + struct.pack("!BH", 0xFE, 5000) + b"\0\0\0\0" + b"x" * 100)
        line.ws.transport.abort()
    await eventually(lambda: hub.hub.counts.connections == 0)
    room = hub.hub.rooms.get("stage/S01")  # type: ignore[arg-type]
    assert room is None or not room.lanes.members


async def test_a_revoked_person_is_out_and_stays_out(hub: Running) -> None:
    async with hub.line("host", HOST) as host:
        old = token("host", HOST)
        committed = await hub.store.write(
            RevokePerson(by=PersonId("cli"), key=key(), at_ms=now_ms() + 1, person=PersonId("host"))
        )
        # Written by another process: nobody announces it, the head watch finds it.
        assert committed.publications
        assert await host.closed(5.0) == Close.WHO_ARE_YOU
    assert await refusal_then_close(hub, hello(old)) == (Code.NOT_SIGNED_IN, Close.WHO_ARE_YOU)


async def test_a_token_that_ends_ends_the_connection_unless_it_is_renewed(tmp_path: Path) -> None:
    async with running(tmp_path, settings=SHORT) as hub, hub.raw() as ends, hub.raw() as renews:
        for line in (ends, renews):
            await line.call(Hello(version=PROTOCOL_VERSION, token=token("g1", lasts_s=0.7)))
        assert isinstance(await renews.call(Renew(token=token("g1"))), Done)
        other = await renews.call(Renew(token=token("g2")))
        assert isinstance(other, Refused)
        assert await ends.closed(5.0) in (Close.RENEW, Close.NO_PONG)
        await asyncio.sleep(0)
        assert not any(isinstance(m, Push) for m in renews.waiting)


async def test_a_flood_of_pings_ends_whoever_sends_it(hub: Running) -> None:
    # Pings cost no command, and who reads none of the pongs had the hub keep them: 27 MB/s of memory, without a hello.
    for first in ([], [hello(token("g1"))]):
        async with hub.raw() as line:
            for message in first:
                await line.ws.send(message)
                assert isinstance(await line.next(), Welcome)
            with contextlib.suppress(ConnectionClosed):
                for _ in range(CONTROLS_MOST + 1):
                    await line.ws.ping()
            assert await line.closed() == Close.TOO_MANY
    await eventually(lambda: (hub.hub.counts.connections, hub.hub.counts.strangers) == (0, 0))


async def test_who_pings_now_and_then_between_messages_stays(hub: Running) -> None:
    async with hub.line("g1") as line:
        for _ in range(3):
            for _ in range(CONTROLS_MOST // 2):
                await line.ws.ping()
            assert isinstance(await line.call(Join(channel="stage/S01")), Joined)
