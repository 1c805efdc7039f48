"""The searcher among failing nodes: exact while one replica of each shard lives, marked or refused when none does."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
import trio
import trio.testing

from miroir.core.indexes import Catalog
from miroir.core.outcome import Unreachable
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from tests.reads.fakes import NODES, SHARDS, ask, failing, refusing, saying, view, world

EVERYTHING = list(range(20))


def ids(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    return [hit["id"] for hit in orjson.loads(reply.body)["hits"]]


def marks(reply: Reply) -> bytes | None:
    return dict(reply.headers).get(b"x-miroir-degraded")


async def test_a_search_asks_each_shard_once_and_merges_in_order() -> None:
    w = world()
    reply = await w.searcher.search(ask())
    assert ids(reply) == EVERYTHING
    assert orjson.loads(reply.body)["estimatedTotalHits"] == 40
    assert sorted(shard for _, shards in w.nodes.asked for shard in shards) == list(range(SHARDS))
    assert marks(reply) is None


async def test_no_reserved_field_and_no_detail_that_was_not_asked_for_is_answered() -> None:
    reply = await world().searcher.search(ask())
    assert b"_miroir" not in reply.body
    assert b"_ranking" not in reply.body


async def test_the_request_uid_is_a_fresh_uuid_of_version_7() -> None:
    w = world()
    seen = [orjson.loads((await w.searcher.search(ask())).body)["requestUid"] for _ in range(2)]
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", uid) for uid in seen
    )
    assert seen[0] != seen[1]


@pytest.mark.parametrize("dead", NODES)
@pytest.mark.parametrize(
    "how",
    [
        refusing(),
        saying(500, b"{}"),
        saying(200, b"not json"),
        saying(200, b'{"hits":5}'),
        saying(302, b""),
        saying(400, b"<html>a proxy at 10.0.0.1 says no</html>"),
        failing(403, "invalid_api_key", "The provided API key is invalid."),
        failing(404, "index_not_found", "Index `movies-i1-e1abcd` not found."),
        failing(503, "too_many_search_requests", "Too many"),
    ],
)
async def test_one_failing_node_changes_nothing_while_there_is_a_replica(dead: str, how: Any) -> None:
    w = world()
    w.nodes.behaviour[dead] = how
    for _ in range(4):
        reply = await w.searcher.search(ask())
        assert ids(reply) == EVERYTHING
        assert marks(reply) is None


async def test_only_the_shards_that_failed_are_asked_again() -> None:
    w = world()
    w.nodes.behaviour["n1"] = refusing()
    await w.searcher.search(ask())
    answered = [shard for node, shards in w.nodes.asked if node != "n1" for shard in shards]
    assert sorted(answered) == list(range(SHARDS))


@pytest.mark.parametrize(("pin", "expected"), [("id = 7", 1), ("id = 7 AND id = 8 AND id = 9", 1), ("id > 7", 3)])
async def test_a_filter_that_pins_the_primary_key_asks_nobody_else(pin: str, expected: int) -> None:
    w = world(copies=1)
    reply = await w.searcher.search(ask(orjson.dumps({"filter": pin})))
    assert reply.status == 200
    assert len(w.nodes.asked) == expected
    assert all(body["filter"][0] == pin for body in w.nodes.bodies)


async def test_a_pinned_shard_that_nobody_answers_for_is_missing_and_no_other_is() -> None:
    w = world(copies=1)
    for node in NODES:
        w.nodes.behaviour[node] = refusing()
    with pytest.raises(MiroirError, match=r"these shards of index `movies`: \d\."):
        await w.searcher.search(ask(b'{"filter":"id = 7"}'))


async def test_a_node_that_hangs_costs_its_timeout_once(autojump_clock: trio.testing.MockClock) -> None:
    w = world(node_timeout_ms=1000)
    w.nodes.behaviour["n0"] = 60.0
    assert ids(await w.searcher.search(ask())) == EVERYTHING
    assert trio.current_time() == 1


async def test_without_retry_on_timeout_its_shards_are_missing(autojump_clock: trio.testing.MockClock) -> None:
    w = world(node_timeout_ms=1000, retry_on_timeout=False)
    w.nodes.behaviour["n0"] = 60.0
    reply = await w.searcher.search(ask())
    lost = next(shards for node, shards in w.nodes.asked if node == "n0")
    assert marks(reply) == b"shards=" + b",".join(b"%d" % shard for shard in lost)


async def test_shards_without_living_replica_mark_the_answer() -> None:
    w = world(copies=1)
    w.nodes.behaviour["n1"] = refusing()
    reply = await w.searcher.search(ask())
    assert marks(reply) == b"shards=1"
    assert ids(reply) == [number for number in range(27) if number % SHARDS != 1][:20]


async def test_a_node_that_is_out_is_not_asked_while_others_hold_its_shards() -> None:
    w = world()
    w.nodes.behaviour["n1"] = refusing()
    for _ in range(6):
        await w.searcher.search(ask())
    assert not w.health.alive("n1")
    w.nodes.asked.clear()
    assert ids(await w.searcher.search(ask())) == EVERYTHING
    assert {node for node, _ in w.nodes.asked} == {"n0", "n2"}


async def test_a_node_that_is_out_and_swallows_packets_costs_a_search_little(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world(copies=1)
    for _ in range(3):
        w.health.record(Unreachable("n1", "no route", sent=False))
    w.nodes.behaviour["n1"] = 3600.0
    start = trio.current_time()
    reply = await w.searcher.search(ask())
    assert trio.current_time() - start < 1
    assert marks(reply) == b"shards=1"


async def test_shards_that_no_living_node_holds_are_asked_of_those_that_are_out() -> None:
    w = world()
    for node in NODES:
        for _ in range(3):
            w.health.record(Unreachable(node, "refused", sent=False))
    assert not w.health.living
    reply = await w.searcher.search(ask())
    assert ids(reply) == EVERYTHING
    assert marks(reply) is None


async def test_slow_searches_take_no_node_out(autojump_clock: trio.testing.MockClock) -> None:
    w = world(node_timeout_ms=1000)
    w.nodes.behaviour = dict.fromkeys(NODES, 60.0)
    for _ in range(4):
        with pytest.raises(MiroirError):
            await w.searcher.search(ask())
    assert w.health.living == set(NODES)


async def test_a_node_whose_answers_cannot_be_merged_is_taken_out() -> None:
    w = world()
    w.nodes.behaviour["n1"] = saying(200, b"{}")
    for _ in range(6):
        assert ids(await w.searcher.search(ask())) == EVERYTHING
    assert w.health.living == {"n0", "n2"}


@pytest.mark.parametrize(("policy", "wish"), [("error", None), ("partial", "error"), ("error", "error")])
async def test_where_that_is_asked_for_a_missing_shard_is_an_error(policy: str, wish: str | None) -> None:
    w = world(copies=1, unavailable_shard_policy=policy)
    w.nodes.behaviour["n1"] = refusing("all attempts to connect to 10.0.0.1:7700 failed")
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask(unavailable=wish))
    assert (caught.value.code, caught.value.status) == ("miroir_shard_unavailable", 503)
    assert "10.0.0.1" not in caught.value.message
    assert "movies-i1" not in caught.value.message


async def test_a_request_may_ask_for_part_where_the_operator_would_refuse() -> None:
    w = world(copies=1, unavailable_shard_policy="error")
    w.nodes.behaviour["n1"] = refusing()
    assert marks(await w.searcher.search(ask(unavailable="partial"))) == b"shards=1"


async def test_with_no_node_left_there_is_no_answer_to_mark() -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, refusing())
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask())
    assert caught.value.code == "miroir_shard_unavailable"


async def test_a_wrong_node_key_everywhere_tells_the_operator_and_is_no_403() -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, failing(403, "invalid_api_key", "The provided API key is invalid."))
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask())
    assert caught.value.status == 503
    assert "node_master_key" in caught.value.message


async def test_the_deadline_of_the_request_ends_everything(autojump_clock: trio.testing.MockClock) -> None:
    w = world(node_timeout_ms=60_000)
    w.nodes.behaviour = dict.fromkeys(NODES, 600.0)
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask(seconds=3))
    assert caught.value.code == "miroir_timeout"
    assert trio.current_time() == 3


async def test_what_is_in_at_the_deadline_is_answered_and_marked(autojump_clock: trio.testing.MockClock) -> None:
    w = world(copies=1, node_timeout_ms=60_000)
    w.nodes.behaviour = {"n2": 600.0}
    assert marks(await w.searcher.search(ask(seconds=3))) == b"shards=2"
    assert trio.current_time() == 3


async def test_a_refusal_is_the_clients_answer_in_the_clients_names() -> None:
    w = world()
    message = (
        "Index `movies-i1-e1abcd`: Attribute `x` is not sortable. Available sortable attributes are: `_miroir_seq, y`."
    )
    w.nodes.behaviour = dict.fromkeys(NODES, failing(400, "invalid_search_sort", message))
    reply = await w.searcher.search(ask(b'{"sort":["x:asc"]}'))
    assert reply.status == 400
    told = "Index `movies`: Attribute `x` is not sortable. Available sortable attributes are: `y`."
    assert orjson.loads(reply.body)["message"] == told


async def test_an_attribute_unknown_to_one_node_only_is_no_refusal() -> None:
    w = world(copies=1)
    w.nodes.behaviour["n2"] = failing(400, "invalid_search_attributes_to_search_on", "Attribute `x` is not searchable.")
    reply = await w.searcher.search(ask(b'{"attributesToSearchOn":["x"]}'))
    assert all(number % SHARDS != 2 for number in ids(reply))
    w.nodes.behaviour = dict.fromkeys(NODES, w.nodes.behaviour["n2"])
    assert (await w.searcher.search(ask(b'{"attributesToSearchOn":["x"]}'))).status == 400


async def test_a_cut_off_node_marks_its_shards() -> None:
    w = world(copies=1)

    def cut(nodes: Any, node: str, given: dict[str, Any]) -> Any:
        answer = orjson.loads(nodes.answer(given))
        for hit in answer["hits"]:
            hit["_rankingScoreDetails"] = {"skipped": {"order": 0}}
        return saying(200, orjson.dumps(answer))(nodes, node, given)

    w.nodes.behaviour["n1"] = cut
    reply = await w.searcher.search(ask(b'{"limit":40}'))
    assert marks(reply) == b"shards=1"
    assert sorted(ids(reply)) == list(range(40))


async def test_a_field_called_skipped_marks_nothing() -> None:
    w = world(copies=1)

    def cut(nodes: Any, node: str, given: dict[str, Any]) -> Any:
        answer = orjson.loads(nodes.answer(given))
        for hit in answer["hits"]:
            hit["skipped"] = "no"
            if node == "n1":
                hit["_rankingScoreDetails"] = {"skipped": {"order": 0}}
        return saying(200, orjson.dumps(answer))(nodes, node, given)

    w.nodes.behaviour = dict.fromkeys(NODES, cut)
    assert marks(await w.searcher.search(ask(b'{"limit":40}'))) == b"shards=1"


async def test_large_bodies_are_planned_off_the_loop_and_mean_the_same() -> None:
    w = world()
    assert ids(await w.searcher.search(ask(b'{"q":""' + b" " * 100_000 + b"}"))) == EVERYTHING


@pytest.mark.parametrize("body", [b"", b"{", b'{"limit":"3"}', b'{"unknown":1}'])
async def test_what_we_do_not_understand_one_node_judges(body: bytes) -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, failing(400, "bad_request", "Index `movies-i1-e1abcd`: no"))
    w.nodes.behaviour["n0"] = refusing()
    reply = await w.searcher.search(ask(body))
    assert reply.status == 400
    assert orjson.loads(reply.body)["message"] == "Index `movies`: no"
    assert [node for node, _ in w.nodes.asked] == ["n0", "n1"]


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"personalize":{}}', "miroir_not_supported"), (b'{"future":1}', "bad_request")]
)
async def test_what_a_node_takes_and_we_do_not_is_never_answered_by_one_node(body: bytes, code: str) -> None:
    with pytest.raises(MiroirError) as caught:
        await world().searcher.search(ask(body))
    assert caught.value.code == code


async def test_a_get_that_does_not_convert_goes_to_a_node_as_it_came() -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, failing(400, "invalid_search_limit", "no"))
    reply = await w.searcher.search(ask(b"", raw_query="limit=-1"))
    assert reply.status == 400
    assert w.nodes.targets == ["GET /indexes/movies-i1-e1abcd/search?limit=-1"]


async def test_an_index_that_is_not_there_is_not_found_without_asking() -> None:
    w = world()
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask(index="nope"))
    assert (caught.value.code, caught.value.message) == ("index_not_found", "Index `nope` not found.")
    assert not w.nodes.asked


async def test_a_bad_body_is_judged_before_an_index_that_is_not_there() -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, failing(400, "bad_request", "no"))
    assert (await w.searcher.search(ask(b'{"x":1}', index="nope"))).status == 400
    w.nodes.behaviour = dict.fromkeys(NODES, failing(404, "index_not_found", "Index `miroir-none` not found."))
    with pytest.raises(MiroirError) as caught:
        await w.searcher.search(ask(b'{"hybrid":{}}', index="nope"))
    assert caught.value.message == "Index `nope` not found."


@pytest.mark.parametrize("uid", ["a b", "é", "", "_miroir_catalog", "x" * 401])
async def test_a_uid_that_is_none_is_refused(uid: str) -> None:
    with pytest.raises(MiroirError) as caught:
        await world().searcher.search(ask(index=uid))
    assert caught.value.code == "invalid_index_uid"


async def test_a_search_follows_an_index_that_is_renamed_meanwhile() -> None:
    w = world()
    new = view("movies-i1-e2wxyz")

    def renamed(nodes: Any, node: str, given: dict[str, Any]) -> Any:
        w.holder.current = Catalog(2, {"movies": new})
        if nodes.targets[-1].endswith("/movies-i1-e2wxyz/search"):
            return None
        return failing(404, "index_not_found", "gone")(nodes, node, given)

    w.nodes.behaviour = dict.fromkeys(NODES, renamed)
    assert ids(await w.searcher.search(ask())) == EVERYTHING


async def test_equal_searches_share_a_plan_and_a_changed_index_does_not() -> None:
    w = world(copies=1)
    for _ in range(3):
        await w.searcher.search(ask())
    assert repr(w.searcher).endswith("plans=1>")
    w.holder.current = Catalog(2, {"movies": view(copies=1, displayedAttributes=["title"])})
    await w.searcher.search(ask())
    assert w.nodes.bodies[-1]["attributesToRetrieve"] == ["title"]


async def test_large_answers_are_merged_off_the_loop_and_are_the_same() -> None:
    w = world(documents=4000)
    reply = await w.searcher.search(ask(b'{"limit":1000}'))
    assert ids(reply) == list(range(1000))


async def test_cancelling_a_search_cancels_its_calls(autojump_clock: trio.testing.MockClock) -> None:
    w = world()
    w.nodes.behaviour = dict.fromkeys(NODES, 600.0)
    with trio.move_on_after(2) as scope:
        await w.searcher.search(ask())
    assert scope.cancelled_caught
    assert trio.current_time() == 2
