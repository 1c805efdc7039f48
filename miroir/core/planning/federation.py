"""How a multi-search makes one list of its queries' hits, taken apart. What is not understood, a node judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from miroir.core.planning.batch import Batch
from miroir.core.planning.understanding import NotUnderstood, understand

Json = Any
_MOST = 2**31 - 1
"""No window needs more hits: no index has more documents."""
_LARGEST = 2**63 - 1
_OF_THE_WHOLE = ("limit", "offset", "page", "hitsPerPage", "facets", "personalize", "showPerformanceDetails")
"""Parameters that a query may not have: they belong to the federation."""


@dataclass(frozen=True, slots=True)
class Federation:
    """One window over the hits of all queries. `page` is (page, hitsPerPage) in page mode.

    `facets` maps a client's uid to the facets wanted of it, None for none. `weights` has one for each query.
    """

    offset: int
    limit: int
    page: tuple[int, int] | None
    facets: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    merge_facets: bool = False
    facet_limit: int | None = None
    distinct: str | None = None
    weights: tuple[float, ...] = ()

    @property
    def required(self) -> int:
        """How many hits are needed of every query."""
        if self.page is None:
            return min(self.offset + self.limit, _MOST)
        return min(self.page[0] * self.page[1], _MOST)


def understand_federation(batch: Batch) -> Federation | NotUnderstood:
    """The federation of a batch that has one."""
    given = {
        name: value for name, value in (batch.federation or {}).items() if value is not None or name in _NEVER_NULL
    }
    if not all(name in _KNOWN and _KNOWN[name](value) for name, value in given.items()):
        return NotUnderstood()
    if any(given.get(name) for name in _ONE_NODE_ONLY):
        return NotUnderstood(next(name for name in _ONE_NODE_ONLY if given.get(name)))
    weights = tuple(_weight(options) for options in batch.options)
    if None in weights or any(query.fields.get(name) is not None for query in batch.queries for name in _OF_THE_WHOLE):
        return NotUnderstood()
    for query in batch.queries:
        fields = understand(query.body)
        if isinstance(fields, NotUnderstood):
            return fields
        if "distinct" in fields and "distinct" in given:
            return NotUnderstood()
    return _federation(given, tuple(weight for weight in weights if weight is not None))


def _federation(given: Mapping[str, Json], weights: tuple[float, ...]) -> Federation:
    merged = given.get("mergeFacets")
    page = None
    offset, limit = given.get("offset", 0), given.get("limit", 20)
    if "page" in given or "hitsPerPage" in given:
        page = given.get("page", 1), given.get("hitsPerPage", 20)
        offset, limit = min(max(page[0] - 1, 0) * page[1], _LARGEST), page[1] if page[0] else 0
    return Federation(
        offset,
        limit,
        page,
        given.get("facetsByIndex", {}),
        merged is not None,
        (merged or {}).get("maxValuesPerFacet"),
        given.get("distinct"),
        weights,
    )


def _weight(options: Json) -> float | None:
    """The weight of a query, None when its options are not understood."""
    if options is None:
        return 1.0
    if not isinstance(options, dict) or not {"weight"}.issuperset(options):
        return None
    weight = options.get("weight", 1.0)
    return float(weight) if type(weight) in (int, float) and weight >= 0 else None


def _is_count(value: Json) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


def _is_facets(value: Json) -> bool:
    return isinstance(value, dict) and all(
        names is None or (isinstance(names, list) and all(isinstance(name, str) for name in names))
        for names in value.values()
    )


def _is_merging(value: Json) -> bool:
    if not isinstance(value, dict) or not {"maxValuesPerFacet"}.issuperset(value):
        return False
    most = value.get("maxValuesPerFacet")
    return most is None or _is_count(most)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_anything(_: Json) -> bool:
    return True


_KNOWN: dict[str, Callable[[Json], bool]] = {
    "limit": _is_count,
    "offset": _is_count,
    "page": _is_count,
    "hitsPerPage": _is_count,
    "facetsByIndex": _is_facets,
    "mergeFacets": _is_merging,
    "distinct": _is_text,
    "showPerformanceDetails": lambda value: isinstance(value, bool),
    "personalize": _is_anything,
}
_ONE_NODE_ONLY = ("showPerformanceDetails", "personalize")
_NEVER_NULL = ("limit", "offset", "facetsByIndex", "showPerformanceDetails")
