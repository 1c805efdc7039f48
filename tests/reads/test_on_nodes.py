"""The searcher over three real nodes that were loaded by hand, against one node that holds everything: hit by hit."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import trio

from miroir._merge_core import encode_sequence, encode_shard, shard_of
from miroir.cluster.health import Health
from miroir.config.models import HealthConfig, ScatterConfig
from miroir.core.indexes import Catalog, IndexView
from miroir.core.planning.query import body_of_query
from miroir.core.topology import Node, Topology
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.edge.nodes.pool import NodePool, PoolLimits
from miroir.reads.line import Line
from miroir.reads.search import Searcher
from tests.harness.client import Engine
from tests.harness.node import MASTER_KEY, answer_from, launch
from tests.harness.node import Node as Process
from tests.reads.fakes import Holder, ask

SHARDS, COPIES = 8, 2
_TEXT = "the night river silver house dancing stars lost moon garden Captain winter summer train stranger"
WORDS = _TEXT.split()
BRANDS = ["acme", {"name": "acme", "land": "uk"}, ["acme", {"name": "bolt"}], {"land": "uk"}, ["bolt"]]
SETTINGS: dict[str, Any] = {
    "filterableAttributes": ["genre", "year", "tags", "rating", "_geo", "brand"],
    "sortableAttributes": ["year", "rating", "title", "_geo"],
    "displayedAttributes": ["id", "title", "year", "genre", "tags", "overview"],
    "rankingRules": ["words", "typo", "proximity", "attribute", "sort", "exactness"],
    "faceting": {"maxValuesPerFacet": 5, "sortFacetValuesBy": {"*": "alpha", "genre": "count"}},
    "pagination": {"maxTotalHits": 60},
}
INDEXES: dict[str, dict[str, Any]] = {
    "narrow": SETTINGS,
    "wide": {
        **SETTINGS,
        "displayedAttributes": ["*"],
        "searchableAttributes": ["title", "overview", "genre"],
        "rankingRules": ["words", "typo", "year:desc", "proximity", "attribute", "sort", "exactness"],
        "synonyms": {"moon": ["silver"], "night": ["dark night"]},
        "stopWords": ["the"],
    },
    "unique": {**SETTINGS, "distinctAttribute": "year", "displayedAttributes": ["title", "rating"]},
}
"""What the client set; the names are the client's uids."""


def documents() -> list[dict[str, Any]]:
    chance = random.Random(7)
    made = []
    for number in range(400):
        title = " ".join(chance.choices(WORDS, k=chance.randint(1, 5)))
        document: dict[str, Any] = {"id": number, "title": title, "overview": " ".join(chance.choices(WORDS, k=12))}
        if chance.random() < 0.9:
            document |= {"year": chance.randint(1950, 1970), "genre": chance.choice(["Drama", "comedy", "Noir", "war"])}
        if chance.random() < 0.8:
            document["_geo"] = {"lat": round(chance.uniform(40, 60), 4), "lng": round(chance.uniform(-5, 20), 4)}
        if chance.random() < 0.7:
            document |= {"rating": round(chance.random() * 5, 1), "tags": chance.sample(WORDS, k=chance.randint(0, 4))}
        document["brand"] = BRANDS[number % 7 % 5]
        made.append(document)
    return made


@dataclass
class Loaded:
    """One node with everything, and three that share it."""

    whole: Engine
    parts: list[Process]


def holders(shard: int) -> tuple[str, ...]:
    return tuple(f"part{(shard + copy) % 3}" for copy in range(COPIES))


def physical(uid: str) -> str:
    return f"{uid}-i1-e1abcd"


def _load(node: Process, uid: str, settings: dict[str, Any], given: list[dict[str, Any]]) -> None:
    node.engine.do("POST", "/indexes", {"uid": uid, "primaryKey": "id"})
    node.engine.do("PATCH", f"/indexes/{uid}/settings", settings)
    node.engine.do("POST", f"/indexes/{uid}/documents", given)


def _load_whole(node: Process) -> None:
    for uid, settings in INDEXES.items():
        _load(node, uid, settings, documents())


def _load_part(node: Process) -> None:
    mine = []
    for sequence, document in enumerate(documents()):
        shard = shard_of(str(document["id"]), SHARDS)
        if node.name in holders(shard):
            mine.append({**document, "_miroir_shard": encode_shard(shard), "_miroir_seq": encode_sequence(sequence)})
    for uid, settings in INDEXES.items():
        _load(node, physical(uid), _virtual(settings), mine)


def _virtual(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        **settings,
        "filterableAttributes": [*settings["filterableAttributes"], "_miroir_shard", "_miroir_seq"],
        "sortableAttributes": [*settings["sortableAttributes"], "_miroir_seq"],
        "rankingRules": [*settings["rankingRules"], "_miroir_seq:asc"],
        "displayedAttributes": ["*"],
        "faceting": {**settings["faceting"], "maxValuesPerFacet": 100_000},
    }


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("nodes")
    nodes = [launch(name, folder) for name in ("whole", "part0", "part1", "part2")]
    try:
        for node in nodes:
            answer_from(node.engine, node.process)
        with ThreadPoolExecutor() as threads:
            jobs = [threads.submit(_load_whole, nodes[0]), *(threads.submit(_load_part, node) for node in nodes[1:])]
            for job in jobs:
                job.result()
        yield Loaded(nodes[0].engine, nodes[1:])
    finally:
        for node in nodes:
            node.close()


@dataclass
class Asked:
    line: Line
    searcher: Searcher
    health: Health


@pytest.fixture
async def asked(loaded: Loaded) -> AsyncIterator[Asked]:
    topology = Topology(tuple(Node(part.name, part.url) for part in loaded.parts), COPIES, 1)
    shard_map = tuple(holders(shard) for shard in range(SHARDS))
    views = {
        uid: IndexView(uid, physical(uid), 1, "id", SHARDS, shard_map, "", "", settings)
        for uid, settings in INDEXES.items()
    }
    pool = NodePool(PoolLimits())
    health = Health(topology, HealthConfig(unhealthy_threshold=1000), pool, key=MASTER_KEY)
    holder = Holder(Catalog(1, views))
    line = Line(holder, topology, health, pool, ScatterConfig(), key=MASTER_KEY)
    yield Asked(line, Searcher(holder, line), health)
    pool.close_idle()


QUERIES: list[dict[str, Any]] = [
    {},
    {"q": "silver moon"},
    {"q": "nihgt", "limit": 7},
    {"q": "strang", "offset": 5, "limit": 10},
    {"q": '"lost moon" -garden'},
    {"q": "river house dancing stars", "matchingStrategy": "all"},
    {"filter": "year > 1960 AND genre = drama"},
    {"q": "night", "filter": ["year > 1955", ["genre = Noir", "genre = war"]]},
    {"filter": "rating EXISTS OR tags IN [moon, winter]", "sort": ["rating:desc", "title:asc"]},
    {"sort": ["year:asc"], "limit": 60},
    {"q": "the", "sort": ["title:desc"], "showRankingScoreDetails": True, "showRankingScore": True},
    {"sort": ["rating:asc"], "showRankingScoreDetails": True, "limit": 5},
    {"q": "moon", "facets": ["genre", "year", "tags"]},
    {"facets": ["*"], "limit": 0},
    {"page": 3, "hitsPerPage": 7, "q": "garden"},
    {"page": 50, "hitsPerPage": 7},
    {"page": 0},
    {"hitsPerPage": 0},
    {"offset": 55, "limit": 20},
    {"offset": 100},
    {"q": "captain", "attributesToRetrieve": ["title"], "attributesToHighlight": ["*"], "showMatchesPosition": True},
    {"q": "winter train", "attributesToCrop": ["overview"], "cropLength": 4, "cropMarker": "~"},
    {"q": "summer", "attributesToRetrieve": ["*"], "attributesToHighlight": ["title"], "highlightPreTag": "<b>"},
    {"q": "silver", "attributesToSearchOn": ["title"]},
    {"q": "moon", "attributesToSearchOn": ["nothing"]},
    {"page": 1, "hitsPerPage": 4, "distinct": "genre"},
    {"q": "silver moon", "rankingScoreThreshold": 0.6, "limit": 60},
    {"distinct": "genre", "sort": ["year:desc"]},
    {"distinct": "year", "attributesToRetrieve": ["title"], "q": "moon"},
    {"sort": ["_geoPoint(48.85, 2.35):asc"], "limit": 30},
    {"sort": ["_geoPoint(48.85, 2.35):desc"], "attributesToRetrieve": ["title"], "q": "moon"},
    {"filter": "_geoRadius(48.85, 2.35, 300000)", "sort": ["year:desc", "_geoPoint(48.85, 2.35):asc"]},
    {"q": "moon", "attributesToRetrieve": ["id"], "attributesToHighlight": ["title"], "distinct": "year"},
    {"q": "moon", "attributesToRetrieve": ["id"], "attributesToHighlight": ["*"], "distinct": "year"},
    {"q": "moon", "showMatchesPosition": True, "attributesToRetrieve": []},
    {"q": "moon", "attributesToHighlight": ["rating", "title"], "attributesToCrop": ["*:3"]},
    {"q": "the moon", "attributesToRetrieve": [], "showRankingScore": True},
    {"q": "captain silver", "rankingScoreThreshold": 0.9, "page": 1},
    {"q": "", "facets": ["rating", "genre"], "filter": "rating > 2", "limit": 1},
    {"q": "winter", "matchingStrategy": "last", "sort": ["rating:asc", "year:desc"], "offset": 3, "limit": 12},
    {"distinct": "brand", "attributesToRetrieve": ["brand.name"], "limit": 40},
    {"distinct": "brand", "attributesToRetrieve": ["id", "brand.land"], "attributesToHighlight": ["*"], "q": "uk"},
    {"distinct": "brand", "attributesToRetrieve": ["id"], "attributesToHighlight": ["brand.name"], "limit": 9},
    {"distinct": "brand.name", "attributesToRetrieve": ["brand"], "page": 1, "hitsPerPage": 50},
    {"distinct": "brand.name", "attributesToRetrieve": ["brand.land"], "sort": ["title:asc"], "limit": 40},
    {"distinct": "brand.name", "attributesToRetrieve": ["title"], "attributesToCrop": ["brand.land:2"], "page": 1},
    {"sort": ["_geoPoint(48.85, 2.35):asc"], "attributesToRetrieve": ["title", "_geo.lat"]},
    {"sort": ["_geoPoint(48.85, 2.35):asc"], "attributesToRetrieve": ["_geo.lng", "_geo.lat"]},
    {"q": "((:", "limit": 3},
    {"q": "_miroir_shard"},
]
REFUSED: list[dict[str, Any] | bytes] = [
    {"filter": "_miroir_shard = 1"},
    {"filter": "title = 1"},
    {"filter": "year >"},
    {"sort": ["_miroir_seq:asc"]},
    {"sort": ["overview:asc"]},
    {"sort": ["year"]},
    {"distinct": "title"},
    {"distinct": "_miroir_shard"},
    {"facets": ["nothing"]},
    {"limit": -1},
    {"limit": "x"},
    {"unknown": 1},
    {"filter": 5},
    {"matchingStrategy": "some"},
    b"{",
    b"[]",
    b"",
]
_VARYING = ("processingTimeMs", "requestUid")
_ESTIMATED = ("estimatedTotalHits", "totalHits", "totalPages", "facetDistribution", "facetStats")


def has_estimates(query: dict[str, Any] | bytes, uid: str) -> bool:
    """With distinct values or a threshold one node estimates its totals too, but not where it has to fill pages."""
    if isinstance(query, bytes) or {"page", "hitsPerPage"} & set(query):
        return False
    return bool({"distinct", "rankingScoreThreshold"} & set(query)) or "distinctAttribute" in INDEXES[uid]


def compared(body: bytes, *, estimates: bool) -> Any:
    """The answer without what differs from one search to the next, and without estimates."""
    answer = orjson.loads(body)
    dropped = _VARYING + _ESTIMATED if estimates else _VARYING
    return (
        {name: value for name, value in answer.items() if name not in dropped} if isinstance(answer, dict) else answer
    )


async def _judge(loaded: Loaded, asked: Asked, query: dict[str, Any] | bytes, uid: str = "narrow") -> Reply:
    """Ask both; the answers must be the same, down to the order of their fields."""
    body = query if isinstance(query, bytes) else orjson.dumps(query)
    one = loaded.whole.ask("POST", f"/indexes/{uid}/search", content=body)
    reply = await asked.searcher.search(ask(body, index=uid))
    assert reply.status == one.status, (reply.body, one.raw)
    estimates = has_estimates(query, uid)
    ours, theirs = compared(reply.body, estimates=estimates), compared(one.raw, estimates=estimates)
    assert ours == theirs
    if isinstance(ours, dict):
        assert list(orjson.loads(reply.body)) == list(orjson.loads(one.raw))
    assert b"_miroir" not in reply.body or b"_miroir" in body
    return reply


@pytest.mark.parametrize("uid", INDEXES)
@pytest.mark.parametrize("query", QUERIES, ids=repr)
async def test_three_nodes_answer_as_one(loaded: Loaded, asked: Asked, query: dict[str, Any], uid: str) -> None:
    for _ in range(COPIES):
        reply = await _judge(loaded, asked, query, uid)
        assert b"x-miroir-degraded" not in dict(reply.headers)


@pytest.mark.parametrize("query", REFUSED, ids=repr)
async def test_refusals_are_those_of_one_node(loaded: Loaded, asked: Asked, query: dict[str, Any] | bytes) -> None:
    reply = await _judge(loaded, asked, query)
    assert reply.status == 400


@pytest.mark.parametrize("query", ["q=silver+moon&limit=3", "filter=year>1960&sort=year:asc&facets=genre", "page=2"])
async def test_the_get_form_answers_as_one_node(loaded: Loaded, asked: Asked, query: str) -> None:
    one = loaded.whole.ask("GET", f"/indexes/narrow/search?{query.replace('>', '%3E')}")
    body = body_of_query(query.replace(">", "%3E").encode())
    assert body is not None
    reply = await asked.searcher.search(ask(body, index="narrow"))
    assert compared(reply.body, estimates=False) == compared(one.raw, estimates=False)


async def test_a_wrong_node_key_is_never_told_as_the_clients(loaded: Loaded, asked: Asked) -> None:
    asked.line._key = "wrong"
    with pytest.raises(MiroirError) as caught:
        await asked.searcher.search(ask(index="narrow"))
    assert caught.value.status == 503


@pytest.mark.parametrize("dead", [0, 1, 2])
async def test_with_one_node_killed_the_answers_are_the_same(loaded: Loaded, asked: Asked, dead: int) -> None:
    loaded.parts[dead].kill()
    try:
        for query in QUERIES[:12]:
            reply = await _judge(loaded, asked, query)
            assert b"x-miroir-degraded" not in dict(reply.headers)
    finally:
        await trio.to_thread.run_sync(loaded.parts[dead].start_again)
