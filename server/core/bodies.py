"""What can stand in a log: the bodies of every kind of channel.

Bodies are encoded once, when they are written, and travel and rest as the same bytes. None holds personal
data.
"""

import msgspec

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    Card,
    Launch,
    MuteLength,
    PersonId,
    Picture,
    PositionId,
    ReportOutcome,
    ReportReason,
    ReportSubject,
    SessionId,
    SessionState,
    TalkRule,
)


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all bodies; `t` tells which."""


class StateChanged(Body, frozen=True, kw_only=True, tag="state_changed"):
    """stage/: the session went live, was interrupted, ended, went on again after an end. `cut_off`: an operator ended
    it."""

    state: SessionState
    cut_off: bool = False


class CardShown(Body, frozen=True, kw_only=True, tag="card_shown"):
    """stage/: the host explains this position now (讲解中). Carries the card as shown."""

    card: Card


class CardHidden(Body, frozen=True, kw_only=True, tag="card_hidden"):
    """stage/: no position is being explained any more."""

    position: PositionId


class CardUndone(Body, frozen=True, kw_only=True, tag="card_undone"):
    """stage/: the last show was a mistake; `card` is what stands again, absent for none."""

    position: PositionId
    card: Card | None = None


class CardUpdated(Body, frozen=True, kw_only=True, tag="card_updated"):
    """stage/: the position being explained was edited, closed or opened again. Carries the card as it is now; another
    position's card stays."""

    card: Card


class ShelfChanged(Body, frozen=True, kw_only=True, tag="shelf_changed"):
    """stage/: the shelf has a new revision, to be fetched at its own address."""

    revision: int


class NoticePinned(Body, frozen=True, kw_only=True, tag="notice_pinned"):
    """stage/: 置顶公告, in the place of one that was pinned before."""

    text: str


class NoticeCleared(Body, frozen=True, kw_only=True, tag="notice_cleared"):
    """stage/: nothing is pinned any more."""


class PictureSet(Body, frozen=True, kw_only=True, tag="picture_set"):
    """stage/: where the picture is from now on."""

    picture: Picture


class TalkRuled(Body, frozen=True, kw_only=True, tag="talk_ruled"):
    """stage/: who may write in the chat from now on, and how often."""

    talk: TalkRule


class Launched(Body, frozen=True, kw_only=True, tag="launched"):
    """stage/ and area/ of the branch: all its halls are opened (开幕)."""

    launch: Launch


class Line(Body, frozen=True, kw_only=True, tag="line"):
    """chat/: one line. `author` is a tag that is the same for one person within one session, `role` is set
    for staff. `caption`: what the host says in this moment, typed by one of them, to be read over the picture."""

    author: str
    name: str
    text: str
    role: str = ""
    caption: bool = False


class LineRemoved(Body, frozen=True, kw_only=True, tag="line_removed"):
    """chat/: the line at that offset is shown no more."""

    line: int


class Answered(Body, frozen=True, kw_only=True, tag="answered"):
    """chat/ and desk/: a question was answered, for all who asked it. `text` is the question where it was a free one;
    an empty `answer` was given aloud. `position` is empty for a question about none, `number` is that on the shelf."""

    topic: str
    position: PositionId
    number: int = 0
    text: str = ""
    answer: str = ""


class LineWaits(Body, frozen=True, kw_only=True, tag="line_waits"):
    """desk/: a line waits for approval."""

    id: str
    line: Line


class LineSettled(Body, frozen=True, kw_only=True, tag="line_settled"):
    """desk/: a waiting line was passed or dropped."""

    id: str
    passed: bool = False


class Muted(Body, frozen=True, kw_only=True, tag="muted"):
    """desk/: the author may not write. `until_ms` is 0 where the end of the session or the fair is meant. Where it was
    done `by_operator`, only an operator lets them write again."""

    author: str
    length: MuteLength
    until_ms: int = 0
    reason: str = ""
    by_operator: bool = False


class Unmuted(Body, frozen=True, kw_only=True, tag="unmuted"):
    """desk/: the author may write again."""

    author: str


class QuestionAsked(Body, frozen=True, kw_only=True, tag="question_asked"):
    """desk/: so many persons ask this now."""

    topic: str
    position: PositionId
    count: int
    text: str = ""


class ApplicationCame(Body, frozen=True, kw_only=True, tag="application_came"):
    """desk/: somebody applied to this position; `total` is the session's applications so far."""

    position: PositionId
    total: int


class CutOffFor(Body, frozen=True, kw_only=True, tag="cut_off_for"):
    """desk/: why an operator ended the session."""

    reason: str


class ApplicationNew(Body, frozen=True, kw_only=True, tag="application_new"):
    """firm/ and me/: an application that was not there before."""

    application: ApplicationId
    position: PositionId
    session: SessionId


class ApplicationMoved(Body, frozen=True, kw_only=True, tag="application_moved"):
    """firm/ and me/: an application took a step. `contact_gone`: the enterprise may see name and number no longer; what
    shows them hides them at once."""

    application: ApplicationId
    position: PositionId
    status: ApplicationStatus
    contact_gone: bool = False


class ApplicationChanged(Body, frozen=True, kw_only=True, tag="application_changed"):
    """firm/: something beside the status is new (who follows it, what the person told): read it again."""

    application: ApplicationId
    position: PositionId


class PhoneConfirmed(Body, frozen=True, kw_only=True, tag="phone_confirmed"):
    """me/: this person has shown by a code that a number is its own, and sees all applications of that number."""


class PositionsChanged(Body, frozen=True, kw_only=True, tag="positions_changed"):
    """firm/: positions of this enterprise were reviewed, edited, closed or opened again; list them anew."""


class Reported(Body, frozen=True, kw_only=True, tag="reported"):
    """watch/: somebody reported a card, the room or a chat line. Who and in which words is read with a scope."""

    report: str
    session: SessionId
    subject: ReportSubject
    reason: ReportReason


class ReportSettled(Body, frozen=True, kw_only=True, tag="report_settled"):
    """watch/: an operator settled a report."""

    report: str
    outcome: ReportOutcome


class RoomChanged(Body, frozen=True, kw_only=True, tag="room_changed"):
    """area/: a session of this branch changed its state."""

    session: SessionId
    state: SessionState


class Revoked(Body, frozen=True, kw_only=True, tag="revoked"):
    """house/: every token of this person issued before `before_ms` is void."""

    person: PersonId
    before_ms: int


AnyBody = (
    StateChanged
    | CardShown
    | CardHidden
    | CardUndone
    | CardUpdated
    | ShelfChanged
    | NoticePinned
    | NoticeCleared
    | PictureSet
    | TalkRuled
    | Launched
    | Line
    | LineRemoved
    | Answered
    | LineWaits
    | LineSettled
    | Muted
    | Unmuted
    | QuestionAsked
    | ApplicationCame
    | CutOffFor
    | ApplicationNew
    | ApplicationMoved
    | PhoneConfirmed
    | PositionsChanged
    | ApplicationChanged
    | Reported
    | ReportSettled
    | RoomChanged
    | Revoked
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyBody] = msgspec.msgpack.Decoder(AnyBody)


def encode_body(body: AnyBody) -> bytes:
    """The bytes of a body, as they are logged and sent."""
    return _encoder.encode(body)


def decode_body(data: bytes) -> AnyBody:
    """The body those bytes hold. Raises one of `UNREADABLE` where there is none: a broken or newer log."""
    return _decoder.decode(data)
