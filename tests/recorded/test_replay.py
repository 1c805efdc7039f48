"""Miroir's reads over recorded answers of stock nodes give what one stock node with everything has answered."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from unittest.mock import patch

import httpx
import pytest

from tests.recorded.cases import CASES, GROUPS, KNOWN
from tests.recorded.exchange import HOW_TO_RECORD, ReplayingPool
from tests.recorded.replay import answer_of, difference_of
from tests.recorded.stage import staged
from tests.recorded.tape import Recorded, read

SCENE, TAPE = read()


@pytest.fixture(autouse=True)
def judged_as_stock() -> Iterator[None]:
    """What was recorded is of a stock binary, whatever this run is tried with."""
    with patch.dict(os.environ, {"MIROIR_TEST_MEILISEARCH": "recorded"}):
        yield


@pytest.fixture
def pool() -> ReplayingPool:
    return ReplayingPool()


@pytest.fixture
async def client(pool: ReplayingPool) -> AsyncIterator[httpx.AsyncClient]:
    async with staged(SCENE.config, SCENE.catalog, pool) as made:
        yield made


def test_every_case_is_recorded_as_it_is_written() -> None:
    assert {case.name: case.request for case in TAPE} == CASES, HOW_TO_RECORD


@pytest.mark.parametrize("group", GROUPS)
async def test_miroir_answers_as_one_stock_node_did(group: str, pool: ReplayingPool, client: httpx.AsyncClient) -> None:
    cases = [case for case in TAPE if case.name.startswith(f"{group} ")]
    assert cases
    found = {case.name: await said_otherwise(case, pool, client) for case in cases}
    differences = {name: said for name, said in found.items() if said is not None}
    assert {name: said for name, said in differences.items() if name not in KNOWN} == {}
    assert [name for name in found if name in KNOWN and name not in differences] == [], "remove them from KNOWN"


async def said_otherwise(case: Recorded, pool: ReplayingPool, client: httpx.AsyncClient) -> str | None:
    """How Miroir's answer differs from what was recorded, if it does."""
    pool.hold(case.exchanges)
    replied = await answer_of(client, case.request)
    if pool.unknown:
        return f"nodes are asked what was not recorded; {HOW_TO_RECORD}: {pool.unknown}"
    return difference_of(case, replied)
