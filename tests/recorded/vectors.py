"""Semantic and hybrid searches, similar documents, facet search, and several searches in one request."""

from __future__ import annotations

from typing import Any

_SCORED = {"showRankingScore": True, "showRankingScoreDetails": True, "attributesToRetrieve": ["id"]}
_VECTOR = [0.3, -0.5, 0.8]


def _hybrid(ratio: float, **more: Any) -> dict[str, Any]:
    return {"vector": _VECTOR, "hybrid": {"embedder": "own", "semanticRatio": ratio}, **more}


_SEARCHES: list[dict[str, Any]] = [
    _hybrid(1, **_SCORED, limit=50),
    _hybrid(1, **_SCORED, offset=5, limit=5),
    _hybrid(1, page=2, hitsPerPage=7, attributesToRetrieve=["id"]),
    _hybrid(1, filter="year > 1953", **_SCORED),
    _hybrid(1, retrieveVectors=True, attributesToRetrieve=["id"], limit=3),
    _hybrid(1, facets=["genre"], limit=2),
    _hybrid(0.5, **_SCORED),
    _hybrid(0.8, q="moon", **_SCORED),
    _hybrid(0.55, q="moon garden", **_SCORED, limit=8),
    _hybrid(0.5, q="moon garden", **_SCORED, limit=8),
    _hybrid(0.2, q="moon", **_SCORED, limit=3),
    _hybrid(0.2, q="moon", **_SCORED, limit=30),
    _hybrid(0.1, q="silver moon", facets=["genre", "year"], limit=4, attributesToRetrieve=["id"]),
    _hybrid(0, q="moon", **_SCORED),
    _hybrid(0.5, q="moon -silver", **_SCORED),
    _hybrid(0.5, q="moon", attributesToHighlight=["title"], attributesToRetrieve=["title"], limit=6),
    _hybrid(0.5, q="moon", distinct="year", **_SCORED),
    _hybrid(0.5, q="moon", rankingScoreThreshold=0.6, **_SCORED),
    {"q": "moon", "hybrid": {"embedder": "own", "semanticRatio": 0.5}, **_SCORED},
    {"q": "moon", "hybrid": {"embedder": "own", "semanticRatio": 1}},
    {"vector": [1, 2], "hybrid": {"embedder": "own", "semanticRatio": 1}},
]
_SIMILAR: list[Any] = [
    {"id": 3, "embedder": "own", **_SCORED},
    {"id": "4", "embedder": "own", "limit": 5, "offset": 3, "attributesToRetrieve": ["id"]},
    {"id": 5, "embedder": "own", "filter": "year > 1953", **_SCORED},
    {"id": 6, "embedder": "own", "rankingScoreThreshold": 0.6, **_SCORED},
    {"id": 8, "embedder": "own"},
    {"id": 9999, "embedder": "own"},
    {"id": 3, "embedder": "nope"},
    {"id": 3},
    {"id": "a b", "embedder": "own"},
    {"id": 3, "embedder": "own", "filter": "title = a"},
]
_FACETS: list[tuple[str, Any]] = [
    ("plain", {"facetName": "genre"}),
    ("plain", {"facetName": "genre", "facetQuery": "c"}),
    ("plain", {"facetName": "genre", "facetQuery": "ete"}),
    ("plain", {"facetName": "genre", "facetQuery": "comdy"}),
    ("plain", {"facetName": "tags", "q": "moon", "filter": "year > 1953"}),
    ("plain", {"facetName": "year"}),
    ("ranked", {"facetName": "genre"}),
    ("ranked", {"facetName": "tags"}),
    ("plain", {"facetName": "title"}),
    ("plain", {"facetName": "_miroir_shard"}),
    ("plain", {}),
]
VECTORS: list[tuple[str, str, Any]] = [("POST", "/indexes/vectors/search", body) for body in _SEARCHES]
SIMILAR: list[tuple[str, str, Any]] = [
    *(("POST", "/indexes/vectors/similar", body) for body in _SIMILAR),
    ("GET", "/indexes/vectors/similar?id=3&embedder=own&limit=4&attributesToRetrieve=id&showRankingScore=true", None),
]
FACET_SEARCH: list[tuple[str, str, Any]] = [("POST", f"/indexes/{index}/facet-search", body) for index, body in _FACETS]
