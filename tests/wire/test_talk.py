"""Chat, questions and reports at the doors: each refusal with its own code, and who hears of what."""

import asyncio
from pathlib import Path

import pytest

from server.core.limits import CAPTION_LIMIT
from server.core.model import (
    Grant,
    MuteLength,
    ReportOutcome,
    ReportReason,
    ReportSubject,
    Role,
    TalkMode,
)
from server.core.protocol import (
    AnswerQuestion,
    Answers,
    Ask,
    Asked,
    CutOff,
    DeskIs,
    Done,
    EndSession,
    GoLive,
    Join,
    ListAnswers,
    ListAssistants,
    ListDesk,
    ListReports,
    Mute,
    PassLine,
    Push,
    Refused,
    RemoveLine,
    Report,
    ReportsAre,
    Say,
    SetTalk,
    SettleReport,
    Unmute,
    Waits,
)
from server.core.refusal import Code
from server.store import writes
from tests.wire.houses import make_config, serving
from tests.wire.hubs import HOST, OPERATOR, PROVINCE, Line, Running, go_live, key, running, say, show

CITY = "220100"
ASSISTANT = Grant(role=Role.ASSISTANT, scope="S01")
CITY_OPERATOR = Grant(role=Role.OPERATOR, scope=CITY)
ELSEWHERE = Grant(role=Role.OPERATOR, scope="220200")


def code(reply: object) -> Code | None:
    return reply.code if isinstance(reply, Refused) else None


async def said(line: Line, channel: str) -> str:
    """The next thing on that channel, as text."""
    seen = await line.until(lambda m: isinstance(m, Push) and m.channel == channel)
    assert isinstance(seen[-1], Push)
    return bytes(seen[-1].body).decode("utf-8", "replace")


async def test_free_text_needs_a_phone_and_quick_questions_do_not(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path)) as house:
        host, guest = house.tokens["host"], house.tokens["guest"]

        async def do(token: str, **command: object) -> tuple[int, dict[str, object]]:
            answer = await house.call("POST", "/api/commands", token=token, body={"key": key(), **command})
            return answer.status, answer.json

        assert (await do(host, t="go_live", session="S01"))[0] == 200
        status, refused = await do(guest, t="say", session="S01", text="包住吗")
        assert (status, refused["code"]) == (422, "phone_unconfirmed")
        status, asked = await do(guest, t="ask", session="S01", position="P010", topic="night")
        assert (status, asked["t"], asked["count"]) == (200, "asked", 1)
        assert (await do(host, t="say", session="S01", text="大家好"))[0] == 200


async def test_each_refusal_of_a_line_has_its_own_code(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("g1") as guest, hub.line("host", HOST) as host:
        assert code(await say(guest, "早")) is Code.SESSION_NOT_LIVE
        await go_live(host)
        for text, wanted in (
            ("", Code.TEXT_EMPTY),
            ("\u0335" * 40, Code.TEXT_EMPTY),
            ("工" * 4000, Code.TEXT_TOO_LONG),
            ("加微信日结", Code.CHAT_WORD),
            ("138 0013 8000", Code.CHAT_WORD),
        ):
            assert code(await say(guest, text)) is wanted, text
        word = await say(guest, "想刷单的来")
        assert isinstance(word, Refused)
        assert word.params == {"word": "刷单", "why": "lure"}
        number = await say(guest, "１３８００１３８０００")
        assert isinstance(number, Refused)
        assert number.params == {"word": "", "why": "contact"}, "a number is never repeated"
        assert code(await say(host, "报名电话 0431-88886666")) is None, "staff say what they have to"

        await hub.do(SetTalk(session="S01", mode=TalkMode.CONFIRMED, slow_s=60, key=key()))
        assert code(await say(guest, "包住吗")) is None
        slow = await say(guest, "有班车吗")
        assert isinstance(slow, Refused)
        assert slow.code is Code.CHAT_SLOW
        assert 0 < int(slow.params["retry_ms"]) <= 60_000
        await hub.do(SetTalk(session="S01", mode=TalkMode.OFF, key=key()))
        assert code(await say(guest, "有班车吗")) is Code.CHAT_OFF


async def test_captions_are_typed_by_those_on_duty(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("g1") as guest, hub.line("a1", ASSISTANT) as assistant:
        await hub.do(GoLive(session="S01", key=key()))
        await guest.join("chat/S01")

        async def caption(line: Line, text: str) -> Code | None:
            return code(await line.call(Say(session="S01", text=text, key=key(), caption=True)))

        assert await caption(guest, "三班倒") is Code.FORBIDDEN
        assert await caption(assistant, "工" * (CAPTION_LIMIT + 1)) is Code.TEXT_TOO_LONG
        await hub.do(SetTalk(session="S01", mode=TalkMode.OFF, key=key()))
        assert await caption(assistant, "三班倒，管住宿") is None, "no rule of the chat holds captions back"
        seen = await said(guest, "chat/S01")
        assert "三班倒，管住宿" in seen
        assert "caption" in seen
        await hub.do(EndSession(session="S01", key=key()))
        assert await caption(assistant, "再见") is Code.SESSION_ENDED


async def author_in(hub: Running, watcher: Line) -> str:
    text = await said(watcher, "chat/S01")
    return text.split("author")[1][1:11]


async def test_removed_lines_are_gone_for_all_and_mutes_are_undone(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("g1") as guest, hub.line("host", HOST) as host:
        await go_live(host)
        await guest.join("chat/S01")
        assert code(await say(guest, "难听的话")) is None
        author = await author_in(hub, guest)
        for nobody in ((ELSEWHERE,), (Grant(role=Role.HR, scope="E1"),)):
            for command in (
                RemoveLine(session="S01", offset=1, key=key()),
                Mute(session="S01", author=author, length=MuteLength.FAIR, key=key()),
                ListDesk(session="S01"),
            ):
                assert code(await hub.do(command, "x", *nobody)) is Code.FORBIDDEN
        assert code(await hub.do(RemoveLine(session="S01", offset=1, key=key()), "anna", ASSISTANT)) is None
        assert "line_removed" in await said(guest, "chat/S01")
        async with hub.line("late") as late:
            assert (await late.join("chat/S01")).entries == (), "not even sent"

        mute = Mute(session="S01", author=author, length=MuteLength.TEN_MINUTES, reason="骂人", key=key())
        assert code(await hub.do(mute, "olga", OPERATOR)) is None
        muted = await say(guest, "又来")
        assert isinstance(muted, Refused)
        assert (muted.code, muted.params["length"], muted.params["reason"]) == (
            Code.CHAT_MUTED,
            "ten_minutes",
            "骂人",
        )
        assert int(muted.params["until_ms"]) > 0
        desk = await hub.do(ListDesk(session="S01"))
        assert isinstance(desk, DeskIs)
        assert [one.author for one in desk.mutes] == [author]
        assert code(await hub.do(Unmute(session="S01", author=author, key=key()))) is None
        assert code(await say(guest, "对不起")) is None


async def test_approved_first(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("g1") as guest, hub.line("host", HOST) as host:
        await go_live(host)
        await hub.do(SetTalk(session="S01", mode=TalkMode.APPROVED, key=key()))
        await guest.join("chat/S01")
        await host.join("desk/S01")
        waits = await say(guest, "听得见")
        assert isinstance(waits, Waits)
        assert waits.line in await said(host, "desk/S01")
        assert code(await hub.do(PassLine(session="S01", line=waits.line, key=key()), "anna", ASSISTANT)) is None
        assert "听得见" in await said(guest, "chat/S01")


async def test_a_chat_line_that_asks_is_counted_and_answered_once(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("g1") as one, hub.line("g2") as two, hub.line("host", HOST) as host:
        await go_live(host)
        await show(host, 1)
        await one.join("chat/S01")
        assert isinstance(await say(one, "请问夜班多吗？"), Done)
        assert isinstance(await say(two, "主播，夜班多吗"), Done)
        assert isinstance(await say(two, "谢谢主播"), Done)
        assert isinstance(await two.call(Ask(session="S01", position="P011", topic="bus", key=key())), Asked)
        assert code(await two.call(Ask(session="S01", position="P011", topic="t:x", key=key()))) is Code.NOT_FOUND
        async with asyncio.timeout(5):
            while True:
                desk = await hub.do(ListDesk(session="S01"))
                assert isinstance(desk, DeskIs)
                if [(group.position, group.count) for group in desk.questions] == [("P011", 2), ("P011", 1)]:
                    break
        group = desk.questions[0]
        answer = AnswerQuestion(
            session="S01", position=group.position, topic=group.topic, text="一周一次夜班", key=key()
        )
        assert code(await two.call(answer)) is Code.FORBIDDEN
        assert code(await hub.do(answer, "anna", ASSISTANT)) is None
        while "一周一次夜班" not in await said(one, "chat/S01"):
            pass
        known = await two.call(ListAnswers(position="P011"))
        assert isinstance(known, Answers)
        assert [item.answer for item in known.answers] == ["一周一次夜班"]


async def test_a_line_that_asks_is_seen_before_it_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the count holds up the lines behind it, and loses its own once a room waits no longer."""
    async with running(tmp_path) as hub, hub.line("g1") as one, hub.line("g2") as two, hub.line("host", HOST) as host:
        await go_live(host)
        await two.join("chat/S01")
        write = hub.store.write

        async def slow_to_count(what: writes.Write) -> writes.Committed:
            if isinstance(what, writes.Ask):
                await asyncio.sleep(1.5)  # longer than a room waits for a line
            return await write(what)

        monkeypatch.setattr(hub.store, "write", slow_to_count)
        async with asyncio.timeout(1.0):
            assert isinstance(await say(one, "请问夜班多吗？"), Done)
            assert isinstance(await say(one, "谢谢主播"), Done)
            assert "夜班多吗" in await said(two, "chat/S01")


async def test_a_report_reaches_the_branch_and_nobody_else(tmp_path: Path) -> None:
    async with (
        running(tmp_path) as hub,
        hub.line("g1") as guest,
        hub.line("host", HOST) as host,
        hub.line("olga", CITY_OPERATOR) as city,
        hub.line("pia", OPERATOR) as province,
    ):
        await go_live(host)
        for line in (guest, host):
            await line.join("stage/S01")
            await line.join("chat/S01")
            for region in (CITY, PROVINCE):
                assert code(await line.call(Join(channel=f"watch/{region}"))) is Code.FORBIDDEN
        await host.join("desk/S01")
        await city.join(f"watch/{CITY}")
        await province.join(f"watch/{PROVINCE}")
        assert code(await city.call(Join(channel=f"watch/{PROVINCE}"))) is Code.FORBIDDEN
        filed = await guest.call(
            Report(
                session="S01",
                subject=ReportSubject.CARD,
                reason=ReportReason.FEE,
                position="P010",
                text="要三百押金",
                key=key(),
            )
        )
        assert code(filed) is None
        for operator, region in ((city, CITY), (province, PROVINCE)):
            assert "reported" in await said(operator, f"watch/{region}")
        listed = await city.call(ListReports(region=CITY))
        assert isinstance(listed, ReportsAre)
        assert [(one.text, one.position_title) for one in listed.reports] == [("要三百押金", "焊工0")]
        for nobody in ((HOST,), (ELSEWHERE,), ()):
            assert code(await hub.do(ListReports(region=CITY), "x", *nobody or (ASSISTANT,))) is Code.FORBIDDEN
        settle = SettleReport(report=listed.reports[0].id, outcome=ReportOutcome.ACTED, note="已联系企业", key=key())
        assert code(await hub.do(settle, "x", HOST)) is Code.FORBIDDEN
        assert code(await city.call(settle)) is None
        assert "report_settled" in await said(province, f"watch/{PROVINCE}")
        assert code(await city.call(CutOff(session="S01", reason="收费", key=key()))) is None
        # The first thing public channels hear of all this is the end.
        assert "state_changed" in await said(guest, "stage/S01")
        assert "cut_off_for" in await said(host, "desk/S01")


@pytest.mark.parametrize("grants", [(ASSISTANT,), (OPERATOR,)])
async def test_only_the_host_sees_to_assistants(tmp_path: Path, grants: tuple[Grant, ...]) -> None:
    async with running(tmp_path) as hub:
        assert code(await hub.do(ListAssistants(session="S01"), "x", *grants)) is Code.FORBIDDEN
        assert code(await hub.do(ListAssistants(session="S01"))) is None
        assert isinstance(await hub.do(GoLive(session="S01", key=key())), Done)
        assert isinstance(await hub.do(Say(session="S01", text="大家好", key=key()), "x", *grants), Done)
