"""People and their phones, with a real hub and a real browser: a number confirmed on one phone, read on another."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from server.core.model import Role
from tests.faults.processes import hub_process
from tests.web.pages import LAPTOP, PHONE, SMALL_PHONE, Applying, Desk, Host, Open, Screen, Viewer, opened
from tests.web.test_axe import Findings

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
            own = (await hub.doors.demo(Role.HR)).grants[0].scope
            shelf = (await hub.doors.shelf("S01", 1)).slots
            slot = next(one for one in shelf if one.position.enterprise == own)
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
            findings = Findings()
            await findings.look(second.page, "wrong code")
            findings.none()
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


@pytest.mark.timeout(240)
async def test_an_hr_joins_by_invitation_and_answers(browser: Browser, tmp_path: Path) -> None:
    """An operator invites; the HR scans, names the code, chooses a password, and answers the first applicant."""
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Screen, hub.url, LAPTOP) as screen,
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as seeker,
            opened(browser, Desk, hub.url, SMALL_PHONE, phone=True) as desk,
        ):
            await host.enter()
            await host.go_live()
            position = (await hub.doors.shelf("S01", 1)).slots[0].position
            firm = (await hub.doors.enterprise(position.enterprise)).enterprise

            await screen.go("/screen?demo=operator#people")
            await screen.at("people-invite").click()
            await screen.at("invite-find").fill(firm.name)
            await expect(screen.page.locator('[data-test="invite-scope"] option')).to_have_count(2)
            await screen.at("invite-name").fill("王经理")
            await screen.at("invite-phone").fill("110")
            await screen.at("invite-send").click()
            await expect(screen.at("invite-sheet")).to_contain_text("11 位手机号")
            findings = Findings()
            await findings.look(screen.page, "inviting")
            await screen.at("invite-phone").fill("138 0013 8000")
            await screen.at("invite-send").click()
            await expect(screen.at("invitation-qr")).to_be_visible()
            await findings.look(screen.page, "invitation")
            link = await screen.at("invitation-link").input_value()

            await desk.page.goto(link)
            await expect(desk.at("join-role")).to_contain_text(firm.name)
            await findings.look(desk.page, "join")
            await desk.at("join-ask").click()
            code = await shown_code(desk)
            await expect(desk.at("join-code")).to_be_focused()
            await desk.page.keyboard.type(code)
            await desk.at("join-password").fill("short")
            await desk.at("join-submit").click()
            await expect(desk.at("join")).to_contain_text("至少 8 个字符")
            await expect(desk.at("join-password")).to_be_focused()
            await findings.look(desk.page, "join with a short password")
            await desk.at("join-password").fill("fine weather today")
            await desk.at("join-submit").click()
            await expect(desk.at("desk-enterprise-name")).to_have_text(firm.name)
            assert "#" not in desk.page.url
            token = link.partition("#")[2]
            assert not any(token in url.partition("#")[0] for url in desk.ear.urls), "the token went out in an address"

            await seeker.enter("S01")
            await (await seeker.find_on_shelf(1)).click()
            await seeker.page.locator('[data-test="position-sheet"] [data-test="apply-open"]').click()
            await seeker.fill_and_confirm(SEEKER)
            await seeker.at("receipt-mine").click()
            row = await seeker.at("application").get_attribute("data-application")
            assert row is not None
            await desk.row(row).click()
            await desk.at("open-applicant").tap()
            await expect(seeker.at("application")).to_have_attribute("data-status", "viewed")

            # Used up; and what was given can be taken.
            await desk.page.goto(link)
            await expect(desk.at("join-gone")).to_contain_text("已经用过")
            await findings.look(desk.page, "join, used")
            findings.none()
            await screen.at("sheet-close").click()
            member = screen.page.locator('[data-test="member"][data-role="hr"]').filter(has_text="王经理")
            await expect(member).to_have_attribute("data-signed-in", "yes")
            await desk.go("/desk")
            await expect(desk.at("desk-enterprise-name")).to_be_visible()
            await member.locator('[data-test="role-revoke"]').click()
            await member.locator('[data-test="role-revoke-confirm"]').click()
            await expect(member).to_have_count(0)
            await expect(desk.at("sign-in")).to_be_visible()
            assert "13800138000" not in hub.log()
            assert token not in hub.log()


@pytest.mark.timeout(120)
async def test_a_house_that_wants_the_code_before(browser: Browser, tmp_path: Path) -> None:
    """`phone_confirmation: before`: the sheet asks for the code and goes on by itself; nothing is typed twice."""
    config = tmp_path / "config.yaml"
    config.write_text("phone_confirmation: before\n", encoding="utf-8")
    with hub_process(tmp_path / "var", {"DAIGANG_CONFIG": str(config)}) as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, LAPTOP) as host,
            opened(browser, Viewer, hub.url, SMALL_PHONE, phone=True) as seeker,
        ):
            await host.enter()
            await host.go_live()
            await seeker.enter("S01")
            await (await seeker.find_on_shelf(1)).click()
            await seeker.page.locator('[data-test="position-sheet"] [data-test="apply-open"]').click()
            await seeker.at("apply-name").fill(SEEKER.name)
            await seeker.at("apply-phone").fill(SEEKER.phone)
            await seeker.at("apply-confirm").click()
            await seeker.at("code-input").fill(await shown_code(seeker))
            await expect(seeker.at("receipt")).to_be_visible()
            await expect(seeker.at("confirm-offer")).to_have_count(0)
