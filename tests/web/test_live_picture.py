"""The live picture with a real browser as host and two viewers: camera, packager, player, and the way back.

Figures: pytest tests/web/test_live_picture.py --log-cli-level=INFO
"""

import asyncio
import logging
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.faults.processes import HubProcess, hub_process
from tests.media.recordings import need_av
from tests.web.pages import LAPTOP, PHONE, Host, Viewer, opened

log = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
CLOCK_CAMERA = """
(width, height) => {
  // A camera that shows the time: 24 cells, black or white, of the milliseconds since the page's clock began.
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext("2d");
  const draw = () => {
    const now = Date.now() % 2 ** 24;
    for (let bit = 0; bit < 24; bit += 1) {
      brush.fillStyle = (now >> bit) & 1 ? "#fff" : "#000";
      brush.fillRect(((bit % 8) * width) / 8, (Math.floor(bit / 8) * height) / 3, width / 8, height / 3);
    }
  };
  draw();
  setInterval(draw, 40);
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const sound = await real({ audio: true });
    return new MediaStream([...canvas.captureStream(25).getVideoTracks(), ...sound.getAudioTracks()]);
  };
}
"""
READ_CLOCK = """
() => {
  const video = document.querySelector("[data-test=video]");
  if (!video || video.readyState < 2) return null;
  const canvas = document.createElement("canvas");
  canvas.width = 8;
  canvas.height = 3;
  const brush = canvas.getContext("2d");
  brush.drawImage(video, 0, 0, 8, 3);
  const pixels = brush.getImageData(0, 0, 8, 3).data;
  let shown = 0;
  for (let bit = 0; bit < 24; bit += 1) if (pixels[bit * 4] > 127) shown |= 1 << bit;
  return ((Date.now() % 2 ** 24) - shown + 2 ** 24) % 2 ** 24;
}
"""


async def behind_ms(page: Page, looks: int = 15) -> float:
    """From the host's glass to this page's, by pixels: the median of some looks."""
    found = []
    for _ in range(looks):
        found.append(await page.evaluate(READ_CLOCK))
        await asyncio.sleep(0.2)
    known = sorted(one for one in found if one is not None)
    assert len(known) > looks // 2
    return float(known[len(known) // 2])


async def begin(host: Host, size: str = "640, 360") -> None:
    """On air from this page's camera, whether the session is live already or not."""
    await host.page.add_init_script(f"({CLOCK_CAMERA})({size})")
    await host.enter()
    if await host.at("go-live").count():
        await host.go_live()
    await host.at("cast-open").click()
    await host.at("cast-start").click()
    await expect(host.at("cast")).to_have_attribute("data-phase", "on")


async def plays(viewer: Viewer) -> None:
    await expect(viewer.at("player")).to_have_attribute("data-state", "playing")


@pytest.mark.timeout(180)
async def test_a_picture_from_one_browser_to_another(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
            opened(browser, Viewer, hub.url, LAPTOP) as second,
        ):
            await asyncio.gather(viewer.enter(SESSION), second.enter(SESSION))
            await begin(host)
            await asyncio.gather(plays(viewer), plays(second))
            await expect(viewer.at("player-sound")).to_be_visible()
            await viewer.at("player-sound").click()
            assert await viewer.page.evaluate("() => document.querySelector('[data-test=video]').muted") is False

            for latency in await asyncio.gather(behind_ms(viewer.page), behind_ms(second.page)):
                log.info("glass to glass %d ms", latency)
                assert 200 < latency < 10_000  # promised are 2.5 s on a machine at rest: docs/performance.md

            against = await card_against_picture_ms(host, viewer, 1)
            log.info("card against picture %d ms", against)
            assert abs(against) < 1_000  # promised are 250 ms on a machine at rest: docs/performance.md
            await typed(host, viewer, second)
            await packager_dies_and_the_picture_comes_back(hub, host, viewer)
            await explanation_is_seen(host, viewer)
            await covered(host, viewer)
            await host.page.close()
            async with opened(browser, Host, hub.url, LAPTOP) as again:
                await comes_back_with_another_size(again, viewer, second)
                await ends(again, viewer)
            await seen_again(viewer)
            assert viewer.ear.errors == second.ear.errors == []
            assert host.ear.errors == []


async def card_against_picture_ms(host: Host, viewer: Viewer, number: int) -> float:
    """How much later than the key press the frame was taken that is on screen when the card appears."""
    await host.page.evaluate("() => document.addEventListener('keydown', () => { globalThis.pressed = Date.now(); })")
    await viewer.page.evaluate(f"""() => {{
      const clock = {READ_CLOCK};
      globalThis.cardAt = null;
      const look = () => {{
        if (!document.querySelector('[data-test=card]')) return requestAnimationFrame(look);
        globalThis.cardAt = Date.now() - clock();
        return undefined;
      }};
      look();
    }}""")
    await host.show(number)
    await expect(viewer.at("card").first).to_be_visible()
    pressed: float = await host.page.evaluate("() => globalThis.pressed")
    handle = await viewer.page.wait_for_function("() => globalThis.cardAt")
    shown: float = await handle.json_value()
    return shown - pressed


async def typed(host: Host, *viewers: Viewer) -> None:
    """What somebody types who hears the host stands over everybody's picture, and not in the chat."""
    await host.leave_the_field()
    await host.at("caption-on").check()
    await host.at("host-chat-input").fill("三班倒，管住宿")
    await host.page.keyboard.press("Enter")
    for one in viewers:
        await expect(one.at("said")).to_have_text("三班倒，管住宿")
        await expect(one.line("三班倒，管住宿")).to_have_count(0)
    await host.at("caption-on").uncheck()
    await host.leave_the_field()


async def packager_dies_and_the_picture_comes_back(hub: HubProcess, host: Host, viewer: Viewer) -> None:
    for pid in packagers(hub):
        await asyncio.create_subprocess_exec("kill", "-9", str(pid))
    seen = await viewer.page.evaluate("() => document.querySelector('[data-test=video]').currentTime")
    await expect(host.at("cast")).to_have_attribute("data-phase", "on")
    async with asyncio.timeout(30):
        # The second generation is played: the playhead is past where the first one ended.
        while await viewer.page.evaluate("() => document.querySelector('[data-test=video]').currentTime") < seen + 5:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert await behind_ms(viewer.page) < 10_000


def packagers(hub: HubProcess) -> list[int]:
    """The children of that hub."""
    found = Path(f"/proc/{hub.pid}/task/{hub.pid}/children").read_text().split()
    assert found
    return [int(one) for one in found]


async def explanation_is_seen(host: Host, viewer: Viewer) -> None:
    """看讲解, while the session goes on: as soon as the position is not explained any more."""
    await host.leave_the_field()
    await host.page.keyboard.press("h")
    await expect(viewer.at("card")).to_have_count(0)
    await asyncio.sleep(2.5)  # the segment it ends in
    await (await viewer.find_on_shelf(1)).locator("[data-test=shelf-row-open]").click()
    await viewer.at("clip-open").click()
    await until(viewer.at("replay-video"), "(video) => video.currentTime > 1 && video.duration < 60")
    await viewer.page.keyboard.press("Escape")


async def covered(host: Host, viewer: Viewer) -> None:
    await host.at("cast-pause").click()
    await expect(viewer.at("player-words")).to_have_text("休息一下，马上回来，岗位照常投递")
    await host.at("cast-pause").click()
    await expect(viewer.at("player-words")).to_have_count(0)


async def comes_back_with_another_size(host: Host, *viewers: Viewer) -> None:
    """The host's page was killed; a new one with another camera goes on in the same session, and no viewer does
    anything."""
    await begin(host, "960, 540")
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(until(one.at("video"), "(video) => video.videoHeight === 540") for one in viewers))
    log.info("back after %.1f s", asyncio.get_running_loop().time() - began)
    assert max(await asyncio.gather(*(behind_ms(one.page) for one in viewers))) < 10_000


async def ends(host: Host, viewer: Viewer) -> None:
    await host.at("end-session").click()
    await host.at("end-confirm").click()
    await expect(viewer.at("player")).to_have_count(0)
    await expect(host.at("cast")).to_have_count(0)


async def seen_again(viewer: Viewer) -> None:
    """Who comes later sees the recording, both generations of it, and finds the position that was explained."""
    await viewer.enter(SESSION)
    await viewer.at("replay-play").click()
    await expect(viewer.at("replay-chapter")).to_have_count(1)
    film = viewer.at("replay-video")
    await until(film, "(video) => video.currentTime > 1")
    await film.evaluate("(video) => { video.currentTime = video.duration - 3; }")
    await until(film, "(video) => video.ended || video.currentTime > video.duration - 0.3")


async def until(film: Locator, wanted: str) -> None:
    async with asyncio.timeout(30):
        while not await film.evaluate(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
