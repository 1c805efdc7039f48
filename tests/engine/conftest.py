"""One node with everything, and Miroir over three nodes: one copy, two copies, and two copies with a node killed."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import miroir
from tests.engine.judge import Judge
from tests.engine.loading import load
from tests.engine.special import SPECIAL
from tests.engine.worlds import FIXED
from tests.harness.cluster import Cluster, start
from tests.harness.node import Node
from tests.harness.node import start as start_node
from tests.harness.reports import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]

EXAMPLES = int(os.environ.get("MIROIR_EXAMPLES", "10"))
hypothesis.settings.register_profile(
    "engine",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="MIROIR_SEED" not in os.environ,
    print_blob=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("engine")  # here, because decorators take the profile that is loaded when they run
MOVIE_SETTINGS: dict[str, Any] = {
    "filterableAttributes": ["major_genre", "year", "director", "imdb_rating", "mpaa_rating", "distributor", "id"],
    "sortableAttributes": ["year", "imdb_rating", "title", "director", "us_gross"],
    "searchableAttributes": ["title", "director", "distributor"],
    "searchCutoffMs": 30000,
}
_numbers = itertools.count()
_judges: list[tuple[str, Judge]] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many searches were compared, and every difference that was explained rather than absent."""
    for name, judge in _judges:
        total, explained = sum(judge.asked.values()), sum(judge.explained.values())
        terminalreporter.write_line(f"{name}: {total} searches compared, {explained} differences explained")
        for (category, reason), count in sorted(judge.explained.items()):
            terminalreporter.write_line(f"  {category}: {reason}: {count} of {judge.asked[category]}")


@pytest.fixture(scope="session")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The node that holds everything."""
    node = start_node("one", tmp_path_factory.mktemp("one"))
    yield node
    node.close()


@lru_cache(maxsize=1)
def read_movies() -> list[Any]:
    """The movies of the package."""
    path = Path(miroir.__file__).parent / "data" / "movies.ndjson.gz"
    with gzip.open(path, "rt") as source:
        return [json.loads(line) for line in source]


@pytest.fixture(scope="session")
def movies() -> list[Any]:
    """The movies of the package, not to be changed."""
    return read_movies()


@pytest.fixture(scope="session")
def loaded(one: Node, movies: list[Any]) -> None:
    """The node with everything has the movies and the fixed worlds."""
    prepare(Judge(one.engine, one.engine), movies)


def prepare(judge: Judge, movies: list[Any]) -> None:
    """Load the movies, the fixed and the special worlds into `judge.many`."""
    load(judge.many, "movies", movies, MOVIE_SETTINGS)
    for name, world in {**FIXED, **SPECIAL}.items():
        load(judge.many, name, world.documents, world.settings)


def cluster(factory: pytest.TempPathFactory, name: str, copies: int) -> Cluster:
    return start(name, factory.mktemp(name), copies=copies)


@pytest.fixture(scope="session")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, one copy of each shard."""
    formed = cluster(tmp_path_factory, "rf1", 1)
    yield formed
    formed.close()


@pytest.fixture(scope="session")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, two copies of each shard."""
    formed = cluster(tmp_path_factory, "rf2", 2)
    yield formed
    formed.close()


@pytest.fixture(scope="session", params=["rf1", "rf2", "rf2-one-killed"])
def readable(request: pytest.FixtureRequest, one: Node, movies: list[Any], loaded: None) -> Iterator[Judge]:
    """A topology with movies and fixed worlds loaded, to be read only; its explained differences are bounded."""
    factory = request.getfixturevalue("tmp_path_factory")
    formed = cluster(factory, f"{request.param}-read", 1 if request.param == "rf1" else 2)
    judge = Judge(one.engine, formed.engine)
    _judges.append((request.param, judge))
    prepare(judge, movies)
    if request.param.endswith("killed"):
        formed.nodes[1].kill()
    yield judge
    formed.close()
    judge.assert_bounded()


@pytest.fixture(scope="session", params=["rf1", "rf2"])
def writable(request: pytest.FixtureRequest, one: Node) -> Iterator[Judge]:
    """A topology whose indexes tests may create and change; its explained differences are bounded."""
    formed: Cluster = request.getfixturevalue("single" if request.param == "rf1" else "double")
    judge = Judge(one.engine, formed.engine)
    _judges.append((f"{request.param}, written to", judge))
    yield judge
    judge.assert_bounded()


@pytest.fixture
def fresh() -> str:
    """An index uid that nobody else uses."""
    return f"w{next(_numbers)}"
