"""Records: `python -m tests.recorded.record PATH` runs the binary at PATH as one node with everything and as three
nodes under Miroir, asks both every case, and writes `answers.jsonl.gz`.

Miroir itself writes the documents; then its reads run in this process over a pool that keeps what each node is asked
and answers. A case in which the two differ is recorded all the same, and told: the replay judges.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import trio
import yaml

from miroir.edge.store.opening import open_store
from miroir.edge.store.tables import INDEXES
from tests.engine.loading import load
from tests.harness import cluster, node
from tests.harness.client import Answer, Engine
from tests.recorded import tape
from tests.recorded.cases import CASES, WORLDS
from tests.recorded.exchange import RecordingPool
from tests.recorded.replay import answer_of, difference_of
from tests.recorded.stage import Rows, staged

_SHARDS = 5
_KEPT_HEADERS = ("content-type", "vary")


def ask(engine: Engine, request: tape.Request) -> Answer:
    content = None if request.body is None else request.body.encode()
    return engine.ask(request.method, request.path, content=content)


def main(binary: str, file: Path) -> None:
    os.environ["MIROIR_NODE_BINARY" if binary.endswith("miroir-node") else "MIROIR_TEST_MEILISEARCH"] = binary
    with tempfile.TemporaryDirectory(prefix="miroir-record-") as folder:
        one = node.start("one", Path(folder))
        try:
            many = cluster.start("rec", Path(folder, "many"), copies=1, shards=_SHARDS)
            try:
                _load((one.engine, many.engine))
                cases, scene = trio.run(_record, one.engine, many)
            finally:
                many.close()
        finally:
            one.close()
    tape.write(file, scene, cases)
    sys.stdout.write(f"{len(cases)} cases in {file.stat().st_size} bytes\n")


def _load(engines: Sequence[Engine]) -> None:
    for engine in engines:
        for name, world in WORLDS.items():
            load(engine, name, world.documents, world.settings)


async def _record(one: Engine, many: cluster.Cluster) -> tuple[list[tape.Recorded], tape.Scene]:
    config: dict[str, Any] = yaml.safe_load(many.config.read_text())
    catalog = await _catalog(config["task_store"]["path"])
    pool = RecordingPool()
    cases = []
    async with staged(config, catalog, pool) as client:
        for name, request in CASES.items():
            answer = ask(one, request)
            pool.taken()
            replied = await answer_of(client, request)
            kept = {header: answer.headers[header] for header in _KEPT_HEADERS if header in answer.headers}
            case = tape.Recorded(name, request, answer.status, kept, answer.raw, tuple(pool.taken()))
            if found := difference_of(case, replied):
                sys.stdout.write(f"{name}: {found}\n")
            cases.append(case)
    scene = tape.Scene(one.get("/version")["pkgVersion"], _without_places(config), tuple(catalog))
    return cases, scene


async def _catalog(path: str) -> Rows:
    async with open_store("sqlite", path) as store:
        return await store.scan(INDEXES)


def _without_places(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration without folders and ports of the run."""
    nodes = [{**told, "address": f"http://{told['id']}"} for told in config["nodes"]]
    kept = {name: config[name] for name in ("master_key", "node_master_key", "shards", "replication_factor", "scatter")}
    return {**kept, "nodes": nodes, "task_store": {"backend": "memory"}, "server": {"workers": 1}}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else tape.FILE)
