"""How many more candidates a search by vectors takes from each node, and by what they are ranked anew.

Nodes compare whole vectors exactly, so that more candidates only make up for those that an approximate search has
missed. Of an embedder with `binaryQuantized` they keep one bit a dimension, and compare it with the bits of the query:
there candidates are ranked anew by the whole query. What they show then is no longer what one node shows, but nearer to
the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST = 20
DEFAULT = 3

_SHIFTS = {
    "text-embedding-ada-002": (0.90, 0.08),
    "text-embedding-3-small": (0.75, 0.1),
    "text-embedding-3-large": (0.70, 0.1),
    "BAAI/bge-base-en-v1.5": (0.85, 0.1),
}
"""Mean and deviation of similarities that engines know of some models, where the settings name none."""
_DEFAULT_MODEL = "text-embedding-3-small"
Shift = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reranking:
    """`factor`: so many times the hits wanted are asked of each node. `by`: the embedder to rank anew by, or None."""

    factor: int = 1
    by: str | None = None
    shift: Shift | None = None


def reranking(
    fields: Mapping[str, Any], embedder: Mapping[str, Any], name: str, *, asked: int | None, configured: int
) -> Reranking:
    """What is right for a search by vectors alone. `asked` is the client's own factor, 1..20.

    Hits that a threshold cut off by the coarse similarity cannot come back, so there the nodes' word stands.
    """
    quantized = embedder.get("binaryQuantized") is True
    factor = asked if asked is not None else configured if quantized else 1
    if factor == 1 or "rankingScoreThreshold" in fields:
        return Reranking()
    return Reranking(factor, name, _shift(embedder)) if quantized else Reranking(factor)


def _shift(embedder: Mapping[str, Any]) -> Shift | None:
    said = embedder.get("distribution")
    if isinstance(said, dict):
        return float(said["mean"]), float(said["sigma"])
    source = embedder.get("source")
    if source not in ("openAi", "huggingFace"):
        return None
    return _SHIFTS.get(embedder.get("model") or (_DEFAULT_MODEL if source == "openAi" else ""))
