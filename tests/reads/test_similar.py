"""Similar documents over fake nodes: who is asked for what, and what becomes of answers and failures."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from miroir._merge_core import encode_sequence, shard_of
from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.similar import SimilarReads
from tests.reads.fakes import NODES, SHARDS, FakeNodes, World, failing, refusing, saying, view, world
from tests.reads.fakes import _shards as shards_of

DOCUMENTS = 12
VECTORLESS = 5


def near(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
    """Nodes with twelve documents, the more similar the smaller their number."""
    last = nodes.targets[-1].rpartition("/")[2]
    if last == "similar":
        answer: Any = {"hits": [], "id": given["id"], "processingTimeMs": 0, "limit": 0, "offset": 0}
        return Answered(node, 200, orjson.dumps(answer | {"estimatedTotalHits": 0}), 0.01)
    if last == "fetch":
        number = int(given["ids"][0])
        vectors = {} if number == VECTORLESS else {"e": {"embeddings": [[1.0, number]], "regenerate": False}}
        found = {"_miroir_seq": encode_sequence(number), "_vectors": vectors}
        return Answered(node, 200, orjson.dumps({"results": [found], "offset": 0, "limit": 20, "total": 1}), 0.01)
    mine = [one for one in range(DOCUMENTS) if shard_of(str(one), SHARDS) in shards_of(given)]
    mine = [one for one in mine if f'_miroir_seq != "{encode_sequence(one)}"' not in given["filter"]]
    hits = [hit(one) for one in mine][: given["limit"]]
    answer = {"hits": hits, "query": "", "processingTimeMs": 0, "limit": 20, "offset": 0}
    return Answered(node, 200, orjson.dumps(answer | {"estimatedTotalHits": len(mine), "requestUid": "0"}), 0.01)


def hit(number: int) -> dict[str, Any]:
    similarity = None if number == VECTORLESS else 1 - number / 16
    details = {
        "vectorSort": {"order": 0, "similarity": similarity},
        "_miroir_seq:asc": {"order": 1, "value": encode_sequence(number)},
    }
    return {"id": number, "_rankingScore": similarity or 0.0, "_rankingScoreDetails": details}


def stage(copies: int = 2, **settings: Any) -> tuple[World, SimilarReads]:
    w = world(view(copies=copies, **settings), copies=copies)
    w.nodes.behaviour = {**dict.fromkeys(NODES, near)}
    return w, SimilarReads(w.holder, w.line)


async def similar(reads: SimilarReads, asked: dict[str, Any], **more: Any) -> Reply:
    return await reads.similar("movies", {"id": 3, "embedder": "e"} | asked, deadline=trio.current_time() + 30, **more)


def told(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    assert b"_miroir" not in reply.body
    return [one["id"] for one in orjson.loads(reply.body)["hits"]]


def others(source: int) -> list[int]:
    return [one for one in range(DOCUMENTS) if one not in (source, VECTORLESS)]


@pytest.mark.parametrize("dead", [None, *NODES])
@pytest.mark.parametrize("trouble", [refusing(), saying(200, b"{}"), saying(500, b"")])
async def test_neighbours_are_found_on_all_shards_wherever_the_document_is(dead: str | None, trouble: Any) -> None:
    w, reads = stage()
    if dead is not None:
        w.nodes.behaviour[dead] = trouble
    for source in (0, 3, 11):
        reply = await similar(reads, {"id": source})
        assert told(reply) == others(source)
        assert orjson.loads(reply.body)["estimatedTotalHits"] == DOCUMENTS - 1


async def test_what_the_client_asks_is_what_he_sees() -> None:
    _, reads = stage(pagination={"maxTotalHits": 8})
    reply = await similar(reads, {"offset": 2, "limit": 3, "showRankingScore": True, "showRankingScoreDetails": True})
    assert told(reply) == [2, 4, 6]
    answer = orjson.loads(reply.body)
    assert answer["hits"][0] == {
        "id": 2,
        "_rankingScore": 0.875,
        "_rankingScoreDetails": {"vectorSort": {"order": 0, "similarity": 0.875}},
    }
    assert (answer["offset"], answer["limit"], answer["estimatedTotalHits"]) == (2, 3, 8)


async def test_a_document_without_vector_is_similar_to_none() -> None:
    w, reads = stage()
    reply = await similar(reads, {"id": VECTORLESS})
    assert told(reply) == []
    assert orjson.loads(reply.body)["estimatedTotalHits"] == DOCUMENTS - 1
    assert not any("hybrid" in body for body in w.nodes.bodies)


async def test_rules_and_distinct_attributes_of_the_index_have_no_say() -> None:
    w, reads = stage(distinctAttribute="genre", rankingRules=["sort", "year:desc", "words"])
    assert told(await similar(reads, {"limit": 2})) == [0, 1]
    searches = [body for body in w.nodes.bodies if "vector" in body]
    assert {(body["limit"], body["distinct"]) for body in searches} == {(1000, "_miroir_seq")}


async def test_the_owner_judges_first() -> None:
    w, reads = stage()
    refused = failing(400, "not_found_similar_id", "Document `3` not found.")
    w.nodes.behaviour = {**dict.fromkeys(NODES, refused)}
    reply = await similar(reads, {"filter": "_miroir_seq = 1", "attributesToRetrieve": ["_miroir_shard"]})
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, "not_found_similar_id")
    [body] = w.nodes.bodies
    assert body["filter"][0] == "_miroiR_seq = 1"
    assert body["attributesToRetrieve"] == ["_miroiR_shard"]
    assert shards_of(body) == (shard_of("3", SHARDS),)


async def test_a_dead_node_without_copies_marks_the_answer_or_hides_the_document() -> None:
    w, reads = stage(copies=1)
    w.nodes.behaviour["n1"] = refusing()
    away = {one for one in range(DOCUMENTS) if shard_of(str(one), SHARDS) == 1}
    seen, hidden = min(set(range(DOCUMENTS)) - away - {VECTORLESS}), min(away)
    reply = await similar(reads, {"id": seen})
    assert told(reply) == [one for one in others(seen) if one not in away]
    assert (b"x-miroir-degraded", b"shards=1") in reply.headers
    for asked, policy in (({"id": hidden}, None), ({"id": seen}, "error")):
        with pytest.raises(MiroirError) as caught:
            await similar(reads, asked, policy=policy)
        assert caught.value.code == "miroir_shard_unavailable"


@pytest.mark.parametrize("asked", [{"id": "a b"}, {"id": None}, {"limit": "x"}, {"embedder": 5}, {"unknown": 1}])
async def test_what_is_not_understood_is_judged_by_one_node(asked: dict[str, Any]) -> None:
    w, reads = stage()
    w.nodes.behaviour = {**dict.fromkeys(NODES, failing(400, "invalid_similar_id", "`movies-i1-e1abcd` no."))}
    reply = await similar(reads, asked)
    assert (reply.status, orjson.loads(reply.body)["message"]) == (400, "`movies` no.")
    assert w.nodes.bodies == [{"id": 3, "embedder": "e"} | asked]
