"""The seeker, the enterprise's HR and the specialist, each from the first touch to the goal, in a real browser."""

import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy
from playwright.async_api import Browser, Page, expect

from server.core.model import Role, ShelfSlot
from server.core.protocol import Apply, GoLive, Receipt
from server.core.refusal import Refusal
from server.store.tables import applications
from tests.faults.link import Fault
from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import (
    LAPTOP,
    NETWORK_IS_GONE,
    PHONE,
    SMALL_PHONE,
    Applying,
    Desk,
    Ear,
    Viewer,
    hub_behind_a_link,
    opened,
    way,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
SEEKER = Applying(name="甄师傅", phone="13812345678")
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


async def on_air(hub: HubProcess) -> tuple[ShelfSlot, ...]:
    """The hall is live; its shelf."""
    host = await hub.doors.demo(Role.HOST)
    await hub.doors.call(GoLive(session=SESSION, key="go-live-1"), host.token)
    page = await hub.doors.session(SESSION)
    return (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots


async def apply(hub: HubProcess, slot: ShelfSlot, n: int) -> Receipt:
    """Somebody else's application; patient where the house is."""
    while True:
        try:
            guest = await hub.doors.guest()
            reply = await hub.doors.call(
                Apply(
                    session=SESSION,
                    position=slot.position.id,
                    name=f"求职者{n}",
                    phone=f"1390000{n:04d}",
                    consent="2026-11",
                    age_confirmed=True,
                    key=f"apply-{n:06d}",
                ),
                guest.token,
            )
        except Refusal as refusal:
            if not refusal.temporary:
                raise
            await asyncio.sleep(0.3)
        else:
            assert isinstance(reply, Receipt)
            return reply


def stored(hub: HubProcess) -> int:
    engine = sqlalchemy.create_engine(f"sqlite:///file:{hub.var_dir / 'daigang.db'}?mode=ro&uri=true")
    try:
        with engine.connect() as conn:
            return conn.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(applications)).scalar_one()
    finally:
        engine.dispose()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "360"])
async def test_from_the_link_to_the_receipt_in_two_taps_on_slow_3g(
    browser: Browser, tmp_path: Path, size: dict[str, int]
) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        slots = await on_air(hub)
        async with opened(browser, Viewer, hub.url, size, phone=True) as viewer:
            line = await viewer.context.new_cdp_session(viewer.page)
            await line.send("Network.enable")
            await line.send("Network.emulateNetworkConditions", SLOW_3G)
            began_s = time.monotonic()
            # A shared link or a QR code leads to the position itself.
            await viewer.go(f"/position/{slots[0].position.id}")
            taps = 0
            await viewer.at("apply-open").tap()
            taps += 1
            await expect(viewer.at("apply-sheet")).to_be_visible()
            assert await viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await viewer.at("apply-name").fill(SEEKER.name)
            await viewer.at("apply-phone").fill(SEEKER.phone)
            await viewer.at("apply-confirm").tap()
            taps += 1
            await expect(viewer.at("receipt-number")).to_be_visible()
            took_s = time.monotonic() - began_s
            assert (taps, stored(hub)) == (2, 1)
            assert took_s < 60, f"{took_s:.0f} s"
            # Beside the receipt, when the line allows: an image to keep, two questions.
            await viewer.at("night-yes").tap()
            await viewer.at("days-3").tap()
            await expect(viewer.at("receipt-image")).to_be_visible()
            await viewer.at("receipt-mine").tap()
            await expect(viewer.at("application")).to_have_count(1)
            await viewer.at("privacy-open").tap()
            await expect(viewer.at("privacy-firm")).to_have_attribute("data-holds", "true")
            assert await viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert viewer.ear.errors == []


@pytest.mark.timeout(180)
async def test_a_page_killed_in_a_dead_network_sends_it_once_when_it_is_opened_again(
    browser: Browser, tmp_path: Path
) -> None:
    async with hub_behind_a_link(tmp_path) as (hub, link):
        slots = await on_air(hub)
        async with opened(browser, Viewer, way(link), PHONE, phone=True) as viewer:
            await viewer.enter(SESSION)
            await (await viewer.find_on_shelf(slots[0].number)).locator('[data-test="apply-open"]').tap()
            await viewer.at("apply-name").fill(SEEKER.name)
            await viewer.at("apply-phone").fill(SEEKER.phone)
            link.fault = Fault.REFUSE
            link.reset()
            await viewer.at("apply-confirm").tap()
            await expect(viewer.at("apply-kept")).to_be_visible()
            await viewer.page.close()
            assert stored(hub) == 0
            link.fault = Fault.PASS
            page: Page = await viewer.context.new_page()
            ear = Ear()
            ear.listen(page)
            again = Viewer(page, ear, way(link))
            await again.go(f"/room/{SESSION}")
            await expect(again.at("toast").filter(has_text="已送到")).to_be_visible()
            await again.at("my-applications-open").first.tap()
            await expect(again.at("application")).to_have_count(1)
            assert stored(hub) == 1
            assert not [error for error in ear.errors if not NETWORK_IS_GONE.search(error)]


@pytest.mark.timeout(240)
async def test_sixty_applicants_are_answered_with_the_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        slots = await on_air(hub)
        own = (await hub.doors.demo(Role.HR)).grants[0].scope
        slot = next(one for one in slots if one.position.enterprise == own)
        for n in range(60):
            await apply(hub, slot, n)
        async with opened(browser, Desk, hub.url, LAPTOP) as desk:
            await desk.go("/desk?demo=hr")
            await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", "60")
            await expect(desk.at("applicant-row")).to_have_count(50)
            await desk.at("applicant-row").first.focus()
            keys = desk.page.keyboard
            for _ in range(3):
                await keys.press("ArrowDown")
            await keys.press("Enter")
            for n in range(4):
                await expect(desk.at("applicant-name")).to_be_focused()
                await tab_to(desk, "open-applicant")
                await keys.press("Enter")
                await expect(desk.at("applicant-phone")).to_be_visible()
                await tab_to(desk, "outcome-no_answer" if n % 2 else "outcome-reached")
                await keys.press("Enter")
                await expect(desk.at("answered")).not_to_be_empty()
                await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", str(59 - n))
                await tab_to(desk, "next-applicant")
                await keys.press("Enter")
            await tab_to(desk, "answer-unsuitable")
            await keys.press("Enter")
            await tab_to(desk, "reason")
            await keys.press("ArrowDown")
            await tab_to(desk, "reason-send")
            await keys.press("Enter")
            await expect(desk.at("detail-status")).to_have_attribute("data-status", "unsuitable")
            await expect(desk.at("history-step").first).to_contain_text("感谢投递")
            assert desk.ear.errors == []


async def tab_to(desk: Desk, name: str, most: int = 80) -> None:
    """Tab until the focus is on it."""
    for _ in range(most):
        if await desk.page.evaluate("document.activeElement && document.activeElement.dataset.test") == name:
            return
        await desk.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name}")


@pytest.mark.timeout(180)
async def test_a_specialist_answers_for_two_enterprises_and_it_says_so(browser: Browser, tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        slots = await on_air(hub)
        scopes = [grant.scope for grant in (await hub.doors.demo(Role.SPECIALIST)).grants]
        async with (
            opened(browser, Desk, hub.url, PHONE, phone=True) as desk,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
        ):
            await viewer.enter(SESSION)
            chosen: dict[str, ShelfSlot] = {}
            for scope in scopes:
                slot = next((one for one in slots if one.position.enterprise == scope), None)
                if slot is not None and len(chosen) < 2:
                    chosen[scope] = slot
            for slot in chosen.values():
                await (await viewer.find_on_shelf(slot.number)).locator('[data-test="apply-open"]').tap()
                await viewer.fill_and_confirm(SEEKER)
                await viewer.at("receipt-done").tap()
            await desk.go("/desk?demo=specialist")
            for scope in chosen:
                row = desk.page.locator(f'[data-test="firm"][data-enterprise="{scope}"]')
                await expect(row).to_have_attribute("data-waiting", "1")
                await row.locator('[data-test="firm-open"]').tap()
                await desk.at("applicant-row").tap()
                await desk.at("answer-interview").tap()
                await desk.at("interview-place").fill("公司东门")
                await desk.at("interview-send").tap()
                await expect(desk.at("detail-status")).to_have_attribute("data-status", "interview")
                await expect(desk.at("history-step").first).to_contain_text("专员代回复")
                await desk.at("back").tap()
                await desk.at("tab-firms").tap()
            await expect(desk.page.locator('[data-test="firm"][data-waiting="1"]')).to_have_count(0)
            await viewer.at("my-applications-open").first.tap()
            await expect(viewer.at("application")).to_have_count(2)
            await expect(viewer.at("application-note").filter(has_text="专员代回复")).to_have_count(2)
            # A consent is taken back while the number stands open on the desk: it is gone there, at once.
            scope = next(iter(chosen))
            await desk.page.locator(f'[data-test="firm"][data-enterprise="{scope}"] [data-test="firm-open"]').tap()
            await desk.at("filter-all").tap()
            await desk.at("applicant-row").tap()
            await desk.at("open-applicant").tap()
            await expect(desk.at("applicant-phone")).to_have_text(SEEKER.phone)
            await viewer.at("privacy-open").tap()
            firm = viewer.page.locator(f'[data-test="privacy-firm"][data-enterprise="{scope}"]')
            await firm.locator('[data-test="consent-open"]').tap()
            await firm.locator('[data-test="consent-confirm"]').tap()
            await expect(firm).to_have_attribute("data-holds", "false")
            await expect(desk.at("applicant-phone")).to_have_count(0)
            await expect(desk.at("applicant-row")).to_have_count(0)
            assert desk.ear.errors == viewer.ear.errors == []
