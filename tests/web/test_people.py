"""People and their phones, with a real hub and a real browser: a number confirmed on one phone, read on another."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.faults.processes import hub_process
from tests.web.pages import LAPTOP, PHONE, SMALL_PHONE, Applying, Desk, Host, Open, Viewer, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEKER = Applying(name="甄师傅", phone="13812345678")


async def shown_code(page: Open) -> str:
    """The code, as a demonstration shows it."""
    words = await page.at("code-shown").inner_text()
    return words.strip()[-6:]


@pytest.mark.timeout(240)
async def test_applied_on_one_phone_confirmed_and_read_on_another(browser: Browser, tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as first,
            opened(browser, Viewer, hub.url, SMALL_PHONE, phone=True) as second,
            opened(browser, Desk, hub.url, PHONE, phone=True) as desk,
        ):
            await host.enter()
            await host.go_live()
            await desk.enter()
            await expect(desk.at("desk-enterprise-name")).to_contain_text("公司")
            own = (await desk.at("desk-enterprise-name").inner_text()).strip()
            shelf = (await hub.doors.shelf("S01", 1)).slots
            slot = next(one for one in shelf if one.position.enterprise_name == own)
            await first.enter("S01")
            await (await first.find_on_shelf(slot.number)).click()
            await first.page.locator('[data-test="position-sheet"] [data-test="apply-open"]').click()
            number = await first.fill_and_confirm(SEEKER)

            # Offered on the receipt, and skipped: the application stands all the same.
            await expect(first.at("confirm-offer")).to_be_visible()
            await first.at("receipt-mine").click()
            await expect(first.at("unconfirmed")).to_be_visible()

            # Another phone: nothing there, until the number is named and the code that came to it.
            await second.go("/#mine")
            await expect(second.at("empty")).to_be_visible()
            await second.at("mine-elsewhere").click()
            await second.at("confirm-phone").fill("138 1234")
            await second.at("confirm-ask").click()
            await expect(second.at("confirm-sheet")).to_contain_text("11 位")
            await second.at("confirm-phone").fill("138 1234 5678")
            await second.at("confirm-ask").click()
            code = await shown_code(second)
            await expect(second.at("code-again")).to_be_disabled()
            await second.at("code-input").fill(f"{(int(code) + 1) % 10**6:06}")
            await expect(second.at("confirm-sheet")).to_contain_text("还可以再试 4 次")
            await second.at("code-input").fill(code)
            await expect(second.application(slot.position.title)).to_contain_text(number)

            # The number is the second phone's now: that one sees each step at once. The first has only typed it.
            row = await first.at("application").get_attribute("data-application")
            assert row is not None
            await desk.row(row).click()
            await desk.at("open-applicant").tap()
            await expect(second.at("application")).to_have_attribute("data-status", "viewed")
            await expect(second.at("unconfirmed")).to_have_count(0)
            await expect(first.at("application")).to_have_attribute("data-status", "applied")
            await expect(first.at("unconfirmed")).to_be_visible()
            assert [*first.ear.errors, *second.ear.errors, *desk.ear.errors] == []
