"""A stranger cannot fill the log: what is no HTTP is told in few lines, without its bytes and where it came from."""

import logging
from pathlib import Path

import pytest

from tests.wire.houses import HouseUnderTest, make_config, serving
from tests.wire.test_guard import stranger, until_cut

pytestmark = pytest.mark.usefixtures("blockbuster")

MARK = b"13912345678-mark"
BROKEN = (
    b"%b\r\n\r\n" % MARK,
    b"GET / HTTP/9.%b\r\n\r\n" % MARK,
    b"GET /%b HTTP/1.1\r\nHost: a\r\nbad header %b\r\n\r\n" % (MARK, MARK),
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + MARK * 2000 + b"\r\n\r\n",
    b"POST /api/guest HTTP/1.1\r\nHost: a\r\nContent-Length: %b\r\n\r\n" % MARK,
    b"POST /api/guest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\n" % MARK,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + MARK,
    b"GET /hls/S01/\xff%b HTTP/1.1\r\nHost: a\r\n\r\n" % MARK,
    b"GET http://[%b HTTP/1.1\r\nHost: a\r\n\r\n" % MARK,
)


async def send(server: HouseUnderTest, data: bytes) -> bytes:
    reader, writer = await stranger(server, data)
    answer = await until_cut(reader)
    writer.close()
    return answer


async def test_broken_requests_are_counted_and_not_written_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(make_config(tmp_path)) as server:
        caplog.set_level(logging.INFO)
        for _ in range(20):
            for data in BROKEN:
                assert (await send(server, data))[:12] in (b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 404"), data
        broken = server.house.broken_requests
        assert broken.count >= 20 * (len(BROKEN) - 2)
        (line,) = (one for one in caplog.records if "broken" in one.getMessage())
        assert line.levelno == logging.WARNING
        await broken.tell()
        assert f"{broken.count - 1} more" in caplog.records[-1].getMessage()
        await broken.tell()
        assert "no more" in caplog.records[-1].getMessage()
        assert (await server.call("GET", "/api/fair")).status == 200
    written = "\n".join(f"{one.getMessage()} {one.exc_info}" for one in caplog.records)
    assert "mark" not in written
    assert "127.0.0.1" not in written
    assert "Traceback" not in written
    assert len([one for one in caplog.records if one.name != "daigang.app" and one.levelno >= logging.WARNING]) == 3


async def test_what_is_broken_after_a_good_beginning_is_none_of_the_log_either(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(make_config(tmp_path)) as server:
        caplog.set_level(logging.INFO)
        for data in BROKEN:
            reader, writer = await stranger(server, b"GET /api/setup HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b" 200 OK" in await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await until_cut(reader)
            writer.close()
        assert server.house.broken_requests.count >= len(BROKEN) - 2
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
