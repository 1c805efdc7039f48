"""How the answers of one search become one, as a value that can be read: what `_merge_core.MergePlan` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from miroir._merge_core import MergePlan
from miroir.core.planning.narrowing import Narrowing


@dataclass(frozen=True, slots=True)
class MergeRecipe:
    """The arguments of `MergePlan`, by the same names; see there. `narrowing` is done after the merge."""

    offset: int = 0
    limit: int = 20
    page: tuple[int, int] | None = None
    max_total_hits: int = 1000
    show_score: bool = False
    show_details: bool = False
    strip: tuple[str, ...] = ()
    strip_formatted: tuple[str, ...] | None = None
    strip_facets: tuple[str, ...] = ()
    displayed: tuple[str, ...] | None = None
    distinct: str | None = None
    facet_limit: int = 100
    facet_order: Mapping[str, str] = field(default_factory=lambda: {"*": "alpha"})
    hidden_rules: tuple[str, ...] = ()
    semantic_ratio: float | None = None
    primary_key: str | None = None
    show_query_vector: bool = False
    rerank: tuple[str, tuple[float, ...], tuple[float, float] | None] | None = None
    narrowing: Narrowing | None = None

    @property
    def wanted(self) -> int:
        """How many hits a node looks for to answer this window."""
        if self.page is not None and self.page[0] == 0:
            return 0
        return min(self.offset + self.limit, self.max_total_hits)

    def keeping_all(self) -> MergeRecipe:
        """The same where the answer will be merged once more: nothing of what was added to hits is removed."""
        return replace(
            self, show_score=True, show_details=True, strip=(), strip_formatted=None, hidden_rules=(), narrowing=None
        )

    def build(self) -> MergePlan:
        """The plan that the merge takes."""
        return MergePlan(
            offset=self.offset,
            limit=self.limit,
            page=self.page,
            max_total_hits=self.max_total_hits,
            show_score=self.show_score,
            show_details=self.show_details,
            strip=self.strip,
            strip_formatted=self.strip_formatted,
            strip_facets=self.strip_facets,
            displayed=self.displayed,
            distinct=self.distinct,
            facet_limit=self.facet_limit,
            facet_order=self.facet_order,
            hidden_rules=self.hidden_rules,
            semantic_ratio=self.semantic_ratio,
            primary_key=self.primary_key,
            show_query_vector=self.show_query_vector,
            rerank=self.rerank,
        )
