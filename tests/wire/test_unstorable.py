"""U+0000, which PostgreSQL takes in no text, at the doors of a house on PostgreSQL: refused in words, never a fault of
the house, and who applies beside it notices nothing."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from server.config import StoreSection
from server.core.protocol import Refused, decode_server
from tests.wire.houses import Answer, HouseUnderTest, do, make_config, serving

COMMANDS: tuple[dict[str, Any], ...] = (
    {"t": "say", "session": "S01", "text": "x", "key": "\0" * 8},
    {"t": "say", "session": "S\0", "text": "x", "key": "key-unclean-1"},
    {"t": "ask", "session": "S01", "position": "P\0", "topic": "shift", "key": "key-unclean-2"},
    {"t": "withdraw", "application": "\0", "key": "key-unclean-3"},
    {"t": "saw", "applications": [{"application": "a\0", "steps": 1}]},
    {"t": "catch_up", "wants": [{"channel": "stage/\0"}]},
    {"t": "list_answers", "position": "\0"},
)
PATHS = ("/api/enterprises/%00", "/api/sessions/S%00", "/api/positions/P%00", "/position/P%00", "/room/S%00")

BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/api/sign-in", {"name": "a\0", "password": "correct horse"}),
    ("/api/join/look", {"token": "a\0"}),
)


async def posted(house: HouseUnderTest, body: dict[str, Any]) -> Refused:
    """What both forms of the command door say to it."""
    token = house.tokens["guest"]
    answer = await house.call("POST", "/api/commands", token=token, body=body)
    packed = await house.call(
        "POST",
        "/api/commands",
        token=token,
        data=msgspec.msgpack.encode(body),
        headers={"Content-Type": "application/msgpack"},
    )
    (reply,) = decode_server(packed.body)
    assert isinstance(reply, Refused)
    assert (answer.status, answer.json["code"]) == (400, reply.code.value), body
    return reply


async def form(house: HouseUnderTest, position: str, **fields: str) -> Answer:
    """The form of the pages without scripts."""
    whole = {"name": "张师傅", "phone": "13800138001", "consent": "2026-11", "session": "S01", **fields}
    return await house.call(
        "POST",
        f"/position/{position}/apply",
        data=urlencode(whole).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": house.url},
    )


async def test_what_no_database_takes_is_refused_at_every_door(tmp_path: Path, postgres_url: str) -> None:
    async with serving(make_config(tmp_path, store=StoreSection(url=postgres_url))) as house:
        await do(house, house.tokens["host"], "go_live", session="S01")
        applied = [
            do(
                house,
                house.tokens["guest"],
                "apply",
                session="S01",
                position=f"P01{n}",
                name="张师傅",
                phone="13900000001",
                consent="2026-11",
                age_confirmed=True,
            )
            for n in range(5)
        ]
        poisoned = asyncio.gather(*(posted(house, one) for one in COMMANDS))
        *receipts, refused = await asyncio.gather(*applied, poisoned)
        assert {one["t"] for one in receipts} == {"receipt"}, receipts
        assert {one.code.value for one in refused} == {"bad_message"}
        assert all(one.params["detail"] for one in refused)
        for path in PATHS:
            assert (await house.call("GET", path)).status in (400, 404), path
        for path, body in BODIES:
            answer = await house.call("POST", path, body=body)
            assert 400 <= answer.status < 500, answer.body
            assert answer.json["t"] == "refused", path
        for answer in (
            await form(house, "P010", session="S\0"),
            await form(house, "P%00"),
            await form(house, "P010", key="\0" * 8, source="\0", version="\0", phone="\0"),
        ):
            assert answer.status in (400, 404, 422), answer.body
            assert b"<main" in answer.body
