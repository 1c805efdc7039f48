"""What a merge and a routing cost, in CPU time: the least of several runs, since other work only adds."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time_ns

from miroir import _merge_core

_RUNS = 7


def answer(node: int, hits: int, *, nodes: int = 3) -> bytes:
    """A node's answer of hits of about 0.9 KB with ranking details, as stock Meilisearch writes them."""
    return json.dumps(
        {
            "hits": [_hit(rank * nodes + node) for rank in range(hits)],
            "query": "captain america",
            "processingTimeMs": 3,
            "limit": hits,
            "offset": 0,
            "estimatedTotalHits": hits * 3,
            "requestUid": "0193a7b8-0000-7000-8000-000000000000",
        },
        separators=(",", ":"),
    ).encode()


def _hit(number: int) -> dict[str, object]:
    details: dict[str, object] = {
        "words": {"order": 0, "matchingWords": 2, "maxMatchingWords": 2, "score": 1.0},
        "typo": {"order": 1, "typoCount": number // 50, "maxTypoCount": 2, "score": 0.5},
        "proximity": {"order": 2, "score": 0.8571428571428571},
        "attributeRank": {"order": 3, "score": 1.0},
        "wordPosition": {"order": 4, "score": 0.9090909090909091},
        "exactness": {"order": 5, "matchType": "noExactMatch", "matchingWords": 2, "maxMatchingWords": 2, "score": 0.3},
        "_miroir_seq:asc": {"order": 6, "value": _merge_core.encode_sequence(number)},
    }
    return {
        "id": number,
        "title": f"Captain {number}",
        "overview": "A film of many words that nobody has counted. " * 5,
        "genres": ["Action", "Adventure"],
        "release": 1_311_300_000,
        "_miroir_shard": _merge_core.encode_shard(number % 12),
        "_miroir_seq": _merge_core.encode_sequence(number),
        "_rankingScore": 0.9848484848484849,
        "_rankingScoreDetails": details,
    }


def _least(work: Callable[[], object], times: int) -> float:
    """Microseconds of CPU time of one call."""
    least = float("inf")
    for _ in range(_RUNS):
        start = process_time_ns()
        for _ in range(times):
            work()
        least = min(least, (process_time_ns() - start) / times / 1000)
    return least


def _merge(hits: int, times: int) -> float:
    bodies = [answer(node, hits) for node in range(3)]
    plan = _merge_core.MergePlan(offset=0, limit=hits)
    return _least(lambda: _merge_core.merge(bodies, plan, 3, "0193a7b8-0000-7000-8000-000000000000"), times)


def _route(times: int) -> float:
    ids = [f"tt{number:07}" for number in range(1000)]
    return _least(lambda: [_merge_core.shard_of(document_id, 64) for document_id in ids], times) / len(ids)


def _split(times: int) -> float:
    """Megabytes a second."""
    payload = b"[" + b",".join(json.dumps(_document(number)).encode() for number in range(1000)) + b"]"

    def work() -> None:
        splitter = _merge_core.Splitter(ndjson=False, shards=64, primary_key="id")
        splitter.feed(payload)
        splitter.finish()

    return len(payload) / _least(work, times)


def _document(number: int) -> dict[str, object]:
    return {"id": number, "title": f"Captain {number}", "overview": "words and more words " * 42, "year": 2011}


def run() -> list[tuple[str, float, str]]:
    """All figures as (name, value, unit)."""
    return [
        ("merge 3 x 20 hits of 0.9 KB", _merge(20, 500), "us"),
        ("merge 3 x 1000 hits of 0.9 KB", _merge(1000, 10), "us"),
        ("route one id", _route(20), "us"),
        ("split and check 1 KB documents", _split(10), "MB/s"),
    ]


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")  # noqa: T201
