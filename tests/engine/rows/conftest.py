"""One node and, one after the other, each topology. Rows only read what is in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.rows.ground import Ground
from tests.engine.rows.topologies import DEFAULT, SHARDS, TOPOLOGIES
from tests.harness.cluster import start
from tests.harness.node import Node
from tests.harness.node import start as start_node

_there: dict[str, set[str]] = {}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The node that holds every table alone."""
    node = start_node("whole", tmp_path_factory.mktemp("whole"))
    yield node
    node.close()


@pytest.fixture(scope="session", params=DEFAULT)
def ground(request: pytest.FixtureRequest, whole: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The node with everything against Miroir over a topology."""
    spread = TOPOLOGIES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    formed = start(request.param, folder, nodes=spread.nodes, copies=spread.copies, groups=spread.groups, shards=SHARDS)
    yield Ground(whole.engine, formed.engine, _there)
    formed.close()
