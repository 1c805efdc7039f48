"""A search becomes a plan: what is sent to which node, and how the answers become one (exact-merge 4.1). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import orjson

from miroir._merge_core import MergePlan, encode_shard
from miroir.core.indexes import IndexView
from miroir.core.planning.deep import FROM, Deep, pays, plan_deep
from miroir.core.planning.display import (
    displayed_of,
    formatted,
    hidden_rules,
    injected,
    retrieved,
    shown_formatted,
)
from miroir.core.planning.leg import Leg
from miroir.core.planning.names import alias_filters
from miroir.core.planning.narrowing import Narrowing, entangled
from miroir.core.planning.pinning import MOST_LITERALS, pinned_shards
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.understanding import Fields, NotUnderstood, understand
from miroir.core.planning.vectors import VectorQuery, vector_query, without_vectors
from miroir.core.wire.reserved import SHARD, alias, is_reserved

_HUGE = 2**63 - 1
_NEEDS_ALL = {"facets", "attributesToSearchOn"}


@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """The body for a node but for its shards: `head`, the shard selector as JSON text, `tail`."""

    head: bytes
    tail: bytes = b"]}"

    def for_shards(self, shards: Sequence[int]) -> bytes:
        return self.head + _selector(tuple(shards)) + self.tail


@lru_cache(maxsize=4096)
def _selector(shards: tuple[int, ...]) -> bytes:
    """The filter, as a JSON string, that finds exactly the documents of these shards."""
    codes = ", ".join(f'"{encode_shard(shard)}"' for shard in shards)
    return orjson.dumps(f"{SHARD} IN [{codes}]")


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What one search asks of the nodes that are chosen when it is carried out; `merge` is the recipe ready for use.

    `deep`: the same in two phases, where that is worth while.
    """

    view: IndexView
    leg: Leg
    recipe: MergeRecipe
    merge: MergePlan
    deep: Deep | None = None


@dataclass(frozen=True, slots=True)
class PassThrough:
    """A request left to one node, for its error. Should the node take it, `unsupported` tells why we do not."""

    method: str
    target: str
    body: bytes
    unsupported: str | None = None


@dataclass(frozen=True, slots=True)
class ByVectors:
    """A search in which vectors take part: to be planned as such (`planning.hybrid`). `shards` are the only ones worth
    asking, or None; `kept` as in `SearchRequest`."""

    fields: Fields
    query: VectorQuery
    shards: tuple[int, ...] | None = None
    kept: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Window:
    """Which part of all hits the client wants, and what to ask of a node for it."""

    offset: int
    limit: int
    page: tuple[int, int] | None
    ask: Mapping[str, int] = field(default_factory=dict)


def plan_search(
    request: SearchRequest, view: IndexView, *, most_literals: int = MOST_LITERALS
) -> SearchPlan | ByVectors | PassThrough:
    """The plan for one search of the index. At most so many literals of the primary key narrow it; 0: it is never."""
    target = f"/indexes/{view.physical}/search"
    if request.raw_query is not None:
        return PassThrough("GET", f"{target}?{request.raw_query}", b"")
    fields = understand(request.body)
    if isinstance(fields, NotUnderstood):
        return PassThrough("POST", target, request.body, fields.unsupported)
    shards, query = _asked(fields, view, most_literals), vector_query(fields)
    if query is not None:
        return ByVectors(fields, query, shards, request.kept)
    template, recipe = rewrite(without_vectors(fields), view.settings, request.kept or ())
    if request.kept is not None:
        recipe = recipe.keeping_all()
    leg = Leg((view,), target, template.for_shards, shards)
    return SearchPlan(view, leg, recipe, recipe.build(), _deep(template, recipe, leg))


def _deep(template: BodyTemplate, recipe: MergeRecipe, leg: Leg) -> Deep | None:
    """The search in two phases, for a page that is far down; a page that is not, is told without looking closer."""
    depth = min(recipe.offset + recipe.limit, recipe.max_total_hits)
    if depth < FROM or recipe.offset >= depth:
        return None
    sent = orjson.loads(template.for_shards(()))
    *filters, _ = sent.pop("filter")
    if recipe.distinct is not None or not pays(sent, depth, depth - recipe.offset, leg.views[0].settings):
        return None
    by_distance = any("_geoPoint" in rule for rule in sent.get("sort", []))
    return plan_deep(sent, filters, ["_geo"] if by_distance else [], leg)


def _asked(fields: Fields, view: IndexView, most_literals: int) -> tuple[int, ...] | None:
    """The only shards worth asking, or None when that is all.

    Fields that a document elsewhere has decide what facets are shown and what may be searched (exact-merge 3B-25, 26):
    then all are asked. One is asked even where no document can match, for the answer and for the errors of a node.
    """
    if _NEEDS_ALL & fields.keys() or "filter" not in fields:
        return None
    pinned = pinned_shards(fields["filter"], view.primary_key, view.shards, most=most_literals)
    if pinned is None or len(pinned) == view.shards:
        return None
    return tuple(sorted(pinned)) or (0,)


def rewrite(
    fields: Fields, settings: Mapping[str, Any], also: Sequence[str] = (), times: int = 1
) -> tuple[BodyTemplate, MergeRecipe]:
    """The body for the nodes and the merge that undoes what was added to it.

    `also` are attributes that the merge needs; nodes are asked for so many `times` the hits wanted.
    """
    displayed = displayed_of(settings)
    max_hits = int((settings.get("pagination") or {}).get("maxTotalHits") or 1000)
    window = _window(fields, max_hits, times)
    sort = fields.get("sort", [])
    distinct = fields.get("distinct") or settings.get("distinctAttribute")
    if distinct and is_reserved(distinct):
        distinct = None  # sent under its alias, which no document has
    needed = ([distinct] if distinct else []) + (["_geo"] if any("_geoPoint" in rule for rule in sort) else [])
    sent, added = _narrowed(fields, displayed, [*needed, *also])
    strip, narrowing = _undone(added, sent)
    for name in ("offset", "limit", "page", "hitsPerPage"):
        sent.pop(name, None)
    counted = _counted_by(distinct, fields.get("facets", []), settings) if window.page is not None else []
    if counted:
        sent["facets"] = [*sent.get("facets", []), *counted]
    sent.update(window.ask, showRankingScore=True, showRankingScoreDetails=True)
    faceting = settings.get("faceting") or {}
    recipe = MergeRecipe(
        offset=window.offset,
        limit=window.limit,
        page=window.page,
        max_total_hits=max_hits,
        show_score=fields.get("showRankingScore", False),
        show_details=fields.get("showRankingScoreDetails", False),
        strip=tuple(strip),
        strip_formatted=_strip_formatted(strip, sent),
        strip_facets=tuple(counted),
        displayed=None if displayed is None else tuple(displayed),
        distinct=distinct,
        facet_limit=int(faceting.get("maxValuesPerFacet", 100)),
        facet_order=faceting.get("sortFacetValuesBy") or {"*": "alpha"},
        narrowing=narrowing,
        hidden_rules=tuple(hidden_rules(sort, settings.get("rankingRules") or [], displayed)),
    )
    return template_of(sent), recipe


def _undone(added: Sequence[str], sent: Fields) -> tuple[list[str], Narrowing | None]:
    """How what was added comes out of the answer: the names to strip, and what to select where that is not enough."""
    wanted = [name for name in sent.get("attributesToRetrieve", []) if name not in added]
    marks = [
        *sent.get("attributesToHighlight", []),
        *(item.partition(":")[0] for item in sent.get("attributesToCrop", [])),
    ]
    tangled = entangled(added, [*wanted, *marks])
    if not tangled:
        return list(added), None
    formatted = None if "*" in marks else (*wanted, *marks)
    return [name for name in added if name not in tangled], Narrowing(tuple(wanted), formatted)


def _strip_formatted(strip: Sequence[str], sent: Fields) -> tuple[str, ...] | None:
    """What to take out of `_formatted`: not what the client wants to see there."""
    stays = shown_formatted(strip, sent.get("attributesToHighlight", []), sent.get("attributesToCrop", []))
    return tuple(name for name in strip if name not in stays) if stays else None


def _counted_by(distinct: str | None, facets: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The attribute to add to the facets, so that pages count each of its values once (exact-merge 3B-11)."""
    filterable = settings.get("filterableAttributes") or []
    if not distinct or is_reserved(distinct) or any(_meets(facet, distinct) for facet in facets):
        return []
    return [distinct] if any(makes_filterable(rule, distinct) for rule in filterable) else []


def _meets(facet: str, name: str) -> bool:
    """Whether a facet that the client asks for may show the attribute, or one below it."""
    return "*" in facet or facet == name or facet.startswith(f"{name}.")


def makes_filterable(rule: Any, name: str) -> bool:
    """Whether an entry of `filterableAttributes`, a name or an object with patterns, makes the attribute filterable."""
    if isinstance(rule, str):
        return name == rule or name.startswith(f"{rule}.")
    return any(fnmatchcase(name, pattern) for pattern in rule.get("attributePatterns", []))


def _window(fields: Fields, max_hits: int, times: int) -> _Window:
    """Either page parameter switches to page mode. A node is asked for all hits up to the end of the window."""
    if "page" not in fields and "hitsPerPage" not in fields:
        offset, limit = fields.get("offset", 0), fields.get("limit", 20)
        ask = {"offset": 0, "limit": min((offset + limit) * times, max_hits)}
        return _Window(min(offset, _HUGE), min(limit, _HUGE), None, ask)
    page, size = min(fields.get("page", 1), _HUGE), min(fields.get("hitsPerPage", 20), _HUGE)
    ask = {"page": min(page, 1), "hitsPerPage": min(max(page, 1) * size * times, max_hits)}
    return _Window(min(max(page - 1, 0) * size, _HUGE), size, (page, size), ask)


def _narrowed(fields: Fields, displayed: list[str] | None, needed: Sequence[str]) -> tuple[Fields, list[str]]:
    """The fields with the client's view enforced and what the merge needs added; and what was added."""
    sent = dict(fields)
    retrieve = retrieved(fields.get("attributesToRetrieve"), displayed)
    extra = injected(retrieve, needed)
    if retrieve is None:
        sent.pop("attributesToRetrieve", None)
    else:
        sent["attributesToRetrieve"] = retrieve + extra
    for name in ("attributesToHighlight", "attributesToCrop"):
        if name in sent:
            sent[name] = formatted(sent[name], displayed)
    for name in ("sort", "facets", "attributesToSearchOn"):
        if name in sent:
            sent[name] = [alias(item) for item in sent[name]]
    if "distinct" in sent:
        sent["distinct"] = alias(sent["distinct"])
    if "_geo" in extra and not {"_geo.lat", "_geo.lng"} <= set(retrieve or ()):
        extra.append("_geoDistance")  # a node tells it with both numbers only
    if fields.get("retrieveVectors") and displayed is not None and "_vectors" not in displayed:
        extra.append("_vectors")  # nodes display everything
    return sent, extra


def template_of(sent: Fields) -> BodyTemplate:
    """The selector is its own element of the outermost array: elements are ANDed and each is parsed by itself."""
    own = alias_filters(sent.pop("filter", []))
    head = orjson.dumps(sent)[:-1] + b',"filter":['
    if own:
        head += orjson.dumps(own)[1:-1] + b","
    return BodyTemplate(head)
