"""How busy somebody has been."""

import pytest

from server.core.load import Load


def test_a_second_ago_counts_half() -> None:
    load = Load(1_000, 0.0)
    load.add(300, 0.4)
    assert load.share(0.5) == 0.0
    load.add(200, 1.0)
    assert load.share(1.0) == pytest.approx(0.25)
    load.add(500, 2.0)
    assert load.share(2.9) == pytest.approx(0.375)


def test_a_flood_of_long_ago_counts_no_more_though_nobody_did_anything_since() -> None:
    load = Load(1_000, 0.0)
    load.add(5_000, 1.0)
    assert load.share(1.0) == pytest.approx(2.5)
    assert load.share(11.0) < 0.01


def test_a_steady_pace_shows_as_it_is() -> None:
    load = Load(1_000, 0.0)
    for tenth in range(1, 151):
        load.add(25, tenth / 10)
    assert load.share(15.05) == pytest.approx(0.25, abs=0.001)


def test_who_answers_to_the_share_comes_to_rest() -> None:
    """5,000 viewers, ticks of 100 to 500 ms by the share of 45,000 sends a second: it settles at 267 ms a tick."""
    load, now_s, ticks_s = Load(45_000, 0.0), 0.0, []
    while now_s < 20.0:
        ticks_s.append((100 + 400 * min(1.0, load.share(now_s))) / 1000)
        now_s += ticks_s[-1]
        load.add(5_000, now_s)
    assert max(ticks_s) < 0.4
    assert ticks_s[-8:] == pytest.approx([0.267] * 8, abs=0.02)
