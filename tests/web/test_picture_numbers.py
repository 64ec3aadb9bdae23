"""The numbers of the live picture, on a machine at rest: from glass to glass, back after a crash, back after a stop.

pytest -m real_numbers tests/web/test_picture_numbers.py --log-cli-level=INFO
"""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.faults.processes import hub_process
from tests.media.recordings import need_av
from tests.services import chromium_flags, find_chromium
from tests.web.pages import LAPTOP, PHONE, Host, Viewer, opened
from tests.web.test_live_monitor import LIVE_CLOCK
from tests.web.test_live_monitor import behind_ms as behind_by_mse_ms
from tests.web.test_live_picture import READ_CLOCK, SESSION, begin, behind_ms, card_against_picture_ms, plays

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.real_numbers]

TIMES = 10
STOPPED_S = 20.0
SIZES = ("640, 360", "960, 540")


async def seconds_until(page: Page, wanted: str, within_s: float = 30.0) -> float:
    """How long it takes until that expression is true."""
    began_s = time.monotonic()
    async with asyncio.timeout(within_s):
        while not await page.evaluate(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return time.monotonic() - began_s


@pytest.mark.timeout(300)
async def test_from_glass_to_glass(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with opened(browser, Host, hub.url, LAPTOP) as host:
            await begin(host)
            async with opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer:
                await viewer.enter(SESSION)
                await plays(viewer)
                await asyncio.sleep(5)
                hls_ms = await behind_ms(viewer.page, 60)
            async with opened(browser, Host, hub.url, LAPTOP) as console:
                await console.enter()
                await expect(console.at("live")).to_have_attribute("data-state", "playing")
                await asyncio.sleep(5)
                mse_ms = await behind_by_mse_ms(console, 60)
    log.info("LL-HLS %d ms, MSE %d ms", hls_ms, mse_ms)
    assert hls_ms <= 2_500
    assert mse_ms <= 1_500


@pytest.mark.timeout(300)
async def test_cards_are_in_step_with_the_picture(browser: Browser, tmp_path: Path) -> None:
    need_av()
    found: list[float] = []
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
        ):
            await viewer.enter(SESSION)
            await begin(host)
            await plays(viewer)
            await asyncio.sleep(5)
            for number in range(1, TIMES + 1):
                found.append(await card_against_picture_ms(host, viewer, number))
                await host.page.keyboard.press("h")
                await expect(viewer.at("card")).to_have_count(0)
    log.info("cards against the picture %s ms", " ".join(f"{one:.0f}" for one in found))
    assert max(abs(one) for one in found) <= 250


@pytest.mark.timeout(900)
async def test_back_with_another_size_ten_times_of_ten(browser: Browser, tmp_path: Path) -> None:
    need_av()
    took: list[float] = []
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer:
            await viewer.enter(SESSION)
            for number in range(TIMES + 1):
                size = SIZES[number % 2]
                async with opened(browser, Host, hub.url, LAPTOP) as host:
                    await begin(host, size)
                    lines = size.split(", ")[1]
                    took.append(
                        await seconds_until(
                            viewer.page,
                            f"""() => {{
                              const video = document.querySelector("[data-test=video]");
                              return video && video.videoHeight === {lines} && !video.paused && video.readyState > 2;
                            }}""",
                        )
                    )
                    await asyncio.sleep(5)
                await asyncio.sleep(3)  # the page was killed: nobody said that it would go
    log.info("back after %s s", " ".join(f"{one:.1f}" for one in took[1:]))
    assert max(took[1:]) <= 6.0


@contextlib.asynccontextmanager
async def browser_apart() -> AsyncIterator[tuple[Browser, list[int]]]:
    """A browser of its own; its renderers can be stopped. The list is filled by `renderers`."""
    async with async_playwright() as playwright:
        own = await playwright.chromium.launch(executable_path=find_chromium(), args=chromium_flags())
        try:
            yield own, []
        finally:
            await own.close()


async def renderers(own: Browser) -> list[int]:
    """The processes that draw that browser's pages."""
    session = await own.new_browser_cdp_session()
    found = await session.send("SystemInfo.getProcessInfo")
    return [one["id"] for one in found["processInfo"] if one["type"] == "renderer"]


@pytest.mark.timeout(300)
async def test_a_viewer_that_was_stopped_is_back_live(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            browser_apart() as (own, _),
            opened(own, Viewer, hub.url, PHONE, phone=True) as viewer,
            opened(own, Host, hub.url, LAPTOP) as console,
        ):
            await begin(host)
            await viewer.enter(SESSION)
            await console.enter()
            await plays(viewer)
            await expect(console.at("live")).to_have_attribute("data-state", "playing")
            stopped = await renderers(own)
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(STOPPED_S)
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
            hls_s, mse_s = await asyncio.gather(
                seconds_until(
                    viewer.page, f"() => {{ const late = ({READ_CLOCK})(); return late !== null && late < 4000; }}"
                ),
                seconds_until(
                    console.page, f"() => {{ const late = ({LIVE_CLOCK})(); return late !== null && late < 2500; }}"
                ),
            )
    log.info("back live after %.1f s (LL-HLS), %.1f s (MSE)", hls_s, mse_s)
    assert hls_s <= 5.0
    assert mse_s <= 5.0
