"""A viewer on a bad network: where no websocket opens, and where the line dies with the answer already on it."""

import asyncio
import json
from pathlib import Path

import msgpack
import pytest
import sqlalchemy
from playwright.async_api import Browser, expect

from clients.python.doors import Ticket
from server.core.model import Role, ShelfSlot
from server.core.protocol import GoLive, Say, ShowCard
from server.store.tables import applications
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import HubProcess
from tests.services import wait_until
from tests.web.pages import (
    NETWORK_IS_GONE,
    PHONE,
    WITHIN_MS,
    Applying,
    Ear,
    NoUpgrades,
    Viewer,
    hub_behind_a_link,
    opened,
    way,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
SEEKER = Applying(name="甄师傅", phone="13812345678")


async def on_air(hub: HubProcess) -> tuple[Ticket, ShelfSlot]:
    """A session that is live and explains its first position; its host."""
    host = await hub.doors.demo(Role.HOST)
    await hub.doors.call(GoLive(session=SESSION, key="go-live-1"), host.token)
    page = await hub.doors.session(SESSION)
    slot = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots[0]
    await hub.doors.call(ShowCard(session=SESSION, position=slot.position.id, key="show-card-1"), host.token)
    return host, slot


def stored(hub: HubProcess) -> list[str]:
    """The receipts of all applications on disk."""
    engine = sqlalchemy.create_engine(f"sqlite:///file:{hub.var_dir / 'daigang.db'}?mode=ro&uri=true")
    try:
        with engine.connect() as conn:
            return list(conn.scalars(sqlalchemy.select(applications.c.receipt)))
    finally:
        engine.dispose()


def sent_keys(ear: Ear) -> list[str]:
    """The idempotency keys of the applications that left the page, by websocket or POST."""
    found = []
    for data in ear.sent:
        command = json.loads(data) if data.startswith(b"{") else msgpack.unpackb(data)
        if command.get("t") == "apply":
            found.append(str(command["key"]))
    return found


async def test_without_websockets_cards_come_and_applications_go(browser: Browser, tmp_path: Path) -> None:
    async with hub_behind_a_link(tmp_path, NoUpgrades) as (hub, link):
        host, slot = await on_air(hub)
        async with opened(browser, Viewer, way(link), PHONE, phone=True) as viewer:
            await viewer.enter(SESSION)
            await expect(viewer.at("bar-polling")).to_be_visible()
            await viewer.mark()
            await viewer.say("有班车吗")
            await viewer.confirm(SEEKER.phone)
            # The first words were refused for want of a confirmed number; over HTTP Chromium notes that itself.
            viewer.ear.errors = [line for line in viewer.ear.errors if "status of 422" not in line]
            await expect(viewer.line("有班车吗")).to_have_count(1)

            # What happens from now on can only come by polling.
            page = await hub.doors.session(SESSION)
            other = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots[1].position
            await hub.doors.call(ShowCard(session=SESSION, position=other.id, key="show-card-2"), host.token)
            await hub.doors.call(Say(session=SESSION, text="有班车", key="say-line-1"), host.token)
            await expect(viewer.card(other.id)).to_be_visible()
            await expect(viewer.line("有班车")).to_have_count(2)

            await viewer.card(other.id).locator('[data-test="apply-open"]').tap()
            receipt = await viewer.fill_and_confirm(SEEKER)
            assert stored(hub) == [receipt]
            await viewer.at("receipt-done").tap()
            await expect(viewer.at("apply-done")).to_have_attribute("data-status", "applied")
            assert not await viewer.was_reloaded()
            assert viewer.ear.sockets > 0, "it never tried"
            assert viewer.ear.frames == [], "a websocket did open"
            assert [line for line in viewer.ear.errors if not NETWORK_IS_GONE.search(line)] == []
        assert slot.position.id != other.id


@pytest.mark.parametrize("kind", [FaultLink, NoUpgrades], ids=["websocket", "post"])
async def test_an_application_whose_answer_was_lost_is_stored_once(
    browser: Browser, tmp_path: Path, kind: type[FaultLink]
) -> None:
    async with hub_behind_a_link(tmp_path, kind) as (hub, link):
        _, slot = await on_air(hub)
        async with opened(browser, Viewer, way(link), PHONE, phone=True) as viewer:
            await viewer.enter(SESSION)
            if kind is NoUpgrades:
                await expect(viewer.at("bar-polling")).to_be_visible()
            await viewer.card(slot.position.id).locator('[data-test="apply-open"]').tap()
            await viewer.at("apply-name").fill(SEEKER.name)
            await viewer.at("apply-phone").fill(SEEKER.phone)

            link.downward = Fault.BLACKHOLE
            await viewer.at("apply-confirm").tap()
            await expect(viewer.at("apply-kept")).to_be_visible()
            await asyncio.to_thread(wait_until, lambda: len(stored(hub)) == 1, WITHIN_MS / 1000, "the row on disk")
            (receipt,) = stored(hub)
            assert len(set(sent_keys(viewer.ear))) == 1
            tries = len(sent_keys(viewer.ear))

            # The page ends while the line is dead, so that it can only be another one that sends it again.
            await viewer.page.goto("about:blank")
            link.reset()
            link.fault = Fault.PASS
            await viewer.enter(SESSION)
            await expect(viewer.at("toast").filter(has_text=slot.position.title)).to_be_visible()
            await expect(viewer.at("apply-done")).to_have_attribute("data-status", "applied")
            await viewer.at("my-applications-open").tap()
            await expect(viewer.at("application")).to_have_count(1)
            await expect(viewer.application(slot.position.title)).to_contain_text(receipt)
            await expect(viewer.at("application-waiting")).to_have_count(0)

            keys = sent_keys(viewer.ear)
            assert len(keys) > tries, "it was not sent again"
            assert len(set(keys)) == 1, "sent again as another command"
            assert stored(hub) == [receipt]
            assert SEEKER.phone not in await viewer.page.evaluate("() => JSON.stringify(localStorage)")
            assert [line for line in viewer.ear.errors if not NETWORK_IS_GONE.search(line)] == []
