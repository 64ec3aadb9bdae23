"""What a handler of writes is given and what it gives back.

A handler takes the writes of its subject in order of arrival, reads what they need set-based, decides one after another
in memory, writes set-based, and says for each write what came of it. Offsets, keys and counters are the batch's work.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from server.core.bodies import AnyBody
from server.core.model import Channel, RegionCode
from server.core.protocol import Reply
from server.core.refusal import Refusal
from server.store.keyring import Keyring


class Context(msgspec.Struct, frozen=True):
    """What is the same for every batch of a store. `random_bytes` gives ids and receipts their chance."""

    keyring: Keyring
    province: RegionCode
    random_bytes: Callable[[int], bytes]


class Count(msgspec.Struct, frozen=True):
    """A change of one counter row."""

    scope: str
    name: str
    change: int


class Effect(msgspec.Struct, kw_only=True):
    """What one accepted write does to logs and counters. With `offset_in`, the reply is `Done` with the offset of its
    body in that channel."""

    reply: Reply
    bodies: list[tuple[Channel, AnyBody]] = []
    counts: list[Count] = []
    offset_in: Channel | None = None


Outcome = Effect | Refusal
W = TypeVar("W")


def decide_each(writes: Iterable[W], decide: Callable[[W], Effect]) -> list[Outcome]:
    """What comes of each write, in order: one that is refused does not spoil those after it."""
    outcomes: list[Outcome] = []
    for write in writes:
        try:
            outcomes.append(decide(write))
        except Refusal as refusal:
            outcomes.append(refusal)
    return outcomes


class NeedsLock(Exception):
    """A handler would publish on channels whose heads this transaction does not hold: it starts anew with them."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        super().__init__()
        self.channels = frozenset(channels)
