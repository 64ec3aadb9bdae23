"""The lines of benchmarks: every byte takes its time each way, in order, however many are on their way."""

import asyncio
import time

import pytest

from bench.delays import HOST, Lines

pytestmark = pytest.mark.faults


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
    writer.close()


async def test_bytes_take_their_time_and_do_not_queue() -> None:
    server = await asyncio.start_server(_echo, HOST, 0)
    async with server, Lines([(server.sockets[0].getsockname()[1], 60)]) as lines:
        reader, writer = await asyncio.open_connection(HOST, lines.ports[0])
        began_s = time.monotonic()
        for number in range(20):
            writer.write(b"%04d" % number)
            await asyncio.sleep(0.005)
        assert await reader.readexactly(80) == b"".join(b"%04d" % number for number in range(20))
        # There and back once, not twenty times: the pieces are on their way together.
        assert 0.12 <= time.monotonic() - began_s < 1.2
        writer.close()


async def _farewell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"farewell")
    writer.close()


async def test_who_hangs_up_is_heard_to_the_end() -> None:
    server = await asyncio.start_server(_farewell, HOST, 0)
    async with server, Lines([(server.sockets[0].getsockname()[1], 5)]) as lines:
        reader, writer = await asyncio.open_connection(HOST, lines.ports[0])
        async with asyncio.timeout(5):
            assert await reader.read() == b"farewell"
        writer.close()
