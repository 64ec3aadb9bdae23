"""A session's life at the doors: who may what, what strangers see, what nobody counts."""

import time
from pathlib import Path

from server.core.channels import Kind
from server.core.model import Grant, PictureKind, Role, SessionId, SessionState, TalkMode, rehearsed
from server.core.protocol import (
    AreaSnapshot,
    ClearNotice,
    CutOff,
    EndSession,
    GoLive,
    HideCard,
    Join,
    PauseSession,
    PinNotice,
    Push,
    Refused,
    RehearsalIs,
    ReopenSession,
    Reply,
    ResumeSession,
    SetPicture,
    SetTalk,
    ShowCard,
    StageSnapshot,
    StartRehearsal,
    UndoCard,
)
from server.core.refusal import Code
from tests.wire.hubs import HOST, OPERATOR, PROVINCE, Running, key, running, say, show

ASSISTANT = Grant(role=Role.ASSISTANT, scope="S01")
ELSEWHERE = Grant(role=Role.OPERATOR, scope="220200")


def code(reply: object) -> Code | None:
    return reply.code if isinstance(reply, Refused) else None


def text_of(message: object) -> bytes:
    assert isinstance(message, Push)
    return bytes(message.body)


async def rehearsing(hub: Running) -> str:
    reply = await hub.do(StartRehearsal(session="S01", key=key()))
    assert isinstance(reply, RehearsalIs)
    return reply.session


async def test_an_assistant_does_what_the_table_says(tmp_path: Path) -> None:
    async with running(tmp_path) as hub:

        async def tries(command) -> Code | None:
            return code(await hub.do(command, "anna", ASSISTANT))

        for of_the_host in (
            GoLive(session="S01", key=key()),
            EndSession(session="S01", key=key()),
            PauseSession(session="S01", key=key()),
            ReopenSession(session="S01", key=key()),
            StartRehearsal(session="S01", key=key()),
            SetPicture(session="S01", kind=PictureKind.NONE, key=key()),
            SetTalk(session="S01", mode=TalkMode.OFF, key=key()),
        ):
            assert await tries(of_the_host) is Code.FORBIDDEN, of_the_host
        await hub.do(GoLive(session="S01", key=key()))
        for hers in (
            ShowCard(session="S01", position="P010", key=key()),
            UndoCard(session="S01", key=key()),
            ShowCard(session="S01", position="P011", key=key()),
            HideCard(session="S01", key=key()),
            PinNotice(session="S01", text="十点抽讲", key=key()),
            ClearNotice(session="S01", key=key()),
        ):
            assert await tries(hers) is None, hers
        assert await tries(ShowCard(session="S02", position="P020", key=key())) is Code.FORBIDDEN


async def test_a_newcomer_sees_all_that_stands_beside_the_cards(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("anna") as early:
        await early.join("stage/S01")
        url = "https://live.douyin.com/1"
        await hub.do(GoLive(session="S01", key=key()))
        await hub.do(PinNotice(session="S01", text=" 十点\n抽讲 ", key=key()))
        await hub.do(SetPicture(session="S01", kind=PictureKind.ELSEWHERE, url=url, key=key()))
        await hub.do(SetTalk(session="S01", mode=TalkMode.OFF, slow_s=30, key=key()))
        await hub.do(PauseSession(session="S01", key=key()))
        assert await early.offsets("stage/S01", 5) == [1, 2, 3, 4, 5]
        async with hub.line("bert") as late:
            now = (await late.join("stage/S01")).snapshot
            assert isinstance(now, StageSnapshot)
            assert now.session.state is SessionState.INTERRUPTED
            assert (now.notice, now.picture.url) == ("十点 抽讲", url)
            assert (now.talk.mode, now.talk.slow_s) == (TalkMode.OFF, 30)
        bad = await hub.do(SetPicture(session="S01", kind=PictureKind.ELSEWHERE, url="https://x.example", key=key()))
        assert code(bad) is Code.PICTURE_ADDRESS
        assert code(await hub.do(ResumeSession(session="S01", key=key()))) is None
        assert code(await hub.do(ResumeSession(session="S01", key=key()))) is Code.ALREADY_LIVE


async def test_a_rehearsal_is_for_those_who_have_its_link(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("friend") as friend, hub.line("stranger") as stranger:
        await stranger.join("stage/S01")
        await stranger.join(f"area/{PROVINCE}")
        there = await rehearsing(hub)
        assert rehearsed(SessionId(there)) == "S01"
        snapshot = (await friend.join(f"stage/{there}")).snapshot
        assert isinstance(snapshot, StageSnapshot)
        assert snapshot.session.state is SessionState.REHEARSAL
        await friend.join(f"chat/{there}")
        assert code(await hub.do(ShowCard(session=there, position="P011", key=key()))) is None
        assert not isinstance(await say(friend, "听得到", there), Refused)
        await friend.until(lambda m: isinstance(m, Push) and m.channel == f"chat/{there}")
        wrong = there[:-1] + ("a" if there[-1] != "a" else "b")
        for name in (f"stage/{wrong}", f"chat/{wrong}", "stage/S01~"):
            assert code(await stranger.call(Join(channel=name))) is Code.NOT_FOUND

        await hub.hub.pulse.beat()
        await hub.hub.pulse.fresh()
        assert hub.hub.pulse.presence.online(SessionId(there)) == 0
        assert set(hub.hub.joining.visits) == {"S01"}
        assert hub.hub.pulse.latest(there) is None
        assert all(line.numbers.cards == 0 for line in hub.hub.pulse.branch(PROVINCE))

        area = (await friend.join(f"area/{PROVINCE}")).snapshot
        assert isinstance(area, AreaSnapshot)
        assert {session.id for session in area.sessions} == {"S01", "S02"}
        assert {session.state for session in area.sessions} == {SessionState.SCHEDULED}

        assert code(await hub.do(EndSession(session=there, key=key()))) is None
        await hub.do(GoLive(session="S01", key=key()))
        seen = await stranger.until(lambda m: isinstance(m, Push) and m.channel == f"area/{PROVINCE}")
        heard = [(m.channel, m.offset) for m in seen if isinstance(m, Push)]
        assert heard == [("stage/S01", 1), (f"area/{PROVINCE}", 1)], "nothing of the rehearsal"


async def test_ended_by_mistake_and_reopened_within_a_quarter_of_an_hour(tmp_path: Path) -> None:
    now = [1_700_000_000_000]
    async with running(tmp_path, clock_ms=lambda: now[0]) as hub:
        await hub.do(GoLive(session="S01", key=key()))
        await hub.do(EndSession(session="S01", key=key()))
        now[0] += 15 * 60 * 1000
        assert code(await hub.do(ReopenSession(session="S01", key=key()))) is None
        await hub.do(EndSession(session="S01", key=key()))
        now[0] += 15 * 60 * 1000 + 1
        late = await hub.do(ReopenSession(session="S01", key=key()))
        assert isinstance(late, Refused)
        assert (late.code, late.params) == (Code.REOPEN_TOO_LATE, {"minutes": 15})


async def test_an_operator_of_the_branch_cuts_off_within_a_second(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("anna") as viewer, hub.line("host", HOST) as host:
        await hub.do(GoLive(session="S01", key=key()))
        await show(host)
        await viewer.join("stage/S01")
        await host.join("desk/S01")
        stop = CutOff(session="S01", reason="岗位收费", key=key())
        for nobody in ((HOST,), (ELSEWHERE,), (Grant(role=Role.HR, scope="E1"),)):
            assert code(await hub.do(stop, "nobody", *nobody)) is Code.FORBIDDEN
        assert code(await hub.do(CutOff(session="S01", reason=" ", key=key()), "olga", OPERATOR)) is Code.TEXT_EMPTY
        begun = time.monotonic()
        assert code(await hub.do(stop, "olga", OPERATOR)) is None
        seen = await viewer.until(lambda m: isinstance(m, Push) and m.channel == "stage/S01")
        assert time.monotonic() - begun < 1.0
        assert b"cut_off" in text_of(seen[-1])
        assert "收费".encode() not in text_of(seen[-1])
        told = await host.until(lambda m: isinstance(m, Push) and m.channel == f"{Kind.DESK.value}/S01")
        assert "收费".encode() in text_of(told[-1])
        reply: Reply = await hub.do(ReopenSession(session="S01", key=key()))
        assert code(reply) is Code.SESSION_CUT_OFF
