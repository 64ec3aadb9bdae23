"""The host's monitor: the picture without delay in a second console, with its figures, and the word that ends it.

Figures: pytest tests/web/test_live_monitor.py --log-cli-level=INFO
"""

import asyncio
import logging
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.faults.processes import hub_process
from tests.media.recordings import need_av
from tests.web.pages import LAPTOP, Host, opened
from tests.web.test_live_picture import READ_CLOCK, begin, until

log = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

LIVE_CLOCK = READ_CLOCK.replace("[data-test=video]", "[data-test=live-video]")


async def behind_ms(host: Host, looks: int = 15) -> float:
    """From the sending glass to the monitor's, by pixels: the median of some looks."""
    found = []
    for _ in range(looks):
        found.append(await host.page.evaluate(LIVE_CLOCK))
        await asyncio.sleep(0.2)
    known = sorted(one for one in found if one is not None)
    assert len(known) > looks // 2
    return float(known[len(known) // 2])


@pytest.mark.timeout(120)
async def test_a_second_console_sees_the_picture_and_ends_it(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with opened(browser, Host, hub.url, LAPTOP) as first, opened(browser, Host, hub.url, LAPTOP) as second:
            await begin(first)
            await second.enter()
            await expect(second.at("live")).to_have_attribute("data-state", "playing")
            await expect(second.at("live-who")).to_have_text("画面来自另一个主播台")
            latency = await behind_ms(second)
            log.info("glass to glass by MSE %d ms", latency)
            assert 100 < latency < 8_000  # promised are 1.5 s on a machine at rest: docs/performance.md
            said = float(await second.at("live-figures").get_attribute("data-latency") or "nan")
            log.info("the page says %d ms", said)

            # What viewers get, in the own camera's place.
            await first.at("live-toggle").click()
            await until(first.at("live-video"), "(video) => video.currentTime > 0 && !video.paused")

            # Another device while it is on the air: the next generation, and nobody does anything.
            await first.page.evaluate("""() => {
              const canvas = document.createElement("canvas");
              canvas.width = 1280;
              canvas.height = 720;
              const brush = canvas.getContext("2d");
              setInterval(() => {
                brush.fillStyle = `hsl(${Date.now() % 360}, 50%, 50%)`;
                brush.fillRect(0, 0, 1280, 720);
              }, 50);
              navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(15);
            }""")
            await first.at("cast-change").click()
            await first.at("cast-to-screen").click()
            await until(second.at("live-video"), "(video) => video.videoHeight === 720")
            await expect(first.at("cast-to-camera")).to_be_visible()

            await second.at("live-stop").click()
            await second.at("live-stop-yes").click()
            await expect(first.at("cast")).to_have_attribute("data-phase", "ready")
            await expect(first.at("cast-trouble")).to_have_text("主播台停掉了这里的画面。要继续，再点开始。")
            await expect(second.at("live-who")).to_have_text("没有设备在发画面")
            assert first.ear.errors == []
            assert second.ear.errors == []
