"""When a viewer is skipped and when it has to leave."""

from hypothesis import given
from hypothesis import strategies as st

from server.core.outbox import Outbox, Verdict

LIMIT = 1000
PATIENCE = 10.0


def verdict(outbox: Outbox, urgent: bool, waiting: int, now_s: float) -> Verdict:
    return outbox.verdict(urgent, waiting, now_s, LIMIT, PATIENCE)


def test_nothing_waiting_sends_both_lanes() -> None:
    outbox = Outbox()
    assert verdict(outbox, True, 0, 0.0) is Verdict.SEND
    assert verdict(outbox, False, 0, 0.0) is Verdict.SEND


def test_the_batched_lane_is_dropped_first() -> None:
    outbox = Outbox()
    assert verdict(outbox, False, 1, 0.0) is Verdict.SKIP
    assert verdict(outbox, True, 1, 0.0) is Verdict.SEND


def test_too_many_bytes_and_the_viewer_leaves() -> None:
    assert verdict(Outbox(), True, LIMIT, 0.0) is Verdict.SEND
    assert verdict(Outbox(), True, LIMIT + 1, 0.0) is Verdict.LEAVE


def test_bytes_that_wait_too_long_and_the_viewer_leaves() -> None:
    outbox = Outbox()
    assert verdict(outbox, True, 5, 100.0) is Verdict.SEND
    assert verdict(outbox, True, 5, 100.0 + PATIENCE - 0.1) is Verdict.SEND
    assert verdict(outbox, True, 5, 100.0 + PATIENCE) is Verdict.LEAVE


def test_running_empty_once_begins_the_patience_anew() -> None:
    outbox = Outbox()
    verdict(outbox, True, 5, 0.0)
    assert verdict(outbox, True, 0, 9.0) is Verdict.SEND
    assert verdict(outbox, True, 5, 18.0) is Verdict.SEND
    assert verdict(outbox, True, 5, 28.0) is Verdict.LEAVE


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 2 * LIMIT), st.booleans()), max_size=50))
def test_who_stays_is_always_within_both_bounds(steps: list[tuple[float, int, bool]]) -> None:
    outbox, now_s, since_s = Outbox(), 0.0, None
    for pause_s, waiting, urgent in steps:
        now_s += pause_s
        since_s = None if waiting == 0 else now_s if since_s is None else since_s
        told = verdict(outbox, urgent, waiting, now_s)
        must_leave = waiting > LIMIT or (since_s is not None and now_s - since_s >= PATIENCE)
        assert (told is Verdict.LEAVE) == must_leave
        if not must_leave:
            assert (told is Verdict.SKIP) == (not urgent and waiting > 0)
