"""A list of documents becomes a plan: what is asked of whom, in one step or, for what lies deep, in two. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from miroir._merge_core import canonical_id, shard_of
from miroir.core.documents.criteria import parse_sort
from miroir.core.documents.rows import Order, Row
from miroir.core.documents.windows import window
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.names import alias_filters, alone
from miroir.core.planning.search import PassThrough
from miroir.core.planning.selector import selector
from miroir.core.wire.reserved import SEQUENCE, alias
from miroir.core.wire.shapes import is_count, is_filter, is_flag, is_texts

LIMIT = 20
DEEP = 1000
"""From this offset on, documents that are not on the page stay where they are."""
_MOST = 2**63 - 1
"""No index is as large, and every number up to here is one to Python, JSON and the nodes."""
_KNOWN: dict[str, Callable[[Any], bool]] = {
    "offset": is_count,
    "limit": is_count,
    "retrieveVectors": is_flag,
    "fields": lambda value: value is None or is_texts(value),
    "ids": lambda value: value is None or isinstance(value, list),
    "filter": lambda value: value is None or is_filter(value),
    "sort": lambda value: value is None or is_texts(value),
    "useNetwork": lambda value: value is None,
}

Ids = Mapping[int, tuple[Any, ...]]
"""Ids of documents by the shard that holds them."""


@dataclass(frozen=True, slots=True)
class ListingPlan:
    """A list that Miroir understands. `order` is the client's; `fields` None: all. `ids`: the only documents."""

    view: IndexView
    order: Order
    offset: int
    limit: int
    sort: tuple[str, ...]
    fields: tuple[str, ...] | None
    vectors: bool
    filter: tuple[Any, ...]
    ids: Ids | None

    @property
    def by_keys(self) -> bool:
        """Whether to find out first which documents are on the page: it lies deep, or the client does not want to see
        what orders them."""
        if self.order.primary_key is None or not self.limit:
            return False
        return self.offset >= DEEP or (self.fields is not None and bool(self.order.criteria))

    @property
    def may_skip(self) -> bool:
        """Whether a node's place in a list can be trusted: with several criteria it also skips what it drops."""
        return (
            self.offset >= DEEP and len(self.order.criteria) < 2 and all(not one.point for one in self.order.criteria)
        )

    def whole(self) -> Leg:
        """Documents as the client shall get them, all up to the end of the page."""
        return self._leg(lambda shards: self._from_start(shards) | self._shown())

    def keys(self, *, skip: bool) -> Leg:
        """What orders the documents and nothing else: of the place where the page lies, or all up to its end."""
        names = {one.field for one in self.order.criteria} | {self.order.primary_key, SEQUENCE}
        fields = {"fields": sorted({above for name in names if name for above in paths_to(name)})}
        part = self._around if skip else self._from_start
        return self._leg(lambda shards: part(shards) | fields)

    def documents(self, rows: Sequence[Row]) -> Leg:
        """Just these documents. Raises ValueError when one of them has told no id."""
        ids = owners([row.id for row in rows], self.view.shards)
        if ids is None:
            raise ValueError("a document without an id")
        return self._leg(lambda shards: _chosen(ids, shards) | self._shown(), tuple(sorted(ids)))

    def _leg(self, body: Callable[[Shards], dict[str, Any]], shards: Shards | None = None) -> Leg:
        if shards is None and self.ids is not None:
            shards = tuple(sorted(self.ids))
        return Leg((self.view,), target_of(self.view), lambda own: orjson.dumps(body(own)), shards)

    def _from_start(self, shards: Shards) -> dict[str, Any]:
        count = min(self.offset + self.limit, _MOST) if self.limit else 0
        return self._matching(shards) | {"offset": 0, "limit": count}

    def _around(self, shards: Shards) -> dict[str, Any]:
        start, count = window(self.offset, self.limit, len(shards) / len(self.view.shard_map))
        return self._matching(shards) | {"offset": min(start, _MOST), "limit": min(count, _MOST)}

    def _matching(self, shards: Shards) -> dict[str, Any]:
        own = {} if self.ids is None else {"ids": _listed(self.ids, shards)}
        return own | {"filter": [*self.filter, selector(shards)], "sort": [*self.sort, f"{SEQUENCE}:asc"]}

    def _shown(self) -> dict[str, Any]:
        fields = {} if self.fields is None else {"fields": [*self.fields, SEQUENCE]}
        return fields | {"retrieveVectors": self.vectors}


def target_of(view: IndexView) -> str:
    """Where lists are asked on the nodes."""
    return f"/indexes/{view.physical}/documents/fetch"


def plan_listing(view: IndexView, asked: Mapping[str, Any]) -> ListingPlan | PassThrough:
    """The plan for the fields of `POST documents/fetch`; what is not understood is left to a node."""
    sort = asked.get("sort") or []
    understood = all(name in _KNOWN and _KNOWN[name](value) for name, value in asked.items())
    criteria = parse_sort(sort) if understood else None
    ids = owners(asked["ids"], view.shards) if understood and asked.get("ids") is not None else None
    if criteria is None or (ids is None and asked.get("ids") is not None):
        return PassThrough("POST", target_of(view), orjson.dumps(alone(asked)))
    fields = asked.get("fields")
    return ListingPlan(
        view,
        Order(criteria, view.primary_key),
        asked.get("offset", 0),
        asked.get("limit", LIMIT),
        tuple(map(alias, sort)),
        None if fields is None else tuple(map(alias, fields)),
        asked.get("retrieveVectors", False),
        tuple(alias_filters(asked.get("filter") or [])),
        ids,
    )


def owners(ids: Sequence[Any], shards: int) -> Ids | None:
    """The ids by shard; None when one of them is none. Where there are none, any shard can say so."""
    owned: dict[int, list[Any]] = {}
    for id_ in ids:
        canonical = canonical_id(orjson.dumps(id_.strip() if isinstance(id_, str) else id_))
        if canonical is None:
            return None
        owned.setdefault(shard_of(canonical, shards), []).append(canonical)
    return {shard: tuple(own) for shard, own in owned.items()} or {0: ()}


def paths_to(name: str) -> list[str]:
    """A name and all objects that it may lie in: documents are kept as they came, `a.b` as a name or as a path."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _listed(ids: Ids, shards: Shards) -> list[Any]:
    return [id_ for shard in shards for id_ in ids.get(shard, ())]


def _chosen(ids: Ids, shards: Shards) -> dict[str, Any]:
    listed = _listed(ids, shards)
    return {"ids": listed, "offset": 0, "limit": len(listed), "sort": [f"{SEQUENCE}:asc"]}
