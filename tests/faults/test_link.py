"""The faulty link does what it says: a test of a tool that other tests believe."""

import asyncio

import pytest

from tests.faults.link import Fault, FaultLink

SOON_S = 10


class Echo:
    """A server that sends back what it gets, until the end of it; then says bye. `ends`: what each connection got."""

    def __init__(self) -> None:
        self.ends: asyncio.Queue[bytes] = asyncio.Queue()
        self.port = 0

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = b""
        try:
            while data := await reader.read(65536):
                got += data
                writer.write(data)
                await writer.drain()
            writer.write(b"bye")
            self.ends.put_nowait(got)
        except ConnectionError:
            self.ends.put_nowait(b"reset")
        finally:
            writer.close()


@pytest.fixture
async def echo():
    echo = Echo()
    server = await echo.start()
    yield echo
    server.close()


@pytest.fixture
async def link(echo):
    async with FaultLink("127.0.0.1", echo.port) as link:
        yield link


@pytest.fixture
async def line(link):
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    yield reader, writer
    writer.transport.abort()


async def said(line, data: bytes) -> bytes:
    reader, writer = line
    writer.write(data)
    return await asyncio.wait_for(reader.readexactly(len(data)), SOON_S)


async def test_it_passes_bytes_both_ways_and_the_end(line, echo):
    data = bytes(range(256)) * 1000
    assert await said(line, data) == data
    line[1].write_eof()
    assert await asyncio.wait_for(line[0].read(), SOON_S) == b"bye"
    assert await echo.ends.get() == data


@pytest.mark.parametrize("fault", [Fault.DELAY, Fault.THROTTLE])
async def test_slow_bytes_arrive_whole_and_late(link, line, fault):
    clock = asyncio.get_running_loop().time
    link.fault, link.delay_s, link.bytes_per_s = fault, 0.1, 20_000
    began_s = clock()
    assert await said(line, b"x" * 2000) == b"x" * 2000
    assert clock() - began_s >= 0.19  # both ways


async def test_a_blackhole_swallows_and_tells_nobody(link, line):
    assert await said(line, b"before") == b"before"
    link.fault = Fault.BLACKHOLE
    line[1].write(b"lost")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(line[0].read(1), 0.3)
    assert link.open == 1
    link.fault = Fault.PASS
    assert await said(line, b"after") == b"after"


async def test_one_way_can_fail_alone(link, line, echo):
    assert await said(line, b"before") == b"before"
    link.downward = Fault.BLACKHOLE
    line[1].write(b"heard")
    line[1].write_eof()
    assert await asyncio.wait_for(echo.ends.get(), SOON_S) == b"beforeheard"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(line[0].read(1), 0.3)


async def test_holding_delays_and_loses_nothing(link, line):
    assert await said(line, b"before") == b"before"
    link.fault = Fault.HOLD
    line[1].write(b"a" * 100_000)
    await asyncio.sleep(0.1)
    assert link.carried_bytes < 100_000
    link.fault = Fault.PASS
    assert await asyncio.wait_for(line[0].readexactly(100_000), SOON_S) == b"a" * 100_000


async def test_a_reset_reaches_both_ends(link, line, echo):
    assert await said(line, b"before") == b"before"
    link.reset()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(line[0].read(1), SOON_S)
    assert await asyncio.wait_for(echo.ends.get(), SOON_S) == b"reset"
    assert link.open == 0


async def test_a_half_close_lets_the_other_half_go_on(link, line, echo):
    assert await said(line, b"before") == b"before"
    link.half_close()
    assert await asyncio.wait_for(line[0].read(1), SOON_S) == b""
    line[1].write(b"after")
    line[1].write_eof()
    assert await asyncio.wait_for(echo.ends.get(), SOON_S) == b"beforeafter"


async def test_refusing_cuts_the_new_and_leaves_the_old(link, line):
    assert await said(line, b"before") == b"before"
    link.fault = Fault.REFUSE
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), SOON_S)
    writer.transport.abort()
    assert await said(line, b"after") == b"after"


async def test_a_target_that_is_gone_cuts_the_client():
    echo = Echo()
    server = await echo.start()
    server.close()
    await server.wait_closed()
    async with FaultLink("127.0.0.1", echo.port) as link:
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), SOON_S)
        writer.transport.abort()
        assert link.accepted == 1
