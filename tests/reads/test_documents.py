"""Document reads among failing nodes: whole while one replica of each shard is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import trio

from miroir._merge_core import encode_sequence, encode_shard, shard_of
from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.documents import DocumentReads
from tests.reads.fakes import NODES, SHARDS, FakeNodes, World, failing, refusing, saying, world
from tests.reads.fakes import _shards as shards_of

DOCUMENTS = 40
NO_INDEX = failing(404, "index_not_found", "Index `movies-i1-e1abcd` not found.")
NO_DOCUMENT = b'{"message":"Document `99` not found.","code":"document_not_found","type":"t","link":"l"}'
NO_KEY = failing(403, "invalid_api_key", "The provided API key is invalid.")
TROUBLES = [NO_INDEX, NO_KEY, refusing(), saying(500, b"{}"), saying(400, b"<html>")]


def document(number: int) -> dict[str, Any]:
    shard = shard_of(str(number), SHARDS)
    return {
        "id": number,
        "n": number * 7 % 40,
        "_miroir_shard": encode_shard(shard),
        "_miroir_seq": encode_sequence(number),
    }


def stored(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
    """What a node with an index of forty documents answers to either kind of read."""
    last = urlsplit(nodes.targets[-1].split()[1]).path.rpartition("/")[2]
    if last == "fetch":
        mine = [one for one in map(document, range(DOCUMENTS)) if _is_asked(one, given)]
        if given["sort"][0] == "n:desc":
            mine.sort(key=lambda one: -one["n"])
        found = {
            "results": mine[given["offset"] :][: given["limit"]],
            "offset": given["offset"],
            "limit": given["limit"],
            "total": len(mine),
        }
        return Answered(node, 200, orjson.dumps(found), 0.01)
    if int(last) < DOCUMENTS:
        return Answered(node, 200, orjson.dumps(document(int(last))), 0.01)
    return Answered(node, 404, NO_DOCUMENT, 0.01)


def _is_asked(one: dict[str, Any], given: dict[str, Any]) -> bool:
    if "ids" in given:
        return str(one["id"]) in given["ids"]
    return shard_of(str(one["id"]), SHARDS) in shards_of(given)


def stage(**broken: Any) -> tuple[World, DocumentReads]:
    w = world()
    w.nodes.behaviour = {**dict.fromkeys(NODES, stored), **broken}
    return w, DocumentReads(w.holder, w.line)


async def get(reads: DocumentReads, number: int) -> Reply:
    return await reads.get("movies", str(number), {}, deadline=trio.current_time() + 30)


async def fetch(reads: DocumentReads, asked: Mapping[str, Any]) -> Reply:
    return await reads.fetch("movies", asked, deadline=trio.current_time() + 30)


def told(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    assert b"_miroir" not in reply.body
    return [one["id"] for one in orjson.loads(reply.body)["results"]]


@pytest.mark.parametrize("dead", NODES)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_document_is_found_while_one_owner_has_the_index(dead: str, trouble: Callable[..., Any]) -> None:
    _, reads = stage(**{dead: trouble})
    for number in range(8):
        reply = await get(reads, number)
        assert (reply.status, orjson.loads(reply.body)) == (200, {"id": number, "n": number * 7 % 40})


@pytest.mark.parametrize("dead", NODES)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_list_is_whole_while_one_replica_of_each_shard_is_there(dead: str, trouble: Callable[..., Any]) -> None:
    _, reads = stage(**{dead: trouble})
    for _ in range(2):
        assert told(await fetch(reads, {"offset": 3, "limit": 30})) == list(range(3, 33))


async def test_an_owners_word_that_there_is_no_such_document_is_final() -> None:
    w, reads = stage()
    reply = await get(reads, 99)
    assert (reply.status, orjson.loads(reply.body)["code"]) == (404, "document_not_found")
    assert len(w.nodes.asked) == 1


@pytest.mark.parametrize("trouble", [NO_INDEX, NO_KEY])
async def test_what_all_nodes_lack_is_no_fault_of_the_client(trouble: Callable[..., Any]) -> None:
    _, reads = stage(**dict.fromkeys(NODES, trouble))
    for asking in (get(reads, 1), fetch(reads, {})):
        with pytest.raises(MiroirError) as caught:
            await asking
        assert caught.value.code == "miroir_shard_unavailable"


async def test_a_refusal_is_told_in_the_clients_words() -> None:
    message = "Index `movies-i1-e1abcd`: Available filterable attribute patterns are: `_miroir_seq`, `a`.\n1:2 a"
    _, reads = stage(**dict.fromkeys(NODES, failing(400, "invalid_document_filter", message)))
    reply = await fetch(reads, {"filter": "a"})
    assert reply.status == 400
    expected = "Index `movies`: Available filterable attribute patterns are: `a`.\n1:2 a"
    assert orjson.loads(reply.body)["message"] == expected


@pytest.mark.parametrize("value", ["genre = '_miroir_shard'", ["genre = a", ['tag IN ["_miroir_seq", b]']]])
async def test_a_value_may_be_called_as_it_likes(value: Any) -> None:
    _, reads = stage()
    assert len(told(await fetch(reads, {"filter": value}))) == 20


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"filter": "_miroir_seq = 1"}, "_miroir_seq"),
        ({"filter": ["a = 1", ['NOT ("_miroir_shard" EXISTS)']]}, "_miroir_shard"),
        ({"sort": ["_miroir_seq:desc"]}, "_miroir_seq"),
        ({"fields": ["_miroir_shard"]}, "_miroir_shard"),
    ],
)
async def test_our_own_attributes_are_unknown_to_clients(asked: dict[str, Any], name: str) -> None:
    w, reads = stage()
    await fetch(reads, asked)
    for body in w.nodes.bodies:
        sent = json.dumps({field: body[field][: len(given)] for field, given in asked.items()})
        assert name not in sent
        assert name.replace("miroir", "miroiR") in sent


@pytest.mark.parametrize("offset", [2**63 - 1, 2**63, 2**64 - 1])
async def test_an_offset_beyond_all_numbers_finds_nothing(offset: int) -> None:
    reply = await fetch(stage()[1], {"offset": offset, "limit": 2**64 - 1})
    assert told(reply) == []
    assert json.loads(reply.body)["offset"] == offset


@pytest.mark.parametrize("dead", [None, *NODES])
@pytest.mark.parametrize(("offset", "limit"), [(0, 20), (7, 5), (39, 20), (40, 1), (100, 9), (3, 0), (1, 2**64 - 1)])
async def test_pages_far_down_are_the_same_and_bring_only_their_own_documents(
    monkeypatch: pytest.MonkeyPatch, dead: str | None, offset: int, limit: int
) -> None:
    asked = {"offset": offset, "limit": limit}
    shallow = await fetch(stage()[1], asked)
    monkeypatch.setattr("miroir.core.planning.listing.DEEP", 0)
    w, reads = stage(**({} if dead is None else {dead: refusing()}))
    assert (await fetch(reads, asked)).body == shallow.body
    whole = [body for body in w.nodes.bodies if "fields" not in body]
    assert {int(id_) for body in whole for id_ in body.get("ids", ())} == set(told(shallow))
    assert all(body["limit"] == len(body.get("ids", ())) for body in whole)


async def test_a_page_far_down_is_whole_when_a_node_goes_away_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaving(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
        return stored(nodes, node, given) if "fields" in given else Answered(node, 500, b"", 0.0)

    monkeypatch.setattr("miroir.core.planning.listing.DEEP", 5)
    _, reads = stage(n0=leaving)
    for _ in range(3):
        assert told(await fetch(reads, {"offset": 5, "limit": 9})) == list(range(5, 14))


async def test_large_lists_are_merged_off_the_loop_and_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    small = await fetch(stage()[1], {"limit": 40})
    monkeypatch.setattr("miroir.reads.line._INLINE_BYTES", 10)
    assert (await fetch(stage()[1], {"limit": 40})).body == small.body


async def test_a_list_whose_time_is_over_says_so(autojump_clock: trio.testing.MockClock) -> None:
    _, reads = stage(**dict.fromkeys(NODES, 600.0))
    with pytest.raises(MiroirError) as caught:
        await reads.fetch("movies", {}, deadline=trio.current_time() + 3)
    assert caught.value.code == "miroir_timeout"
    assert trio.current_time() == 3


@pytest.mark.parametrize("asked", [{}, {"fields": ["id"]}, {"fields": ["id"], "offset": 3, "limit": 50}])
async def test_a_sorted_list_is_in_the_order_of_its_values(asked: dict[str, Any]) -> None:
    _, reads = stage()
    reply = await fetch(reads, {**asked, "sort": ["n:desc"]})
    expected = sorted(range(DOCUMENTS), key=lambda number: -(number * 7 % 40))
    assert told(reply) == expected[asked.get("offset", 0) :][: asked.get("limit", 20)]


async def test_only_the_owners_of_the_ids_are_asked() -> None:
    w, reads = stage()
    assert told(await fetch(reads, {"ids": [30, "7", 7, 99]})) == [7, 30]
    owners = {shard_of(id_, SHARDS) for id_ in ("30", "7", "99")}
    assert {shard for _, shards in w.nodes.asked for shard in shards} == owners
    assert told(await fetch(reads, {"ids": []})) == []


@pytest.mark.parametrize(
    "asked", [{"ids": ["a b"]}, {"limit": -1}, {"sort": ["n"]}, {"fields": 5}, {"useNetwork": True}]
)
async def test_what_is_not_understood_is_judged_by_one_node(asked: dict[str, Any]) -> None:
    w, reads = stage(**dict.fromkeys(NODES, failing(400, "invalid_document_ids", "`movies-i1-e1abcd` no.")))
    reply = await fetch(reads, asked)
    assert (reply.status, orjson.loads(reply.body)["message"]) == (400, "`movies` no.")
    assert w.nodes.bodies == [asked | ({"useNetwork": False} if "useNetwork" in asked else {})]
