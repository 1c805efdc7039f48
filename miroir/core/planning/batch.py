"""A multi-search taken apart: its queries, and how they are to be answered. What is not understood, a node judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.planning.understanding import NotUnderstood
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError

Json = Any
_KNOWN = frozenset({"queries", "federation"})


@dataclass(frozen=True, slots=True)
class Query:
    """One of the queries: `index` is the client's uid, `fields` are those of a search."""

    index: str
    fields: Mapping[str, Json]

    @property
    def body(self) -> bytes:
        """The JSON body of the same search on its own."""
        return orjson.dumps(self.fields)


@dataclass(frozen=True, slots=True)
class Batch:
    """The queries in the client's order; they are answered one by one when `federation` is None.

    `given` is the request as it came. `options` holds each query's `federationOptions`.
    """

    given: Mapping[str, Json]
    queries: tuple[Query, ...]
    options: tuple[Json, ...]
    federation: Mapping[str, Json] | None


def understand_batch(body: bytes) -> Batch | NotUnderstood:
    """The queries of a body. Raises MiroirError `invalid_index_uid`."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return NotUnderstood()
    if not isinstance(given, dict) or not _KNOWN.issuperset(given) or not isinstance(given.get("queries"), list):
        return NotUnderstood()
    federation = given.get("federation")
    if not isinstance(federation, dict | None) or not all(map(_names_an_index, given["queries"])):
        return NotUnderstood()
    queries = tuple(_query(place, each) for place, each in enumerate(given["queries"]))
    return Batch(given, queries, tuple(each.get("federationOptions") for each in given["queries"]), federation)


def _names_an_index(query: Json) -> bool:
    return isinstance(query, dict) and isinstance(query.get("indexUid"), str)


def _query(place: int, given: Mapping[str, Json]) -> Query:
    try:
        uid = check_uid(given["indexUid"])
    except MiroirError as error:
        raise MiroirError(error.code, f"Invalid value at `.queries[{place}].indexUid`: {error.message}") from None
    return Query(uid, {name: each for name, each in given.items() if name not in ("indexUid", "federationOptions")})


def renamed(batch: Batch, physical: Callable[[str], str]) -> bytes:
    """The request as it came, but with the names that its indexes have on the nodes."""
    queries = [
        {**given, "indexUid": physical(query.index)}
        for given, query in zip(batch.given["queries"], batch.queries, strict=True)
    ]
    return orjson.dumps({**batch.given, "queries": queries} | _federation(batch.federation, physical))


def _federation(federation: Mapping[str, Json] | None, physical: Callable[[str], str]) -> dict[str, Json]:
    if federation is None:
        return {}
    facets = federation.get("facetsByIndex")
    if not isinstance(facets, dict):
        return {"federation": federation}
    return {"federation": {**federation, "facetsByIndex": {physical(uid): each for uid, each in facets.items()}}}


def inside(place: int, message: str) -> str:
    """An error of one query, as the error of the whole request."""
    return f"Inside `.queries[{place}]`: {message}"
