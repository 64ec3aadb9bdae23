"""What bytes from the hub say. All viewers of a hall get the same bytes, so bytes are read as messages once and found
again by comparing; what is left per viewer is an offset to check."""

from typing import NamedTuple

import msgspec

from clients.python.frames import BINARY, split
from clients.simulator.ledger import Entry, Ledger
from server.core.bodies import CardHidden, CardShown, CardUndone, CardUpdated, Line, decode_body
from server.core.protocol import Pulse, Push, ServerMessage, decode_server

KNOWN_LIMIT = 4_096
STAGE = "stage/"
CHAT = "chat/"


class Told(NamedTuple):
    """An entry of a stage within a read; `at_us` is when the hub says it was made."""

    channel: str
    epoch: str
    offset: int
    at_us: int


class Reading(NamedTuple):
    """What one read told: entries of a stage and how many other messages."""

    told: tuple[Told, ...]
    others: int


class Readings:
    """Reads, and writes down in the ledger what each stage said, once for all viewers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[bytes, Reading] = {}

    def known(self, data: bytes) -> Reading | None:
        """What these bytes say, if they were seen before."""
        return self._known.get(data)

    def learn(self, data: bytes) -> tuple[list[ServerMessage], list[tuple[int, bytes]], int]:
        """The messages in order, the frames that are no messages, and how many bytes were whole frames. Raises
        `WireError` or `Refusal`."""
        frames, used = split(data)
        messages: list[ServerMessage] = []
        controls: list[tuple[int, bytes]] = []
        for opcode, payload in frames:
            if opcode == BINARY:
                messages.extend(decode_server(payload))
            else:
                controls.append((opcode, payload))
        told: list[Told] = []
        for message in messages:
            if isinstance(message, Push):
                if message.channel.startswith(STAGE):
                    told.append(Told(message.channel, message.epoch, message.offset, message.at_ms * 1000))
                    self._saw(message)
                elif message.channel.startswith(CHAT):
                    self._heard(message)
        if used == len(data) and not controls and all(isinstance(message, Push | Pulse) for message in messages):
            if len(self._known) >= KNOWN_LIMIT:
                self._known.clear()
            self._known[data] = Reading(tuple(told), len(messages) - len(told))
        return messages, controls, used

    def _saw(self, push: Push) -> None:
        session, entry = push.channel[len(STAGE) :], entry_of(push.offset, bytes(push.body))
        self._ledger.saw(session, entry)
        if (
            entry.kind == "state_changed"
        ):  # the first is that it goes on air; it stays open to applications after its end
            self._ledger.on_air.add(session)

    def _heard(self, push: Push) -> None:
        """A chat line must come as it may be shown."""
        body = decode_body(bytes(push.body))
        if isinstance(body, Line) and _marked(body.text):
            self._ledger.problem(f"{push.channel} {push.offset}: a line came with heaps of marks")


def entry_of(offset: int, body: bytes) -> Entry:
    """An entry of a stage by its kind and the position it is about."""
    try:
        what = decode_body(body)
    except msgspec.DecodeError:
        return Entry(offset, "unknown")
    kind = str(what.__struct_config__.tag)
    match what:
        case CardShown(card=card) | CardUpdated(card=card):
            return Entry(offset, kind, card.position.id)
        case CardHidden(position=position) | CardUndone(position=position):
            return Entry(offset, kind, position)
        case _:
            return Entry(offset, kind)


def _marked(text: str) -> bool:
    """More than three combining marks one after another."""
    row = 0
    for char in text:
        row = row + 1 if "̀" <= char <= "ͯ" else 0
        if row > 3:
            return True
    return False
