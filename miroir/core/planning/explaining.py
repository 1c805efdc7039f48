"""A plan as JSON, for people: who is asked for what, and why. Pure; it reads the values that the executor uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.planning.covering import Covering
from miroir.core.planning.hybrid import HybridPlan
from miroir.core.planning.leg import Leg
from miroir.core.planning.search import SearchPlan
from miroir.core.topology import Topology
from miroir.core.wire.reserved import is_reserved

Plan = SearchPlan | HybridPlan


@dataclass(frozen=True, slots=True)
class Prospects:
    """What is expected of the nodes that are chosen, in milliseconds; None where too little is known.

    `hedge_after_ms`: when the first of them is late, or None if nothing is hedged. `scores`: by which replicas are
    chosen.
    """

    p95_ms: Mapping[str, float | None]
    hedge_after_ms: float | None
    scores: Mapping[str, float]
    group_reason: str
    shares: bool


def legs_of(plan: Plan) -> dict[str, Leg]:
    """The questions of a plan by their names, in the order in which they may be asked.

    A vector that is not known before a node has made it is shown as null.
    """
    if isinstance(plan, SearchPlan):
        return {"keyword": plan.leg}
    vector = plan.query.vector
    legs = {"keyword": plan.words} if plan.words is not None else {}
    return {**legs, "vector": plan.vectors(b"null" if vector is None else orjson.dumps(vector))}


def explained(plan: Plan, covering: Covering, topology: Topology, prospects: Prospects, *, operator: bool) -> Any:
    """The plan. Ids of nodes and what they are asked are for operators only; their addresses are for nobody."""
    legs = legs_of(plan)
    shards = next(iter(legs.values())).shards
    known = [p95 for node in covering.assigned if (p95 := prospects.p95_ms.get(node)) is not None]
    told = {
        "narrowed": shards is not None,
        "narrowing_reason": _why_narrowed(plan, narrowed=shards is not None),
        "target_shards": sorted([shard for own in covering.assigned.values() for shard in own]),
        "unavailable_shards": list(covering.missing),
        "chosen_group": {"id": covering.rotation % max(topology.replica_groups, 1), "reason": prospects.group_reason},
        "hedging_armed": prospects.hedge_after_ms is not None,
        "hedge_trigger_ms": prospects.hedge_after_ms,
        "coalescing_eligible": prospects.shares,
        "estimated_p95_ms": max(known, default=None),
        "settings_version": plan.view.settings_version,
    }
    if operator:
        told["target_nodes"] = [
            {
                "id": node,
                "group": topology.by_id[node].group,
                "shards": list(own),
                "p95_ms": prospects.p95_ms.get(node),
                "score": prospects.scores.get(node),
                "requests": {name: _shown(leg.body(own)) for name, leg in legs.items()},
            }
            for node, own in covering.assigned.items()
        ]
    return told


def _why_narrowed(plan: Plan, *, narrowed: bool) -> str:
    key = plan.view.primary_key
    if narrowed:
        return f"The filter pins the primary key `{key}`: only these shards can hold such documents."
    return f"No part of the filter pins the primary key `{key}`." if key else "The index has no primary key yet."


def _shown(body: bytes) -> Any:
    """What a node is asked, but for Miroir's own marks: they are no client's business, and the shards stand beside."""
    return _without_marks(orjson.loads(body))


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_marks(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_marks(each) for each in value if not (isinstance(each, str) and is_reserved(each))]
    return value
