"""Without a copy of some shards, answers say so, and the rest of them is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from miroir._merge_core import shard_of
from tests.engine.compare import exact
from tests.engine.conftest import MOVIE_SETTINGS
from tests.engine.loading import load
from tests.engine.test_movies import EXAMPLES_BY_HAND
from tests.harness.client import Answer, Engine
from tests.harness.cluster import start
from tests.harness.node import Node
from tests.harness.waiting import until

SHARDS = 12
_HEADER = re.compile(r"shards=(\d+(?:,\d+)*)")


@dataclass(frozen=True, slots=True)
class Broken:
    """Miroir with a dead node at one copy, the shards it lost, and one node that holds the rest."""

    miroir: Engine
    one: Engine
    lost: frozenset[int]
    left: list[Any]


def missing(answer: Answer) -> frozenset[int]:
    """The shards that an answer's header names."""
    found = _HEADER.search(answer.headers.get("x-miroir-degraded", ""))
    return frozenset(int(each) for each in found.group(1).split(",")) if found else frozenset()


@pytest.fixture(scope="module")
def broken(one: Node, movies: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    """Loads the movies at RF 1, kills a node, and gives what is left to one node."""
    formed = start("broken", tmp_path_factory.mktemp("broken"), copies=1, shards=SHARDS)
    load(formed.engine, "movies", movies, MOVIE_SETTINGS)
    formed.nodes[2].kill()

    def marked() -> Answer | None:
        answer = formed.engine.ask("POST", "/indexes/movies/search", {})
        return answer if answer.status == 200 and missing(answer) else None

    lost = missing(until(marked, what="an answer marked as degraded", seconds=20))
    left = [movie for movie in movies if shard_of(str(movie["id"]), SHARDS) not in lost]
    load(one.engine, "left", left, MOVIE_SETTINGS)
    yield Broken(formed.engine, one.engine, lost, left)
    formed.close()


def test_some_shards_are_lost_and_some_are_left(broken: Broken) -> None:
    assert 0 < len(broken.lost) < SHARDS
    assert all(0 <= shard < SHARDS for shard in broken.lost)


@pytest.mark.parametrize("name", sorted(EXAMPLES_BY_HAND))
def test_every_answer_is_marked_and_right_about_the_rest(broken: Broken, name: str) -> None:
    query = EXAMPLES_BY_HAND[name]
    answer = broken.miroir.ask("POST", "/indexes/movies/search", query)
    assert (answer.status, missing(answer)) == (200, broken.lost), answer.raw[:300]
    wanted = broken.one.ask("POST", "/indexes/left/search", query)
    left, right = exact(wanted.raw), exact(answer.raw)
    for body in (left, right):
        del body["processingTimeMs"], body["requestUid"]
    assert right == left


def test_what_is_left_is_counted_and_found(broken: Broken) -> None:
    pages = [broken.miroir.search("movies", page=n, hitsPerPage=500, attributesToRetrieve=["id"]) for n in (1, 2)]
    assert [hit["id"] for page in pages for hit in page["hits"]] == [movie["id"] for movie in broken.left[:1000]]
    assert pages[0]["totalHits"] == len(broken.left)


def test_errors_of_the_client_are_not_hidden_by_the_loss(broken: Broken) -> None:
    answer = broken.miroir.ask("POST", "/indexes/movies/search", {"filter": "nothing = 1"})
    assert (answer.status, answer.code) == (400, "invalid_search_filter")


def test_the_operator_or_the_client_may_want_an_error_instead(broken: Broken) -> None:
    headers = {"X-Miroir-Unavailable-Shards": "error"}
    answer = broken.miroir.ask("POST", "/indexes/movies/search", {"q": "star"}, headers=headers)
    assert answer.status == 503
    assert str(answer.code).startswith("miroir_")


def test_a_write_that_needs_the_dead_node_is_refused_as_a_whole(broken: Broken) -> None:
    documents = [{"id": 100_000 + n, "title": "written while broken"} for n in range(60)]
    answer = broken.miroir.ask("POST", "/indexes/movies/documents", documents)
    if answer.status == 202:
        task = broken.miroir.finished(answer)
        assert task["status"] == "failed", task
    else:
        assert answer.status == 503
    assert broken.miroir.search("movies", q='"written while broken"')["hits"] == []
