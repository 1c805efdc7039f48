"""Makes the plan of a golden case and tells it in lines. One teller for each kind of question (`search`, ...)."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from miroir._merge_core import encode_shard
from miroir.core.indexes import IndexView
from miroir.core.placement.shard_map import shard_map
from miroir.core.planning.covering import Preference, cover
from miroir.core.planning.deep import Deep
from miroir.core.planning.hybrid import HybridPlan, plan_hybrid
from miroir.core.planning.leg import Leg
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import ByVectors, PassThrough, plan_search
from miroir.core.topology import Node, Topology
from tests.core.planning.golden import Case

_SELECTOR = re.compile(r'_miroir_shard IN \[(".*?"(?:, ".*?")*)\]')
_NUMBERS = {encode_shard(shard): shard for shard in range(64)}
_DEFAULTS = MergeRecipe()


def told(case: Case) -> list[str]:
    """The lines that the plan of this case is."""
    topology = _topology(case.given.get("topology", ""))
    shards = _number(case.given.get("topology", ""), "shard", 2)
    settings = json.loads(case.given.get("settings", "{}"))
    view = IndexView(
        "movies", "movies-i1-e1abcd", 1, "id", shards, shard_map(topology, shards, "movies-i1"), "", "", settings
    )
    kind = next(word for word in case.given if word in _TELLERS)
    return _TELLERS[kind](case.given[kind], view, topology)


def _search(body: str, view: IndexView, topology: Topology) -> list[str]:
    plan = plan_search(SearchRequest("movies", body.encode(), 0.0), view)
    if isinstance(plan, PassThrough):
        why = f"unsupported: {plan.unsupported}" if plan.unsupported else "for its error"
        return [f"left to a node, {why}", f"{plan.method} {plan.target} {plan.body.decode()}"]
    if isinstance(plan, ByVectors):
        return _hybrid(plan_hybrid(plan, view), topology)
    phases = [] if plan.deep is None else _phases(plan.deep, topology)
    return [*leg_lines(plan.leg, topology), *phases, f"merge {_recipe(plan.recipe)}"]


def _phases(deep: Deep, topology: Topology) -> list[str]:
    """Two hits of shard 1 stand on the page."""
    contents = deep.contents([(encode_shard(1), "one"), (encode_shard(1), "two")])
    return ["or first", *leg_lines(deep.leg, topology), "then", *leg_lines(contents, topology)]


def _hybrid(plan: HybridPlan, topology: Topology) -> list[str]:
    """The steps in their order; a leg is told by its first node."""
    words = [] if plan.words is None else [leg_lines(plan.words, topology)[-1]]
    first = ["by words first:", *words] if plan.words_first else []
    last = [] if plan.words_first or not words else ["by words, without a vector:", *words]
    question = [] if plan.query.vector is not None else [f"one node embeds {_body(plan.question)}"]
    vector = orjson.dumps(plan.query.vector) if plan.query.vector is not None else b'["of that node"]'
    by_vectors = leg_lines(plan.vectors(vector), topology)[-1]
    return [*first, *question, *last, "by vectors:", by_vectors, f"merge {_recipe(plan.recipe)}"]


_TELLERS: dict[str, Callable[[str, IndexView, Topology], list[str]]] = {"search": _search}


def leg_lines(leg: Leg, topology: Topology) -> list[str]:
    """Who is asked for which shards, and what."""
    covering = cover(leg.shard_map, topology, Preference(set(topology.by_id)), 0, shards=leg.shards)
    target = f"{leg.method} {leg.target}"
    narrowed = [] if leg.shards is None else [f"only shards {', '.join(map(str, leg.shards))}"]
    bodies = [f"{node} {shards} {_body(leg.body(shards))}" for node, shards in covering.assigned.items()]
    return [target, *narrowed, *bodies]


def _body(body: bytes) -> str:
    return json.dumps(_readable(orjson.loads(body)), ensure_ascii=False)


def _readable(value: Any) -> Any:
    match value:
        case str():
            return _SELECTOR.sub(_shards, value)
        case list():
            return [_readable(each) for each in value]
        case dict():
            return {name: _readable(each) for name, each in value.items()}
    return value


def _shards(selector: re.Match[str]) -> str:
    codes = json.loads(f"[{selector[1]}]")
    return f"shards({', '.join(str(_NUMBERS[code]) for code in codes)})"


def _recipe(recipe: MergeRecipe) -> str:
    """What differs from the defaults."""
    pairs = {each.name: getattr(recipe, each.name) for each in dataclasses.fields(recipe)}
    changed = {name: _plain(value) for name, value in pairs.items() if value != getattr(_DEFAULTS, name)}
    return json.dumps(changed, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return dict(value) if isinstance(value, Mapping) else value


def _topology(text: str) -> Topology:
    nodes, groups, copies = _number(text, "node", 1), _number(text, "group", 1), _number(text, "cop", 1)
    return Topology(tuple(Node(f"n{at}", f"http://n{at}", at % groups) for at in range(nodes)), copies, groups)


def _number(text: str, what: str, default: int) -> int:
    found = re.search(rf"(\d+) {what}", text)
    return int(found[1]) if found else default
