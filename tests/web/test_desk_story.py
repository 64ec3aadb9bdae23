"""The desk with many: a specialist with forty enterprises and hundreds of applicants, an HR with sixty, by hand, with
the keyboard, on a small phone and on a county laptop."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import SMALL_PHONE, Desk, opened
from tests.web.test_applying import tab_to
from tests.web.test_axe import Findings
from tests.web.tour_people import HOUR_MS, Fair, applicants, let_time_pass, on_air, pays_less, staff

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

COUNTY_LAPTOP = {"width": 1093, "height": 614}
FIRMS = 40
SIXTY = 60


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    with hub_process(tmp_path_factory.mktemp("desk") / "var") as process:
        await process.start()
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fair(hub: HubProcess) -> Fair:
    """Forty enterprises, ten of them with people who wait 1, 2, 3 … hours, and sixty in the HR's own."""
    slots = await on_air(hub)
    own, firms = await staff(hub)
    assert len(firms) == FIRMS
    first = {firm: next(slot for slot in slots if slot.position.enterprise == firm) for firm in firms}
    some = [firm for firm in firms if firm != own][:10]
    await applicants(hub, [(first[own], SIXTY), *((first[firm], 1 + n) for n, firm in enumerate(some))])
    let_time_pass(hub.var_dir, {firm: (n + 1) * HOUR_MS for n, firm in enumerate(some)})
    return Fair(slots, firms, own)


def firm_row(desk: Desk, firm: str) -> Locator:
    return desk.page.locator(f'[data-test="firm"][data-enterprise="{firm}"]')


async def test_a_specialist_with_forty_enterprises_on_a_small_phone(
    browser: Browser, hub: HubProcess, fair: Fair
) -> None:
    waited = [firm for firm in fair.firms if firm != fair.own][:10]
    longest, next_longest = waited[-1], waited[-2]
    findings = Findings()
    async with opened(browser, Desk, hub.url, SMALL_PHONE, phone=True) as desk:
        await desk.go("/desk?demo=specialist")
        # How many wait, and since when, before anything is touched.
        await expect(desk.at("firms-sum")).to_have_attribute("data-people", str(SIXTY + 55))
        await expect(desk.at("firms-sum")).to_contain_text("11 家有 115 人在等回音，最久的等了 10 小时")
        await expect(desk.at("firm")).to_have_count(FIRMS)
        await expect(desk.at("firm").first).to_have_attribute("data-enterprise", longest)
        await desk.at("firms-order").select_option("most")
        await expect(desk.at("firm").first).to_have_attribute("data-enterprise", fair.own)
        await desk.at("firms-waiting").tap()
        await expect(desk.at("firm")).to_have_count(11)
        # One of forty by a part of its name.
        name = (await firm_row(desk, waited[3]).locator(".strong").inner_text()).strip()
        await desk.at("firms-all").tap()
        await desk.at("firms-find").fill(name[2:6])
        await expect(firm_row(desk, waited[3])).to_be_visible()
        await desk.at("firms-find").fill("宇航")
        await expect(desk.at("empty")).to_contain_text("没有这样的企业")
        await findings.look(desk.page, "no such firm")
        await desk.at("firms-find").fill("")
        await findings.look(desk.page, "forty firms")
        # From whoever waits longest: one group interview for all ten, marked as the specialist's.
        await desk.at("firms-start").tap()
        await expect(desk.at("applicant-row")).to_have_count(10)
        await desk.at("pick").tap()
        await desk.at("bulk-all").tap()
        await expect(desk.at("bulk-count")).to_have_attribute("data-count", "10")
        await findings.look(desk.page, "several picked")
        await desk.at("bulk-interview").tap()
        await expect(desk.at("answer-to")).to_contain_text("10 人")
        await desk.at("interview-place").fill("公司东门")
        await desk.at("interview-send").tap()
        await expect(desk.at("toast").filter(has_text="10 人")).to_be_visible()
        await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", "0")
        # And on to the enterprise whose people wait longest now.
        await desk.at("next-firm").tap()
        await expect(desk.at("applicant-row")).to_have_count(9)
        await expect(desk.at("applicant-wait").first).to_contain_text("9 小时")
        await desk.at("applicant-row").first.tap()
        await desk.at("answer-filled").tap()
        await expect(desk.at("history-step").first).to_contain_text("专员代回复")
        await desk.page.go_back()
        await desk.at("tab-firms").tap()
        await expect(firm_row(desk, longest)).to_have_attribute("data-waiting", "0")
        await expect(firm_row(desk, next_longest)).to_have_attribute("data-waiting", "8")
        findings.none()
        assert desk.ear.errors == []


async def test_an_hr_with_sixty_applicants_at_a_county_laptop(browser: Browser, hub: HubProcess, fair: Fair) -> None:
    findings = Findings()
    async with opened(browser, Desk, hub.url, COUNTY_LAPTOP) as desk:
        await desk.go("/desk?demo=hr")
        await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", str(SIXTY))
        first = await desk.at("applicant-row").first.get_attribute("data-application")
        keys = desk.page.keyboard
        # J and K from one to the next; the place among all is said.
        await keys.press("j")
        await expect(desk.at("step-place")).to_contain_text("第 1 位")
        await keys.press("j")
        await expect(desk.at("step-place")).to_contain_text("第 2 位")
        await expect(desk.at("applicant-name")).to_be_focused()
        await keys.press("k")
        await expect(desk.row(str(first))).to_have_attribute("aria-current", "true")
        await findings.look(desk.page, "one of sixty")
        # What this person saw is not what the position says today.
        own = next(slot.position for slot in fair.slots if slot.position.enterprise == fair.own)
        await pays_less(hub, own)
        await tab_to(desk, "open-applicant")
        await keys.press("Enter")
        await expect(desk.page.locator('[data-test="seen-fact"][data-fact="band"]')).to_contain_text("3,000–3,100")
        await findings.look(desk.page, "what was seen")
        # One person among all, on whatever page: the digits the phone shows.
        await desk.at("find").fill("1000")
        # A receipt that holds these digits by chance may stand before it.
        await expect(desk.at("applicant-row")).not_to_have_count(SIXTY)
        await expect(desk.at("applicant-row").filter(has_text="1000")).to_have_count(1)
        await desk.at("find").fill("查无此人")
        await expect(desk.at("applicant-row")).to_have_count(1)
        await desk.at("find").fill("")
        await expect(desk.at("applicant-row")).to_have_count(SIXTY)
        await desk.at("order").select_option("newest")
        await expect(desk.at("applicant-row")).to_have_count(50)
        await expect(desk.row(str(first))).to_have_count(0)
        # Three with one reason, by keyboard alone.
        await desk.at("pick").focus()
        await keys.press("Enter")
        await desk.at("applicant-row").first.focus()
        for _ in range(3):
            await keys.press("Space")
            await keys.press("ArrowDown")
        await expect(desk.at("bulk-count")).to_have_attribute("data-count", "3")
        await tab_to(desk, "bulk-unsuitable")
        await keys.press("Enter")
        await findings.look(desk.page, "one reason for three")
        await tab_to(desk, "reason-send")
        await keys.press("Enter")
        await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", str(SIXTY - 3))
        await expect(desk.at("bulk")).to_have_count(0)
        await expect(desk.at("pick")).to_be_focused()
        findings.none()
        assert desk.ear.errors == []


async def test_a_specialist_goes_through_enterprises_without_a_mouse(
    browser: Browser, hub: HubProcess, fair: Fair
) -> None:
    async with opened(browser, Desk, hub.url, COUNTY_LAPTOP) as desk:
        await desk.go("/desk?demo=specialist")
        await expect(desk.at("firm")).to_have_count(FIRMS)
        keys = desk.page.keyboard
        name = (await firm_row(desk, fair.own).locator(".strong").inner_text()).strip()
        await tab_to(desk, "firms-find")
        await keys.type(name)
        await expect(desk.at("firm")).to_have_count(1)
        await tab_to(desk, "firm-open")
        await keys.press("Enter")
        await expect(desk.page.locator("#list-title")).to_be_focused()
        await expect(desk.at("applicant-row").first).to_be_visible()
        await tab_to(desk, "applicant-row")
        await keys.press("Enter")
        await expect(desk.at("applicant-name")).to_be_focused()
        await tab_to(desk, "answer-intent")
        await keys.press("Enter")
        await expect(desk.at("history-step").first).to_contain_text("专员代回复")
        await tab_to(desk, "next-applicant")
        await keys.press("Enter")
        await expect(desk.at("applicant-name")).to_be_focused()
        assert desk.ear.errors == []


async def test_a_position_that_is_full_tells_all_who_wait_in_one_tap(
    browser: Browser, hub: HubProcess, fair: Fair
) -> None:
    """After the story above some of the sixty were answered: only who still waits is told."""
    findings = Findings()
    async with opened(browser, Desk, hub.url, SMALL_PHONE, phone=True) as desk:
        await desk.go("/desk?demo=hr")
        await expect(desk.at("waiting-count")).not_to_have_attribute("data-waiting", "0")
        waiting = int(await desk.at("waiting-count").get_attribute("data-waiting") or "0")
        assert waiting > 20
        await desk.go("/desk?demo=hr#positions")
        slot = next(slot for slot in fair.slots if slot.position.enterprise == fair.own)
        file = desk.page.locator(f'[data-test="position-file"][data-position="{slot.position.id}"]')
        await file.locator('[data-test="position-close"]').tap()
        sheet = desk.at("filling-sheet")
        await expect(sheet).to_contain_text("在等回音")
        await findings.look(desk.page, "position full")
        await desk.at("filling-all").tap()
        await expect(desk.at("toast").filter(has_text=f"告诉了 {waiting} 人")).to_be_visible()
        await expect(file.locator('[data-test="position-reopen"]')).to_be_visible()
        await file.locator('[data-test="position-reopen"]').tap()
        await expect(file.locator('[data-test="position-close"]')).to_be_visible()
        await file.locator('[data-test="position-close"]').tap()
        await expect(file.locator('[data-test="position-reopen"]')).to_be_visible()
        await desk.go("/desk?demo=hr")
        await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", "0")
        findings.none()
        assert desk.ear.errors == []
