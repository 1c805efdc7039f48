"""One node, and Miroir over nodes in two ways; worlds come and go on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.exact.asking import Ask
from tests.engine.exact.worlds import World
from tests.engine.loading import enqueue
from tests.harness.client import Answer, Engine
from tests.harness.cluster import Cluster, start
from tests.harness.node import Node
from tests.harness.node import start as start_node

SPREADS = ((3, 1), (3, 2))
"""Nodes and copies: with two copies, nodes answer for other shards from search to search."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One node with everything, and one Miroir."""

    one: Engine
    cluster: Cluster

    @property
    def engines(self) -> tuple[Engine, Engine]:
        return self.one, self.cluster.engine

    @property
    def nodes(self) -> tuple[Engine, ...]:
        return tuple(node.engine for node in self.cluster.nodes)

    def load(self, world: World) -> None:
        """The world into both, which work side by side; its changes one after the other."""
        accepted = [(engine, enqueue(engine, world.uid, world.documents, world.settings)) for engine in self.engines]
        for engine, answers in accepted:
            for answer in answers:
                _succeeded(engine, answer, world)
        for method, path, body in world.changes:
            sent = [(each, each.ask(method, f"/indexes/{world.uid}{path}", body)) for each in self.engines]
            for engine, answer in sent:
                _succeeded(engine, answer, world)

    def unload(self, world: World) -> None:
        for engine in self.engines:
            engine.do("DELETE", f"/indexes/{world.uid}")

    def answers(self, ask: Ask) -> tuple[Answer, Answer]:
        """What both say. An answer of Miroir that lacks something is no answer to compare."""
        body = None if ask.method == "GET" else ask.body
        one, many = (engine.ask(ask.method, ask.path, body) for engine in self.engines)
        assert "x-miroir-degraded" not in many.headers, (ask, many.headers)
        return one, many


def _succeeded(engine: Engine, answer: Answer, world: World) -> None:
    task = engine.finished(answer, seconds=120)
    assert task["status"] == "succeeded", (engine, world.seed, task)


@contextmanager
def stages(folder: Path, spreads: tuple[tuple[int, int], ...] = SPREADS) -> Iterator[list[Stage]]:
    """A stage for each spread. The node with everything is the same for all."""
    folder.mkdir(parents=True, exist_ok=True)
    one: Node = start_node("exact-one", folder)
    formed: list[Cluster] = []
    try:
        for nodes, copies in spreads:
            name = f"exact-{nodes}x{copies}"
            formed.append(start(name, folder / name, nodes=nodes, copies=copies))
        yield [Stage(one.engine, cluster) for cluster in formed]
    finally:
        for cluster in formed:
            cluster.close()
        one.close()
