"""What `_merge_core.merge` does, in plain Python over parsed answers. Only for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from miroir.core.merging import faceting, hybrid
from miroir.core.merging.harmony import Scales
from miroir.core.merging.nearness import arranged
from miroir.core.merging.ordering import Hit, entries, is_cut_off, is_near, merged
from miroir.core.merging.reranking import Rerank, in_order_anew
from miroir.core.wire.reserved import is_reserved

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The arguments of `_merge_core.MergePlan`, of which it says more."""

    offset: int
    limit: int
    page: tuple[int, int] | None = None
    max_total_hits: int = 1000
    show_score: bool = False
    show_details: bool = False
    strip: Sequence[str] = ()
    strip_formatted: Sequence[str] | None = None
    strip_facets: Sequence[str] = ()
    displayed: Sequence[str] | None = None
    distinct: str | None = None
    facet_limit: int = 100
    facet_order: Mapping[str, str] = field(default_factory=dict)
    hidden_rules: Sequence[str] = ()
    semantic_ratio: float | None = None
    primary_key: str | None = None
    show_query_vector: bool = False
    rerank: Rerank | None = None


def merge(
    bodies: Sequence[bytes], plan: Plan, processing_time_ms: int, request_uid: str, words: Sequence[bytes] = ()
) -> tuple[dict[str, Any], bool]:
    """The merged answer, parsed, and whether a hit of it had been cut off; `words`: the bodies of a leg by words."""
    answers = [json.loads(body) for body in bodies]
    end = min(plan.offset + plan.limit, plan.max_total_hits)
    legs = [json.loads(body) for body in words]
    taken, duplicates = _taken(legs, answers, plan, end)
    page = taken[plan.offset : end]
    lists = [each["hits"] for each in (*legs, *answers)]
    scales = Scales([hit for hits in lists for hit in hits] if len(lists) > 1 else [])
    answer: dict[str, Any] = {"hits": [shown(scales.applied(hit), plan) for hit in page]}
    answer |= {"query": answers[0]["query"], "processingTimeMs": processing_time_ms}
    summed = sum(faceting.total_of(each) for each in answers)
    answer |= paging(plan.page, plan.limit, plan.offset, _distinct_total(answers, plan, summed, duplicates, len(taken)))
    if any("facetDistribution" in each for each in answers):
        answer |= _facets([each for each in answers if "facetDistribution" in each], plan, summed)
    if plan.semantic_ratio is not None:
        answer["semanticHitCount"] = sum(map(hybrid.is_by_vector, page))
        vectors = [each["queryVector"] for each in answers if "queryVector" in each]
        answer |= {"queryVector": vectors[0]} if vectors and plan.show_query_vector else {}
    return answer | {"requestUid": request_uid}, any(is_cut_off(hit) for hit in taken)


def good_enough(bodies: Sequence[bytes], plan: Plan) -> bool:
    """What `_merge_core.good_enough` says."""
    wanted = 0 if plan.page is not None and plan.page[0] == 0 else min(plan.offset + plan.limit, plan.max_total_hits)
    by_words = replace(plan, offset=0, semantic_ratio=None)
    taken, _ = _taken([], [json.loads(body) for body in bodies], by_words, wanted)
    return plan.semantic_ratio is None or hybrid.good_enough(taken, wanted, plan.semantic_ratio)


def _taken(words: Sequence[Answer], answers: Sequence[Answer], plan: Plan, end: int) -> tuple[list[Hit], int]:
    """The hits up to the page's end, and how many were dropped because their value had been there."""
    taken: list[Hit] = []
    seen: set[Any] = set()
    duplicates = 0
    if plan.offset >= end:
        return taken, 0
    for hit in _ordered(words, answers, plan):
        values = values_at(hit, plan.distinct) if plan.distinct else set()
        if values & seen:
            duplicates += 1
            continue
        seen |= values
        taken.append(hit)
        if len(taken) == end:
            break
    return taken, duplicates


def _ordered(words: Sequence[Answer], answers: Sequence[Answer], plan: Plan) -> Iterable[Hit]:
    if plan.semantic_ratio is not None and plan.semantic_ratio < 1:
        by_words = _in_order(words or answers, lambda hit: not hybrid.is_by_vector(hit))
        by_vectors = _in_order([*words, *answers], hybrid.is_by_vector)
        return hybrid.interleaved(list(by_words), list(by_vectors), plan.semantic_ratio, plan.primary_key)
    hits = [hit for answer in answers for hit in answer["hits"]]
    if plan.rerank is None or any(is_near(name) for hit in hits for name, _ in entries(hit)):
        return _in_order(answers, lambda _: True)
    return in_order_anew([answer["hits"] for answer in answers], plan.rerank)


def _in_order(answers: Sequence[Answer], wanted: Callable[[Hit], bool]) -> Iterable[Hit]:
    lists: list[list[Hit]] = [[hit for hit in answer["hits"] if wanted(hit)] for answer in answers]
    if any(is_near(name) for hits in lists for hit in hits[:1] for name, _ in entries(hit)):
        return [hit for _, hit in arranged(lists, sum(map(faceting.total_of, answers)))]
    return merged(lists)


def values_at(value: Any, path: str) -> set[tuple[str, Any]]:
    """All values at a dotted path, as the engine tells them apart."""
    match value:
        case list():
            return {found for each in value for found in values_at(each, path)}
        case dict() if path:
            inner = [(each, inside(path, name)) for name, each in value.items()]
            return {found for each, rest in inner if rest is not None for found in values_at(each, rest)}
        case bool() if not path:
            return {("text", json.dumps(value))}
        case int() | float() if not path:
            return {("number", float(value))}
        case str() if not path and value:
            return {("text", faceting.normalized(value))}
        case _:
            return set()


def inside(path: str, name: str) -> str | None:
    """What is left of a path inside a field, None when it does not lead there."""
    if path == name:
        return ""
    return path[len(name) + 1 :] if name and path.startswith(name + ".") else None


def _distinct_total(answers: Sequence[Answer], plan: Plan, total: int, duplicates: int, found: int) -> int:
    if plan.distinct is None:
        return total
    if plan.page is None or any("facetDistribution" not in answer for answer in answers):
        return max(found, total - duplicates)
    numbers, texts, _ = faceting.summed(answers, plan.distinct, _order(plan, plan.distinct))
    counts = [sum(answer["facetDistribution"].get(plan.distinct, {}).values()) for answer in answers]
    without = [max(0, faceting.total_of(answer) - count) for answer, count in zip(answers, counts, strict=True)]
    return int(len(numbers) + len(texts) + sum(without))


def paging(page: tuple[int, int] | None, limit: int, offset: int, total: int) -> dict[str, int]:
    """The client's window and how many documents match."""
    if page is None:
        return {"limit": limit, "offset": offset, "estimatedTotalHits": total}
    number, hits = page
    pages = -(-total // hits) if hits else 0
    return {"hitsPerPage": hits, "page": number, "totalPages": pages, "totalHits": total}


def _added(name: str, plan: Plan) -> bool:
    return any(name == facet or name.startswith(f"{facet}.") for facet in plan.strip_facets)


def _facets(answers: Sequence[Answer], plan: Plan, total: int) -> dict[str, Any]:
    ranges = faceting.stats(answers)
    names = {name for answer in answers for name in answer["facetDistribution"]}
    hidden = {name for name in names | set(ranges) if is_reserved(name) or _added(name, plan)}
    if not names - hidden and plan.strip_facets:
        return {}
    values = {
        name: faceting.distribution(answers, name, order=_order(plan, name), limit=plan.facet_limit, total=total)
        for name in sorted(names - hidden)
    }
    return {"facetDistribution": values, "facetStats": {name: ranges[name] for name in sorted(set(ranges) - hidden)}}


def _order(plan: Plan, facet: str) -> str:
    return plan.facet_order.get(facet, plan.facet_order.get("*", "alpha"))


def shown(hit: Hit, plan: Plan) -> dict[str, Any]:
    """A hit as the client sees it."""
    hidden = {"_rankingScore"} - ({"_rankingScore"} if plan.show_score else set())
    hidden |= {"_geoDistance"} if "_geo" in plan.strip else set()
    shown: dict[str, Any] = {}
    for name, value in hit.items():
        if name == "_rankingScoreDetails":
            if plan.show_details:
                shown[name] = _details(value, plan)
        elif name == "_formatted":
            strip = plan.strip if plan.strip_formatted is None else plan.strip_formatted
            if left := _pruned(_own(value), strip):
                shown[name] = left
        elif name == "_matchesPosition":
            shown[name] = {field: spots for field, spots in _own(value).items() if _is_displayed(field, plan)}
        elif name not in hidden and not is_reserved(name):
            pruned = _pruned({name: value}, plan.strip)
            shown |= pruned if pruned is not None else {}
    return shown


def _is_displayed(name: str, plan: Plan) -> bool:
    return plan.displayed is None or any(name == shown or name.startswith(f"{shown}.") for shown in plan.displayed)


def _own(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if not is_reserved(name)}


def _details(details: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    shown = {}
    for name, said in details.items():
        if name in plan.hidden_rules:
            shown[f"<hidden-rule-{said['order']}>"] = {"order": said["order"], "value": "<hidden>"}
        elif not is_reserved(name):
            shown[name] = said
    return shown


def _pruned(value: Any, paths: Sequence[str]) -> Any:
    """The value without what is at these paths; None when only that was in it."""
    left: Any
    match value:
        case dict():
            left = {}
            for name, each in value.items():
                rests = [rest for path in paths if (rest := inside(path, name)) is not None]
                kept = None if "" in rests else _pruned(each, rests)
                if kept is not None or (each is None and "" not in rests):
                    left[name] = kept
        case list():
            kept_elements = [(each, _pruned(each, paths)) for each in value]
            left = [kept for each, kept in kept_elements if kept is not None or each is None]
        case _:
            return value
    return left if left or not value else None
