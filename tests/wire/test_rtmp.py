"""OBS and other encoders: a real nginx-rtmp in front of the hub, ffmpeg as the encoder."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from server.core.limits import Close
from server.secrets_file import load_secrets
from tests.media.recordings import decoded
from tests.rtmp_server import RtmpServer, encoding
from tests.wire.broadcasting import casting, command
from tests.wire.encoders import S01, address, ask, film, has, playlist, until, with_encoders
from tests.wire.houses import HouseUnderTest


@pytest_asyncio.fixture
async def house(tmp_path: Path, rtmp: RtmpServer) -> AsyncIterator[HouseUnderTest]:
    async with with_encoders(tmp_path, rtmp) as server:
        yield server


async def test_the_right_key_plays_and_a_wrong_or_revoked_one_does_not(house: HouseUnderTest, rtmp: RtmpServer) -> None:
    url = await address(house)
    wrong = url[:-1] + ("a" if url[-1] != "a" else "b")
    for bad in (wrong, url.partition("?")[0], f"{rtmp.url}/S01", f"{rtmp.url}/s0?key=x"):
        with encoding(bad) as refused:
            assert await asyncio.to_thread(refused.wait, 10) != 0
    assert (await ask(house))["encoder"]["connected"] is False
    assert [(row["session"], row["encoder"]["connected"]) for row in await streams(house)] == [("S01", False)]
    with encoding(url) as encoder:
        await until(lambda: has(house, ".m4s\n", 2))
        whole = await film(house)
        pictures, sounds = decoded(whole)
        assert pictures >= 30
        assert sounds >= 50
        # The same beside it as with a browser: a still, and the sound alone.
        assert (await house.call("GET", "/hls/S01/still.jpg")).body.startswith(b"\xff\xd8")
        assert b"/a" in (await house.call("GET", "/hls/S01/sound.m3u8")).body
        state = await ask(house)
        assert (state["encoder"]["connected"], state["browser"]) == (True, False)
        assert 0 <= state["behind_ms"] < 3_000
        assert state["recorded"] is True
        (row,) = await streams(house)
        assert (row["encoder"]["connected"], row["made_at_ms"] > 0) == (True, True)
        for who, status in (("host", 403), ("guest", 403)):
            answer = await house.call("GET", "/api/streaming?region=220000", token=house.tokens[who])
            assert answer.status == status
        await ask(house, "/revoke", "operator")
        assert await asyncio.to_thread(encoder.wait, 5) != 0
    assert not [row for row in await streams(house) if row["made_at_ms"]]
    with encoding(url) as refused:
        assert await asyncio.to_thread(refused.wait, 10) != 0
    secret = url.rpartition("key=")[2]
    assert secret not in rtmp.log
    assert secret not in (await playlist(house))


async def streams(house: HouseUnderTest) -> list[dict[str, Any]]:
    """What an operator of the branch sees: never a key."""
    answer = await house.call("GET", "/api/streaming?region=220000", token=house.tokens["operator"])
    assert b"key=" not in answer.body
    rows: list[dict[str, Any]] = answer.json["streams"]
    return rows


async def test_a_cut_off_ends_the_encoder(house: HouseUnderTest) -> None:
    with encoding(await address(house, "operator")) as encoder:
        await until(lambda: has(house, ".m4s"))
        began_s = time.monotonic()
        await command(house, {"t": "cut_off", "session": "S01", "reason": "收费", "key": "cut-it-off"}, who="operator")
        await until(lambda: _gone(house))
        # Well under a second on a machine at rest (bench/encoders.py); here a limit that no busy machine breaks.
        assert time.monotonic() - began_s < 5
        assert await asyncio.to_thread(encoder.wait, 5) != 0
        await until(lambda: _no_picture(house))


async def _no_picture(house: HouseUnderTest) -> bool:
    return await playlist(house) == ""


async def _gone(house: HouseUnderTest) -> bool:
    return not (await ask(house))["encoder"]["connected"]


async def test_an_encoder_that_died_comes_back_as_a_new_generation(house: HouseUnderTest) -> None:
    url = await address(house)
    with encoding(url) as encoder:
        await until(lambda: has(house, "i1.mp4"))
        encoder.kill()
        await until(lambda: _gone(house))
    # Another size and a sound that must be made anew.
    with encoding(url, size="640x360", rate=44100):
        await until(lambda: has(house, "i2.mp4"))
        await until(lambda: _whole(house, 2))
        pictures, sounds = decoded(await film(house, 2))
        assert pictures >= 40
        assert sounds >= 40
        assert "#EXT-X-DISCONTINUITY\n" in await playlist(house)


async def _whole(house: HouseUnderTest, generation: int) -> bool:
    return len(await film(house, generation)) > 20_000


async def test_one_picture_source_a_page_or_an_encoder(house: HouseUnderTest) -> None:
    url = await address(house)
    async with casting(house) as page:
        await page.hear("ready")
        with encoding(url) as refused:
            assert await asyncio.to_thread(refused.wait, 10) != 0
        state = await ask(house)
        assert (state["encoder"]["trouble"], state["browser"]) == ("picture_taken", True)
        await ask(house, "/take_over")
        with encoding(url):
            assert (await page.hear("closed"))["code"] == Close.TAKEN_OVER
            await until(lambda: has(house, ".m4s"))
            # And the other way round, by the page's own rule.
            async with casting(house) as again:
                assert (await again.hear("refused"))["code"] == "picture_taken"
            async with casting(house, take_over=True) as again:
                await again.hear("ready")
                await until(lambda: _gone(house))


async def test_only_the_engine_may_speak_to_the_hook(house: HouseUnderTest, rtmp: RtmpServer, tmp_path: Path) -> None:
    secret = load_secrets(tmp_path, {}, store_exists=True).hook_secret()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for query, headers in (("", {}), ("?s=x", {}), (f"?s={secret}", {"X-Forwarded-For": "127.0.0.1"})):
        answer = await house.call("POST", f"/hooks/engine{query}", data=b"call=publish", headers={**form, **headers})
        assert answer.status == 404
    hostile = [b"", b"\xff\xfe", b"app=live&call=publish", b"app=live&call=publish&name=../../etc&key=" + b"x" * 9_000]
    hostile += [
        b"&".join(b"a=1" for _ in range(500)),
        b"app=live&call=publish&name=%00&key=%00",
        b"app=other&call=play",
    ]
    for body in hostile:
        answer = await house.call("POST", f"/hooks/engine?s={secret}", data=body, headers=form)
        assert answer.status == 403, body[:40]
    for who in ("guest", "hr"):
        assert (await ask(house, "/key", who))["code"] == "forbidden"


async def test_a_picture_that_was_stopped_stays_away_until_it_is_let(house: HouseUnderTest) -> None:
    url = await address(house)
    with encoding(url) as encoder:
        await until(lambda: has(house, ".m4s"))
        house.house.broadcasts.stop_source(S01)
        assert await asyncio.to_thread(encoder.wait, 5) != 0
    with encoding(url) as refused:
        assert await asyncio.to_thread(refused.wait, 10) != 0
    assert (await ask(house))["encoder"]["trouble"] == "stopped"
    await ask(house, "/take_over")
    with encoding(url):
        await until(lambda: has(house, "i2.mp4"))


async def test_one_key_for_the_rehearsal_and_the_session(tmp_path: Path, rtmp: RtmpServer) -> None:
    async with with_encoders(tmp_path, rtmp, live=False) as house:
        url = await address(house)
        with encoding(url) as refused:
            assert await asyncio.to_thread(refused.wait, 10) != 0
        assert (await ask(house))["encoder"]["trouble"] == "session_not_live"
        body = {"t": "start_rehearsal", "session": "S01", "key": "rehearse-it"}
        there = (await house.call("POST", "/api/commands", token=house.tokens["host"], body=body)).json["session"]
        with encoding(url) as encoder:
            await until(lambda: has(house, ".m4s", session=there))
            assert await playlist(house) == ""
            await command(house, {"t": "go_live", "session": "S01", "key": "go-live-now"})
            await until(lambda: has(house, ".m4s"))
            assert encoder.poll() is None
