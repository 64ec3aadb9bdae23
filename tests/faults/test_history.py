"""The checkers of `history.py` find what they are for: a whole history has no complaint, and each damage has one, by
the checker that must see it."""

from collections.abc import Callable

import msgspec
import pytest

from server.core.bodies import (
    AnyBody,
    ApplicationCame,
    ApplicationNew,
    CardHidden,
    CardShown,
    StateChanged,
    encode_body,
)
from server.core.model import (
    ApplicationId,
    Card,
    EnterpriseId,
    Position,
    PositionId,
    RegionCode,
    SessionId,
    SessionState,
)
from server.core.stage_fold import StageState, fold_stage
from tests.faults.history import Event, Stored, What, complaints

STAGE, DESK = "stage/S01", "desk/S01"
E1 = EnterpriseId("E1")
S01 = SessionId("S01")


def card(position: str) -> Card:
    one = Position(
        id=PositionId(position),
        enterprise=E1,
        enterprise_name="甲公司",
        title="焊工",
        region=RegionCode("220100"),
        openings=1,
        synthetic=True,
    )
    return Card(number=1, position=one)


def new(application: str, position: str) -> bytes:
    body = ApplicationNew(application=ApplicationId(application), position=PositionId(position), session=S01)
    return encode_body(body)


STAGE_BODIES: tuple[AnyBody, ...] = (
    StateChanged(state=SessionState.LIVE),
    CardShown(card=card("P1")),
    CardShown(card=card("P2")),
    CardHidden(position=PositionId("P2")),
    CardShown(card=card("P1")),
)
LOGS = {
    STAGE: {n: encode_body(body) for n, body in enumerate(STAGE_BODIES, 1)},
    DESK: {n: encode_body(ApplicationCame(position=PositionId("P1"), total=n)) for n in (1, 2)},
    "firm/E1": {1: new("A1", "P1"), 2: new("A2", "P2")},
    "me/ann": {1: new("A1", "P1")},
    "me/bob": {1: new("A2", "P2")},
}
STORED = Stored(
    applications=(("A1", "f1", "P1"), ("A2", "f2", "P2")),
    logs=LOGS,
    firms={"P1": "E1", "P2": "E1", "P9": "E9"},
    shelves={"S01": frozenset({"P1", "P2"})},
)


def stage_at(top: int) -> bytes:
    state = StageState()
    for body in STAGE_BODIES[:top]:
        state = fold_stage(state, body)
    return msgspec.json.encode(state)


def event(who: str, what: What, channel: str, offset: int, data: bytes = b"", text: str = "") -> Event:
    return Event(at_s=0.0, who=who, what=what, channel=channel, epoch="e", offset=offset, data=data, text=text)


def reads(who: str, channel: str, start: int = 0) -> list[Event]:
    """Somebody who came at `start` and saw everything after it."""
    data = stage_at(start) if channel == STAGE else b""
    log = LOGS[channel]
    arrived = [event(who, What.ARRIVED, channel, n, log[n]) for n in sorted(log) if n > start]
    return [event(who, What.FRESH, channel, start, data), *arrived]


def sends(who: str, key: str, application: str) -> list[Event]:
    asked = Event(at_s=0.0, who=who, what=What.INVOKE, key=key)
    return [asked, Event(at_s=0.0, who=who, what=What.OK, key=key, text=application)]


def whole() -> list[Event]:
    shown = event("host", What.OK, STAGE, 2, text="P1")
    people = [*sends("ann", "k1", "A1"), *sends("bob", "k2", "A2"), shown]
    stage = [*reads("v1", STAGE), *reads("v2", STAGE, 3), *reads("v3", STAGE, 5)]
    return [
        *people,
        *stage,
        *reads("host", DESK),
        *reads("hr", "firm/E1"),
        *reads("ann", "me/ann"),
        *reads("bob", "me/bob"),
    ]


def test_a_whole_history_has_no_complaint() -> None:
    assert complaints(whole(), STORED) == []


def place(who: str, channel: str, offset: int, what: What = What.ARRIVED) -> int:
    """Where in the whole history that event is."""
    at = [
        n
        for n, one in enumerate(whole())
        if (one.who, one.channel, one.offset, one.what) == (who, channel, offset, what)
    ]
    return at[0]


def without(who: str, channel: str, offset: int) -> list[Event]:
    events = whole()
    del events[place(who, channel, offset)]
    return events


def changed(who: str, channel: str, offset: int, what: What = What.ARRIVED, **to: object) -> list[Event]:
    events = whole()
    at = place(who, channel, offset, what)
    events[at] = msgspec.structs.replace(events[at], **to)
    return events


def repeated() -> list[Event]:
    events, at = whole(), place("v1", STAGE, 3)
    return [*events[: at + 1], events[at], *events[at + 1 :]]


def swapped() -> list[Event]:
    events, at = whole(), place("v1", STAGE, 3)
    events[at], events[at + 1] = events[at + 1], events[at]
    return events


def back_again() -> list[Event]:
    return [*whole(), *reads("v1", STAGE, 3)]


DAMAGED: dict[str, tuple[str, Callable[[], list[Event]]]] = {
    "a hole": ("out_of_order", lambda: without("v1", STAGE, 3)),
    "the last one is missing": ("out_of_order", lambda: without("v2", STAGE, 5)),
    "a repeat": ("out_of_order", repeated),
    "an inversion": ("out_of_order", swapped),
    "back to an earlier place": ("out_of_order", back_again),
    "another body than the others saw": ("out_of_order", lambda: changed("v1", STAGE, 3, data=LOGS[STAGE][2])),
    "an epoch out of nowhere": ("out_of_order", lambda: changed("v3", STAGE, 5, What.FRESH, epoch="f")),
    "a hole on a channel that is no stage": ("out_of_order", lambda: without("hr", "firm/E1", 1)),
    "a stage that is not the sum": ("folded_apart", lambda: changed("v2", STAGE, 3, What.FRESH, data=stage_at(2))),
    "a stage of before": ("folded_apart", lambda: changed("v3", STAGE, 5, What.FRESH, data=stage_at(4))),
    "an answer without a row": ("unacknowledged", lambda: [*whole(), *sends("ann", "k3", "A3")]),
    "two answers to one key": ("unacknowledged", lambda: [*whole(), *sends("ann", "k1", "A2")]),
    "one answer to two keys": ("unacknowledged", lambda: [*whole(), *sends("ann", "k3", "A1")]),
    "a card where it was not": (
        "unacknowledged",
        lambda: [*whole(), event("host", What.OK, STAGE, 3, text="P1")],
    ),
    "more rows than were sent": (
        "unacknowledged",
        lambda: [one for one in whole() if one.key != "k2"],
    ),
    "another's application, told": ("foreign", lambda: [*whole(), *_misled("ann", What.ARRIVED)]),
    "another's application, in the snapshot": ("foreign", lambda: [*whole(), *_misled("ann", What.FRESH)]),
    "a position of another enterprise": ("foreign", lambda: changed("hr", "firm/E1", 1, data=new("A1", "P9"))),
    "a card of another session": (
        "foreign",
        lambda: changed("v1", STAGE, 3, data=encode_body(CardShown(card=card("P9")))),
    ),
}


def _misled(who: str, what: What) -> list[Event]:
    if what is What.FRESH:
        return [Event(at_s=0.0, who=who, what=what, channel=f"me/{who}", epoch="e", offset=1, held=("A2",))]
    return [event(who, what, f"me/{who}", 2, new("A2", "P2"))]


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_history_is_found_by_the_checker_for_it(name: str) -> None:
    checker, damage = DAMAGED[name]
    found = complaints(damage(), STORED)
    assert [text for text in found if text.startswith(f"{checker}: ")], found


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a row twice", {"applications": (*STORED.applications, ("A3", "f1", "P1"))}),
        ("a row lost", {"applications": STORED.applications[:1]}),
        ("the desk counted one twice", {"logs": {**LOGS, DESK: {1: LOGS[DESK][1], 2: LOGS[DESK][1]}}}),
        ("the enterprise was not told", {"logs": {**LOGS, "firm/E1": {1: LOGS["firm/E1"][1]}}}),
        ("the enterprise was told twice", {"logs": {**LOGS, "firm/E1": {**LOGS["firm/E1"], 3: new("A2", "P2")}}}),
        ("a hole in the log", {"logs": {**LOGS, STAGE: {n: body for n, body in LOGS[STAGE].items() if n != 3}}}),
    ],
)
def test_a_damaged_store_is_found(name: str, stored: dict[str, object]) -> None:
    assert complaints(whole(), msgspec.structs.replace(STORED, **stored)), name
