"""A county host's broadcast at a laptop's 1093 CSS pixels, without a mouse: rehearse, go live, show, pin a notice,
answer a question many asked, silence somebody, take a line away, end, and reopen. Thirty viewers ask; one of them is a
browser, reports a position in the end, and an operator of the branch cuts the session off."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from server.core.protocol import Ask
from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import PHONE, Host, Screen, Viewer, opened
from tests.web.test_keyboard import tab_to

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
COUNTY_LAPTOP = {"width": 1093, "height": 614}
VIEWERS = 30
NUMBER = 4
RUDE = "主播讲得真慢"


async def press(host: Host, name: str) -> None:
    """To that button by Tab, and Enter."""
    await tab_to(host, host.at(name).first, most=60)
    await host.page.keyboard.press("Enter")


async def leave_the_focus(host: Host) -> None:
    await host.page.evaluate("() => document.activeElement && document.activeElement.blur()")


@pytest.mark.timeout(240)
async def test_a_county_host_without_a_mouse(browser: Browser, tmp_path: Path) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with (
            opened(browser, Host, hub.url, COUNTY_LAPTOP) as host,
            opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer,
            opened(browser, Screen, hub.url, COUNTY_LAPTOP) as screen,
        ):
            await screen.enter()
            await host.enter()
            await viewer.enter(SESSION)
            await rehearses(host, viewer, screen)
            await goes_live_with_a_notice(host, viewer)
            await answers_what_thirty_ask(hub, host, viewer)
            await moderates(host, viewer)
            await ends_and_reopens(host, viewer)
            await is_reported_and_cut_off(host, viewer, screen)
            # Nothing scrolls away: the page itself is as high as the window.
            assert await host.page.evaluate("() => document.documentElement.scrollHeight <= innerHeight + 1")
            assert host.ear.errors == []
            assert viewer.ear.errors == []


async def rehearses(host: Host, viewer: Viewer, screen: Screen) -> None:
    """A friend with the link sees the card; the room that waits and the screen see nothing."""
    await press(host, "start-rehearsal")
    await expect(host.at("host-state")).to_have_attribute("data-state", "rehearsal")
    link = await host.at("rehearsal-link").input_value()
    await expect(host.at("rundown-row").first).to_be_visible()  # the rehearsal's own shelf has come
    await leave_the_focus(host)
    await host.show(NUMBER)
    friend = await viewer.context.new_page()
    await friend.goto(link)
    await expect(friend.locator('[data-test="card"]')).to_contain_text(f"{NUMBER}号")
    await expect(friend.locator('[data-test="apply-off"]').first).to_be_visible()
    await friend.close()
    await expect(viewer.at("picture")).to_have_attribute("data-state", "scheduled")
    await screen.shows(live=0, cards=0, online=1)
    await press(host, "end-rehearsal")
    await press(host, "rehearsal-back")


async def goes_live_with_a_notice(host: Host, viewer: Viewer) -> None:
    await press(host, "go-live")
    await expect(viewer.at("picture")).to_have_attribute("data-state", "live")
    await press(host, "tool-notice")
    await expect(host.at("notice-input")).to_be_focused()
    await host.page.keyboard.type("十点抽讲 12 号")
    await host.page.keyboard.press("Enter")
    await expect(viewer.at("notice")).to_contain_text("十点抽讲 12 号")
    await expect(host.at("notice-sheet")).to_have_count(0)
    await leave_the_focus(host)
    await host.show(NUMBER)
    await expect(viewer.at("card")).to_contain_text(f"{NUMBER}号")
    for name in ("undo-card", "hide-card", "pause-session", "end-session"):
        await lies_open(host, name)
    await press(host, "pause-session")
    await expect(viewer.at("picture")).to_have_attribute("data-state", "interrupted")
    for name in ("undo-card", "hide-card", "resume-session", "end-session"):
        await lies_open(host, name)
    await press(host, "resume-session")
    await expect(viewer.at("picture")).to_have_attribute("data-state", "live")


async def lies_open(host: Host, name: str) -> None:
    """All of it can be seen, and nothing lies over its middle."""
    await expect(host.at(name)).to_be_in_viewport(ratio=1)
    assert await host.at(name).evaluate(
        """(el) => {
          const box = el.getBoundingClientRect();
          return el.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
        }"""
    ), f"{name} is covered"


async def answers_what_thirty_ask(hub: HubProcess, host: Host, viewer: Viewer) -> None:
    page = await hub.doors.session(SESSION)
    slots = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots
    position = next(slot.position.id for slot in slots if slot.number == NUMBER)
    wanted = next(slot.position.id for slot in slots if slot.number == NUMBER + 1)

    async def asks(n: int) -> None:
        ticket = await hub.doors.guest()
        for about, topic in ((position, "payday"), (wanted, "explain")):
            await hub.doors.call(
                Ask(session=SESSION, position=about, topic=topic, key=f"ask-{n:04}-{topic}"), ticket.token
            )

    await asyncio.gather(*(asks(n) for n in range(VIEWERS - 1)))
    quick = viewer.page.locator('[data-test="chat-quick"][data-topic="payday"]')
    await quick.tap()
    await expect(viewer.at("quick-said")).to_contain_text(str(VIEWERS))
    row = host.page.locator(f'[data-test="rundown-row"][data-position="{wanted}"]')
    await expect(row.locator('[data-test="row-wanted"]')).to_contain_text(str(VIEWERS - 1))
    group = host.page.locator(f'[data-test="question"][data-position="{position}"][data-topic="payday"]')
    await host.page.keyboard.press("q")
    await expect(group).to_have_attribute("data-count", str(VIEWERS))
    # What was asked before a host's page was opened waits there, too.
    await host.page.reload()
    await expect(host.at("rundown-row").first).to_be_visible()
    await leave_the_focus(host)
    await host.page.keyboard.press("q")
    await expect(group).to_have_attribute("data-count", str(VIEWERS))
    await expect(group.locator('[data-test="answer-open"]')).to_be_visible()
    await leave_the_focus(host)
    await host.page.keyboard.press("q")
    await expect(group.locator('[data-test="answer-open"]')).to_be_focused()
    await host.page.keyboard.press("Enter")
    await expect(host.at("answer-input")).to_be_focused()
    await host.page.keyboard.type("每月 10 号发工资")
    await host.page.keyboard.press("Enter")
    await expect(viewer.at("chat-answer")).to_contain_text("每月 10 号发工资")
    await quick.tap()
    await expect(viewer.at("quick-said")).to_contain_text("每月 10 号发工资")


async def moderates(host: Host, viewer: Viewer) -> None:
    await viewer.say("加微信 lianxi888 日结")
    await expect(viewer.at("confirm-sheet")).to_have_count(0)
    await expect(viewer.at("chat-why")).to_have_attribute("data-code", "chat_word")
    await expect(viewer.at("chat-input")).to_have_value("加微信 lianxi888 日结")
    await viewer.say(RUDE)
    await viewer.confirm("13812345678")
    await expect(viewer.line(RUDE)).to_have_count(1)
    await leave_the_focus(host)
    await host.page.keyboard.press("c")
    await expect(host.at("line-pick").last).to_be_focused()
    await host.page.keyboard.press("Enter")
    await press(host, "mute-ten_minutes")
    await expect(host.at("line-sheet")).to_have_count(0)
    await viewer.say("再说一句")
    await expect(viewer.at("chat-why")).to_have_attribute("data-code", "chat_muted")
    await leave_the_focus(host)
    await host.page.keyboard.press("c")
    await expect(host.at("line-pick").last).to_be_focused()
    await host.page.keyboard.press("Enter")
    await press(host, "line-remove")
    await expect(viewer.line(RUDE)).to_have_count(0)
    await expect(host.at("host-chat-line").filter(has_text=RUDE)).to_have_count(0)


async def ends_and_reopens(host: Host, viewer: Viewer) -> None:
    await leave_the_focus(host)
    await press(host, "end-session")
    await press(host, "end-confirm")
    await expect(viewer.at("picture")).to_have_attribute("data-state", "ended")
    # That one was muted says nothing where nobody can write any more.
    await expect(viewer.at("chat-why")).to_have_count(0)
    await press(host, "reopen-session")
    await expect(viewer.at("picture")).to_have_attribute("data-state", "live")
    await expect(viewer.at("notice")).to_be_visible()


async def is_reported_and_cut_off(host: Host, viewer: Viewer, screen: Screen) -> None:
    """The report is on the operator's open page at once; the host hears the reason, the viewer does not."""
    await screen.go("/screen#reports")
    await expect(screen.at("empty")).to_be_visible()
    await leave_the_focus(host)
    await host.show(NUMBER)
    await viewer.at("card").locator('[data-test="report-open"]').tap()
    await viewer.at("report-send").click()
    await expect(viewer.at("report-error")).to_be_visible()
    await viewer.at("reason-fee").check()
    await viewer.at("report-text").fill("要交三百押金")
    await viewer.at("report-send").click()
    await expect(viewer.at("report-sheet")).to_have_count(0)
    await expect(screen.at("report")).to_contain_text("要交三百押金")
    await screen.at("report-pick").click()
    await screen.at("report-note").fill("企业违规收费")
    await screen.at("cut-off").click()
    await screen.at("cut-confirm").click()
    await expect(viewer.at("picture-words")).to_contain_text("中止")
    await expect(host.at("cut-off-why")).to_contain_text("企业违规收费")
    await expect(host.at("reopen-session")).to_have_count(0)
    await screen.at("report-acted").click()
    await expect(screen.at("empty")).to_be_visible()
    assert not viewer.ear.heard("企业违规收费")
    assert not host.ear.heard("要交三百押金")
