"""A page of one province in a hall of another: the card comes as it is shown there, and the application is written
there and nowhere else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Request, Route, expect

from server.config import Config
from server.core.consent_texts import CONSENTS
from server.core.model import Grant, PersonId, Role
from server.core.refusal import Refusal
from tests.services import RedisServer, find_redis, left_out
from tests.web.pages import DESKTOP, PHONE, Applying, Screen, Viewer, opened
from tests.wire.houses import do
from tests.wire.hubs import eventually
from tests.wire.provinces import HERE, THERE, Pair, two_provinces

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUR_TEXT = CONSENTS[Config().consent.version]
THEIR_TEXT = msgspec.structs.replace(
    OUR_TEXT,
    version="2027-01",
    words={
        language: msgspec.structs.replace(words, short=f"那边的说法：{{enterprise}}。{words.short}")
        for language, words in OUR_TEXT.words.items()
    },
)
SEEKER = Applying(name="张三", phone="13812340001")


@pytest_asyncio.fixture(loop_scope="session")
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    """The other province has a consent text of its own in force."""
    texts = {**CONSENTS, THEIR_TEXT.version: THEIR_TEXT}
    monkeypatch.setattr("server.web.consents.CONSENTS", texts)
    if find_redis() is None:
        left_out("There is no redis-server on this machine.")
    with RedisServer() as redis_here, RedisServer() as redis_there:
        async with two_provinces(tmp_path, redis_here, redis_there, consent_there=THEIR_TEXT.version) as pair:
            yield pair


async def test_a_seeker_watches_and_applies_in_another_province(browser: Browser, pair: Pair) -> None:
    here, there = pair.here, pair.there
    host = there.tokens["host"]
    assert (await do(there, host, "go_live", session="S01"))["t"] == "done"
    assert (await do(there, host, "show_card", session="S01", position="P011"))["t"] == "done"
    async with opened(browser, Viewer, here.url, PHONE, phone=True) as page:
        shown = shown_there(page, pair)
        await page.enter(f"S01@{THERE}")
        await expect(page.card("P011")).to_be_visible()
        assert (await do(there, host, "show_card", session="S01", position="P012"))["t"] == "done"
        await expect(page.card("P012")).to_be_visible()
        await page.card("P012").get_by_role("button", name="投递").first.click()
        number = await page.fill_and_confirm(SEEKER)
        assert number
        await her_number_is_confirmed_there(page, pair)
        # What is said after the receipt goes where the receipt came from.
        await page.page.get_by_role("button", name="可以", exact=True).click()
        await expect(page.page.get_by_role("button", name="可以", exact=True)).to_have_attribute("aria-pressed", "true")
        told = [message for message in page.ear.messages() if message.get("channel", "").endswith(f"@{THERE}")]
        assert told, "the room was read from the hub here"
        found = [(await do(house, house.tokens["hr"], "list_applications", enterprise="E1")) for house in (there, here)]
        assert [len(one["applications"]) for one in found] == [1, 0], found
        await a_step_there_is_told_wherever_she_is(page, pair)
        await her_list_has_it(page, pair)
        await nothing_good_here_was_shown_there(page, pair, shown)


async def test_what_is_agreed_to_is_the_text_in_force_where_it_is_sent(browser: Browser, pair: Pair) -> None:
    """Not the own province's; and when it changes there in the midst of it, the new one is shown and agreed to."""
    here, there = pair.here, pair.there
    assert (await do(there, there.tokens["host"], "go_live", session="S01"))["t"] == "done"
    asked: list[str] = []

    async def before_the_change(route: Route) -> None:
        setup = await (await route.fetch()).json()
        await route.fulfill(json={**setup, "consent": OUR_TEXT.version})

    async with opened(browser, Viewer, here.url, PHONE, phone=True) as page:
        page.page.on("request", lambda request: asked.append(request.url))
        await page.page.route(f"{there.url}/api/setup", before_the_change, times=1)
        await page.enter(f"S01@{THERE}")
        row = await page.find_on_shelf(3)
        await row.get_by_role("button", name="投递").first.click()
        text = page.at("apply-consent")
        await expect(text).to_have_attribute("data-version", OUR_TEXT.version)
        await page.at("apply-name").fill(SEEKER.name)
        await page.at("apply-phone").fill(SEEKER.phone)
        await page.at("apply-confirm").click()
        await expect(page.at("apply-error")).not_to_be_empty()
        await expect(text).to_have_attribute("data-version", THEIR_TEXT.version)
        await expect(text).to_contain_text("那边的说法：")
        assert await page.fill_and_confirm(SEEKER)
    # What else is told of a hall there is asked there: here the same ids are somebody else's.
    wanted = [url for url in asked if "/api/enterprises/" in url or "/api/positions/" in url or "/api/consent/" in url]
    assert [url for url in wanted if not url.startswith(there.url)] == []


async def her_number_is_confirmed_there(page: Viewer, pair: Pair) -> None:
    """By the receipt: the code comes from the province that has the application, and is named to it."""
    there = pair.there
    await page.at("code-ask").click()
    await expect(page.at("code-input")).to_be_visible()
    await page.at("code-input").fill(pair.messages_there.code(SEEKER.phone))
    await expect(page.at("confirm-done")).to_be_visible()
    listed = await do(there, there.tokens["hr"], "list_applications", enterprise="E1")
    assert listed["applications"][0]["about"]["phone_confirmed"] is True


async def a_step_there_is_told_wherever_she_is(page: Viewer, pair: Pair) -> None:
    """That province sends no word of it: it is asked now and then, and when she comes back to the page."""
    there = pair.there
    await page.at("receipt-done").click()
    await expect(page.card("P012").locator('[data-test="apply-done"]')).to_be_visible()
    applied = (await do(there, there.tokens["hr"], "list_applications", enterprise="E1"))["applications"][0]
    assert (await do(there, there.tokens["hr"], "open_application", application=applied["id"]))["t"] == "opened"
    await page.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.at("toast").filter(has_text=applied["position_title"])).to_be_visible()


def shown_there(page: Viewer, pair: Pair) -> set[str]:
    """The tokens that the page shows in the other province, from now on."""
    shown: set[str] = set()

    def keep(request: Request) -> None:
        word = request.headers.get("authorization")
        if word and request.url.startswith(pair.there.url):
            shown.add(word.removeprefix("Bearer "))

    page.page.on("request", keep)
    return shown


async def nothing_good_here_was_shown_there(page: Viewer, pair: Pair, shown: set[str]) -> None:
    """A token of her own for that province, and nothing by which it could act as her at home."""
    here, there = pair.here, pair.there
    own = json.loads(await page.page.evaluate("() => localStorage.getItem('daigang.guest')"))
    assert shown
    assert own["token"] not in shown
    for token in shown:
        assert there.hub.verify(token).person == f"{HERE}.{own['person']}"
        with pytest.raises(Refusal):
            here.hub.verify(token)


async def her_list_has_it(page: Viewer, pair: Pair) -> None:
    """我的投递 shows it with its answer, on the next visit too; with the other province away it says so, and the rest
    stands."""
    here, there = pair.here, pair.there
    applied = (await do(there, there.tokens["hr"], "list_applications", enterprise="E1"))["applications"][0]
    step = {"application": applied["id"], "status": "interview", "note": "周一九点面试"}
    assert (await do(there, there.tokens["hr"], "answer_application", **step))["t"] == "done"
    # One of her own province beside it, to a position that has the same id here.
    assert (await do(here, here.tokens["host"], "go_live", session="S01"))["t"] == "done"
    await page.enter("S01")
    await page.at("shelf-open").click()
    row = page.page.locator('[data-test="shelf-row"][data-number="3"]')
    await expect(row.get_by_role("button", name="投递").first).to_be_visible()
    await page.go("/#mine")
    mine = page.at("application")
    await expect(mine).to_have_count(1)
    await expect(mine).to_have_attribute("data-status", "interview")
    await expect(page.at("application-where")).to_contain_text(THERE)
    await expect(page.at("application-note").first).to_contain_text("周一九点面试")
    await eventually(lambda: any(b'"saw"' in sent for sent in page.ear.sent))  # their phone need not be told

    await page.page.route(f"{there.url}/**", lambda route: route.abort())
    await page.page.goto("about:blank")
    await page.go("/#mine")
    await expect(page.at("mine-silent")).to_contain_text(THERE)
    await page.page.unroute(f"{there.url}/**")
    # By the button, unless it was asked again by itself just now.
    await page.page.evaluate("() => document.querySelector('[data-test=mine-silent] button')?.click()")
    await expect(page.at("mine-silent")).to_have_count(0)
    await expect(mine).to_have_count(1)
    # Withdrawn from the list, it is withdrawn where it lives.
    await page.at("withdraw-open").click()
    await page.at("withdraw-confirm").click()
    await expect(mine).to_have_attribute("data-status", "withdrawn")
    # Who has the number there is asked there, and wiped there.
    await page.at("privacy-open").click()
    far = page.at("privacy-far")
    await expect(far).to_contain_text("测试")
    await far.get_by_role("button", name="删除我的信息").click()
    await page.at("erase-confirm").click()
    await expect(page.at("toast").filter(has_text="已办好。")).to_be_visible()
    held = await do(there, there.tokens["hr"], "list_applications", enterprise="E1")
    assert held["applications"] == []


async def test_the_portal_lists_the_halls_of_other_provinces(browser: Browser, pair: Pair) -> None:
    here, there = pair.here, pair.there
    assert (await do(there, there.tokens["host"], "go_live", session="S01"))["t"] == "done"
    async with opened(browser, Viewer, here.url, PHONE, phone=True) as page:
        await page.go("/")
        province = page.page.locator(f'[data-test="province"][data-province="{THERE}"]')
        await expect(province).to_have_attribute("data-reachable", "yes")
        await expect(province).to_contain_text("2 个会场")
        await province.locator("summary").click()
        await expect(page.at("far-room")).to_have_count(2)
        await page.page.locator(f'[data-session="S01@{THERE}"]').click()
        await expect(page.at("room")).to_be_visible()
        assert page.page.url.endswith(f"/room/S01%40{THERE}")
        assert page.ear.errors == []
    # Operators have the same numbers beside their own.
    boss = here.house.issuer.of(PersonId("p_boss"), "运营", (Grant(role=Role.OPERATOR, scope=HERE),), "browser")
    async with opened(browser, Screen, here.url, DESKTOP) as screen:
        await screen.page.add_init_script(
            f"sessionStorage.setItem('daigang.staff.screen', {json.dumps(msgspec.json.encode(boss).decode())})"
        )
        await screen.go("/screen#table")
        await expect(screen.at("province")).to_contain_text("1 直播中")
