"""Clocks that do not go alike: an encoder that runs for hours, and what its frames are dated."""

import random

import pytest

from server.core.model import SessionId
from server.media.boxes import VIDEO_SCALE
from server.media.drift import Drift
from server.media.feed import Feed, Moves, Opens
from server.media.pipe import HeaderIs, PartIs
from tests.media.recordings import need_av

HOUR_MS = 3_600_000
BEGAN_MS = 1_700_000_000_000
PART = 30_000
FAST = 50e-6
"""Quartz as it is sold: 0.18 s an hour."""


def followed(rate: float, delays: "list[tuple[float, float]]", until_ms: float = HOUR_MS) -> list[float]:
    """How far the dates are from the truth, part by part. `delays`: from that moment on the network takes so long."""
    drift = Drift()
    chance = random.Random(4)
    wrong = []
    at = now_ms = 0.0
    while now_ms < until_ms:
        now_ms += 334
        at += 334 * (1 + rate)
        delay = [ms for since, ms in delays if since <= now_ms][-1]
        drift.see(at, now_ms + delay + chance.expovariate(1 / 30))
        wrong.append(at + drift.ms - now_ms)
    return wrong


@pytest.mark.parametrize("rate", [FAST, -FAST])
def test_a_clock_that_goes_wrong_for_an_hour_is_followed(rate: float) -> None:
    assert max(abs(one) for one in followed(rate, [(0, 80)])) < 25


def test_a_network_that_fills_up_is_not_taken_for_a_clock() -> None:
    wrong = followed(0.0, [(0, 80), (10 * 60_000, 1_500), (15 * 60_000, 80)])
    assert max(abs(one) for one in wrong) < 40
    assert abs(wrong[-1]) < 10


def test_dates_of_a_picture_stay_true_and_watchers_are_told() -> None:
    """What the child says for two hours, at a clock that is fast by 50 in a million."""
    need_av()
    from server.media.broadcast import Broadcast

    now_s = 0.0
    feeds: set[Feed] = set()
    broadcast = Broadcast(SessionId("S01"), BEGAN_MS, lambda: now_s, feeds)
    broadcast._base_ms = BEGAN_MS
    broadcast._told(HeaderIs(data=b"head"), 0)
    feed = Feed()
    feeds.add(feed)
    broadcast.show(feed)
    told: list[object] = []
    for number in range(2 * 3 * 3600):
        now_s = (number + 1) / 3
        at = round(number * PART * (1 + FAST))
        key = number % 6 == 0
        broadcast._told(PartIs(at=at, duration=PART, independent=key, opens=key, data=b"part"), 0)
        told += [item for item in feed._waiting if isinstance(item, Opens | Moves)]
        feed._waiting.clear()
        feed._parts = feed._bytes = 0
        newest = broadcast.window.segments[-1]
        if key:
            assert newest.at_ms == pytest.approx(BEGAN_MS + number * 1000 / 3, abs=15)
    assert at * 1000 / VIDEO_SCALE - number * 1000 / 3 > 350, "unmended it would be off by so much"
    assert isinstance(told[0], Opens)
    assert len(told) > 100
    moved = told[-1]
    assert isinstance(moved, Moves)
    assert moved.generation.base_ms == pytest.approx(BEGAN_MS - 360, abs=15)
    late = Feed()
    broadcast.show(late)
    assert any(isinstance(item, Opens) for item in late._waiting), "who comes now needs no new segment"
