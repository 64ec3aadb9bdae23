"""What everybody did and saw while a fair went wrong, and whether it may have been so (promises 1, 3, 5, 14, 18, 25).

Events are noted as they happen, by one monotonic clock. The checkers are pure: events and what the store holds at the
end in, complaints out. They search nothing, they only compare sets and sequences. `test_history.py` holds them to
finding what they are for.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from server.core.bodies import AnyBody, ApplicationCame, ApplicationNew, CardShown, decode_body, encode_body
from server.core.protocol import MeSnapshot, StageSnapshot
from server.core.stage_fold import StageState, fold_stage


class What(StrEnum):
    """Kinds of events."""

    INVOKE = "invoke"  # a command is about to be sent, with this key
    OK = "ok"  # its answer: `text` names the application or the position, `offset` its place in the channel
    REFUSED = "refused"  # `text` is the code
    FRESH = "fresh"  # a reader begins at `offset` of `epoch`; `data` is the state, `held` the applications told
    ARRIVED = "arrived"  # the next entry; `data` is its body
    FAULT = "fault"  # `text` says which


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of a history. `data` is a `StageState` as JSON, or a body as it is logged."""

    at_s: float
    who: str
    what: What
    channel: str = ""
    epoch: str = ""
    offset: int = 0
    key: str = ""
    text: str = ""
    data: bytes = b""
    held: tuple[str, ...] = ()


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds in the end. `applications`: id, phone's keyed hash and position of each row. `logs`: bodies
    by offset. `firms`: the enterprise of each position. `shelves`: the positions of each session."""

    applications: tuple[tuple[str, str, str], ...]
    logs: Mapping[str, Mapping[int, bytes]]
    firms: Mapping[str, str] = {}
    shelves: Mapping[str, frozenset[str]] = {}


class History:
    """Notes events. `write` leaves them behind for whoever looks at a failure."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(self, who: str, what: What, **more: object) -> None:
        """It happened now."""
        self.events.append(msgspec.convert({"at_s": time.monotonic(), "who": who, "what": what, **more}, Event))

    def write(self, path: Path) -> None:
        """As JSON lines."""
        path.write_bytes(b"\n".join(map(msgspec.json.encode, self.events)))


def complaints(events: Sequence[Event], stored: Stored) -> list[str]:
    """Everything that may not have been, by all checkers."""
    checkers = (unacknowledged, out_of_order, folded_apart, foreign)
    return [f"{checker.__name__}: {text}" for checker in checkers for text in checker(events, stored)]


# ---- 1: an answer is a row, once -------------------------------------------------------------------------------------


def unacknowledged(events: Sequence[Event], stored: Stored) -> Iterator[str]:
    """Applications that were answered and are not there, or twice, or under two names; and cards that were answered
    and do not stand where the answer says."""
    answers: dict[str, set[str]] = {}
    asked = {event.key for event in events if event.what is What.INVOKE and not event.channel}
    for event in events:
        if event.what is What.OK and not event.channel:
            answers.setdefault(event.key, set()).add(event.text)
        elif event.what is What.OK and event.offset:
            body = stored.logs.get(event.channel, {}).get(event.offset)
            if body is None or not _shows(decode_body(body), event.text):
                yield f"{event.key} was answered as {event.text} at {event.channel} {event.offset}"
    rows = {name for name, _, _ in stored.applications}
    for key, names in answers.items():
        if len(names) > 1:
            yield f"{key} was answered as {sorted(names)}"
        for name in names - rows:
            yield f"{key} was answered as {name}, which is not stored"
    told = Counter(name for names in answers.values() for name in names)
    for name, times in told.items():
        if times > 1:
            yield f"{name} was the answer to {times} keys"
    for (phone, position), times in Counter(row[1:] for row in stored.applications).items():
        if times > 1:
            yield f"phone {phone} and position {position} have {times} rows"
    if len(rows) > len(asked):
        yield f"{len(rows)} applications are stored, {len(asked)} were sent"
    yield from _uncounted(stored)


def _shows(body: AnyBody, position: str) -> bool:
    return not position or (isinstance(body, CardShown) and body.card.position.id == position)


def _uncounted(stored: Stored) -> Iterator[str]:
    """The desk counts 1, 2, 3 …, and each enterprise is told of each of its applications once."""
    for channel, log in stored.logs.items():
        bodies = [decode_body(log[offset]) for offset in sorted(log)]
        if channel.startswith("desk/"):
            totals = [body.total for body in bodies if isinstance(body, ApplicationCame)]
            if totals != list(range(1, len(totals) + 1)):
                yield f"{channel} counted {totals}"
        if channel.startswith("firm/"):
            told = Counter(str(body.application) for body in bodies if isinstance(body, ApplicationNew))
            firm = channel.removeprefix("firm/")
            due = Counter(name for name, _, position in stored.applications if stored.firms.get(position) == firm)
            if told != due:
                yield f"{channel} differs from the rows by {(told - due) + (due - told)}"


# ---- 2: everything, in order, once -----------------------------------------------------------------------------------


def out_of_order(events: Sequence[Event], stored: Stored) -> Iterator[str]:
    """Holes, repeats, inversions, entries that others saw otherwise, and readers who did not reach the top."""
    places: dict[tuple[str, str], tuple[str, int]] = {}
    for event in events:
        reader = (event.who, event.channel)
        epoch, offset = places.get(reader, ("", 0))
        if event.what is What.FRESH:
            if epoch == event.epoch and event.offset < offset:
                yield f"{reader} was at {offset} and starts afresh at {event.offset}"
            places[reader] = (event.epoch, event.offset)
        elif event.what is What.ARRIVED:
            if reader not in places or event.offset != offset + 1:
                yield f"{reader} was at {offset} and saw {event.offset}"
            if stored.logs.get(event.channel, {}).get(event.offset) != event.data:
                yield f"{reader} saw something else at {event.offset} than was stored"
            places[reader] = (epoch, event.offset)
    for reader, (_, offset) in places.items():
        top = max(stored.logs.get(reader[1], {}), default=0)
        if offset != top:
            yield f"{reader} ended at {offset} of {top}"
    for channel, log in stored.logs.items():
        if sorted(log) != list(range(1, len(log) + 1)):
            yield f"the log of {channel} has a hole"
    epochs = {event.epoch for event in events if event.what is What.FRESH}
    if len(epochs) > 1:
        yield f"the store was never restored, and there are {len(epochs)} epochs"


# ---- 3: the whole is the sum of what came ----------------------------------------------------------------------------


def folded_apart(events: Sequence[Event], stored: Stored) -> Iterator[str]:
    """A stage as a newcomer gets it at n, and then the entries up to m, is the stage as a newcomer gets it at m."""
    whole = {channel: _states(log) for channel, log in stored.logs.items() if channel.startswith("stage/")}
    mine: dict[tuple[str, str], StageState] = {}
    for event in events:
        reader = (event.who, event.channel)
        if event.channel not in whole or event.what not in (What.FRESH, What.ARRIVED):
            continue
        if event.what is What.FRESH:
            mine[reader] = msgspec.json.decode(event.data, type=StageState)
        elif reader in mine:
            mine[reader] = fold_stage(mine[reader], decode_body(event.data))
        due = whole[event.channel].get(event.offset)
        if mine.get(reader) != due:
            yield f"{reader} has another stage at {event.offset} ({event.what}) than the log: {mine.get(reader)}, {due}"


def _states(log: Mapping[int, bytes]) -> dict[int, StageState]:
    states = {0: StageState()}
    for offset in sorted(log):
        if offset - 1 in states:
            states[offset] = fold_stage(states[offset - 1], decode_body(log[offset]))
    return states


# ---- 4: nobody else's ------------------------------------------------------------------------------------------------


def foreign(events: Sequence[Event], stored: Stored) -> Iterator[str]:
    """Applications on another's channel, positions of another enterprise or session."""
    owners = {event.text: event.who for event in events if event.what is What.OK and not event.channel}
    for event in events:
        if event.what not in (What.FRESH, What.ARRIVED):
            continue
        kind, _, subject = event.channel.partition("/")
        names, position = _told(event)
        if kind == "me":
            for name in names:
                if owners.get(name, event.who) != event.who:
                    yield f"{event.who} was told of {name}, which {owners[name]} sent"
        elif kind == "firm" and position and stored.firms.get(position) != subject:
            yield f"{event.who} at {event.channel} was told of {position}"
        elif kind in ("stage", "desk") and position and position not in stored.shelves.get(subject, frozenset()):
            yield f"{event.who} at {event.channel} saw {position}"


def _told(event: Event) -> tuple[Sequence[str], str]:
    """Applications and the position an event speaks of."""
    if event.what is What.FRESH:
        if not event.data:
            return event.held, ""
        card = msgspec.json.decode(event.data, type=StageState).card
        return event.held, card.position.id if card else ""
    match decode_body(event.data):
        case ApplicationNew(application=application, position=position):
            return (application,), position
        case ApplicationCame(position=position):
            return (), position
        case CardShown(card=card):
            return (), card.position.id
        case _:
            return (), ""


# ---- what clients are told, as events --------------------------------------------------------------------------------


def state_of(snapshot: StageSnapshot) -> StageState:
    """What a newcomer to a stage is given, as the fold has it."""
    session = snapshot.session
    return StageState(
        state=session.state,
        card=snapshot.card,
        shelf_revision=session.shelf_revision,
        cut_off=session.cut_off,
        notice=snapshot.notice,
        picture=snapshot.picture,
        talk=snapshot.talk,
    )


def held_by(snapshot: object) -> tuple[str, ...]:
    """Applications a snapshot tells of."""
    return tuple(one.id for one in snapshot.applications) if isinstance(snapshot, MeSnapshot) else ()


def body_bytes(body: AnyBody | None) -> bytes:
    """As it is logged."""
    assert body is not None, "a body this client does not know"
    return encode_body(body)
