"""Somebody of forty-five with a cheap phone, inside WeChat: a low window, large type, an old engine, nothing may be
stored, and the phone's back button for everything."""

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from server.core.model import ApplicationStatus, Role
from server.core.protocol import AnswerApplication, ShowCard
from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import Applying, Viewer, opened
from tests.web.test_axe import Findings
from tests.web.test_live_picture import until
from tests.web.tour_looks import look
from tests.web.tour_people import SESSION, on_air, patiently, staff

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

IN_WECHAT: Final = {"width": 360, "height": 560}
"""360 x 640 without WeChat's own bar."""
SEEKER: Final = Applying(name="甄师傅", phone="13812345678")

OLD_AND_FORGETFUL: Final = """(() => {
  const refuse = { get() { throw new DOMException("no storage here", "SecurityError"); } };
  const stores = ["localStorage", "sessionStorage", "indexedDB", "caches"];
  for (const name of stores) Object.defineProperty(window, name, refuse);
  // What Chromium 87 did not have, and what WeChat keeps from pages.
  for (const name of ["at", "findLast", "toSorted", "toReversed"]) delete Array.prototype[name];
  delete Object.hasOwn;
  delete window.structuredClone;
  delete Crypto.prototype.randomUUID;
  delete AbortSignal.timeout;
  delete Element.prototype.checkVisibility;
  delete Navigator.prototype.share;
  Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });
  const real = window.matchMedia;
  const deaf = { value: undefined };
  window.matchMedia = (query) => Object.defineProperty(real.call(window, query), "addEventListener", deaf);
})()"""


async def explained(hub: HubProcess) -> str:
    own, _ = await staff(hub)
    slot = next(one for one in await on_air(hub) if one.position.enterprise == own)
    host = await hub.doors.demo(Role.HOST)
    await patiently(hub, ShowCard(session=SESSION, position=slot.position.id, key="show-card-1"), host.token)
    return slot.position.id


async def test_with_large_type_an_old_engine_and_no_storage(browser: Browser, tmp_path: Path) -> None:
    findings = Findings()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        position = await explained(hub)
        async with opened(browser, Viewer, hub.url, IN_WECHAT, phone=True) as viewer:
            await viewer.context.add_init_script(OLD_AND_FORGETFUL)
            await viewer.go("/")
            await viewer.at("big-type").tap()
            await viewer.page.locator(f'[data-test="room-row"][data-session="{SESSION}"]').tap()
            await expect(viewer.card(position)).to_be_visible()
            await viewer.mark()
            # Back closes what lies on top, one after the other, and the room stays.
            await viewer.at("shelf-open").tap()
            await viewer.at("shelf-row-open").first.tap()
            await expect(viewer.at("position-sheet")).to_be_visible()
            await viewer.page.go_back()
            await expect(viewer.at("position-sheet")).to_have_count(0)
            await expect(viewer.at("shelf-row").first).to_be_visible()
            await viewer.page.go_back()
            await expect(viewer.at("shelf-row")).to_have_count(0)
            await expect(viewer.card(position)).to_be_visible()
            # Two taps; the button stays above a keyboard that takes half of the window.
            await viewer.card(position).locator('[data-test="apply-open"]').tap()
            await viewer.page.evaluate("document.documentElement.style.setProperty('--keyboard', '250px')")
            await expect(viewer.at("apply-confirm")).to_be_in_viewport(ratio=1)
            # The sheet comes up within a fifth of a second.
            await until(viewer.at("apply-confirm"), "(el) => el.getBoundingClientRect().bottom <= 310")
            await viewer.page.evaluate("document.documentElement.style.setProperty('--keyboard', '0px')")
            await findings.look(viewer.page, "apply, large")
            await viewer.fill_and_confirm(SEEKER)
            await findings.look(viewer.page, "receipt, large")
            await expect(viewer.at("receipt-image")).to_be_visible()
            await viewer.page.go_back()
            await expect(viewer.at("receipt")).to_have_count(0)
            await expect(viewer.card(position)).to_be_visible()
            assert not await viewer.was_reloaded()
            # The answer comes to the open page, without a reload.
            await viewer.at("my-applications-open").first.tap()
            row = await viewer.at("application").get_attribute("data-application")
            answer = AnswerApplication(
                application=str(row), status=ApplicationStatus.INTERVIEW, place="公司东门", key="answer-000001"
            )
            owner = await hub.doors.demo(Role.HR)
            await patiently(hub, answer, owner.token)
            await expect(viewer.at("application")).to_have_attribute("data-status", "interview")
            await expect(viewer.at("application-note").first).to_contain_text("公司东门")
            # Nothing is kept here: the same person comes again by the code.
            await viewer.page.reload()
            await viewer.at("my-applications-open").first.tap()
            await expect(viewer.at("empty")).to_be_visible()
            await viewer.at("mine-elsewhere").tap()
            await viewer.confirm(SEEKER.phone)
            await expect(viewer.at("application")).to_have_attribute("data-status", "interview")
            await findings.look(viewer.page, "mine")
            assert viewer.ear.errors == []
    findings.none()


async def test_nothing_is_too_small_or_cut_off_in_the_low_window(browser: Browser, tmp_path: Path) -> None:
    """As it stands, and in large type."""
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        position = await explained(hub)
        for large in ("false", "true"):
            async with opened(browser, Viewer, hub.url, IN_WECHAT, phone=True) as viewer:
                await viewer.context.add_init_script(f"localStorage.setItem('daigang.big_type', '{large}')")
                for path in ("/", "/?q=焊工", f"/room/{SESSION}", f"/position/{position}", "/#mine"):
                    await viewer.go(path)
                    await viewer.page.wait_for_timeout(400)
                    assert await look(viewer.page, thumb=True) == [], (path, large)
