"""Who may look after a position: its enterprise, who hosts a session with it, the operators of its branch."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clients.simulator import day
from server.core.model import Flag, Grant, PersonId, Position, PositionId, RegionCode, Review, Role, SessionId
from server.store import catalogue_queries, writes
from tests.wire.houses import HouseUnderTest, make_config, serving

DAY = day.generate()
SHELF = DAY.shelves[SessionId("S01")]
SHOWN = SHELF[0].position
OTHER = next(slot.position for slot in SHELF if slot.position.enterprise != SHOWN.enterprise)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path), catalogue=DAY) as house:
        yield house


def token(server: HouseUnderTest, role: Role, scope: str) -> str:
    grants = (Grant(role=role, scope=scope),)
    return server.house.issuer.of(PersonId(f"p_{role.value}_{scope}"), "某人", grants, "client").token


async def ask(server: HouseUnderTest, who: str, command: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await server.call("POST", "/api/commands", token=who, body=command)
    return answer.status, answer.json


def close(position: Position, key: str) -> dict[str, Any]:
    return {"t": "close_position", "position": position.id, "key": key}


def edit(position: Position, key: str, **more: Any) -> dict[str, Any]:
    own = ("id", "enterprise", "enterprise_name", "region", "closed", "version", "synthetic")
    names = [name for name in Position.__struct_fields__ if name not in own]
    facts = {name: getattr(position, name) for name in names}
    return {"t": "edit_position", "position": position.id, "version": 1, "key": key, **facts, **more}


async def test_strangers_may_neither_edit_nor_close_nor_list(server: HouseUnderTest) -> None:
    strangers = [
        server.tokens["guest"],
        token(server, Role.HR, OTHER.enterprise),
        token(server, Role.SPECIALIST, OTHER.enterprise),
        token(server, Role.HOST, "S02"),
        token(server, Role.OPERATOR, "220200"),
    ]
    for n, who in enumerate(strangers):
        assert (await ask(server, who, close(SHOWN, f"key-close-{n}")))[0] == 403
        assert (await ask(server, who, edit(SHOWN, f"key-edit-{n}", openings=1)))[0] == 403
    for who in strangers[:4]:
        status, _ = await ask(server, who, {"t": "list_positions", "enterprise": SHOWN.enterprise})
        assert status == 403
        assert (await ask(server, who, {"t": "list_reviews", "region": "220000"}))[0] == 403
        review: dict[str, Any] = {
            "t": "review_positions",
            "enterprise": SHOWN.enterprise,
            "review": "refused",
            "reason": "不行",
        }
        review |= {"seen_ms": 2**50, "positions": [SHOWN.id], "key": "key-review-1", "reason": "不行"}
        assert (await ask(server, who, review))[0] == 403
    # An operator of another branch is told nothing of it either.
    assert (await ask(server, strangers[4], review))[1]["code"] == "not_found"
    _, listed = await ask(server, strangers[4], {"t": "list_positions", "enterprise": SHOWN.enterprise})
    assert [file for file in listed["positions"] if not file["position"]["region"].startswith("2202")] == []
    assert (await server.store.read(catalogue_queries.position, SHOWN.id)) == SHOWN


async def test_those_who_look_after_it_may(server: HouseUnderTest) -> None:
    carers = [
        token(server, Role.HR, SHOWN.enterprise),
        token(server, Role.SPECIALIST, SHOWN.enterprise),
        token(server, Role.ASSISTANT, "S01"),
        token(server, Role.OPERATOR, SHOWN.region),
        server.tokens["operator"],
    ]
    for n, who in enumerate(carers):
        assert (await ask(server, who, close(SHOWN, f"key-close-{n}")))[0] == 200
        assert (await ask(server, who, close(SHOWN, f"key-open-{n}") | {"closed": False}))[0] == 200
    status, _ = await ask(server, carers[2], edit(SHOWN, "key-edit-0", openings=1))
    assert status == 403  # who hosts may say that it is full, not what it is
    status, changed = await ask(server, carers[0], edit(SHOWN, "key-edit-1", openings=99))
    assert (status, changed["positions"], changed.get("review", "approved")) == (200, [SHOWN.id], "approved")
    status, refused = await ask(server, carers[0], edit(SHOWN, "key-edit-2", openings=1))
    assert (status, refused["code"], refused["params"]["version"]) == (409, "position_changed", 2)


async def test_an_edit_finds_its_county_and_says_what_is_missing(server: HouseUnderTest) -> None:
    hr, operator = token(server, Role.HR, SHOWN.enterprise), server.tokens["operator"]
    _, moved = await ask(server, operator, edit(SHOWN, "key-edit-1", place="农安县"))
    assert moved["positions"] == [SHOWN.id]
    assert (await server.store.read(catalogue_queries.position, SHOWN.id)).region == "220122"
    status, refused = await ask(server, operator, edit(SHOWN, "key-edit-2", version=2, place="北京市朝阳区"))
    assert (status, refused["params"]["why"]) == (422, "place_outside")
    # S01 is not on air: what the enterprise writes waits, or is a draft with what is missing.
    status, draft = await ask(server, hr, edit(SHOWN, "key-edit-3", version=2, place="农安县", openings=0))
    assert (status, draft["review"]) == (200, "draft")
    _, listed = await ask(server, hr, {"t": "list_positions", "enterprise": SHOWN.enterprise, "reviews": ["draft"]})
    assert [flag["why"] for flag in listed["positions"][0]["flags"]] == ["openings_missing"]
    status, good = await ask(server, hr, edit(SHOWN, "key-edit-4", version=3, place="农安县"))
    assert (status, good["review"]) == (200, "waiting")


async def test_words_that_limit_a_sex_are_for_reviewers(server: HouseUnderTest) -> None:
    flags = (Flag(why="sex_and_age", column="remark", text="限男性"), Flag(why="fee", column="remark", text="服装费"))
    position = Position(
        id=PositionId("p-flagged"),
        enterprise=SHOWN.enterprise,
        title="搬运工",
        region=RegionCode(SHOWN.region),
        openings=2,
    )
    firm = await server.store.read(catalogue_queries.enterprise, SHOWN.enterprise)
    row = writes.ImportedRow(position=position, review=Review.DRAFT, flags=flags)
    await server.store.write(
        writes.ImportPositions(by=PersonId("test"), key="import-1", at_ms=1, enterprises=(firm,), rows=(row,))
    )
    listing = {"t": "list_positions", "enterprise": SHOWN.enterprise, "reviews": ["draft"]}
    _, mine = await ask(server, token(server, Role.HR, SHOWN.enterprise), listing)
    assert [flag.get("text", "") for flag in mine["positions"][0]["flags"]] == ["", "服装费"]
    _, theirs = await ask(server, server.tokens["operator"], listing)
    assert [flag["text"] for flag in theirs["positions"][0]["flags"]] == ["限男性", "服装费"]
    answer = await server.call("GET", f"/api/enterprises/{SHOWN.enterprise}")
    assert "p-flagged" not in answer.body.decode()


async def test_the_enterprise_reads_what_its_applicant_saw(server: HouseUnderTest) -> None:
    """Pay that changed since is told with the first look; what is no pay, place or shift is not."""
    hr, guest = token(server, Role.HR, SHOWN.enterprise), server.tokens["guest"]
    await ask(server, token(server, Role.HOST, "S01"), {"t": "go_live", "session": "S01", "key": "key-live-1"})
    apply = {"t": "apply", "session": "S01", "position": SHOWN.id, "version": 1, "name": "张师傅", "key": "key-apply-1"}
    apply |= {"phone": "13800138000", "consent": "2026-11", "age_confirmed": True}
    status, receipt = await ask(server, guest, apply)
    assert status == 200, receipt
    look = {"t": "open_application", "application": receipt["application"]}
    assert (await ask(server, hr, edit(SHOWN, "key-edit-1", openings=99)))[0] == 200
    _, opened = await ask(server, hr, {**look, "key": "key-look-1"})
    assert not {"seen", "today"} & set(opened)
    assert (await ask(server, hr, edit(SHOWN, "key-edit-2", version=2, openings=99, shift="三班倒")))[0] == 200
    _, opened = await ask(server, hr, {**look, "key": "key-look-2"})
    assert (opened["seen"].get("shift", ""), opened["today"]["shift"]) == (SHOWN.shift, "三班倒")
