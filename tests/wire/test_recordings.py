"""What was recorded, through the real house: clips to keep, chat in step, hidden at once, deleted when it may be."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from server.core.model import Grant, PersonId, Role
from server.jobs.clearing import ClearingJob
from server.media import clearing
from server.opening import recordings_of
from server.store import recording_rows
from server.store.retention import DAY_MS
from tests.media.recordings import recording, require_whole
from tests.wire.broadcasting import Caster, casting, command, go_live, playlist_with
from tests.wire.gates import Gate
from tests.wire.houses import Clock, HouseUnderTest, do
from tests.wire.hubs import eventually

pytestmark = pytest.mark.usefixtures("blockbuster")


async def explain(server: HouseUnderTest, host: Caster, seconds: float = 6.0) -> dict[str, Any]:
    """A picture, and one position explained in it: the chapter."""
    await host.begin()
    await host.send(recording(seconds))
    await playlist_with(server, "#EXTINF")
    await command(server, {"t": "show_card", "session": "S01", "position": "P010", "key": "show-card-1"})
    await asyncio.sleep(3.2)
    await command(server, {"t": "hide_card", "session": "S01", "key": "hide-card-1"})
    (chapter,) = (await about(server))["chapters"]
    return dict(chapter)


async def about(server: HouseUnderTest) -> dict[str, Any]:
    return dict((await server.call("GET", "/api/sessions/S01/replay")).json)


async def end(server: HouseUnderTest, host: Caster) -> None:
    await command(server, {"t": "end_session", "session": "S01", "key": "end-the-session"})
    await host.hear("closed")


def job_of(server: HouseUnderTest, clock: Clock, days: int = 60) -> ClearingJob:
    return ClearingJob(server.store, recordings_of(server.house.config), days * DAY_MS, clock)


async def test_an_explanation_is_a_file_to_keep(house: HouseUnderTest, tmp_path: Path) -> None:
    await go_live(house)
    async with casting(house) as host:
        chapter = await explain(house, host)
        address = f"/replay/S01/clip-{chapter['from_ms']}.mp4"
        first, second = await asyncio.gather(house.call("GET", address), house.call("GET", address))
        assert first.status == 200, first.body
        assert first.body == second.body
        assert first.headers["Content-Type"] == "video/mp4"
        assert first.headers["Access-Control-Allow-Origin"] == "*", "pages of other provinces show it"
        playlist = await house.call("GET", "/replay/S01/index.m3u8")
        assert playlist.headers["Access-Control-Allow-Origin"] == "*"
        name = unquote(first.headers["Content-Disposition"].rpartition("UTF-8''")[2])
        assert name.startswith(f"{chapter['number']}号-")
        assert name.endswith("-讲解.mp4")
        (tmp_path / "clip.mp4").write_bytes(first.body)
        length_s = await asyncio.to_thread(require_whole, tmp_path / "clip.mp4")
        assert 2 <= length_s <= 6.1
        kept = list((tmp_path / "clips").glob("*/*"))
        assert len(kept) == 1, "it is cut once"
        for wrong in (f"clip-{chapter['from_ms'] + 1}.mp4", "clip-0.mp4"):
            assert (await house.call("GET", f"/replay/S01/{wrong}")).status == 404
        await end(house, host)
    for film in (tmp_path / "recordings").glob("*/*/g*.mp4"):
        await asyncio.to_thread(require_whole, film)


async def test_the_chat_of_a_replay_lies_beside_it(house: HouseUnderTest) -> None:
    await go_live(house)
    async with casting(house) as host:
        await host.begin()
        await host.send(recording(4.0))
        await playlist_with(house, "#EXTINF")
        for text in ("这个岗位夜班多吗", "包吃吗", "班车几点"):
            said = await do(house, house.tokens["host"], "say", session="S01", text=text)
            assert said["t"] != "refused", said
        await do(house, house.tokens["host"], "remove_line", session="S01", offset=2)
        answer = await house.call("GET", "/api/sessions/S01/replay/chat/0")
        assert [line["text"] for line in answer.json["lines"]] == ["这个岗位夜班多吗", "班车几点"]
        (first, _) = answer.json["lines"]
        assert answer.json["from_ms"] <= first["at_ms"] < answer.json["to_ms"]
        assert first["role"] == "host"
        assert (await house.call("GET", "/api/sessions/S01/replay/chat/9")).status == 404
        assert (await house.call("GET", "/api/sessions/S02/replay/chat/0")).status == 404


async def test_hidden_at_once_and_deleted_when_the_law_allows(house: HouseUnderTest, clock: Clock) -> None:
    await go_live(house)
    async with casting(house) as host:
        chapter = await explain(house, host)
        clip = f"/replay/S01/clip-{chapter['from_ms']}.mp4"
        assert (await house.call("GET", clip)).status == 200
        await end(house, host)
    root = recordings_of(house.house.config)
    operator = house.tokens["operator"]
    (row,) = (await house.call("GET", "/api/recordings?region=220000", token=operator)).json["recordings"]
    assert (row["session"], "hidden" in row) == ("S01", False)
    assert row["least_ms"] == row["until_ms"] == row["to_ms"] + 60 * DAY_MS
    assert (await house.call("POST", "/api/recordings/S01/delete", token=operator)).status == 200

    assert await about(house) == {"duration_s": 0}
    for gone in (clip, "/replay/S01/index.m3u8", "/api/sessions/S01/replay/chat/0"):
        assert (await house.call("GET", gone)).status == 404, gone
    assert not list((root.parent / "clips").glob("*/*"))
    (row,) = (await house.call("GET", "/api/recordings?region=220000", token=operator)).json["recordings"]
    assert (row["hidden"], row["deleting"]) == (True, True)

    async with asyncio.timeout(10):
        while not await asyncio.to_thread(lambda: list(clearing.takes(root))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # its last segment is being written
    clock.ahead_ms = 59 * DAY_MS
    assert await job_of(house, clock, days=365).clear() == (), "the law: 60 days, whoever asks"
    assert list(root.glob("S01/*/g1.mp4"))
    clock.ahead_ms = 61 * DAY_MS
    (take,) = await job_of(house, clock, days=365).clear()
    assert not (root / "S01").exists()
    ((at_ms, session, words),) = await house.store.read(recording_rows.deletions, 9)
    proof = json.loads((root / clearing.DELETED).read_bytes())
    assert (session, words) == ("S01", take.words(proof["sha256"]))
    assert abs(at_ms - clock()) < 60_000
    assert f"generations 1 from {take.from_ms}" in words
    assert f"bytes {take.bytes}" in words


async def test_what_is_hidden_may_be_shown_again(
    house: HouseUnderTest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await go_live(house)
    async with casting(house) as host:
        await host.begin()
        await host.send(recording(4.0))
        await playlist_with(house, "#EXTINF")
        await end(house, host)
    operator = house.tokens["operator"]
    elsewhere = house.house.issuer.of(
        PersonId("p_elsewhere"), "别处", (Grant(role=Role.OPERATOR, scope="220200"),), "client"
    )
    for who in ("", house.tokens["guest"], house.tokens["host"], elsewhere.token):
        assert (await house.call("POST", "/api/recordings/S01/hide", token=who)).status in (401, 403)
        assert (await house.call("GET", "/api/recordings?region=220000", token=who)).status in (401, 403)
    assert (await house.call("POST", "/api/recordings/S99/hide", token=operator)).status == 404
    assert (await house.call("POST", "/api/recordings/S01/hide", token=operator)).status == 200
    assert (await house.call("GET", "/replay/S01/index.m3u8")).status == 404
    assert (await house.call("POST", "/api/recordings/S01/show", token=operator)).status == 200
    assert (await house.call("GET", "/replay/S01/index.m3u8")).status == 200
    for what in ("hide", "show"):  # nothing is known of it from before
        assert (await house.call("POST", f"/api/recordings/S01/{what}", token=operator)).status == 200
    with monkeypatch.context() as patch:
        gate = Gate(house.store, patch, only="_may_be_seen")
        asking = asyncio.create_task(house.call("GET", "/replay/S01/index.m3u8"))
        await eventually(lambda: gate.held == 1)
        assert (await house.call("POST", "/api/recordings/S01/hide", token=operator)).status == 200
        gate.open.set()
        assert (await asking).status == 404, "it was hidden while the list was read"
    assert (await house.call("GET", "/replay/S01/index.m3u8")).status == 404
    clock.ahead_ms = 300 * DAY_MS
    assert await job_of(house, clock, days=365).clear() == (), "nobody asked for it to go"
