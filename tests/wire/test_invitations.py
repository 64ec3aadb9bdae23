"""An invitation at the doors: who may make one, what its link is good for, and what it is not."""

import asyncio
import json
from typing import Any

from server.core.model import Grant, PersonId, Role
from server.outside.message import Purpose, SendFailed
from server.store.writes import AddAccount
from tests.contract.test_store_invitations import audited
from tests.wire.houses import Answer, Clock, HouseUnderTest, do
from tests.wire.senders import KeptMessages

PHONE = "13800138000"
PASSWORD = "fine weather today"
DAY_MS = 86_400_000


async def command(house: HouseUnderTest, who: str, t: str, **fields: Any) -> Any:
    """A command of somebody whose token the house has."""
    return await do(house, house.tokens[who], t, **fields)


def token_of(house: HouseUnderTest, who: str, *grants: Grant) -> None:
    proof = house.house.issuer.of(PersonId(f"p_{who}"), who, grants, "client")
    house.tokens[who] = proof.token


async def invitation(house: HouseUnderTest, role: str = "hr", scope: str = "E1", phone: str = PHONE) -> tuple[str, str]:
    """Its id and the token of its link."""
    made = await command(house, "operator", "invite", role=role, scope=scope, name="王经理", phone=phone)
    shown = await command(house, "operator", "show_invitation", invitation=made["invitation"])
    address, _, token = shown["link"].partition("#")
    assert address == f"{house.url}/join"
    assert shown["qr"].startswith("<svg")
    assert "style" not in shown["qr"]
    assert PHONE not in json.dumps(shown)
    return made["invitation"], token


async def post(house: HouseUnderTest, path: str, **body: str) -> Answer:
    return await house.call("POST", f"/api/join{path}", body=body)


async def test_from_the_invitation_to_the_first_answer(house: HouseUnderTest, sent: KeptMessages):
    _, token = await invitation(house)
    look = (await post(house, "/look", token=token)).json
    assert (look["name"], look["role"], look["title"], look["phone"], look["has_account"]) == (
        "王经理",
        "hr",
        "测试1有限公司",
        "138****8000",
        False,
    )
    answer = (await post(house, "/code", token=token)).json
    assert (answer["t"], answer.get("code")) == ("code_sent", None)
    assert sent.messages[-1].phone == PHONE
    assert (await post(house, "", token=token, code=sent.code(), password="short")).json["code"] == "password_invalid"
    proof = (await post(house, "", token=token, code=sent.code(), password=PASSWORD)).json
    assert proof["grants"] == [{"role": "hr", "scope": "E1"}]
    listed = await house.call(
        "POST", "/api/commands", token=proof["token"], body={"t": "list_applications", "enterprise": "E1"}
    )
    assert listed.json["t"] == "applications_are"
    # The next day: by number and password.
    again = await house.call("POST", "/api/sign-in", body={"name": PHONE, "password": PASSWORD})
    assert again.json["person"] == proof["person"]
    assert await house.store.read(audited) == ["invite", "show_invitation", "give_role", "join"]
    people = await command(house, "operator", "list_people", region="220000")
    (member,) = [one for one in people["members"] if one["person"] == proof["person"]]
    assert member["signed_in_at_ms"] > 0
    assert PHONE not in json.dumps(people)


async def test_what_a_link_is_not_good_for(house: HouseUnderTest, sent: KeptMessages, clock: Clock):
    identity, token = await invitation(house)
    other = f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
    for wrong in ("x", other, f"{identity}.", "ü" * 50):
        answer = await post(house, "/look", token=wrong)
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    # The link alone opens nothing: the code is not for this number, or not that one, or none was sent.
    assert (await post(house, "", token=token, code="123456", password=PASSWORD)).json["code"] == "code_unknown"
    await post(house, "/code", token=token)
    wrong_code = f"{(int(sent.code()) + 1) % 10**6:06}"
    answer = (await post(house, "", token=token, code=wrong_code, password=PASSWORD)).json
    assert (answer["code"], answer["params"]) == ("code_wrong", {"left": 4})
    second, token_2 = await invitation(house, phone="13900139000")
    assert (await post(house, "", token=token_2, code=sent.code(), password=PASSWORD)).json["code"] == "code_unknown"
    assert (await command(house, "operator", "revoke_invitation", invitation=second))["t"] == "done"
    assert (await post(house, "/code", token=token_2)).json["code"] == "invitation_revoked"
    assert (await post(house, "", token=token, code=sent.code(), password=PASSWORD)).status == 200
    used = await post(house, "/look", token=token)
    assert (used.status, used.json["code"]) == (410, "invitation_used")
    _, token_3 = await invitation(house, phone="13700137000")
    clock.ahead_ms = 7 * DAY_MS
    late = (await post(house, "/look", token=token_3)).json
    assert (late["code"], late["params"]) == ("invitation_expired", {"days": 7})


async def test_who_may_invite_whom(house: HouseUnderTest):
    token_of(house, "city", Grant(role=Role.OPERATOR, scope="220100"))
    token_of(house, "elsewhere", Grant(role=Role.OPERATOR, scope="220200"))
    token_of(house, "admin", Grant(role=Role.ADMIN, scope="220000"))
    token_of(house, "specialist", Grant(role=Role.SPECIALIST, scope="E1"))

    async def may(who: str, role: str, scope: str) -> bool:
        answer = await command(house, who, "invite", role=role, scope=scope, name="某人", phone=PHONE)
        assert answer.get("code") in (None, "forbidden"), answer
        return bool(answer["t"] == "invited")

    for role, scope in (("host", "S01"), ("assistant", "S01"), ("hr", "E1"), ("specialist", "E2")):
        assert await may("operator", role, scope)
        assert await may("city", role, scope)
        assert await may("admin", role, scope)
        for stranger in ("elsewhere", "guest", "host", "hr"):
            assert not await may(stranger, role, scope), (stranger, role)
    assert await may("specialist", "hr", "E1")
    assert not await may("specialist", "hr", "E2")
    assert not await may("specialist", "specialist", "E1")
    assert await may("operator", "operator", "220100")
    assert not await may("operator", "operator", "220000")
    assert not await may("city", "operator", "220100")
    assert not await may("operator", "admin", "220100")
    assert await may("admin", "admin", "220000")
    wrong = await command(house, "operator", "invite", role="hr", scope="S01", name="某人", phone=PHONE)
    assert wrong["code"] == "not_found"
    wrong = await command(house, "operator", "invite", role="hr", scope="E1", name="某人", phone="110")
    assert wrong["code"] == "phone_invalid"


async def test_strangers_see_no_list_and_take_nothing(house: HouseUnderTest):
    identity, _ = await invitation(house)
    for who in ("guest", "host", "hr"):
        for t, fields in (
            ("list_people", {"region": "220000"}),
            ("list_people", {"enterprise": "E1"}),
            ("show_invitation", {"invitation": identity}),
            ("revoke_invitation", {"invitation": identity}),
            ("revoke_role", {"person": "p_host", "role": "host", "scope": "S01"}),
        ):
            assert (await command(house, who, t, **fields))["code"] == "forbidden", (who, t)


async def test_a_role_taken_ends_what_it_opened(house: HouseUnderTest, sent: KeptMessages, clock: Clock):
    _, token = await invitation(house)
    await post(house, "/code", token=token)
    proof = (await post(house, "", token=token, code=sent.code(), password=PASSWORD)).json
    clock.ahead_ms = 10
    gone = await command(house, "operator", "revoke_role", person=proof["person"], role="hr", scope="E1")
    assert gone["t"] == "done"
    body = {"t": "list_applications", "enterprise": "E1"}
    assert (await house.call("POST", "/api/commands", token=proof["token"], body=body)).status == 401
    again = (await house.call("POST", "/api/sign-in", body={"name": PHONE, "password": PASSWORD})).json
    assert again["grants"] == []


async def test_one_address_cannot_try_for_ever(house: HouseUnderTest):
    statuses = [(await post(house, "/look", token="x")).status for _ in range(130)]
    assert statuses.count(429) > 0


# ---- the contacts of a workbook --------------------------------------------------------------------------------------

WORKBOOK = """单位名称,岗位名称,招聘人数,薪资待遇,联系人,联系电话
测试1有限公司,焊工,3,4-6K,王经理,13800138001
测试2有限公司,焊工,3,4-6K,,0431-81234567
别处有限公司,焊工,3,4-6K,李经理,13800138003
""".encode()


async def send_contacts(house: HouseUnderTest, who: str, data: bytes, region: str = "220000") -> Answer:
    path = f"/api/import/contacts?region={region}"
    return await house.call("POST", path, token=house.tokens[who], data=data)


async def test_the_contacts_of_a_workbook_are_asked_at_once(house: HouseUnderTest, sent: KeptMessages):
    for _ in range(2):
        answer = await send_contacts(house, "operator", WORKBOOK)
        assert answer.json == {"asked": 1, "without_number": 1, "unknown": 1}
    people = await command(house, "operator", "list_people", region="220000")
    (one,) = people["invitations"]
    assert (one["name"], one["title"], one["phone"], one["role"]) == ("王经理", "测试1有限公司", "138****8001", "hr")
    shown = await command(house, "operator", "show_invitation", invitation=one["id"])
    await post(house, "/code", token=shown["link"].partition("#")[2])
    assert sent.messages[-1].phone == "13800138001"


async def test_contacts_are_for_operators_and_a_file_that_is_none_is_refused(house: HouseUnderTest):
    for who in ("guest", "host", "hr"):
        assert (await send_contacts(house, who, WORKBOOK)).status == 403
    for data in (b"\x00" * 5000, b"PK\x03\x04 no workbook", b"a,b\n1,2\n", b""):
        answer = await send_contacts(house, "operator", data)
        assert (answer.status, answer.json["code"]) == (400, "bad_message"), data[:10]
    assert (await send_contacts(house, "operator", WORKBOOK, "999999")).status == 404


async def test_the_link_goes_to_the_number_on_file_once_a_day(house: HouseUnderTest, sent: KeptMessages, clock: Clock):
    identity, token = await invitation(house)

    async def send(who: str = "operator") -> dict[str, Any]:
        body = {"t": "send_invitation", "invitation": identity}
        answer: dict[str, Any] = (await house.call("POST", "/api/commands", token=house.tokens[who], body=body)).json
        return answer

    assert (await send("hr"))["code"] == "forbidden"
    sent.failing = SendFailed("down", again=True)
    assert (await send())["code"] == "code_not_sent"
    sent.failing = None
    assert (await send())["t"] == "done"
    (message,) = sent.messages
    assert (message.phone, message.purpose) == (PHONE, Purpose.INVITATION)
    assert message.text.endswith(f"/join#{token}")
    assert "王经理" not in message.text
    assert (await send())["code"] == "code_too_often"
    people = await command(house, "operator", "list_people", region="220000")
    assert people["invitations"][0]["sent_at_ms"] > 0
    assert (await command(house, "operator", "revoke_invitation", invitation=identity))["t"] == "done"
    assert (await send())["code"] == "invitation_revoked"


async def test_a_closed_account_needs_a_new_password(house: HouseUnderTest, sent: KeptMessages, clock: Clock):
    """Its old one fits nothing any more, so keeping it would lock its person out."""
    closed = AddAccount(
        by=PersonId("cli"), key="closed-1", at_ms=1, name="w", shown_name="w", password_hash="!", grants=(), phone=PHONE
    )
    await house.store.write(closed)
    _, token = await invitation(house)
    assert not (await post(house, "/look", token=token)).json["has_account"]
    await post(house, "/code", token=token)
    assert (await post(house, "", token=token, code=sent.code())).json["code"] == "password_invalid"
    assert (await post(house, "", token=token, code=sent.code(), password=PASSWORD)).status == 200


async def test_a_crowd_of_guests_floods_no_number(house: HouseUnderTest, sent: KeptMessages):
    guests = [(await house.call("POST", "/api/guest", body={})).json["token"] for _ in range(25)]
    answers = await asyncio.gather(*(do(house, token, "ask_code", phone=PHONE) for token in guests))
    assert [answer["t"] for answer in answers].count("code_sent") == 1
    assert len(sent.messages) == 1
