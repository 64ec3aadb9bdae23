"""The states a page has only at times: a session's life as viewers and its host see it, lines that wait for approval,
lists that are empty or do not come."""

import secrets
from typing import TYPE_CHECKING

from playwright.async_api import Route

from server.core.model import Role, TalkMode
from server.core.protocol import (
    ClearNotice,
    Command,
    EndSession,
    PauseSession,
    PinNotice,
    ReopenSession,
    ResumeSession,
    SetTalk,
    ShowCard,
)
from tests.web.tour_people import SESSION, patiently
from tests.web.tour_walks import at

if TYPE_CHECKING:
    from tests.web.tour import Tour


def key() -> str:
    return f"tour-{secrets.token_hex(6)}"


async def does(tour: "Tour", command: Command) -> None:
    """The host does it, from elsewhere."""
    await patiently(tour.hub, command, (await tour.hub.doors.demo(Role.HOST)).token)


async def scheduled(tour: "Tour") -> None:
    async with tour.page("/room/S02") as page:
        await at(page, "picture").wait_for()
        await tour.snap(page, "viewer-room-scheduled")


async def life(tour: "Tour") -> None:
    await does(tour, PinNotice(session=SESSION, text="十点抽讲 12 号，扫码进群领资料", key=key()))
    await does(tour, PauseSession(session=SESSION, key=key()))
    async with tour.page(f"/room/{SESSION}") as page, tour.page("/host?demo=host") as host:
        await at(page, "notice").wait_for()
        await tour.snap(page, "viewer-room-interrupted")
        await at(host, "rundown-row").first.wait_for()
        await tour.snap(host, "host-interrupted")
        await does(tour, ResumeSession(session=SESSION, key=key()))
        await does(tour, ClearNotice(session=SESSION, key=key()))
        await does(tour, SetTalk(session=SESSION, mode=TalkMode.OFF, key=key()))
        await tour.snap(page, "viewer-room-chat-off")
        await does(tour, EndSession(session=SESSION, key=key()))
        await page.locator('[data-test="picture"][data-state="ended"]').wait_for()
        await tour.snap(page, "viewer-room-ended")
        await tour.snap(host, "host-ended")
    await does(tour, ReopenSession(session=SESSION, key=key()))
    await does(tour, SetTalk(session=SESSION, mode=TalkMode.CONFIRMED, key=key()))
    await does(tour, ShowCard(session=SESSION, position=tour.fair.slots[0].position.id, key=key()))


async def approved_first(tour: "Tour") -> None:
    await does(tour, SetTalk(session=SESSION, mode=TalkMode.APPROVED, key=key()))
    async with tour.page(f"/room/{SESSION}") as page, tour.page("/host?demo=host") as host:
        if await at(page, "tab-chat").count():
            await at(page, "tab-chat").click()
        await at(page, "chat-input").fill("一个月能休几天，能预支工资吗")
        await at(page, "chat-send").click()
        await at(page, "chat-why").wait_for()
        await tour.snap(page, "viewer-chat-waits")
        if await at(host, "tab-chat").is_visible():
            await at(host, "tab-chat").click()
        await at(host, "talk-waiting").click()
        await at(host, "waiting-line").first.wait_for()
        await tour.snap(host, "host-waiting")
        await at(host, "line-drop").first.click()
    await does(tour, SetTalk(session=SESSION, mode=TalkMode.CONFIRMED, key=key()))


async def rehearsal(tour: "Tour") -> None:
    async with tour.page("/host?demo=host") as host:
        await at(host, "rundown-row").first.wait_for()
        if await at(host, "tab-monitor").is_visible():
            await at(host, "tab-monitor").click()
        await at(host, "end-session").click()
        await tour.snap(host, "host-end-asked")


async def nothing_there(tour: "Tour") -> None:
    """A desk without applicants, and lists whose answer never comes or is an error."""
    async with tour.page("/desk?demo=specialist") as page:
        await at(page, "firm").first.wait_for()
        quiet = page.locator('[data-test="firm"][data-waiting="0"] [data-test="firm-open"]').first
        if await quiet.count():
            await quiet.click()
            await at(page, "empty").wait_for()
            await tour.snap(page, "desk-inbox-empty")
            await at(page, "filter-all").click()
            await tour.snap(page, "desk-inbox-empty-all")
        await at(page, "find").fill("查无此人")
        await tour.snap(page, "desk-inbox-nobody")

    async def broken(route: Route) -> None:
        await route.fulfill(status=503, json={"t": "refused", "code": "unavailable", "temporary": True})

    async with tour.page("/desk?demo=hr") as page:
        await at(page, "waiting-count").wait_for()
        await page.context.set_offline(True)
        await at(page, "bar-offline").wait_for()
        await at(page, "filter-all").click()
        await tour.snap(page, "desk-offline")
    async with tour.page("/none") as page:
        await page.route("**/api/positions?**", broken)
        await page.goto(f"{tour.hub.url}/?q=保安")
        await at(page, "error").wait_for()
        await tour.snap(page, "viewer-found-error")
        await page.unroute("**/api/positions?**")
        await page.route("**/shelf/**", broken)
        await page.goto(f"{tour.hub.url}/room/{SESSION}")
        await at(page, "room").wait_for()
        if await at(page, "shelf-open").count():
            await at(page, "shelf-open").click()
        await at(page, "error").wait_for()
        await tour.snap(page, "viewer-shelf-error")


STATES = (scheduled, life, approved_first, rehearsal, nothing_there)
