"""The pages without a mouse and for people who do not see them well: keys, focus, names, contrast.

Names are those the browser itself computes for assistive technology (its accessibility tree); contrast is WCAG's
formula over the colours that are really drawn behind each text.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from server.core.model import Role, ShelfSlot
from server.core.protocol import GoLive, ShowCard
from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import LAPTOP, PHONE, Desk, Host, Open, Screen, Viewer, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "S01"
PHONE_NUMBER = "13812345678"

NEEDS_A_NAME = {
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "tab", "spinbutton", "switch", "dialog",
}  # fmt: skip
ENOUGH = 4.5
"""WCAG 2.2, 1.4.3 (AA) for text of any size; what is disabled is exempt there and here."""
PLENTY = 7.0
"""WCAG 2.2, 1.4.6 (AAA): pay and the apply button (LOOK asks for it)."""

_CONTRAST = """(root) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const layer = rgba(getComputedStyle(one).backgroundColor);
      if (layer[3]) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.nodeValue.trim();
    if (!text || element.closest("svg, :disabled, .sr-only, .skip, script, noscript, option, optgroup")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const behind = ground(element);
    const front = over(rgba(getComputedStyle(element).color), behind);
    const [low, high] = [light(front), light(behind)].sort((a, b) => a - b);
    found.push({ text: text.slice(0, 30), ratio: (high + 0.05) / (low + 0.05) });
  }
  return found;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    """A demonstration, its first session on air; shared by this file."""
    directory: Path = tmp_path_factory.mktemp("keyboard")
    with hub_process(directory / "var") as running:
        await running.start()
        host = await running.doors.demo(Role.HOST)
        await running.doors.call(GoLive(session=SESSION, key="go-live-1"), host.token)
        yield running


async def explained(hub: HubProcess, index: int) -> ShelfSlot:
    """That position of the shelf, shown as the current card."""
    host = await hub.doors.demo(Role.HOST)
    page = await hub.doors.session(SESSION)
    slot = (await hub.doors.shelf(SESSION, page.session.shelf_revision)).slots[index]
    await hub.doors.call(ShowCard(session=SESSION, position=slot.position.id, key=f"show-card-{index}"), host.token)
    return slot


async def tab_to(page: Open, wanted: Locator, most: int = 40) -> None:
    """Press Tab until that has the focus."""
    for _ in range(most):
        await page.page.keyboard.press("Tab")
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"not reached with {most} Tabs: {wanted}")


async def inside(sheet: Locator) -> bool:
    return bool(await sheet.evaluate("(element) => element.contains(document.activeElement)"))


async def test_applying_without_a_mouse(browser: Browser, hub: HubProcess) -> None:
    slot = await explained(hub, 0)
    async with opened(browser, Viewer, hub.url, PHONE) as viewer:
        keys = viewer.page.keyboard
        await viewer.enter(SESSION)
        button = viewer.card(slot.position.id).locator('[data-test="apply-open"]')
        await expect(button).to_be_visible()
        await tab_to(viewer, button)
        await keys.press("Enter")
        await expect(viewer.at("apply-sheet")).to_be_visible()
        await tab_to(viewer, viewer.at("apply-name"), most=4)
        await keys.type("甄师傅")
        await keys.press("Tab")
        await expect(viewer.at("apply-phone")).to_be_focused()
        await keys.type("138")
        await tab_to(viewer, viewer.at("apply-confirm"), most=4)
        await keys.press("Enter")
        # A wrong number leads back to its field, and the sentence belongs to it.
        await expect(viewer.at("apply-phone")).to_be_focused()
        await expect(viewer.at("apply-phone")).to_have_attribute("aria-invalid", "true")
        await expect(viewer.at("apply-phone")).to_have_accessible_description("手机号不对，请填 11 位手机号。")
        await keys.press("End")
        await keys.type(PHONE_NUMBER[3:])
        await keys.press("Enter")
        await expect(viewer.at("receipt")).to_be_visible()
        assert await inside(viewer.at("receipt"))
        await keys.press("Escape")
        await expect(viewer.at("receipt")).to_have_count(0)
        done = viewer.card(slot.position.id).locator('[data-test="apply-done"]')
        await expect(done).to_be_visible()

        # Asking replaces the button under the focus: the focus stays in the sheet, and Escape still closes it.
        await done.focus()
        await keys.press("Enter")
        await tab_to(viewer, viewer.at("withdraw-open"), most=6)
        await keys.press("Enter")
        await expect(viewer.at("withdraw-confirm")).to_be_visible()
        assert await inside(viewer.at("mine-sheet"))
        await keys.press("Escape")
        await expect(viewer.at("mine-sheet")).to_have_count(0)


async def test_a_sheet_keeps_the_focus_and_gives_it_back(browser: Browser, hub: HubProcess) -> None:
    slot = await explained(hub, 1)
    async with opened(browser, Viewer, hub.url, PHONE) as viewer:
        keys = viewer.page.keyboard
        await viewer.enter(SESSION)
        button = viewer.card(slot.position.id).locator('[data-test="apply-open"]')
        await button.focus()
        await keys.press("Enter")
        sheet = viewer.at("apply-sheet")
        await expect(sheet).to_be_visible()
        await expect(sheet).to_have_attribute("aria-modal", "true")
        stops = set()
        for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
            await keys.press(key)
            assert await inside(sheet), f"{key} left the sheet"
            stops.add(await viewer.page.evaluate("() => document.activeElement.dataset.test"))
        assert {"sheet-close", "apply-name", "apply-phone", "apply-family", "apply-confirm"} <= stops
        await keys.press("Escape")
        await expect(sheet).to_have_count(0)
        await expect(button).to_be_focused()


async def test_the_host_shows_a_card_by_its_number(browser: Browser, hub: HubProcess) -> None:
    async with opened(browser, Host, hub.url, LAPTOP) as host, opened(browser, Viewer, hub.url, PHONE) as viewer:
        await viewer.enter(SESSION)
        await host.enter()
        await host.show(12)
        position = await host.at("current-card").get_attribute("data-position") or ""
        await expect(viewer.card(position)).to_contain_text("12号")
        await host.page.keyboard.press("ArrowDown")
        await host.page.keyboard.press("Enter")
        await expect(host.at("current-card")).to_have_attribute("data-number", "13")
        await host.page.keyboard.press("z")
        await expect(host.at("current-card")).to_have_attribute("data-number", "12")
        await host.page.keyboard.type("9999")
        await host.page.keyboard.press("Enter")
        await expect(host.at("host-refusal")).to_contain_text("9999")
        await host.page.keyboard.press("Escape")
        await expect(host.at("current-card")).to_have_attribute("data-number", "12")
        await host.page.keyboard.press("h")
        await expect(host.at("current-none")).to_be_visible()
        await expect(viewer.at("no-card")).to_be_visible()


async def test_shortcuts_are_dead_in_the_chat_field(browser: Browser, hub: HubProcess) -> None:
    async with opened(browser, Host, hub.url, LAPTOP) as host:
        await host.enter()
        await host.show(3)
        await host.at("host-chat-input").click()
        await host.page.keyboard.type("h7z12")
        await expect(host.at("host-chat-input")).to_have_value("h7z12")
        await expect(host.at("number-input")).to_have_value("")
        await host.page.keyboard.press("Enter")
        # The line said stands after whatever the keys might have done before it.
        await expect(host.at("host-chat-line").filter(has_text="h7z12")).to_have_count(1)
        await expect(host.at("current-card")).to_have_attribute("data-number", "3")
        await expect(host.at("number-input")).to_have_value("")


async def assert_understandable(page: Open, *, contrast: bool = True) -> None:
    """A language, one main heading, a name for all that can be used, and text that can be read."""
    assert await page.page.evaluate("() => document.documentElement.lang") in ("zh-CN", "en")
    assert await page.page.locator("h1:visible").count() == 1
    assert (await page.page.title()).strip()
    nameless = await nameless_of(page)
    assert nameless == []
    if contrast:
        texts: list[dict[str, Any]] = await page.page.locator("body").evaluate(_CONTRAST)
        assert len(texts) > 5, "nothing was measured"
        assert [text for text in texts if text["ratio"] < ENOUGH] == []


async def nameless_of(page: Open) -> list[str]:
    session = await page.context.new_cdp_session(page.page)
    await session.send("Accessibility.enable")
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    found, checked = [], 0
    for node in nodes:
        if node.get("ignored") or node.get("role", {}).get("value") not in NEEDS_A_NAME:
            continue
        checked += 1
        if not str(node.get("name", {}).get("value", "")).strip():
            found.append(f"{node['role']['value']} {node.get('description', {}).get('value', '')}")
    assert checked > 0, "nothing on this page can be used"
    return found


async def plenty(what: Locator) -> None:
    texts = await what.evaluate(_CONTRAST)
    assert texts
    assert [text for text in texts if text["ratio"] < PLENTY] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_viewer_page_can_be_understood(browser: Browser, hub: HubProcess, language: str) -> None:
    slot = await explained(hub, 4)
    async with opened(browser, Viewer, hub.url, PHONE) as viewer:
        await viewer.go(f"/?lang={language}")
        await expect(viewer.at("room-row").first).to_be_visible()
        await assert_understandable(viewer)
        await viewer.go(f"/room/{SESSION}?lang={language}")
        card = viewer.card(slot.position.id)
        await expect(card).to_be_visible()
        await assert_understandable(viewer)
        await plenty(card.locator('[data-test="pay-base"]'))
        await plenty(card.locator('[data-test="pay-band"]'))
        await plenty(card.locator('[data-test="apply-open"]'))
        await card.locator('[data-test="apply-open"]').click()
        await expect(viewer.at("apply-sheet")).to_be_visible()
        await assert_understandable(viewer)
        await plenty(viewer.at("apply-confirm"))
        await viewer.page.keyboard.press("Escape")
        await viewer.at("shelf-open").click()
        await expect(viewer.at("shelf-row").first).to_be_visible()
        await assert_understandable(viewer)
        assert viewer.ear.errors == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_staff_pages_can_be_understood(browser: Browser, hub: HubProcess, language: str) -> None:
    await explained(hub, 5)
    async with opened(browser, Host, hub.url, LAPTOP) as host:
        await host.go(f"/host?lang={language}")
        await expect(host.at("sign-in")).to_be_visible()
        await assert_understandable(host)
        await host.go(f"/host?demo=host&lang={language}")
        await expect(host.at("rundown-row").first).to_be_visible()
        await assert_understandable(host)
        assert host.ear.errors == []
    async with opened(browser, Desk, hub.url, PHONE) as desk:
        await desk.go(f"/desk?demo=hr&lang={language}")
        await expect(desk.at("waiting-count")).to_have_attribute("data-waiting", "0")
        await assert_understandable(desk)
        assert desk.ear.errors == []
    async with opened(browser, Screen, hub.url, LAPTOP) as screen:
        await screen.go(f"/screen?demo=operator&lang={language}")
        await expect(screen.at("as-of")).to_be_visible()
        await assert_understandable(screen)
        await screen.at("mode-table").click()
        await expect(screen.at("region-row").first).to_be_visible()
        await assert_understandable(screen)
        assert screen.ear.errors == []
