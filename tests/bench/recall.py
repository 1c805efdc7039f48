"""How many of the ten truly nearest documents a search by vectors finds, when nodes keep one bit a dimension.

    make recall

Real embeddings of the movies' titles, Miroir over three real nodes, and as the truth an exhaustive search over whole
vectors. Each line is one factor of `X-Miroir-Over-Fetch`; 1 is what the nodes answer by themselves.
"""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import miroir
from tests.bench.minilm import MiniLM
from tests.engine.loading import load
from tests.harness.client import Engine
from tests.harness.cluster import start

_QUERIES = 200
_TOP = 10
_FACTORS = (1, 2, 3, 5, 10, 20)
_INDEX = "recall"


def main() -> None:
    """Embed, load, ask, print."""
    texts = _texts()
    began = time.perf_counter()
    vectors = MiniLM().embed(texts)
    print(f"{len(texts)} texts embedded in {time.perf_counter() - began:.0f} s, {vectors.shape[1]} dimensions")  # noqa: T201
    queries, stored = vectors[:_QUERIES], vectors[_QUERIES:]
    truth = np.argsort(-(queries @ stored.T), axis=1)[:, :_TOP]
    with tempfile.TemporaryDirectory() as folder:
        cluster = start("recall", Path(folder), copies=1)
        try:
            _load(cluster.engine, stored)
            for factor in _FACTORS:
                _report(cluster.engine, factor, queries, truth)
        finally:
            cluster.close()


def _texts() -> list[str]:
    """Titles with director and genre, in an order of chance, so that the queries are like the documents."""
    path = Path(miroir.__file__).parent / "data" / "movies.ndjson.gz"
    with gzip.open(path, "rt") as source:
        movies = [json.loads(line) for line in source]
    shown = [". ".join(str(movie[name]) for name in _SHOWN if movie.get(name)) for movie in movies]
    order = np.random.default_rng(7).permutation(len(shown))
    return [shown[place] for place in order]


_SHOWN = ("title", "major_genre", "director")


def _load(engine: Engine, stored: Any) -> None:
    embedder = {"source": "userProvided", "dimensions": stored.shape[1], "binaryQuantized": True}
    documents = [{"id": place, "_vectors": {"bits": row.tolist()}} for place, row in enumerate(stored)]
    load(engine, _INDEX, documents, {"embedders": {"bits": embedder}})


def _report(engine: Engine, factor: int, queries: Any, truth: Any) -> None:
    found, times = 0, []
    for query, nearest in zip(queries, truth, strict=True):
        body = {"vector": query.tolist(), "hybrid": {"embedder": "bits", "semanticRatio": 1}, "limit": _TOP}
        began = time.perf_counter()
        answer = engine.ask(
            "POST", f"/indexes/{_INDEX}/search", body, headers={"x-miroir-over-fetch": str(factor)}
        ).body
        times.append(time.perf_counter() - began)
        found += len({hit["id"] for hit in answer["hits"]} & set(nearest.tolist()))
    recall, median = found / (len(queries) * _TOP), sorted(times)[len(times) // 2] * 1000
    print(f"over-fetch {factor:>2}: recall@{_TOP} {recall:.3f}, median {median:.1f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
