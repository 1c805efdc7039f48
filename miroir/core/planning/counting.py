"""How many documents several queries of one index find together, and their facets: what no sum of answers tells.

A node unites what its queries find when it is asked them as a federated search. Nothing but the union counts here, so
that everything that only ranks or shows is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from miroir._merge_core import MergePlan
from miroir.core.indexes import IndexView
from miroir.core.planning.federation import Federation
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.search import template_of
from miroir.core.planning.vectors import vector_query, without_vectors
from miroir.core.wire.reserved import alias

Fields = Mapping[str, Any]
TARGET = "/multi-search"
_FINDS = (
    *("q", "filter", "matchingStrategy", "attributesToSearchOn", "locales", "rankingScoreThreshold", "distinct"),
    *("hybrid", "vector", "media"),
)
"""Parameters that decide what a query finds."""
_NO_WORDS = ","
"""A text without words finds everything, as no text does; but rules rank by it as by words (see `compatibility`)."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The question to the nodes; `places` are those of its queries in the client's request."""

    leg: Leg
    merge: MergePlan
    places: tuple[int, ...]


def plan_counting(
    view: IndexView, queries: Sequence[Fields], federation: Federation, places: Sequence[int]
) -> Counting:
    """The question for these queries of the index."""
    facets = federation.facets.get(view.uid)
    faceting = view.settings.get("faceting") or {}
    recipe = MergeRecipe(
        limit=0,
        facet_limit=int(faceting.get("maxValuesPerFacet", 100)),
        facet_order=faceting.get("sortFacetValuesBy") or {"*": "alpha"},
    )
    templates = [template_of(_finding(view, fields)) for fields in queries]
    tail = b"," + orjson.dumps({"federation": _federation(view, queries, federation, facets)})[1:]

    def body(shards: Shards) -> bytes:
        return b'{"queries":[' + b",".join(template.for_shards(shards) for template in templates) + b"]" + tail

    return Counting(Leg((view,), TARGET, body), recipe.build(), tuple(places))


def _finding(view: IndexView, fields: Fields) -> dict[str, Any]:
    found = {name: fields[name] for name in _FINDS if fields.get(name) is not None}
    vectors = vector_query(found)
    if vectors is not None and not vectors.words_first and "rankingScoreThreshold" not in found:
        found = {**without_vectors(found), "q": ""}  # vectors reach all documents
    if "hybrid" not in found and not found.get("q", "").strip():
        found["q"] = _NO_WORDS
    if "attributesToSearchOn" in found:
        found["attributesToSearchOn"] = [alias(name) for name in found["attributesToSearchOn"]]
    if "distinct" in found:
        found["distinct"] = alias(found["distinct"])
    return {"indexUid": view.physical, "attributesToRetrieve": [], **found}


def _federation(
    view: IndexView, queries: Sequence[Fields], federation: Federation, facets: Sequence[str] | None
) -> dict[str, Any]:
    """The window matters only where what is found depends on how far a node looks."""
    told: dict[str, Any] = {}
    looks = federation.distinct is not None or any(
        fields.get(name) is not None for fields in queries for name in ("distinct", "rankingScoreThreshold")
    )
    if federation.page is not None:
        told |= {"page": 1, "hitsPerPage": federation.required if looks else 0}
    else:
        told["limit"] = federation.required if looks or view.settings.get("distinctAttribute") else 0
    if facets is not None:
        told["facetsByIndex"] = {view.physical: [alias(facet) for facet in facets]}
    if federation.distinct is not None:
        told["distinct"] = alias(federation.distinct)
    return told


def as_search(body: bytes, view: IndexView) -> bytes:
    """A node's answer as that to a search without hits, so that facets are summed as always.

    Raises ValueError when it is no such answer.
    """
    answer = orjson.loads(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("hits"), list):
        raise ValueError("it has no hits")  # noqa: TRY004 - what a node answers is a value, not our type error
    told = {name: answer[name] for name in ("estimatedTotalHits", "totalHits") if name in answer}
    facets = (answer.get("facetsByIndex") or {}).get(view.physical)
    if facets is not None:
        told |= {"facetDistribution": facets["distribution"], "facetStats": facets["stats"]}
    return orjson.dumps({"hits": [], "query": "", **told})
