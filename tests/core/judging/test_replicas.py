"""Scores of replicas: an error counts as a full timeout, and who is far worse than the others is left out."""

from __future__ import annotations

from miroir.config.models import ReplicaSelectionConfig
from miroir.core.judging.replicas import Observed, outliers, score

WEIGHTS = ReplicaSelectionConfig()


def test_a_node_that_only_fails_is_worse_than_any_that_answers_in_time() -> None:
    failing = score(Observed(1.0, 0, 1.0), WEIGHTS, 5000)
    assert failing == 5001
    assert failing > score(Observed(4999.0, 0, 0.0), WEIGHTS, 5000)


def test_each_weight_weighs_its_own_part() -> None:
    weights = ReplicaSelectionConfig(latency_weight=2, inflight_weight=3, error_weight=5)
    assert score(Observed(10.0, 4, 0.5), weights, 1000) == 20 + 12 + 250


def test_outliers_are_so_many_times_worse_than_the_median() -> None:
    scores = {"a": 10.0, "b": 12.0, "c": 61.0, "d": 59.0}
    assert outliers(scores, scores, 5.0) == {"c"}
    assert outliers(scores, {"c"}, 5.0) == frozenset()
    assert outliers({}, {"a"}, 5.0) == frozenset()
    assert outliers(dict.fromkeys("abc", 0.0), "abc", 5.0) == frozenset()
