"""One node for the whole suite, and index uids that nobody else uses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.harness.client import Engine
from tests.harness.node import Node, is_stock, start
from tests.harness.reports import pytest_runtest_makereport
from tests.node.library import BOOKS, SETTINGS

__all__ = ["pytest_runtest_makereport"]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A running node, shared by all tests that leave each other's indexes alone."""
    running = start("node", tmp_path_factory.mktemp("node"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def engine(node: Node) -> Engine:
    """Asks the shared node with its master key."""
    return node.engine


@pytest.fixture
def uid() -> str:
    """An index uid that no other test uses; the index does not exist yet."""
    return f"t{next(_numbers)}"


@pytest.fixture
def index(engine: Engine, uid: str) -> str:
    """The uid of a fresh, empty index with primary key `id`."""
    engine.create(uid)
    return uid


@pytest.fixture(scope="session")
def stock() -> bool:
    """Whether the node is a stock binary, whose ranking rules and details differ from the embedded engine's."""
    return is_stock()


@pytest.fixture(scope="session")
def books(engine: Engine) -> str:
    """The library: an index that no test changes."""
    engine.create("books", "id", SETTINGS)
    engine.add("books", BOOKS)
    return "books"
