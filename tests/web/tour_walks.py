"""Where the tour goes: for each page the states it has, each from a fresh profile."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from playwright.async_api import Locator, Page, Route

from server.core.model import Role

if TYPE_CHECKING:
    from tests.web.tour import Tour

SESSION: Final = "S01"
Walk = Callable[["Tour"], Awaitable[None]]


def said(tour: "Tour", path: str) -> str:
    """The address of a page that the server makes, in the language of the tour."""
    return f"{tour.hub.url}{path}{'&' if '?' in path else '?'}lang={tour.language}"


def at(page: Page, name: str) -> Locator:
    """What carries `data-test=name`."""
    return page.locator(f'[data-test="{name}"]')


async def portal(tour: "Tour") -> None:
    async with tour.page("/") as page:
        await at(page, "room-row").first.wait_for()
        await tour.snap(page, "viewer-portal")
        await at(page, "my-applications-open").click()
        await tour.snap(page, "viewer-mine-empty")
        await at(page, "sheet-close").click()
        await page.goto(f"{tour.hub.url}/?q=焊工")
        await at(page, "found-row").first.wait_for()
        await tour.snap(page, "viewer-found")
        await at(page, "search-filters").click()
        await tour.snap(page, "viewer-filters")
        await page.goto(f"{tour.hub.url}/?q=宇航员")
        await at(page, "empty").wait_for()
        await tour.snap(page, "viewer-found-none")


async def position(tour: "Tour") -> None:
    async with tour.page("/V01/2") as page:
        await at(page, "position-page").wait_for()
        await tour.snap(page, "viewer-position")
        await at(page, "share-open").click()
        await at(page, "poster").wait_for()
        await tour.snap(page, "viewer-poster")
        await page.goto(said(tour, "/V01/9999"))
        await tour.snap(page, "viewer-position-none")


async def room(tour: "Tour") -> None:
    async with tour.page(f"/room/{SESSION}") as page:
        await at(page, "room").wait_for()
        await tour.snap(page, "viewer-room")
        if await at(page, "tab-chat").count():
            await at(page, "tab-chat").click()
        await at(page, "chat-input").fill("包住吗")
        await at(page, "chat-send").click()
        await at(page, "confirm-sheet").wait_for()
        await tour.snap(page, "viewer-chat-confirm")
        await at(page, "confirm-phone").fill(f"138{hash((tour.width, tour.language)) % 10**8:08d}")
        await at(page, "confirm-ask").click()
        shown = await at(page, "code-shown").inner_text()
        await tour.snap(page, "viewer-chat-code")
        await at(page, "code-input").fill(shown.strip()[-6:])
        await at(page, "confirm-sheet").wait_for(state="detached")
        await at(page, "chat-quick").first.click()
        await tour.snap(page, "viewer-chat-said")
        await at(page, "chat-input").fill("加微信 lianxi888 日结")
        await at(page, "chat-send").click()
        await at(page, "chat-why").wait_for()
        await tour.snap(page, "viewer-chat-refused")
        if await at(page, "chat-tell").is_visible():
            await at(page, "chat-tell").click()
            await tour.snap(page, "viewer-report-which")
            await at(page, "report-pick-line").first.click()
        else:
            await at(page, "chat-report").first.click()
        await at(page, "report-sheet").wait_for()
        await at(page, "report-send").click()
        await tour.snap(page, "viewer-report-line")
    async with tour.page("/room/none") as page:
        await page.goto(said(tour, "/room/none"))
        await page.locator("main").wait_for()
        await tour.snap(page, "viewer-room-none")


async def shelf(tour: "Tour") -> None:
    async with tour.page(f"/room/{SESSION}") as page:
        await at(page, "room").wait_for()
        if await at(page, "shelf-open").count():
            await at(page, "shelf-open").click()
        await at(page, "shelf-row").first.wait_for()
        await tour.snap(page, "viewer-shelf")
        await at(page, "shelf-search").fill("宇航员")
        await tour.snap(page, "viewer-shelf-none")
        await at(page, "shelf-search").fill("3号")
        await at(page, "shelf-row-open").first.click()
        await at(page, "position-sheet").wait_for()
        await tour.snap(page, "viewer-position-sheet")
        await at(page, "position-sheet").locator('[data-test="report-open"]').click()
        await at(page, "report-send").click()
        await tour.snap(page, "viewer-report")
        await at(page, "reason-fee").check()
        await at(page, "report-send").click()
        await at(page, "report-sheet").wait_for(state="detached")


async def applying(tour: "Tour") -> None:
    async with tour.page(f"/room/{SESSION}") as page:
        await at(page, "apply-open").first.click()
        await at(page, "apply-sheet").wait_for()
        await tour.snap(page, "viewer-apply")
        await at(page, "apply-confirm").click()
        await tour.snap(page, "viewer-apply-mistakes")
        await at(page, "apply-name").fill("甄师傅")
        await at(page, "apply-phone").fill(f"137{hash((tour.width, tour.language)) % 10**8:08d}")
        await at(page, "apply-confirm").click()
        await at(page, "receipt").wait_for()
        await tour.snap(page, "viewer-receipt")
        await at(page, "confirm-offer").click()
        await tour.snap(page, "viewer-receipt-confirm")
        await page.goto(f"{tour.hub.url}/#mine")
        await at(page, "application").first.wait_for()
        await tour.snap(page, "viewer-mine")
        await at(page, "withdraw-open").first.click()
        await tour.snap(page, "viewer-mine-withdraw")
        await at(page, "privacy-open").click()
        await at(page, "privacy-firm").first.wait_for()
        await tour.snap(page, "viewer-privacy")


async def big_type(tour: "Tour") -> None:
    async with tour.page("/", stored="localStorage['daigang.big_type'] = 'true'") as page:
        await at(page, "room-row").first.wait_for()
        await tour.snap(page, "viewer-big-portal")
        await page.goto(f"{tour.hub.url}/room/{SESSION}")
        await at(page, "room").wait_for()
        await tour.snap(page, "viewer-big-room")
        await at(page, "apply-open").first.click()
        await at(page, "apply-sheet").wait_for()
        await tour.snap(page, "viewer-big-apply")
        await page.go_back()
        await page.goto(f"{tour.hub.url}/V01/2")
        await at(page, "position-page").wait_for()
        await tour.snap(page, "viewer-big-position")


async def offline(tour: "Tour") -> None:
    async with tour.page(f"/room/{SESSION}") as page:
        await at(page, "room").wait_for()
        await page.context.set_offline(True)
        await at(page, "bar-offline").wait_for()
        await tour.snap(page, "viewer-offline")

    async def broken(route: Route) -> None:
        await route.abort()

    async with tour.page("/none-yet") as page:
        await page.route("**/api/fair", broken)
        await page.goto(f"{tour.hub.url}/")
        await at(page, "error").wait_for()
        await tour.snap(page, "viewer-portal-error")


async def host(tour: "Tour") -> None:
    async with tour.page("/host?demo=host") as page:
        await at(page, "rundown-row").first.wait_for()
        await tour.snap(page, "host")
        for tool in await page.locator('[data-test^="tool-"]').all():
            name = await tool.get_attribute("data-test")
            await tool.click()
            await tour.snap(page, f"host-{name}")
            await page.keyboard.press("Escape")
        for tab in ("tab-chat", "tab-monitor"):
            if await at(page, tab).is_visible():
                await at(page, tab).click()
                await tour.snap(page, f"host-{tab}")
                if tab == "tab-chat":
                    await at(page, "talk-questions").click()
                    await tour.snap(page, "host-questions")
                    await at(page, "talk-chat").click()
                    await _a_line(tour, page)
        if tour.width > 1000:
            await at(page, "talk-questions").click()
            await tour.snap(page, "host-questions")
            await at(page, "answer-open").first.click()
            await tour.snap(page, "host-answer")
            await at(page, "talk-chat").click()
            await _a_line(tour, page)


async def _a_line(tour: "Tour", page: Page) -> None:
    await at(page, "line-pick").first.click()
    await tour.snap(page, "host-line")
    await page.keyboard.press("Escape")


async def doors(tour: "Tour") -> None:
    for name in ("host", "desk", "screen", "join"):
        async with tour.page(f"/{name}") as page:
            await tour.snap(page, f"door-{name}")


async def camera(tour: "Tour") -> None:
    host = await tour.hub.doors.demo(Role.HOST)
    async with tour.page("/camera") as page:
        await at(page, "camera-scan").wait_for()
        await tour.snap(page, "camera-scan")
        answer = await page.request.post(
            f"{tour.hub.url}/api/sessions/{SESSION}/camera",
            headers={"Authorization": f"Bearer {host.token}", "Origin": tour.hub.url},
            data={},
        )
        await page.goto((await answer.json())["link"])
        await at(page, "cast-open").wait_for()
        await tour.snap(page, "camera-open")
        await at(page, "cast-open").click()
        await at(page, "cast-start").wait_for()
        await tour.snap(page, "camera-ready")
        await page.locator('[data-test="cast-start"]:not([disabled])').click()
        await page.locator('[data-test="camera"][data-phase="on"]').wait_for()
        await tour.snap(page, "camera-on")
        await at(page, "cast-stop").click()
        await tour.snap(page, "camera-stop")
    async with tour.page("/camera#used-up") as page:
        await at(page, "camera-scan").wait_for()
        await tour.snap(page, "camera-used")


async def desk_of_hr(tour: "Tour") -> None:
    async with tour.page("/desk?demo=hr") as page:
        await at(page, "applicant-row").first.wait_for()
        await tour.snap(page, "desk-inbox")
        await at(page, "filter-all").click()
        await tour.snap(page, "desk-inbox-all")
        await at(page, "applicant-row").first.click()
        await tour.snap(page, "desk-applicant")
        await at(page, "open-applicant").click()
        await at(page, "applicant-phone").wait_for()
        await tour.snap(page, "desk-applicant-open")
        await at(page, "answer-interview").click()
        await tour.snap(page, "desk-interview")
        await page.keyboard.press("Escape")
        await at(page, "answer-unsuitable").click()
        await tour.snap(page, "desk-unsuitable")
        await page.keyboard.press("Escape")
        await page.goto(f"{tour.hub.url}/desk#positions")
        await tour.snap(page, "desk-positions")


async def desk_of_specialist(tour: "Tour") -> None:
    async with tour.page("/desk?demo=specialist") as page:
        await at(page, "firm").first.wait_for()
        await tour.snap(page, "desk-firms")
        await at(page, "firm-invite").first.click()
        await tour.snap(page, "desk-firms-invite")
        await page.keyboard.press("Escape")
        await at(page, "tab-inbox").click()
        await tour.snap(page, "desk-firms-inbox")


async def screen(tour: "Tour") -> None:
    async with tour.page("/screen?demo=operator") as page:
        await at(page, "as-of").wait_for()
        await tour.snap(page, "screen")
        if await at(page, "mode-table").count():
            await at(page, "mode-table").click()
        tabs = page.locator('[role="tab"]')
        await tabs.first.wait_for()
        for n in range(await tabs.count()):
            await tabs.nth(n).click()
            await page.wait_for_timeout(400)
            await tour.snap(page, f"screen-{await tabs.nth(n).get_attribute('data-test')}")
        await at(page, "tab-reports").click()
        await at(page, "report-pick").first.click()
        await tour.snap(page, "screen-report")


async def joining(tour: "Tour") -> None:
    async with tour.page("/screen?demo=operator") as page:
        await at(page, "as-of").wait_for()
        if await at(page, "mode-table").count():
            await at(page, "mode-table").click()
        await at(page, "tab-people").click()
        await at(page, "people-invite").click()
        await tour.snap(page, "screen-invite")
        await at(page, "invite-find").fill("长春")
        await page.wait_for_timeout(500)
        scopes = page.locator('[data-test="invite-scope"] option')
        await at(page, "invite-scope").select_option(await scopes.nth(1).get_attribute("value"))
        await at(page, "invite-name").fill("王经理")
        await at(page, "invite-phone").fill(f"136{hash((tour.width, tour.language)) % 10**8:08d}")
        await at(page, "invite-send").click()
        await at(page, "invitation-qr").wait_for()
        await tour.snap(page, "screen-invitation")
        link = await at(page, "invitation-link").input_value()
    async with tour.page("/join") as page:
        await page.goto(link)
        await at(page, "join-role").wait_for()
        await tour.snap(page, "join")
        await at(page, "join-ask").click()
        shown = await at(page, "code-shown").inner_text()
        await tour.snap(page, "join-code")
        await at(page, "join-submit").click()
        await tour.snap(page, "join-mistakes")
        await at(page, "join-code").fill(shown.strip()[-6:])
        await at(page, "join-password").fill("fine weather today")
        await at(page, "join-submit").click()
        await page.wait_for_url("**/desk")
        await tour.snap(page, "join-accepted")
        await page.goto(f"{tour.hub.url}/join")
        await page.goto(link)
        await at(page, "join-gone").wait_for()
        await tour.snap(page, "join-used")


async def plain(tour: "Tour") -> None:
    async def lost(route: Route) -> None:
        await route.abort()

    async with tour.page("/none") as page:
        await page.route("**/viewer/main.js", lost)
        paths = (
            "/",
            "/?q=焊工",
            f"/room/{SESSION}",
            "/V01/1",
            "/none",
            "/?base=x",
            f"/print/room/{SESSION}",
            "/print/position/P0001",
        )
        for path in paths:
            await page.goto(said(tour, path))
            await tour.snap(page, f"plain{path.replace('/', '-').replace('?', '_')}")
        await page.goto(said(tour, "/V01/1"))
        await page.fill("#plain-name", "甄师傅")
        await page.locator("form button").last.click()
        await tour.snap(page, "plain-mistake")
        await page.fill("#plain-phone", f"135{hash((tour.width, tour.language)) % 10**8:08d}")
        await page.locator("form button").last.click()
        await at(page, "receipt-number").wait_for()
        await tour.snap(page, "plain-receipt")


WALKS: Final[dict[str, tuple[Walk, ...]]] = {
    "viewer": (portal, position, room, shelf, applying, big_type, offline),
    "host": (host,),
    "door": (doors,),
    "camera": (camera,),
    "desk": (desk_of_hr, desk_of_specialist),
    "screen": (screen,),
    "join": (joining,),
    "plain": (plain,),
}
