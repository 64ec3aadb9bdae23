"""What can stand in a log: the bodies of every kind of channel, and the fold that makes them state.

Bodies are encoded once, when they are written, and travel and rest as the same bytes. None holds personal
data.
"""

import msgspec

from server.core.model import (
    ApplicationId,
    ApplicationStatus,
    Card,
    PersonId,
    PositionId,
    SessionId,
    SessionState,
)


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all bodies; `t` tells which."""


class StateChanged(Body, frozen=True, kw_only=True, tag="state_changed"):
    """stage/: the session went live, was interrupted, ended."""

    state: SessionState


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


class ShelfChanged(Body, frozen=True, kw_only=True, tag="shelf_changed"):
    """stage/: the shelf has a new revision, to be fetched at its own address."""

    revision: int


class Line(Body, frozen=True, kw_only=True, tag="line"):
    """chat/: one line. `author` is a tag that is the same for one person within one session, `role` is set
    for staff."""

    author: str
    name: str
    text: str
    role: str = ""


class ApplicationCame(Body, frozen=True, kw_only=True, tag="application_came"):
    """desk/: somebody applied to this position; `total` is the session's applications so far."""

    position: PositionId
    total: int


class ApplicationNew(Body, frozen=True, kw_only=True, tag="application_new"):
    """firm/ and me/: an application that was not there before."""

    application: ApplicationId
    position: PositionId
    session: SessionId


class ApplicationMoved(Body, frozen=True, kw_only=True, tag="application_moved"):
    """firm/ and me/: an application took a step."""

    application: ApplicationId
    position: PositionId
    status: ApplicationStatus


class PhoneConfirmed(Body, frozen=True, kw_only=True, tag="phone_confirmed"):
    """me/: this person has shown by a code that a number is its own, and sees all applications of that number."""


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
    | ShelfChanged
    | Line
    | ApplicationCame
    | ApplicationNew
    | ApplicationMoved
    | PhoneConfirmed
    | RoomChanged
    | Revoked
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyBody] = msgspec.msgpack.Decoder(AnyBody)


def encode_body(body: AnyBody) -> bytes:
    """The bytes of a body, as they are logged and sent."""
    return _encoder.encode(body)


def decode_body(data: bytes) -> AnyBody:
    """The body those bytes hold. Raises `msgspec.DecodeError` where there is none: a broken or newer log."""
    return _decoder.decode(data)


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """What a newcomer must know of a stage: the fold of its log."""

    state: SessionState = SessionState.SCHEDULED
    card: Card | None = None
    shelf_revision: int = 1


def fold_stage(stage: StageState, body: AnyBody) -> StageState:
    """The stage after that body. Bodies that are no business of the stage change nothing."""
    replace = msgspec.structs.replace
    match body:
        case StateChanged(state=SessionState.ENDED):
            return replace(stage, state=SessionState.ENDED, card=None)
        case StateChanged(state=state):
            return replace(stage, state=state)
        case CardShown(card=card):
            return replace(stage, card=card)
        case CardHidden():
            return replace(stage, card=None)
        case CardUndone(card=card):
            return replace(stage, card=card)
        case ShelfChanged(revision=revision):
            return replace(stage, shelf_revision=revision)
        case _:
            return stage
