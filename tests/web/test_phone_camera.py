"""A phone as camera: scanned from the console, upright, taken over and told so, stopped by the console, taken back."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.faults.processes import hub_process
from tests.media.recordings import need_av
from tests.web.pages import LAPTOP, PHONE, Host, Open, Viewer, opened
from tests.web.test_live_picture import CLOCK_CAMERA, SESSION, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.timeout(150)
async def test_a_phone_is_the_camera(browser: Browser, tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Open, hub.url, PHONE, phone=True) as phone,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
        ):
            await phone.page.add_init_script(f"({CLOCK_CAMERA})(480, 854)")
            await phone.go("/camera")
            await expect(phone.at("camera-scan")).to_be_visible()
            await host.enter()
            await host.at("cast-phone").click()
            link = await host.at("phone-qr").get_attribute("data-link") or ""
            await host.page.keyboard.press("Escape")
            await phone.page.goto(link)
            await expect(phone.at("cast-open")).to_be_visible()
            await phone.page.reload()  # a code is read once; what the phone was given for it stays
            await phone.at("cast-open").click()
            assert "#" not in phone.page.url
            await expect(phone.at("cast-start")).to_be_disabled()
            await expect(phone.at("cast-uplink")).to_have_attribute("data-state", "done")

            await host.go_live()
            await viewer.enter(SESSION)
            await phone.at("cast-start").click()
            await expect(phone.at("camera")).to_have_attribute("data-phase", "on")
            await until(viewer.at("video"), "(video) => video.videoHeight > video.videoWidth && video.currentTime > 0")
            await expect(host.at("live")).to_have_attribute("data-source", "phone")
            await expect(host.at("live")).to_have_attribute("data-state", "playing")

            # The console takes over: it is asked, the phone is told.
            await host.at("cast-open").click()
            await host.at("cast-start").click()
            await expect(host.at("cast-taken")).to_be_visible()
            await host.at("cast-take-over").click()
            await expect(phone.at("camera")).to_have_attribute("data-phase", "told")
            await phone.at("cast-take-over").click()
            await expect(host.at("cast-taken")).to_contain_text("接管")
            await expect(phone.at("camera")).to_have_attribute("data-phase", "on")
            await host.at("cast").locator("button", has_text="不改").click()

            # A call, a lock, another app: said to the consoles at once.
            await phone.page.evaluate("""() => {
              Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }""")
            await expect(host.at("live-alarm")).to_contain_text("手机")
            await phone.page.evaluate("""() => {
              delete document.visibilityState;
              document.dispatchEvent(new Event("visibilitychange"));
            }""")
            await expect(host.at("live-alarm")).to_have_count(0)

            await host.at("live-stop").click()
            await host.at("live-stop-yes").click()
            await expect(phone.at("camera")).to_have_attribute("data-phase", "ready")
            await host.at("cast-phone").click()
            await host.at("phone-revoke").click()
            await phone.at("cast-start").click()
            await expect(phone.at("cast-trouble")).to_contain_text("扫码")
            for page in (host, phone, viewer):
                assert page.ear.errors == []


async def test_an_app_that_cannot_send_does_not_use_the_code_up(browser: Browser, tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with opened(browser, Open, hub.url, PHONE, phone=True) as phone:
            await phone.page.add_init_script("delete globalThis.MediaRecorder")
            await phone.go("/camera#a-code")
            await expect(phone.at("camera-unable")).to_contain_text("在浏览器打开")
            assert phone.page.url.endswith("#a-code")
            assert not [url for url in phone.ear.urls if "/api/camera" in url]
