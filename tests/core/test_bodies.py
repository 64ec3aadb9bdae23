"""Bodies are the same bytes for ever, hold no personal data, and fold into the state of a stage."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core import bodies, report_samples, samples, stage_samples, talk_samples
from server.core.bodies import (
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
    decode_body,
    encode_body,
)
from server.core.model import (
    Applicant,
    Card,
    MyApplication,
    Picture,
    PictureKind,
    Position,
    PositionId,
    SessionState,
    TalkMode,
    TalkRule,
)
from server.core.shapes import shapes
from server.core.stage_fold import StageState, fold_stage

LIVE = SessionState.LIVE
_MORE = stage_samples.BODIES + talk_samples.BODIES + report_samples.BODIES + stage_samples.LATER_BODIES
EVERY = (*samples.BODIES, *(body for _, body in _MORE))
OF_STAGE = (
    StateChanged,
    CardShown,
    CardHidden,
    CardUndone,
    CardUpdated,
    ShelfChanged,
    NoticePinned,
    NoticeCleared,
    PictureSet,
    TalkRuled,
)
OTHER = Card(number=4, position=msgspec.structs.replace(samples.POSITION, id=PositionId("P02"), title="质检员"))
CUT_OFF = StageState(state=SessionState.ENDED, shelf_revision=3, cut_off=True)
SHOWN = StageState(state=LIVE, card=samples.CARD, shelf_revision=3)

positions = st.sampled_from(["P01", "P02", "P03"]).map(PositionId)
cards = st.builds(
    Card,
    number=st.integers(1, 99),
    position=positions.map(lambda id: msgspec.structs.replace(samples.POSITION, id=id)),
)
stage_bodies = (
    st.builds(StateChanged, state=st.sampled_from(SessionState), cut_off=st.booleans())
    | st.builds(NoticePinned, text=st.text(min_size=1, max_size=9))
    | st.just(NoticeCleared())
    | st.builds(PictureSet, picture=st.builds(Picture, kind=st.sampled_from(PictureKind)))
    | st.builds(TalkRuled, talk=st.builds(TalkRule, mode=st.sampled_from(TalkMode), slow_s=st.integers(0, 60)))
    | st.builds(CardShown, card=cards)
    | st.builds(CardHidden, position=positions)
    | st.builds(CardUndone, position=positions, card=st.none() | cards)
    | st.builds(ShelfChanged, revision=st.integers(1, 1000))
)


def fold(log: list[bodies.AnyBody], start: StageState = StageState()) -> StageState:  # noqa: B008 (frozen)
    for body in log:
        start = fold_stage(start, body)
    return start


@pytest.mark.parametrize("body", EVERY, ids=lambda body: type(body).__name__)
def test_every_body_is_itself_again(body):
    assert decode_body(encode_body(body)) == body
    assert encode_body(decode_body(encode_body(body))) == encode_body(body)


def test_examples_hold_every_body():
    assert {type(body).__name__ for body in EVERY} == {shape.name for shape in shapes().bodies}


@pytest.mark.parametrize(
    "data", [b"", b"\xc0", b"\x80", b"\x81\xa1t\xa7unknown", encode_body(CardHidden(position=PositionId("P")))[:-1]]
)
def test_what_is_no_body_is_no_body(data):
    with pytest.raises(msgspec.DecodeError):
        decode_body(data)


def test_fields_of_a_newer_body_are_ignored():
    newer = msgspec.msgpack.encode({"t": "card_hidden", "position": "P01", "because": "mistake"})
    assert decode_body(newer) == CardHidden(position=PositionId("P01"))


@pytest.mark.parametrize(
    ("before", "body", "after"),
    [
        (StageState(), StateChanged(state=LIVE), StageState(state=LIVE)),
        (
            SHOWN,
            StateChanged(state=SessionState.INTERRUPTED),
            StageState(state=SessionState.INTERRUPTED, card=samples.CARD, shelf_revision=3),
        ),
        (SHOWN, StateChanged(state=SessionState.ENDED), StageState(state=SessionState.ENDED, shelf_revision=3)),
        (SHOWN, StateChanged(state=SessionState.ENDED, cut_off=True), CUT_OFF),
        (CUT_OFF, StateChanged(state=LIVE), StageState(state=LIVE, shelf_revision=3)),
        (StageState(), NoticePinned(text="九点开播"), StageState(notice="九点开播")),
        (StageState(notice="九点开播"), NoticeCleared(), StageState()),
        (StageState(), PictureSet(picture=stage_samples.ELSEWHERE), StageState(picture=stage_samples.ELSEWHERE)),
        (StageState(), TalkRuled(talk=stage_samples.SLOW), StageState(talk=stage_samples.SLOW)),
        (SHOWN, CardShown(card=OTHER), StageState(state=LIVE, card=OTHER, shelf_revision=3)),
        (SHOWN, CardHidden(position=PositionId("P01")), StageState(state=LIVE, shelf_revision=3)),
        (SHOWN, CardUndone(position=PositionId("P01")), StageState(state=LIVE, shelf_revision=3)),
        (
            SHOWN,
            CardUndone(position=PositionId("P01"), card=OTHER),
            StageState(state=LIVE, card=OTHER, shelf_revision=3),
        ),
        (SHOWN, ShelfChanged(revision=4), StageState(state=LIVE, card=samples.CARD, shelf_revision=4)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_step_of_the_stage(before, body, after):
    assert fold_stage(before, body) == after


def test_an_edit_changes_the_card_that_stands_and_no_other():
    position = msgspec.structs.replace(samples.POSITION, openings=1, closed=True)
    edited = Card(number=3, position=position)
    assert fold_stage(SHOWN, CardUpdated(card=edited)).card == edited
    assert fold_stage(SHOWN, CardUpdated(card=OTHER)) == SHOWN
    assert fold_stage(StageState(state=LIVE), CardUpdated(card=edited)).card is None


@pytest.mark.parametrize(
    "body", [body for body in EVERY if not isinstance(body, OF_STAGE)], ids=lambda body: type(body).__name__
)
def test_bodies_of_other_channels_change_no_stage(body):
    assert fold_stage(SHOWN, body) is SHOWN


@given(log=st.lists(stage_bodies, max_size=12), cut=st.integers(0, 12))
def test_a_snapshot_and_what_came_after_it_are_the_whole_log(log, cut):
    assert fold(log[cut:], fold(log[:cut])) == fold(log)


@given(log=st.lists(stage_bodies, max_size=12))
def test_the_log_folds_the_same_after_it_was_written_and_read(log):
    assert fold([decode_body(encode_body(body)) for body in log]) == fold(log)


@given(log=st.lists(stage_bodies, max_size=12))
def test_an_ended_stage_shows_no_card_until_one_is_shown(log):
    ended = fold([*log, StateChanged(state=SessionState.ENDED)])
    assert (ended.state, ended.card) == (SessionState.ENDED, None)


def test_no_body_has_room_for_personal_data():
    """Names and phones are fields of commands and of what an applicant or the enterprise reads; a body has none.

    `Line.name` is the name a person chose to chat under."""
    personal = {"phone", "name", "for_whom", "note", "applicant"}
    found = [(shape.name, field.name) for shape in shapes().bodies for field in shape.fields if field.name in personal]
    assert found == [("Line", "name")]
    held = {field.words for shape in shapes().bodies for field in shape.fields}
    assert not held & {Applicant.__name__, MyApplication.__name__}
    assert not {"name", "phone"} & set(Position.__struct_fields__)
