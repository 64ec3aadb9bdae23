"""What cannot work is refused at the start with a sentence that says what to do, or it is healed (issue 5)."""

import asyncio
import contextlib
import sqlite3
import subprocess
from pathlib import Path

import psycopg
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from server.app import House
from server.assembling import Start
from server.bus.redis import RedisBus
from server.bus.wire import pack_present
from server.config import BusSection
from server.core.limits import PROTOCOL_VERSION
from server.opening import now_ms
from server.secrets_file import FILE_NAME, write_new
from server.store import migrations
from server.store.engines import normal_url, writing_engine
from tests.faults.processes import daigang, hub_process
from tests.services import RedisServer
from tests.wire.houses import make_config
from tests.wire.hubs import eventually
from tests.wire.provinces import far_user

pytestmark = pytest.mark.faults

HUBS = "daigang:220000:hubs"


AHEAD = "import time; real = time.time_ns; time.time_ns = lambda: real() + {seconds} * 10**9"
"""Python's clock, put forward before the program is read."""
LATER = f"import server.core.limits as limits; limits.PROTOCOL_VERSION = {PROTOCOL_VERSION + 1}"
"""A daigang of the next protocol version."""


def run(tmp_path: Path, first: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """`daigang run`, which ends by itself. `first`: code that stands before it."""
    return daigang(tmp_path, "run", "--port", "0", first=first, **environ)


def refused(ended: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """With one sentence, as its last line, in which all of these stand."""
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    sentence = ended.stderr.splitlines()[-1]
    assert sentence.startswith("daigang: ")
    for word in words:
        assert word in sentence


def test_a_redis_with_another_password(tmp_path: Path, redis_server: RedisServer) -> None:
    ended = run(tmp_path, DAIGANG_REDIS_URL=f"redis://daigang:geheim@127.0.0.1:{redis_server.port}/0")
    refused(ended, "Redis refuses this user and password; compare DAIGANG_REDIS_URL")
    assert "geheim" not in ended.stderr


async def test_a_redis_that_is_not_there_is_named_and_waited_for(tmp_path: Path) -> None:
    with hub_process(tmp_path, {"DAIGANG_REDIS_URL": "redis://daigang:geheim@127.0.0.1:1/0"}) as hub:
        await hub.start()
        assert "Redis does not answer (ConnectionError): this hub begins without it" in hub.log()
        assert "DAIGANG_REDIS_URL" in hub.log()
        assert "geheim" not in hub.log()


@pytest.mark.real_numbers  # six seconds
async def test_a_password_that_is_changed_while_a_hub_runs_is_said_and_healed(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with hub_process(tmp_path, {"DAIGANG_REDIS_URL": redis_server.url}) as hub:
        await hub.start()
        async with Redis.from_url(redis_server.url) as redis:
            await redis.config_set("requirepass", "geheim")
            for kind in ("pubsub", "normal"):
                await redis.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            await eventually(lambda: "no link to the other hubs" in hub.log())
            assert hub.log().count("Redis refuses this user and password; compare DAIGANG_REDIS_URL") == 1
            assert (await hub.doors.session("S01")).session.id == "S01"
            await redis.config_set("requirepass", "")
        await eventually(lambda: "linked to the other hubs again" in hub.log())


async def test_another_province_that_refuses_the_password_stops_nobody_and_is_named(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """Its operators may change it any day; ours cannot be stopped by that, and have to be told."""
    config = tmp_path / "config.yaml"
    key = daigang(tmp_path / "there", "key").stdout.strip()
    other = f'{{title: 二省, url: "http://127.0.0.1:1", key: "{key}"}}'
    config.write_text(f'bus: {{kind: redis, url: "{redis_server.url}"}}\nprovinces: {{"210000": {other}}}\n', "utf-8")
    far = f"redis://far-220000:geheim@127.0.0.1:{redis_server.port}/0"
    environ = {"DAIGANG_CONFIG": str(config), "DAIGANG_REDIS_URL_210000": far}
    with hub_process(tmp_path / "var", environ) as hub:
        await hub.start()
        await eventually(lambda: "no link to province 210000" in hub.log())
        assert hub.log().count("Redis of province 210000 refuses this user and password") == 1
        assert "compare DAIGANG_REDIS_URL_210000" in hub.log()
        assert "geheim" not in hub.log()
        redis_server.command(far_user("210000", "220000"))
        for password, words in (
            ("geheim", "FAILED  province 210000: Redis of"),
            ("pass", "province 210000: its Redis an"),
        ):
            environ["DAIGANG_REDIS_URL_210000"] = far.replace("geheim", password)
            looked = await asyncio.to_thread(daigang, tmp_path / "var", "check", **environ)
            assert words in looked.stdout


def test_a_database_with_another_password_or_none_or_of_a_later_daigang(tmp_path: Path, postgres_url: str) -> None:
    plain = postgres_url.replace("postgresql+psycopg", "postgresql")
    wrong = plain.replace("daigang:", "daigang:falsch", 1)
    ended = run(tmp_path, DAIGANG_STORE_URL=wrong)
    refused(ended, "store.url: the database does not let us in", "password authentication failed", "DAIGANG_STORE_URL")
    assert "falsch" not in ended.stderr
    refused(run(tmp_path, DAIGANG_STORE_URL=plain + "x"), 'database "', "does not exist")
    refused(
        run(tmp_path, DAIGANG_STORE_URL="postgresql://daigang:falsch@127.0.0.1:1/daigang"),
        "store.url: the database does not answer: is it running",
    )
    unfinished = run(tmp_path, DAIGANG_STORE_URL="postgresql://daigang:falsch@127.0.0.1:PORT/daigang")
    refused(unfinished, "store.url: wants sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")
    with psycopg.connect(plain) as link:
        link.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        link.execute("INSERT INTO alembic_version VALUES ('9999')")
    refused(run(tmp_path, DAIGANG_STORE_URL=plain), "9999", "a later daigang has been at it. Start that one, or put")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_database_that_is_not_migrated_is_migrated(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """No step before the start can be forgotten."""
    file = tmp_path / "daigang.db"
    url = f"sqlite:///{file}" if kind == "sqlite" else str(request.getfixturevalue("postgres_url"))
    write_new(tmp_path / FILE_NAME)
    engine = writing_engine(normal_url(url))
    await asyncio.to_thread(migrations.upgrade, engine, "0003")
    with hub_process(tmp_path, {"DAIGANG_STORE_URL": url}) as hub:
        await hub.start()
        assert (await hub.doors.session("S01")).session.id == "S01"
        assert await hub.terminate() == 0
        assert "Traceback" not in hub.log()
    with engine.connect() as link:
        assert link.execute(text("SELECT version_num FROM alembic_version")).scalar() == migrations.NEWEST
    engine.dispose()


async def test_a_second_hub_on_one_sqlite_database(tmp_path: Path) -> None:
    with hub_process(tmp_path) as first:
        await first.start()
        ended = await asyncio.to_thread(run, tmp_path)
        refused(ended, f"another daigang (process {first.pid}) serves from {tmp_path / 'daigang.db'}")
        listed = await asyncio.to_thread(daigang, tmp_path, "account", "list")
        assert listed.returncode == 0, "commands go on beside a hub"
        first.kill()
        await first.start()  # the mark is no file that stays behind


def test_an_sqlite_file_that_is_none_or_of_a_later_daigang(tmp_path: Path) -> None:
    file = tmp_path / "daigang.db"
    write_new(tmp_path / FILE_NAME)
    file.write_bytes(b"no database at all" * 300)
    ended = run(tmp_path)
    refused(ended, "is no SQLite database, or it is damaged: put back a copy")
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as link, link:
        link.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        link.execute("INSERT INTO alembic_version VALUES ('9999')")
    ended = run(tmp_path)
    refused(ended, "a later daigang has been at it")


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused(run(tmp_path / "file" / "var"), "it has to be writable")


def a_house(tmp_path: Path, redis: RedisServer, ahead_ms: int = 0) -> House:
    config = make_config(tmp_path, bus=BusSection(kind="redis", url=redis.url))
    return House(config, Start(spread_s=0.0), lambda: now_ms() + ahead_ms)


def test_a_clock_that_is_a_minute_off_the_databases(tmp_path: Path, postgres_url: str) -> None:
    ended = run(tmp_path, AHEAD.format(seconds=61), DAIGANG_STORE_URL=postgres_url)
    refused(ended, "the clock of this machine is 6", "s ahead of that of PostgreSQL", "chronyc tracking")


async def test_a_clock_that_is_off_by_a_minute(tmp_path: Path, redis_server: RedisServer) -> None:
    for seconds, words in ((61, "s ahead of that of Redis"), (-61, "s behind that of Redis")):
        first = AHEAD.format(seconds=seconds)
        ended = await asyncio.to_thread(run, tmp_path, first, DAIGANG_REDIS_URL=redis_server.url)
        refused(ended, "the clock of this machine is 6", words, "chronyc tracking", "then start again")
    house = a_house(tmp_path, redis_server, 5_000)
    await house.start()
    await house.stop()


async def test_a_hub_of_another_protocol_version_beside_one_that_serves(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    environ = {"DAIGANG_REDIS_URL": redis_server.url}
    with hub_process(tmp_path / "one", environ) as hub:
        await hub.start()
        words = f"speak protocol {PROTOCOL_VERSION}, this one {PROTOCOL_VERSION + 1}"
        refused(await asyncio.to_thread(run, tmp_path / "other", LATER, **environ), words, "Stop them all, then start")
        assert await hub.terminate() == 0
        # That one said that it goes: the new one need not wait.
        async with Redis.from_url(redis_server.url) as redis:
            assert await redis.hkeys(HUBS) == []


async def test_a_hub_of_another_protocol_version_that_is_gone(tmp_path: Path, redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as redis:
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
