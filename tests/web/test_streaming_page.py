"""The host's sheet 推流, with a real encoder: the key shown once, a viewer who sees it, platforms, another key."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from server.secrets_file import load_secrets
from tests.faults.processes import HubProcess, hub_process
from tests.media.recordings import need_av
from tests.rtmp_server import RtmpServer, encoding
from tests.web.pages import PHONE, Host, Open, Screen, Viewer, opened
from tests.web.test_axe import Findings

pytestmark = pytest.mark.asyncio(loop_scope="session")

LAPTOP = {"width": 1440, "height": 900}
PICTURES = os.environ.get("DAIGANG_PICTURES", "")
"""A directory: every state is kept there as a picture, to be looked at by people."""


@contextlib.asynccontextmanager
async def demonstration(
    directory: Path, *, serves: bool = False
) -> AsyncIterator[tuple[HubProcess, RtmpServer, RtmpServer]]:
    """A hub with a door for encoders, and a platform. `serves`: viewers get the picture from that door itself."""
    config = directory / "config.yaml"
    with hub_process(directory / "var", {"DAIGANG_CONFIG": str(config)}) as hub:
        directory.joinpath("var").mkdir()
        secret = load_secrets(hub.var_dir, {}, store_exists=False).hook_secret()
        door, platform = RtmpServer(f"{hub.url}/hooks/engine?s={secret}", hls=serves), RtmpServer()
        try:
            config.write_text(
                f"video:\n  engine: nginx_rtmp\n  publish_url: {door.url}\n  source_url: {door.url}\n"
                f"  control_url: {door.control}\n  private_targets: [127.0.0.0/8]\n"
                + (f'  play_url: "{door.play_url}"\n' if serves else "")
            )
            door.start()
            platform.start()
            await hub.start()
            yield hub, door, platform
        finally:
            door.close()
            platform.close()


async def snap(host: Open, name: str, findings: Findings | None = None) -> None:
    if findings is not None:
        await findings.look(host.page, name)
    if PICTURES:
        await host.page.wait_for_timeout(400)
        await host.page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.mark.timeout(120)
async def test_a_host_sets_up_an_encoder_and_a_platform(browser: Browser, tmp_path: Path) -> None:
    need_av()
    async with (
        demonstration(tmp_path) as (hub, _, platform),
        opened(browser, Host, hub.url, LAPTOP) as host,
        opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
    ):
        axe = Findings()
        await host.enter()
        await host.go_live()
        await host.at("tool-streaming").click()
        await expect(host.at("streaming-state")).to_have_attribute("data-state", "off")
        await snap(host, "streaming-none")
        await host.at("streaming-make").click()
        key = await host.at("streaming-key-value").input_value()
        server = await host.at("streaming-server-value").input_value()
        await snap(host, "streaming-key")
        with encoding(f"{server}/{key}", size="640x360") as encoder:
            await expect(host.at("streaming-state")).to_have_attribute("data-state", "on", timeout=15_000)
            await snap(host, "streaming-on", axe)
            await viewer.enter("S01")
            await expect(viewer.page.locator("video")).to_be_visible()
            await viewer.page.wait_for_function(
                "() => document.querySelector('video').currentTime > 0.5", timeout=20_000
            )
            await host.at("streaming-platforms").click()
            await expect(host.at("platforms-none")).to_be_visible()
            await host.at("platform-add").click()
            await host.at("platform-url").fill("rtmp://10.0.0.1/live")
            await host.at("platform-key").fill("secret-of-the-platform")
            await snap(host, "streaming-platform-form", axe)
            await host.at("platform-save").click()
            await expect(host.page.get_by_role("alert").filter(has_text="公网")).to_be_visible()
            await host.at("platform-url").fill(platform.url)
            await host.at("platform-save").click()
            await host.at("platform-run").click()
            await expect(host.at("platform")).to_have_attribute("data-state", "sending", timeout=15_000)
            assert "secret-of-the-platform" not in await host.page.content()
            await snap(host, "streaming-platform-on", axe)
            await operators_see(browser, hub)
            # Opened again, the key is nowhere; another one cuts the encoder off, after a second press.
            await host.page.keyboard.press("Escape")
            await host.at("tool-streaming").click()
            await expect(host.at("streaming-state")).to_have_attribute("data-state", "on")
            assert key.rpartition("=")[2] not in await host.page.content()
            await host.at("streaming-make").click()
            await expect(host.at("streaming-sure")).to_be_visible()
            await snap(host, "streaming-sure", axe)
            await host.at("streaming-make").click()
            await expect(host.at("streaming-key-value")).not_to_have_value(key)
            await expect(host.at("streaming-state")).to_have_attribute("data-state", "off")
            encoder.wait(10)
        for width, height in ((390, 844), (360, 640)):
            await host.page.set_viewport_size({"width": width, "height": height})
            await snap(host, f"streaming-{width}")
            await host.at("streaming-platforms").click()
            await snap(host, f"streaming-platforms-{width}")
            await host.at("streaming-encoder").click()
            wide = "() => document.documentElement.scrollWidth <= innerWidth"
            assert await host.page.evaluate(wide)
        # The browser itself writes the refused address down.
        axe.none()
        assert [error for error in host.ear.errors if "422" not in error] == []
        assert key.rpartition("=")[2] not in hub.log()


async def operators_see(browser: Browser, hub: HubProcess) -> None:
    """Who sends, in the tab 推流; taking the key away asks first."""
    async with opened(browser, Screen, hub.url, LAPTOP) as screen:
        await screen.go("/screen?demo=operator#streams")
        row = screen.at("stream-row")
        await expect(row).to_have_attribute("data-encoder", "yes")
        await expect(screen.at("streams-unrecorded")).to_have_count(0)
        await snap(screen, "streams")
        await screen.at("stream-revoke").click()
        await snap(screen, "streams-ask")
        await screen.page.keyboard.press("Escape")
        await expect(screen.at("stream-ask")).to_have_count(0)
        await screen.page.set_viewport_size({"width": 390, "height": 844})
        await snap(screen, "streams-390")
        assert screen.ear.errors == []


@pytest.mark.real_numbers
@pytest.mark.timeout(120)
async def test_a_viewer_plays_what_an_engine_serves(browser: Browser, tmp_path: Path) -> None:
    """Plain HLS without dates, from another origin: it plays, and a card comes by the player's estimate."""
    need_av()
    async with (
        demonstration(tmp_path, serves=True) as (hub, _, _),
        opened(browser, Host, hub.url, LAPTOP) as host,
        opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
    ):
        await host.enter()
        await host.go_live()
        await host.at("tool-streaming").click()
        await host.at("streaming-make").click()
        key = await host.at("streaming-key-value").input_value()
        server = await host.at("streaming-server-value").input_value()
        await host.page.keyboard.press("Escape")
        with encoding(f"{server}/{key}", size="640x360"):
            await viewer.enter("S01")
            await expect(viewer.page.locator("video")).to_be_visible(timeout=20_000)
            plays = "() => document.querySelector('video').currentTime > 2"
            await viewer.page.wait_for_function(plays, timeout=30_000)
            await host.show(3)
            await expect(viewer.at("card")).to_contain_text("3号", timeout=12_000)
            assert await viewer.page.evaluate("() => document.querySelector('video').currentTime") > 2
