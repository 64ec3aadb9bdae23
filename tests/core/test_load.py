"""How busy somebody has been."""

import pytest

from server.core.load import Load


def test_the_share_is_of_the_last_whole_second() -> None:
    load = Load(1_000, 0.0)
    load.add(300, 0.4)
    assert load.share(0.5) == 0.0
    load.add(200, 1.0)
    assert load.share(1.0) == pytest.approx(0.5)
    assert load.share(1.9) == pytest.approx(0.5)


def test_a_flood_of_long_ago_counts_no_more_though_nobody_did_anything_since() -> None:
    load = Load(1_000, 0.0)
    load.add(5_000, 1.0)
    assert load.share(1.0) == pytest.approx(5.0)
    assert load.share(11.0) == 0.0


def test_a_steady_pace_shows_as_it_is() -> None:
    load = Load(1_000, 0.0)
    for tenth in range(1, 51):
        load.add(25, tenth / 10)
    assert load.share(5.05) == pytest.approx(0.25)
