"""Pictures of every page and state, and what a program can see wrong with them:

    python -m tests.web.tour DIRECTORY [--page viewer desk …] [--width 390 360 1093 1440] [--language zh-CN en]

A demonstration is started in DIRECTORY, one PNG for each state, width and language is put there, and what
`tour_looks` finds is written out. A page or a state more is a line in `tour_walks` or `tour_states`. Looking is
still done by people.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.faults.processes import HubProcess, hub_process
from tests.services import chromium_flags, find_chromium
from tests.web.test_axe import Findings
from tests.web.tour_looks import foreign_words, look
from tests.web.tour_people import Fair, fill
from tests.web.tour_picture import PICTURE
from tests.web.tour_sheets import SHEETS
from tests.web.tour_states import STATES
from tests.web.tour_walks import WALKS

SIZES: Final = {390: 844, 360: 640, 1093: 614, 1440: 900}
PHONES: Final = {390, 360}
QUIET_MS: Final = 450
EVERY: Final = {**WALKS, "sheets": SHEETS, "picture": PICTURE, "states": STATES}


@dataclass
class Tour:
    """One walk through a page at one width and in one language."""

    browser: Browser
    hub: HubProcess
    fair: Fair
    directory: Path
    width: int
    language: str
    found: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def page(self, path: str, *, stored: str = "", height: int = 0) -> AsyncIterator[Page]:
        """A page in a fresh profile. `stored`: what is run before everything else."""
        context = await self.browser.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": self.width, "height": height or SIZES[self.width]},
            is_mobile=self.width in PHONES,
            has_touch=self.width in PHONES,
        )
        context.set_default_timeout(8_000)
        await context.add_init_script(
            f"try {{ localStorage['daigang.locale'] = '\"{self.language}\"'; {stored} }} catch {{}}"
        )
        try:
            page = await context.new_page()
            page.on("console", self._console)
            await page.goto(self.hub.url + path)
            yield page
        finally:
            await context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text}")

    async def snap(self, page: Page, name: str) -> None:
        """Keep the state as a picture, and look at it."""
        await page.wait_for_timeout(QUIET_MS)
        findings = Findings()
        await findings.look(page, "axe")
        await page.screenshot(path=self.directory / f"{name}.{self.width}.{self.language}.png")
        here = f"{name} {self.width} {self.language}"
        self.found += [f"{here}: {one}" for one in findings.grave]
        self.found += [f"{here}: {one}" for one in await look(page, thumb=self.width in PHONES)]
        self.found += [f"{here}: other language: {one}" for one in await foreign_words(page, self.language)]

    async def walk(self, name: str) -> None:
        """All states of one page; one that does not come is a finding, the rest goes on."""
        for state in EVERY[name]:
            try:
                await state(self)
            except Exception as error:
                first = str(error).splitlines()[:3]
                self.found.append(f"{state.__name__} {self.width} {self.language}: did not come: {' / '.join(first)}")


async def tour(directory: Path, pages: list[str], widths: list[int], languages: list[str]) -> list[str]:
    """Walk; what was found, each once."""
    directory.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    with hub_process(directory / "var") as hub:
        await hub.start()
        fair = await fill(hub)
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=find_chromium(), args=chromium_flags())
            for name in pages:
                for language in languages:
                    for width in widths:
                        one = Tour(browser, hub, fair, directory, width, language)
                        await one.walk(name)
                        found += one.found
            await browser.close()
    return list(dict.fromkeys(found))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--page", nargs="+", choices=EVERY, default=list(EVERY))
    parser.add_argument("--width", nargs="+", type=int, choices=SIZES, default=list(SIZES))
    parser.add_argument("--language", nargs="+", choices=("zh-CN", "en"), default=["zh-CN", "en"])
    asked = parser.parse_args()
    found = asyncio.run(tour(asked.directory, asked.page, asked.width, asked.language))
    sys.stdout.writelines(f"{one}\n" for one in found)


if __name__ == "__main__":
    main()
