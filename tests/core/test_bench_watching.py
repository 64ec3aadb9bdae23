"""What the benchmark makes of its looks at a hub: who waited how long, and how late the loop was."""

import math
import socket
import sys

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from bench.figures import Round, rows
from bench.sockets import Queues, held_bytes, question
from bench.watching import Sample, Told, lag_at_most_s, let_go, of_hub, stays, told
from clients.python.histogram import Histogram as Latencies


def look(at_s: float, queues: dict[int, int], left_slow: int = 0, rss_bytes: int = 0) -> Sample:
    return Sample(at_s=at_s, rss_bytes=rss_bytes, queues=queues, told=Told(left_slow=left_slow, lag={}))


def test_bytes_wait_from_the_last_growth_until_the_kernel_forgets_the_connection():
    samples = [
        look(0.0, {1: 0, 2: 0, 3: 10}),
        look(1.0, {1: 50, 2: 40, 3: 0}),
        look(2.0, {1: 80, 2: 90, 3: 5}),
        look(3.0, {1: 80, 2: 95, 3: 0}),
        look(12.0, {2: 95, 3: 0}),
        look(14.0, {3: 0}),
    ]
    found = [(stay.waiting_s, stay.gone_s) for stay in stays(samples)]
    assert found == [(0.0, None), (2.0, 12.0), (3.0, 14.0)]


def test_let_go_by_the_kernel_and_by_the_counter():
    samples = [
        look(1.0, {1: 50, 2: 40}),
        look(2.0, {1: 50, 2: 90}),
        look(11.0, {2: 90}, left_slow=1),
        look(13.0, {}, left_slow=2),
    ]
    assert let_go(samples) == {
        "let_go": 2,
        "left_slow": 2,
        "let_go_s": 11.0,
        "let_go_longest_s": 11.0,
        "left_slow_longest_s": 11.0,
    }


def test_nobody_let_go_has_no_times():
    assert let_go([look(0.0, {1: 5}), look(9.0, {1: 9})]) == {"let_go": 0, "left_slow": 0}


def test_lag_is_bounded_by_the_bucket_of_the_latest_not_of_those_before():
    before = Told(left_slow=0, lag={0.01: 10, 0.1: 11, math.inf: 12})
    assert lag_at_most_s(before, Told(left_slow=0, lag={0.01: 14, 0.1: 16, math.inf: 17})) == 0.1
    assert lag_at_most_s(before, Told(left_slow=0, lag={0.01: 10, 0.1: 11, math.inf: 13})) == math.inf
    assert lag_at_most_s(before, before) is None


def test_metrics_are_read_as_they_are_written():
    registry = CollectorRegistry()
    Counter("daigang_left_slow", "x", registry=registry).inc(3)
    lag = Histogram("daigang_loop_lag_seconds", "x", buckets=(0.01, 0.1), registry=registry)
    for value in (0.001, 0.05, 7.0):
        lag.observe(value)
    found = told(generate_latest(registry).decode())
    assert found == Told(left_slow=3, lag={0.01: 1, 0.1: 2, math.inf: 3})
    with pytest.raises(KeyError):
        told("")


def test_memory_before_most_and_after():
    figures = of_hub([look(0.0, {}, rss_bytes=10_000_000), look(1.0, {}, rss_bytes=14_000_000), look(2.0, {}, 0, 11)])
    assert figures == {"rss_before_mb": 10.0, "rss_grown_mb": 4.0, "rss_after_mb": 11e-6}


@pytest.mark.skipif(sys.platform != "linux", reason="sock_diag is Linux's")
def test_kernel_says_what_is_held_and_nothing_of_who_is_gone():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as peer:
            queues = Queues("127.0.0.1", port, frozenset({peer.getsockname()[1]}))
            served, _ = listening.accept()
            served.setblocking(False)
            written = 0
            try:
                while True:
                    written += served.send(bytes(65_536))
            except BlockingIOError:
                pass
            (held,) = queues.look().values()
            assert 0 < held <= written
            served.close()
            assert queues.look() == {}


def test_answer_that_is_no_established_connection():
    assert held_bytes(b"") is None
    assert held_bytes(question(("127.0.0.1", 1), ("127.0.0.1", 2))) is None


def test_ratios_are_taken_round_by_round_against_the_shape_that_is_named():
    def one(shape: str, latency_us: int, against: str = "") -> Round:
        latency = Latencies()
        latency.add(latency_us, 100)
        return Round(
            shape=shape,
            server="daigang",
            viewers=9,
            sent=1,
            deliveries=9,
            frames=9,
            wall_s=1.0,
            cpu_s=0.1,
            load_cpu_s=0.1,
            latency=latency,
            beside={"asleep": 4.0},
            against=against,
        )

    rounds = [one("without", 100), one("with", 120, "without"), one("with", 90, "without"), one("without", 60)]
    without, company = rows(rounds, [])
    assert "p99_ratio" not in without.figures
    assert (company.figures["p99_ratio"].low, company.figures["p99_ratio"].high) == pytest.approx((1.2, 1.5))
    assert company.figures["asleep"].median == 4.0
    assert "p99_ratio" not in rows(rounds[:3], [])[1].figures
