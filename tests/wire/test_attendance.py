"""Who counts as being in a session, as people come, open another page, get another role, and go."""

import asyncio
from pathlib import Path

from server.core.model import SessionId
from server.core.protocol import Done, Leave, Renew
from tests.wire.hubs import HOST, Running, running, token


async def online(hub: Running) -> int:
    await hub.hub.pulse.beat()
    return hub.hub.pulse.presence.online(SessionId("S01"))


async def became(hub: Running, wanted: int) -> None:
    for _ in range(100):
        if await online(hub) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never became {wanted}")


async def test_each_person_counts_once_and_who_is_on_duty_does_not(tmp_path: Path) -> None:
    async with (
        running(tmp_path) as hub,
        hub.line("g1") as page,
        hub.line("g1") as second_page,
        hub.line("host", HOST) as host,
        hub.line("g2") as other,
    ):
        for line in (page, second_page, host, other):
            await line.join("stage/S01")
        await page.join("stage/S01")  # again, as after a pause
        assert await online(hub) == 2
        assert isinstance(await page.call(Leave(channel="stage/S01")), Done)
        assert isinstance(await page.call(Leave(channel="stage/S01")), Done)  # and again
        assert await online(hub) == 2, "another page of the same person is still there"
        await second_page.ws.close()
        await became(hub, 1)
        assert isinstance(await other.call(Renew(token=token("g2", HOST))), Done)
        assert await online(hub) == 0, "who became a host is none of the audience"
        assert isinstance(await other.call(Renew(token=token("g2"))), Done)
        assert await online(hub) == 1
