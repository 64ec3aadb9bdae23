"""Alarms about a picture, from looks; pure."""

import pytest

from server.media.looks import Alarm, Looks, heard_look, told_look
from server.media.pipe import LookIs

GOOD = {"mean": 110.0, "bright": 220.0, "change": 30.0, "loud_db": -25.0}


def after(*looks: dict[str, float | None]) -> list[str]:
    seen = Looks()
    for n, look in enumerate(looks):
        seen.add(LookIs(still=b"jpeg", **{**GOOD, **look}), 5_000 * n)  # type: ignore[arg-type]
    return [f"{alarm.what} {alarm.since_ms}" for alarm in seen.alarms()]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mean": 17.0, "bright": 20.0, "change": 0.0}, ["black 0"]),
        ({"change": 1.0}, ["frozen 0"]),
        ({"loud_db": -70.0}, ["silent 0"]),
        ({"loud_db": None}, ["silent 0"]),
        ({"change": 0.0, "loud_db": -99.0}, ["frozen 0", "silent 0"]),
    ],
)
def test_what_lasts_is_an_alarm(wrong: dict[str, float | None], told: list[str]):
    assert after(wrong, wrong) == [], "a moment is none"
    assert after(wrong, wrong, wrong) == told
    assert after(wrong, wrong, {}, wrong) == [], "it was good in between"
    assert after(wrong, wrong, wrong, {}) == []


@pytest.mark.parametrize(
    "look",
    [
        {"mean": 26.0, "bright": 235.0, "change": 40.0},  # white words on black
        {"mean": 45.0, "bright": 70.0, "change": 9.0},  # a dark hall
        {"change": 5.0},  # somebody who sits and listens
        {"loud_db": -48.0},  # an empty room
    ],
)
def test_what_is_no_fault(look: dict[str, float | None]):
    assert after(*[look] * 9) == []


def test_the_first_look_of_a_generation_has_nothing_to_compare():
    frozen: dict[str, float | None] = {"change": 0.0}
    assert after({"change": None}, frozen, frozen) == []
    assert after({"change": None}, frozen, frozen, frozen) == ["frozen 5000"]


def test_a_still_that_could_not_be_made_leaves_the_one_before():
    seen = Looks()
    seen.add(LookIs(still=b"one", **GOOD), 0)
    seen.add(LookIs(still=b"", **GOOD), 5_000)
    assert (seen.number, seen.still) == (1, b"one")


def test_hubs_tell_each_other():
    alarms = (Alarm(what="black", since_ms=12), Alarm(what="silent", since_ms=0))
    assert heard_look(told_look(7, alarms)) == (7, alarms)
    assert heard_look("") == (0, ())
    assert heard_look("x black:y :") == (0, ())
