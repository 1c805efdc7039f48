"""Explain tells the plan that a search uses, asks no node for it, and gives nothing away that is not the caller's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
import trio
import trio.testing

from miroir.config.models import ExplainConfig, HedgingConfig
from miroir.core.indexes import Catalog
from miroir.core.topology import Node, Topology
from miroir.core.wire.errors import MiroirError
from miroir.reads.explain import Explainer
from tests.reads.fakes import NODES, World, ask, failing, view, world

SETTINGS: dict[str, Any] = {"filterableAttributes": ["id", "genre"], "sortableAttributes": ["year"]}


def explainer(w: World, **config: Any) -> Explainer:
    topology = Topology(tuple(Node(name, f"http://{name}.secret:7700") for name in NODES), 2, 1)
    return Explainer(w.holder, topology, w.line, w.searcher, ExplainConfig(**config))


async def told(w: World, body: Any = None, *, execute: bool = False, operator: bool = True, **config: Any) -> Any:
    request = ask(orjson.dumps(body or {"q": "x"}))
    reply = await explainer(w, **config).explain(request, execute=execute, operator=operator)
    assert reply.status == 200
    return orjson.loads(reply.body)


def kinds(answer: Any) -> list[str]:
    return [warning["type"] for warning in answer["warnings"]]


async def test_the_plan_is_told_and_no_node_is_asked() -> None:
    w = world(view(**SETTINGS))
    answer = await told(w)
    assert w.nodes.asked == []
    assert answer["resolved_uid"] == "movies"
    plan = answer["plan"]
    assert plan["target_shards"] == [0, 1, 2, 3]
    assert plan["narrowed"] is False
    assert plan["chosen_group"] == {"id": 0, "reason": "It is the only group."}
    assert [node["shards"] for node in plan["target_nodes"]] == [[0, 3], [1], [2]]
    assert (plan["hedging_armed"], plan["hedge_trigger_ms"], plan["estimated_p95_ms"]) == (False, None, None)
    assert plan["coalescing_eligible"] is True
    assert answer["warnings"] == []
    assert "result" not in answer


async def test_what_is_told_is_what_is_asked(autojump_clock: trio.testing.MockClock) -> None:
    w = world(view(**SETTINGS))
    w.nodes.behaviour = {"n0": 0.1, "n1": 0.2, "n2": 0.3}
    answer = await told(w, {"q": "x", "filter": "genre = a"}, execute=True)
    asked = {node: (shards, body) for (node, shards), body in zip(w.nodes.asked, w.nodes.bodies, strict=True)}
    assert set(asked) == {node["id"] for node in answer["plan"]["target_nodes"]}
    for node in answer["plan"]["target_nodes"]:
        shards, body = asked[node["id"]]
        body["filter"] = body["filter"][:-1]
        assert (shards, {"keyword": body}) == (tuple(node["shards"]), node["requests"])
    assert [hit["id"] for hit in answer["result"]["hits"]] == list(range(20))
    assert sorted((node["id"], node["took_ms"]) for node in answer["execution"]["nodes"]) == [
        ("n0", 100.0),
        ("n1", 200.0),
        ("n2", 300.0),
    ]
    assert answer["execution"]["status"] == 200


async def test_nothing_of_miroirs_own_is_told() -> None:
    w = world(view(**SETTINGS))
    for operator in (True, False):
        text = orjson.dumps(await told(w, {"filter": "genre = a"}, execute=True, operator=operator)).decode()
        assert "_miroir" not in text
        assert "secret" not in text
        assert "movies-i1" not in text


async def test_nodes_are_for_operators_only() -> None:
    answer = await told(world(), execute=True, operator=False)
    assert "target_nodes" not in answer["plan"]
    assert "nodes" not in answer["execution"]
    assert all(node not in orjson.dumps(answer).decode() for node in NODES)


async def test_a_filter_that_pins_the_primary_key_is_told_to_narrow() -> None:
    plan = (await told(world(view(**SETTINGS)), {"filter": "id = 7"}))["plan"]
    assert plan["narrowed"] is True
    assert len(plan["target_shards"]) == 1
    assert "`id`" in plan["narrowing_reason"]


async def test_when_it_would_hedge_is_told(autojump_clock: trio.testing.MockClock) -> None:
    w = world(hedging=HedgingConfig())
    w.nodes.behaviour = dict.fromkeys(NODES, 0.1)
    for _ in range(20):
        await w.searcher.search(ask())
    plan = (await told(w))["plan"]
    assert plan["hedging_armed"] is True
    assert 120 <= plan["hedge_trigger_ms"] <= 132
    assert 100 <= plan["estimated_p95_ms"] <= 110


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"filter": "colour = red"}, ["would_fail"]),
        ({"filter": ["genre = a", ["(year > 5 OR genre = b)"]]}, ["would_fail"]),
        ({"filter": "genre = 'x AND colour = red'"}, []),
        ({"filter": 'genre IN ["colour", year]'}, []),
        ({"sort": ["title:asc"]}, ["would_fail"]),
        ({"sort": ["year:desc", "_geoPoint(1,2):asc"]}, []),
        ({"facets": ["title"]}, ["would_fail"]),
        ({"facets": ["*"]}, ["unbounded_wildcard"]),
        ({"offset": 900}, ["deep_offset"]),
        ({"filter": "NOT id = 7"}, ["not_narrowed"]),
        ({"filter": "id = 7"}, []),
        ({"future": 1}, ["would_fail"]),
    ],
)
async def test_warnings_say_what_fails_and_what_costs(body: Any, expected: list[str]) -> None:
    assert kinds(await told(world(view(**SETTINGS)), body)) == expected


async def test_no_more_warnings_than_allowed() -> None:
    body = {"facets": [f"f{number}" for number in range(30)]}
    assert len((await told(world(), body))["warnings"]) == 20
    assert len((await told(world(), body, max_warnings=3))["warnings"]) == 3


async def test_a_nodes_error_is_the_result(autojump_clock: trio.testing.MockClock) -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, failing(400, "invalid_search_filter", "no"))
    answer = await told(w, {"filter": "x = 1"}, execute=True)
    assert answer["execution"]["status"] == 400
    assert answer["result"]["code"] == "invalid_search_filter"


async def test_what_is_turned_off_is_refused() -> None:
    for config, execute in (({"enabled": False}, False), ({"allow_execute_parameter": False}, True)):
        with pytest.raises(MiroirError) as caught:
            await told(world(), execute=execute, **config)
        assert (caught.value.code, caught.value.status) == ("miroir_feature_disabled", 403)


async def test_an_unknown_index_is_not_found() -> None:
    w = world()
    w.holder.current = Catalog(1, {"other": replace(view(), uid="other")})
    with pytest.raises(MiroirError) as caught:
        await told(w)
    assert caught.value.code == "index_not_found"
