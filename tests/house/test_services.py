"""The fixtures themselves: each program starts, can be killed and stopped, comes back, and leaves nothing."""

import asyncio
import os
import socket
import time

import psycopg
import pytest
import sqlalchemy
from blockbuster import BlockBuster, BlockingError
from playwright.async_api import Page

import server
from tests.services import PostgresServer, RedisServer, free_port, wait_until


def test_a_free_port_can_be_bound():
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", free_port()))


def test_waiting_has_a_limit_and_says_for_what():
    with pytest.raises(TimeoutError, match="the moon: not within"):
        wait_until(lambda: False, 0.05, "the moon")


def test_redis_killed_and_started_again_is_empty_on_the_same_port(redis_server: RedisServer):
    assert redis_server.command("SET", "a", "1") == "+OK"
    url, pid = redis_server.url, redis_server.pid
    redis_server.kill()
    assert not redis_server.running
    assert not redis_server.answers()
    redis_server.start()
    assert redis_server.url == url
    assert redis_server.pid != pid
    assert redis_server.command("GET", "a") == "$-1"


def test_a_stopped_redis_takes_connections_and_answers_when_continued(redis_server: RedisServer):
    redis_server.stop_signal()
    with socket.create_connection(("127.0.0.1", redis_server.port), timeout=5) as link:
        link.sendall(b"PING\r\n")
        link.settimeout(0.3)
        with pytest.raises(TimeoutError):
            link.recv(10)
        redis_server.cont()
        link.settimeout(5)
        assert link.recv(10) == b"+PONG\r\n"


def test_redis_left_dead_by_one_test(redis_server: RedisServer):
    redis_server.kill()


def test_redis_is_back_for_the_next_test(redis_server: RedisServer):
    assert redis_server.answers()
    assert redis_server.command("DBSIZE") == ":0"


def test_a_closed_redis_leaves_no_process_and_no_directory(redis_session: RedisServer):
    second = RedisServer()
    second.start()
    pid = second.pid
    second.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not second.dir.exists()


def test_each_database_is_new_and_empty(postgres_server: PostgresServer, postgres_url: str):
    other = postgres_server.fresh_database()
    assert other != postgres_url
    for url in (postgres_url, other):
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as link:
            assert sqlalchemy.inspect(link).get_table_names() == []
            link.execute(sqlalchemy.text("CREATE TABLE 岗位 (id integer)"))
        engine.dispose()
    postgres_server.drop_database(other)


def test_postgres_killed_keeps_what_was_committed(postgres_server: PostgresServer, postgres_url: str):
    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain) as link:
        link.execute("CREATE TABLE kept (id integer)")
    postgres_server.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain, connect_timeout=2)
    postgres_server.start()
    with psycopg.connect(plain) as link:
        assert link.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_stopped_postgres_answers_nobody_until_continued(postgres_server: PostgresServer, postgres_url: str):
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as link:
        link.execute("SELECT 1")
        postgres_server.stop_signal()
        link.pgconn.send_query(b"SELECT 2")
        time.sleep(0.3)
        link.pgconn.consume_input()
        assert link.pgconn.is_busy()
        postgres_server.cont()
        result = link.pgconn.get_result()
        assert result is not None
        assert result.get_value(0, 0) == b"2"
        while link.pgconn.get_result():
            pass


@pytest.mark.asyncio(loop_scope="session")
async def test_chromium_shows_a_page_in_chinese(page: Page):
    await page.goto("data:text/html;charset=utf-8,<h1>带岗</h1>")
    assert await page.text_content("h1") == "带岗"
    assert await page.evaluate("navigator.language") == "zh-CN"


async def test_async_tests_run_on_their_own_loop_beside_the_browser():
    await asyncio.sleep(0)


async def test_blockbuster_watches_server_code_alone(blockbuster: BlockBuster):
    time.sleep(0.001)
    file = f"{server.__path__[0]}/blocking.py"
    with pytest.raises(BlockingError):
        exec(compile("import time\ntime.sleep(0.001)", file, "exec"), {})
