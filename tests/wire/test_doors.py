"""Every call of the JSON API, every shape of its errors, and who may come in by which door."""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.config import Licence, Limits
from server.core.channels import Kind
from server.core.model import Grant, Role
from server.core.protocol import Receipt, Refused, decode_server
from server.core.refusal import MEANINGS, Code
from server.media.broadcast import PictureState
from server.media.outlet import OutletState
from server.web.pages import SHELLS
from tests.wire.houses import HOST_PASSWORD, HouseUnderTest, make_config, serving
from tests.wire.hubs import key, small_fair

pytestmark = pytest.mark.usefixtures("blockbuster")

REFUSED_KEYS = {"t", "code", "temporary", "params", "id"}


def assert_refused(answer: Any, status: int, code: Code) -> dict[str, Any]:
    """The one shape every error has."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json
    assert body["t"] == "refused"
    assert body["code"] == code.value
    assert set(body) <= REFUSED_KEYS
    assert set(body.get("params", {})) <= set(MEANINGS[code].params)
    return body


# ---- reading ---------------------------------------------------------------------------------------------------------


async def test_healthz_tells_version_and_epoch(hub_server: HouseUnderTest) -> None:
    answer = await hub_server.call("GET", "/healthz")
    assert answer.status == 200
    assert answer.json == {"ok": True, "version": "0.1.0", "epoch": hub_server.store.epoch}


async def test_who_stops_or_has_no_store_is_alive_and_not_ready(hub_server: HouseUnderTest) -> None:
    assert (await hub_server.call("GET", "/readyz")).json["ok"] is True
    hub_server.hub.ready = False
    answer = await hub_server.call("GET", "/readyz")
    assert (answer.status, answer.json["what"]) == (503, "hub")
    hub_server.hub.ready = True
    await hub_server.store.close()
    answer = await hub_server.call("GET", "/readyz")
    assert (answer.status, answer.json["what"], answer.json["ok"]) == (503, "store", False)
    assert (await hub_server.call("GET", "/healthz")).status == 200


async def test_setup(hub_server: HouseUnderTest) -> None:
    setup = (await hub_server.call("GET", "/api/setup")).json
    assert setup["region"] == "220000"
    assert setup["protocol"] == 1
    assert setup["licence"] is None
    assert setup["demo"] is False


async def test_setup_of_a_demonstration_with_a_licence(tmp_path: Path) -> None:
    config = make_config(tmp_path, licence=Licence(name="长春人才市场", number="2201-001", icp="吉ICP备00000000号"))
    async with serving(config, demo=True) as server:
        setup = (await server.call("GET", "/api/setup")).json
        assert setup["demo"] is True
        assert setup["licence"] == {"name": "长春人才市场", "number": "2201-001"}
        assert setup["icp"] == "吉ICP备00000000号"


async def test_fair_puts_live_sessions_first_with_their_card(hub_server: HouseUnderTest) -> None:
    for session in ("S01", "S02"):
        before = (await hub_server.call("GET", "/api/fair")).json
        assert {s["session"]["id"] for s in before["sessions"]} == {"S01", "S02"}, session
    host = hub_server.house.issuer.of(hub_server.proofs["host"].person, "host", _host_of("S02"), "client").token
    assert (await command(hub_server, host, t="go_live", session="S02", key=key())).status == 200
    assert (await command(hub_server, host, t="show_card", session="S02", position="P023", key=key())).status == 200
    fair = await eventually_fair(hub_server, lambda fair: fair["sessions"][0]["session"]["id"] == "S02")
    assert fair["fair"]["id"] == "F1"
    assert len(fair["venues"]) == 2
    first = await eventually_fair(hub_server, lambda fair: fair["sessions"][0].get("card"))
    assert first["sessions"][0]["card"]["position"]["id"] == "P023"
    assert first["sessions"][1].get("card") is None


async def eventually_fair(server: HouseUnderTest, wanted: Any) -> Any:
    async with asyncio.timeout(10):
        while True:
            fair = (await server.call("GET", "/api/fair")).json
            if wanted(fair):
                return fair
            await asyncio.sleep(0.2)


def _host_of(session: str) -> Any:
    return (Grant(role=Role.HOST, scope=session),)


async def test_regions_sessions_enterprises(hub_server: HouseUnderTest) -> None:
    regions = (await hub_server.call("GET", "/api/regions")).json["regions"]
    assert [region["code"] for region in regions] == ["220000", "220100"]
    session = (await hub_server.call("GET", "/api/sessions/S01")).json
    assert session["session"]["venue_name"] == "会场1"
    assert session["card"] is None
    enterprise = (await hub_server.call("GET", "/api/enterprises/E1")).json
    assert enterprise["enterprise"]["id"] == "E1"
    assert len(enterprise["positions"]) == 8
    for path, what in (("/api/sessions/S99", "session"), ("/api/enterprises/E99", "enterprise")):
        body = assert_refused(await hub_server.call("GET", path), 404, Code.NOT_FOUND)
        assert body["params"]["what"] == what


async def test_shelf_is_kept_for_ever_and_other_revisions_are_not_there(hub_server: HouseUnderTest) -> None:
    for _ in range(2):  # the second time from memory
        answer = await hub_server.call("GET", "/api/sessions/S01/shelf/1")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert [slot["number"] for slot in answer.json["slots"]] == list(range(1, 9))
        assert answer.json["revision"] == 1
    for revision in ("2", "01", "x", "-1"):
        assert_refused(await hub_server.call("GET", f"/api/sessions/S01/shelf/{revision}"), 404, Code.NOT_FOUND)


async def test_same_answer_is_not_sent_twice_and_travels_gzipped(hub_server: HouseUnderTest) -> None:
    first = await hub_server.call("GET", "/api/sessions/S01/shelf/1")
    again = await hub_server.call("GET", "/api/sessions/S01/shelf/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    packed = await hub_server.call("GET", "/api/sessions/S01/shelf/1", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] != first.headers["ETag"]
    # aiohttp's client has unpacked it.
    assert packed.body == first.body
    assert len(gzip.compress(first.body)) < len(first.body)


# ---- coming in -------------------------------------------------------------------------------------------------------


async def test_guest_gets_a_token_a_name_and_a_person_of_their_own(hub_server: HouseUnderTest) -> None:
    one, two = [(await hub_server.call("POST", "/api/guest")).json for _ in range(2)]
    assert one["person"].startswith("g_")
    assert one["person"] != two["person"]
    assert one["name"].startswith("求职者")
    assert hub_server.hub.verify(one["token"]).kind == "browser"
    renewed = (await hub_server.call("POST", "/api/renew", token=one["token"])).json
    assert (renewed["person"], renewed["name"]) == (one["person"], one["name"])
    assert renewed["until_ms"] >= one["until_ms"]
    assert renewed["token"] != one["token"]


async def test_sign_in_and_renew(hub_server: HouseUnderTest) -> None:
    proof = (await sign_in(hub_server, "anna", HOST_PASSWORD)).json
    assert proof["name"] == "安娜"
    assert proof["grants"] == [{"role": "host", "scope": "S01"}]
    assert hub_server.hub.verify(proof["token"]).person == proof["person"]
    renewed = (await hub_server.call("POST", "/api/renew", token=proof["token"])).json
    assert renewed["grants"] == proof["grants"]
    as_client = await hub_server.call(
        "POST", "/api/sign-in", body={"name": "anna", "password": HOST_PASSWORD, "client": True}
    )
    assert hub_server.hub.verify(as_client.json["token"]).kind == "client"


async def test_renewing_a_token_of_nobody_is_refused(hub_server: HouseUnderTest) -> None:
    # Well signed, but there is no such account any more.
    assert_refused(await hub_server.call("POST", "/api/renew", token=hub_server.tokens["hr"]), 401, Code.NOT_SIGNED_IN)


async def test_no_token_is_given_for_a_province_that_is_not_known(hub_server: HouseUnderTest) -> None:
    ask = {"province": "210000"}
    assert_refused(await hub_server.call("POST", "/api/tokens/for", body=ask), 401, Code.NOT_SIGNED_IN)
    token = hub_server.tokens["guest"]
    for code in ("210000", "220000", "*"):
        answer = await hub_server.call("POST", "/api/tokens/for", token=token, body={"province": code})
        assert_refused(answer, 404, Code.NOT_FOUND)
    for wrong in (
        {},
        {"province": ""},
        {"province": ["210000"]},
        {"province": "210000", "grants": []},
        {"province": "2" * 21},
    ):
        answer = await hub_server.call("POST", "/api/tokens/for", token=token, body=wrong)
        assert_refused(answer, 400, Code.BAD_MESSAGE)


async def sign_in(server: HouseUnderTest, name: str, password: str) -> Any:
    return await server.call("POST", "/api/sign-in", body={"name": name, "password": password})


async def test_wrong_password_and_unknown_name_look_the_same(hub_server: HouseUnderTest) -> None:
    wrong = await sign_in(hub_server, "anna", "wrong")
    nobody = await sign_in(hub_server, "nobody", "wrong")
    assert_refused(wrong, 401, Code.SIGN_IN_FAILED)
    assert (wrong.status, wrong.body) == (nobody.status, nobody.body)
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


async def test_who_guesses_waits_and_is_told_how_long(tmp_path: Path) -> None:
    now = [1_800_000_000_000]
    async with serving(make_config(tmp_path), clock_ms=lambda: now[0]) as server:
        for _ in range(5):
            assert_refused(await sign_in(server, "anna", "wrong"), 401, Code.SIGN_IN_FAILED)
        body = assert_refused(await sign_in(server, "anna", HOST_PASSWORD), 429, Code.TOO_MANY)
        assert body["temporary"] is True
        assert body["params"]["retry_ms"] > 0
        assert (await sign_in(server, "other", "wrong")).status == 401, "another name may try"
        now[0] += 61_000 + body["params"]["retry_ms"]
        assert (await sign_in(server, "anna", HOST_PASSWORD)).status == 200
        # A success wipes the slate.
        for _ in range(5):
            assert (await sign_in(server, "anna", "wrong")).status == 401


async def test_guests_of_one_address_are_rationed_generously(tmp_path: Path) -> None:
    now = [1_800_000_000_000]
    config = make_config(tmp_path, limits=Limits(guests_burst=20))
    async with serving(config, clock_ms=lambda: now[0]) as server:
        for _ in range(20):
            assert (await server.call("POST", "/api/guest")).status == 200
        answer = await server.call("POST", "/api/guest")
        assert_refused(answer, 429, Code.TOO_MANY)
        assert int(answer.headers["Retry-After"]) >= 1
        now[0] += 1_000
        assert (await server.call("POST", "/api/guest")).status == 200


NO_CREDENTIALS = [
    b"",
    b"{",
    b"[]",
    b'{"name":"a"}',
    b'{"name":"a","password":"b","more":1}',
    b'{"name":1,"password":"b"}',
    b'{"name":"\xff","password":"b"}',
    b'{"name":"a","password":"b","more":' + b"[" * 5_000,
]


async def test_a_number_has_its_tries_once_however_it_is_typed(hub_server: HouseUnderTest) -> None:
    """Who was invited signs in by number; whoever knows it may guess five times, not five times for each spelling."""
    typed = [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+8613800138000",
        "１３８００１３８０００",
        "86 13800138000",
    ]
    statuses = [(await sign_in(hub_server, name, "wrong")).status for name in typed]
    assert statuses == [401] * 5 + [429]


async def test_sign_in_wants_its_body(hub_server: HouseUnderTest) -> None:
    for body in NO_CREDENTIALS:
        answer = await hub_server.call("POST", "/api/sign-in", data=body)
        assert_refused(answer, 400, Code.BAD_MESSAGE)


async def test_no_answer_quotes_a_password(hub_server: HouseUnderTest) -> None:
    answer = await hub_server.call("POST", "/api/sign-in", body={"name": "a", "password": ["geheim-7"]})
    assert_refused(answer, 400, Code.BAD_MESSAGE)
    assert b"geheim" not in answer.body


# ---- the demonstration's door ----------------------------------------------------------------------------------------


async def test_demo_gives_a_host_an_hr_and_an_operator(demo_server: HouseUnderTest) -> None:
    grants = {}
    for role in ("host", "hr", "operator"):
        proof = (await demo_server.call("POST", "/api/demo", body={"role": role})).json
        grants[role] = proof["grants"][0]
        assert demo_server.hub.verify(proof["token"]).person == proof["person"]
        assert (await demo_server.call("POST", "/api/renew", token=proof["token"])).status == 200
    assert grants["host"] == {"role": "host", "scope": "S01"}
    assert grants["hr"]["scope"] in ("E1", "E2")
    assert grants["operator"] == {"role": "operator", "scope": "220000"}
    assert_refused(await demo_server.call("POST", "/api/demo", body={"role": "admin"}), 404, Code.NOT_FOUND)
    assert_refused(await demo_server.call("POST", "/api/demo", body={"role": "x"}), 400, Code.BAD_MESSAGE)


async def test_demo_accounts_have_no_password(demo_server: HouseUnderTest) -> None:
    for password in ("!", "demo-host", "x"):
        assert_refused(await sign_in(demo_server, "demo-host", password), 401, Code.SIGN_IN_FAILED)


async def test_there_is_no_demo_door_outside_a_demonstration(hub_server: HouseUnderTest) -> None:
    assert_refused(await hub_server.call("POST", "/api/demo", body={"role": "host"}), 404, Code.NOT_FOUND)


NOT_FROM_HERE: list[dict[str, str]] = [
    {"Host": "fair.example.cn"},
    {"Host": "fair.example.cn:8080"},
    {"Host": "127.0.0.1.example.cn"},
    {"X-Forwarded-For": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
]


async def test_demo_door_is_for_people_at_this_machine(demo_server: HouseUnderTest) -> None:
    for headers in NOT_FROM_HERE:
        answer = await demo_server.call("POST", "/api/demo", body={"role": "host"}, headers=headers)
        assert_refused(answer, 403, Code.FORBIDDEN)


# ---- commands --------------------------------------------------------------------------------------------------------


async def command(server: HouseUnderTest, bearer: str, /, **fields: object) -> Any:
    return await server.call("POST", "/api/commands", token=bearer, body=fields)


def apply_fields(phone: str = "13900000001") -> dict[str, object]:
    return {
        "t": "apply",
        "id": 7,
        "session": "S01",
        "position": "P010",
        "name": "张师傅",
        "phone": phone,
        "consent": "2026-11",
        "age_confirmed": True,
        "key": key(),
    }


async def go_live(server: HouseUnderTest) -> None:
    assert (await command(server, server.tokens["host"], t="go_live", session="S01", key=key())).status == 200


async def test_apply_over_http_in_both_forms(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    fields = apply_fields()
    first = await command(hub_server, hub_server.tokens["guest"], **fields)
    assert first.status == 200
    assert first.json["t"] == "receipt"
    assert first.json["id"] == 7
    packed = await hub_server.call(
        "POST",
        "/api/commands",
        token=hub_server.tokens["guest"],
        data=msgspec.msgpack.encode(fields),
        headers={"Content-Type": "application/msgpack"},
    )
    assert packed.headers["Content-Type"] == "application/msgpack"
    (receipt,) = decode_server(packed.body)
    assert isinstance(receipt, Receipt)
    assert receipt.receipt == first.json["receipt"], "the same key, the same receipt"


async def test_catch_up_over_http_reads_a_stage(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    await command(hub_server, hub_server.tokens["host"], t="show_card", session="S01", position="P011", key=key())
    answer = await command(
        hub_server,
        hub_server.tokens["guest"],
        t="catch_up",
        wants=[
            {"channel": "stage/S01", "since": {"epoch": hub_server.store.epoch, "offset": 0}},
            {"channel": "desk/S01"},
        ],
    )
    stage, desk = answer.json["channels"]
    assert [entry["body"]["t"] for entry in stage["entries"]] == ["state_changed", "card_shown"]
    assert stage["recovered"] is True
    assert desk["code"] == "forbidden"


@pytest.mark.parametrize("kind", ["join", "leave", "hello", "pong", "renew"])
async def test_what_belongs_to_a_websocket_is_out_of_turn(hub_server: HouseUnderTest, kind: str) -> None:
    fields: dict[str, object] = {"t": kind}
    if kind in ("join", "leave"):
        fields["channel"] = "stage/S01"
    if kind in ("hello", "renew"):
        fields["token"] = "x"
    if kind == "hello":
        fields["version"] = 1
    answer = await command(hub_server, hub_server.tokens["guest"], **fields)
    assert_refused(answer, 409, Code.OUT_OF_TURN)


async def test_refusals_of_commands_have_the_same_shape_and_keep_the_id(hub_server: HouseUnderTest) -> None:
    guest = hub_server.tokens["guest"]
    answer = await command(hub_server, guest, t="show_card", id=3, session="S01", position="P010", key=key())
    assert assert_refused(answer, 403, Code.FORBIDDEN)["id"] == 3
    answer = await command(hub_server, guest, t="apply", id=4)
    assert assert_refused(answer, 400, Code.BAD_MESSAGE)["id"] == 4
    assert_refused(await command(hub_server, guest, t="fly"), 400, Code.UNKNOWN_TYPE)
    broken = await hub_server.call(
        "POST",
        "/api/commands",
        token=guest,
        data=b"\xc1",
        headers={"Content-Type": "application/msgpack"},
    )
    assert broken.status == 400
    (refused,) = decode_server(broken.body)
    assert isinstance(refused, Refused)


async def test_one_person_cannot_flood_the_commands_door(hub_server: HouseUnderTest) -> None:
    statuses = [(await command(hub_server, hub_server.tokens["guest"], t="my_applications")).status for _ in range(60)]
    assert 429 in statuses
    other = await hub_server.call("POST", "/api/guest")
    assert (await command(hub_server, other.json["token"], t="my_applications")).status == 200


NO_TOKENS = ["", "x", "a.b", "é".encode().decode("latin-1"), "x" * 5000]


async def test_no_token_no_entry(hub_server: HouseUnderTest) -> None:
    for token in NO_TOKENS:
        assert_refused(await command(hub_server, token, t="my_applications"), 401, Code.NOT_SIGNED_IN)


async def test_expired_and_foreign_tokens_are_refused(tmp_path: Path) -> None:
    now = [1_800_000_000_000]
    async with serving(make_config(tmp_path), clock_ms=lambda: now[0]) as server:
        token = server.tokens["host"]
        assert (await command(server, token, t="my_applications")).status == 200
        now[0] += 12 * 3600 * 1000
        assert_refused(await command(server, token, t="my_applications"), 401, Code.TOKEN_EXPIRED)
    elsewhere = tmp_path / "elsewhere"
    async with serving(make_config(elsewhere)) as other:
        assert_refused(await command(other, token, t="my_applications"), 401, Code.NOT_SIGNED_IN)


# ---- origins ---------------------------------------------------------------------------------------------------------


FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:{port}/",
    "null",
    "",
]


@pytest.mark.parametrize("path", ["/api/guest", "/api/commands", "/api/sign-in", "/ws"])
async def test_pages_from_elsewhere_may_not_act(hub_server: HouseUnderTest, path: str) -> None:
    for origin in FOREIGN_ORIGINS:
        headers = {"Origin": origin.format(port=hub_server.port)}
        if path == "/ws":
            headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
        method = "GET" if path == "/ws" else "POST"
        answer = await hub_server.call(method, path, token=hub_server.tokens["host"], headers=headers)
        assert_refused(answer, 403, Code.FORBIDDEN)
    assert hub_server.hub.counts.connections == 0


async def test_own_pages_may_under_each_name_of_this_machine(hub_server: HouseUnderTest) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        answer = await hub_server.call("POST", "/api/guest", headers={"Origin": f"http://{name}:{hub_server.port}"})
        assert answer.status == 200, name


async def test_no_cookie_and_no_cors(hub_server: HouseUnderTest) -> None:
    for method, path in (("POST", "/api/guest"), ("GET", "/api/fair"), ("GET", "/")):
        answer = await hub_server.call(method, path)
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


# ---- pages and files -------------------------------------------------------------------------------------------------


EVERYWHERE = [*SHELLS, "/room/S01", "/room/S99", "/nowhere", "/api/setup", "/api/nowhere", "/healthz", "/static/no.js"]


async def test_every_answer_carries_the_security_headers(hub_server: HouseUnderTest) -> None:
    for path in EVERYWHERE:
        headers = (await hub_server.call("GET", path)).headers
        csp = headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp, path
        assert "script-src 'self';" in csp
        assert "unsafe" not in csp
        assert f"connect-src 'self' ws://127.0.0.1:{hub_server.port} " in csp
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert headers["Referrer-Policy"]
        assert "Strict-Transport-Security" not in headers, "only where people come by https"


async def test_a_shared_room_says_what_it_is(hub_server: HouseUnderTest) -> None:
    page = (await hub_server.call("GET", "/room/S01")).body.decode()
    assert "<title>专场 · 直播带岗</title>" in page
    assert page.count('<meta name="description"') == 1
    assert "会场1" in page
    assert f'content="{hub_server.url}/room/S01"' in page


async def test_a_title_cannot_break_out_of_its_page(tmp_path: Path) -> None:
    fair = small_fair()
    evil = msgspec.structs.replace(fair.sessions[0], title='</title><script>alert("x")</script>\\1')
    fair = msgspec.structs.replace(fair, sessions=(evil, *fair.sessions[1:]))
    async with serving(make_config(tmp_path), catalogue=fair) as server:
        page = (await server.call("GET", "/room/S01")).body.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;\\1" in page


async def test_what_is_not_there(hub_server: HouseUnderTest) -> None:
    for path in ("/nowhere", "/room/S99", "/host/x"):
        answer = await hub_server.call("GET", path)
        assert answer.status == 404
        assert answer.headers["Content-Type"].startswith("text/html")
    assert_refused(await hub_server.call("GET", "/api/nowhere"), 404, Code.NOT_FOUND)
    assert_refused(await hub_server.call("POST", "/nowhere"), 404, Code.NOT_FOUND)
    answer = await hub_server.call("DELETE", "/api/guest")
    assert_refused(answer, 405, Code.BAD_MESSAGE)
    assert "POST" in answer.headers["Allow"]


async def test_a_body_that_is_too_large(hub_server: HouseUnderTest) -> None:
    answer = await hub_server.call("POST", "/api/guest", data=b"x" * (16 * 1024 + 1))
    assert_refused(answer, 413, Code.TOO_LARGE)


async def test_files_are_cached_for_ever_below_their_hash(hub_server: HouseUnderTest) -> None:
    page = (await hub_server.call("GET", "/")).body.decode()
    start = page.index("/static/v-")
    hashed = page[start : page.index('"', start)]
    plain = "/static/" + hashed.split("/", 3)[3]
    one, other = await hub_server.call("GET", hashed), await hub_server.call("GET", plain)
    assert one.status == other.status == 200
    assert one.body == other.body
    assert "immutable" in one.headers["Cache-Control"]
    assert other.headers["Cache-Control"] == "no-cache"
    of_another_version = await hub_server.call("GET", "/static/v-000000000000/" + hashed.split("/", 3)[3])
    assert of_another_version.headers["Cache-Control"] == "no-cache"


NOT_FILES = [
    "/static/../../config.yaml",
    "/static/..%2f..%2fconfig.yaml",
    "/static/%2e%2e/%2e%2e/config.yaml",
    "/static/shared/../../../config.yaml",
    "/static//etc/passwd",
    "/static/..\\..\\config.yaml",
    "/static/v-000000000000/../../../config.yaml",
    "/static/shared",
    "/static/shared/",
    "/static/",
    "/static/.gitignore",
    "/static/shared/protocol.js%00",
]


async def test_nothing_but_the_files_is_served(hub_server: HouseUnderTest) -> None:
    assert await asyncio.to_thread(hub_server.request_path, "/static/shared/protocol.js") == 200
    for path in NOT_FILES:
        assert await asyncio.to_thread(hub_server.request_path, path) in (400, 404), path


async def test_metrics_are_named_as_prometheus_asks_and_their_labels_are_bounded(hub_server: HouseUnderTest) -> None:
    wish = {"t": "go_live", "session": "S01", "key": "key-00001"}
    assert (await hub_server.call("POST", "/api/commands", token=hub_server.tokens["guest"], body=wish)).status == 403
    families = list(text_string_to_metric_families((await hub_server.call("GET", "/metrics")).body.decode()))
    known: dict[str, set[str]] = {
        "code": {str(code) for code in Code},
        "kind": set(Kind),
        "state": {*PictureState, *OutletState},
    }
    known |= {"generation": {"0", "1", "2"}, "version": {"0.1.0"}}
    for family in families:
        assert re.fullmatch(r"(daigang|process|python)_[a-z_]+", family.name), family.name
        assert family.documentation, family.name
        for sample in family.samples if family.name != "python_info" else ():
            assert family.type != "counter" or sample.name.endswith(("_total", "_created")), sample.name
            bounded = {name: value for name, value in sample.labels.items() if name in known}
            assert all(value in known[name] for name, value in bounded.items()), sample
            assert not set(sample.labels) - set(known) - {"le"}, sample
    names = {family.name for family in families}
    assert {
        "process_resident_memory_bytes",
        "process_cpu_seconds",
        "daigang_store_commit_seconds",
        "daigang_command_seconds",
        "daigang_bus_round_trip_seconds",
        "daigang_refusals",
        "daigang_rooms",
    } <= names
    assert any(s.labels == {"code": "forbidden"} and s.value == 1.0 for f in families for s in f.samples)


async def test_metrics_for_this_machine_and_for_who_has_the_token(hub_server: HouseUnderTest, tmp_path: Path) -> None:
    here = await hub_server.call("GET", "/metrics")
    assert here.status == 200
    assert b"daigang_connections 0.0" in here.body
    assert b"daigang_loop_lag_seconds_bucket" in here.body
    away = {"X-Forwarded-For": "203.0.113.9"}
    assert (await hub_server.call("GET", "/metrics", headers=away)).status == 401
    wrong = await hub_server.call("GET", "/metrics", headers=away, token="wrong")
    assert_refused(wrong, 403, Code.FORBIDDEN)
    lines = (tmp_path / "secrets.env").read_text().splitlines()
    token = next(line.partition("=")[2] for line in lines if line.startswith("DAIGANG_METRICS_TOKEN="))
    assert (await hub_server.call("GET", "/metrics", headers=away, token=token)).status == 200
