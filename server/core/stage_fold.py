"""A stage as the fold of its log: what a newcomer must know. The pages have the same fold (clients/web/*/stage.js).

tests/web/test_fold.py holds the three together."""

import msgspec

from server.core.bodies import (
    AnyBody,
    CardHidden,
    CardShown,
    CardUndone,
    CardUpdated,
    NoticeCleared,
    NoticePinned,
    PictureSet,
    ShelfChanged,
    StateChanged,
    TalkRuled,
)
from server.core.model import Card, Picture, SessionState, TalkRule


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """What a newcomer must know of a stage: the fold of its log."""

    state: SessionState = SessionState.SCHEDULED
    card: Card | None = None
    shelf_revision: int = 1
    cut_off: bool = False
    notice: str = ""
    picture: Picture = Picture()
    talk: TalkRule = TalkRule()


def fold_stage(stage: StageState, body: AnyBody) -> StageState:
    """The stage after that body. Bodies that are no business of the stage change nothing."""
    replace = msgspec.structs.replace
    match body:
        case StateChanged(state=SessionState.ENDED, cut_off=cut_off):
            return replace(stage, state=SessionState.ENDED, card=None, cut_off=cut_off)
        case StateChanged(state=state):
            return replace(stage, state=state, cut_off=False)
        case CardShown(card=card):
            return replace(stage, card=card)
        case CardHidden():
            return replace(stage, card=None)
        case CardUndone(card=card):
            return replace(stage, card=card)
        case CardUpdated(card=card) if stage.card is not None and stage.card.position.id == card.position.id:
            return replace(stage, card=card)
        case ShelfChanged(revision=revision):
            return replace(stage, shelf_revision=revision)
        case NoticePinned(text=text):
            return replace(stage, notice=text)
        case NoticeCleared():
            return replace(stage, notice="")
        case PictureSet(picture=picture):
            return replace(stage, picture=picture)
        case TalkRuled(talk=talk):
            return replace(stage, talk=talk)
        case _:
            return stage
