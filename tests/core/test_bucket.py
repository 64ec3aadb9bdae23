"""How often somebody may ask."""

import heapq
import random

from hypothesis import given
from hypothesis import strategies as st

from server.core.bucket import Bucket


def test_a_burst_then_the_long_run() -> None:
    bucket = Bucket(5.0, 20, 0.0)
    assert [bucket.take(0.0) for _ in range(20)] == [0.0] * 20
    assert bucket.take(0.0) > 0
    assert bucket.take(10.0) == 0.0


def test_the_wait_it_names_is_enough() -> None:
    bucket = Bucket(2.0, 3, 0.0)
    for _ in range(3):
        bucket.take(0.0)
    wait_s = bucket.take(0.0)
    assert bucket.take(wait_s + 1e-6) == 0.0


@given(st.integers(1, 30), st.floats(0.1, 50), st.integers(1, 60))
def test_who_waits_as_told_is_served_next_however_much_was_asked_before(burst: int, per_s: float, extra: int) -> None:
    bucket, wait_s = Bucket(per_s, burst, 0.0), 0.0
    for _ in range(burst + extra):
        wait_s = bucket.take(0.0)
    assert bucket.take(wait_s * (1 + 1e-9) + 1e-9) == 0.0


def test_a_whole_burst_of_debt_is_overdrawn() -> None:
    bucket = Bucket(1.0, 4, 0.0)
    taken = 0
    while not bucket.overdrawn:
        bucket.take(0.0)
        taken += 1
    assert taken == 8


@given(st.lists(st.floats(0, 3), max_size=200))
def test_never_more_than_burst_plus_rate_is_granted(pauses_s: list[float]) -> None:
    bucket, now_s, granted = Bucket(2.0, 5, 0.0), 0.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        granted += bucket.take(now_s) == 0.0
    assert granted <= 5 + 2.0 * now_s + 1e-6


def test_many_who_share_one_and_wait_as_told_all_get_through() -> None:
    """24 pages of one HR, five commands each, a burst of 20 and 5 a second: 20 s is what the rate allows."""
    bucket, chance = Bucket(5.0, 20, 0.0), random.Random(24)
    due: list[tuple[float, int]] = [(0.0, client) for client in range(24)]
    left, asked, last_s = dict.fromkeys(range(24), 5), 0, 0.0
    while due:
        now_s, client = heapq.heappop(due)
        asked += 1
        wait_s = bucket.take(now_s)
        if wait_s == 0.0:
            left[client] -= 1
            last_s = now_s
        if left[client]:
            heapq.heappush(due, (now_s + wait_s + chance.uniform(0.001, 0.05), client))
        assert now_s < 60.0, f"after a minute {sum(left.values())} of 120 commands still wait"
    assert last_s < 30.0
    assert asked < 120 * 3
