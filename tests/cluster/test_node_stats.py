"""What is remembered of a node's answers: quantiles within a bucket's width, and the old fades."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.cluster.latency import Latencies
from miroir.cluster.node_stats import NodeStats


@given(st.lists(st.floats(1e-4, 100), min_size=1, max_size=200))
def test_a_quantile_is_that_of_the_samples_and_at_most_a_tenth_more(samples: list[float]) -> None:
    latencies = Latencies(5.0, 0.0)
    for sample in samples:
        latencies.add(sample, 0.0)
    told = latencies.quantile(0.95)
    exact = sorted(samples)[-1 - int(len(samples) * 0.05 * 0.999999)]
    assert told is not None
    assert exact * 0.999 <= told <= max(exact, 1e-4) * 1.0906


def test_without_samples_there_is_no_quantile() -> None:
    assert Latencies(5.0, 0.0).quantile(0.95) is None


def test_old_samples_fade() -> None:
    latencies = Latencies(5.0, 0.0)
    for _ in range(1000):
        latencies.add(1.0, 0.0)
    for _ in range(20):
        latencies.add(0.01, 100.0)
    assert latencies.quantile(0.95) == pytest.approx(0.01, rel=0.1)


def test_samples_of_many_hours_are_no_overflow() -> None:
    latencies = Latencies(5.0, 0.0)
    for hour in range(100):
        latencies.add(0.01 if hour % 2 else 0.02, hour * 3600.0)
    assert latencies.quantile(0.95) == pytest.approx(0.01, rel=0.1)


def test_a_failure_weighs_less_with_time_and_with_good_answers() -> None:
    stats = NodeStats(5.0, 0.0)
    stats.failed(0.0)
    first = stats.observed(0.0).errors
    stats.answered(0.01, 0.0)
    second = stats.observed(0.0).errors
    third = stats.observed(50.0).errors
    assert first == 0.5
    assert third < 0.01 < second < first


def test_a_call_given_up_tells_of_slow_ones_only() -> None:
    stats = NodeStats(5.0, 0.0)
    stats.given_up(9.0, 0.0)
    assert stats.p95 is None
    for _ in range(10):
        stats.answered(0.1, 0.0)
    stats.given_up(0.05, 0.0)
    assert stats.samples == 10
    stats.given_up(3.0, 0.0)
    assert stats.p95 == pytest.approx(3.0, rel=0.1)
