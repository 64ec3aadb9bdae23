"""PROMISES 18, under load and at every door: crowds of random principals ask all there is, with right ids, many
at once, and listen on every channel. Whatever comes back, by reply, push, page, file or playlist, holds no name and no
number of a person they do not answer for."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from server.core.model import Grant, PersonId, Role
from tests.wire.houses import HouseUnderTest, do, make_config, serving
from tests.wire.listeners import Ears, listening

FIRMS = ("E1", "E2")
AT_ONCE = 16
KEYLESS = ("list_", "my_", "overview", "catch_up", "saw")
ROLES = (
    (Role.HR, FIRMS),
    (Role.SPECIALIST, FIRMS),
    (Role.HOST, ("S01", "S02")),
    (Role.ASSISTANT, ("S01",)),
    (Role.OPERATOR, ("220000", "220100")),
    (Role.ADMIN, ("220000",)),
)


def phone(n: int) -> str:
    return f"1998642{n:04d}"


def name(n: int) -> str:
    return f"欧阳{chr(0x4E00 + 11 * n)}记号"


class People:
    """Who applied: at which enterprise, under which id, with which token."""

    def __init__(self) -> None:
        self.firm_of: dict[str, str] = {}
        self.number_of: dict[str, int] = {}
        self.tokens: dict[str, str] = {}
        self.persons: list[str] = []

    async def apply(self, house: HouseUnderTest, n: int) -> None:
        guest = (await house.call("POST", "/api/guest", body={})).json
        command = {"session": "S01", "position": f"P01{n % 8}", "name": name(n), "phone": phone(n), "for_whom": ""}
        receipt = await do(house, guest["token"], "apply", **command, consent="2026-11", age_confirmed=True)
        assert receipt["t"] == "receipt", receipt
        position = (await house.call("GET", f"/api/positions/P01{n % 8}")).json["position"]
        self.firm_of[receipt["application"]] = position["enterprise"]
        self.number_of[receipt["application"]] = n
        # As a program: the websocket of a guest's page would have to name its origin.
        person = PersonId(guest["person"])
        self.tokens[receipt["application"]] = house.house.issuer.of(person, "", (), "client").token
        self.persons.append(person)

    def foreign(self, firms: frozenset[str], own: frozenset[str]) -> list[bytes]:
        """The marks that must not be seen by who answers for these enterprises, and sent these applications."""
        numbers = [n for a, n in self.number_of.items() if self.firm_of[a] not in firms and a not in own]
        return [mark.encode() for n in numbers for mark in (name(n), phone(n), phone(n)[3:])]


PATIENCE_MS = 5_000


def commands(chance: random.Random, people: People) -> list[dict[str, Any]]:
    """Every command that reads or touches what others did, with ids that are right."""
    target, firm = chance.choice(sorted(people.firm_of)), chance.choice(FIRMS)
    session, region = chance.choice(("S01", "S02")), chance.choice(("220000", "220100"))
    wants = [{"channel": channel} for channel in ("stage/S01", f"firm/{firm}", f"me/{people.persons[0]}", "desk/S01")]
    return [
        {"t": "list_applications", "enterprise": firm, "position": chance.choice(("", "P010", "P011"))},
        {"t": "open_application", "application": target},
        {"t": "answer_application", "application": target, "status": "contacted", "outcome": "reached"},
        {"t": "fill_waiting", "enterprise": firm, "position": chance.choice(("", "P012"))},
        {"t": "list_firms"},
        {"t": "my_applications"},
        {"t": "my_data"},
        {"t": "withdraw", "application": target},
        {"t": "tell_more", "application": target, "night_shift": "yes"},
        {"t": "withdraw_consent", "enterprise": firm},
        {"t": "saw", "applications": [{"application": target, "steps": 9}]},
        {"t": "list_desk", "session": session},
        {"t": "ask", "session": session, "position": "P010", "topic": "night"},
        {"t": "list_answers", "position": "P010"},
        {"t": "report", "session": session, "subject": "room", "reason": "fee", "text": "要押金"},
        {"t": "list_reports", "region": region},
        {"t": "list_reviews", "region": region},
        {"t": "list_positions", "enterprise": firm},
        {"t": "list_people", "region": region},
        {"t": "list_scopes", "role": "hr", "region": region},
        {"t": "list_assistants", "session": session},
        {"t": "overview", "region": region},
        {"t": "catch_up", "wants": wants},
        {"t": "erase_me"},
    ]


def addresses(chance: random.Random, people: People) -> list[tuple[str, str]]:
    """Every page, file, list and playlist."""
    firm, position = chance.choice(FIRMS), f"P01{chance.randrange(8)}"
    paths = [
        "/",
        "/?q=%E7%84%8A%E5%B7%A5",
        "/room/S01?shelf=all",
        "/V01/1?lang=en",
        f"/position/{position}",
        f"/print/position/{position}",
        "/print/room/S01",
        "/api/qr?to=/room/S01",
        "/sitemap-0.xml",
        "/api/setup",
        "/api/fair",
        "/api/sessions/S01",
        "/api/sessions/S01/shelf/1",
        "/api/sessions/S01/replay",
        "/replay/S01/index.m3u8",
        "/hls/S01/index.m3u8",
        "/api/positions?q=%E7%84%8A%E5%B7%A5&limit=50",
        f"/api/positions/{position}",
        "/api/venues/V01/1",
        f"/api/enterprises/{firm}",
        f"/api/sources?region={chance.choice(('220000', '220100'))}",
        f"/api/import/{chance.choice(people.persons)}/rows/0",
        f"/api/import/{chance.randrange(99)}/corrections.xlsx",
        "/healthz",
        "/metrics",
        "/room/S01/../../config.yaml",
    ]
    asked = [("GET", path) for path in chance.sample(paths, 14)]
    return [*asked, ("POST", f"/api/enterprises/{firm}/export?as=csv"), ("GET", f"/api/enterprises/{firm}/export")]


async def ask_everything(house: HouseUnderTest, people: People, seed: int) -> int:
    """One principal; how many answers it got. Asserts that nothing of others is in them."""
    chance = random.Random(seed)
    grants = tuple(
        {
            scope: Grant(role=role, scope=scope)
            for role, scopes in chance.sample(ROLES, chance.randrange(4))
            for scope in [chance.choice(scopes)]
        }.values()
    )
    own: frozenset[str] = frozenset()
    who, kind = PersonId(f"p_door{seed}"), "client"
    token = house.house.issuer.of(who, "问", grants, kind).token
    if not grants and chance.random() < 0.5:
        own = frozenset({chance.choice(sorted(people.tokens))})
        token = people.tokens[next(iter(own))]
    firms = frozenset(grant.scope for grant in grants if grant.role in (Role.HR, Role.SPECIALIST))
    seen = bytearray()
    channels = ["firm/E1", "firm/E2", "desk/S01", "watch/220100", "area/220000", "pulse/220000"]
    channels += [f"me/{chance.choice(people.persons)}", f"me/{who}"]
    async with listening(house, token, *chance.sample(channels, 5)) as ears:
        todo = commands(chance, people)
        if own:  # what is its own it may take back; the others still have to be there
            todo = [one for one in todo if one["t"] not in ("withdraw", "withdraw_consent", "erase_me")]
        chance.shuffle(todo)
        for n, command in enumerate(todo):
            keyed = {} if command["t"].startswith(KEYLESS) else {"key": f"door-{seed}-{n:04d}"}
            answer = await house.call("POST", "/api/commands", token=token, body={**command, **keyed})
            # Reports are rationed by the hour: who is told to wait for that long has its answer.
            if answer.json.get("code") == "too_many" and answer.json["params"]["retry_ms"] < PATIENCE_MS:
                await asyncio.sleep(answer.json["params"]["retry_ms"] / 1000)
                answer = await house.call("POST", "/api/commands", token=token, body={**command, **keyed})
            assert answer.json.get("code") != "bad_message", (command, answer.json)
            seen += answer.body + b"\n"
        for method, path in addresses(chance, people):
            answer = await house.call(method, path, token=token)
            seen += answer.body + str(dict(answer.headers)).encode() + b"\n"
        await asyncio.sleep(0.05)
    _nothing_of_others(people, firms, own, bytes(seen), ears, f"principal {seed} with {grants}")
    return seen.count(b"\n") - seen.count(b'"too_many"')


def _nothing_of_others(
    people: People, firms: frozenset[str], own: frozenset[str], seen: bytes, ears: Ears, whose: str
) -> None:
    everything = seen + bytes(ears.raw)
    # JSON may write a character as \\uXXXX.
    escaped = everything.decode("utf-8", "replace").encode("ascii", "backslashreplace")
    for mark in people.foreign(firms, own):
        assert mark not in everything, f"{whose} saw {mark.decode()}"
        assert mark.decode().encode("ascii", "backslashreplace") not in escaped, f"{whose} saw {mark.decode()}"
    for channel, body in ears.pushes():
        if body.get("application") in people.firm_of:
            owner = people.firm_of[body["application"]]
            mine = body["application"] in own and channel.startswith("me/")
            assert owner in firms or mine, f"{whose} heard of {body} on {channel}"


@pytest.mark.parametrize(
    ("principals", "applicants"),
    [(24, 16), pytest.param(400, 60, marks=[pytest.mark.real_numbers, pytest.mark.timeout(900)])],
)
async def test_no_door_tells_of_others(tmp_path: Path, principals: int, applicants: int) -> None:
    async with serving(make_config(tmp_path)) as house:
        await do(house, house.tokens["host"], "go_live", session="S01")
        people = People()
        for n in range(applicants):
            await people.apply(house, n)
        assert set(people.firm_of.values()) == set(FIRMS)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(seed: int) -> int:
            async with gate:
                return await ask_everything(house, people, seed)

        answers = await asyncio.gather(*(one(seed) for seed in range(principals)))
        assert min(answers) >= 20, "everybody did ask, and was not only told to wait"
        # The test sees what there is to see: who answers for an enterprise does read its people.
        token = house.house.issuer.of(PersonId("p_last"), "人事", (Grant(role=Role.HR, scope="E1"),), "client").token
        mine = [application for application, firm in people.firm_of.items() if firm == "E1"]
        opened = [await do(house, token, "open_application", application=application) for application in mine]
        assert any(phone(people.number_of[a]) in str(answer) for a, answer in zip(mine, opened, strict=True))
