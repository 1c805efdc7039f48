"""Answers of nodes written by hand, for tests of one effect each, and what becomes of them."""

from __future__ import annotations

import json
from typing import Any

from miroir import _merge_core

Json = Any


def hit(document: int, rules: dict[str, Json] | None = None, score: float = 1.0, **more: Json) -> dict[str, Json]:
    """A hit ranked by these rules in their order, then by its number; `more` are its other members."""
    details = {name: {"order": order, **said} for order, (name, said) in enumerate((rules or {}).items())}
    details["_miroir_seq:asc"] = {"order": len(details), "value": chr(40 + document)}
    return {"id": document, **more, "_rankingScore": score, "_rankingScoreDetails": details}


def body(*hits: Json, total: int | None = None, **more: Json) -> bytes:
    """A node's answer; `more` are its other members, such as facets."""
    count = len(hits) if total is None else total
    return json.dumps({"hits": hits, "query": "q", "estimatedTotalHits": count, **more}).encode()


def merged(*bodies: bytes, **plan: Json) -> dict[str, Json]:
    """The one answer, by default of the first twenty hits."""
    told = {"offset": 0, "limit": 20, **plan}
    answer: dict[str, Json] = json.loads(_merge_core.merge(list(bodies), _merge_core.MergePlan(**told), 0, "")[0])
    return answer


def ids(answer: dict[str, Json]) -> list[int]:
    return [each["id"] for each in answer["hits"]]


def facets(name: str, values: dict[str, int], bounds: tuple[float, float] | None = None) -> dict[str, Json]:
    """The facet members of an answer, with the range of its numbers."""
    stats = {} if bounds is None else {name: {"min": bounds[0], "max": bounds[1]}}
    return {"facetDistribution": {name: values}, "facetStats": stats}
