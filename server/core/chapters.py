"""Chapters of a replay: when which position was explained, from the log of the stage. Pure."""

from collections.abc import Iterable

import msgspec

from server.core.bodies import AnyBody, CardHidden, CardShown, CardUndone, StateChanged
from server.core.model import PositionId, SessionState

SHORTEST_MS = 3_000
"""A card that stood for less was a mistake."""


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """One explanation of a position."""

    position: PositionId
    number: int
    title: str
    from_ms: int
    to_ms: int


def chapters(entries: Iterable[tuple[int, AnyBody]], until_ms: int | None) -> tuple[Chapter, ...]:
    """The explanations in order; one that was undone never was. `entries` are moments and bodies of a stage.
    `until_ms` ends the last one; None leaves out one that still goes on."""
    found: list[Chapter] = []
    opened: tuple[int, CardShown] | None = None

    def close(at_ms: int) -> None:
        nonlocal opened
        if opened is not None and at_ms - opened[0] >= SHORTEST_MS:
            card = opened[1].card
            found.append(
                Chapter(
                    position=card.position.id,
                    number=card.number,
                    title=card.position.title,
                    from_ms=opened[0],
                    to_ms=at_ms,
                )
            )
        opened = None

    for at_ms, body in entries:
        match body:
            case CardShown():
                if opened is not None and opened[1].card.position.id == body.card.position.id:
                    continue
                close(at_ms)
                opened = (at_ms, body)
            case CardUndone():
                opened = None if body.card is None else (at_ms, CardShown(card=body.card))
            case CardHidden():
                close(at_ms)
            case StateChanged() if body.state is SessionState.ENDED:
                close(at_ms)
            case _:
                pass
    if until_ms is not None:
        close(until_ms)
    return tuple(found)
