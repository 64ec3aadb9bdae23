"""The histogram of the metrics."""

from server.core.histogram import Histogram


def test_buckets_are_cumulated_and_end_with_everything() -> None:
    histogram = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3.0):
        histogram.observe(value)
    assert histogram.cumulated() == [("0.1", 2.0), ("1.0", 3.0), ("+Inf", 4.0)]
    assert histogram.total == 3.65
