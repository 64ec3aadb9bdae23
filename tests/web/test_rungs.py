"""Browsers that record something else than WebM with H.264: MP4 (Safari) and VP8 (Firefox), recorded by Chromium;
and a hub that is killed while one of them sends."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.faults.processes import HubProcess, hub_process
from tests.media.recordings import need_av
from tests.web.pages import LAPTOP, NETWORK_IS_GONE, PHONE, Host, Viewer, opened
from tests.web.test_live_picture import SESSION, begin, plays, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONLY = """
(wanted) => {
  const real = MediaRecorder.isTypeSupported.bind(MediaRecorder);
  MediaRecorder.isTypeSupported = (mime) => mime.includes(wanted) && real(mime);
}
"""


@pytest.mark.timeout(150)
async def test_the_other_rungs_of_the_ladder(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        for rung in ("mp4", "vp8"):
            async with (
                opened(browser, Host, hub.url, LAPTOP) as host,
                opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
            ):
                await host.page.add_init_script(f"({ONLY})('{rung}')")
                await viewer.enter(SESSION)
                await begin(host)
                await plays(viewer)
                await until(viewer.at("video"), "(video) => video.currentTime > 2 && video.videoHeight === 360")
                await host.at("live-toggle").click()
                await until(host.at("live-video"), "(video) => video.currentTime > 0 && !video.paused")
                if rung == "mp4":
                    await resumes_by_itself(hub, host, viewer)
                await expect(host.at("cast")).to_have_attribute("data-phase", "on")
                for ear in (host.ear, viewer.ear):
                    # A hub that has just come back knows no picture until its host is back too.
                    heard = [error for error in ear.errors if "404 (Not Found)" not in error or rung != "mp4"]
                    assert [error for error in heard if not NETWORK_IS_GONE.search(error)] == []


async def resumes_by_itself(hub: HubProcess, host: Host, viewer: Viewer) -> None:
    """The hub is killed and started anew: the picture goes on in the same session, and nobody presses anything."""
    hub.kill()
    await expect(host.at("cast")).to_have_attribute("data-phase", "waiting")
    await hub.start()
    await expect(host.at("cast")).to_have_attribute("data-phase", "on")
    seen = await viewer.at("video").evaluate("(video) => video.currentTime")
    await until(viewer.at("video"), f"(video) => !video.paused && Math.abs(video.currentTime - {seen}) > 2")
