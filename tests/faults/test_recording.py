"""A recording when things break: the hub is killed in the middle of it, the disk is full."""

import asyncio
import contextlib
import json
import re
from pathlib import Path

import pytest

from tests.faults.full_disk import STRANGER, make_room, small_disk
from tests.faults.processes import HubProcess, hub_process
from tests.faults.recording_hub import api, on_air, raw, sending, staff
from tests.media.recordings import need_av, recording, require_whole

pytestmark = pytest.mark.faults

SESSION = "S01"


def lines(var_dir: Path) -> list[dict[str, object]]:
    """All whole lines of the session's indexes, as they lie on disk."""
    found = []
    for index in sorted(var_dir.glob(f"recordings/{SESSION}/*/index.jsonl")):
        for line in index.read_text().splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found


async def until_pieces(var_dir: Path, count: int) -> None:
    async with asyncio.timeout(30):
        while len(lines(var_dir)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_killed_hub_loses_the_last_segment_at_most(tmp_path: Path) -> None:
    need_av()
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with on_air(hub) as host:
            await host.begin()
            async with sending(host, recording(20.0), 6.0):
                await until_pieces(hub.var_dir, 3)
                seen = await live_segments(hub)
                hub.kill()
        on_disk = len(lines(hub.var_dir))
        assert on_disk >= seen - 1, "what viewers had as a whole segment is on disk, but for the last one"
        # The crash may have come anywhere: in the middle of a segment, in the middle of a line.
        (film,) = hub.var_dir.glob(f"recordings/{SESSION}/*/g1.mp4")
        with film.open("ab") as torn:
            torn.write(b"\0\0\1\0moof half")
        await hub.start()
        token = await staff(hub, "host")
        ended = {"t": "end_session", "session": SESSION, "key": "end-the-session"}
        await api(hub, "POST", "/api/commands", token, ended)
        about = await api(hub, "GET", f"/api/sessions/{SESSION}/replay")
        assert about["duration_s"] == pytest.approx(2.0 * on_disk, abs=0.2)
        async with asyncio.timeout(20):
            while film.read_bytes().endswith(b"half"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert await asyncio.to_thread(require_whole, film) == pytest.approx(2.0 * on_disk, abs=0.3)


async def live_segments(hub: HubProcess) -> int:
    """How many whole segments viewers have had, by the newest playlist."""
    text = (await raw(hub, f"/hls/{SESSION}/index.m3u8")).decode()
    return len(set(re.findall(r"/s\d+\.m4s", text)))


async def test_a_full_disk_is_a_gap_and_live_goes_on(tmp_path: Path) -> None:
    """The disk is really full: the kernel says so, in the middle of a recording. Then there is room again."""
    need_av()
    config = tmp_path / "config.yaml"
    config.write_text("recording:\n  low_water_gb: 0\n", encoding="utf-8")
    place = tmp_path / "var" / "recordings"
    with small_disk(place, "640k"), hub_process(tmp_path / "var", {"DAIGANG_CONFIG": str(config)}) as hub:
        (place / STRANGER).write_bytes(bytes(400_000))
        await hub.start()
        async with on_air(hub) as host:
            await host.begin()
            async with sending(host, recording(40.0, size=(640, 360)), 10.0):
                await until_pieces(hub.var_dir, 1)
                async with asyncio.timeout(30):
                    while "has a gap: No space left on device" not in hub.log():  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                full = len(lines(hub.var_dir))
                wall = await api(hub, "GET", "/api/wall?region=220000", await staff(hub, "operator"))
                (tile,) = wall["tiles"]
                assert "unrecorded" in {alarm["what"] for alarm in tile["alarms"]}
                before = await live_number(hub)
                async with asyncio.timeout(20):
                    while await live_number(hub) < before + 2:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                assert len(lines(hub.var_dir)) == full, "nothing more was written, and live went on"
                make_room(place)
                await until_pieces(hub.var_dir, full + 2)
        token = await staff(hub, "host")
        ended = {"t": "end_session", "session": SESSION, "key": "end-the-session"}
        await api(hub, "POST", "/api/commands", token, ended)
        about = await api(hub, "GET", f"/api/sessions/{SESSION}/replay")
        (hole,) = about["holes"]
        assert hole["why"] == "disk"
        assert hole["to_ms"] - hole["from_ms"] >= 3_500
        for film in place.glob("*/*/g*.mp4"):
            await asyncio.to_thread(require_whole, film)
        playlist = (await raw(hub, f"/replay/{SESSION}/index.m3u8")).decode()
        assert playlist.count("#EXT-X-DISCONTINUITY") == 1
        await hub.terminate()


async def live_number(hub: HubProcess) -> int:
    """The number of the newest whole segment."""
    text = (await raw(hub, f"/hls/{SESSION}/index.m3u8")).decode()
    return max((int(number) for number in re.findall(r"/s(\d+)\.m4s", text)), default=0)
