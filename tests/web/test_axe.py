"""axe-core over every page and its main states: nothing serious, nothing critical.

Every tab a staff page has is opened by itself, so a new one is looked at without a line here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.faults.processes import HubProcess, hub_process
from tests.web.pages import LAPTOP, PHONE, SMALL_PHONE, Applying, Desk, Host, Open, Screen, Viewer, opened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe" / "axe.min.js"
GRAVE = {"serious", "critical"}
SESSION = "S01"

RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map((v) => ({
  id: v.id, impact: v.impact, help: v.help,
  where: v.nodes.slice(0, 4).map((node) => node.target.join(" ") + "  " + node.html.slice(0, 160)),
}))"""


class Findings:
    """What axe had to say, by page and state."""

    def __init__(self) -> None:
        self.grave: list[str] = []

    async def look(self, page: Page, state: str) -> None:
        """Ask axe about the page as it stands. Movements have ended by then: half-faded colours are nobody's."""
        await page.wait_for_timeout(350)
        if not await page.evaluate("Boolean(globalThis.axe)"):
            await page.evaluate(AXE.read_text(encoding="utf-8"))
        for found in await page.evaluate(RUN):
            if found["impact"] in GRAVE:
                where = "".join(f"\n      {place}" for place in found["where"])
                self.grave.append(f"{state}: {found['impact']} {found['id']} ({found['help']}){where}")

    def none(self) -> None:
        """The verdict."""
        assert not self.grave, "\n" + "\n".join(self.grave)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    with hub_process(tmp_path_factory.mktemp("axe") / "var") as process:
        await process.start()
        yield process


async def every_tab(page: Page, look: Callable[[str], Awaitable[None]]) -> None:
    """Open each tab of the page and look."""
    tabs = page.locator('[role="tab"]')
    for n in range(await tabs.count()):
        await tabs.nth(n).click()
        await page.wait_for_timeout(400)
        await look(await tabs.nth(n).inner_text())


async def test_the_seekers_pages(browser: Browser, hub: HubProcess) -> None:
    findings = Findings()
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(opened(browser, Host, hub.url, LAPTOP))
        await host.enter()
        if await host.at("go-live").count():
            await host.go_live()
        await host.show(1)
        viewer = await stack.enter_async_context(opened(browser, Viewer, hub.url, PHONE, phone=True))
        await viewer.go("/")
        await expect(viewer.at("room-row").first).to_be_visible()
        await findings.look(viewer.page, "portal")
        await viewer.go("/?q=焊工")
        await expect(viewer.at("found-row").first).to_be_visible()
        await findings.look(viewer.page, "found")
        await viewer.at("search-filters").click()
        await findings.look(viewer.page, "filters")
        await viewer.go("/?q=宇航员")
        await expect(viewer.at("empty")).to_be_visible()
        await findings.look(viewer.page, "nothing found")
        await viewer.go("/V01/2")
        await expect(viewer.at("position-page")).to_be_visible()
        await findings.look(viewer.page, "position")
        await viewer.at("share-open").click()
        await expect(viewer.at("poster")).to_be_visible()
        await findings.look(viewer.page, "poster")
        await viewer.enter(SESSION)
        await findings.look(viewer.page, "room")
        await viewer.at("shelf-open").click()
        await expect(viewer.at("shelf-row").first).to_be_visible()
        await findings.look(viewer.page, "shelf")
        await viewer.at("shelf-row-open").first.click()
        await expect(viewer.at("position-sheet")).to_be_visible()
        await findings.look(viewer.page, "position sheet")
        await viewer.at("sheet-close").click()
        await viewer.enter(SESSION)
        await viewer.at("apply-open").first.click()
        await expect(viewer.at("apply-sheet")).to_be_visible()
        await findings.look(viewer.page, "apply sheet")
        await viewer.at("apply-confirm").click()
        await findings.look(viewer.page, "apply sheet with mistakes")
        await viewer.fill_and_confirm(Applying(name="甄师傅", phone="13812345671"))
        await findings.look(viewer.page, "receipt")
        await viewer.go("/#mine")
        await expect(viewer.at("application").first).to_be_visible()
        await findings.look(viewer.page, "my applications")
        await viewer.at("privacy-open").click()
        await expect(viewer.at("privacy-firm").first).to_be_visible()
        await findings.look(viewer.page, "privacy")
        await viewer.enter(SESSION)
        await viewer.at("card").locator('[data-test="report-open"]').click()
        await viewer.at("report-send").click()
        await findings.look(viewer.page, "report with a mistake")
        await viewer.at("reason-fee").check()
        await viewer.at("report-send").click()
        await viewer.say("包住吗")
        await expect(viewer.at("confirm-sheet")).to_be_visible()
        await findings.look(viewer.page, "confirming")
        await viewer.confirm("13812345673")
        await viewer.at("chat-tell").click()
        await findings.look(viewer.page, "which line to report")

        big = await stack.enter_async_context(opened(browser, Viewer, hub.url, SMALL_PHONE, phone=True))
        await big.context.add_init_script("localStorage.setItem('daigang.big_type', 'true')")
        await big.enter(SESSION)
        await findings.look(big.page, "room, big type")
        wide = await stack.enter_async_context(opened(browser, Viewer, hub.url, LAPTOP))
        await wide.enter(SESSION)
        await every_tab(wide.page, lambda name: findings.look(wide.page, f"wide room, {name}"))
    findings.none()


async def test_the_pages_made_on_the_server(browser: Browser, hub: HubProcess) -> None:
    """As they stand when no script of ours runs."""
    findings = Findings()

    async def lost(route: Route) -> None:
        await route.abort()

    async with opened(browser, Open, hub.url, SMALL_PHONE, phone=True) as page:
        await page.page.route("**/viewer/main.js", lost)
        for path in ("/", "/?q=焊工", f"/room/{SESSION}", "/V01/1", "/position/P0002", "/none", "/?base=x"):
            await page.go(path)
            await expect(page.page.locator("main")).to_be_visible()
            await findings.look(page.page, f"plain {path}")
        for path in (f"/print/room/{SESSION}", "/print/position/P0001"):
            await page.go(path)
            await findings.look(page.page, path)
        await page.go("/V01/1")
        if await page.page.locator("#plain-name").count():
            await page.page.fill("#plain-name", "甄师傅")
            await page.page.locator("form button", has_text="确认投递").click()
            await expect(page.page.locator("#plain-phone-error")).to_be_visible()
            await findings.look(page.page, "plain form with a mistake")
            await page.page.fill("#plain-phone", "13812345672")
            await page.page.locator("form button", has_text="确认投递").click()
            await expect(page.at("receipt-number")).to_be_visible()
            await findings.look(page.page, "plain receipt")
    findings.none()


async def test_the_staff_pages(browser: Browser, hub: HubProcess) -> None:
    findings = Findings()
    pages = ((Host, "/host"), (Desk, "/desk"), (Screen, "/screen"), (Open, "/join"), (Open, "/camera"))
    for kind, path in pages:
        async with opened(browser, kind, hub.url, LAPTOP) as page:
            await page.go(path)
            await page.page.wait_for_timeout(500)
            await findings.look(page.page, f"{path}, not signed in")
    async with opened(browser, Host, hub.url, LAPTOP) as host:
        await host.enter()
        await findings.look(host.page, "/host")
        for tool in await host.page.locator('[data-test^="tool-"]').all():
            name = await tool.get_attribute("data-test")
            await tool.click()
            await findings.look(host.page, f"/host, {name}")
            await host.page.keyboard.press("Escape")
        if await host.at("line-pick").count():
            await host.at("line-pick").first.click()
            await findings.look(host.page, "/host, one line")
            await host.page.keyboard.press("Escape")
            await host.at("talk-questions").click()
            await host.at("answer-open").first.click()
            await findings.look(host.page, "/host, an answer")
    for role in ("hr", "specialist"):
        async with opened(browser, Desk, hub.url, PHONE, phone=True) as desk:
            await desk.go(f"/desk?demo={role}")
            await desk.page.wait_for_timeout(800)
            await findings.look(desk.page, f"/desk, {role}")
            await every_tab(desk.page, lambda name: findings.look(desk.page, f"/desk, {name}"))
            row = desk.at("applicant-row").first
            if await row.count():
                await row.click()
                await findings.look(desk.page, "/desk, one applicant")
                for answer in ("interview", "unsuitable"):
                    await desk.at(f"answer-{answer}").click()
                    await findings.look(desk.page, f"/desk, {answer}")
                    await desk.page.keyboard.press("Escape")
    async with opened(browser, Screen, hub.url, LAPTOP) as screen:
        await screen.enter()
        await findings.look(screen.page, "/screen, wall")
        await screen.at("mode-table").click()
        await expect(screen.page.locator('[role="tab"]').first).to_be_visible()
        await every_tab(screen.page, lambda name: findings.look(screen.page, f"/screen, {name}"))
        await screen.at("tab-people").click()
        await screen.at("people-invite").click()
        await findings.look(screen.page, "/screen, inviting")
        await screen.page.keyboard.press("Escape")
        await screen.at("tab-reports").click()
        if await screen.at("report-pick").count():
            await screen.at("report-pick").first.click()
            await findings.look(screen.page, "/screen, a report")
    findings.none()
