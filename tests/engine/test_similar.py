"""Documents that are similar to one: those that one node finds, wherever the document lies."""

from __future__ import annotations

import math
import random
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.engine.judge import Judge
from tests.engine.test_writes import both
from tests.harness.client import Json

SETTINGS: dict[str, Any] = {
    "embedders": {"e": {"source": "userProvided", "dimensions": 4}, "f": {"source": "userProvided", "dimensions": 2}},
    "filterableAttributes": ["n", "group"],
    "sortableAttributes": ["n"],
    "searchCutoffMs": 30000,
}
PROFILES: dict[str, dict[str, Any]] = {
    "near": {},
    "near-ranked": {"rankingRules": ["n:desc", "words", "typo"], "distinctAttribute": "group"},
    "near-narrow": {"displayedAttributes": ["id", "n"], "pagination": {"maxTotalHits": 25}},
}
ASKED: list[dict[str, Any]] = [
    {},
    {"limit": 5, "offset": 3},
    {"limit": 0},
    {"offset": 100},
    {"limit": 24, "showRankingScore": True, "showRankingScoreDetails": True},
    {"filter": "n > 20", "limit": 50},
    {"filter": ["n < 30", ["group = g1", "group = g2"]]},
    {"filter": "n > 1000"},
    {"attributesToRetrieve": ["n"]},
    {"attributesToRetrieve": ["group", "deep.a"], "showRankingScoreDetails": True},
    {"attributesToRetrieve": []},
    {"retrieveVectors": True, "limit": 3},
    {"rankingScoreThreshold": 0.9, "showRankingScore": True},
    {"rankingScoreThreshold": 0.5, "offset": 2, "limit": 4},
    {"rankingScoreThreshold": 1},
]
WRONG: list[Json] = [
    {"id": 9999, "embedder": "e"},
    {"id": "a b", "embedder": "e"},
    {"id": None, "embedder": "e"},
    {"id": 1.5, "embedder": "e"},
    {"embedder": "e"},
    {"id": 1},
    {"id": 1, "embedder": "none"},
    {"id": 1, "embedder": "e", "filter": "title = x"},
    {"id": 1, "embedder": "e", "filter": "_miroir_seq = x"},
    {"id": 1, "embedder": "e", "limit": -1},
    {"id": 1, "embedder": "e", "rankingScoreThreshold": 2},
    {"id": 1, "embedder": "e", "unknown": 2},
]


def document(number: int) -> Json:
    """One in seven has no vector of one kind."""
    chance = random.Random(number)
    vectors: dict[str, Any] = {"e": [chance.gauss(0, 1) for _ in range(4)], "f": [math.cos(number), math.sin(number)]}
    if number % 7 == 0:
        vectors["e"] = None
    made = {"id": number, "n": number * 7 % 60, "group": f"g{number % 5}", "deep": {"a": number, "b": 1}}
    return made | {"_vectors": vectors}


@pytest.fixture(params=sorted(PROFILES))
def near(request: pytest.FixtureRequest, writable: Judge) -> str:
    """An index of sixty documents with vectors; once made, it stays."""
    name: str = request.param
    if writable.many.ask("GET", f"/indexes/{name}").status == 200:
        return name
    writable.one.ask("DELETE", f"/indexes/{name}")
    both(writable, "POST", "/indexes", {"uid": name, "primaryKey": "id"})
    both(writable, "PATCH", f"/indexes/{name}/settings", SETTINGS | PROFILES[name])
    both(writable, "POST", f"/indexes/{name}/documents", [document(number) for number in range(60)])
    return name


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_neighbours_are_those_of_one_node(writable: Judge, near: str, asked: dict[str, Any]) -> None:
    for id_ in (1, 2, 3, 4, 5, 7, 14, 33, 58):
        writable.equal("POST", f"/indexes/{near}/similar", {"id": id_, "embedder": "e", **asked})
    writable.equal("POST", f"/indexes/{near}/similar", {"id": "7", "embedder": "f", **asked})


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_what_one_node_refuses_is_refused_in_the_same_words(writable: Judge, near: str, body: Json) -> None:
    writable.equal("POST", f"/indexes/{near}/similar", body)


@pytest.mark.parametrize(
    "query",
    [
        {"id": 1, "embedder": "e"},
        {"id": 1, "embedder": "e", "limit": 3, "offset": 1, "attributesToRetrieve": "id,n", "showRankingScore": "true"},
        {"id": 1, "embedder": "f", "filter": "n > 9", "rankingScoreThreshold": "0.6", "retrieveVectors": "false"},
        {"id": 1},
        {"embedder": "e"},
        {"id": 1, "embedder": "e", "limit": "x"},
        {"id": 1, "embedder": "e", "filter": "title = 5"},
        {"id": "é", "embedder": "e"},
    ],
    ids=str,
)
def test_the_get_form_asks_the_same(writable: Judge, near: str, query: dict[str, Any]) -> None:
    writable.equal("GET", f"/indexes/{near}/similar?{urlencode(query)}")


def test_updates_and_deletes_are_seen(writable: Judge, fresh: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    both(writable, "PATCH", f"/indexes/{fresh}/settings", SETTINGS)
    both(writable, "POST", f"/indexes/{fresh}/documents", [document(number) for number in range(30)])
    both(writable, "POST", f"/indexes/{fresh}/documents/delete-batch", [3, 4, 5])
    both(writable, "PUT", f"/indexes/{fresh}/documents", [{"id": 6, "_vectors": {"e": [1, 0, 0, 0]}}])
    for id_ in (1, 3, 6, 8):
        writable.equal("POST", f"/indexes/{fresh}/similar", {"id": id_, "embedder": "e"})
    both(writable, "POST", f"/indexes/{fresh}/documents/delete-batch", [id_ for id_ in range(30) if id_ != 8])
    writable.equal("POST", f"/indexes/{fresh}/similar", {"id": 8, "embedder": "e"})
