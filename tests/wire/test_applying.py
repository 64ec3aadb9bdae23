"""Applying and answering at the doors: files, consent texts, and what another enterprise gets: nothing."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from server.core.model import Grant, PersonId, Role
from tests.wire.houses import HouseUnderTest, do, make_config, serving

PHONE = "13800138000"


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path)) as server:
        await do(server, server.tokens["host"], "go_live", session="S01")
        yield server


async def applied(house: HouseUnderTest, **fields: object) -> Any:
    guest = (await house.call("POST", "/api/guest", body={})).json["token"]
    command = {
        "session": "S01",
        "position": "P010",
        "name": "张师傅",
        "phone": PHONE,
        "consent": "2026-11",
        "age_confirmed": True,
        **fields,
    }
    return guest, await do(house, guest, "apply", **command)


def token_of(house: HouseUnderTest, name: str, *grants: Grant) -> str:
    return house.house.issuer.of(PersonId(f"p_{name}"), name, grants, "client").token


async def test_a_stated_age_below_sixteen_is_refused(house: HouseUnderTest):
    _, young = await applied(house, age=15)
    assert (young["code"], young["params"]) == ("age_not_confirmed", {"years": 16})
    _, grown = await applied(house, age=16)
    assert grown["t"] == "receipt"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_an_enterprise_takes_its_own_followed_applicants_along_as_a_marked_file(house: HouseUnderTest, kind: str):
    firm = house.tokens["hr"]
    _, receipt = await applied(house, name="=1+1")
    await applied(house, phone="13800138001")
    await do(house, firm, "open_application", application=receipt["application"])
    answer = await house.call("POST", f"/api/enterprises/E1/export?as={kind}", token=firm)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    if kind == "csv":
        rows: list[Any] = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    else:
        book = openpyxl.load_workbook(io.BytesIO(answer.body))
        rows = [[cell or "" for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    mark, _, row = rows
    assert (row[0], row[1], row[-1]) == ("'=1+1", PHONE, mark[0])
    assert "hr 于" in mark[0]


async def test_files_are_rationed_and_nobody_elses(house: HouseUnderTest):
    firm = house.tokens["hr"]
    path = "/api/enterprises/E1/export?as=csv"
    other = token_of(house, "other", Grant(role=Role.HR, scope="E2"))
    assert (await house.call("POST", path, token=other)).status == 403
    assert (await house.call("POST", path, token=house.tokens["guest"])).status == 403
    assert (await house.call("POST", path)).status == 401
    assert (await house.call("POST", "/api/enterprises/E1/export?as=exe", token=firm)).status == 400
    assert [(await house.call("POST", path, token=firm)).status for _ in range(4)] == [200, 200, 200, 429]


async def test_another_enterprise_with_guessed_ids_gets_nothing(house: HouseUnderTest):
    _, receipt = await applied(house)
    application = receipt["application"]
    other = token_of(house, "other", Grant(role=Role.HR, scope="E2"), Grant(role=Role.SPECIALIST, scope="E3"))
    opened = await do(house, other, "open_application", application=application)
    answered = await do(house, other, "answer_application", application=application, status="contacted")
    assert (opened["code"], answered["code"]) == ("not_found", "not_found")
    assert (await do(house, other, "list_applications", enterprise="E1"))["code"] == "forbidden"
    assert "E1" not in {firm["enterprise"] for firm in (await do(house, other, "list_firms"))["firms"]}
    assert (await do(house, house.tokens["guest"], "list_firms"))["code"] == "forbidden"


async def test_what_a_specialist_answers_is_marked_on_both_sides(house: HouseUnderTest):
    guest, receipt = await applied(house)
    specialist = token_of(
        house, "specialist", Grant(role=Role.SPECIALIST, scope="E1"), Grant(role=Role.SPECIALIST, scope="E2")
    )
    answer = {"application": receipt["application"], "status": "contacted", "outcome": "no_answer"}
    assert (await do(house, specialist, "answer_application", **answer))["t"] == "done"
    (mine,) = (await do(house, guest, "my_applications"))["applications"]
    assert mine["steps"][-1] | {"at_ms": 0} == {
        "status": "contacted",
        "outcome": "no_answer",
        "by_specialist": True,
        "at_ms": 0,
    }
    (row,) = (await do(house, house.tokens["hr"], "list_applications", enterprise="E1"))["applications"]
    assert row["steps"][-1]["by_specialist"]
    firms = (await do(house, specialist, "list_firms"))["firms"]
    assert {firm["enterprise"] for firm in firms} == {"E1", "E2"}


async def test_parts_of_an_answer_go_with_their_step_only(house: HouseUnderTest):
    _, receipt = await applied(house)
    wrong: list[dict[str, object]] = [
        {"status": "contacted", "place": "东门"},
        {"status": "contacted", "reason": "hours"},
        {"status": "unsuitable", "outcome": "reached"},
        {"status": "contacted", "interview_at_ms": 5},
    ]
    for part in wrong:
        answer = await do(house, house.tokens["hr"], "answer_application", application=receipt["application"], **part)
        assert answer["code"] == "bad_message", part


async def test_the_consent_text_of_a_version_is_read_by_anybody(house: HouseUnderTest):
    text = (await house.call("GET", "/api/consent/2026-11")).json
    assert {"zh-CN", "en"} == set(text["words"])
    assert "{enterprise}" in text["words"]["zh-CN"]["recipient"]
    assert (await house.call("GET", "/api/consent/1999-01")).status == 404


async def test_the_reply_rate_stands_beside_the_enterprise(house: HouseUnderTest):
    _, receipt = await applied(house)
    await do(house, house.tokens["hr"], "answer_application", application=receipt["application"], status="contacted")
    replies = (await house.call("GET", "/api/enterprises/E1")).json["replies"]
    assert (replies["received"], replies["answered"]) == (1, 1)


async def test_a_person_reads_and_wipes_what_is_held(house: HouseUnderTest):
    guest, receipt = await applied(house)
    await do(house, house.tokens["hr"], "open_application", application=receipt["application"])
    record = (await do(house, guest, "my_data"))["record"]
    assert (record["held"][0]["phone"], record["looks"][0]["enterprise_name"]) == (
        PHONE,
        record["consents"][0]["enterprise_name"],
    )
    assert (await do(house, guest, "erase_me"))["t"] == "done"
    assert (await do(house, guest, "my_data"))["record"] == {}
    assert (await do(house, house.tokens["hr"], "list_applications", enterprise="E1"))["applications"] == []
