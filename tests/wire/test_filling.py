"""岗位已招满: an HR with sixty who wait, one tap, each told once."""

import asyncio
from typing import Any

import pytest

from server.core.bodies import ApplicationMoved, decode_body
from server.core.channels import Kind, channel
from server.core.model import Grant, PersonId, Role
from server.store import log_queries, tables
from tests.wire.houses import HouseUnderTest, do
from tests.wire.test_applying import applied, house, token_of

__all__ = ["house"]
PEOPLE = 60


async def crowd(
    house: HouseUnderTest, count: int, position: str = "P010", begin: int = 0
) -> list[tuple[PersonId, str]]:
    made = []
    for n in range(begin, begin + count):
        person = PersonId(f"p_many{n}")
        token = house.house.issuer.of(person, "", (), "guest").token
        receipt = await do(
            house, token, "apply", session="S01", position=position, name=f"人{n}", phone=f"139{n:08d}", **CONSENT
        )
        assert receipt["t"] == "receipt", receipt
        made.append((person, receipt["application"]))
    return made


CONSENT = {"consent": "2026-11", "age_confirmed": True}


async def moves_of(house: HouseUnderTest, person: PersonId) -> list[str]:
    entries = await house.store.read(log_queries.entries, channel(Kind.ME, person), 0, 50)
    return [body.status.value for entry in entries if isinstance(body := decode_body(entry.body), ApplicationMoved)]


async def test_sixty_who_wait_are_told_once_in_one_tap(house: HouseUnderTest) -> None:
    people = await crowd(house, PEOPLE)
    hr = house.tokens["hr"]
    kept = people[0][1], people[1][1]
    for application, status in zip(kept, ("interview", "contacted"), strict=True):
        assert (await do(house, hr, "answer_application", application=application, status=status))["t"] == "done"
    elsewhere = await crowd(house, 2, position="P012", begin=900)
    tap = {"enterprise": "E1", "position": "P010", "close": True}
    keys = ["filled-0001", "filled-0002", "filled-0003"]
    answers = await asyncio.gather(*(do(house, hr, "fill_waiting", **tap, key=key) for key in keys))
    assert sum(answer["told"] for answer in answers) == PEOPLE - 2, "three taps at once are one"
    again = await do(house, hr, "fill_waiting", **tap, key="filled-0004")
    assert (again["told"], again.get("left")) == (0, None)
    for person, _ in people[2:]:
        assert await moves_of(house, person) == ["filled"]
    assert "filled" not in await moves_of(house, people[0][0]), "who was answered is answered by a person"
    assert await moves_of(house, elsewhere[0][0]) == [], "another position"
    told = await house.store.read(
        lambda conn: conn.execute(
            tables.outgoing.select().where(tables.outgoing.c.status == "filled", tables.outgoing.c.state == "waiting")
        ).all()
    )
    assert len(told) == PEOPLE - 2, "one message waits for each"
    refused = await do(
        house, house.tokens["guest"], "apply", session="S01", position="P010", name="a", phone="13800138009", **CONSENT
    )
    assert refused["code"] == "position_closed"
    rest = await do(house, hr, "fill_waiting", enterprise="E1")
    assert rest["told"] == 2, "the whole enterprise, when no position is named"


@pytest.mark.parametrize(
    ("who", "fields", "code"),
    [
        ("guest", {"enterprise": "E1"}, "forbidden"),
        ("host", {"enterprise": "E1", "position": "P010"}, "forbidden"),
        ("other", {"enterprise": "E1"}, "forbidden"),
        ("other", {"enterprise": "E2", "position": "P010"}, "not_found"),
        ("other", {"enterprise": "E2", "position": "P010", "close": True}, "not_found"),
        ("hr", {"enterprise": "E1", "position": "none"}, "not_found"),
        ("hr", {"enterprise": "E1", "close": True}, "bad_message"),
        ("hr", {"enterprise": "E9"}, "forbidden"),
    ],
)
async def test_nobody_fills_what_is_not_theirs(
    house: HouseUnderTest, who: str, fields: dict[str, Any], code: str
) -> None:
    _, receipt = await applied(house)
    token = token_of(house, "other", Grant(role=Role.HR, scope="E2")) if who == "other" else house.tokens[who]
    assert (await do(house, token, "fill_waiting", **fields))["code"] == code
    (row,) = (await do(house, house.tokens["hr"], "list_applications", enterprise="E1"))["applications"]
    assert (row["id"], row["status"]) == (receipt["application"], "applied")
    position = await house.call("GET", "/api/positions/P010")
    assert not position.json["position"].get("closed")
