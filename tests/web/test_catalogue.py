"""From a workbook to the card: an operator uploads, sees the reasons, confirms and approves; the host of a session on
air shows what came, and the enterprise closes a position that everybody is looking at."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.web.pages import LAPTOP, PHONE, Desk, Host, Open, Screen, Viewer, hub_behind_a_link, opened
from tests.web.test_axe import Findings
from tests.web.test_keyboard import assert_understandable

pytestmark = pytest.mark.asyncio(loop_scope="session")

JOBS = Path(__file__).parents[1] / "data" / "workbook" / "jobs.xlsx"
SESSION = "S01"


@pytest.mark.timeout(180)
async def test_from_a_workbook_to_the_card(browser: Browser, tmp_path: Path) -> None:
    async with (
        hub_behind_a_link(tmp_path) as (hub, _),
        opened(browser, Host, hub.url, LAPTOP) as host,
        opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
        opened(browser, Screen, hub.url, LAPTOP) as screen,
        opened(browser, Desk, hub.url, PHONE, phone=True) as desk,
    ):
        await host.enter()
        await host.go_live()
        await viewer.enter(SESSION)
        before = await host.at("rundown-row").count()
        await refuses_what_is_no_workbook(screen, tmp_path)
        await can_be_used_by_all(screen)
        await imports(screen)
        await can_be_used_by_all(screen)
        title = await approves_one_enterprise(screen)
        await expect(host.at("rundown-row")).not_to_have_count(before)
        await host.show(before + 1)
        await expect(viewer.at("card-title")).to_have_text(title)
        await closes_what_is_shown(host, viewer, desk)
        everybody: tuple[Open, ...] = (host, viewer, screen, desk)
        for page in everybody:
            assert [line for line in page.ear.errors if "status of 400" not in line] == []


async def can_be_used_by_all(one: Open) -> None:
    """Everything has a name a screen reader can say, and axe finds nothing serious."""
    await assert_understandable(one)
    findings = Findings()
    await findings.look(one.page, one.page.url)
    findings.none()


async def refuses_what_is_no_workbook(screen: Screen, directory: Path) -> None:
    await screen.go("/screen?demo=operator#import")
    page = directory / "jobs.xls"
    page.write_text("<html><table><tr><td>焊工</td></tr></table></html>", encoding="utf-8")
    await screen.at("import-file").set_input_files(page)
    await expect(screen.at("import-fault")).to_contain_text("这是网页，不是表格")


async def imports(screen: Screen) -> None:
    await screen.at("import-session").select_option(SESSION)
    await screen.at("import-file").set_input_files(JOBS)
    await expect(screen.at("count-imported")).to_have_attribute("data-count", "20")
    drafts = screen.page.locator('[data-test="import-row"][data-outcome="draft"]')
    await expect(drafts).to_have_count(17)
    await expect(drafts.first).to_contain_text("薪资写的是面议")
    async with screen.page.expect_download() as download:
        await screen.at("import-corrections").click()
    assert (await download.value).suggested_filename.endswith(".xlsx")
    await screen.at("import-confirm").click()
    await expect(screen.at("import-done")).to_have_attribute("data-changed", "37")


async def approves_one_enterprise(screen: Screen) -> str:
    """Returns the title that gets the next number of the shelf."""
    await screen.at("import-to-review").click()
    await expect(screen.at("review-sum")).to_contain_text("20")
    firm = screen.at("review-firm").filter(has=screen.at("review-approve-all")).first
    name = await firm.get_attribute("data-enterprise")
    await firm.locator('[data-test="review-open"]').click()
    waiting = firm.locator('[data-test="position-file"][data-review="waiting"]')
    await expect(waiting.first).to_be_visible()
    titles = {
        await one.get_attribute("data-position") or "": await one.locator("h3").inner_text()
        for one in await waiting.all()
    }
    await can_be_used_by_all(screen)
    await firm.locator('[data-test="review-approve-all"]').click()
    approve = f'[data-test="review-firm"][data-enterprise="{name}"] [data-test="review-approve-all"]'
    await expect(screen.page.locator(approve)).to_have_count(0)
    return titles[min(titles)]


async def closes_what_is_shown(host: Host, viewer: Viewer, desk: Desk) -> None:
    await desk.go("/desk?demo=hr#positions")
    file = desk.at("position-file").first
    position = await file.get_attribute("data-position") or ""
    row = host.page.locator(f'[data-test="rundown-row"][data-position="{position}"]')
    await host.show(int(await row.get_attribute("data-number") or "0"))
    card = viewer.card(position)
    await expect(card.locator('[data-test="apply-open"]')).to_be_visible()
    await can_be_used_by_all(desk)
    mine = desk.page.locator(f'[data-test="position-file"][data-position="{position}"]')
    await mine.locator('[data-test="position-close"]').click()
    await expect(card.locator('[data-test="apply-off"]')).to_be_visible()
    await mine.locator('[data-test="position-edit"]').click()
    await can_be_used_by_all(desk)
    await desk.at("field-openings").fill("77")
    await desk.at("position-save").click()
    await expect(viewer.at("card-openings")).to_contain_text("77")
    await row.locator('[data-test="fill-position"]').click()  # the host takes it back
    await expect(mine.locator('[data-test="position-close"]')).to_be_visible()
    await expect(card.locator('[data-test="apply-open"]')).to_be_visible()
