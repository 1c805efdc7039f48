"""What every store promises, tried on each of them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from miroir.core.wire.errors import MiroirError
from miroir.edge.store import Store, open_store
from miroir.edge.store.tables import INDEXES, TASKS


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(request.param, str(tmp_path / "state" / "store.db")) as opened:
        yield opened


async def test_a_value_is_read_back_replaced_and_removed(store: Store) -> None:
    assert await store.get(TASKS, "1") is None
    await store.put(TASKS, "1", b"a")
    await store.put(TASKS, "1", b"\x00b")
    assert await store.get(TASKS, "1") == b"\x00b"
    assert await store.get(INDEXES, "1") is None
    assert await store.delete(TASKS, "1") is True
    assert await store.delete(TASKS, "1") is False
    assert await store.get(TASKS, "1") is None


async def test_scans_follow_the_bytes_of_the_keys_in_both_directions(store: Store) -> None:
    for key in ("b", "a", "é", "Z", "ab"):
        await store.put(INDEXES, key, key.encode())
    keys = [key for key, _ in await store.scan(INDEXES)]
    assert keys == ["Z", "a", "ab", "b", "é"]
    assert [key for key, _ in await store.scan(INDEXES, reverse=True)] == keys[::-1]
    assert await store.scan(INDEXES, after="a", limit=2) == [("ab", b"ab"), ("b", b"b")]
    assert [key for key, _ in await store.scan(INDEXES, after="b", reverse=True, limit=2)] == ["ab", "a"]
    assert await store.scan(INDEXES, limit=0) == []
    assert await store.count(INDEXES) == 5


async def test_compare_and_set_needs_exactly_the_expected_value(store: Store) -> None:
    assert await store.compare_and_set(TASKS, "k", b"x", b"y") is False
    assert await store.compare_and_set(TASKS, "k", None, b"1") is True
    assert await store.compare_and_set(TASKS, "k", None, b"2") is False
    assert await store.compare_and_set(TASKS, "k", b"1", b"2") is True
    assert await store.get(TASKS, "k") == b"2"


async def test_of_many_competitors_one_wins(store: Store) -> None:
    wins: list[int] = []

    async def compete(number: int) -> None:
        if await store.compare_and_set(TASKS, "lease", None, str(number).encode()):
            wins.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(compete, number)
    assert len(wins) == 1
    assert await store.get(TASKS, "lease") == str(wins[0]).encode()


async def test_reserved_blocks_never_overlap(store: Store) -> None:
    blocks: list[range] = []

    async def take(size: int) -> None:
        first = await store.reserve("uids", size)
        blocks.append(range(first, first + size))

    async with trio.open_nursery() as nursery:
        for size in (1, 7, 100, 3, 50):
            nursery.start_soon(take, size)
    numbers = [number for block in blocks for number in block]
    assert sorted(numbers) == list(range(161))
    assert await store.reserve("others", 1) == 0


async def test_two_openers_of_one_file_see_each_other(tmp_path: Path) -> None:
    path = str(tmp_path / "shared.db")
    async with open_store("sqlite", path) as one, open_store("sqlite", path) as two:
        await one.put(TASKS, "k", b"v")
        assert await two.get(TASKS, "k") == b"v"
        assert await one.reserve("c", 10) == 0
        assert await two.reserve("c", 10) == 10
        assert await two.compare_and_set(TASKS, "k", b"v", b"w")
        assert not await one.compare_and_set(TASKS, "k", b"v", b"x")


WRITER = """
import sys, trio
from miroir.edge.store import open_store
from miroir.edge.store.tables import TASKS

async def main():
    async with open_store("sqlite", sys.argv[1]) as store:
        n = 0
        while True:
            first = await store.reserve("uids", 1)
            await store.put(TASKS, f"{first:010}", b"x" * 1000)
            print(first, flush=True)

trio.run(main)
"""


async def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    path = str(tmp_path / "killed.db")
    process = subprocess.Popen(  # noqa: ASYNC220 - the victim runs by itself
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    seen = [int(process.stdout.readline()) for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split()]
    process.wait()
    async with open_store("sqlite", path) as store:
        for uid in seen:
            assert await store.get(TASKS, f"{uid:010}") == b"x" * 1000
        assert await store.reserve("uids", 1) > seen[-1]


async def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MiroirError, match="miroir_task_store_unavailable"):
        async with open_store("sqlite", str(tmp_path / "file" / "store.db")):
            pass


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no database " * 1000)
    with pytest.raises(MiroirError, match="cannot be opened"):
        async with open_store("sqlite", str(tmp_path / "store.db")):
            pass
