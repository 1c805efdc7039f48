"""A search for similar documents becomes a plan: whom to ask for the document, and whom for its neighbours. Pure.

The shard's owner judges the request and tells the vector. Neighbours are found on all nodes in one way, by that vector,
so that their answers merge as those of any search do (exact-merge 6.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir._merge_core import canonical_id, encode_sequence, shard_of
from miroir.core.indexes import IndexView
from miroir.core.planning.display import displayed_of
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.names import alias_filters, alone
from miroir.core.planning.search import BodyTemplate, PassThrough, rewrite
from miroir.core.planning.selector import selector
from miroir.core.similar import Source
from miroir.core.wire.reserved import SEQUENCE, alias
from miroir.core.wire.shapes import is_count, is_filter, is_flag, is_share, is_text, is_texts

_MOST = 2**63 - 1
_NO_SEQUENCE = encode_sequence(0)
_KNOWN: dict[str, Callable[[Any], bool]] = {
    "id": lambda value: canonical_id(orjson.dumps(value)) is not None,
    "embedder": is_text,
    "offset": is_count,
    "limit": is_count,
    "filter": lambda value: value is None or is_filter(value),
    "attributesToRetrieve": lambda value: value is None or is_texts(value),
    "retrieveVectors": is_flag,
    "showRankingScore": is_flag,
    "showRankingScoreDetails": is_flag,
    "showPerformanceDetails": is_flag,
    "rankingScoreThreshold": lambda value: value is None or is_share(value),
}


@dataclass(frozen=True, slots=True)
class SimilarPlan:
    """A request that Miroir understands: `asked` are its fields, `document` the id of the document in question."""

    view: IndexView
    asked: Mapping[str, Any]
    document: str

    @property
    def offset(self) -> int:
        return min(int(self.asked.get("offset", 0)), _MOST)

    @property
    def limit(self) -> int:
        return min(int(self.asked.get("limit", 20)), _MOST)

    @property
    def max_hits(self) -> int:
        """No total is told above it."""
        return int((self.view.settings.get("pagination") or {}).get("maxTotalHits") or 1000)

    @property
    def shards(self) -> Shards:
        """Where the document is."""
        return (shard_of(self.document, self.view.shards),)

    def judging(self) -> Leg:
        """The request itself, for none of its hits: the owner tells all that is wrong with it."""
        names = self.asked.get("attributesToRetrieve")
        sent = dict(self.asked) | ({} if names is None else {"attributesToRetrieve": list(map(alias, names))})
        own = alias_filters(self.asked.get("filter") or [])

        def body(shards: Shards) -> bytes:
            return orjson.dumps(sent | {"filter": [*own, selector(shards)], "offset": 0, "limit": 0})

        return Leg((self.view,), f"/indexes/{self.view.physical}/similar", body, self.shards)

    def source(self) -> Leg:
        """The document's vectors and its sequence."""
        asked = {"ids": [self.document], "fields": [SEQUENCE], "retrieveVectors": True}

        def body(shards: Shards) -> bytes:
            return orjson.dumps(asked | {"filter": [selector(shards)]})

        return Leg((self.view,), f"/indexes/{self.view.physical}/documents/fetch", body, self.shards)

    def neighbours(self, source: Source) -> Leg:
        """All that is near, but for the document itself; no hits, only their number, for one without a vector."""
        end = min(self.offset + self.limit, _MOST) if source.vector is not None else 0
        wanted: dict[str, Any] = {
            "offset": 0,
            "limit": self.max_hits if end and _sorts_first(self.view.settings) else end,
        }
        wanted |= {"retrieveVectors": bool(self.asked.get("retrieveVectors")) and _shows_vectors(self.view.settings)}
        for name in ("attributesToRetrieve", "filter"):
            if self.asked.get(name) is not None:
                wanted[name] = self.asked[name]
        settings = {name: value for name, value in self.view.settings.items() if name != "distinctAttribute"}
        template, _ = rewrite(wanted, settings)
        head = _by_vector(template.head, source, str(self.asked["embedder"]))
        return Leg((self.view,), f"/indexes/{self.view.physical}/search", BodyTemplate(head).for_shards)


def plan_similar(view: IndexView, asked: Mapping[str, Any]) -> SimilarPlan | PassThrough:
    """The plan for the fields of `POST similar`; what is not understood is left to a node."""
    known = all(name in _KNOWN and _KNOWN[name](value) for name, value in asked.items())
    document = canonical_id(orjson.dumps(asked.get("id")))
    if not known or document is None or "embedder" not in asked:
        return PassThrough("POST", f"/indexes/{view.physical}/similar", orjson.dumps(alone(asked)))
    return SimilarPlan(view, asked, document)


def _by_vector(head: bytes, source: Source, embedder: str) -> bytes:
    """The head of a search without words, made one by the vector. Every document is one of its own, whatever attribute
    the index has for `distinct`."""
    added: dict[str, Any] = {"distinct": SEQUENCE}
    if source.vector is not None:
        added |= {"hybrid": {"embedder": embedder, "semanticRatio": 1.0}, "vector": source.vector}
    apart = orjson.dumps(f'{SEQUENCE} != "{source.sequence or _NO_SEQUENCE}"')
    return orjson.dumps(added)[:-1] + b"," + head[1:] + apart + b","


def _sorts_first(settings: Mapping[str, Any]) -> bool:
    """Whether documents are ranked by a field before they are by their vectors: then those nearby may be anywhere."""
    return ":" in next((rule for rule in settings.get("rankingRules") or [] if rule != "sort"), "")


def _shows_vectors(settings: Mapping[str, Any]) -> bool:
    """Whether a node shows vectors to clients that may not see all attributes: where documents bring them along, and
    only when they are not among those to see (exact-merge 3B-27)."""
    displayed = displayed_of(settings)
    if displayed is None:
        return True
    embedders = (settings.get("embedders") or {}).values()
    brought = any(isinstance(one, dict) and one.get("source") == "userProvided" for one in embedders)
    return brought and "_vectors" not in displayed
