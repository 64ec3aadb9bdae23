"""Fixtures every test folder may use. What each program is and how it is started: `tests/services.py`.

`redis_server`      a running, empty Redis; the test may kill or stop it
`postgres_server`   a running PostgreSQL; the test may kill or stop it
`postgres_url`      a new empty database, dropped afterwards
`browser`, `page`   Chromium through Playwright's async API; `browser` says which mark such tests need
`blockbuster`       opt in with `pytest.mark.usefixtures("blockbuster")`: a function of the server that blocks
                    the event loop fails the test
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import settings
from playwright.async_api import Browser, Page, async_playwright

from tests.services import (
    PostgresServer,
    RedisServer,
    chromium_flags,
    find_chromium,
    find_postgres,
    find_redis,
    left_out,
)

# No deadline per example: on a busy machine it fails what is only slow.
settings.register_profile("house", settings.default, deadline=None)
settings.load_profile("house")

# Which fixture stands for which marker, so that `-m "not browser"` needs no discipline.
MARKED_BY_FIXTURE = {"redis_session": "redis", "postgres_session": "postgres", "browser": "browser"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in set(getattr(item, "fixturenames", ())) & MARKED_BY_FIXTURE.keys():
            item.add_marker(MARKED_BY_FIXTURE[fixture])


@pytest.fixture(scope="session")
def redis_session() -> Iterator[RedisServer]:
    """The one Redis of this run, in whatever state the last test left it."""
    if find_redis() is None:
        left_out("There is no redis-server on this machine.")
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis_server(redis_session: RedisServer) -> RedisServer:
    redis_session.ensure()
    redis_session.flush()
    return redis_session


@pytest.fixture(scope="session")
def postgres_session() -> Iterator[PostgresServer]:
    """The one PostgreSQL of this run, in whatever state the last test left it."""
    programs = find_postgres()
    if programs is None:
        left_out("There is no PostgreSQL server (initdb, postgres) on this machine.")
    with PostgresServer(programs) as server:
        yield server


@pytest.fixture
def postgres_server(postgres_session: PostgresServer) -> PostgresServer:
    postgres_session.ensure()
    return postgres_session


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.fresh_database()
    yield url
    postgres_server.ensure()
    postgres_server.drop_database(url)


@pytest.fixture
def blockbuster() -> Iterator[BlockBuster]:
    with blockbuster_ctx("server") as watch:
        yield watch


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the run. It lives on the session's event loop (Playwright's sync API would keep a loop
    running in this thread and break every other async test), so tests that use it carry
    `pytestmark = pytest.mark.asyncio(loop_scope="session")`."""
    program = find_chromium()
    if program is None:
        left_out("There is no Chromium or Chrome on this machine.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=chromium_flags(), timeout=60_000)
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A phone-sized page in a fresh profile, with 10 s for everything."""
    context = await browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 390, "height": 844},
        permissions=["camera", "microphone"],
    )
    context.set_default_timeout(10_000)
    try:
        yield await context.new_page()
    finally:
        await context.close()
