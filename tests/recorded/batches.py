"""Several searches in one request: one by one, and federated."""

from __future__ import annotations

from typing import Any

_IDS = {"attributesToRetrieve": ["id"], "showRankingScore": True}


def _ask(index: str, q: str, weight: float | None = None, **more: Any) -> dict[str, Any]:
    options = {} if weight is None else {"federationOptions": {"weight": weight}}
    return {"indexUid": index, "q": q, **_IDS, **options, **more}


_BATCHES: list[Any] = [
    {"queries": [_ask("plain", "moon", limit=4), _ask("ranked", "captain", limit=4, facets=["genre"])]},
    {"queries": [_ask("plain", "moon", page=2, hitsPerPage=3), _ask("plain", "", limit=0)]},
    {"queries": []},
    {"queries": [_ask("plain", "moon"), _ask("nope", "moon")]},
    {"queries": [_ask("plain", "moon"), _ask("plain", "moon", filter="title = a")]},
    {"queries": [{"q": "moon"}]},
    {"queries": [_ask("a b", "moon")]},
]
_TWO = [_ask("plain", "moon"), _ask("plain", "river", 0.5)]
_INDEXES = [_ask("plain", "moon", 0.9), _ask("legacy", "moon garden"), _ask("vectors", "captain", 1.2)]
_MERGED = {"facetsByIndex": {"plain": ["genre", "year"], "legacy": ["genre"]}, "mergeFacets": {"maxValuesPerFacet": 3}}
_FEDERATED: list[Any] = [
    {"federation": {}, "queries": _TWO},
    {"federation": {"limit": 30}, "queries": [_ask("plain", "moon", 2), _ask("plain", "moon garden", 0.1)]},
    {"federation": {"limit": 7, "offset": 5}, "queries": _INDEXES},
    {"federation": {"page": 2, "hitsPerPage": 6}, "queries": _INDEXES},
    {
        "federation": {"limit": 40},
        "queries": [_ask("plain", "moon", showRankingScoreDetails=True), _ask("ranked", "moon")],
    },
    {
        "federation": {"facetsByIndex": {"plain": ["genre", "year"], "ranked": ["genre"]}, "limit": 2},
        "queries": [*_TWO, _ask("ranked", "moon")],
    },
    {"federation": {**_MERGED, "limit": 3}, "queries": _INDEXES},
    {
        "federation": {"mergeFacets": {}, "facetsByIndex": {"plain": ["year"], "vectors": ["year"]}, "limit": 0},
        "queries": _INDEXES,
    },
    {"federation": {"distinct": "year", "limit": 30}, "queries": [_ask("plain", "moon"), _ask("vectors", "river")]},
    {"federation": {}, "queries": [_ask("plain", "", sort=["year:asc"]), _ask("vectors", "", sort=["year:asc"])]},
    {
        "federation": {},
        "queries": [_ask("plain", "moon", filter="year > 1953"), _ask("plain", "river", filter="year < 1954")],
    },
    {"federation": {"limit": 0}, "queries": _TWO},
    {"federation": {}, "queries": [_ask("plain", "moon", limit=3)]},
    {"federation": {}, "queries": [_ask("plain", "moon", facets=["genre"])]},
    {"federation": {}, "queries": [_ask("plain", "moon", page=1)]},
    {"federation": {"facetsByIndex": {"plain": ["title"]}}, "queries": _TWO},
    {"federation": {"facetsByIndex": {"nope": ["title"]}}, "queries": _TWO},
    {"federation": {"unknown": 1}, "queries": _TWO},
    {"federation": {}, "queries": [_ask("plain", "", sort=["year:asc"]), _ask("plain", "", sort=["rating:asc"])]},
    {"federation": {}, "queries": [_ask("plain", "moon"), _ask("nope", "moon")]},
    {"federation": {}, "queries": []},
]
BATCHES: list[tuple[str, str, Any]] = [("POST", "/multi-search", body) for body in _BATCHES]
FEDERATED: list[tuple[str, str, Any]] = [("POST", "/multi-search", body) for body in _FEDERATED]
