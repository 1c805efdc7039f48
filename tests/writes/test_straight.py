"""Writes when nothing goes wrong, over model nodes."""

from __future__ import annotations

import orjson
import pytest

from miroir._merge_core import encode_sequence
from miroir.core.settings import ROUTES
from miroir.core.wire.errors import MiroirError
from miroir.edge.store.memory import MemoryStore
from miroir.writes.sequences import Sequences
from tests.writes.conftest import World

MOVIES = [{"id": number, "title": f"Movie {number}", "genre": ["a", "b"][number % 2]} for number in range(40)]


async def test_an_index_is_made_on_every_node_under_a_name_of_its_own(world: World) -> None:
    task = await world.end_of(await world.writes.indexes.create("movies", "id", deadline=world.soon))
    assert (task["status"], task["details"]) == ("succeeded", {"primaryKey": "id"})
    view = world.catalog.current.indexes["movies"]
    assert view.primary_key == "id"
    for node in world.nodes.values():
        assert list(node.indexes) == [view.physical]
        settings = node.indexes[view.physical].settings
        assert settings["filterableAttributes"] == ["_miroir_shard", "_miroir_seq"]
        assert settings["rankingRules"][-1] == "_miroir_seq:asc"
    assert view.settings["rankingRules"] == ["words", "typo", "proximity", "attribute", "sort", "exactness"]
    assert view.settings["filterableAttributes"] == []
    assert view.settings["faceting"]["maxValuesPerFacet"] == 100


async def test_documents_reach_every_copy_once_and_in_one_order(world: World) -> None:
    task = await world.end_of(await world.add(MOVIES))
    assert task["status"] == "succeeded", task
    assert task["details"] == {"receivedDocuments": 40, "indexedDocuments": 40}
    stored = world.documents()
    assert {name: one["title"] for name, one in stored.items()} == {str(m["id"]): m["title"] for m in MOVIES}
    physical = world.catalog.current.indexes["movies"].physical
    assert sum(len(node.indexes[physical].documents) for node in world.nodes.values()) == 80
    assert [stored[str(m["id"])]["_miroir_seq"] for m in MOVIES] == [encode_sequence(n) for n in range(40)]
    assert world.catalog.current.indexes["movies"].primary_key == "id"
    again = await world.end_of(await world.add([{"id": 100}, {"id": 1, "title": "New"}], method="PUT"))
    assert again["status"] == "succeeded"
    assert world.documents()["1"]["title"] == "New"
    assert world.documents()["1"]["genre"] == "b"
    assert world.documents()["1"]["_miroir_seq"] == encode_sequence(41)


async def test_an_empty_array_makes_the_index_and_counts_nothing(world: World) -> None:
    task = await world.end_of(await world.add([]))
    assert (task["status"], task["details"]) == ("succeeded", {"receivedDocuments": 0, "indexedDocuments": 0})
    assert "movies" in world.catalog.current.indexes
    again = await world.end_of(await world.add([]))
    assert again["details"] == {"receivedDocuments": 0, "indexedDocuments": 0}


async def test_writes_may_follow_each_other_before_any_is_applied(world: World) -> None:
    for node in world.nodes.values():
        node.paused = True
    replies = [
        await world.writes.indexes.create("movies", None, deadline=world.soon),
        await world.add(MOVIES),
        await world.writes.settings.patch("movies", b'{"stopWords": ["the"]}', deadline=world.soon),
        await world.writes.deletes.ids("movies", [1, "2", "no id", 999], metadata="mine", deadline=world.soon),
        await world.writes.indexes.create("movies", None, deadline=world.soon),
    ]
    assert world.catalog.current.indexes == {}
    for node in world.nodes.values():
        node.paused = False
        node.run()
    tasks = [await world.end_of(reply) for reply in replies]
    assert [task["status"] for task in tasks] == ["succeeded"] * 4 + ["failed"]
    assert tasks[3]["details"] == {"providedIds": 4, "deletedDocuments": 2, "originalFilter": None}
    assert tasks[3]["customMetadata"] == "mine"
    assert tasks[4]["error"]["code"] == "index_already_exists"
    assert world.catalog.current.indexes["movies"].settings["stopWords"] == ["the"]
    assert len(world.documents()) == 38


async def test_a_settings_change_makes_the_index_and_a_reset_does_not(world: World) -> None:
    reset = await world.end_of(await world.writes.settings.reset("movies", None, deadline=world.soon))
    assert (reset["status"], reset["error"]["code"]) == ("failed", "index_not_found")
    patch = {"displayedAttributes": ["title"], "faceting": {"maxValuesPerFacet": 5}, "filterableAttributes": ["genre"]}
    task = await world.end_of(await world.writes.settings.patch("movies", orjson.dumps(patch), deadline=world.soon))
    assert (task["status"], task["details"]) == ("succeeded", patch)
    view = world.catalog.current.indexes["movies"]
    assert view.settings["displayedAttributes"] == ["title"]
    assert view.settings["faceting"]["maxValuesPerFacet"] == 5
    assert view.settings["filterableAttributes"] == ["genre"]
    for node in world.nodes.values():
        assert node.indexes[view.physical].settings["displayedAttributes"] == ["*"]
        assert node.indexes[view.physical].settings["faceting"]["maxValuesPerFacet"] == 100_000
    route = next(route for route in ROUTES if route.key == "stopWords")
    task = await world.end_of(await world.writes.settings.put("movies", route, b'["of"]', deadline=world.soon))
    assert (task["status"], task["details"]) == ("succeeded", {"stopWords": ["of"]})
    assert world.catalog.current.indexes["movies"].settings_version > view.settings_version
    await world.end_of(await world.writes.settings.reset("movies", None, deadline=world.soon))
    after = world.catalog.current.indexes["movies"].settings
    assert (after["displayedAttributes"], after["stopWords"], after["filterableAttributes"]) == (["*"], [], [])
    assert after["faceting"]["maxValuesPerFacet"] == 100


async def test_settings_that_a_node_refuses_make_no_index(world: World) -> None:
    reply = await world.writes.settings.patch("movies", b'{"stopWords": 3}', deadline=world.soon)
    assert reply.status == 400
    assert "Invalid value type" in orjson.loads(reply.body)["message"]
    assert all(not node.tasks for node in world.nodes.values())
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"
    reply = await world.writes.settings.patch("movies", b'{"stopWords": 3}', deadline=world.soon)
    assert "Index `movies`: Invalid value type" in orjson.loads(reply.body)["message"]


async def test_deletes_by_filter_and_of_all_count_each_document_once(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    task = await world.end_of(
        await world.writes.deletes.by_filter("movies", "genre = a", metadata=None, deadline=world.soon)
    )
    assert task["details"] == {"providedIds": 0, "deletedDocuments": 20, "originalFilter": '"genre = a"'}
    assert {one["genre"] for one in world.documents().values()} == {"b"}
    task = await world.end_of(await world.writes.deletes.everything("movies", metadata=None, deadline=world.soon))
    assert task["details"] == {"deletedDocuments": 20}
    assert world.documents() == {}
    with pytest.raises(MiroirError, match="invalid_document_filter"):
        await world.writes.deletes.by_filter("movies", ["_miroir_shard = x"], metadata=None, deadline=world.soon)


async def test_an_index_that_comes_back_has_another_name(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    first = world.catalog.current.indexes["movies"].physical
    task = await world.end_of(await world.writes.indexes.delete("movies", deadline=world.soon))
    assert task["details"] == {"deletedDocuments": 40}
    assert world.catalog.current.indexes == {}
    await world.end_of(await world.add(MOVIES[:3]))
    assert world.catalog.current.indexes["movies"].physical != first
    assert len(world.documents()) == 3
    missing = await world.end_of(await world.writes.indexes.delete("nothing", deadline=world.soon))
    assert missing["error"]["message"] == "Index `nothing` not found."


async def test_a_rename_is_a_pointer_change_in_the_order_of_both_uids(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    physical = world.catalog.current.indexes["movies"].physical
    task = await world.end_of(await world.writes.indexes.update("movies", None, "films", deadline=world.soon))
    assert task["details"] == {"primaryKey": None, "oldIndexUid": "movies", "newIndexUid": "films"}
    assert {uid: view.physical for uid, view in world.catalog.current.indexes.items()} == {"films": physical}
    await world.end_of(await world.add([{"id": 50}], uid="films"))
    assert world.documents("films")["50"]["_miroir_seq"] == encode_sequence(40)
    await world.end_of(await world.add([{"id": 1}], uid="movies"))
    taken = await world.end_of(await world.writes.indexes.update("movies", None, "films", deadline=world.soon))
    assert taken["error"]["code"] == "index_already_exists"


async def test_the_primary_key_is_settled_once(world: World) -> None:
    await world.end_of(await world.writes.indexes.create("movies", None, deadline=world.soon))
    await world.end_of(await world.writes.indexes.update("movies", "sku", None, deadline=world.soon))
    assert world.catalog.current.indexes["movies"].primary_key == "sku"
    changed = await world.end_of(await world.writes.indexes.update("movies", "id", None, deadline=world.soon))
    assert changed["status"] == "succeeded"
    await world.end_of(await world.add(MOVIES))
    late = await world.end_of(await world.writes.indexes.update("movies", "sku", None, deadline=world.soon))
    assert late["error"]["message"] == "Index `movies`: Index already has a primary key: `id`."
    other = await world.end_of(await world.add(MOVIES, primary_key="title"))
    assert other["error"]["code"] == "index_primary_key_already_exists"


async def test_a_field_of_miroirs_own_is_no_primary_key(world: World) -> None:
    await world.end_of(await world.writes.indexes.create("there", None, deadline=world.soon))
    tasks = {name: len(node.tasks) for name, node in world.nodes.items()}
    with pytest.raises(MiroirError, match="miroir_reserved_field"):
        await world.writes.indexes.create("movies", "_miroir_seq", deadline=world.soon)
    with pytest.raises(MiroirError, match="miroir_reserved_field"):
        await world.writes.indexes.update("there", "_miroir_seq", None, deadline=world.soon)
    with pytest.raises(MiroirError, match="miroir_reserved_field"):
        await world.add(MOVIES, primary_key="_miroir_shard")
    assert {name: len(node.tasks) for name, node in world.nodes.items()} == tasks
    assert world.writes.documents._context.budget.taken == 0


async def test_numbers_are_never_given_twice_and_deleted_indexes_are_forgotten() -> None:
    there: set[str] = {"kept"}
    sequences = Sequences(MemoryStore(), lambda: there)
    taken = [await sequences.take("kept", 3)]
    for number in range(1000):
        await sequences.take(f"gone-{number}", 1)
        taken.append(await sequences.take("kept", 3))
    assert taken == list(range(0, 3003, 3))
    assert len(sequences._left) <= 64
    assert await sequences.take("gone-0", 1) > 0


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([{"name": "x"}], "index_primary_key_no_candidate_found"),
        ([{"a_id": 1, "b_id": 2}], "index_primary_key_multiple_candidates_found"),
        ([{"id": 1}, {"name": 2}], "missing_document_id"),
        ([{"id": 1}, {"id": "no spaces"}], "invalid_document_id"),
    ],
)
async def test_bad_ids_fail_the_task_and_no_document_arrives_but_the_index_is_made(
    world: World, documents: object, code: str
) -> None:
    task = await world.end_of(await world.add(documents))
    assert (task["status"], task["error"]["code"]) == ("failed", code)
    assert task["details"]["indexedDocuments"] == 0
    assert world.catalog.current.indexes["movies"].primary_key is None
    assert world.documents() == {}
    tasks = {name: len(node.tasks) for name, node in world.nodes.items()}
    again = await world.end_of(await world.add(documents))
    assert (again["status"], again["error"]["code"]) == ("failed", code)
    assert {name: len(node.tasks) for name, node in world.nodes.items()} == tasks
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"
    if code.startswith("index_primary_key"):
        assert task["error"]["message"].startswith("Index `movies`: ")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'[{"id": 1}, {"id": 2', "malformed_payload"),
        (b'[{"id": 1}, nonsense]', "malformed_payload"),
        (b"", "missing_payload"),
        (b'[{"id": 1, "_miroir_shard": "x"}]', "miroir_reserved_field"),
    ],
)
async def test_a_payload_that_is_broken_anywhere_is_refused_whole(world: World, body: bytes, code: str) -> None:
    with pytest.raises(MiroirError, match=code):
        await world.add(body)
    assert all(not node.tasks for node in world.nodes.values())
    assert world.writes.documents._context.budget.taken == 0


async def test_a_node_request_is_cut_at_its_limit(world: World, tmp_path: object) -> None:
    big = [{"id": number, "text": "x" * 5000} for number in range(200)]
    object.__setattr__(world.writes.documents._context, "node_payload_bytes", 100_000)
    task = await world.end_of(await world.add(big))
    assert task["details"] == {"receivedDocuments": 200, "indexedDocuments": 200}
    sent = [target for node in world.nodes.values() for method, target in node.requests if "/documents?" in target]
    assert len(sent) > 6
    assert len(world.documents()) == 200
