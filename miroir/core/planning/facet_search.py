"""A search among the values of a facet becomes a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.listing import paths_to, target_of
from miroir.core.planning.names import alias_filters, alone
from miroir.core.planning.search import PassThrough
from miroir.core.planning.selector import selector
from miroir.core.wire.reserved import SEQUENCE, alias
from miroir.core.wire.shapes import is_filter, is_text, is_texts

_ALPHA = "alpha"
_LONGEST = 400
"""Filters do not find longer values."""


@dataclass(frozen=True, slots=True)
class FacetSearchPlan:
    """What is asked, and how an engine would order and cut the values. `query` None: all values are wanted."""

    view: IndexView
    leg: Leg
    facet: str
    query: str | None
    by_count: bool
    limit: int

    def first_with(self, value: str) -> Leg | None:
        """Of each node the first document that has the value; None for a value that is hard to write in a filter."""
        if '"' in value + self.facet or "\\" in value + self.facet or len(value.encode()) > _LONGEST:
            return None
        condition = f'"{self.facet}" = "{value}"'
        asked = {"fields": [*paths_to(self.facet), SEQUENCE], "sort": [f"{SEQUENCE}:asc"], "limit": 1}

        def body(shards: Shards) -> bytes:
            return orjson.dumps(asked | {"filter": [condition, selector(shards)]})

        return Leg((self.view,), target_of(self.view), body)


def plan_facet_search(view: IndexView, asked: Mapping[str, Any]) -> FacetSearchPlan | PassThrough:
    """The plan; what Miroir would have to rewrite and does not understand is left to a node."""
    target = f"/indexes/{view.physical}/facet-search"
    if not _is_understood(asked):
        return PassThrough("POST", target, orjson.dumps(alone(asked)))
    sent = alone(asked) | {"facetName": alias(asked["facetName"])}
    if asked.get("attributesToSearchOn"):
        sent["attributesToSearchOn"] = list(map(alias, asked["attributesToSearchOn"]))
    own = alias_filters(asked.get("filter") or [])

    def body(shards: Shards) -> bytes:
        return orjson.dumps(sent | {"filter": [*own, selector(shards)]})

    faceting = view.settings.get("faceting") or {}
    orders = faceting.get("sortFacetValuesBy") or {}
    order = orders.get(asked["facetName"], orders.get("*", _ALPHA))
    limit = int(faceting.get("maxValuesPerFacet", 100))
    return FacetSearchPlan(
        view, Leg((view,), target, body), asked["facetName"], asked.get("facetQuery"), order != _ALPHA, limit
    )


def _is_understood(asked: Mapping[str, Any]) -> bool:
    query, condition, names = (asked.get(name) for name in ("facetQuery", "filter", "attributesToSearchOn"))
    return (
        is_text(asked.get("facetName"))
        and (query is None or is_text(query))
        and (condition is None or is_filter(condition))
        and (names is None or is_texts(names))
    )
