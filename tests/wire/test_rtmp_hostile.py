"""Encoders that send what no encoder should, and a hub that restarts under one: with a real nginx-rtmp."""

import asyncio
import contextlib
import ipaddress
import os
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from server.app import House
from server.assembling import Start
from server.core.model import Grant, PersonId, Role
from server.media.flv import video_body
from server.media.h264 import Parameters
from server.media.rtmp.address import place_of, resolved
from server.media.rtmp.chunks import Kind, Message
from server.media.rtmp.link import RtmpLink
from tests.media.recordings import recording
from tests.rtmp_server import RtmpServer, encoding
from tests.wire.broadcasting import casting, command, playlist_with
from tests.wire.encoders import S01, address, ask, has, until, with_encoders
from tests.wire.houses import HouseUnderTest

OWN = [ipaddress.ip_network("127.0.0.0/8")]
SPS = bytes.fromhex("6742c01ed9005005bb016a020202800000030080000019078b1724")
AVCC = Parameters(SPS, bytes.fromhex("68cb83cb20")).avcc()


@pytest_asyncio.fixture
async def house(tmp_path: Path, rtmp: RtmpServer) -> AsyncIterator[HouseUnderTest]:
    async with with_encoders(tmp_path, rtmp) as server:
        yield server


def publish(url: str, messages: Iterator[Message], stop: threading.Event) -> None:
    """An encoder of our own: those messages, until it is thrown out."""
    server, _, name = url.rpartition("/")
    place = place_of(server)
    link = RtmpLink.connect(place, *resolved(place, OWN))
    try:
        link.publish(name)
        with contextlib.suppress(OSError):
            for message in messages:
                if stop.wait(0.02):
                    return
                link.send(Message(message.kind, message.at_ms, message.body, link.stream))
            stop.wait(20)
    finally:
        link.close()


def garbage() -> Iterator[Message]:
    """Right headers, then anything (but no metadata: of what is none nginx itself thinks little)."""
    chance = random.Random(4)
    yield Message(Kind.VIDEO, 0, video_body(AVCC, key=True, config=True))
    for index in range(3_000):
        head = chance.choice(
            [b"\x17\x01\0\0\0", b"\x27\x01\0\0\0", b"\x17\x00\0\0\0", b"\x27\x01\xff\xff\xff", b"\xaf\x01"]
        )
        body = head + chance.randbytes(chance.randrange(200))
        yield Message(chance.choice([8, 9, 9, 9]), chance.choice([index * 20, 2**31, 0]), body)


def no_h264() -> Iterator[Message]:
    """Another codec, politely."""
    for index in range(3_000):
        yield Message(Kind.VIDEO, index * 40, b"\x1c\x01\0\0\0" + bytes(50))


@pytest.mark.parametrize("what", [no_h264, pytest.param(garbage, marks=pytest.mark.real_numbers)])
async def test_nobody_else_notices(house: HouseUnderTest, what: Callable[[], Iterator[Message]]) -> None:
    house.tokens["other"] = host_of(house, "S02")
    await command(house, {"t": "go_live", "session": "S02", "key": "live-S02"}, who="other")
    url, stop = await address(house), threading.Event()
    files = len(os.listdir("/proc/self/fd"))

    async def few_files() -> bool:
        return len(os.listdir("/proc/self/fd")) <= files + 8

    async with casting(house, "S02", who="other") as host:
        await host.hear("ready")
        await host.begin()
        await host.send(recording(3.0))
        await playlist_with(house, "i1.mp4", "S02")
        sending = asyncio.create_task(asyncio.to_thread(publish, url, what(), stop))
        try:
            await until(lambda: troubled(house), 25)
            await host.begin()
            await host.send(recording(3.0))
            await playlist_with(house, "i2.mp4", "S02")
        finally:
            stop.set()
            with contextlib.suppress(OSError):
                await sending
        broadcast = house.house.broadcasts.find(S01)
        assert broadcast is None or broadcast.source is None
    # The store's readers open a few by themselves, and what ended needs a moment.
    await until(few_files, 10)
    # And a real one may come in its place.
    with encoding(url):
        await until(lambda: has(house, ".m4s"))


def host_of(house: HouseUnderTest, session: str) -> str:
    grants = (Grant(role=Role.HOST, scope=session),)
    return house.house.issuer.of(PersonId("p_other"), "other", grants, "client").token


async def troubled(house: HouseUnderTest) -> bool:
    state = (await ask(house))["encoder"]
    return not state["connected"] and state["trouble"] in ("codec", "not_h264", "clock", "size_changed", "no_video")


async def test_a_hub_that_restarts_gets_its_encoder_back(tmp_path: Path, rtmp: RtmpServer) -> None:
    """nginx asks again every few seconds; the encoder never notices, or tries again as OBS does."""
    async with with_encoders(tmp_path, rtmp) as house:
        url = await address(house)
        with encoding(url) as encoder:
            await until(lambda: has(house, ".m4s"))
            before = house.house
            await before.stop()
            server = msgspec.structs.replace(before.config.server, port=house.port)
            after = House(msgspec.structs.replace(before.config, server=server), Start(spread_s=0.0))
            await after.start()
            try:
                with encoding(url) if encoder.poll() is not None else contextlib.nullcontext():
                    await until(lambda: has(house, ".m4s"), 20)
            finally:
                await after.stop()
