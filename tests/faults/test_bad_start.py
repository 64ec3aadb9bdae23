"""What cannot work is refused at the start with a sentence that says what to do, or it is healed (issue 5)."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from redis.asyncio import Redis

from server.app import House
from server.assembling import Start
from server.bus.redis import RedisBus
from server.bus.wire import pack_present
from server.config import BusSection, ConfigError
from server.core.limits import PROTOCOL_VERSION
from server.opening import now_ms
from server.secrets_file import FILE_NAME, write_new
from tests.faults.processes import hub_process
from tests.services import RedisServer
from tests.wire.houses import make_config

pytestmark = pytest.mark.faults

HUBS = "daigang:220000:hubs"


def run(tmp_path: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """`daigang run`, which ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "run", "--port", "0"],
        env={**os.environ, "DAIGANG_VAR": str(tmp_path), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_redis_with_another_password(tmp_path: Path, redis_server: RedisServer) -> None:
    ended = run(tmp_path, DAIGANG_REDIS_URL=f"redis://daigang:geheim@127.0.0.1:{redis_server.port}/0")
    assert ended.returncode == 2
    assert "Redis refuses this user and password; compare DAIGANG_REDIS_URL" in ended.stderr
    assert "geheim" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_with_another_password_or_of_a_later_daigang(tmp_path: Path, postgres_url: str) -> None:
    plain = postgres_url.replace("postgresql+psycopg", "postgresql")
    wrong = plain.replace("daigang:", "daigang:falsch", 1)
    ended = run(tmp_path, DAIGANG_STORE_URL=wrong)
    assert ended.returncode == 2
    assert "falsch" not in ended.stderr
    assert "unavailable" in ended.stderr
    with psycopg.connect(plain) as link:
        link.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        link.execute("INSERT INTO alembic_version VALUES ('9999')")
    ended = run(tmp_path, DAIGANG_STORE_URL=plain)
    assert ended.returncode == 2
    assert "9999" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_second_hub_on_one_sqlite_database(tmp_path: Path) -> None:
    with hub_process(tmp_path) as first:
        await first.start()
        ended = await asyncio.to_thread(run, tmp_path)
        assert ended.returncode == 2
        assert f"another daigang (process {first.pid}) serves from {tmp_path / 'daigang.db'}" in ended.stderr
        listed = subprocess.run(
            [sys.executable, "-m", "server.cli", "account", "list"],
            env={**os.environ, "DAIGANG_VAR": str(tmp_path)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert listed.returncode == 0, "commands go on beside a hub"
        first.kill()
        await first.start()  # the mark is no file that stays behind


def test_an_sqlite_file_that_is_none_or_of_a_later_daigang(tmp_path: Path) -> None:
    file = tmp_path / "daigang.db"
    write_new(tmp_path / FILE_NAME)
    file.write_bytes(b"no database at all" * 300)
    ended = run(tmp_path)
    assert ended.returncode == 2
    assert "is no SQLite database, or it is damaged: put back a copy" in ended.stderr
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as link, link:
        link.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        link.execute("INSERT INTO alembic_version VALUES ('9999')")
    ended = run(tmp_path)
    assert ended.returncode == 2
    assert "a later daigang has been at it" in ended.stderr


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ended = run(tmp_path / "file" / "var")
    assert ended.returncode == 2
    assert "it has to be writable" in ended.stderr


def a_house(tmp_path: Path, redis: RedisServer, ahead_ms: int = 0) -> House:
    config = make_config(tmp_path, bus=BusSection(kind="redis", url=redis.url))
    return House(config, Start(spread_s=0.0), lambda: now_ms() + ahead_ms)


async def test_a_clock_that_is_off_by_a_minute(tmp_path: Path, redis_server: RedisServer) -> None:
    for ahead_ms, words in ((61_000, "61 s ahead of"), (-61_000, "61 s behind")):
        with pytest.raises(ConfigError, match=words) as refused:
            await a_house(tmp_path, redis_server, ahead_ms).start()
        assert "chronyc" in str(refused.value)
    house = a_house(tmp_path, redis_server, 5_000)
    await house.start()
    await house.stop()


async def test_a_hub_of_another_protocol_version(tmp_path: Path, redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        await redis.hset(HUBS, "other", pack_present(PROTOCOL_VERSION + 1, now_ms()))
        with pytest.raises(ConfigError, match=f"speak protocol {PROTOCOL_VERSION + 1}, this one {PROTOCOL_VERSION}"):
            await a_house(tmp_path, redis_server).start()
        # It was killed: after ten seconds of silence it is gone, and no reason any more.
        await redis.hset(HUBS, "other", pack_present(PROTOCOL_VERSION + 1, now_ms() - 11_000))
        await redis.hset(HUBS, "long gone", pack_present(PROTOCOL_VERSION, now_ms() - 4_000_000))
        house = a_house(tmp_path, redis_server)
        await house.start()
        assert not await redis.hexists(HUBS, "long gone")
        async with asyncio.timeout(5):
            while len(await redis.hkeys(HUBS)) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await house.stop()
        assert await redis.hkeys(HUBS) == [b"other"]


async def test_names_of_hubs_are_made_not_given(redis_server: RedisServer) -> None:
    """Two with one name would each take the other's entries for its own: so nobody can give one."""
    assert len({RedisBus(redis_server.url, "220000").hub for _ in range(100)}) == 100


async def test_two_that_start_together_on_an_empty_database(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    environ = {"DAIGANG_STORE_URL": postgres_url, "DAIGANG_REDIS_URL": redis_server.url}
    with hub_process(tmp_path / "var", environ, "one") as one, hub_process(tmp_path / "var", environ, "other") as other:
        await asyncio.gather(one.start(), other.start())
        epochs = {(await hub.doors.setup()).protocol for hub in (one, other)}
        assert epochs == {PROTOCOL_VERSION}
        for hub in (one, other):
            assert "Traceback" not in hub.log()
            assert await hub.terminate() == 0
