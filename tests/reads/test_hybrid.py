"""Searches with vectors among fake nodes: what is asked, how often the query is embedded, what becomes of failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from miroir._merge_core import encode_sequence
from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.reply import Reply
from tests.reads.fakes import NODES, SHARDS, FakeNodes, World, _shards, ask, refusing, view, world

_EMBEDDERS = {"e": {"source": "rest"}}


@dataclass
class Engine:
    """What each node does: documents match words with the same score, and vectors by their number."""

    score: float = 0.5
    error: str | None = None
    """The code with which embedding fails."""

    def __call__(self, nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome | None:
        if given.get("filter") == ["_miroir_shard IN []"]:
            return self._embedded(node)
        ids = [number for number in range(40) if number % SHARDS in _shards(given)]
        hybrid = given.get("hybrid")
        hits = [self._hit(number, vector=hybrid is not None) for number in ids[: given["limit"]]]
        answer = {"hits": hits, "query": given.get("q", ""), "estimatedTotalHits": len(ids) if hybrid else 3}
        return Answered(node, 200, orjson.dumps({**answer, "queryVector": [1.0]} if hybrid else answer), 0.01)

    def _embedded(self, node: str) -> Outcome:
        if self.error is None:
            return Answered(node, 200, b'{"hits":[],"queryVector":[0.1,-1.0]}', 0.01)
        error = {"message": "no vector", "code": self.error, "type": "t", "link": "l"}
        return Answered(node, 400, orjson.dumps(error), 0.01)

    def _hit(self, number: int, *, vector: bool) -> dict[str, Any]:
        rule = {"vectorSort": {"order": 0, "similarity": 1 - number / 64}} if vector else {"words": _ALL_WORDS}
        score = 1 - number / 64 if vector else self.score
        stamp = {"_miroir_seq:asc": {"order": 1, "value": encode_sequence(number)}}
        return {"id": number, "_rankingScore": score, "_rankingScoreDetails": {**rule, **stamp}}


_ALL_WORDS = {"order": 0, "matchingWords": 1, "maxMatchingWords": 1, "score": 1.0}


def engines(engine: Engine, **settings: Any) -> World:
    made = world(view(embedders=_EMBEDDERS, **settings))
    made.nodes.behaviour = dict.fromkeys(NODES, engine)
    return made


def body(ratio: float = 0.5, **more: Any) -> bytes:
    return orjson.dumps({"q": "x", "hybrid": {"embedder": "e", "semanticRatio": ratio}, "limit": 4, **more})


def embeddings(w: World) -> int:
    return sum(given.get("filter") == ["_miroir_shard IN []"] for given in w.nodes.bodies)


def answered(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    answer: dict[str, Any] = orjson.loads(reply.body)
    return answer


@pytest.mark.parametrize(("ratio", "by_vectors"), [(0.3, 0), (0.5, 4), (0.8, 4), (1.0, 4)])
async def test_a_query_is_embedded_once_and_its_vector_shared(ratio: float, by_vectors: int) -> None:
    w = engines(Engine())
    answer = answered(await w.searcher.search(ask(body(ratio))))
    assert embeddings(w) == 1
    shared = [given["vector"] for given in w.nodes.bodies if "vector" in given]
    assert len(shared) == len(NODES)
    assert all(vector == [0.1, -1.0] for vector in shared)
    assert answer["estimatedTotalHits"] == 40
    assert answer["semanticHitCount"] == by_vectors


async def test_the_nodes_take_turns_at_embedding() -> None:
    w = engines(Engine())
    for _ in range(SHARDS):
        await w.searcher.search(ask(body(1.0)))
    pairs = zip(w.nodes.asked, w.nodes.bodies, strict=True)
    assert len({node for (node, _), given in pairs if given.get("filter") == ["_miroir_shard IN []"]}) > 1


async def test_words_that_are_good_enough_need_no_vector() -> None:
    w = engines(Engine(score=0.95))
    answer = answered(await w.searcher.search(ask(body(0.5, retrieveVectors=True))))
    assert answer["semanticHitCount"] == 0
    assert answer["estimatedTotalHits"] == 3 * len(NODES)
    assert "queryVector" not in answer
    assert embeddings(w) == 0
    assert all("hybrid" not in given for given in w.nodes.bodies)


async def test_an_embedder_that_is_not_there_is_an_error_though_words_are_good_enough() -> None:
    w = engines(Engine(score=0.95, error="invalid_search_embedder"))
    w.holder.current.indexes["movies"].settings["embedders"].clear()
    reply = await w.searcher.search(ask(body(0.5)))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, "invalid_search_embedder")


async def test_a_vector_of_the_client_is_checked_though_words_are_good_enough() -> None:
    w = engines(Engine(score=0.95, error="invalid_vector_dimensions"))
    reply = await w.searcher.search(ask(body(0.5, vector=[1, 2])))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, "invalid_vector_dimensions")
    fine = engines(Engine(score=0.95))
    assert answered(await fine.searcher.search(ask(body(0.5, vector=[1, 2]))))["semanticHitCount"] == 0


@pytest.mark.parametrize("ratio", [0.3, 0.8])
async def test_where_embedding_fails_words_alone_answer(ratio: float) -> None:
    w = engines(Engine(error="vector_embedding_error"))
    answer = answered(await w.searcher.search(ask(body(ratio))))
    assert answer["semanticHitCount"] == 0
    assert len(answer["hits"]) == 4
    assert sum("hybrid" not in given for given in w.nodes.bodies) == len(NODES)


@pytest.mark.parametrize(("ratio", "code"), [(1.0, "vector_embedding_error"), (0.8, "invalid_search_embedder")])
async def test_other_failures_are_the_answer(ratio: float, code: str) -> None:
    reply = await engines(Engine(error=code)).searcher.search(ask(body(ratio)))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, code)


async def test_a_vector_of_the_client_is_embedded_by_nobody() -> None:
    w = engines(Engine())
    answer = answered(await w.searcher.search(ask(body(0.8, vector=[0.25, 3]))))
    assert embeddings(w) == 0
    assert [given["vector"] for given in w.nodes.bodies] == [[0.25, 3]] * len(NODES)
    assert "_miroir" not in str(answer)


@pytest.mark.parametrize("dead", NODES)
async def test_with_one_node_away_the_answer_is_the_same(dead: str) -> None:
    whole, w = engines(Engine()), engines(Engine())
    w.nodes.behaviour[dead] = refusing()
    wanted, found = [answered(await each.searcher.search(ask(body(0.4)))) for each in (whole, w)]
    assert found["hits"] == wanted["hits"]


async def test_shards_without_a_node_mark_the_answer_whichever_leg_lacks_them() -> None:
    w = world(view(copies=1, embedders=_EMBEDDERS), copies=1)
    w.nodes.behaviour = dict.fromkeys(NODES, Engine())
    w.nodes.behaviour["n1"] = refusing()
    reply = await w.searcher.search(ask(body(0.4)))
    assert answered(reply)["hits"]
    assert dict(reply.headers)[b"x-miroir-degraded"] == b"shards=1"
