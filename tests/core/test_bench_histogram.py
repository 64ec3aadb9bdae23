"""The benchmark's own sums: a figure is only as good as the arithmetic under it."""

import random
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.python.histogram import SUB_BUCKETS, Histogram, bucket_of, top_of

VALUES = st.integers(min_value=0, max_value=10**9)


@given(VALUES)
def test_value_lies_in_its_bucket_and_above_the_one_before(value):
    bucket = bucket_of(value)
    assert value <= top_of(bucket)
    assert bucket == 0 or value > top_of(bucket - 1)


@given(VALUES)
def test_bucket_is_at_most_one_part_in_64_wide(value):
    assert top_of(bucket_of(value)) - value <= value / SUB_BUCKETS


def test_buckets_follow_one_another_without_a_gap():
    edges = [value for shift in range(7, 25) for value in ((1 << shift) - 1, 1 << shift)]
    for below, above in zip(edges[::2], edges[1::2], strict=True):
        assert bucket_of(above) == bucket_of(below) + 1


@given(st.lists(VALUES, min_size=1, max_size=200), st.floats(min_value=0, max_value=1))
def test_quantile_is_never_too_low_and_hardly_too_high(values, share):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact = sorted(values)[max(1, ceil(share * len(values))) - 1]
    found = histogram.quantile_us(share)
    assert found is not None
    assert exact <= found <= exact + exact / SUB_BUCKETS
    assert found <= histogram.max_us == max(values)


@given(st.lists(st.lists(VALUES, max_size=30), max_size=5))
def test_merging_is_the_same_as_counting_together(parts):
    together, merged = Histogram(), Histogram()
    others = []
    for part in parts:
        other = Histogram()
        for value in part:
            other.add(value)
            together.add(value)
        others.append(other)
    merged.merge(others)
    assert merged == together


def test_many_at_once_are_as_good_as_one_by_one():
    one_by_one, at_once = Histogram(), Histogram()
    for _ in range(1_000):
        one_by_one.add(4_711)
    at_once.add(4_711, 1_000)
    assert one_by_one == at_once


def test_p99_of_a_known_mixture():
    histogram = Histogram()
    values = [1_000] * 98 + [50_000, 250_000]
    random.Random(7).shuffle(values)
    for value in values:
        histogram.add(value)
    assert histogram.quantile_us(0.5) == pytest.approx(1_000, rel=1 / SUB_BUCKETS)
    assert histogram.quantile_us(0.99) == pytest.approx(50_000, rel=1 / SUB_BUCKETS)
    assert histogram.quantile_us(1.0) == 250_000


def test_nothing_has_no_quantile_and_a_share_is_a_share():
    assert Histogram().quantile_us(0.5) is None
    with pytest.raises(ValueError, match="share"):
        Histogram().quantile_us(99)


def test_time_before_it_was_asked_counts_as_zero():
    histogram = Histogram()
    histogram.add(-3)
    assert histogram.quantile_us(1.0) == 0
