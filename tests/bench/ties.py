"""What the total order of ties costs a node: `python -m tests.bench.ties [documents]`.

One index on one node, with and without Miroir's last ranking rule; CPU time of the node for each search, since that
does not depend on what else the machine does. With `MIROIR_TEST_MEILISEARCH` the node is a stock one.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from miroir._merge_core import encode_sequence, encode_shard
from miroir.core.settings.virtual import LAST_RULE
from miroir.core.wire.reserved import SEQUENCE, SHARD
from tests.harness import node
from tests.harness.client import NDJSON_TYPE, Engine

DOCUMENTS = 1_000_000
SHARDS = 16
INDEX = "ties"
ROUNDS = 7
_BATCH = 100_000
_WORDS = [f"{a}{b}{c}" for a in ("ba", "ko", "su", "ri") for b in ("n", "l", "t", "m") for c in ("ado", "esk", "ir")]
_PAGE = {"page": 1, "hitsPerPage": 20}
SEARCHES: dict[str, dict[str, Any]] = {
    "20 hits, no words": {},
    "20 hits, one word": {"q": "banado"},
    "20 hits, two words": {"q": "banado kolesk"},
    "20 hits, sorted": {"q": "banado", "sort": ["rank:asc"]},
    "1000 hits, one word": {"q": "banado", "limit": 1000},
    "a page, one word": {"q": "banado", **_PAGE},
    "a page with a threshold, one word": {"q": "banado", "rankingScoreThreshold": 0.5, **_PAGE},
    "a page with a threshold, two words": {"q": "banado kolesk", "rankingScoreThreshold": 0.5, **_PAGE},
}


def batches(count: int) -> Iterator[bytes]:
    """Small documents with Miroir's stamps, as NDJSON."""
    chance = random.Random(7)
    for start in range(0, count, _BATCH):
        lines = (
            {
                "id": number,
                "title": " ".join(chance.choices(_WORDS, k=3)),
                "rank": number % 1000,
                SHARD: encode_shard(number % SHARDS),
                SEQUENCE: encode_sequence(number),
            }
            for number in range(start, min(start + _BATCH, count))
        )
        yield b"\n".join(map(orjson.dumps, lines))


def cpu_ms(pid: int) -> float:
    """CPU time of a process so far, from the scheduler: in nanoseconds there."""
    ticks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in ticks.iterdir()) / 1e6


def fill(engine: Engine, count: int) -> None:
    """All documents, as fast as the node takes them."""
    settings = {
        "searchableAttributes": ["title"],
        "filterableAttributes": [SHARD, SEQUENCE],
        "sortableAttributes": ["rank", SEQUENCE],
        "searchCutoffMs": 60_000,
    }
    engine.create(INDEX, settings=settings)
    path = f"/indexes/{INDEX}/documents"
    sent = [engine.ask("POST", path, content=batch, content_type=NDJSON_TYPE) for batch in batches(count)]
    for answer in sent:
        assert engine.finished(answer, seconds=1800)["status"] == "succeeded"


def measured(engine: Engine, pid: int) -> dict[str, tuple[float, float]]:
    """CPU and wall milliseconds of each search, medians."""
    selector = f"{SHARD} IN [{', '.join(repr(encode_shard(shard)) for shard in range(SHARDS))}]"
    found = {}
    for name, search in SEARCHES.items():
        runs = []
        for _ in range(ROUNDS):
            cpu, wall = cpu_ms(pid), time.perf_counter()
            engine.search(INDEX, **search, filter=selector, showRankingScoreDetails=True)
            runs.append((cpu_ms(pid) - cpu, (time.perf_counter() - wall) * 1000))
        found[name] = (statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs))
    return found


def main() -> None:
    """Fill a node, ask it in both ways, print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    console = Console(highlight=False)
    os.environ.setdefault("MEILI_MAX_INDEXING_THREADS", "2")
    with tempfile.TemporaryDirectory() as folder:
        one = node.start("ties", Path(folder))
        try:
            begin = time.perf_counter()
            fill(one.engine, count)
            console.print(f"{count} documents on {node.binary().name}, indexed in {time.perf_counter() - begin:.0f} s")
            console.print(_table(one))
        finally:
            one.close()


def _table(one: node.Node) -> Table:
    path = f"/indexes/{INDEX}/settings/ranking-rules"
    rules = one.engine.get(path)
    found = []
    for chosen in (rules, [*rules, LAST_RULE]):
        one.engine.finished(one.engine.ask("PUT", path, chosen), seconds=1800)
        measured(one.engine, one.process.pid)
        found.append(measured(one.engine, one.process.pid))
    table = Table("search", "ties: node, CPU ms", "ties: arrival, CPU ms", "wall ms", "wall ms")
    for name in SEARCHES:
        (cpu, wall), (more_cpu, more_wall) = found[0][name], found[1][name]
        table.add_row(name, *(f"{value:.1f}" for value in (cpu, more_cpu, wall, more_wall)))
    return table


if __name__ == "__main__":
    main()
