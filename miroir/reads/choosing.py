"""Which replicas a read asks, with what this peer knows at the moment. The choice itself is `core`'s."""

from __future__ import annotations

import random
from collections.abc import Callable, Set

import trio

from miroir.cluster.health import Health
from miroir.cluster.node_stats import FleetStats
from miroir.config.models import ReplicaSelectionConfig, ScatterConfig
from miroir.core.judging.replicas import outliers, score
from miroir.core.planning.covering import Covering, Preference, best_cover, cover
from miroir.core.planning.leg import Leg, Shards
from miroir.core.topology import Topology


class Chooser:
    """Chooses covering sets. `chance` gives numbers from 0 to 1; `stats` is what the choice rests on."""

    def __init__(
        self,
        topology: Topology,
        health: Health,
        scatter: ScatterConfig,
        selection: ReplicaSelectionConfig,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._topology = topology
        self._health = health
        self._scatter = scatter
        self._selection = selection
        self._chance = chance
        self._copies = max(1, topology.copies)
        self._adaptive = selection.enabled and selection.strategy == "adaptive" and self._copies > 1
        self._random = selection.enabled and selection.strategy == "random"
        self._turn = -1
        self.stats = FleetStats(selection.ewma_half_life_ms / 1000)
        self.explorations = 0

    def __repr__(self) -> str:
        return f"<Chooser turn={self._turn} explorations={self.explorations} {self.stats}>"

    def first(self, leg: Leg) -> Covering:
        """Who is to be asked for what."""
        preference = self._preference() if self._adaptive and not self._explores() else self._anybody()
        return best_cover(
            leg.shard_map,
            self._topology,
            preference,
            self._rotation(),
            shards=leg.shards,
            cross_group=self._scatter.cross_group_fallback,
        )

    def instead(
        self, leg: Leg, covering: Covering, shards: Shards, tried: Set[str], *, cross_group: bool | None = None
    ) -> Covering:
        """Who else is to be asked for these shards of a covering set."""
        return cover(
            leg.shard_map,
            self._topology,
            self._preference() if self._adaptive else self._anybody(),
            covering.rotation,
            shards=shards,
            tried=tried,
            cross_group=self._scatter.cross_group_fallback if cross_group is None else cross_group,
        )

    @property
    def group_reason(self) -> str:
        """By what a group is chosen, for people."""
        if self._topology.replica_groups <= 1:
            return "It is the only group."
        if self._adaptive:
            return "Of the groups that can answer, its slowest node has the best score; equal ones take turns."
        return "It was drawn." if self._random else "The groups take turns."

    def scores(self) -> dict[str, float]:
        """Every node's score now; the lowest is the best."""
        seen = self.stats.observed(self._topology.by_id, trio.current_time())
        timeout = self._scatter.node_timeout_ms
        return {node: score(observed, self._selection, timeout) for node, observed in seen.items()}

    def _anybody(self) -> Preference:
        return Preference(self._health.living)

    def _preference(self) -> Preference:
        scores, living = self.scores(), self._health.living
        return Preference(living, scores, outliers(scores, living, self._selection.exclude_factor))

    def _explores(self) -> bool:
        """Whether this read looks at replicas that it would not choose: those that were bad may be well again."""
        if self._chance() >= self._selection.exploration_epsilon:
            return False
        self.explorations += 1
        return True

    def _rotation(self) -> int:
        if self._random:
            return int(self._chance() * self._copies) % self._copies
        self._turn = (self._turn + 1) % self._copies
        return self._turn
