"""What is to be said about a search before it is run: what would fail, and what costs more than it looks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from miroir.core.indexes import IndexView
from miroir.core.planning.filter_names import filter_names
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.search import makes_filterable
from miroir.core.planning.understanding import Fields

_DEEP = 500


@dataclass(frozen=True, slots=True)
class Caution:
    """`kind` is one of would_fail, deep_offset, unbounded_wildcard, not_narrowed; `message` a sentence."""

    kind: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"type": self.kind, "message": self.message}


def cautions(fields: Fields, view: IndexView, recipe: MergeRecipe, *, narrowed: bool) -> Iterator[Caution]:
    """About a search that was understood, by the client's own settings; what would fail comes first."""
    filtered = filter_names(fields.get("filter"))
    yield from _failures(fields, view.settings, filtered)
    if recipe.offset + recipe.limit > _DEEP:
        yield Caution("deep_offset", f"Each node is asked for its first {recipe.wanted} hits, to show {recipe.limit}.")
    if "*" in fields.get("facets", []):
        yield Caution("unbounded_wildcard", "The facets of all filterable attributes are counted.")
    if view.primary_key in filtered and not narrowed:
        yield Caution(
            "not_narrowed", f"The filter names the primary key `{view.primary_key}`, but all shards have to be asked."
        )


def _failures(fields: Fields, settings: Mapping[str, Any], filtered: frozenset[str]) -> Iterator[Caution]:
    filterable, sortable = settings.get("filterableAttributes") or [], settings.get("sortableAttributes") or []
    asked = {"filter": sorted(filtered), "facets": [name for name in fields.get("facets", []) if "*" not in name]}
    for parameter, names in asked.items():
        for name in names:
            if not name.startswith("_") and not any(makes_filterable(rule, name) for rule in filterable):
                yield Caution("would_fail", f"`{parameter}` names the attribute `{name}`, which is not filterable.")
    for rule in fields.get("sort", []):
        name = rule.rpartition(":")[0]
        if name and not name.startswith("_") and not any(name == own or name.startswith(f"{own}.") for own in sortable):
            yield Caution("would_fail", f"`sort` names the attribute `{name}`, which is not sortable.")
