"""The four pages as their users see them, each in a browser context of its own, with an ear at everything it does.

A page object says what a person does and sees; waiting has one generous limit, `WITHIN_MS`.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgpack
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
)

from tests.faults.link import FaultLink
from tests.faults.processes import HubProcess, hub_process

WITHIN_MS: Final = 25_000
expect.set_options(timeout=WITHIN_MS)

PHONE: Final = {"width": 390, "height": 844}
SMALL_PHONE: Final = {"width": 360, "height": 640}
LAPTOP: Final = {"width": 1366, "height": 768}
DESKTOP: Final = {"width": 1440, "height": 900}

NETWORK_IS_GONE: Final = re.compile(r"net::ERR_|WebSocket connection to .* failed")
"""What Chromium itself writes to the console when it is cut off; no page can hinder it."""

_TELL_CSP: Final = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


class Ear:
    """All that one page writes to its console, asks for, sends and receives. `frames` are those that came in by a
    websocket, `sent` the websocket frames and bodies that went out."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.urls: list[str] = []
        self.frames: list[bytes] = []
        self.sent: list[bytes] = []
        self.sockets = 0

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"pageerror: {error}"))
        page.on("request", self._request)
        page.on("websocket", self._websocket)

    def messages(self) -> list[dict[str, Any]]:
        """Every message of every websocket frame that came in, in order. A frame holds one or several."""
        found: list[dict[str, Any]] = []
        for frame in self.frames:
            unpacker = msgpack.Unpacker(strict_map_key=False)
            unpacker.feed(frame)
            found += list(unpacker)
        return found

    def heard(self, words: str) -> bool:
        """Whether these words came in by any websocket or went out in any address."""
        return any(words.encode() in frame for frame in self.frames) or any(words in url for url in self.urls)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        self.urls.append(request.url)
        if request.post_data_buffer:
            self.sent.append(request.post_data_buffer)

    def _websocket(self, socket: WebSocket) -> None:
        self.sockets += 1
        self.urls.append(socket.url)
        socket.on("framereceived", lambda data: self.frames.append(_bytes(data)))
        socket.on("framesent", lambda data: self.sent.append(_bytes(data)))


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


class Open:
    """One page, open at an address of its own."""

    def __init__(self, page: Page, ear: Ear, base: str) -> None:
        self.page = page
        self.context: BrowserContext = page.context
        self.ear = ear
        self.base = base

    def at(self, name: str) -> Locator:
        """What carries `data-test=name`."""
        return self.page.locator(f'[data-test="{name}"]')

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def mark(self) -> None:
        """Leave a mark that a reload would wipe away."""
        await self.page.evaluate("() => { globalThis.notReloaded = true; }")

    async def was_reloaded(self) -> bool:
        return not await self.page.evaluate("() => Boolean(globalThis.notReloaded)")


class NoUpgrades(FaultLink):
    """A middlebox as some networks have it: HTTP passes, whoever asks for a websocket is cut off."""

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser asks for a websocket on a connection of its own, with the first bytes.
        first = await reader.read(64 * 1024)
        if b"upgrade: websocket" in first.lower():
            raise ConnectionResetError
        writer.write(first)
        await super()._up(reader, writer)


@dataclass(frozen=True)
class Applying:
    """What a seeker writes into the sheet."""

    name: str
    phone: str


class Viewer(Open):
    """`/` and `/room/SESSION`."""

    async def enter(self, session: str) -> None:
        await self.go(f"/room/{session}")
        await expect(self.at("room")).to_be_visible()

    async def say(self, text: str) -> None:
        await self.at("chat-input").fill(text)
        await self.at("chat-send").click()

    async def confirm(self, phone: str) -> None:
        """In the open sheet, by the code a demonstration shows."""
        await self.at("confirm-phone").fill(phone)
        await self.at("confirm-ask").click()
        shown = await self.at("code-shown").inner_text()
        await self.at("code-input").fill(shown.strip()[-6:])
        await expect(self.at("confirm-sheet")).to_have_count(0)

    def line(self, text: str) -> Locator:
        return self.at("chat-line").filter(has_text=text)

    def card(self, position: str) -> Locator:
        """The card under the picture, when it is of that position."""
        return self.page.locator(f'[data-test="card"][data-position="{position}"]')

    async def fill_and_confirm(self, who: Applying) -> str:
        """From the open sheet to the receipt; its number."""
        await self.at("apply-name").fill(who.name)
        await self.at("apply-phone").fill(who.phone)
        await self.at("apply-confirm").click()
        await expect(self.at("receipt")).to_be_visible()
        return (await self.at("receipt-number").inner_text()).strip()

    async def find_on_shelf(self, number: int) -> Locator:
        """The row of that number in the list of all positions."""
        if not await self.at("shelf-search").is_visible():
            await self.at("shelf-open").click()
        await self.at("shelf-search").fill(f"{number}号")
        rows = self.at("shelf-row")
        await expect(rows).to_have_count(1)
        await expect(rows).to_have_attribute("data-number", str(number))
        return rows

    def application(self, title: str) -> Locator:
        return self.at("application").filter(has=self.page.get_by_role("heading", name=title, exact=True))


class Host(Open):
    """`/host`."""

    async def enter(self) -> None:
        await self.go("/host?demo=host")
        await expect(self.at("rundown-row").first).to_be_visible()

    async def go_live(self) -> None:
        await self.at("go-live").click()
        await expect(self.at("host-state")).to_have_attribute("data-state", "live")

    async def show(self, number: int) -> None:
        """As a host does it: the number and Enter."""
        await self.page.keyboard.type(str(number))
        await expect(self.at("number-input")).to_have_value(str(number))
        await self.page.keyboard.press("Enter")
        await expect(self.at("current-card")).to_have_attribute("data-number", str(number))

    async def say(self, text: str) -> None:
        await self.at("host-chat-input").fill(text)
        await self.at("host-chat-send").click()
        await expect(self.at("host-chat-line").filter(has_text=text)).to_be_visible()

    async def leave_the_field(self) -> None:
        """Out of the chat's field, so that keys are the rundown's again."""
        await self.page.locator("#rundown-title").click()


class Desk(Open):
    """`/desk`."""

    async def enter(self) -> None:
        await self.go("/desk?demo=hr")
        await expect(self.at("waiting-count")).to_have_attribute("data-waiting", "0")

    def row(self, application: str) -> Locator:
        return self.page.locator(f'[data-test="applicant-row"][data-application="{application}"]')


class Screen(Open):
    """`/screen`."""

    async def enter(self) -> None:
        await self.go("/screen?demo=operator")
        await expect(self.at("as-of")).to_be_visible()

    async def shows(self, **numbers: int) -> None:
        """Wait until each of the large numbers is that one."""
        for name, value in numbers.items():
            await expect(self.at(f"total-{name}")).to_have_attribute("data-value", str(value))

    async def number(self, name: str) -> int:
        return int(await self.at(f"total-{name}").get_attribute("data-value") or "-1")


AnyPage = TypeVar("AnyPage", bound=Open)


@contextlib.asynccontextmanager
async def opened(
    browser: Browser, kind: type[AnyPage], base: str, size: dict[str, int], *, phone: bool = False
) -> AsyncIterator[AnyPage]:
    """A page in a fresh profile."""
    context = await browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size["width"], "height": size["height"]},
        is_mobile=phone,
        has_touch=phone,
    )
    context.set_default_timeout(WITHIN_MS)
    try:
        await context.add_init_script(_TELL_CSP)
        page = await context.new_page()
        ear = Ear()
        ear.listen(page)
        yield kind(page, ear, base)
    finally:
        await context.close()


@contextlib.asynccontextmanager
async def hub_behind_a_link(
    directory: Path, kind: type[FaultLink] = FaultLink
) -> AsyncIterator[tuple[HubProcess, FaultLink]]:
    """A demonstration that runs, and a second way to it that can be cut. The link's address is one of the hub's own
    origins, as a second name of a real site would be."""
    config = directory / "config.yaml"
    with hub_process(directory / "var", {"DAIGANG_CONFIG": str(config)}) as hub:
        async with kind("127.0.0.1", hub.port) as link:
            config.write_text(f"server:\n  origins: ['{way(link)}']\n", encoding="utf-8")
            await hub.start()
            yield hub, link


def way(link: FaultLink) -> str:
    """The address of the hub as seen through the link."""
    return f"http://127.0.0.1:{link.port}"
