"""Worked examples of a session's life and of what stands beside its cards. A body comes with its channel."""

from server.core import bodies, protocol
from server.core.model import Launch, Picture, PictureKind, SessionId, TalkMode, TalkRule
from server.core.protocol import Command, Reply
from server.core.samples import AT_MS, EPOCH, JILIN, KEY, S01, SESSION

ELSEWHERE = Picture(kind=PictureKind.ELSEWHERE, url="https://live.douyin.com/100")
SLOW = TalkRule(mode=TalkMode.APPROVED, slow_s=10)
LAUNCH = Launch(text="全省网络招聘会现在开幕", region=JILIN, show_at_ms=AT_MS + 2_000)

COMMANDS: tuple[tuple[str, Command], ...] = (
    ("start_rehearsal", protocol.StartRehearsal(id=30, session=S01, key=KEY)),
    ("pause_session", protocol.PauseSession(id=31, session=S01, key=KEY)),
    ("resume_session", protocol.ResumeSession(id=32, session=S01, key=KEY)),
    ("reopen_session", protocol.ReopenSession(id=33, session=S01, key=KEY)),
    ("cut_off", protocol.CutOff(id=34, session=S01, reason="岗位收费", key=KEY)),
    ("pin_notice", protocol.PinNotice(id=35, session=S01, text="10 点抽讲 12 号", key=KEY)),
    ("clear_notice", protocol.ClearNotice(id=36, session=S01, key=KEY)),
    ("set_picture", protocol.SetPicture(id=37, session=S01, kind=PictureKind.ELSEWHERE, url=ELSEWHERE.url, key=KEY)),
    ("set_talk", protocol.SetTalk(id=38, session=S01, mode=TalkMode.APPROVED, slow_s=10, key=KEY)),
    ("launch", protocol.LaunchHalls(id=40, region=JILIN, text=LAUNCH.text, key=KEY)),
)

REPLIES: tuple[tuple[str, Reply], ...] = (
    ("rehearsal_is", protocol.RehearsalIs(id=30, session=SessionId("S01~k7m2p9q4rs8t"))),
    (
        "joined, a session of another province",
        protocol.Joined(
            id=39,
            channel="stage/S01@210000",
            epoch=EPOCH,
            offset=41,
            recovered=False,
            snapshot=protocol.StageSnapshot(session=SESSION, home="https://fair.example.cn"),
        ),
    ),
)

BODIES: tuple[tuple[str, bodies.AnyBody], ...] = (
    ("stage/S01", bodies.NoticePinned(text="10 点抽讲 12 号")),
    ("stage/S01", bodies.NoticeCleared()),
    ("stage/S01", bodies.PictureSet(picture=ELSEWHERE)),
    ("stage/S01", bodies.TalkRuled(talk=SLOW)),
    ("desk/S01", bodies.CutOffFor(reason="岗位收费")),
)

LATER_BODIES: tuple[tuple[str, bodies.AnyBody], ...] = (("stage/S01", bodies.Launched(launch=LAUNCH)),)
"""Behind all others, whose offsets are in golden vectors."""
