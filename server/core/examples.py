"""One worked example of every message, shown in `docs/protocol.md` and kept for ever as golden vectors."""

from typing import NamedTuple

import msgspec

from server.core import (
    bodies,
    examples_applying,
    examples_catalogue,
    examples_people,
    protocol,
    report_samples,
    stage_samples,
    talk_samples,
)
from server.core.model import ApplicationStatus, Grant, Numbers, PersonId, RegionNumbers, Role, Since
from server.core.refusal import Code
from server.core.samples import (
    A01,
    AT_MS,
    BODIES,
    CARD,
    CHANGCHUN,
    E01,
    EPOCH,
    JILIN,
    KEY,
    MASKED,
    MINE,
    NUMBERS,
    P01,
    S01,
    SESSION,
)


class Example(NamedTuple):
    """A message with a name that is unique among the examples."""

    name: str
    message: protocol.Command | protocol.ServerMessage


COMMANDS: tuple[Example, ...] = (
    Example("hello", protocol.Hello(id=1, version=1, token="TOKEN")),
    Example("renew", protocol.Renew(id=2, token="TOKEN2")),
    Example("pong", protocol.Pong()),
    Example("join, fresh", protocol.Join(id=3, channel="stage/S01")),
    Example("join, again", protocol.Join(id=4, channel="stage/S01", since=Since(epoch=EPOCH, offset=41))),
    Example("leave", protocol.Leave(id=5, channel="chat/S01")),
    Example(
        "catch_up",
        protocol.CatchUp(
            id=6,
            wants=(
                protocol.Want(channel="stage/S01", since=Since(epoch=EPOCH, offset=41)),
                protocol.Want(channel="chat/S01"),
            ),
        ),
    ),
    Example("go_live", protocol.GoLive(id=7, session=S01, key=KEY)),
    Example("end_session", protocol.EndSession(id=8, session=S01, key=KEY)),
    Example("show_card", protocol.ShowCard(id=9, session=S01, position=P01, key=KEY)),
    Example("undo_card", protocol.UndoCard(id=10, session=S01, key=KEY)),
    Example("hide_card", protocol.HideCard(id=11, session=S01, key=KEY)),
    Example("say", protocol.Say(id=12, session=S01, text="包吃住吗?", key=KEY)),
    Example(
        "apply",
        protocol.Apply(
            id=13,
            session=S01,
            position=P01,
            name="求职者",
            phone="13800138000",
            consent="2026-11",
            age_confirmed=True,
            key=KEY,
            for_whom="家人",
        ),
    ),
    Example(
        "apply, led here by a poster",
        protocol.Apply(
            id=13,
            session=S01,
            position=P01,
            name="求职者",
            phone="13800138000",
            consent="2026-11",
            age_confirmed=True,
            key=KEY,
            source="poster-S01",
        ),
    ),
    Example("withdraw", protocol.Withdraw(id=14, application=A01, key=KEY)),
    Example("my_applications", protocol.MyApplications(id=15)),
    Example("list_applications", protocol.ListApplications(id=16, enterprise=E01, before="A99", limit=20)),
    Example("open_application", protocol.OpenApplication(id=17, application=A01, key=KEY)),
    Example(
        "answer_application",
        protocol.AnswerApplication(
            id=18, application=A01, status=ApplicationStatus.INTERVIEW, key=KEY, note="周一九点到厂面试"
        ),
    ),
    Example("overview", protocol.Overview(id=19, region=JILIN)),
    Example("ask_code", protocol.AskCode(id=23, phone="13800138000", key=KEY)),
    Example("saw", protocol.Saw(id=25, applications=(protocol.Seen(application=A01, steps=2),))),
    Example("confirm_code", protocol.ConfirmCode(id=24, phone="13800138000", code="204816", key=KEY)),
    *(Example(*one) for one in stage_samples.COMMANDS + talk_samples.COMMANDS + report_samples.COMMANDS),
    *(Example(name, command) for name, command in examples_catalogue.COMMANDS),
    *(Example(name, message) for name, message in examples_applying.COMMANDS),
    *(Example(name, command) for name, command in examples_people.COMMANDS),
)


def _raw(body: bodies.AnyBody) -> msgspec.Raw:
    return msgspec.Raw(bodies.encode_body(body))


def _push(channel: str, offset: int, body: bodies.AnyBody) -> protocol.Push:
    return protocol.Push(channel=channel, epoch=EPOCH, offset=offset, at_ms=AT_MS, body=_raw(body))


_FRESH = protocol.Joined(
    id=3,
    channel="stage/S01",
    epoch=EPOCH,
    offset=41,
    recovered=False,
    snapshot=protocol.StageSnapshot(session=SESSION, card=CARD),
)
_AGAIN = protocol.Joined(
    id=4,
    channel="stage/S01",
    epoch=EPOCH,
    offset=43,
    recovered=True,
    entries=(
        protocol.LogEntry(offset=42, at_ms=AT_MS, body=_raw(BODIES[2])),
        protocol.LogEntry(offset=43, at_ms=AT_MS + 5, body=_raw(BODIES[1])),
    ),
)
_FORBIDDEN = protocol.Refused(code=Code.FORBIDDEN, params={"needs": "host"})

REPLIES: tuple[Example, ...] = (
    Example(
        "welcome",
        protocol.Welcome(
            id=1,
            person=PersonId("H01"),
            name="主播",
            grants=(Grant(role=Role.HOST, scope=S01),),
            until_ms=AT_MS + 43_200_000,
            now_ms=AT_MS,
            consent="2026-11",
            version=1,
        ),
    ),
    Example("done", protocol.Done(id=9, offset=42)),
    Example("done, no offset", protocol.Done(id=5)),
    Example("joined, fresh", _FRESH),
    Example("joined, recovered", _AGAIN),
    Example(
        "joined, me",
        protocol.Joined(
            id=20,
            channel="me/U01",
            epoch=EPOCH,
            offset=2,
            recovered=False,
            snapshot=protocol.MeSnapshot(applications=(MINE,)),
        ),
    ),
    Example(
        "joined, area",
        protocol.Joined(
            id=21,
            channel="area/220000",
            epoch=EPOCH,
            offset=0,
            recovered=False,
            snapshot=protocol.AreaSnapshot(sessions=(SESSION,)),
        ),
    ),
    Example(
        "joined, chat",
        protocol.Joined(
            id=22,
            channel="chat/S01",
            epoch=EPOCH,
            offset=9,
            recovered=False,
            entries=(protocol.LogEntry(offset=9, at_ms=AT_MS, body=_raw(BODIES[5])),),
        ),
    ),
    Example("caught_up", protocol.CaughtUp(id=6, channels=(_AGAIN, _FORBIDDEN))),
    Example(
        "receipt",
        protocol.Receipt(
            id=13,
            application=A01,
            receipt="R-7K2M9",
            status=ApplicationStatus.APPLIED,
            applied_at_ms=AT_MS,
            already=True,
        ),
    ),
    Example("my_applications_are", protocol.MyApplicationsAre(id=15, applications=(MINE,))),
    Example(
        "applications_are",
        protocol.ApplicationsAre(id=16, applications=(MASKED,), next="A01", waiting=1),
    ),
    Example(
        "opened",
        protocol.Opened(
            id=17,
            application=msgspec.structs.replace(
                MASKED,
                name="求职者",
                phone="13800138000",
                revealed=True,
                status=ApplicationStatus.VIEWED,
                for_whom="家人",
            ),
        ),
    ),
    Example(
        "overview_is",
        protocol.OverviewIs(
            id=19,
            at_ms=AT_MS,
            regions=(
                RegionNumbers(region=JILIN, numbers=NUMBERS),
                RegionNumbers(region=CHANGCHUN, numbers=Numbers()),
            ),
        ),
    ),
    Example("code_sent", protocol.CodeSent(id=23, valid_ms=300_000, again_after_ms=60_000)),
    Example("code_sent, aloud", protocol.CodeSent(id=23, valid_ms=300_000, again_after_ms=60_000, aloud=True)),
    Example("code_sent, shown", protocol.CodeSent(id=23, valid_ms=300_000, again_after_ms=60_000, code="204816")),
    *(Example(name, reply) for name, reply in examples_catalogue.REPLIES),
    *(Example(name, reply) for name, reply in examples_people.REPLIES),
    Example(
        "refused",
        protocol.Refused(id=9, code=Code.NOT_ON_SHELF, params={"position": "P01"}),
    ),
    Example(
        "refused, temporary",
        protocol.Refused(id=13, code=Code.UNAVAILABLE, temporary=True, params={"what": "store"}),
    ),
    *(Example(name, message) for name, message in examples_applying.REPLIES),
    *(Example(*one) for one in stage_samples.REPLIES + talk_samples.REPLIES + report_samples.REPLIES),
)

_CHANNEL_OF = {
    bodies.Line: "chat/S01",
    bodies.ApplicationCame: "desk/S01",
    bodies.ApplicationNew: "firm/E01",
    bodies.ApplicationMoved: "me/U01",
    bodies.PhoneConfirmed: "me/U01",
    bodies.PositionsChanged: "firm/E01",
    bodies.ApplicationChanged: "firm/E01",
    bodies.RoomChanged: "area/220000",
    bodies.Revoked: "house/220000",
}

PUSHES: tuple[Example, ...] = (
    *(
        Example(
            f"push, {body.__struct_config__.tag}",
            _push(_CHANNEL_OF.get(type(body), "stage/S01"), 42 + place, body),
        )
        for place, body in enumerate(BODIES)
    ),
    Example(
        "pulse, session",
        protocol.Pulse(channel="pulse/S01", at_ms=AT_MS, body=protocol.SessionPulse(numbers=NUMBERS, visits=1200)),
    ),
    Example(
        "pulse, region",
        protocol.Pulse(
            channel="pulse/220000",
            at_ms=AT_MS,
            body=protocol.RegionPulse(regions=(RegionNumbers(region=CHANGCHUN, numbers=NUMBERS),)),
        ),
    ),
    Example("ping", protocol.Ping(at_ms=AT_MS, tops={"stage/S01": 42, "me/U01": 2})),
    Example("ping, after a pong", protocol.Ping(at_ms=AT_MS, tops={"stage/S01": 42}, pong_at_ms=AT_MS - 24_960)),
    Example("restart", protocol.Restart(channel="stage/S01")),
    *(
        Example(f"push, {body.__struct_config__.tag}", _push(where, 142 + place, body))
        for place, (where, body) in enumerate(
            stage_samples.BODIES + talk_samples.BODIES + report_samples.BODIES + stage_samples.LATER_BODIES
        )
    ),
    Example("push, caption", _push("chat/S01", 240, talk_samples.CAPTION)),
)

SERVER: tuple[Example, ...] = REPLIES + PUSHES
