"""What part vectors have in a search, told as a node tells it (exact-merge 5.1)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]
_DEFAULT_RATIO = 0.5
NEARLY_ALL = 0.99999994
"""The largest weight of vectors below 1: words then rank nothing, but still exclude, mark and are counted."""
_NEVER_WORDS_ALONE = 0.55
"""From this weight on no hit by words can be good enough to search no further (exact-merge 5.2, step 2)."""


def single(number: float) -> float:
    """The number in single precision, in which nodes keep it."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """A search in which vectors take part.

    `ratio` is their weight in single precision, more than 0. `alone`: words take no part. `vector` is the client's
    own; without one a node makes it of the query.
    """

    embedder: str
    ratio: float
    alone: bool
    vector: tuple[float, ...] | None

    @property
    def words_first(self) -> bool:
        """Whether words alone may turn out to be good enough."""
        return not self.alone and self.ratio < single(_NEVER_WORDS_ALONE)


def vector_query(fields: Fields) -> VectorQuery | None:
    """How vectors take part in a search that was understood; None where words or nothing at all decide."""
    hybrid = fields.get("hybrid")
    if hybrid is None:
        return None
    ratio = single(hybrid.get("semanticRatio", _DEFAULT_RATIO))
    words = bool(fields.get("q", "").strip())
    if ratio == 0 or not (words or "vector" in fields or "media" in fields):
        return None
    vector = fields.get("vector")
    return VectorQuery(hybrid["embedder"], ratio, ratio == 1 or not words, None if vector is None else tuple(vector))


def without_vectors(fields: Fields) -> dict[str, Any]:
    """The same search by words alone."""
    return {name: value for name, value in fields.items() if name not in ("hybrid", "vector", "media")}


def by_vectors(fields: Fields, query: VectorQuery, *, distinct: bool) -> dict[str, Any]:
    """The same search, in which vectors rank all that they can reach; the vector itself is still to be added.

    A search by vectors alone does not look at the query: it neither excludes words, nor marks them, nor counts what
    they find and vectors do not reach (exact-merge 5.4).
    """
    words_matter = (
        "-" in fields.get("q", "")
        or distinct
        or any(fields.get(name) for name in ("attributesToHighlight", "attributesToCrop", "showMatchesPosition"))
        or "rankingScoreThreshold" in fields
    )
    ratio = NEARLY_ALL if words_matter and not query.alone else 1
    return {**without_vectors(fields), "hybrid": {"embedder": query.embedder, "semanticRatio": ratio}}
