"""Finding positions over HTTP: what is asked in an address, what is answered, and what nobody should ask."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server.core.refusal import Code
from server.web import finding
from tests.wire.houses import HouseUnderTest, make_config, serving
from tests.wire.hubs import WITHIN_S, key
from tests.wire.test_doors import assert_refused

pytestmark = pytest.mark.usefixtures("blockbuster")


async def found(server: HouseUnderTest, query: str = "") -> dict[str, Any]:
    """The answer of a search, once the hub has read everything."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            answer = await server.call("GET", f"/api/positions?{query}")
            if answer.status != 503:
                assert answer.status == 200, answer.body
                return answer.json
            await asyncio.sleep(0.02)


async def command(server: HouseUnderTest, who: str, **fields: object) -> Any:
    answer = await server.call("POST", "/api/commands", token=server.tokens[who], body={"key": key(), **fields})
    return answer.json


@contextlib.asynccontextmanager
async def on_air(tmp_path: Path) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path)) as server:
        await command(server, "host", t="go_live", session="S01")
        yield server


async def test_a_search_finds_pages_and_counts(hub_server: HouseUnderTest) -> None:
    whole = await found(hub_server, "limit=50")
    assert whole["total"] == 16
    titles = {hit["position"]["title"] for hit in whole["positions"]}
    word = sorted(titles)[0][:2]
    some = await found(hub_server, f"q={quote(word)}&limit=50")
    assert 0 < some["total"] <= 16
    assert all(word in str(hit["position"]) for hit in some["positions"])

    ids, after = [], ""
    for _ in range(9):
        page = await found(hub_server, f"limit=2&after={after}")
        ids += [hit["position"]["id"] for hit in page["positions"]]
        after = page.get("after", "")
        if not after:
            break
    assert ids == [hit["position"]["id"] for hit in whole["positions"]]
    assert (await found(hub_server, "near=999999"))["total"] == 16, "a preference kept elsewhere harms nothing"
    spot = whole["positions"][0]["spots"][0]
    assert {"session", "venue", "venue_name", "state", "number"} <= spot.keys()


async def test_what_is_explained_now_is_marked_within_a_second_or_two(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        await command(server, "host", t="show_card", session="S01", position="P012")
        async with asyncio.timeout(WITHIN_S):
            while True:
                first = (await found(server))["positions"][0]
                if first["spots"][0]["explained"]:
                    break
                await asyncio.sleep(0.1)
        assert first["position"]["id"] == "P012"
        assert first["spots"][0]["session"] == "S01"
        live = await found(server, "live=1&limit=50")
        assert live["total"] == 8
        assert live["counts"]["flags"]["live"] == 8


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("base=-1", "base"),
        ("base=1e3", "base"),
        ("pay=99999999", "pay"),
        ("pay=%D9%A3", "pay"),
        ("limit=51", "limit"),
        ("region=999999", "region"),
        ("education=phd", "education"),
        ("after=x", "after"),
        ("after=%E7%84%8A", "after"),
        ("after=" + "A" * 3_000, "after"),
    ],
)
async def test_an_odd_filter_is_named(hub_server: HouseUnderTest, query: str, detail: str) -> None:
    body = assert_refused(await hub_server.call("GET", f"/api/positions?{query}"), 400, Code.BAD_MESSAGE)
    assert body["params"] == {"detail": detail}


async def test_a_text_of_4000_characters_is_refused_and_no_more(hub_server: HouseUnderTest) -> None:
    await found(hub_server)
    assert_refused(await hub_server.call("GET", "/api/positions?q=" + "a" * 4_000), 422, Code.TEXT_TOO_LONG)
    assert (await hub_server.call("GET", "/api/positions?q=" + quote("焊" * 4_000))).status == 400


@pytest.mark.parametrize(
    "words",
    ["%00", "%F0%9F%99%82", "%C0%AF", "%EF%BB%BF%E2%80%8F", "%25_%27%22--", "e%CC%81" * 90, "%ED%A0%80", "12%E5%8F%B7"],
)
async def test_odd_characters_find_nothing_and_break_nothing(hub_server: HouseUnderTest, words: str) -> None:
    assert (await found(hub_server, f"q={words}"))["total"] == 0


async def test_who_searches_without_pause_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SEARCHES_PER_S", 0.01)
    monkeypatch.setattr(finding, "SEARCHES_BURST", 5)
    async with serving(make_config(tmp_path)) as server:
        await server.hub.finder.refresh()
        answers = [(await server.call("GET", f"/api/positions?base={n}")).status for n in range(7)]
        assert answers == [200] * 5 + [429] * 2
        page = await server.call("GET", "/?base=8")
        assert page.status == 429
        assert 'role="alert"' in page.body.decode()


async def test_one_position_by_id_and_by_its_number(hub_server: HouseUnderTest) -> None:
    by_id = (await hub_server.call("GET", "/api/positions/P011")).json
    assert by_id["position"]["id"] == "P011"
    assert by_id["enterprise"]["name"].endswith("有限公司")
    number = by_id["spots"][0]["number"]
    by_number = (await hub_server.call("GET", f"/api/venues/V01/{number}")).json
    assert by_number["position"]["id"] == "P011"
    assert (by_number["session"], by_number["number"]) == ("S01", number)


@pytest.mark.parametrize(
    "path",
    [
        "/api/positions/none",
        "/api/positions/%00",
        "/api/positions/..%2f..%2fetc",
        "/api/positions/" + "x" * 3_000,
        "/api/venues/V01/0",
        "/api/venues/V01/99999999999999999999",
        "/api/venues/V01/-1",
        "/api/venues/V01/%D9%A3",
        "/api/venues/V01/1%00",
        "/api/venues/%00/1",
        "/api/venues/none/1",
    ],
)
async def test_what_is_not_there_is_said_so(hub_server: HouseUnderTest, path: str) -> None:
    assert_refused(await hub_server.call("GET", path), 404, Code.NOT_FOUND)


async def test_the_source_of_an_application_reaches_its_operator_and_nobody_else(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        setup = (await server.call("GET", "/api/setup")).json
        fields = {
            "t": "apply",
            "session": "S01",
            "position": "P011",
            "name": "张师傅",
            "consent": setup["consent"],
            "age_confirmed": True,
        }
        first = await command(server, "guest", **fields, phone="13800138001", source="poster-S01_a")
        assert first["t"] == "receipt"
        await command(server, "guest", **fields, phone="13800138002")
        refused = await command(server, "guest", **fields, phone="13800138003", source="no such code!")
        assert refused["code"] == "bad_message"

        read = await server.call("GET", "/api/sources?region=220100", token=server.tokens["operator"])
        assert read.json == {"sources": [["", 1], ["poster-S01_a", 1]]}
        assert_refused(
            await server.call("GET", "/api/sources?region=220100", token=server.tokens["hr"]), 403, Code.FORBIDDEN
        )
        assert_refused(await server.call("GET", "/api/sources?region=220100"), 401, Code.NOT_SIGNED_IN)
        assert_refused(
            await server.call("GET", "/api/sources?region=1", token=server.tokens["operator"]), 404, Code.NOT_FOUND
        )


# ---- codes to scan ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["/", "/room/S01", "/position/P011", "/V01/12"])
async def test_a_code_leads_to_a_page_of_ours(hub_server: HouseUnderTest, to: str) -> None:
    svg = await hub_server.call("GET", f"/api/qr?to={to}&from=poster-1")
    assert svg.status == 200
    assert svg.headers["Content-Type"].startswith("image/svg+xml")
    assert b"<script" not in svg.body
    modules = (await hub_server.call("GET", f"/api/qr?to={to}&from=poster-1&as=modules")).json
    assert modules["address"] == f"{hub_server.url}{to}?from=poster-1"
    assert {len(row) for row in modules["rows"]} == {len(modules["rows"])}


@pytest.mark.parametrize(
    "to",
    [
        "",
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/host",
        "/room/S01?from=other",
        "/room/%00",
        "/room/a/../b",
        "/room/" + "x" * 200,
        "/%5C%5Celsewhere.example/1%00",
        "javascript:alert(1)",
    ],
)
async def test_a_code_leads_nowhere_else(hub_server: HouseUnderTest, to: str) -> None:
    answer = await hub_server.call("GET", f"/api/qr?to={quote(to, safe='')}")
    # A percent sign belongs to an address of ours; whatever it spells, it stays behind our own origin.
    if answer.status == 200:
        modules = (await hub_server.call("GET", f"/api/qr?as=modules&to={quote(to, safe='')}")).json
        assert modules["address"].startswith(hub_server.url + "/")
        assert "elsewhere" not in modules["address"].removeprefix(hub_server.url).split("/")[0]
    else:
        assert_refused(answer, 400, Code.BAD_MESSAGE)


async def test_a_sheet_of_paper_has_its_own_source(hub_server: HouseUnderTest) -> None:
    for path, source in (("/print/room/S01", "paper-S01"), ("/print/position/P011", "paper-P011")):
        page = (await hub_server.call("GET", path)).body.decode()
        assert f"from={source}" in page
        assert "<script" not in page
    assert b"from=door-7" in (await hub_server.call("GET", "/print/room/S01?from=door-7")).body
    for path in ("/print/room/none", "/print/room/S01~code", "/print/position/%00"):
        assert (await hub_server.call("GET", path)).status == 404
