"""Pages without scripts: what stands on them, what they tell crawlers, and applying by a form from link to receipt."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from server.core.catalogue import Catalogue
from server.core.model import EnterpriseId, Position
from server.store import application_queries
from tests.wire.houses import Answer, HouseUnderTest, make_config, serving
from tests.wire.hubs import key, small_fair
from tests.wire.test_finding import command, found

pytestmark = pytest.mark.usefixtures("blockbuster")

NASTY = '</script><img src=x onerror="alert(1)">&\u2028'


def fair(**facts: Any) -> Catalogue:
    """The small fair; its first position is real, with these facts."""
    day = small_fair()

    def changed(position: Position) -> Position:
        if position.id != "P010":
            return position
        return msgspec.structs.replace(position, synthetic=False, **facts)

    return msgspec.structs.replace(
        day,
        positions=tuple(map(changed, day.positions)),
        shelves={
            session: tuple(msgspec.structs.replace(slot, position=changed(slot.position)) for slot in slots)
            for session, slots in day.shelves.items()
        },
    )


@contextlib.asynccontextmanager
async def on_air(tmp_path: Path, **facts: Any) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path), catalogue=fair(**facts)) as server:
        await command(server, "host", t="go_live", session="S01")
        yield server


def text_of(answer: Answer) -> str:
    return answer.body.decode()


def fields_of(page: str) -> dict[str, str]:
    """The form to apply, as a browser would send it untouched."""
    form = re.search(r'<form action="[^"]*/apply[^"]*".*?</form>', page, re.DOTALL)
    assert form is not None, page
    found: dict[str, str] = {}
    for field in re.findall(r"<input [^>]*>", form[0]):
        name, value = re.search(r' name="([^"]*)"', field), re.search(r' value="([^"]*)"', field)
        assert name is not None
        found[name[1]] = unescape(value[1]) if value else ""
    return found


async def send(
    server: HouseUnderTest, fields: dict[str, str], position: str = "P010", query: str = "", **headers: str
) -> Answer:
    return await server.call(
        "POST",
        f"/position/{position}/apply{query}",
        data=urlencode(fields, errors="surrogatepass").encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url, **headers},
    )


def receipt_of(answer: Answer) -> str:
    assert answer.status == 200, text_of(answer)
    number = re.search(r'data-test="receipt-number">([^<]+)<', text_of(answer))
    assert number is not None
    return number[1]


async def applications(server: HouseUnderTest) -> list[Any]:
    rows, _, _ = await server.store.read(
        application_queries.of_enterprise, (EnterpriseId("E1"),), EnterpriseId("E1"), application_queries.Page()
    )
    return list(rows)


# ---- reading ---------------------------------------------------------------------------------------------------------


async def test_the_portal_tells_its_halls_and_what_is_explained(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        await command(server, "host", t="show_card", session="S01", position="P010")
        page = text_of(await server.call("GET", "/"))
        assert 'href="/room/S01"' in page
        assert "讲解中" in page
        assert "会场2" in page
        assert 'action="/"' in page
        assert '<meta property="og:title"' in page
        picture = re.search(r'<meta property="og:image" content="([^"]+)"', page)
        assert picture is not None
        answer = await server.call("GET", picture[1].removeprefix(server.url))
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
        own = re.search(r'<meta property="og:image" content="([^"]+)"', text_of(await server.call("GET", "/V01/1")))
        assert own is not None
        assert own[1].startswith(f"{server.url}/api/positions/P010/picture.png")
        answer = await server.call("GET", own[1].removeprefix(server.url))
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
        assert answer.body.startswith(b"\x89PNG")
        room = text_of(await server.call("GET", "/room/S01"))
        assert 'href="/V01/1#apply"' in room
        assert room.count('class="shelf-row"') == 8


async def test_a_search_works_as_a_plain_form(hub_server: HouseUnderTest) -> None:
    await found(hub_server)
    page = text_of(await hub_server.call("GET", "/?q=%E7%84%8A%E5%B7%A5&limit=5"))
    assert page.count('class="found-row__link"') == 5
    after = re.search(r'href="(/\?[^"]*after=[^"]*)"', page)
    assert after is not None
    again = text_of(await hub_server.call("GET", unescape(after[1]) + "&limit=5"))
    hrefs = r'<a class="found-row__link" href="([^"]+)"'
    assert not set(re.findall(hrefs, page)) & set(re.findall(hrefs, again))
    nothing = text_of(await hub_server.call("GET", "/?q=%E5%AE%87%E8%88%AA%E5%91%98"))
    assert "没有找到" in nothing


@pytest.mark.parametrize("path", ["/?base=x", "/?after=%00", "/?q=" + "a" * 4_000])
async def test_an_odd_search_is_answered_with_a_sentence(hub_server: HouseUnderTest, path: str) -> None:
    await found(hub_server)
    answer = await hub_server.call("GET", path)
    assert answer.status in (400, 422)
    assert 'role="alert"' in text_of(answer)


async def test_what_an_enterprise_wrote_is_never_markup(tmp_path: Path) -> None:
    async with on_air(tmp_path, title=NASTY, duties=NASTY, benefits=(NASTY,), place=NASTY) as server:
        await found(server)
        await command(server, "host", t="show_card", session="S01", position="P010")
        for path in ("/", "/room/S01", "/V01/1", "/position/P010", "/?all=1", "/?q=" + "%3Cimg%20src%3Dx%3E"):
            page = text_of(await server.call("GET", path))
            assert "<img" not in page
            assert page.count("<script") == page.count("</script>")


async def test_an_address_of_a_hall_and_a_number_opens_that_position(hub_server: HouseUnderTest) -> None:
    by_number = text_of(await hub_server.call("GET", "/V02/3"))
    assert "焊工2" in by_number
    assert 'content="' + hub_server.url + '/position/P022"' in by_number
    assert "焊工2" in text_of(await hub_server.call("GET", "/position/P022"))


@pytest.mark.parametrize(
    "path",
    [
        "/V01/99",
        "/V01/0",
        "/nowhere/1",
        "/%00/1",
        "/V01/999999999",
        "/position/none",
        "/position/%00",
        "/position/..%2F..%2Fetc%2Fpasswd",
        "/room/..%2f..%2fconfig.yaml",
        "/room/%F0%9F%99%82",
        "/sitemap-99.xml",
        "/sitemap-%00.xml",
        "/sitemap-..%2fhost.xml",
    ],
)
async def test_what_is_not_there_is_a_page(hub_server: HouseUnderTest, path: str) -> None:
    answer = await hub_server.call("GET", path)
    assert answer.status == 404
    assert "没有这一页" in text_of(answer)


@pytest.mark.parametrize(
    "path", ["/../etc/passwd", "/V01/../../etc/passwd", "//etc/passwd", "/static/../../config.yaml"]
)
async def test_no_path_leads_out(hub_server: HouseUnderTest, path: str) -> None:
    assert await asyncio.to_thread(hub_server.request_path, path) in (301, 308, 400, 404)


# ---- in English ------------------------------------------------------------------------------------------------------

CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]+")
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.3"}


def sentences_of(page: str) -> str:
    """What the page itself says: without what stands in it as somebody else's words, and without scripts and titles."""
    for hidden in (
        r"<script.*?</script>",
        r"<title>.*?</title>",
        r'<meta property="og:title"[^>]*>',
        r"<style.*?</style>",
    ):
        page = re.sub(hidden, "", page, flags=re.DOTALL)
    page = re.sub(r'<(\w+)[^>]* lang="zh-CN"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    return DATA.sub("", page)


DATA = re.compile(r"焊工, 夜班, 榆树 保安|焊工\d|会场\d|测试\d有限公司")
"""What the small fair is about: data stay as they were written."""


async def test_every_page_speaks_english_to_who_asks(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        await found(server)
        await command(server, "host", t="show_card", session="S01", position="P010")
        seen: set[str] = set()
        waiting = [
            "/?lang=en",
            "/print/room/S01?lang=en",
            "/print/position/P010?lang=en",
            "/?q=x&lang=en",
            "/?base=x&lang=en",
        ]
        waiting += ["/nothing/here?lang=en", "/room/none?lang=en"]
        while waiting:
            path = waiting.pop()
            answer = await server.call("GET", path)
            page = text_of(answer)
            assert '<html lang="en">' in page, path
            assert answer.headers["Content-Language"] == "en"
            assert not CHINESE.findall(sentences_of(page)), (path, CHINESE.findall(sentences_of(page)))
            seen.add(path)
            for href in map(unescape, re.findall(r'<a [^>]*href="(/[^"]*)"', page)):
                if "lang=zh-CN" in href:
                    continue
                assert "lang=en" in href, f"{path} forgets the language in {href}"
                address = href.partition("#")[0]
                if address not in seen and address not in waiting:
                    waiting.append(address)
        assert len(seen) > 12


async def test_the_whole_way_in_english_needs_no_script_and_no_cookie(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        page = text_of(await server.call("GET", "/V01/1?lang=en&from=poster-1"))
        action = re.search(r'<form action="([^"]*/apply[^"]*)"', page)
        assert action is not None
        assert action[1].endswith("?lang=en")
        other = re.search(r'<a href="([^"]*)" lang="zh-CN"', page)
        assert other is not None
        assert "from=poster-1" in other[1], "the source is followed into the other language"
        fields = fields_of(page) | {"name": "Zhang", "phone": "123"}
        wrong = await send(server, fields, query="?lang=en")
        assert wrong.status == 422
        assert "11 digits" in text_of(wrong)
        assert not CHINESE.findall(sentences_of(text_of(wrong)))
        right = await send(server, fields | {"phone": "13800138001"}, query="?lang=en")
        number = receipt_of(right)
        assert "Application sent" in text_of(right)
        assert not CHINESE.findall(sentences_of(text_of(right)))
        assert "Set-Cookie" not in right.headers
        again = re.search(r'<form action="([^"]*lang=zh-CN)" method="post">(.*?)</form>', text_of(right), re.DOTALL)
        assert again is not None
        same = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', again[2]))
        answer = await server.call(
            "POST",
            again[1],
            data=urlencode({name: unescape(value) for name, value in same.items()}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url},
        )
        assert receipt_of(answer) == number
        assert "投递成功" in text_of(answer) or "投出" in text_of(answer)
        assert len(await applications(server)) == 1


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("ja,en;q=0.5", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=1,zh", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=nan", "zh-CN"),
        ("en;q=" + "9" * 300, "zh-CN"),
        (",;=,;;q=,en;q=-1," * 90, "zh-CN"),
    ],
)
async def test_the_browsers_language_counts_when_nothing_is_asked(
    hub_server: HouseUnderTest, accepted: str, language: str
) -> None:
    answer = await hub_server.call("GET", "/room/S01", headers={"Accept-Language": accepted})
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    asked = await hub_server.call("GET", "/room/S01?lang=zh-CN", headers=ENGLISH)
    assert '<html lang="zh-CN">' in text_of(asked)
    assert "Accept-Language" not in asked.headers.get("Vary", "")
    odd = await hub_server.call("GET", "/room/S01?lang=%22%3E%3Cscript%3E", headers={"Accept-Language": accepted})
    assert odd.headers["Content-Language"] == language


async def test_the_two_languages_know_each_other(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        chinese, english = [
            text_of(await server.call("GET", path)) for path in ("/position/P010", "/position/P010?lang=en")
        ]
        own = f"{server.url}/position/P010"
        for page in (chinese, english):
            assert f'hreflang="zh-CN" href="{own}"' in page
            assert f'hreflang="en" href="{own}?lang=en"' in page
            assert f'hreflang="x-default" href="{own}"' in page
        assert f'rel="canonical" href="{own}"' in chinese
        assert f'rel="canonical" href="{own}?lang=en"' in english
        first = await server.call("GET", "/room/S01", headers=ENGLISH)
        known = {"If-None-Match": first.headers["ETag"], "Accept-Language": "zh-CN"}
        assert (await server.call("GET", "/room/S01", headers=known)).status == 200, "another language is another page"
        same = await server.call("GET", "/room/S01", headers=known | ENGLISH)
        assert same.status == 304
        assert "Accept-Language" in same.headers["Vary"]


# ---- crawlers --------------------------------------------------------------------------------------------------------


def posting_of(page: str) -> dict[str, Any] | None:
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(match[1]) if match else None


async def test_a_position_is_told_as_a_job_posting(tmp_path: Path) -> None:
    facts = {"base_yuan": 2_500, "pay_min_yuan": 4_000, "pay_max_yuan": 6_000, "shift": "长白班", "place": "绿园区"}
    async with on_air(tmp_path, title=NASTY, benefits=("包住",), valid_until="2099-12-31", **facts) as server:
        posting = posting_of(text_of(await server.call("GET", "/position/P010")))
        assert posting is not None
        assert posting["title"] == NASTY
        assert posting["totalJobOpenings"] == 5
        assert posting["baseSalary"]["value"] == {"@type": "QuantitativeValue", "unitText": "MONTH", "minValue": 2500}
        assert posting["estimatedSalary"]["value"]["maxValue"] == 6000
        assert posting["validThrough"] == "2099-12-31T23:59:59+08:00"
        assert posting["jobLocation"]["address"]["addressLocality"] == "长春市"
        assert posting["directApply"] is True
        assert posting_of(text_of(await server.call("GET", "/position/P011"))) is None, "synthetic ones are no offer"


async def test_crawlers_find_halls_and_positions(hub_server: HouseUnderTest) -> None:
    await found(hub_server)
    robots = text_of(await hub_server.call("GET", "/robots.txt"))
    assert f"Sitemap: {hub_server.url}/sitemap.xml" in robots
    assert "Disallow: /api/" in robots
    index = text_of(await hub_server.call("GET", "/sitemap.xml"))
    parts = re.findall(r"<loc>([^<]+)</loc>", index)
    urls = [
        url
        for part in parts
        for url in re.findall(
            r"<loc>([^<]+)</loc>", text_of(await hub_server.call("GET", part.removeprefix(hub_server.url)))
        )
    ]
    assert len(urls) == len(set(urls)) == 1 + 2 + 16
    for url in urls[:4]:
        assert (await hub_server.call("GET", url.removeprefix(hub_server.url))).status == 200


# ---- applying --------------------------------------------------------------------------------------------------------


async def test_a_form_leads_to_a_receipt_and_twice_is_once(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/V01/1?from=poster-1")))
        assert fields["source"] == "poster-1"
        fields |= {"name": "张师傅", "phone": "138 0013 8001"}
        number = receipt_of(await send(server, fields))
        assert receipt_of(await send(server, fields)) == number
        other_tab = fields_of(text_of(await server.call("GET", "/position/P010"))) | {
            "name": "张师傅",
            "phone": "13800138001",
        }
        assert other_tab["key"] != fields["key"]
        again = await send(server, other_tab)
        assert receipt_of(again) != number, "without a code nobody is told what came with this number before"
        assert "没有重复投递" not in text_of(again)
        once_more = other_tab | {"key": key(), "token": other_tab["token"]}
        assert receipt_of(await send(server, once_more)) == receipt_of(again)
        family = fields | {"for_whom": "我爱人"}
        assert receipt_of(await send(server, family)) != number
        assert len(await applications(server)) == 2
        sources = await server.call("GET", "/api/sources?region=220100", token=server.tokens["operator"])
        assert sources.json == {"sources": [["poster-1", 2]]}


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"name": "张师傅", "phone": "123"}, 422, "手机号不对"),
        ({"name": "张师傅", "phone": " "}, 422, "请填写手机号"),
        ({"name": "", "phone": "13800138001"}, 422, 'aria-invalid="true"'),
        ({"name": "张" * 500, "phone": "13800138001"}, 422, 'aria-invalid="true"'),
        ({"name": '"><script>alert(1)</script>', "phone": "x"}, 422, "&quot;&gt;&lt;script&gt;"),
        ({"name": "张师傅", "phone": "13800138001", "consent": "2001-01"}, 422, "张师傅"),
        ({"name": "张师傅", "phone": "13800138001", "session": ""}, 400, 'role="alert"'),
        ({"name": "张师傅", "phone": "13800138001", "version": "99"}, 409, 'name="version" value="1"'),
        ({"name": "张师傅", "phone": "13800138001", "session": "S02"}, 409, 'role="alert"'),
    ],
)
async def test_what_is_wrong_is_said_beside_what_was_typed(
    tmp_path: Path, typed: dict[str, str], status: int, words: str
) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/position/P010")))
        answer = await send(server, fields | typed)
        page = text_of(answer)
        assert answer.status == status, page
        assert words in page
        assert "<script" not in page
        assert answer.headers["Cache-Control"] == "no-store"
        assert await applications(server) == []


async def test_odd_characters_are_no_trouble(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/position/P010")))
        names = ["张\x00三", "e\u0301" * 9, "🙂", "\ud800", "\u202e反"]
        answers = [
            await send(server, fields | {"name": name, "phone": f"1380013800{n}"}) for n, name in enumerate(names)
        ]
        assert {answer.status for answer in answers} <= {200, 400, 422}
        lost = await server.call(
            "POST",
            "/position/P010/apply",
            data=b"name=%FF%FE&phone=1&key=%00",
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"},
        )
        assert lost.status in (400, 422)


async def test_a_form_without_a_token_or_with_an_old_one_is_somebody_new(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/position/P010")))
        for n, token in enumerate(("", "nonsense", server.tokens["guest"][:-4])):
            receipt_of(await send(server, fields | {"token": token, "name": "李", "phone": f"1380013801{n}"}))


async def test_a_page_elsewhere_cannot_send_the_form(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/position/P010")))
        fields |= {"name": "张师傅", "phone": "13800138001"}
        for origin in ("https://elsewhere.example", "null"):
            answer = await send(server, fields, Origin=origin)
            assert answer.status == 403
            assert answer.headers["Content-Type"].startswith("text/html")
            page = text_of(answer)
            assert "没有收" in page
            assert 'href="/position/P010"' in page, "the way to do it right"
            assert "13800138001" not in page
            assert "<form" not in page
        english = await send(server, fields, query="?lang=en", Origin="https://elsewhere.example")
        assert "was not sent from one of our pages" in text_of(english)
        program = await server.call(
            "POST", "/api/commands", body={"t": "hello"}, headers={"Origin": "https://elsewhere.example"}
        )
        assert program.json["code"] == "forbidden", "who sends JSON reads JSON"
        assert await applications(server) == []


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status"),
    [
        ("POST", "/position/P010/apply", "application/x-www-form-urlencoded", 413),
        ("POST", "/room/S01", "application/x-www-form-urlencoded", 405),
        ("POST", "/", "multipart/form-data; boundary=x", 405),
        ("GET", "/position/P010/apply", "", 405),
    ],
)
async def test_what_a_person_sent_in_vain_is_answered_with_a_page(
    hub_server: HouseUnderTest, method: str, path: str, content_type: str, status: int
) -> None:
    body = b"name=" + b"a" * 20_000 if status == 413 else None
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await hub_server.call(method, path, data=body, headers=headers)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'class="btn btn--main"' in text_of(answer)


@pytest.mark.parametrize("path", ["/ws", "/media", "/live", "/api/nothing", "/static/none.js", "/hls/S01/index.m3u8"])
async def test_a_program_is_told_in_json(hub_server: HouseUnderTest, path: str) -> None:
    answer = await hub_server.call("GET", path)
    assert answer.status >= 400
    assert "html" not in answer.headers.get("Content-Type", "")


async def test_a_hall_that_is_not_on_air_says_why_there_is_no_form(hub_server: HouseUnderTest) -> None:
    page = text_of(await hub_server.call("GET", "/V01/1"))
    assert '/apply"' not in page
    assert "开播后可投" in page
    gone = await send(hub_server, {"key": key(), "name": "a", "phone": "b"}, position="none")
    assert gone.status == 404


async def test_who_sends_forms_without_pause_waits(tmp_path: Path) -> None:
    async with on_air(tmp_path) as server:
        fields = fields_of(text_of(await server.call("GET", "/position/P010")))
        answers = [await send(server, fields | {"phone": "1"}) for _ in range(25)]
        assert answers[0].status == 422
        assert answers[-1].status == 429
        assert 'role="alert"' in text_of(answers[-1])
