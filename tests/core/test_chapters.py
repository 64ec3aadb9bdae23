"""Chapters of a replay, from the log of the stage."""

import msgspec

from server.core.bodies import AnyBody, CardHidden, CardShown, CardUndone, StateChanged
from server.core.chapters import chapters
from server.core.model import Card, PositionId, SessionState
from server.core.samples import CARD

OTHER = Card(number=4, position=msgspec.structs.replace(CARD.position, id=PositionId("P02"), title="质检员"))
FIRST, SECOND = CardShown(card=CARD), CardShown(card=OTHER)
ENDED = StateChanged(state=SessionState.ENDED)


def told(*entries: tuple[int, AnyBody], now_s: int | None = 1_000) -> list[tuple[int, int, int]]:
    """Number, from and to in seconds."""
    found = chapters(((at_s * 1000, body) for at_s, body in entries), None if now_s is None else now_s * 1000)
    return [(one.number, one.from_ms // 1000, one.to_ms // 1000) for one in found]


def test_one_card_after_another_until_the_end():
    assert told((10, FIRST), (70, SECOND), (200, ENDED)) == [(CARD.number, 10, 70), (4, 70, 200)]


def test_a_hidden_card_ends_its_chapter():
    hidden = CardHidden(position=CARD.position.id)
    assert told((10, FIRST), (40, hidden), (90, FIRST), (120, ENDED)) == [(CARD.number, 10, 40), (CARD.number, 90, 120)]


def test_a_mistake_is_no_chapter():
    undone = CardUndone(position=OTHER.position.id, card=CARD)
    assert told((10, FIRST), (70, SECOND), (75, undone), (200, ENDED)) == [
        (CARD.number, 10, 70),
        (CARD.number, 75, 200),
    ]
    assert told((10, FIRST), (11, SECOND), (60, ENDED)) == [(4, 11, 60)]


def test_the_same_card_again_goes_on():
    assert told((10, FIRST), (30, FIRST), now_s=60) == [(CARD.number, 10, 60)]


def test_one_that_still_goes_on_is_left_out_when_asked():
    assert told((10, FIRST), (70, SECOND), now_s=None) == [(CARD.number, 10, 70)]
