"""Limits that count per pod are split over its workers."""

from __future__ import annotations

import pytest

from miroir.config.models import Config
from miroir.edge.nodes.pool import limits_of
from miroir.edge.workers import share_of, worker_count


@pytest.mark.parametrize(("workers", "total", "share"), [(1, 500, 500), (4, 500, 125), (3, 500, 166), (8, 5, 1)])
def test_a_worker_gets_its_part_and_never_nothing(workers: int, total: int, share: int) -> None:
    server = Config.model_validate({"server": {"workers": workers}}).server
    assert share_of(total, server) == share


def test_no_number_means_one_per_core() -> None:
    assert worker_count(Config().server) >= 1


def test_the_pool_of_a_worker_is_its_part_of_the_pods() -> None:
    limits = limits_of(Config.model_validate({"server": {"workers": 4}}))
    assert (limits.max_total, limits.max_idle, limits.idle_timeout) == (32, 8, 60.0)
