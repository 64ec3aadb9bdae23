"""A page of one province in a hall of another: the card comes as it is shown there, and the application is written
there and nowhere else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.services import RedisServer, find_redis, left_out
from tests.web.pages import PHONE, Applying, Viewer, opened
from tests.wire.houses import do
from tests.wire.provinces import THERE, Pair, two_provinces

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEKER = Applying(name="张三", phone="13812340001")


@pytest_asyncio.fixture(loop_scope="session")
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    if find_redis() is None:
        left_out("There is no redis-server on this machine.")
    servers = [RedisServer(), RedisServer()]
    try:
        for server in servers:
            server.start()
        async with two_provinces(tmp_path, servers[0], servers[1]) as pair:
            yield pair
    finally:
        for server in servers:
            server.close()


async def test_a_seeker_watches_and_applies_in_another_province(browser: Browser, pair: Pair) -> None:
    here, there = pair.here, pair.there
    host = there.tokens["host"]
    assert (await do(there, host, "go_live", session="S01"))["t"] == "done"
    assert (await do(there, host, "show_card", session="S01", position="P011"))["t"] == "done"
    async with opened(browser, Viewer, here.url, PHONE, phone=True) as page:
        await page.enter(f"S01@{THERE}")
        await expect(page.card("P011")).to_be_visible()
        assert (await do(there, host, "show_card", session="S01", position="P012"))["t"] == "done"
        await expect(page.card("P012")).to_be_visible()
        await page.card("P012").get_by_role("button", name="投递").first.click()
        number = await page.fill_and_confirm(SEEKER)
        assert number
        # What is said after the receipt goes where the receipt came from.
        await page.page.get_by_role("button", name="可以", exact=True).click()
        await expect(page.page.get_by_role("button", name="可以", exact=True)).to_have_attribute("aria-pressed", "true")
        told = [message for message in page.ear.messages() if message.get("channel", "").endswith(f"@{THERE}")]
        assert told, "the room was read from the hub here"
    found = [(await do(house, house.tokens["hr"], "list_applications", enterprise="E1")) for house in (there, here)]
    assert [len(one["applications"]) for one in found] == [1, 0], found
