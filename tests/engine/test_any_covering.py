"""Whichever replicas a search asks, the answer is the same, but for its time, its id, and the order of fields in a hit.

Nodes number the fields of documents as they meet them, so that two replicas write one document in two orders. What is
an estimate is left out: counts under distinct. So is what depends on all that a node holds: which words are frequent,
and how a facet's value is spelt.

Two groups of three nodes with two copies each: every shard may be asked of four nodes, in any mixture.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import orjson
import pytest
import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.cluster.health import Health
from miroir.cluster.node_keys import work_key
from miroir.config.models import HealthConfig, ScatterConfig
from miroir.core.planning.covering import Covering
from miroir.core.planning.leg import Leg
from miroir.core.planning.request import SearchRequest
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.pool import NodePool, PoolLimits
from miroir.edge.store import open_store
from miroir.reads.line import Line
from miroir.reads.search import Searcher
from tests.engine.compare import difference
from tests.engine.loading import load
from tests.engine.worlds import FIXED
from tests.harness.client import Answer, Json
from tests.harness.cluster import Cluster, start
from tests.harness.node import MASTER_KEY

CHOICES = 12
QUERIES: list[Json] = [
    {},
    {"q": "sun"},
    {"q": "wonderfull", "showRankingScore": True},
    {"q": "alph", "limit": 50, "showRankingScoreDetails": True},
    {"q": "gama moon", "matchingStrategy": "all"},
    {"q": '"alpha beta" -omega'},
    {"q": "東京 étoile"},
    {"q": "delta", "offset": 7, "limit": 9},
    {"q": "moon", "page": 2, "hitsPerPage": 5},
    {"q": "betta", "hitsPerPage": 0},
    {"q": "sun", "facets": ["color", "open", "deep.*"]},
    {"facets": ["color", "tags", "n", "mixed"], "filter": "n > 0"},
    {"filter": ["color = red OR tags = new", ["open = true", "n EXISTS"]], "limit": 100},
    {"filter": "deep.a IN [sun, moon] AND NOT mixed = x", "sort": ["n:desc", "name:asc"]},
    {"sort": ["mixed:asc", "color:desc"], "limit": 200},
    {"sort": ["_geoPoint(48.85, 2.35):asc"], "attributesToRetrieve": ["title", "_geo"]},
    {"filter": "_geoRadius(48.85, 2.35, 600000)", "sort": ["_geoPoint(0, 0):desc"]},
    {"q": "star", "distinct": "group", "facets": ["group"]},
    {"distinct": "color", "page": 1, "hitsPerPage": 30},
    {"q": "sun moon", "attributesToHighlight": ["*"], "attributesToCrop": ["body:3"], "showMatchesPosition": True},
    {"q": "alpine", "attributesToSearchOn": ["title"], "attributesToRetrieve": ["tags"]},
    {"q": "omega", "rankingScoreThreshold": 0.5},
    {"filter": "id IN [1, 2, d-3, d-6]"},
    {"filter": "nothing = 1"},
    {"sort": ["title:asc"]},
]


@dataclass
class Setting:
    """A searcher in this process over the nodes of a cluster, asked by a choice that a test makes."""

    line: Line
    searcher: Searcher
    topology: Topology


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = start("choices", tmp_path_factory.mktemp("choices"), nodes=6, copies=2, groups=2)
    for name, world in FIXED.items():
        load(made.engine, name, world.documents, world.settings)
    yield made
    made.close()


@pytest.fixture
async def setting(formed: Cluster) -> AsyncIterator[Setting]:
    topology = Topology(tuple(Node(node.name, node.url, n % 2) for n, node in enumerate(formed.nodes)), 2, 2)
    pool, key = NodePool(PoolLimits()), work_key(MASTER_KEY)
    async with open_store("sqlite", str(formed.config.parent / "tasks.db")) as store:
        catalog = CatalogHolder(store)
        await catalog.load()
        health = Health(topology, HealthConfig(unhealthy_threshold=1000), pool, key=key)
        line = Line(catalog, topology, health, pool, ScatterConfig(node_timeout_ms=20000), key=key)
        yield Setting(line, Searcher(catalog, line), topology)
    pool.close_idle()


def drawn(leg: Leg, chance: random.Random) -> Covering:
    """Any holder of each shard, whatever its group."""
    shards = range(len(leg.shard_map)) if leg.shards is None else leg.shards
    assigned: dict[str, list[int]] = {}
    for shard in shards:
        assigned.setdefault(chance.choice(leg.shard_map[shard]), []).append(shard)
    return Covering({node: tuple(assigned[node]) for node in sorted(assigned)}, ())


def _only_hits(body: bytes) -> bytes:
    return orjson.dumps({"hits": orjson.loads(body)["hits"]})


@pytest.mark.parametrize("index", sorted(FIXED))
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: str(query)[:40])
async def test_the_answer_does_not_depend_on_who_is_asked(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, index: str, query: Json
) -> None:
    distinct = "distinct" in query or "distinctAttribute" in FIXED[index].settings
    first: tuple[Answer, Covering] | None = None
    for number in range(CHOICES):
        chosen: list[Covering] = []

        def choose(leg: Leg, number: int = number, chosen: list[Covering] = chosen) -> Covering:
            chosen.append(drawn(leg, random.Random(number)))
            return chosen[-1]

        monkeypatch.setattr(setting.line, "choose", choose)
        request = SearchRequest(index, orjson.dumps(query), trio.current_time() + 60, "error")
        reply = await setting.searcher.search(request)
        answer = Answer(
            reply.status, httpx.Headers(), _only_hits(reply.body) if distinct and reply.status == 200 else reply.body
        )
        first = first or (answer, chosen[0])
        found = difference(first[0], answer)
        assert found is None, f"{found}: by {first[1].assigned}, and by {chosen[0].assigned}"
