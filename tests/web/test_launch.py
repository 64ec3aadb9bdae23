"""开幕 as people see it: an operator says it, a room and the portal show it at the moment that was named."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.web.pages import DESKTOP, PHONE, Host, Screen, Viewer, opened
from tests.wire.houses import make_config, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


IS_ON_TOP = """(one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


async def test_rooms_and_portal_show_a_launch_at_its_moment(browser: Browser, tmp_path: Path) -> None:
    async with (
        serving(make_config(tmp_path), demo=True) as house,
        opened(browser, Screen, house.url, DESKTOP) as screen,
        opened(browser, Viewer, house.url, PHONE, phone=True) as room,
        opened(browser, Viewer, house.url, DESKTOP) as portal,
        opened(browser, Host, house.url, DESKTOP) as host,
    ):
        await host.enter()
        await screen.enter()
        await screen.at("mode-table").click()
        await room.enter("S01")
        await portal.go("/")
        await expect(portal.at("room-row").first).to_be_visible()

        await screen.at("launch-open").click()
        await screen.at("launch-text").fill("全省网络招聘会现在开幕")
        await screen.at("launch-in").select_option("2")
        await screen.at("launch-ask").click()
        await expect(screen.at("launch-question")).to_be_focused()
        await screen.at("launch-cancel").click()
        await expect(screen.at("launch-ask")).to_be_focused()
        await screen.at("launch-ask").click()
        # Two presses before the page could draw: one launch.
        await screen.at("launch-confirm").evaluate("(button) => (button.click(), button.click())")
        await expect(screen.at("launch-sheet")).to_have_count(0)

        heard = host.at("toast").filter(has_text="观众页面一起显示开幕词：全省网络招聘会现在开幕")
        await expect(heard).to_be_visible()
        for page in (room, portal):
            await expect(page.at("launch")).to_contain_text("全省网络招聘会现在开幕")
            told = [m["body"] for m in page.ear.messages() if m["t"] == "push" and m["body"]["t"] == "launched"]
            assert len(told) == 1
            shown_at_ms = float(await page.at("launch").get_attribute("data-shown-at") or "0")
            assert shown_at_ms >= told[0]["launch"]["show_at_ms"]
        # Who comes now still sees it; who closes it is done with it, also after going elsewhere on the site.
        async with opened(browser, Viewer, house.url, PHONE, phone=True) as late:
            await late.enter("S02")
            await expect(late.at("launch")).to_be_visible()
            await late.page.set_viewport_size({"width": 360, "height": 640})  # the sheet fills it
            await late.at("report-open").first.click()
            assert await late.at("sheet-close").evaluate(IS_ON_TOP), "it lies over no sheet that is open"
        await room.at("launch-close").click()
        await expect(room.at("launch")).to_have_count(0)
        await room.at("back").click()
        await expect(room.at("room-row").first).to_be_visible()
        await expect(room.at("launch")).to_have_count(0)
        assert room.ear.errors == portal.ear.errors == screen.ear.errors == []


async def test_what_a_launch_shows_is_there_before_it_is_said(browser: Browser, tmp_path: Path) -> None:
    """Fetched a while after the page came: once the word is out, every page of the fair would ask for it at once."""
    async with (
        serving(make_config(tmp_path), demo=True) as house,
        opened(browser, Viewer, house.url, PHONE, phone=True) as room,
    ):
        asked: asyncio.Queue[str] = asyncio.Queue()
        room.page.on("requestfinished", lambda request: asked.put_nowait(request.url.rpartition("/")[2]))
        await room.page.clock.install()
        await room.enter("S01")
        wanted = {"launch.js", "launch.css", "zh-CN.later.json"}
        while not asked.empty():
            assert asked.get_nowait() not in wanted
        await room.page.clock.fast_forward(61_000)
        async with asyncio.timeout(10):
            while wanted:
                wanted.discard(await asked.get())
        assert room.ear.errors == []
