"""Requests of every other kind of read: vectors, facet values, similar documents, lists, several searches at once."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

from tests.engine.exact.asking import ATTRIBUTES, Ask, Body, Maker, condition, names, order, spoken, window, word
from tests.engine.exact.keywords import KEYWORDS
from tests.engine.exact.worlds import REPLACED, World, vector

RATIOS = (0.0, 0.2, 0.5, 0.55, 0.8, 1.0)
_SIDE = ("word", "words", "prefix", "filter", "sort", "facets", "pages", "scores", "form", "retrieve")


def _hybrid(chance: random.Random, ratio: float) -> Body:
    return {"hybrid": {"embedder": "made", "semanticRatio": ratio}, "vector": vector(chance)}


def _extra(chance: random.Random, world: World) -> Body:
    """What else may be asked of a search with vectors."""
    return chance.choice(
        [
            {},
            {"filter": condition(chance, world)},
            {"facets": ["color", "year"]},
            {"showRankingScore": True, "showRankingScoreDetails": True},
            {"limit": chance.choice([1, 3, 60])},
            {"attributesToRetrieve": names(chance, ATTRIBUTES)},
            {"retrieveVectors": True, "limit": 5},
            {"sort": order(chance)[:1]},
            {"page": chance.randint(1, 3), "hitsPerPage": chance.randint(1, 15)},
            {"attributesToHighlight": ["title"]},
        ]
    )


def semantic(chance: random.Random, world: World) -> Body:
    said = {"q": word(chance, world)} if chance.random() < 0.4 else {}
    return {**said, **_hybrid(chance, 1.0), **_extra(chance, world)}


def hybrid(chance: random.Random, world: World) -> Body:
    said = spoken(chance, world)
    return {**said, **_hybrid(chance, chance.choice(RATIOS[:-1])), **_extra(chance, world)}


def hybrid_low(chance: random.Random, world: World) -> Body:
    """Ratios at which good keyword hits alone may do, which is decided over all shards."""
    said = {"q": word(chance, world)}
    return {**said, **_hybrid(chance, chance.choice([0.1, 0.2, 0.3])), "limit": chance.choice([1, 2, 5, 20])}


def facet_search(chance: random.Random, world: World) -> Body:
    name = chance.choice(["color", "group", "tags", "name", "deep.a", "title"])
    said = chance.choice(
        [{}, {"facetQuery": ""}, {"facetQuery": chance.choice(["r", "g1", "ne", "blu", "bleu", "Sa", "gren"])}]
    )
    more = chance.choice(
        [{}, spoken(chance, world), {"filter": condition(chance, world)}, {"exhaustiveFacetCount": True}]
    )
    return {"facetName": name, **said, **more}


def similar(chance: random.Random, world: World) -> Body:
    more = chance.choice(
        [
            {},
            {"filter": condition(chance, world)},
            {"rankingScoreThreshold": 0.7},
            {"limit": 5, "offset": 3},
            {"showRankingScore": True, "showRankingScoreDetails": True},
            {"attributesToRetrieve": names(chance, ATTRIBUTES)},
            {"retrieveVectors": True},
        ]
    )
    document_id = "nobody" if chance.random() < 0.04 else chance.choice(world.ids)
    return {"id": document_id, "embedder": "made", **more}


def fetched(chance: random.Random, world: World) -> Body:
    ids = [*chance.choices(world.ids, k=chance.randint(1, 6)), "nobody"]
    choices: list[Body] = [
        {},
        {"limit": chance.choice([1, 50, 1000]), "offset": chance.choice([0, 7, 300])},
        {"filter": condition(chance, world)},
        {"ids": ids},
        {"fields": names(chance, ["id", "title", "deep.a", "nothing"])},
        {"retrieveVectors": True, "limit": 5},
    ]
    told = chance.choice(choices)
    if world.moved and chance.random() >= REPLACED:
        told = {**told, "sort": ["serial:asc"]}  # without an order, documents that were written again stand elsewhere
    return told


def fetched_sorted(chance: random.Random, world: World) -> Body:
    more: Body = {"filter": condition(chance, world)} if chance.random() < 0.3 else {}
    place = {"offset": chance.choice([0, 5, 100]), "limit": chance.choice([1, 20, 200])}
    return {"sort": [*order(chance), "serial:asc"], **place, **more}


OTHERS: dict[str, tuple[str, Maker]] = {
    "semantic": ("search", semantic),
    "hybrid": ("search", hybrid),
    "hybrid, low ratio": ("search", hybrid_low),
    "facet search": ("facet-search", facet_search),
    "similar": ("similar", similar),
    "documents": ("documents/fetch", fetched),
    "documents, sorted": ("documents/fetch", fetched_sorted),
}


def one_document(chance: random.Random, world: World) -> Ask:
    picked = "nobody" if chance.random() < 0.1 else chance.choice(world.ids)
    query = chance.choice(["", "?fields=id,title", "?retrieveVectors=true"])
    return Ask("document", "GET", f"/indexes/{world.uid}/documents/{quote(str(picked))}{query}", None)


def _query(chance: random.Random, world: World, kinds: tuple[str, ...]) -> Body:
    return {"indexUid": world.uid, **KEYWORDS[chance.choice(kinds)](chance, world)}


def side_by_side(chance: random.Random, worlds: tuple[World, ...]) -> Ask:
    kinds = tuple(kind for kind in _SIDE if kind in KEYWORDS)
    queries = [_query(chance, chance.choice(worlds), kinds) for _ in range(chance.randint(1, 4))]
    return Ask("multi-search", "POST", "/multi-search", {"queries": queries})


_PAGING = ("limit", "offset", "page", "hitsPerPage", "facets")
_FEDERATED = ("word", "words", "prefix", "filter", "scores", "phrase", "typo")


def federated(chance: random.Random, worlds: tuple[World, ...]) -> Ask:
    chosen = worlds[:1] * 3 if chance.random() < 0.6 else worlds
    queries = []
    for _ in range(chance.randint(1, 3)):
        query = _query(chance, chance.choice(chosen), _FEDERATED)
        query = {name: value for name, value in query.items() if name not in _PAGING}
        if chance.random() < 0.5:
            query["federationOptions"] = {"weight": chance.choice([0.1, 0.5, 1.0, 2.0])}
        queries.append(query)
    return Ask("federated", "POST", "/multi-search", {"queries": queries, "federation": _federation(chance, queries)})


def _federation(chance: random.Random, queries: list[Body]) -> Body:
    federation: Body = window(chance)
    if chance.random() < 0.3:
        federation["facetsByIndex"] = {query["indexUid"]: ["color", "year"] for query in queries}
        if chance.random() < 0.5:
            federation["mergeFacets"] = {}
    if chance.random() < 0.2:
        federation["distinct"] = "group"
    return federation


COMPOSED: dict[str, Any] = {"multi-search": side_by_side, "federated": federated}
