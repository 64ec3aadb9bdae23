"""Ways to watch: what comes before the picture, poor lines, browsers that refuse, a page that slept, a full hub, and a
session seen again. The host is a program, so that one browser is enough."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.faults.processes import HubProcess, hub_process
from tests.faults.recording_hub import api, host_of, on_air, sending
from tests.media.recordings import need_av, recording, require_whole
from tests.web.pages import LAPTOP, PHONE, Screen, Viewer, opened

log = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
REFUSES = """
// A browser that plays nothing by itself, not even muted (data saver, some in-app browsers).
const real = HTMLMediaElement.prototype.play;
let tapped = false;
addEventListener("click", (event) => { tapped = tapped || event.isTrusted; }, true);
HTMLMediaElement.prototype.play = function () {
  return tapped ? real.call(this) : Promise.reject(new DOMException("not before a tap", "NotAllowedError"));
};
"""
BEHIND_MS = """async () => {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const { playhead } = await import(loaded.find((name) => name.endsWith("/viewer/instep.js")));
  const at = playhead.read();
  return at === null ? null : Date.now() - at;
}"""
"""How old the frame on screen is, by the clock cards are shown by."""
NO_MSE = "delete globalThis.MediaSource; delete globalThis.ManagedMediaSource; delete globalThis.WebKitMediaSource;"
MEDIA = re.compile(r"/hls/[^/]+/[0-9a-f]+/(?P<kind>[a-z])[0-9.]+\.m(?:4s|p4)")


def fetched(viewer: Viewer, since: int = 0) -> set[str]:
    """Kinds of media files the page has asked for: parts and segments of the picture, segments of the sound."""
    found = (MEDIA.search(url) for url in viewer.ear.urls[since:])
    return {one["kind"] for one in found if one}


@contextlib.asynccontextmanager
async def picture(hub: HubProcess, session: str, film: bytes, seconds: float) -> AsyncIterator[None]:
    """That session is live, with a picture."""
    async with on_air(hub, session) as host:
        await host.begin()
        async with sending(host, film, seconds):
            yield


async def show(hub: HubProcess, number: int = 1) -> None:
    shelf = await api(hub, "GET", f"/api/sessions/{SESSION}/shelf/1")
    position = shelf["slots"][number - 1]["position"]["id"]
    await tell(hub, t="show_card", position=position)


async def tell(hub: HubProcess, **command: str) -> None:
    body = {"session": SESSION, "key": f"key-{abs(hash(tuple(command.items()))):012}", **command}
    answer = await api(hub, "POST", "/api/commands", host_of(hub, SESSION), body)
    assert answer["t"] != "refused", answer


async def plays(viewer: Viewer, mode: str = "picture") -> None:
    await expect(viewer.page.locator(f"[data-test=player][data-mode={mode}][data-state=playing]")).to_be_visible()


async def moves(page: Page, selector: str = "[data-test=video]") -> None:
    """The playhead goes on."""
    before = await page.evaluate("(what) => document.querySelector(what).currentTime", selector)
    async with asyncio.timeout(20):
        while await page.evaluate("(what) => document.querySelector(what).currentTime", selector) <= before + 0.4:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
async def test_ways_to_watch_and_to_see_again(browser: Browser, tmp_path: Path) -> None:
    need_av()
    film = recording(120.0, tone=True)
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer:
            async with (
                picture(hub, SESSION, film, 120.0),
                picture(hub, "S02", recording(60.0, scene="black"), 60.0),
                picture(hub, "S03", recording(60.0, scene="frozen", tone=True), 60.0),
                opened(browser, Screen, hub.url, LAPTOP) as screen,
            ):
                await card_and_chat_come_first(hub, viewer)
                await asyncio.gather(stopped_for_a_while(viewer), wall_of_three_rooms(screen))
                await poor_line(viewer)
                await tell(hub, t="hide_card")
                await asyncio.sleep(2.5)  # the segment it ends in
                await kept_as_a_file(viewer, tmp_path)
                await tell(hub, t="end_session")
            await in_step(viewer)
            await hidden_at_once(browser, hub, viewer)
            assert viewer.ear.errors == []


async def card_and_chat_come_first(hub: HubProcess, viewer: Viewer) -> None:
    """What people apply by is there while the player has not even come."""
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await asyncio.sleep(3)  # of the film, before anything is said
    await show(hub)
    await tell(hub, t="say", text="现在讲一号岗位")
    await viewer.page.route("**/vendor/hls.js", hold)
    await viewer.enter(SESSION)
    await expect(viewer.at("card")).to_be_visible()
    await expect(viewer.line("现在讲一号岗位")).to_be_visible()
    await expect(viewer.at("player")).to_have_attribute("data-state", "loading")
    await expect(viewer.at("still")).to_be_visible()
    held.set()
    await plays(viewer)
    for name in ("playsinline", "webkit-playsinline", "x5-playsinline"):
        assert await viewer.at("video").get_attribute(name) is not None, name
    await expect(viewer.at("player-sound")).to_be_visible()
    await viewer.at("player-sound").click()
    await expect(viewer.at("player-sound")).to_have_count(0)


async def stopped_for_a_while(viewer: Viewer) -> None:
    """The page stands still for 20 s, as a phone's does behind another app; then it is live again."""
    devtools = await viewer.context.new_cdp_session(viewer.page)
    await devtools.send("Debugger.enable")
    await devtools.send("Debugger.pause")
    await asyncio.sleep(20)
    await devtools.send("Debugger.resume")
    await devtools.send("Debugger.disable")
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(30):
        while (late := await viewer.page.evaluate(BEHIND_MS)) is None or late > 5_000:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await moves(viewer.page)
    # What it wanted when it fell asleep is in no window any more; Chromium writes that down.
    viewer.ear.errors[:] = [error for error in viewer.ear.errors if "404" not in error]
    # Promised are 5 s on a machine at rest.
    log.info("live again %.1f s after 20 s of standing still", asyncio.get_running_loop().time() - began)


async def wall_of_three_rooms(screen: Screen) -> None:
    """One is fine, one black and silent, one frozen: operators of the branch are told in words, the bad ones first."""
    await screen.go("/screen?demo=operator#pictures")
    tiles = screen.at("wall-tile")
    await expect(tiles).to_have_count(3)
    await expect(tiles.nth(0)).to_have_attribute("data-alarms", "black silent")
    await expect(tiles.nth(1)).to_have_attribute("data-alarms", "frozen")
    await expect(tiles.nth(2)).to_have_attribute("data-session", "S01")
    await expect(tiles.nth(0)).to_contain_text("黑屏")
    await expect(tiles.nth(2)).to_contain_text("正常")
    await expect(screen.at("wall-count")).to_have_text("3 间里有 2 间要看一下")
    since = len(screen.ear.urls)
    await asyncio.sleep(5)
    asked = len(screen.ear.urls) - since
    assert asked <= 10, f"{asked} requests in five seconds for three rooms"
    await tiles.nth(2).get_by_role("button").press("Enter")
    await expect(screen.at("wall-live")).to_have_attribute("data-state", "playing")
    await moves(screen.page, "[data-test=wall-video]")
    await screen.page.keyboard.press("Escape")
    await expect(screen.at("wall-view")).to_have_count(0)
    assert screen.ear.errors == []


async def poor_line(viewer: Viewer) -> None:
    """Sound alone never fetches a byte of the picture; the wish is kept; nothing at all is possible too."""
    await small_window(viewer)
    await viewer.at("player-settings").click()
    await viewer.at("mode-sound").click()
    await expect(viewer.at("player-sheet")).to_have_count(0)
    await plays(viewer, "sound")
    since = len(viewer.ear.urls)
    await moves(viewer.page)
    await asyncio.sleep(2.5)
    assert fetched(viewer, since) <= {"a", "h"}
    assert "a" in fetched(viewer)
    assert await viewer.at("video").evaluate("(video) => video.videoWidth") == 0
    await expect(viewer.at("still")).to_be_visible()

    since = len(viewer.ear.urls)
    await viewer.page.reload()
    await plays(viewer, "sound")
    assert fetched(viewer, since) <= {"a", "h"}, "the wish was kept"

    await viewer.at("player-settings").click()
    await viewer.at("captions-toggle").click()
    await viewer.at("mode-none").click()
    await expect(viewer.at("video")).to_have_count(0)
    await expect(viewer.at("caption")).to_contain_text("1号")
    since = len(viewer.ear.urls)
    await asyncio.sleep(1.5)
    assert not any("/hls/" in url for url in viewer.ear.urls[since:])
    await viewer.at("player-on").click()
    await plays(viewer)


async def small_window(viewer: Viewer) -> None:
    """Picture in picture, and back; all of it by keyboard, arrows over the modes among it."""
    await viewer.at("player-settings").focus()
    await viewer.page.keyboard.press("Enter")
    await expect(viewer.at("player-sheet")).to_be_visible()
    await viewer.at("player-pop").press("Enter")
    popped = "() => document.pictureInPictureElement === document.querySelector('[data-test=video]')"
    await viewer.page.wait_for_function(popped)
    await viewer.at("player-pop").press("Enter")
    await viewer.page.wait_for_function("() => document.pictureInPictureElement === null")
    await viewer.at("mode-picture").locator("input").press("ArrowDown")
    await expect(viewer.at("player")).to_have_attribute("data-mode", "sound")
    await viewer.at("mode-sound").locator("input").press("ArrowUp")
    await expect(viewer.at("player")).to_have_attribute("data-mode", "picture")
    await viewer.page.keyboard.press("Escape")
    await expect(viewer.at("player-sheet")).to_have_count(0)
    await expect(viewer.at("player-settings")).to_be_focused()


async def kept_as_a_file(viewer: Viewer, tmp_path: Path) -> None:
    await (await viewer.find_on_shelf(1)).locator("[data-test=shelf-row-open]").click()
    async with viewer.page.expect_download() as download:
        await viewer.at("clip-download").click()
    kept = await download.value
    assert kept.suggested_filename.startswith("1号-")
    assert kept.suggested_filename.endswith("-讲解.mp4")
    await kept.save_as(tmp_path / "clip.mp4")
    assert await asyncio.to_thread(require_whole, tmp_path / "clip.mp4") > 5
    await viewer.page.keyboard.press("Escape")


async def in_step(viewer: Viewer) -> None:
    """The replay shows position and chat at their moments, forwards and back."""
    await viewer.enter(SESSION)
    await viewer.at("replay-play").click()
    await moves(viewer.page, "[data-test=replay-video]")
    await viewer.at("replay-chapter").click()
    await expect(viewer.at("replay-now")).to_contain_text("1号")
    await expect(viewer.at("replay-line")).to_contain_text("现在讲一号岗位")
    await viewer.at("replay-video").evaluate("(video) => { video.currentTime = 0; }")
    await expect(viewer.at("replay-line")).to_have_count(0)
    await expect(viewer.at("replay-now")).to_have_count(0)
    await viewer.at("replay-video").evaluate("(video) => { video.currentTime = video.duration - 2; }")
    await expect(viewer.at("replay-line")).to_have_count(1)


async def hidden_at_once(browser: Browser, hub: HubProcess, viewer: Viewer) -> None:
    """An operator hides a recording: the next viewer finds none. Deleting is asked about, and waits for its day."""
    async with opened(browser, Screen, hub.url, LAPTOP) as screen:
        await screen.go("/screen?demo=operator#recordings")
        row = screen.page.locator(f'[data-test="recording-row"][data-session="{SESSION}"]')
        await row.locator("[data-test=recording-hide]").click()
        await expect(row).to_have_attribute("data-hidden", "yes")
        await viewer.enter(SESSION)
        await expect(viewer.at("picture-words")).to_be_visible()
        await expect(viewer.at("replay-play")).to_have_count(0)
        await row.locator("[data-test=recording-delete]").click()
        await expect(screen.at("recording-ask")).to_contain_text("60 天")
        await screen.at("recording-confirm").click()
        await expect(row).to_contain_text("到期就删")
        await expect(row.locator("[data-test=recording-hide]")).to_have_count(0)
        assert screen.ear.errors == []


@pytest.mark.timeout(120)
async def test_browsers_that_refuse_and_a_hub_that_is_full(browser: Browser, tmp_path: Path) -> None:
    need_av()
    config = tmp_path / "config.yaml"
    config.write_text("limits:\n  video_egress_mbps: 1\n", encoding="utf-8")
    film = recording(60.0, size=(640, 360), tone=True)
    with hub_process(tmp_path / "var", {"DAIGANG_CONFIG": str(config)}) as hub:
        await hub.start()
        async with (
            picture(hub, SESSION, film, 60.0),
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
        ):
            await viewer.page.add_init_script(REFUSES)
            await viewer.enter(SESSION)
            await expect(viewer.at("player-play")).to_be_visible()
            await expect(viewer.at("still")).to_be_visible()
            await viewer.at("player-play").click()
            await plays(viewer)
            await expect(viewer.at("player-sound")).to_have_count(0)
            assert viewer.ear.errors == []
            await full_for_newcomers(browser, hub)
            await where_the_browser_has_its_own_player(browser, hub)


async def where_the_browser_has_its_own_player(browser: Browser, hub: HubProcess) -> None:
    """As on an iPhone: no Media Source Extensions, but HLS. Chromium has such a player too."""
    async with opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer:
        await viewer.page.add_init_script(NO_MSE)
        await viewer.enter(SESSION)
        await plays(viewer)
        await moves(viewer.page)
        assert not any("hls.js" in url for url in viewer.ear.urls)
        assert viewer.ear.errors == []


async def full_for_newcomers(browser: Browser, hub: HubProcess) -> None:
    """A second room would be too much for the uplink: sound and stills there, said in plain words."""
    async with (
        picture(hub, "S02", recording(30.0, size=(160, 90), noise=True, tone=True), 30.0),
        opened(browser, Viewer, hub.url, PHONE, phone=True) as late,
    ):
        await asyncio.sleep(5)
        await late.enter("S02")
        await plays(late, "sound")
        await expect(late.at("player-words")).to_contain_text("看的人太多：先听声音")
        await expect(late.at("still")).to_be_visible()
        assert fetched(late) <= {"a", "h"}
