"""The plan for a federated multi-search: a search for each query, and what makes one answer of theirs.

Nodes are not asked the federated question itself. Between hits of different queries that score alike a single node goes
by the place of the query, but our nodes by their last ranking rule; and where a node cuts its list, hits of the wrong
query would be lost. So each query is a search of its own, of which all is kept, and Miroir federates the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from miroir._merge_core import FederatedPlan as MergeFederatedPlan
from miroir.core.indexes import IndexView
from miroir.core.planning.batch import Batch, Query
from miroir.core.planning.compatibility import Ranked, Searched, check_compatible
from miroir.core.planning.counting import Counting, plan_counting
from miroir.core.planning.federation import Federation
from miroir.core.planning.narrowing import Narrowing
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.search import rewrite
from miroir.core.planning.vectors import vector_query
from miroir.core.wire.errors import MiroirError

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One query as a search whose answer keeps all: the body for it, and the attributes that its hits must have."""

    place: int
    index: str
    body: bytes
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One index: the queries that ask it and, where they are several, the question that counts what they all find."""

    view: IndexView
    parts: tuple[Part, ...]
    counting: Counting | None


@dataclass(frozen=True, slots=True)
class FederatedPlan:
    """What is asked, in the order in which a node would ask it, and the merge of the answers.

    `narrowings` has one for each query whose hits are cut down after the merge. `unused` are the facets that the client
    wants of indexes which no query asks: a node checks them.
    """

    asked: tuple[Asked, ...]
    merge: MergeFederatedPlan
    narrowings: Mapping[int, Narrowing]
    unused: Mapping[str, Sequence[str] | None]


def plan_federated(batch: Batch, federation: Federation, indexes: Mapping[str, IndexView]) -> FederatedPlan:
    """The plan for a batch whose queries are understood.

    Raises MiroirError: index_not_found, invalid_multi_search_query_ranking_rules, invalid_multi_search_facet_order.
    """
    places = _by_index(batch, indexes)
    check_compatible((place, _ranked(batch.queries[place], indexes[uid])) for uid in places for place in places[uid])
    _check_facet_order(federation, [indexes[uid] for uid in places])
    asked = tuple(_asked(batch, federation, indexes[uid], of_index) for uid, of_index in places.items())
    shown = _shown(batch, federation, asked)
    return FederatedPlan(
        asked,
        _merge(batch, federation, asked, shown),
        {place: recipe.narrowing for place, recipe in shown.items() if recipe.narrowing is not None},
        {uid: facets for uid, facets in federation.facets.items() if uid not in places},
    )


def _by_index(batch: Batch, indexes: Mapping[str, IndexView]) -> dict[str, list[int]]:
    """The places of the queries by index, in the order of the uids: the order in which a node carries them out."""
    places: dict[str, list[int]] = {}
    for uid, place in sorted((query.index, place) for place, query in enumerate(batch.queries)):
        if uid not in indexes:
            raise MiroirError("index_not_found", f"Inside `.queries[{place}]`: Index `{uid}` not found.")
        places.setdefault(uid, []).append(place)
    return places


def _ranked(query: Query, view: IndexView) -> Ranked:
    fields = _given(query)
    vectors = vector_query(fields)
    if vectors is not None and vectors.alone:
        searched = Searched.VECTORS
    else:
        searched = Searched.WORDS if fields.get("q", "").strip() else Searched.NOTHING
    all_words = fields.get("matchingStrategy") == "all"
    return Ranked(view.settings.get("rankingRules") or [], fields.get("sort", []), searched, all_words)


def _check_facet_order(federation: Federation, views: Sequence[IndexView]) -> None:
    """Facets that are summed must be ordered alike in all indexes that have them."""
    known: dict[str, tuple[str, str]] = {}
    for view in views if federation.merge_facets else ():
        orders = (view.settings.get("faceting") or {}).get("sortFacetValuesBy") or {}
        for facet in federation.facets.get(view.uid) or ():
            order = orders.get(facet, orders.get("*", "alpha"))
            uid, before = known.setdefault(facet, (view.uid, order))
            if order != before and "*" not in facet:
                raise MiroirError(
                    "invalid_multi_search_facet_order",
                    f"Inside `.federation.facetsByIndex.{view.uid}`: The values of facet `{facet}` are ordered by "
                    f"{order} here and by {before} in index `{uid}`: they cannot be merged.",
                )


def _asked(batch: Batch, federation: Federation, view: IndexView, places: Sequence[int]) -> Asked:
    """Of one query its own search tells totals and facets; what several find together must be counted by itself."""
    facets = federation.facets.get(view.uid)
    several = len(places) > 1
    kept = _kept(view if several else None, federation)
    parts = tuple(_part(batch, federation, view, place, kept, None if several else facets) for place in places)
    queries = [batch.queries[place].fields for place in places]
    return Asked(view, parts, plan_counting(view, queries, federation, places) if several else None)


def _part(
    batch: Batch,
    federation: Federation,
    view: IndexView,
    place: int,
    kept: tuple[str, ...],
    facets: Sequence[str] | None,
) -> Part:
    fields = _fields(batch.queries[place], federation)
    if federation.page is None:
        fields |= {"offset": 0, "limit": federation.required}
    else:
        fields |= {"page": min(federation.page[0], 1), "hitsPerPage": federation.required}
    if facets:
        fields["facets"] = list(facets)
    return Part(place, view.uid, orjson.dumps(fields), kept)


def _fields(query: Query, federation: Federation) -> dict[str, Any]:
    fields = _given(query)
    return fields if federation.distinct is None else {**fields, "distinct": federation.distinct}


def _given(query: Query) -> dict[str, Any]:
    """The fields of a query that was understood."""
    return {name: value for name, value in query.fields.items() if value is not None}


def _kept(shared: IndexView | None, federation: Federation) -> tuple[str, ...]:
    """By its id a document is known that several queries of an index find; by the distinct attribute, equal values."""
    needed = (shared.primary_key if shared else None, federation.distinct)
    return tuple(name for name in needed if name is not None)


def _shown(batch: Batch, federation: Federation, asked: Sequence[Asked]) -> dict[int, MergeRecipe]:
    return {
        part.place: rewrite(_fields(batch.queries[part.place], federation), each.view.settings, part.kept)[1]
        for each in asked
        for part in each.parts
    }


def _merge(
    batch: Batch, federation: Federation, asked: Sequence[Asked], shown: Mapping[int, MergeRecipe]
) -> MergeFederatedPlan:
    number = {part.place: place for place, each in enumerate(asked) for part in each.parts}
    counted = len(batch.queries)
    indexes = []
    for each in asked:
        first = each.parts[0].place
        wanted = min(federation.required, shown[first].max_total_hits)
        facets = federation.facets.get(each.view.uid) is not None
        several = each.counting is not None
        key = each.view.primary_key if several else None
        indexes.append((each.view.uid, key, wanted, counted if several else first, facets))
        counted += several
    return MergeFederatedPlan(
        queries=[
            (number[place], federation.weights[place], shown[place].build()) for place in range(len(batch.queries))
        ],
        indexes=indexes,
        offset=federation.offset,
        limit=federation.limit,
        page=federation.page,
        distinct=federation.distinct,
        merge_facets=federation.merge_facets,
        facet_limit=federation.facet_limit,
        show_semantic=any(vector_query(_given(query)) is not None for query in batch.queries),
        show_vectors=any(query.fields.get("retrieveVectors") for query in batch.queries),
    )
