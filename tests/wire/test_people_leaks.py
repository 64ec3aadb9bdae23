"""A marker number and a marker name go all ways of this subject; afterwards they are in the store, sealed, and in no
answer to anybody else, no message but the one to that number, no log line and no byte of the database in the clear."""

import logging
from pathlib import Path
from typing import Any

import pytest

from server.store.outgoing_rows import any_due
from tests.wire.houses import Clock, HouseUnderTest, do, guest, make_config, serving
from tests.wire.senders import KeptMessages
from tests.wire.test_invitations import PASSWORD, command, invitation, post, send_contacts

PHONE, NAME = "15907312468", "欧阳标记"
STAFF_PHONE, STAFF_NAME = "15907319753", "司徒标记"
CONTACT_PHONE = "15907311357"
MARKERS = (PHONE, NAME, STAFF_PHONE, STAFF_NAME, CONTACT_PHONE)
WORKBOOK = f"""单位名称,岗位名称,招聘人数,薪资待遇,联系人,联系电话
测试1有限公司,焊工,3,4-6K,人事,{CONTACT_PHONE}
""".encode()
DAY_MS = 86_400_000


class Told:
    """Everything the house answered, by who asked."""

    def __init__(self, house: HouseUnderTest) -> None:
        self._house = house
        self._call = house.call
        self.answers: list[tuple[str, str]] = []
        house.call = self.call  # type: ignore[method-assign]

    async def call(self, method: str, path: str, **how: Any):
        answer = await self._call(method, path, **how)
        self.answers.append((f"{method} {path} {how.get('body')}", answer.body.decode("utf-8", "replace")))
        return answer


async def test_markers_stay_in_the_store(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    sent, clock = KeptMessages(), Clock()
    async with serving(make_config(tmp_path), clock_ms=clock, sender=sent) as house:
        told = Told(house)
        seeker, tablet, stranger = await guest(house), await guest(house), await guest(house)
        await do(house, house.tokens["host"], "go_live", session="S01")
        apply = {"session": "S01", "position": "P010", "name": NAME, "phone": PHONE, "consent": "2026-11"}
        made = await do(house, seeker, "apply", age_confirmed=True, **apply)
        await do(house, tablet, "ask_code", phone=PHONE)
        for code in ("000000", sent.code()):
            await do(house, tablet, "confirm_code", phone=PHONE, code=code)
        for fields in ({"phone": PHONE}, {"phone": PHONE + "1"}, {"phone": PHONE, "more": PHONE}):
            await do(house, stranger, "ask_code", **fields)
            await do(house, stranger, "confirm_code", code="123456", **fields)
        step = {"application": made["application"], "status": "interview"}
        owner = "hr" if (await do(house, house.tokens["hr"], "answer_application", **step))["t"] == "done" else ""
        assert owner, "the position is of the HR's enterprise"
        await send_contacts(house, "operator", WORKBOOK)
        _, token = await invitation(house, phone=STAFF_PHONE)
        answer = await command(house, "operator", "invite", role="hr", scope="E2", name=STAFF_NAME, phone=STAFF_PHONE)
        assert answer["t"] == "invited"
        await post(house, "/look", token=token)
        await post(house, "/code", token=token)
        await post(house, "", token=token, code=sent.code(), password=PASSWORD)
        for who in ("guest", "host", "hr"):
            await command(house, who, "list_people", region="220000")
        people = await command(house, "operator", "list_people", region="220000")
        assert people["t"] == "people_are"
        assert await house.store.read(any_due, clock() + DAY_MS), "the step waits for the job"

        for asked, body in told.answers:
            for marker in (PHONE, NAME, STAFF_PHONE, CONTACT_PHONE):
                assert marker not in body, asked
            if STAFF_NAME in body:
                assert "list_people" in asked, "a name is for those who may invite"
    for message in sent.messages:
        assert not any(name in message.text for name in (NAME, STAFF_NAME))
        assert message.phone in (PHONE, STAFF_PHONE)
        assert message.phone not in message.text
        assert message.phone not in message.key
    text = caplog.text
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for marker in MARKERS:
        assert marker not in text
        if marker != STAFF_NAME:  # the shown name of an account is no secret of the store
            assert marker.encode() not in stored, marker
