"""Searches with vectors: Miroir answers what one node answers, and embeds as often (rows 44 to 49 of exact-merge 8)."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.compare import difference
from tests.engine.embedding import DIMENSIONS, FAILS, Embedder, embedder
from tests.engine.judge import Judge
from tests.engine.loading import load
from tests.engine.worlds import BASE, FIXED
from tests.harness.client import Answer
from tests.harness.cluster import Cluster
from tests.harness.node import Node

INDEX = "vectors"
QUERY = [0.5, -0.25, 1.0, 0.125]


def _documents() -> list[dict[str, Any]]:
    """The words of a fixed world; of ten documents two have no vector, and one has two."""
    chance = random.Random(7)

    def vector() -> list[float]:
        return [chance.randint(-8, 8) / 8 or 0.125 for _ in range(DIMENSIONS)]

    def vectors(number: int) -> Any:
        if number % 10 in (3, 4):
            return None
        return [vector(), vector()] if number % 10 == 5 else vector()

    return [
        {**document, "_vectors": {"own": vectors(number), "bits": vectors(number)}}
        for number, document in enumerate(FIXED["plain"].documents)
    ]


def _settings(remote: Embedder, who: str) -> dict[str, Any]:
    own = {"source": "userProvided", "dimensions": DIMENSIONS}
    embedders = {"own": own, "bits": {**own, "binaryQuantized": True}, "remote": remote.settings(who)}
    return {**BASE, "embedders": embedders}


@pytest.fixture(scope="module")
def remote() -> Iterator[Embedder]:
    with embedder() as made:
        yield made


@pytest.fixture(scope="module")
def judge(one: Node, double: Cluster, remote: Embedder) -> Judge:
    """Both sides with the same documents and embedders."""
    documents = _documents()
    load(one.engine, INDEX, documents, _settings(remote, "one"))
    load(double.engine, INDEX, documents, _settings(remote, "many"))
    return Judge(one.engine, double.engine)


def hybrid(ratio: float, embedder: str = "own") -> dict[str, Any]:
    return {"embedder": embedder, "semanticRatio": ratio}


PLAIN: dict[str, dict[str, Any]] = {
    "first page": {},
    "scores": {"showRankingScore": True, "showRankingScoreDetails": True},
    "vectors shown": {"retrieveVectors": True, "limit": 5},
    "far down": {"offset": 150, "limit": 60},
    "all": {"limit": 1000, "attributesToRetrieve": ["title"]},
    "second page": {"page": 2, "hitsPerPage": 15},
    "no hits": {"limit": 0, "facets": ["color"]},
    "no page": {"page": 0},
    "facets": {"facets": ["color", "n", "tags"], "limit": 3},
    "filter": {"filter": "color = red OR n > 1", "facets": ["color"]},
    "one document": {"filter": "id = 7"},
    "nothing": {"filter": "id = nothing"},
    "sort": {"sort": ["color:asc", "n:desc"], "limit": 50, "showRankingScoreDetails": True},
    "distinct": {"distinct": "group", "limit": 30, "attributesToRetrieve": ["id", "group"]},
    "threshold": {"rankingScoreThreshold": 0.6, "limit": 30},
    "few attributes": {"attributesToRetrieve": ["title", "deep.a"], "retrieveVectors": True, "limit": 5},
}
WORDS: dict[str, dict[str, Any]] = {
    "a word": {"q": "sun"},
    "two words": {"q": "sun moon"},
    "a prefix": {"q": "wonderfu"},
    "an excluded word": {"q": "sun -moon"},
    "an excluded phrase": {"q": 'star -"sun moon"'},
    "marks": {"q": "alpha star", "attributesToHighlight": ["*"], "showMatchesPosition": True},
    "cut": {"q": "gamma", "attributesToCrop": ["body"], "cropLength": 3},
    "all words": {"q": "sun star", "matchingStrategy": "all"},
    "no document": {"q": "xyzzy"},
}
RATIOS = [0.2, 0.5, 0.55, 0.8, 1.0]


def _equal(judge: Judge, body: dict[str, Any], *, but: tuple[str, ...] = ()) -> Any:
    """Miroir's answer, which is that of one node; vectors of one bit are left to the nodes."""
    path = f"/indexes/{INDEX}/search"
    plain = {"x-miroir-over-fetch": "1"}
    answers = [engine.ask("POST", path, body, headers=plain) for engine in (judge.one, judge.many)]
    assert "x-miroir-degraded" not in answers[1].headers
    one, many = (_without(answer, but) for answer in answers)
    assert difference(one, many) is None, (body, difference(one, many))
    return answers[1].body


def _without(answer: Answer, names: tuple[str, ...]) -> Answer:
    left = {name: value for name, value in answer.body.items() if name not in names}
    return replace(answer, raw=json.dumps(left).encode())


ESTIMATED = {"distinct": ("estimatedTotalHits", "facetDistribution"), "threshold": ("estimatedTotalHits",)}
"""What one node only estimates itself (exact-merge 3B-10 and 13)."""


@pytest.mark.parametrize("name", PLAIN)
def test_the_nearest_documents(judge: Judge, name: str) -> None:
    _equal(judge, {"vector": QUERY, "hybrid": hybrid(1), **PLAIN[name]}, but=ESTIMATED.get(name, ()))


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("name", PLAIN)
def test_words_and_vectors(judge: Judge, name: str, ratio: float) -> None:
    body = {"q": "sun star", "vector": QUERY, "hybrid": hybrid(ratio), **PLAIN[name]}
    _equal(judge, body, but=ESTIMATED.get(name, ()))


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("name", WORDS)
def test_all_kinds_of_words_beside_vectors(judge: Judge, name: str, ratio: float) -> None:
    for limit in (1, 5, 20):
        _equal(judge, {"vector": QUERY, "hybrid": hybrid(ratio), "limit": limit, **WORDS[name]})


def test_whether_words_are_good_enough_is_decided_over_all_shards(judge: Judge) -> None:
    """With small pages it is so on all shards together, or on one of them only."""
    counts = set()
    for query in ("alpha", "sun", "omega beta"):
        for ratio in (0.05, 0.2, 0.4, 0.5):
            for limit in range(1, 9):
                body = {"q": query, "vector": QUERY, "hybrid": hybrid(ratio), "limit": limit, "retrieveVectors": True}
                counts.add("queryVector" in _equal(judge, body))
    assert counts == {True, False}


@pytest.mark.parametrize("ratio", RATIOS)
def test_vectors_of_one_bit_a_dimension(judge: Judge, ratio: float) -> None:
    for more in ({}, {"limit": 100}, {"retrieveVectors": True, "limit": 3}):
        _equal(judge, {"q": "sun", "vector": QUERY, "hybrid": hybrid(ratio, "bits"), **more})


def test_vectors_of_one_bit_are_ranked_anew_by_the_whole_query(judge: Judge) -> None:
    path, signs = f"/indexes/{INDEX}/search", {}
    body = {"vector": QUERY, "hybrid": hybrid(1, "bits"), "limit": 192, "showRankingScore": True}
    for hit in judge.many.ask("POST", path, {**body, "retrieveVectors": True}).body["hits"]:
        signs[hit["id"]] = hit["_vectors"]["bits"]["embeddings"]
    answer = judge.many.ask("POST", path, {**body, "limit": 20}).body
    assert "_vectors" not in answer["hits"][0]
    exact = {name: max(map(_similarity, vectors)) for name, vectors in signs.items() if vectors}
    shown = [hit["_rankingScore"] for hit in answer["hits"]]
    assert shown == sorted(shown, reverse=True)
    assert shown == pytest.approx([exact[hit["id"]] for hit in answer["hits"]], abs=1e-6)
    assert shown[0] == pytest.approx(max(exact.values()), abs=1e-6)


def _similarity(signs: list[float]) -> float:
    whole = [1 if sign > 0 else -1 for sign in signs]
    norms = math.sqrt(sum(number * number for number in QUERY)) * math.sqrt(DIMENSIONS)
    return (1 + sum(a * b for a, b in zip(QUERY, whole, strict=True)) / norms) / 2


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_query_is_embedded_as_often_as_on_one_node(judge: Judge, remote: Embedder, ratio: float) -> None:
    for number, query in enumerate(("sun moon", "alpha", "nothing like it")):
        unique = f"{query} {ratio} {number}"
        _equal(judge, {"q": unique, "hybrid": hybrid(ratio, "remote")})
        calls = [remote.calls(who, unique) for who in ("one", "many")]
        assert calls == [1, 1]


@pytest.mark.parametrize("ratio", RATIOS)
def test_where_embedding_fails_the_answer_is_that_of_one_node(judge: Judge, ratio: float) -> None:
    answers = judge.ask("POST", f"/indexes/{INDEX}/search", {"q": f"{FAILS} sun", "hybrid": hybrid(ratio, "remote")})
    assert [answer.status for answer in answers] == [400 if ratio == 1 else 200] * 2
    if ratio == 1:
        codes = [answer.body["code"] for answer in answers]
        assert codes[0] == codes[1]
    else:
        assert difference(*answers) is None, difference(*answers)


@pytest.mark.parametrize("ratio", RATIOS)
def test_without_a_vector_an_embedder_that_makes_none(judge: Judge, ratio: float) -> None:
    _equal(judge, {"q": "sun", "hybrid": hybrid(ratio)})


@pytest.mark.parametrize(
    "body",
    [
        {"q": "sun", "hybrid": hybrid(0.5, "nobody"), "limit": 1},
        {"q": "sun", "hybrid": hybrid(0.1, "nobody"), "limit": 0},
        {"q": "sun", "hybrid": hybrid(0.5), "vector": [1, 2], "limit": 1},
        {"q": "sun", "hybrid": hybrid(0), "vector": [1, 2]},
        {"hybrid": hybrid(0.5, "nobody")},
        {"vector": QUERY},
        {"hybrid": {"semanticRatio": 0.5}, "q": "sun"},
        {"hybrid": hybrid(2), "q": "sun"},
        {"q": "sun", "hybrid": hybrid(0.5), "vector": ["a"]},
        {"q": "sun", "hybrid": hybrid(0.5), "vector": QUERY, "filter": "nothing = 1"},
        {"q": "sun", "hybrid": hybrid(0.7), "vector": QUERY, "sort": ["nothing:asc"]},
        {"q": "sun", "hybrid": hybrid(1), "vector": QUERY, "media": {"a": 1}},
    ],
)
def test_what_one_node_refuses_is_refused(judge: Judge, body: dict[str, Any]) -> None:
    _equal(judge, body)


@pytest.mark.parametrize(
    "query",
    [
        "q=sun&hybridEmbedder=own&vector=0.5,-0.25,1,0.125",
        "q=sun&hybridEmbedder=own&hybridSemanticRatio=0.2&vector=0.5,-0.25,1,0.125&limit=3",
        "hybridEmbedder=own&vector=0.5,-0.25,1,0.125&retrieveVectors=true",
        "vector=1,2",
        "hybridSemanticRatio=0.5&q=sun",
    ],
)
def test_the_get_form(judge: Judge, query: str) -> None:
    judge.equal("GET", f"/indexes/{INDEX}/search?{query}")


def test_a_template_left_to_the_engine_is_read_as_its_own(judge: Judge) -> None:
    uid = f"{INDEX}-template"
    said = {"embedders": {"e": {"source": "rest", "url": "http://127.0.0.1:1/", "dimensions": 2, **_SHAPES}}}
    shown = []
    for engine in (judge.one, judge.many):
        load(engine, uid, [], said)
        shown.append(engine.ask("GET", f"/indexes/{uid}/settings/embedders").body["e"]["documentTemplate"])
    assert shown[0] == shown[1]


_SHAPES = {"request": {"input": "{{text}}"}, "response": {"vector": "{{embedding}}"}}
