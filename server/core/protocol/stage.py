"""What a host does with the stage, and an operator when a session must not go on."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import LAUNCH_IN_LEAST_MS, LAUNCH_IN_MOST_MS, SLOW_MAX_S
from server.core.model import Assistant, PictureKind, SessionId, TalkMode
from server.core.protocol.message import CommandBase, Key, ReplyBase, ShortId, Text


class GoLive(CommandBase, frozen=True, kw_only=True, tag="go_live"):
    """开播. Replied by `done`."""

    session: ShortId
    key: Key


class EndSession(CommandBase, frozen=True, kw_only=True, tag="end_session"):
    """下播. Replied by `done`."""

    session: ShortId
    key: Key


class ShowCard(CommandBase, frozen=True, kw_only=True, tag="show_card"):
    """讲解: every viewer sees this position's card. Replied by `done`."""

    session: ShortId
    position: ShortId
    key: Key


class UndoCard(CommandBase, frozen=True, kw_only=True, tag="undo_card"):
    """Take the last show back. Replied by `done`."""

    session: ShortId
    key: Key


class HideCard(CommandBase, frozen=True, kw_only=True, tag="hide_card"):
    """No card any more. Replied by `done`."""

    session: ShortId
    key: Key


class StartRehearsal(CommandBase, frozen=True, kw_only=True, tag="start_rehearsal"):
    """排练, under an id of its own that only the link tells; ended by `end_session`. One that is open is given again.
    Replied by `rehearsal_is`."""

    session: ShortId
    key: Key


class RehearsalIs(ReplyBase, frozen=True, kw_only=True, tag="rehearsal_is"):
    """The open rehearsal, a session like any other to who knows its id. Its page is `/room/SESSION`."""

    session: SessionId


class PauseSession(CommandBase, frozen=True, kw_only=True, tag="pause_session"):
    """画面中断: the session is `interrupted`; cards, chat and applying go on. Replied by `done`."""

    session: ShortId
    key: Key


class ResumeSession(CommandBase, frozen=True, kw_only=True, tag="resume_session"):
    """On with an interrupted session. Replied by `done`."""

    session: ShortId
    key: Key


class ReopenSession(CommandBase, frozen=True, kw_only=True, tag="reopen_session"):
    """Ended by mistake: live again, within REOPEN_WITHIN_S of the end. Replied by `done`."""

    session: ShortId
    key: Key


class CutOff(CommandBase, frozen=True, kw_only=True, tag="cut_off"):
    """An operator of the branch ends a session that must not go on. The reason goes to its desk and to the audit log,
    viewers learn only that it was cut off. Replied by `done`."""

    session: ShortId
    reason: Text
    key: Key


class LaunchHalls(CommandBase, frozen=True, kw_only=True, tag="launch"):
    """开幕: an operator opens all halls of the branch in one moment, `in_ms` from now. Replied by `done`."""

    region: ShortId
    text: Text
    key: Key
    in_ms: Annotated[int, Meta(ge=LAUNCH_IN_LEAST_MS, le=LAUNCH_IN_MOST_MS)] = 2_000


class PinNotice(CommandBase, frozen=True, kw_only=True, tag="pin_notice"):
    """置顶公告. Replied by `done`."""

    session: ShortId
    text: Text
    key: Key


class ClearNotice(CommandBase, frozen=True, kw_only=True, tag="clear_notice"):
    """Nothing pinned any more. Replied by `done`."""

    session: ShortId
    key: Key


class SetPicture(CommandBase, frozen=True, kw_only=True, tag="set_picture"):
    """Where the picture is. `url` belongs to `elsewhere` and to it alone. Replied by `done`."""

    session: ShortId
    kind: PictureKind
    key: Key
    url: Annotated[str, Meta(max_length=500)] = ""


class SetTalk(CommandBase, frozen=True, kw_only=True, tag="set_talk"):
    """Who may write in the chat, and how often. Replied by `done`."""

    session: ShortId
    mode: TalkMode
    key: Key
    slow_s: Annotated[int, Meta(ge=0, le=SLOW_MAX_S)] = 0


class ListAssistants(CommandBase, frozen=True, kw_only=True, tag="list_assistants"):
    """场控 of a session. Replied by `assistants_are`."""

    session: ShortId


class AssistantsAre(ReplyBase, frozen=True, kw_only=True, tag="assistants_are"):
    """Those who assist in the session."""

    assistants: tuple[Assistant, ...] = ()


class DismissAssistant(CommandBase, frozen=True, kw_only=True, tag="dismiss_assistant"):
    """Take the duty from an assistant, at once and on every device. Replied by `done`."""

    session: ShortId
    person: ShortId
    key: Key
