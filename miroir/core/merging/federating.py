"""What `_merge_core.merge_federated` does, in plain Python over parsed answers. Only for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from miroir.core.merging.answering import Answer, Plan, inside, paging, shown, values_at
from miroir.core.merging.faceting import stats, total_of
from miroir.core.merging.ordering import Hit
from miroir.core.merging.weighing import compare, weighed

_BEHIND = ("_formatted", "_matchesPosition", "_rankingScore", "_rankingScoreDetails")
"""What an engine puts behind a hit's document."""
Found = tuple[int, Hit]
"""The query that found a hit, and the hit."""


@dataclass(frozen=True, slots=True)
class Index:
    """The fields of an index in `_merge_core.FederatedPlan`, in their order."""

    uid: str
    primary_key: str | None
    wanted: int
    counted: int
    facets: bool


@dataclass(frozen=True, slots=True)
class FederatedPlan:
    """The arguments of `_merge_core.FederatedPlan`, of which it says more."""

    queries: Sequence[tuple[int, float, Plan]]
    indexes: Sequence[Index]
    offset: int
    limit: int
    page: tuple[int, int] | None = None
    distinct: str | None = None
    merge_facets: bool = False
    facet_limit: int | None = None
    show_semantic: bool = False
    show_vectors: bool = False


def federate(bodies: Sequence[bytes], plan: FederatedPlan, processing_time_ms: int, request_uid: str) -> dict[str, Any]:
    """The federated answer, parsed."""
    answers: list[Answer] = [json.loads(body) for body in bodies]
    dropped: list[Hit] = []
    lists = [_of_index(answers, plan, number, dropped) for number in range(len(plan.indexes))]
    merged = list(_once(_race(lists, plan), plan.distinct, dropped))
    end = plan.offset + plan.limit
    page = merged[:end][plan.offset :]
    total = sum(total_of(answers[index.counted]) for index in plan.indexes)
    answer: dict[str, Any] = {"hits": [_shown(found, plan) for found in page]}
    if plan.show_vectors:
        told = enumerate(answers[: len(plan.queries)])
        answer["queryVectors"] = {str(place): each["queryVector"] for place, each in told if "queryVector" in each}
    answer["processingTimeMs"] = processing_time_ms
    total = max(total - len(dropped), len(merged[:end]))
    answer |= paging(plan.page, plan.limit, plan.offset, total)
    answer |= {**_facets(answers, plan), "requestUid": request_uid}
    if plan.show_semantic:
        answer["semanticHitCount"] = sum("vectorSort" in hit["_rankingScoreDetails"] for _, hit in page)
    return answer


def _of_index(answers: Sequence[Answer], plan: FederatedPlan, number: int, dropped: list[Hit]) -> list[Found]:
    index = plan.indexes[number]
    asking = [place for place, query in enumerate(plan.queries) if query[0] == number]
    race = _race([[(place, hit) for hit in answers[place]["hits"]] for place in asking], plan)
    taken: list[Found] = []
    distinct = _once(_new(race, index.primary_key), plan.distinct, dropped)
    while len(taken) < index.wanted:
        found = next(distinct, None)
        if found is None:
            break
        taken.append(found)
    return taken


def _race(lists: Sequence[list[Found]], plan: FederatedPlan) -> Iterator[Found]:
    """Of the first hits of all lists always the best; the earlier query where they are equal."""
    left = [list(reversed(each)) for each in lists]

    def order(one: list[Found], other: list[Found]) -> int:
        return _order(one[-1], other[-1], plan)

    while heads := [each for each in left if each]:
        yield min(heads, key=cmp_to_key(order)).pop()


def _order(one: Found, other: Found, plan: FederatedPlan) -> int:
    weights = plan.queries[one[0]][1], plan.queries[other[0]][1]
    return -compare(weighed(one[1], weights[0]), weighed(other[1], weights[1])) or one[0] - other[0]


def _new(found: Iterator[Found], primary_key: str | None) -> Iterator[Found]:
    seen: set[str] = set()
    for place, hit in found:
        known = _id(hit, primary_key) if primary_key else None
        if known is None or known not in seen:
            seen |= {known} if known is not None else set()
            yield place, hit


def _id(hit: Hit, path: str) -> str | None:
    """The id as text: `1` and `"1"` are one document."""
    for name, value in hit.items():
        rest = inside(path, name)
        if rest == "":
            return value if isinstance(value, str) else json.dumps(value)
        if rest is not None and isinstance(value, dict):
            return _id(value, rest)
    return None


def _once(found: Iterator[Found], distinct: str | None, dropped: list[Hit]) -> Iterator[Found]:
    seen: set[Any] = set()
    for place, hit in found:
        values = values_at(hit, distinct) if distinct else set()
        if values & seen:
            dropped.append(hit)
        else:
            seen |= values
            yield place, hit


def _shown(found: Found, plan: FederatedPlan) -> dict[str, Any]:
    place, hit = found
    number, weight, own = plan.queries[place]
    told: dict[str, Any] = {"indexUid": plan.indexes[number].uid, "queriesPosition": place}
    told |= {"weightedRankingScore": hit["_rankingScore"] * weight}
    document = {name: value for name, value in hit.items() if name != "_federation"}
    behind = next((number for number, name in enumerate(document) if name in _BEHIND), len(document))
    members = list(document.items())
    return shown(dict([*members[:behind], ("_federation", told), *members[behind:]]), own)


def _facets(answers: Sequence[Answer], plan: FederatedPlan) -> dict[str, Any]:
    asked = [(number, index) for number, index in enumerate(plan.indexes) if index.facets]
    if not asked:
        return {}
    if not plan.merge_facets:
        return {
            "facetsByIndex": {
                index.uid: {
                    "distribution": answers[index.counted].get("facetDistribution", {}),
                    "stats": answers[index.counted].get("facetStats", {}),
                }
                for _, index in asked
            }
        }
    facets: dict[str, dict[str, int]] = {}
    orders: dict[str, str] = {}
    for number, index in asked:
        for facet, counts in answers[index.counted].get("facetDistribution", {}).items():
            orders.setdefault(facet, _order_of(plan, number)(facet))
            summed = facets.setdefault(facet, {})
            for label, count in counts.items():
                summed[label] = summed.get(label, 0) + count
    ranges = stats([answers[index.counted] for _, index in asked])
    cut = {facet: _cut(facets[facet], orders[facet], plan.facet_limit) for facet in sorted(facets)}
    return {"facetDistribution": cut, "facetStats": {facet: ranges[facet] for facet in sorted(ranges)}}


def _order_of(plan: FederatedPlan, number: int) -> Callable[[str], str]:
    first: Mapping[str, str] = next((query[2].facet_order for query in plan.queries if query[0] == number), {})
    return lambda facet: first.get(facet, first.get("*", "alpha"))


def _cut(counts: Mapping[str, int], order: str, limit: int | None) -> dict[str, int]:
    if order == "count":
        ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    else:
        ordered = sorted(counts.items(), key=lambda pair: pair[0].encode())
    return dict(ordered[:limit])
