"""nginx as shipped in front of a picture: what it keeps of it, and for how long a still is the same for everybody."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.faults.front import Front, get
from tests.faults.processes import HubProcess, hub_process
from tests.faults.recording_hub import api, host_of, on_air, sending
from tests.media.recordings import need_av, recording, require_whole

pytestmark = pytest.mark.faults

SESSION = "S01"


class Through:
    """Asks through nginx."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def get(self, path: str, **headers: str) -> tuple[int, str, bytes]:
        """Status, what the cache says, and the body."""
        return await asyncio.to_thread(get, self._port, path, **headers)


async def test_stills_segments_and_clips_are_fetched_once(tmp_path: Path) -> None:
    need_av()
    config = tmp_path / "config.yaml"
    environ = {"DAIGANG_CONFIG": str(config)}
    with hub_process(tmp_path / "var", environ) as hub:
        front = Front([hub.port])
        config.write_text(f"server: {{public_url: 'http://127.0.0.1:{front.port}', behind_proxy: true}}\n", "utf-8")
        try:
            await hub.start()
            front.start()
            through = Through(front.port)
            async with on_air(hub, SESSION) as host:
                await host.begin()
                async with sending(host, recording(30.0, tone=True), 15.0):
                    await asyncio.sleep(3.3)
                    await live(through)
                    await clip(hub, through, tmp_path)
        finally:
            front.close()


async def live(through: Through) -> None:
    async with asyncio.timeout(15):
        while (await through.get(f"/hls/{SESSION}/still.jpg?n=1"))[0] != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    answers = [await through.get(f"/hls/{SESSION}/still.jpg?n={n}") for n in range(2, 6)]
    assert [status for status, _, _ in answers] == [200] * 4
    assert "HIT" in {kept for _, kept, _ in answers}, "whatever number a page asks with"
    assert sum(kept == "HIT" for _, kept, _ in answers) >= 3
    for playlist, kind in (("index", "s"), ("sound", "a")):
        status, _, text = await through.get(f"/hls/{SESSION}/{playlist}.m3u8")
        assert status == 200
        (address, *_) = re.findall(rf"[0-9a-f]+/{kind}\d+\.m4s", text.decode())
        seen = [await through.get(f"/hls/{SESSION}/{address}") for _ in range(3)]
        assert [kept for _, kept, _ in seen] == ["MISS", "HIT", "HIT"]
        assert len({body for _, _, body in seen}) == 1


async def clip(hub: HubProcess, through: Through, tmp_path: Path) -> None:
    shelf = await api(hub, "GET", f"/api/sessions/{SESSION}/shelf/1")
    shown = {"t": "show_card", "session": SESSION, "position": shelf["slots"][0]["position"]["id"]}
    await api(hub, "POST", "/api/commands", host_of(hub, SESSION), {**shown, "key": "show-card-1"})
    await asyncio.sleep(3.3)
    hidden = {"t": "hide_card", "session": SESSION, "key": "hide-card-1"}
    await api(hub, "POST", "/api/commands", host_of(hub, SESSION), hidden)
    await asyncio.sleep(0.1)
    (chapter,) = (await api(hub, "GET", f"/api/sessions/{SESSION}/replay"))["chapters"]
    address = f"/replay/{SESSION}/clip-{chapter['from_ms']}.mp4"
    status, kept, whole = await through.get(address)
    assert (status, kept) == (200, "MISS")
    (tmp_path / "clip.mp4").write_bytes(whole)
    assert await asyncio.to_thread(require_whole, tmp_path / "clip.mp4") > 3
    status, kept, part = await through.get(address, Range="bytes=100-199")
    assert (status, kept, part) == (206, "HIT", whole[100:200])
    status, kept, text = await through.get(f"/replay/{SESSION}/index.m3u8")
    assert (status, kept) == (200, "")
    assert b"#EXT-X-ENDLIST" in text
