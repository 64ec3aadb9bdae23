"""A picture through the real house: a host's recording comes in by `/media`, viewers read it as LL-HLS."""

import asyncio
import contextlib
import os
import re
import threading
import time
from pathlib import Path

import pytest

from server.config import Limits
from server.core.limits import Close
from server.core.model import Grant, PersonId, Role, SessionId
from server.media.broadcast import Broadcast
from tests.media.recordings import decoded, recording
from tests.wire.broadcasting import (
    Caster,
    addresses,
    casting,
    command,
    fetch,
    go_live,
    playlist,
    playlist_with,
)
from tests.wire.houses import HouseUnderTest, make_config, serving

pytestmark = pytest.mark.usefixtures("blockbuster")
S01 = SessionId("S01")


def broadcast_of(server: HouseUnderTest) -> Broadcast:
    found = server.house.broadcasts.find(S01)
    assert found is not None
    return found


async def until_gone(server: HouseUnderTest, pid: int) -> None:
    """Wait until that child has ended."""
    async with asyncio.timeout(10):
        while os.path.exists(f"/proc/{pid}/exe"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def on_air(server: HouseUnderTest, host: Caster, film: bytes) -> str:
    """The host sends a recording; the playlist with its first whole segment."""
    await host.begin()
    await host.send(film)
    return await playlist_with(server, "#EXTINF")


async def test_a_recording_becomes_a_playlist_that_decodes(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.hear("ready")
        text = await on_air(hub_server, host, recording(6.0))
        assert "CAN-BLOCK-RELOAD=YES" in text
        assert "#EXT-X-PROGRAM-DATE-TIME:20" in text
        header = await fetch(hub_server, addresses(text, "i")[0])
        segments = [await fetch(hub_server, one) for one in addresses(text, "s")]
        parts = [await fetch(hub_server, one) for one in addresses(text, "p")]
        assert b"".join(parts).startswith(segments[0])
        pictures, sounds = decoded(header + b"".join(segments))
        assert pictures >= 50
        assert sounds >= 80


async def test_caches_may_keep_what_never_changes(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        text = await on_air(hub_server, host, recording(3.0))
        segment = await hub_server.call("GET", f"/hls/S01/{addresses(text, 's')[0]}")
        assert segment.headers["Cache-Control"] == "public, max-age=60, immutable"
        assert segment.headers["Access-Control-Allow-Origin"] == "*"
        assert segment.headers["Content-Type"] == "video/mp4"
        plain = await hub_server.call("GET", "/hls/S01/index.m3u8")
        assert plain.headers["Cache-Control"] == "no-cache"
        take = addresses(text, "s")[0].partition("/")[0]
        for wrong in (f"{take}/s1.m4s", f"{take}/i9.mp4", "0/s1.m4s", f"{take}/x.m4s", f"{take}/p1.m4s"):
            assert (await hub_server.call("GET", f"/hls/S01/{wrong}")).status == 404
    assert (await hub_server.call("GET", "/hls/S02/index.m3u8")).status == 404


async def test_a_playlist_asked_for_in_advance_is_waited_for(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(6.0)
    async with casting(hub_server) as host:
        await host.begin()
        await host.send(film[: len(film) // 2])
        text = await playlist_with(hub_server, "#EXTINF")
        number, part = (int(n) for n in re.findall(r'PRELOAD-HINT.*/p(\d+)\.(\d+)\.m4s"', text)[0])
        ask = asyncio.create_task(playlist(hub_server, query=f"?_HLS_msn={number}&_HLS_part={part}"))
        hinted = asyncio.create_task(fetch(hub_server, re.findall(r'PRELOAD-HINT.*URI="([^"]+)"', text)[0]))
        await asyncio.sleep(0.2)
        assert not ask.done()
        assert not hinted.done()
        await host.send(film[len(film) // 2 :])
        assert f"/p{number}.{part}.m4s" in await ask
        assert len(await hinted) > 100
        assert (await hub_server.call("GET", f"/hls/S01/index.m3u8?_HLS_msn={number + 99}")).status == 400
        assert (await hub_server.call("GET", "/hls/S01/index.m3u8?_HLS_msn=x")).status == 400


async def test_a_killed_packager_is_a_new_generation(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(3.0)
    async with casting(hub_server) as host:
        before = await on_air(hub_server, host, film)
        broadcast_of(hub_server).kill()
        assert (await host.hear("again"))["reason"] == "packager"
        assert await host.begin() == 2
        await host.send(film)
        text = await playlist_with(hub_server, "i2.mp4")
        assert "#EXT-X-DISCONTINUITY\n" in text
        assert set(addresses(before, "s")) <= set(addresses(text, "s"))
        after = text.partition("#EXT-X-DISCONTINUITY\n")[2]
        new = await fetch(hub_server, addresses(after, "i")[0]) + await fetch(hub_server, addresses(after, "p")[0])
        pictures, _ = decoded(new)
        assert pictures > 0


@pytest.mark.parametrize(
    ("rubbish", "reason"),
    [
        (os.urandom(5_000), "not_webm"),
        (b"\x1a\x45\xdf\xa3\x80" * 2, "began_twice"),
        (b"\x1a\x45\xdf\xa3\x80\x16\x54\xae\x6b\x08\x7f\xff\xff\xff", "too_large"),
    ],
)
async def test_hostile_bytes_end_that_recording_alone(hub_server: HouseUnderTest, rubbish: bytes, reason: str) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.begin()
        packager = broadcast_of(hub_server)._packager
        assert packager is not None
        await host.ws.send_bytes(rubbish)
        assert (await host.hear("again"))["reason"] == reason
        await until_gone(hub_server, packager.pid)
        await on_air(hub_server, host, recording(3.0))  # the same line begins anew, and all is well
    assert (await hub_server.call("GET", "/healthz")).status == 200


async def test_a_damaged_recording_never_takes_the_hub_with_it(hub_server: HouseUnderTest) -> None:
    """Every byte of it may be wrong: the child copes or ends, the hub answers."""
    await go_live(hub_server)
    film = bytearray(recording(2.0))
    async with casting(hub_server) as host:
        for seed in range(6):
            broken = bytearray(film)
            for at in range(400 + seed * 37, len(broken), 211):
                broken[at] ^= 0x55
            await host.begin()
            await host.send(bytes(broken))
        assert (await hub_server.call("GET", "/healthz")).status == 200
        await host.begin()


async def refused(
    server: HouseUnderTest, session: str = "S01", *, who: str = "host", source: str = "source-1"
) -> tuple[str, int]:
    """Code and close code of a connection that is not let in."""
    async with casting(server, session, who=who, source=source) as host:
        answer = await host.hear("refused")
        return answer["code"], (await host.hear("closed"))["code"]


async def test_who_may_not_send_a_picture(hub_server: HouseUnderTest) -> None:
    assert await refused(hub_server) == ("session_not_live", Close.FORBIDDEN)
    await go_live(hub_server)
    assert await refused(hub_server, who="guest") == ("forbidden", Close.FORBIDDEN)
    assert await refused(hub_server, who="hr") == ("forbidden", Close.FORBIDDEN)
    assisting = (Grant(role=Role.ASSISTANT, scope="S01"),)
    assistant = hub_server.house.issuer.of(PersonId("p_assistant"), "场控", assisting, "client")
    assert await refused(hub_server, who=assistant.token) == ("forbidden", Close.FORBIDDEN), "the picture is the host's"
    assert await refused(hub_server, "S02") == ("forbidden", Close.FORBIDDEN)
    assert await refused(hub_server, who="nonsense") == ("not_signed_in", Close.WHO_ARE_YOU)
    async with casting(hub_server) as host:
        await host.hear("ready")
        await host.say(t="broadcast", token="x", session="S01", source="source-1")
        assert (await host.hear("refused"))["code"] == "out_of_turn"


async def test_without_the_extra_a_host_is_told(hub_server: HouseUnderTest) -> None:
    assert (await hub_server.call("GET", "/api/setup")).json["video"] is True
    await go_live(hub_server)
    hub_server.house.broadcasts.able = False
    async with casting(hub_server) as host:
        answer = await host.hear("refused")
        assert (answer["code"], answer["params"]) == ("unavailable", {"what": "video"})


async def test_one_message_may_not_be_huge(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.begin()
        with contextlib.suppress(ConnectionError):
            await host.ws.send_bytes(bytes(50 * 1024 * 1024))
    async with asyncio.timeout(10):
        while broadcast_of(hub_server).source is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_second_source_is_asked_and_takes_over(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(3.0)
    async with casting(hub_server) as first:
        await on_air(hub_server, first, film)
        assert await refused(hub_server, source="source-2") == ("picture_taken", Close.TAKEN_OVER)
        async with casting(hub_server, source="source-2", take_over=True) as second:
            await second.hear("ready")
            assert (await first.hear("closed"))["code"] == Close.TAKEN_OVER
            assert await second.begin() == 2
            await second.send(film)
            await playlist_with(hub_server, "i2.mp4")


async def test_who_comes_back_replaces_oneself(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(3.0)
    async with casting(hub_server) as first:
        await on_air(hub_server, first, film)
        async with casting(hub_server) as again:
            await again.hear("ready")
            assert await again.begin() == 2


async def test_what_was_cut_off_goes_on_in_no_rehearsal(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    body = {"t": "start_rehearsal", "session": "S01", "key": "rehearse-before"}
    answer = await hub_server.call("POST", "/api/commands", token=hub_server.tokens["host"], body=body)
    there = answer.json["session"]
    async with casting(hub_server, there) as host:
        await host.hear("ready")
        await command(
            hub_server, {"t": "cut_off", "session": "S01", "reason": "收费", "key": "cut-it-off"}, who="operator"
        )
        assert (await host.hear("closed"))["code"] == Close.FORBIDDEN
    assert await refused(hub_server, there) == ("session_cut_off", Close.FORBIDDEN)


async def test_the_end_of_the_session_is_the_end_of_its_picture(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await on_air(hub_server, host, recording(3.0))
        packager = broadcast_of(hub_server)._packager
        assert packager is not None
        began_s = time.monotonic()
        await command(hub_server, {"t": "end_session", "session": "S01", "key": "end-the-session"})
        assert (await host.hear("closed"))["code"] == Close.FORBIDDEN
        assert time.monotonic() - began_s < 10.0
        await until_gone(hub_server, packager.pid)
        assert (await hub_server.call("GET", "/hls/S01/index.m3u8")).status == 404


async def test_a_session_that_is_over_can_be_seen_again(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await on_air(hub_server, host, recording(6.0))
        await command(hub_server, {"t": "show_card", "session": "S01", "position": "P010", "key": "show-card-1"})
        await asyncio.sleep(3.2)
        await command(hub_server, {"t": "hide_card", "session": "S01", "key": "hide-card-1"})
        # 看讲解 while the session goes on.
        (chapter,) = (await hub_server.call("GET", "/api/sessions/S01/replay")).json["chapters"]
        clip = f"?from_ms={chapter['from_ms']}&to_ms={chapter['to_ms']}"
        assert (await hub_server.call("GET", f"/replay/S01/index.m3u8{clip}")).status == 200
        assert (await hub_server.call("GET", "/api/sessions/S02/replay")).json == {"duration_s": 0}
        await command(hub_server, {"t": "end_session", "session": "S01", "key": "end-the-session"})
        await host.hear("closed")
    async with asyncio.timeout(10):
        while (about := (await hub_server.call("GET", "/api/sessions/S01/replay")).json)["duration_s"] < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    (chapter,) = about["chapters"]
    assert chapter["position"] == "P010"
    text = (await hub_server.call("GET", "/replay/S01/index.m3u8")).body.decode()
    name = re.findall(r"[0-9a-f]+/g1\.mp4", text)[0]
    film = await hub_server.call("GET", f"/replay/S01/{name}")
    assert film.status == 200
    pictures, sounds = decoded(film.body)
    assert pictures == 150
    assert sounds > 250
    size, start = re.findall(r"BYTERANGE:(\d+)@(\d+)", text)[1]
    ranged = {"Range": f"bytes={start}-{int(start) + int(size) - 1}"}
    piece = await hub_server.call("GET", f"/replay/S01/{name}", headers=ranged)
    assert (piece.status, len(piece.body)) == (206, int(size))
    for wrong in ("1/g1.mp4", "../S01/g1.mp4", f"{name.partition('/')[0]}/index.jsonl"):
        assert await asyncio.to_thread(hub_server.request_path, f"/replay/S01/{wrong}") == 404
    clip = f"?from_ms={chapter['from_ms']}&to_ms={chapter['to_ms']}"
    cut = await hub_server.call("GET", f"/replay/S01/index.m3u8{clip}")
    assert cut.body.decode().count("#EXTINF") <= text.count("#EXTINF")


async def test_newcomers_wait_when_the_uplink_is_full(tmp_path: Path) -> None:
    config = make_config(tmp_path, limits=Limits(video_egress_mbps=1))
    async with serving(config) as server:
        await go_live(server)
        async with casting(server) as host:
            await host.begin()
            await host.send(recording(4.0, size=(640, 360), noise=True))
            async with asyncio.timeout(10):
                while broadcast_of(server).kbit_s() < 1_000:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            full = await server.call("GET", "/hls/S01/index.m3u8?v=one")
            assert (full.status, full.json["code"]) == (429, "too_many")


async def test_many_generations_leave_nothing_open(hub_server: HouseUnderTest) -> None:
    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    await go_live(hub_server)
    film = recording(1.0)
    async with casting(hub_server) as host:
        for _ in range(2):
            await host.begin()
            await host.send(film)
        files, threads = held()
        for _ in range(8):
            await host.begin()
            await host.send(film)
        now_files, now_threads = held()
    # The store's readers open a few by themselves; a generation that left its pipes open would leave 24.
    assert now_files <= files + 8
    assert now_threads <= threads + 4


async def test_viewers_are_told_by_the_pulse(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    states = hub_server.hub.pulse.pictures
    async with casting(hub_server) as host:
        assert states.state(S01) == ""
        await on_air(hub_server, host, recording(3.0))
        assert states.state(S01) == "on"
        metrics = (await hub_server.call("GET", "/metrics")).body.decode()
        assert 'daigang_pictures{state="on"} 1.0' in metrics
        await host.say(t="pause", paused=True)
        async with asyncio.timeout(5):
            while states.state(S01) != "paused":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        pulse = hub_server.hub.pulse.latest("S01")
        assert pulse is not None
        assert pulse.body.picture == "paused"  # type: ignore[union-attr]
