"""What one network address may ask of the house, however many guests it says it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from websockets.asyncio.client import connect

from server.assembling.start import WorkerPlace
from server.config import SenderSection
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Apply, AskCode, Hello, Refused, Welcome
from server.core.refusal import Code, Refusal
from server.web.gates import APPLIES_BURST, Gates
from server.web.origin import Callers
from server.web.rationing import Ration, Rations
from tests.wire.houses import HouseUnderTest, do, guest, make_config, serving
from tests.wire.hubs import Line, key
from tests.wire.senders import KeptMessages


@pytest_asyncio.fixture
async def house(tmp_path: Path, sent: KeptMessages) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path, sender=SenderSection(codes_per_hour=40)), sender=sent) as server:
        yield server


async def test_many_guests_of_one_address_leave_the_house_its_codes(house: HouseUnderTest, sent: KeptMessages):
    refusals = []
    for n in range(8):
        answer = await do(house, await guest(house), "ask_code", phone=f"1380013{n:04}")
        if answer["t"] == "refused":
            refusals.append(answer)
    assert len(sent.messages) == 5
    assert {one["code"] for one in refusals} == {"code_too_often"}
    assert all(one["params"]["retry_ms"] > 0 for one in refusals)


async def test_the_websocket_is_no_way_round(house: HouseUnderTest, sent: KeptMessages):
    for n in range(5):
        await do(house, await guest(house), "ask_code", phone=f"1380013{n:04}")
    async with connect(house.ws_url, compression=None, proxy=None) as ws:
        line = Line(ws)
        assert isinstance(await line.call(Hello(version=PROTOCOL_VERSION, token=house.tokens["guest"])), Welcome)
        refused = await line.call(AskCode(phone="13900139000", key=key()))
    assert isinstance(refused, Refused)
    assert refused.code is Code.CODE_TOO_OFTEN
    assert len(sent.messages) == 5


async def test_one_address_does_not_drown_the_operators_in_reports(house: HouseUnderTest):
    await do(house, house.tokens["host"], "go_live", session="S01")
    codes = []
    for _ in range(40):
        about = {"session": "S01", "subject": "room", "reason": "fee"}
        codes.append((await do(house, await guest(house), "report", **about)).get("code", "done"))
    assert codes == ["done"] * 30 + ["too_many"] * 10


@pytest.mark.parametrize(
    ("said", "known_as"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["10.0.0.1, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.7", "203.0.113.9"], "203.0.113.9"),
        (["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        (["2001:db8:1:2:ffff::1"], "2001:db8:1:2::"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["who knows"], "who knows"),
    ],
)
def test_whom_a_ration_takes_for_one(said: list[str], known_as: str):
    """The proxy's own word alone counts, and of IPv6 what one household has."""
    request = make_mocked_request(
        "GET", "/", headers=CIMultiDict(("X-Forwarded-For", one) for one in said), transport=_Near()
    )
    assert Callers(behind_proxy=True).address(request) == known_as
    assert Callers(behind_proxy=False).address(request) == "127.0.0.1"


def test_an_address_that_only_applies_waits_and_nobody_else_does():
    """A hall applies together; millions of made-up applications do not come from one address."""
    gates = Gates(Callers(behind_proxy=True), 1_000, Rations(lambda: 0.0))

    def gate(address: str):
        headers = CIMultiDict({"X-Forwarded-For": address})
        return gates(make_mocked_request("GET", "/", headers=headers, transport=_Near()))

    apply = Apply(
        session="S01", position="P1", name="张三", phone="13800138000", consent="1", age_confirmed=True, key="key-0001"
    )
    for _ in range(APPLIES_BURST):
        gate("203.0.113.9")(apply)
    with pytest.raises(Refusal) as refused:
        gate("203.0.113.9")(apply)
    assert (refused.value.code, refused.value.temporary) == (Code.TOO_MANY, True), "the page keeps it"
    gate("203.0.113.10")(apply)


@pytest.mark.parametrize("workers", [1, 2, 4, 7])
def test_several_workers_give_one_address_together_what_one_would(workers: int):
    """Else `run --workers 4` would let each address ask four times as much as it says."""
    now_s = [0.0]
    rations = [Rations(lambda: now_s[0], workers).of_address(20.0, 3_000) for _ in range(workers)]
    given = sum(_taken(ration) for ration in rations)
    assert 3_000 <= given < 3_000 + workers, "each worker's part is a whole number"
    now_s[0] = 1_000.0
    assert sum(_taken(ration) for ration in rations) == given, "1,000 s pay no more than a burst"
    now_s[0] += 70.0
    assert sum(_taken(ration) for ration in rations) == pytest.approx(20.0 * 70, abs=workers)


async def test_one_of_several_workers_takes_its_part_of_what_a_person_may_apply(tmp_path: Path):
    """Over HTTP a person reaches all of them. Whether there is such a position is asked afterwards."""
    place = WorkerPlace(number=0, count=2, directory=str(tmp_path))
    wish = {"session": "S01", "position": "P0", "name": "张三", "phone": "13800138000"}
    async with serving(make_config(tmp_path), worker=place) as server:
        token = await guest(server)
        answers = [await do(server, token, "apply", **wish, consent="1", age_confirmed=True) for _ in range(5)]
        assert [answer["code"] == "too_many" for answer in answers] == [False] * 3 + [True] * 2
        assert answers[-1]["temporary"]
        assert (await do(server, token, "my_applications"))["t"] != "refused", "other commands go on"


def _taken(ration: Ration) -> int:
    """As much as there is. What was refused is a debt, so each tries once in vain."""
    for taken in range(1_000_000):
        try:
            ration.take("203.0.113.9")
        except Refusal:
            return taken
    raise AssertionError("without end")


class _Near(asyncio.Transport):
    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 4711) if name == "peername" else default
