"""A room with a picture: the player, what somebody types along with the host over it, and its settings."""

import secrets
from typing import TYPE_CHECKING

from server.core.model import Role
from server.core.protocol import Say
from tests.faults.recording_hub import on_air, sending
from tests.media.recordings import recording
from tests.web.tour_people import SESSION, patiently
from tests.web.tour_walks import at

if TYPE_CHECKING:
    from tests.web.tour import Tour

SECONDS = 40.0
SAID = "底薪两千四，综合三千六到四千二，早八点到下午五点，管吃管住，明天上午九点在长春人才市场面试"


async def captions(tour: "Tour") -> None:
    async with on_air(tour.hub, SESSION) as sender:
        await sender.begin()
        async with sending(sender, recording(SECONDS, tone=True), SECONDS), tour.page(f"/room/{SESSION}") as page:
            await page.locator('[data-test="player"][data-state="playing"]').wait_for(timeout=20_000)
            host = (await tour.hub.doors.demo(Role.HOST)).token
            await patiently(
                tour.hub, Say(session=SESSION, text=SAID, key=f"tour-{secrets.token_hex(6)}", caption=True), host
            )
            await at(page, "said").wait_for()
            await tour.snap(page, "viewer-room-caption")
            await at(page, "player-settings").click()
            await at(page, "player-sheet").wait_for()
            await tour.snap(page, "viewer-player-settings")


PICTURE = (captions,)
"""Needs ffmpeg."""
