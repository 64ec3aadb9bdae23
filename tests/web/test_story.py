"""The story of one session, with a real hub and a real browser: a host, two viewers, an enterprise's HR, an operator.

Nobody reloads a page. One viewer is cut off while a card is shown and is whole again afterwards; what the operator
reads in the end is what a recount of the log finds; name and phone are seen by the HR who opened them, and by no
other page, no address and no line of the hub's log.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy
from playwright.async_api import Browser, expect

from server.core.model import ShelfSlot
from server.store import numbers_queries
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import HubProcess
from tests.web.pages import (
    DESKTOP,
    LAPTOP,
    NETWORK_IS_GONE,
    PHONE,
    Applying,
    Desk,
    Ear,
    Host,
    Open,
    Screen,
    Viewer,
    hub_behind_a_link,
    opened,
    way,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
SEEKER = Applying(name="甄师傅", phone="13812345678")
NEIGHBOUR = "13987654321"
INTERVIEW = "明天上午9点，公司东门，带身份证"


@dataclass(frozen=True)
class Cast:
    """Everybody in the story."""

    host: Host
    near: Viewer  # on a phone
    far: Viewer  # at a desk, behind the link that is cut
    desk: Desk
    screen: Screen

    def everybody(self) -> tuple[Open, ...]:
        return (self.host, self.near, self.far, self.desk, self.screen)


@dataclass(frozen=True)
class Shelf:
    """Three positions to show. The first and the last are of the HR's enterprise, the second of another."""

    first: ShelfSlot
    second: ShelfSlot
    third: ShelfSlot


@pytest.mark.timeout(300)
async def test_the_story_of_one_session(browser: Browser, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        hub, link = await stack.enter_async_context(hub_behind_a_link(tmp_path))
        cast = await bring_in(stack, browser, hub, link)
        await goes_live(cast)
        shelf = await choose_positions(hub, cast.desk)
        await both_talk(cast)
        await three_cards_one_unseen(cast, link, shelf)
        await undo_and_hide(cast, shelf)
        await applies_and_is_answered(cast, shelf)
        await withdraws_another(cast, shelf)
        await numbers_equal_the_log(cast.screen, hub)
        await ends(cast)
        await nobody_reloaded(cast)
        personal_data_stayed_home(cast, hub)
        no_page_complained(cast)


async def bring_in(stack: AsyncExitStack, browser: Browser, hub: HubProcess, link: FaultLink) -> Cast:
    enter = stack.enter_async_context
    cast = Cast(
        host=await enter(opened(browser, Host, hub.url, LAPTOP)),
        near=await enter(opened(browser, Viewer, hub.url, PHONE, phone=True)),
        far=await enter(opened(browser, Viewer, way(link), DESKTOP)),
        desk=await enter(opened(browser, Desk, hub.url, PHONE, phone=True)),
        screen=await enter(opened(browser, Screen, hub.url, LAPTOP)),
    )
    await cast.screen.enter()
    await cast.host.enter()
    await cast.desk.enter()
    await cast.near.go("/")
    await cast.far.enter(SESSION)
    for one in cast.everybody():
        await one.mark()
    return cast


async def choose_positions(hub: HubProcess, desk: Desk) -> Shelf:
    page = await hub.doors.session(SESSION)
    slots = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots
    name = (await desk.at("desk-enterprise-name").inner_text()).strip()
    own = [slot for slot in slots if slot.position.enterprise_name == name]
    titles = {slot.position.title: slot for slot in own}
    assert len(titles) >= 2, "the HR's enterprise has too few positions for the story"
    first, third = list(titles.values())[:2]
    second = next(slot for slot in slots if slot.position.enterprise_name != name)
    return Shelf(first, second, third)


async def goes_live(cast: Cast) -> None:
    """The room rises in the portal, opens in the room that waits, and lights up on the screen."""
    row = cast.near.page.locator(f'[data-test="room-row"][data-session="{SESSION}"]')
    await expect(row).to_have_attribute("data-state", "scheduled")
    await expect(cast.far.at("picture")).to_have_attribute("data-state", "scheduled")
    await cast.screen.shows(live=0, cards=0, applications=0, intents=0)
    await cast.host.go_live()
    await expect(cast.far.at("picture")).to_have_attribute("data-state", "live")
    await expect(row).to_have_attribute("data-state", "live")
    await row.tap()
    await expect(cast.near.at("picture")).to_have_attribute("data-state", "live")
    await cast.screen.shows(live=1)
    await expect(cast.screen.page.locator(f'[data-test="live-room"][data-session="{SESSION}"]')).to_be_visible()


async def both_talk(cast: Cast) -> None:
    near, far = cast.near, cast.far
    """Free text needs a phone that was confirmed: the page asks for it, and the words said are said then."""
    await far.at("tab-chat").click()
    await near.say("包住吗")
    await near.confirm(SEEKER.phone)
    await far.say("有班车吗")
    await far.confirm(NEIGHBOUR)
    for text in ("包住吗", "有班车吗"):
        await expect(near.line(text)).to_have_count(1)
        await expect(far.line(text)).to_have_count(1)
        await expect(cast.host.at("host-chat-line").filter(has_text=text)).to_have_count(1)


async def three_cards_one_unseen(cast: Cast, link: FaultLink, shelf: Shelf) -> None:
    host, near, far = cast.host, cast.near, cast.far
    await host.show(shelf.first.number)
    await expect(near.card(shelf.first.position.id)).to_be_visible()
    await expect(far.card(shelf.first.position.id)).to_be_visible()

    link.fault = Fault.BLACKHOLE
    await far.context.set_offline(True)
    await expect(far.at("bar-offline")).to_be_visible()
    await host.show(shelf.second.number)
    await expect(near.card(shelf.second.position.id)).to_be_visible()
    await host.say("包住，有班车")
    await host.leave_the_field()
    await host.show(shelf.third.number)
    await expect(near.card(shelf.third.position.id)).to_be_visible()
    await expect(far.card(shelf.first.position.id)).to_be_visible()

    link.reset()
    link.fault = Fault.PASS
    sockets = far.ear.sockets
    await far.context.set_offline(False)
    await expect(far.card(shelf.third.position.id)).to_be_visible()
    await expect(far.at("bar-offline")).to_have_count(0)
    await expect(far.line("包住，有班车")).to_have_count(1)
    await expect(far.line("包住吗")).to_have_count(1)
    assert far.ear.sockets > sockets, "the websocket never died"
    assert_whole(far.ear)
    await far.at("tab-shelf").click()
    row = await far.find_on_shelf(shelf.third.number)
    await expect(row).to_contain_text("讲解中")
    await far.at("shelf-search").fill("")


def assert_whole(ear: Ear) -> None:
    """Every entry of the stage came once and in order, over both connections; the second took up where the first
    ended, without a fresh start."""
    channel = f"stage/{SESSION}"
    offsets: list[int] = []
    joins = []
    for message in ear.messages():
        if message.get("channel") != channel:
            continue
        if message["t"] == "joined":
            joins.append(message)
            if not message["recovered"]:
                offsets.append(message["offset"])
            offsets += [entry["offset"] for entry in message.get("entries", ())]
        if message["t"] == "push":
            offsets.append(message["offset"])
    assert len(joins) >= 2
    assert all(joined["recovered"] for joined in joins[1:]), "came back to a snapshot, not to what it had missed"
    assert any(len(joined.get("entries", ())) >= 2 for joined in joins[1:]), "nothing was missed"
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))


async def undo_and_hide(cast: Cast, shelf: Shelf) -> None:
    viewers = (cast.near, cast.far)
    await cast.host.at("undo-card").click()
    for viewer in viewers:
        await expect(viewer.card(shelf.second.position.id)).to_be_visible()
    await cast.host.at("hide-card").click()
    for viewer in viewers:
        await expect(viewer.at("no-card")).to_be_visible()
        await expect(viewer.at("card")).to_have_count(0)
    await cast.host.leave_the_field()
    await cast.host.show(shelf.first.number)
    for viewer in viewers:
        await expect(viewer.card(shelf.first.position.id)).to_be_visible()


async def applies_and_is_answered(cast: Cast, shelf: Shelf) -> None:
    near, desk = cast.near, cast.desk
    position = shelf.first.position
    await near.card(position.id).locator('[data-test="apply-open"]').tap()
    await expect(near.at("apply-consent")).to_contain_text(position.enterprise_name)
    await expect(near.at("apply-confirm")).to_contain_text("我已满16岁")
    receipt = await near.fill_and_confirm(SEEKER)
    assert receipt
    await near.at("receipt-done").tap()
    await expect(near.card(position.id).locator('[data-test="apply-done"]')).to_have_attribute("data-status", "applied")

    await expect(cast.host.at("host-applied")).to_have_text("1")
    await expect(cast.host.at("host-application")).to_contain_text(position.title)

    rows = desk.at("applicant-row")
    await expect(rows).to_have_count(1)
    await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", "1")
    await expect(rows).to_contain_text(position.title)
    await expect(rows).to_contain_text("*")
    assert SEEKER.phone not in await rows.inner_text()
    assert SEEKER.name not in await rows.inner_text()
    assert not desk.ear.heard(SEEKER.phone), "the number came to the desk before it was opened"
    await rows.tap()
    await expect(desk.at("detail-status")).to_have_attribute("data-status", "applied")
    await desk.at("open-applicant").tap()
    await expect(desk.at("applicant-phone")).to_have_text(SEEKER.phone)
    await expect(desk.at("applicant-name")).to_have_text(SEEKER.name)
    await expect(near.card(position.id).locator('[data-test="apply-done"]')).to_have_attribute("data-status", "viewed")
    await desk.at("answer-interview").tap()
    await desk.at("interview-note").fill(INTERVIEW)
    await desk.at("interview-send").tap()
    await expect(desk.at("detail-status")).to_have_attribute("data-status", "interview")

    told = near.at("toast").filter(has_text="约面试")
    await expect(told).to_be_visible()
    await told.get_by_role("button", name="去看看").tap()
    application = near.application(position.title)
    await expect(application).to_have_attribute("data-status", "interview")
    await expect(application.locator('[data-test="application-note"]')).to_have_text(INTERVIEW)
    await expect(application).to_contain_text(receipt)
    await desk.at("answer-intent").tap()
    await expect(application).to_have_attribute("data-status", "intent")
    await near.at("sheet-close").tap()


async def withdraws_another(cast: Cast, shelf: Shelf) -> None:
    near, desk = cast.near, cast.desk
    title = shelf.third.position.title
    row = await near.find_on_shelf(shelf.third.number)
    await row.locator('[data-test="apply-open"]').tap()
    await near.fill_and_confirm(SEEKER)
    await near.at("receipt-mine").tap()
    application = near.application(title)
    await expect(application).to_have_attribute("data-status", "applied")
    identity = await application.get_attribute("data-application") or ""
    await desk.at("back").tap()
    await expect(desk.row(identity)).to_have_attribute("data-status", "applied")
    await application.locator('[data-test="withdraw-open"]').tap()
    await application.locator('[data-test="withdraw-confirm"]').tap()
    await expect(application).to_have_attribute("data-status", "withdrawn")
    await desk.at("filter-all").tap()
    await expect(desk.row(identity)).to_have_attribute("data-status", "withdrawn")
    await expect(cast.host.at("host-applied")).to_have_text("2")


async def numbers_equal_the_log(screen: Screen, hub: HubProcess) -> None:
    """Three cards stand (four shown, one undone), two applications, one of them an intent; and the log says so."""
    # Online are the two viewers: who hosts is not counted, and nobody else is in a room.
    await screen.shows(live=1, online=2, cards=3, applications=2, intents=1)
    counted, wrong = await asyncio.to_thread(recount, hub)
    assert wrong == {}
    for name in ("cards", "applications", "intents"):
        assert await screen.number(name) == sum(getattr(one, name) for one in counted.values()), name
    await screen.at("mode-table").click()
    await screen.at("unfold-all").click()
    region = (await hub.doors.session(SESSION)).session.region
    line = screen.page.locator(f'[data-test="region-row"][data-region="{region}"]')
    for name in ("cards", "applications", "intents"):
        value = str(sum(getattr(one, name) for one in counted.values()))
        await expect(line.locator(f'[data-number="{name}"]')).to_have_attribute("data-value", value)


def recount(hub: HubProcess) -> tuple[dict[str, numbers_queries.Counters], dict[str, object]]:
    """The log of the hub's own file, read by somebody else: (counted again, where the counters differ)."""
    engine = sqlalchemy.create_engine(f"sqlite:///file:{hub.var_dir / 'daigang.db'}?mode=ro&uri=true")
    try:
        with engine.connect() as conn:
            counted = {str(key): value for key, value in numbers_queries.audit_numbers(conn).items()}
            return counted, {str(key): value for key, value in numbers_queries.differences(conn).items()}
    finally:
        engine.dispose()


async def ends(cast: Cast) -> None:
    """Ending cannot be taken back, so it asks once."""
    await cast.host.at("end-session").click()
    await cast.host.at("end-cancel").click()
    await expect(cast.host.at("host-state")).to_have_attribute("data-state", "live")
    await cast.host.at("end-session").click()
    await cast.host.at("end-confirm").click()
    for viewer in (cast.near, cast.far):
        await expect(viewer.at("picture")).to_have_attribute("data-state", "ended")
    await cast.screen.shows(live=0, cards=3, applications=2, intents=1)


async def nobody_reloaded(cast: Cast) -> None:
    for one in cast.everybody():
        assert not await one.was_reloaded(), type(one).__name__


def personal_data_stayed_home(cast: Cast, hub: HubProcess) -> None:
    for words in (SEEKER.phone, SEEKER.name):
        assert words not in hub.log()
        strangers: tuple[Open, ...] = (cast.host, cast.far, cast.screen)
        for stranger in strangers:
            assert not stranger.ear.heard(words), f"{type(stranger).__name__} was told a name or number"
        for one in cast.everybody():
            assert not any(words in url for url in one.ear.urls)
    # The ear hears: the HR who opened the application was told both.
    assert cast.desk.ear.heard(SEEKER.phone)
    assert cast.desk.ear.heard(SEEKER.name)


def no_page_complained(cast: Cast) -> None:
    for one in cast.everybody():
        complaints = one.ear.errors
        if one is cast.far:
            complaints = [line for line in complaints if not NETWORK_IS_GONE.search(line)]
        assert complaints == [], type(one).__name__
