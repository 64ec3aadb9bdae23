"""Two seekers: one without scripts, from a shared link to the receipt; one who searches and is a tap from the card."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from server.core.model import ShelfSlot
from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import LAPTOP, PHONE, SMALL_PHONE, WITHIN_MS, Applying, Host, Screen, Viewer, opened
from tests.wire.test_plain_pages import on_air

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION, VENUE = "S01", "V01"
SEEKER = Applying(name="甄师傅", phone="13812345679")
NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    with hub_process(tmp_path_factory.mktemp("finding") / "var") as process:
        await process.start()
        yield process


async def welder(hub: HubProcess) -> ShelfSlot:
    page = await hub.doors.session(SESSION)
    slots = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots
    return next(slot for slot in slots if "焊工" in slot.position.title)


@pytest.mark.timeout(240)
async def test_a_search_leads_to_what_is_explained_now_and_on_to_the_receipt(browser: Browser, hub: HubProcess) -> None:
    slot = await welder(hub)
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(opened(browser, Host, hub.url, LAPTOP))
        await host.enter()
        await host.go_live()
        await host.show(slot.number)
        await seek_without_scripts(browser, hub, slot)
        viewer = await stack.enter_async_context(opened(browser, Viewer, hub.url, SMALL_PHONE, phone=True))
        await viewer.go("/?from=bus-12")
        await viewer.at("search-words").fill("焊工")
        first = viewer.at("found-row").first
        await expect(first).to_have_attribute("data-explained", "true")
        await expect(first).to_have_attribute("data-position", slot.position.id)
        assert "q=" in viewer.page.url
        await viewer.at("flag-live").tap()
        await expect(viewer.at("flag-live")).to_have_attribute("aria-pressed", "true")
        assert await viewer.page.evaluate(NARROW)
        await first.tap()
        await expect(viewer.card(slot.position.id)).to_be_visible()
        await viewer.page.go_back()
        await expect(viewer.at("found-row").first).to_be_visible()
        assert "live=1" in viewer.page.url, "the search stays in the address"

        other = viewer.page.locator('[data-test="found-row"][data-explained="false"]').first
        position = await other.get_attribute("data-position")
        await other.tap()
        await expect(viewer.page.locator(f'[data-test="position-page"][data-position="{position}"]')).to_be_visible()
        await viewer.at("report-open").tap()
        await expect(viewer.page.locator('[role="dialog"]')).to_contain_text("举报")
        await viewer.page.keyboard.press("Escape")
        await viewer.at("apply-open").tap()
        await viewer.fill_and_confirm(Applying(name="甄师傅", phone="13812345670"))
        assert viewer.ear.errors == []

        screen = await stack.enter_async_context(opened(browser, Screen, hub.url, LAPTOP))
        await screen.go("/screen?demo=operator#sources")
        row = screen.page.locator('[data-test="source-row"][data-source="bus-12"]')
        await expect(row).to_have_attribute("data-value", "1")
        assert screen.ear.errors == []


async def seek_without_scripts(browser: Browser, hub: HubProcess, slot: ShelfSlot) -> None:
    """The link of a hall, the position that is explained, the form with a slip in it, the receipt, and once more."""
    context = await browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 640}
    )
    context.set_default_timeout(WITHIN_MS)
    try:
        page = await context.new_page()
        await page.goto(f"{hub.url}/room/{SESSION}")
        await page.locator(f'a[href^="/{VENUE}/{slot.number}#apply"]').click()
        await expect(page.locator("h1")).to_contain_text(slot.position.title)
        await page.fill("#plain-name", SEEKER.name)
        await page.fill("#plain-phone", "138123")
        await page.locator("form button", has_text="确认投递").click()
        await expect(page.locator("#plain-phone-error")).to_be_visible()
        await expect(page.locator("#plain-name")).to_have_value(SEEKER.name)
        await page.fill("#plain-phone", SEEKER.phone)
        await page.locator("form button", has_text="确认投递").click()
        number = await page.locator('[data-test="receipt-number"]').inner_text()
        assert number
        assert SEEKER.phone not in page.url
        await page.reload()
        assert await page.locator('[data-test="receipt-number"]').inner_text() == number, "a reload is no second one"
    finally:
        await context.close()


async def test_what_the_server_wrote_stays_until_the_app_is_there(browser: Browser, hub: HubProcess) -> None:
    """Never an empty page in between, and who is filling in the form is not disturbed."""
    watch = """new MutationObserver(() => {
      const app = document.getElementById("app");
      const text = app ? app.innerText.trim() : "x";
      (window.seen = window.seen || []).push(text.length);
    }).observe(document, { childList: true, subtree: true });"""
    async with opened(browser, Viewer, hub.url, PHONE, phone=True) as viewer:
        await viewer.context.add_init_script(watch)
        await viewer.go("/")
        await expect(viewer.at("search-words")).to_be_visible()
        await expect(viewer.at("room-row").first).to_be_visible()
        assert await viewer.page.locator("#plain-words").count() == 0, "one content, not two"
        seen = await viewer.page.evaluate("window.seen")
        begun = next(n for n, length in enumerate(seen) if length > 100)
        assert min(seen[begun:]) > 100, "the page was empty for a moment"
        assert viewer.ear.errors == []


@pytest.mark.parametrize("path", ["/", "/?q=焊工", f"/{VENUE}/1", f"/room/{SESSION}"])
async def test_nothing_is_cut_off_at_twice_the_size(browser: Browser, hub: HubProcess, path: str) -> None:
    """大字 on a small phone: nothing is wider than the screen, no two buttons of the head overlap."""
    async with opened(browser, Viewer, hub.url, SMALL_PHONE, phone=True) as viewer:
        await viewer.context.add_init_script("localStorage.setItem('daigang.big_type', 'true')")
        await viewer.go(path)
        await expect(viewer.page.locator("#main")).to_be_visible()
        await viewer.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await viewer.page.evaluate(NARROW)
        overlaps = """() => {
          const boxes = [...document.querySelectorAll("a, button, input, select")]
            .filter((el) => el.offsetParent && getComputedStyle(el).position !== "fixed")
            .map((el) => [el, el.getBoundingClientRect()])
            .filter(([, box]) => box.width && box.height);
          const sticky = (el) => el.closest(".position__do, .chat__foot, .bar-top");
          return boxes.flatMap(([a, one], i) => boxes.slice(i + 1).filter(([b, two]) =>
            !a.contains(b) && !b.contains(a) && !sticky(a) && !sticky(b) &&
            Math.min(one.right, two.right) - Math.max(one.left, two.left) > 2 &&
            Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 2
          ).map(([b]) => a.innerText + " / " + b.innerText));
        }"""
        assert await viewer.page.evaluate(overlaps) == []


async def test_what_crawlers_read_is_no_script_to_the_browser(browser: Browser, tmp_path: Path) -> None:
    """JobPosting data stand in the page under the strict CSP, and what an enterprise wrote does not get out of them."""
    nasty = "</script><script>document.title='owned'</script>"
    async with (
        on_air(tmp_path, title=nasty, pay_min_yuan=4_000) as server,
        opened(browser, Viewer, server.url, PHONE, phone=True) as viewer,
    ):
        await viewer.go("/position/P010")
        await expect(viewer.at("position-page")).to_be_visible()
        data = await viewer.page.locator('script[type="application/ld+json"]').text_content()
        assert data is not None
        assert json.loads(data)["estimatedSalary"]["value"]["minValue"] == 4_000
        assert await viewer.page.title() != "owned"
        assert viewer.ear.errors == []
