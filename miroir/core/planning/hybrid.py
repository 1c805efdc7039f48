"""A search in which vectors take part becomes a plan of legs (exact-merge 5.3 and 5.4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from miroir._merge_core import MergePlan
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.reranking import DEFAULT, Reranking, reranking
from miroir.core.planning.search import BodyTemplate, ByVectors, rewrite
from miroir.core.planning.vectors import VectorQuery, by_vectors, without_vectors
from miroir.core.wire.reserved import SHARD

_NOTHING = f"{SHARD} IN []"


@dataclass(frozen=True, slots=True)
class HybridPlan:
    """What a search with vectors asks, in this order, each step only where it is needed.

    `words`: the leg by words alone, asked first if `words_first`, else only where no vector can be had; None if words
    take no part. `question`: the body that makes one node embed the query, or tell why it cannot search by vectors.
    `vectors`: the leg by vectors, as soon as there is one. `known`: whether the index has an embedder of that name.
    `anew`: whether and how the hits are then ranked anew.
    """

    view: IndexView
    target: str
    query: VectorQuery
    words: Leg | None
    words_first: bool
    question: bytes
    template: BodyTemplate
    shards: Shards | None
    recipe: MergeRecipe
    merge: MergePlan
    known: bool
    anew: Reranking

    def vectors(self, vector: bytes) -> Leg:
        """The leg by vectors, given the vector as JSON."""
        head = b'{"vector":' + vector + b"," + self.template.head[1:]
        template = replace(self.template, head=head)
        return Leg((self.view,), self.target, template.for_shards, self.shards)

    def merging(self, vector: bytes) -> MergePlan:
        """How the answers of that leg become one."""
        if self.anew.by is None:
            return self.merge
        numbers = tuple(map(float, orjson.loads(vector)))
        return replace(self.recipe, rerank=(self.anew.by, numbers, self.anew.shift)).build()


def plan_hybrid(
    search: ByVectors, view: IndexView, *, over_fetch: int | None = None, usual_over_fetch: int = DEFAULT
) -> HybridPlan:
    """The plan for a search of the index that was understood. `over_fetch` is the client's own factor, if any."""
    fields, query, shards = search.fields, search.query, search.shards
    target = f"/indexes/{view.physical}/search"
    key = [view.primary_key] if view.primary_key is not None and query.words_first else []
    also = [*key, *(search.kept or ())]
    distinct = bool(fields.get("distinct") or view.settings.get("distinctAttribute"))
    if query.words_first:
        sent = by_vectors(fields, query, distinct=distinct)
    else:
        sent = without_vectors(fields) | {"hybrid": fields["hybrid"]}
    embedder = (view.settings.get("embedders") or {}).get(query.embedder)
    anew = Reranking()
    if query.alone:
        anew = reranking(fields, embedder or {}, query.embedder, asked=over_fetch, configured=usual_over_fetch)
    template, recipe = rewrite(_with_vectors(sent, anew), view.settings, also=also, times=anew.factor)
    added = anew.by is not None and not fields.get("retrieveVectors") and "_vectors" not in recipe.strip
    recipe = replace(
        recipe,
        strip=(*recipe.strip, "_vectors") if added else recipe.strip,
        semantic_ratio=1.0 if query.alone else query.ratio,
        primary_key=key[0] if key else None,
        show_query_vector=fields.get("retrieveVectors", False),
    )
    if search.kept is not None:  # vectors of documents are added for this merge alone
        recipe = replace(recipe.keeping_all(), strip=("_vectors",) if added else ())
    return HybridPlan(
        view,
        target,
        query,
        None if query.alone else _words(fields, view, also, shards),
        query.words_first or (not query.alone and recipe.wanted == 0),
        _question(fields, query),
        template,
        shards,
        recipe,
        recipe.build(),
        embedder is not None,
        anew,
    )


def _with_vectors(sent: Mapping[str, Any], anew: Reranking) -> dict[str, Any]:
    return {**sent, "retrieveVectors": True} if anew.by is not None else dict(sent)


def _words(fields: Mapping[str, Any], view: IndexView, also: list[str], shards: Shards | None) -> Leg:
    template, _ = rewrite(without_vectors(fields), view.settings, also=also)
    return Leg((view,), f"/indexes/{view.physical}/search", template.for_shards, shards)


def _question(fields: Mapping[str, Any], query: VectorQuery) -> bytes:
    """A search that finds nothing, but for which a node has to embed the query, and tell whether it could search."""
    said = {name: fields[name] for name in ("q", "vector", "media") if name in fields}
    hybrid = {"embedder": query.embedder, "semanticRatio": 1}
    return orjson.dumps({**said, "hybrid": hybrid, "limit": 1, "retrieveVectors": True, "filter": [_NOTHING]})
