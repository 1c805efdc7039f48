"""What each setting does to a search."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine

DOCUMENTS = [
    {"id": 1, "name": "the quick brown fox", "age": 5, "kind": "mammal"},
    {"id": 2, "name": "a slow green turtle", "age": 90, "kind": "reptile"},
    {"id": 3, "name": "quick silver", "age": 1, "kind": "metal", "note": "fox"},
    {"id": 4, "name": "over-the-moon C++ user@home", "age": 30, "kind": "mammal"},
]
TYPO_OFF = {"typoTolerance": {"enabled": False}}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[int]]] = [
    ("stop words are not searched", {"stopWords": ["the"]}, {"q": "the"}, []),
    ("synonyms are found", {"synonyms": {"vixen": ["fox"]}}, {"q": "vixen"}, [3, 1]),
    ("synonyms go one way", {"synonyms": {"fox": ["turtle"]}}, {"q": "turtle"}, [2]),
    ("multi-word synonyms are found", {"synonyms": {"speedy": ["quick brown"]}}, {"q": "speedy"}, [1]),
    ("typos are forgiven", {}, {"q": "turtel"}, [2]),
    ("typos can be forbidden", TYPO_OFF, {"q": "turtel"}, []),
    ("typos are not forgiven in short words", {}, {"q": "fix"}, []),
    ("short words can be forgiven", {"typoTolerance": {"minWordSizeForTypos": {"oneTypo": 3}}}, {"q": "fix"}, [3, 1]),
    ("words can be exempt", {"typoTolerance": {"disableOnWords": ["turtel"]}}, {"q": "turtel"}, []),
    ("attributes can be exempt", {"typoTolerance": {"disableOnAttributes": ["name"]}}, {"q": "turtel"}, []),
    ("only searchable attributes are searched", {"searchableAttributes": ["name"]}, {"q": "fox"}, [1]),
    ("attribute order ranks", {"searchableAttributes": ["note", "name"]}, {"q": "fox"}, [3, 1]),
    ("custom rules rank", {"rankingRules": ["age:asc", "words"]}, {"q": "quick"}, [3, 1]),
    ("custom rules rank without a query", {"rankingRules": ["age:desc"]}, {"q": ""}, [2, 4, 1, 3]),
    ("prefixes are found", {}, {"q": "turt"}, [2]),
    ("prefixes can be switched off", {"prefixSearch": "disabled"}, {"q": "turt"}, []),
    ("one per distinct value", {"distinctAttribute": "kind"}, {"q": ""}, [1, 2, 3]),
    ("non-separators join words", {"nonSeparatorTokens": ["@"], **TYPO_OFF}, {"q": "home"}, []),
    ("separators split words", {"separatorTokens": ["rtl"], "prefixSearch": "disabled"}, {"q": "e"}, [2]),
    ("dictionary words stay whole", {"dictionary": ["C++"], "nonSeparatorTokens": ["+"]}, {"q": "C++"}, [4]),
]


@pytest.mark.parametrize(("settings", "query", "ids"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_effect(engine: Engine, uid: str, settings: dict[str, Any], query: dict[str, Any], ids: list[int]) -> None:
    engine.create(uid, "id", settings)
    engine.add(uid, DOCUMENTS)
    assert [hit["id"] for hit in engine.search(uid, **query)["hits"]] == ids


def test_max_total_hits_bounds_the_hits_but_not_the_totals(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"pagination": {"maxTotalHits": 3}})
    engine.add(uid, [{"id": number} for number in range(8)])
    answer = engine.search(uid, limit=5)
    assert (len(answer["hits"]), answer["estimatedTotalHits"], answer["limit"]) == (3, 8, 5)
    assert [hit["id"] for hit in engine.search(uid, offset=2)["hits"]] == [2]
    assert engine.search(uid, offset=3)["hits"] == []
    page = engine.search(uid, page=2, hitsPerPage=2)
    assert ([hit["id"] for hit in page["hits"]], page["totalHits"], page["totalPages"]) == ([2], 8, 4)


def test_facet_values_are_limited_and_ordered_as_told(engine: Engine, uid: str) -> None:
    settings = {
        "filterableAttributes": ["c"],
        "faceting": {"maxValuesPerFacet": 2, "sortFacetValuesBy": {"c": "count"}},
    }
    engine.create(uid, "id", settings)
    engine.add(uid, [{"id": n, "c": letter} for n, letter in enumerate("abbccc")])
    assert list(engine.search(uid, facets=["c"])["facetDistribution"]["c"].items()) == [("c", 3), ("b", 2)]
    engine.do("PATCH", f"/indexes/{uid}/settings/faceting", {"sortFacetValuesBy": {"c": "alpha"}})
    assert list(engine.search(uid, facets=["c"])["facetDistribution"]["c"].items()) == [("a", 1), ("b", 2)]


def test_hidden_attributes_are_searched_but_not_shown(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"displayedAttributes": ["id", "deep.shown"]})
    engine.add(uid, [{"id": 1, "name": "fox", "deep": {"shown": 1, "hidden": 2}}])
    answer = engine.search(uid, q="fox", attributesToRetrieve=["*"], attributesToHighlight=["*"])
    assert answer["hits"] == [{"id": 1, "deep": {"shown": 1}, "_formatted": {"id": "1", "deep": {"shown": "1"}}}]


def test_proximity_by_attribute_ignores_distances(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"proximityPrecision": "byAttribute"})
    engine.add(uid, [{"id": 1, "t": "sun and then some moon"}, {"id": 2, "t": "sun moon"}])
    hits = engine.search(uid, q="sun moon", showRankingScoreDetails=True)["hits"]
    assert {hit["_rankingScoreDetails"]["proximity"]["score"] for hit in hits} == {1.0}


def test_facet_search_switched_off_leaves_facets_alone(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"facetSearch": False, "filterableAttributes": ["c"]})
    engine.add(uid, [{"id": 1, "c": "x"}])
    assert engine.search(uid, facets=["c"])["facetDistribution"] == {"c": {"x": 1}}
