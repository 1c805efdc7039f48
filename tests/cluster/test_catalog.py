"""The catalog: a snapshot that is stored, and renewed when another process wrote."""

from __future__ import annotations

from miroir.cluster.catalog import CatalogHolder
from miroir.core.indexes import IndexView
from miroir.edge.shared_counter import LocalCounter
from miroir.edge.store.memory import MemoryStore


def index(uid: str, key: str | None = None) -> IndexView:
    return IndexView(uid, f"{uid}-i1-e1aaaa", 1, key, 1, (("n0",),), "then", "then")


async def test_a_snapshot_never_changes() -> None:
    holder = CatalogHolder(MemoryStore())
    await holder.replace({"b": index("b"), "a": index("a")})
    before = holder.current
    await holder.replace({"a": index("a", "id")})
    assert list(before.indexes) == ["a", "b"]
    assert before.indexes["a"].primary_key is None
    assert holder.current.version > before.version
    assert dict(holder.current.indexes) == {"a": index("a", "id")}


async def test_another_process_sees_what_was_written() -> None:
    store, counter = MemoryStore(), LocalCounter()
    writer, reader = CatalogHolder(store, counter), CatalogHolder(store, counter)
    await reader.load()
    assert not reader.stale
    await writer.replace({"a": index("a")})
    assert not writer.stale
    assert reader.stale
    await reader.refresh()
    assert reader.current.indexes == writer.current.indexes
    await writer.replace({})
    await reader.refresh()
    assert reader.current.indexes == {}


async def test_a_new_process_finds_the_indexes() -> None:
    store = MemoryStore()
    await CatalogHolder(store).replace({"a": index("a", "id")})
    later = CatalogHolder(store)
    await later.load()
    assert later.current.indexes["a"] == index("a", "id")
