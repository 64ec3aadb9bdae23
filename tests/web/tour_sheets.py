"""The sheets and questions by which somebody asks for what cannot be taken back, each as it stands before the yes; and
the room and the portal while halls are opened together."""

from typing import TYPE_CHECKING

from playwright.async_api import Page

from tests.web.test_catalogue import JOBS
from tests.web.tour_people import SESSION
from tests.web.tour_walks import at

if TYPE_CHECKING:
    from tests.web.tour import Tour


async def at_work(page: Page) -> None:
    """Past the wall, where the screen begins with it."""
    await at(page, "as-of").wait_for()
    if await at(page, "mode-table").count():
        await at(page, "mode-table").click()


async def launch(tour: "Tour") -> None:
    async with (
        tour.page("/screen?demo=operator") as page,
        tour.page(f"/room/{SESSION}") as room,
        tour.page("/") as portal,
        tour.page("/host?demo=host") as host,
    ):
        await at(room, "room").wait_for()
        await at(portal, "room-row").first.wait_for()
        await at(host, "rundown-row").first.wait_for()
        await at_work(page)
        await at(page, "launch-open").click()
        await at(page, "launch-text").fill("")
        await at(page, "launch-ask").click()
        await tour.snap(page, "sheet-launch-mistake")
        await at(page, "launch-text").fill("吉林省2026年秋季网络招聘会，四十九个会场同时开播")
        await at(page, "launch-in").select_option("5")
        await at(page, "launch-ask").click()
        await tour.snap(page, "sheet-launch")
        await at(page, "launch-confirm").click()
        await at(page, "launch-sheet").wait_for(state="detached")
        await tour.snap(page, "sheet-launch-said")
        await tour.snap(host, "host-launch")
        await at(room, "launch").wait_for()
        await tour.snap(room, "viewer-room-launch")
        await tour.snap(portal, "viewer-portal-launch")


async def cutting(tour: "Tour") -> None:
    async with tour.page("/screen?demo=operator#rooms") as page:
        await at_work(page)
        await page.locator(".room__cut").first.click()
        await at(page, "cut-off").click()
        await tour.snap(page, "sheet-cut-mistake")
        await at(page, "cut-reason").fill("讲解中要求求职者交押金")
        await at(page, "cut-off").click()
        await tour.snap(page, "sheet-cut")


async def a_role(tour: "Tour") -> None:
    async with tour.page("/screen?demo=operator#people") as page:
        await at_work(page)
        await at(page, "tab-people").click()
        await at(page, "role-revoke").first.click()
        await at(page, "role-revoke-question").wait_for()
        await at(page, "role-revoke-question").scroll_into_view_if_needed()
        await tour.snap(page, "sheet-role")


async def positions(tour: "Tour") -> None:
    async with tour.page("/desk?demo=hr#positions") as page:
        await at(page, "position-edit").first.click()
        await tour.snap(page, "sheet-position")
        await page.keyboard.press("Escape")
        await at(page, "position-close").first.click()
        await page.locator('[data-test="filling-sheet"], [data-test="toast"]').first.wait_for()
        await tour.snap(page, "sheet-filling")


async def a_phone(tour: "Tour") -> None:
    async with tour.page("/host?demo=host") as page:
        await at(page, "rundown-row").first.wait_for()
        if await at(page, "tab-monitor").is_visible():
            await at(page, "tab-monitor").click()
        await at(page, "cast-phone").first.click()
        await at(page, "phone-qr").wait_for()
        await tour.snap(page, "sheet-phone")


async def a_report(tour: "Tour") -> None:
    async with tour.page(f"/room/{SESSION}") as page:
        await at(page, "room").wait_for()
        await at(page, "report-open").first.click()
        await at(page, "report-send").click()
        await at(page, "report-error").wait_for()
        await tour.snap(page, "sheet-report-mistake")


async def refusing(tour: "Tour") -> None:
    async with tour.page("/screen?demo=operator#review") as page:
        await at(page, "review-open").or_(at(page, "empty")).first.wait_for()
        if not await at(page, "review-open").count():
            await at(page, "tab-import").click()
            await at(page, "import-session").select_option(SESSION)
            await at(page, "import-file").set_input_files(JOBS)
            await at(page, "import-confirm").click()
            await at(page, "import-to-review").click()
        await at(page, "review-open").first.click()
        await at(page, "review-refuse").first.click()
        await at(page, "refuse-own").fill("薪资写的是面议，请写清楚每月多少")
        await tour.snap(page, "sheet-refuse")


SHEETS = (launch, cutting, a_role, positions, a_phone, a_report, refusing)
