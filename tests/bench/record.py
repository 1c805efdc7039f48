"""Records what three nodes answer to Miroir's search: `python -m tests.bench.record` writes `recorded/node-N.json`.

Done once; the answers are kept, so that runs at different times measure the same work.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from miroir.cli.dev.movies import lines
from tests.bench.stage import INDEX, SEARCH
from tests.bench.tools import HERE
from tests.harness import cluster
from tests.harness.node import Node

ASKED: dict[str, Any] = {**SEARCH, "limit": 20, "showRankingScore": True, "showRankingScoreDetails": True}


def record(node: Node, file: Path) -> None:
    """A node of a cluster with one copy of each shard holds only what it is asked for, so no filter is needed."""
    (index,) = (each["uid"] for each in node.engine.get("/indexes")["results"])
    file.write_text(json.dumps(node.engine.search(index, **ASKED), ensure_ascii=False, separators=(",", ":")))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = cluster.start("record", Path(folder), copies=1)
        try:
            made.engine.create(INDEX)
            made.engine.add(INDEX, [json.loads(line) for line in lines()])
            for number, node in enumerate(made.nodes):
                record(node, HERE / "recorded" / f"node-{number}.json")
        finally:
            made.close()


if __name__ == "__main__":
    main()
