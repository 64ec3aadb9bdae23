"""The whole tour: nothing of what a program can see wrong, on any page, in any state."""

from pathlib import Path

import pytest

from tests.web.tour import EVERY, tour

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.real_numbers, pytest.mark.timeout(3_600)]

ASKED_FOR = "console: Failed to load resource"
"""What Chromium writes about answers that the tour itself broke or got refused."""


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("width", [390, 360, 1093, 1440])
async def test_nothing_is_wrong_on_any_page(tmp_path: Path, width: int) -> None:
    found = await tour(tmp_path / "pictures", list(EVERY), [width], ["zh-CN", "en"])
    assert [one for one in found if not one.startswith(ASKED_FOR)] == []
