"""Multi-search: every query is a search of its own, the first failing one fails all, and what is lacking is marked."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from miroir.core.planning.request import BatchRequest
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.together import AT_ONCE
from tests.reads.fakes import NODES, World, failing, refusing, world


def batch(*queries: Any, seconds: float = 30, unavailable: str | None = None, **more: Any) -> BatchRequest:
    body = orjson.dumps({"queries": list(queries), **more})
    return BatchRequest(body, trio.current_time() + seconds, unavailable)


async def told(here: World, request: BatchRequest, **config: Any) -> Any:
    reply = await here.multi(**config).search(request)
    assert reply.status == 200, reply.body
    return orjson.loads(reply.body)


async def test_answers_stand_in_the_order_of_their_queries_and_name_their_index() -> None:
    answer = await told(
        world(), batch({"indexUid": "movies", "limit": 3}, {"indexUid": "movies", "q": "x", "offset": 1})
    )
    assert [result["indexUid"] for result in answer["results"]] == ["movies", "movies"]
    assert [result["query"] for result in answer["results"]] == ["", "x"]
    assert [hit["id"] for hit in answer["results"][0]["hits"]] == [0, 1, 2]
    assert list(answer["results"][0])[:3] == ["indexUid", "hits", "query"]


async def test_the_answers_of_one_request_share_its_id() -> None:
    answer = await told(world(), batch({"indexUid": "movies"}, {"indexUid": "movies", "q": "x"}))
    assert len({result["requestUid"] for result in answer["results"]}) == 1


async def test_no_queries_have_no_results() -> None:
    assert await told(world(), batch()) == {"results": []}


async def test_an_unknown_index_is_no_part_of_the_url() -> None:
    reply = await world().multi().search(batch({"indexUid": "movies"}, {"indexUid": "none"}))
    error = orjson.loads(reply.body)
    assert (reply.status, error["code"]) == (400, "index_not_found")
    assert error["message"] == "Inside `.queries[1]`: Index `none` not found."


async def test_the_first_failing_query_is_the_answer_however_slow_it_is() -> None:
    here = world(copies=1)
    here.nodes.behaviour["n0"] = lambda nodes, node, given: (
        failing(400, "invalid_search_filter", f"Bad {given['q']} in `movies-i1-e1abcd`.")(nodes, node, given)
        if given.get("q")
        else None
    )
    queries = [{"indexUid": "movies"}, {"indexUid": "movies", "q": "first"}, {"indexUid": "none"}]
    reply = await here.multi().search(batch(*queries))
    assert reply.status == 400
    assert orjson.loads(reply.body)["message"] == "Inside `.queries[1]`: Bad first in `movies`."


async def test_a_query_behind_an_error_is_not_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    here = world()
    here.nodes.behaviour = dict.fromkeys(NODES, 4.0)
    started = trio.current_time()
    reply = await here.multi().search(batch({"indexUid": "none"}, {"indexUid": "movies"}))
    assert reply.status == 400
    assert trio.current_time() == started


async def test_queries_are_asked_at_the_same_time_and_not_all_at_once(autojump_clock: trio.testing.MockClock) -> None:
    here = world()
    here.nodes.behaviour = dict.fromkeys(NODES, 1.0)
    started = trio.current_time()
    queries = [{"indexUid": "movies", "q": str(n)} for n in range(2 * AT_ONCE)]
    await told(here, batch(*queries))
    assert trio.current_time() == started + 2


async def test_what_is_incomplete_is_marked_with_its_shards_and_its_queries() -> None:
    here = world(copies=1)
    here.nodes.behaviour["n1"] = lambda nodes, node, given: (
        refusing()(nodes, node, given) if given.get("q") == "x" else None
    )
    whole, part = {"indexUid": "movies"}, {"indexUid": "movies", "q": "x"}
    reply = await here.multi().search(batch(part, whole, part))
    assert reply.status == 200
    assert (b"x-miroir-degraded", b"shards=1; queries=0,2") in reply.headers


async def test_a_client_may_insist_on_complete_answers() -> None:
    here = world(copies=1)
    here.nodes.behaviour["n1"] = refusing()
    reply = await here.multi().search(batch({"indexUid": "movies"}, unavailable="error"))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (503, "miroir_shard_unavailable")
    assert (b"retry-after", b"10") in reply.headers


@pytest.mark.parametrize("limit", ["total_timeout_ms", "per_query_timeout_ms"])
async def test_time_is_limited_in_all_and_for_each_query(limit: str, autojump_clock: trio.testing.MockClock) -> None:
    here = world(node_timeout_ms=60_000)
    here.nodes.behaviour = dict.fromkeys(NODES, 600.0)
    started = trio.current_time()
    reply = await here.multi(**{limit: 2000}).search(batch({"indexUid": "movies"}))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (504, "miroir_timeout")
    assert trio.current_time() == started + 2


async def test_it_can_be_turned_off() -> None:
    with pytest.raises(MiroirError, match=r"multi_search\.enabled") as refused:
        await world().multi(enabled=False).search(batch())
    assert (refused.value.code, refused.value.status) == ("miroir_feature_disabled", 403)


async def test_more_queries_than_allowed_are_refused_before_any_node_is_asked() -> None:
    here = world()
    multi = here.multi(max_queries_per_batch=2)
    assert (await multi.search(batch(*[{"indexUid": "movies"}] * 2))).status == 200
    here.nodes.asked.clear()
    with pytest.raises(MiroirError, match="has 3 queries") as refused:
        await multi.search(batch(*[{"indexUid": "movies"}] * 3))
    assert (refused.value.code, refused.value.status) == ("miroir_limit_exceeded", 400)
    assert not here.nodes.asked


def judging(here: World, code: str, message: str) -> None:
    """All nodes refuse multi-searches, and nothing else."""
    refuse = failing(400, code, message)
    here.nodes.behaviour = dict.fromkeys(
        NODES, lambda nodes, node, given: refuse(nodes, node, given) if "queries" in given else None
    )


async def judged(here: World, *queries: Any) -> Reply:
    return await here.multi().search(batch(*queries))


async def test_what_is_not_understood_is_judged_by_a_node_as_a_whole_in_the_clients_names() -> None:
    here = world()
    judging(here, "bad_request", "Unknown field `odd` inside `.queries[1]` of `movies-i1-e1abcd` and `miroir-none-1`.")
    reply = await judged(here, {"indexUid": "movies"}, {"indexUid": "none", "odd": 1})
    assert reply.status == 400
    assert orjson.loads(reply.body)["message"] == "Unknown field `odd` inside `.queries[1]` of `movies` and `none`."
    assert here.nodes.bodies == [
        {"queries": [{"indexUid": "movies-i1-e1abcd"}, {"indexUid": "miroir-none-1", "odd": 1}]}
    ]


async def test_what_only_nodes_understand_is_refused_with_the_place_of_its_query() -> None:
    reply = await judged(world(), {"indexUid": "movies"}, {"indexUid": "movies", "personalize": {"userContext": "x"}})
    assert (reply.status, orjson.loads(reply.body)["code"]) == (501, "miroir_not_supported")
    assert orjson.loads(reply.body)["message"].startswith("Inside `.queries[1]`: ")


async def test_a_body_that_is_no_batch_is_judged_by_a_node() -> None:
    here = world()
    here.nodes.behaviour = dict.fromkeys(NODES, failing(400, "malformed_payload", "The json payload is malformed."))
    reply = await here.multi().search(BatchRequest(b"{", trio.current_time() + 30))
    assert orjson.loads(reply.body)["code"] == "malformed_payload"
    with pytest.raises(MiroirError, match="does not understand"):
        await world().multi().search(BatchRequest(b'{"queries":3}', trio.current_time() + 30))


async def test_without_a_node_to_judge_it_is_unavailable() -> None:
    here = world()
    here.nodes.behaviour = dict.fromkeys(NODES, refusing())
    with pytest.raises(MiroirError) as refused:
        await here.multi().search(BatchRequest(b"{", trio.current_time() + 30))
    assert refused.value.code == "miroir_shard_unavailable"
