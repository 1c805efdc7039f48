"""Similar documents: what the document in question tells, and the client's page of those nearby."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.documents.rows import apart
from miroir.core.documents.stamps import without_stamps
from miroir.core.wire.reserved import SEQUENCE

_HITS = re.compile(r'"hits"\s*:\s*\[\s*')
_SCORE = b'"_rankingScore":'
_DETAILS = b'"_rankingScoreDetails":'


@dataclass(frozen=True, slots=True)
class Source:
    """The document in question: when it arrived, and its vector, if it has one."""

    sequence: str | None
    vector: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A hit as its bytes, without its details, and how similar it is; `told`: that number as the node wrote it.
    `sequence`: when it arrived."""

    raw: bytes
    similarity: float
    told: bytes
    sequence: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the client wants to see of all neighbours."""

    offset: int
    limit: int
    threshold: float | None
    max_hits: int
    show_details: bool


def read_source(body: bytes, embedder: str) -> Source:
    """Out of a list of that one document. Of several vectors the first counts.

    Raises ValueError, KeyError or TypeError for what is no list of documents.
    """
    found = orjson.loads(body)["results"]
    if not found:
        return Source(None, None)
    vectors = ((found[0].get("_vectors") or {}).get(embedder) or {}).get("embeddings") or []
    vector = vectors[0] if vectors and isinstance(vectors[0], list) else vectors
    return Source(str(found[0][SEQUENCE]), tuple(vector) or None)


def read_neighbours(body: bytes, *, scores: bool) -> tuple[list[Neighbour], int]:
    """Those nearby out of a node's search with scores and details, and how many documents it is about; `scores`: they
    shall be seen. Raises as `rows.apart`."""
    items, rest = apart(body, _HITS)
    told = [one for value, raw in items if (one := _neighbour(value, raw, scores=scores)) is not None]
    return told, int(rest["estimatedTotalHits"])


def nearest_first(found: Iterable[Neighbour]) -> list[Neighbour]:
    """In the order of one node: equally near ones by their arrival."""
    return sorted(found, key=lambda one: (-one.similarity, one.sequence))


def _neighbour(hit: Mapping[str, Any], raw: bytes, *, scores: bool) -> Neighbour | None:
    """None for a document without a vector. Scores stand last in a hit, and text in it cannot look like their names."""
    details = hit["_rankingScoreDetails"]
    similarity = details.get("vectorSort", {}).get("similarity")
    if similarity is None:
        return None
    cut = raw.rindex(_DETAILS)
    told = re.search(rb'"similarity":([^,}]+)', raw[cut:])
    kept = raw[:cut] if scores else raw[: raw.rindex(_SCORE)]
    sequence = details.get(f"{SEQUENCE}:asc", {}).get("value", "")
    shown = without_stamps(kept.rstrip(b", \n") + b"}")
    return Neighbour(shown, _single(similarity), told[1] if told is not None else b"null", sequence)


def _single(number: float) -> float:
    """In single precision, in which nodes keep it."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def write_page(judged: Mapping[str, Any], found: Sequence[Neighbour], total: int, page: Page, millis: int) -> bytes:
    """The client's answer; `judged` is that of the document's owner, of which only hits and numbers are replaced.

    Where a document on the page is below the threshold, the engine counts those before it.
    """
    chosen = found[page.offset :][: page.limit]
    if page.threshold is not None:
        near = [one for one in chosen if one.similarity >= page.threshold]
        if len(near) < len(chosen):
            total = min(page.offset, len(found)) + len(near)
        chosen = near
    numbers = {"offset": page.offset, "limit": page.limit, "estimatedTotalHits": min(total, page.max_hits)}
    answer = dict(judged) | numbers | {"processingTimeMs": millis}
    hits = b"[" + b",".join(_shown(one, details=page.show_details) for one in chosen) + b"]"
    members = [orjson.dumps(name) + b":" + (hits if name == "hits" else orjson.dumps(answer[name])) for name in answer]
    return b"{" + b",".join(members) + b"}"


def _shown(one: Neighbour, *, details: bool) -> bytes:
    if not details:
        return one.raw
    comma = b"," if len(one.raw) > 2 else b""
    return one.raw[:-1] + comma + _DETAILS + b'{"vectorSort":{"order":0,"similarity":' + one.told + b"}}}"
