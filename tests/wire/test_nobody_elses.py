"""PROMISES 18: whoever asks whatever, ids guessed right, every reply and every push captured: no row of an enterprise
the principal does not answer for, and nothing of a person but to that person."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.core.model import Grant, PersonId, Role
from tests.wire.houses import HouseUnderTest, do, make_config, serving
from tests.wire.listeners import listening

FIRMS = ("E1", "E2")
ROLES = (Role.HR, Role.SPECIALIST)
_names = itertools.count()


class Day:
    """What the applications of the day are: whose, at which enterprise, with which name."""

    def __init__(self) -> None:
        self.firm_of: dict[str, str] = {}
        self.name_of: dict[str, str] = {}
        self.tokens: list[str] = []
        self.persons: list[str] = []

    async def fill(self, house: HouseUnderTest) -> None:
        await do(house, house.tokens["host"], "go_live", session="S01")
        shelf = (await house.call("GET", "/api/sessions/S01/shelf/1")).json["slots"]
        for n, slot in enumerate(shelf):
            guest = (await house.call("POST", "/api/guest", body={})).json
            command = {
                "session": "S01",
                "position": slot["position"]["id"],
                "name": f"求职{n}号",
                "phone": f"1390000{n:04d}",
                "consent": "2026-11",
                "age_confirmed": True,
            }
            receipt = await do(house, guest["token"], "apply", **command)
            self.firm_of[receipt["application"]] = slot["position"]["enterprise"]
            self.name_of[receipt["application"]] = command["name"]
            self.tokens.append(guest["token"])
            self.persons.append(guest["person"])


def applications_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every row about an application, however deep in an answer."""
    if isinstance(value, dict):
        if "receipt" in value and "enterprise" in value:
            yield value
        for inner in value.values():
            yield from applications_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from applications_in(inner)


async def asked(house: HouseUnderTest, day: Day, grants: tuple[Grant, ...], target: str, firm: str) -> None:
    """One principal asks for everything there is, with ids that are right."""
    who = PersonId(f"p_guess{next(_names)}")
    token = house.house.issuer.of(who, "猜", grants, "client").token
    mine = {grant.scope for grant in grants}
    may = day.firm_of[target] in mine
    channels = [f"firm/{one}" for one in FIRMS] + [f"me/{person}" for person in day.persons[:2]] + [f"me/{who}"]
    async with listening(house, token, *channels) as ears:
        answers = [
            await do(house, token, "list_applications", enterprise=firm),
            await do(house, token, "open_application", application=target),
            await do(house, token, "answer_application", application=target, status="contacted", outcome="reached"),
            await do(house, token, "list_firms"),
            await do(house, token, "my_applications"),
            await do(house, token, "my_data"),
            await do(house, token, "withdraw", application=target),
            await do(house, token, "tell_more", application=target, night_shift="yes"),
            await do(house, token, "withdraw_consent", enterprise=firm),
        ]
        export = await house.call("POST", f"/api/enterprises/{firm}/export?as=csv", token=token)
        # Something happens at both enterprises while everybody listens.
        for application, owner in list(day.firm_of.items())[:2]:
            helper = house.house.issuer.of(PersonId("p_all"), "全", _all(owner), "client").token
            await do(
                house, helper, "answer_application", application=application, status="contacted", outcome="reached"
            )
        await asyncio.sleep(0.05)
    rows = list(applications_in(answers))
    assert {row["enterprise"] for row in rows} <= mine
    assert any(row.get("revealed") for row in rows) == may
    for answer in answers[6:]:
        assert answer["t"] == "refused", "nobody else's application is withdrawn, told about or hidden"
    assert (export.status == 200) == (firm in mine) or export.status == 429
    if export.status == 200:
        text = export.body.decode("utf-8-sig")
        assert not [a for a, owner in day.firm_of.items() if owner not in mine and day.name_of[a] in text]
    assert ears.joined() == {f"firm/{one}" for one in mine} | {f"me/{who}"}
    for channel, body in ears.pushes():
        if "application" in body:
            assert day.firm_of[body["application"]] in mine
            assert channel.startswith("firm/")
    foreign = [day.name_of[a] for a, owner in day.firm_of.items() if owner not in mine]
    seen = str(answers) + bytes(ears.raw).decode("utf-8", "replace")
    assert not [name for name in foreign if name in seen]


def _all(firm: str) -> tuple[Grant, ...]:
    return (Grant(role=Role.HR, scope=firm),)


def test_nobody_sees_a_foreign_applicant(tmp_path: Path):
    grants = st.lists(st.builds(Grant, role=st.sampled_from(ROLES), scope=st.sampled_from(FIRMS)), max_size=2).map(
        lambda found: tuple({grant.scope: grant for grant in found}.values())
    )

    with asyncio.Runner() as runner:
        serve = serving(make_config(tmp_path))
        house = runner.run(serve.__aenter__())
        day = Day()
        try:
            runner.run(day.fill(house))
            assert set(day.firm_of.values()) == set(FIRMS)

            @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
            @given(grants, st.sampled_from(sorted(day.firm_of)), st.sampled_from(FIRMS))
            def guess(held: tuple[Grant, ...], target: str, firm: str) -> None:
                runner.run(asked(house, day, held, target, firm))

            guess()
        finally:
            runner.run(serve.__aexit__(None, None, None))
