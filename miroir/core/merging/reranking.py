"""Hits ranked anew by the signs of their vectors and the whole query, in plain Python. Only for tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from miroir.core.merging.hybrid import single
from miroir.core.merging.ordering import Hit, compare_placed

Rerank = tuple[str, Sequence[float], tuple[float, float] | None]
"""The embedder, the query's vector, and mean and deviation of its similarities where they are moved apart."""
_LEAST = 2.0**-23


def in_order_anew(lists: Sequence[Sequence[Hit]], by: Rerank) -> list[Hit]:
    """The hits of all lists by their new similarities."""
    placed = [((node, at), _anew(hit, by)) for node, hits in enumerate(lists) for at, hit in enumerate(hits)]
    return [hit for _, hit in sorted(placed, key=cmp_to_key(compare_placed))]


def _anew(hit: Hit, by: Rerank) -> Hit:
    """The hit with the similarity of its best vector, where it has one."""
    said = hit["_rankingScoreDetails"].get("vectorSort")
    entry = hit.get("_vectors", {}).get(by[0])
    near = [found for vector in _vectors(entry) if (found := similarity(by, vector)) is not None]
    if said is None or said["similarity"] is None or not near:
        return hit
    details = {**hit["_rankingScoreDetails"], "vectorSort": {**said, "similarity": max(near)}}
    return {**hit, "_rankingScore": max(near), "_rankingScoreDetails": details}


def _vectors(entry: Any) -> list[list[float]]:
    listed = entry.get("embeddings") if isinstance(entry, dict) else entry
    if not listed:
        return []
    return listed if isinstance(listed[0], list) else [listed]


def similarity(by: Rerank, vector: Sequence[float]) -> float | None:
    """(1 + cosine) / 2 in single precision, moved apart as an engine does; None where the dimensions differ."""
    _, query, shift = by
    if len(vector) != len(query):
        return None
    dot = sum(number if sign > 0 else -number for number, sign in zip(query, vector, strict=True))
    norm = single(math.sqrt(sum(number * number for number in query)))
    norms = single(norm * single(math.sqrt(len(query))))
    cosine = min(1.0, max(-1.0, single(dot / norms))) if norms > _LEAST else 1.0
    plain = single(1 - single(single(1 - cosine) / 2))
    if shift is None:
        return plain
    mean, sigma = map(single, shift)
    factor = single(single(0.4) / sigma)
    moved = single(single(factor * plain) + single(0.5 - single(factor * mean)))
    return _LEAST if moved <= 0 else min(moved, 1.0)
