"""What a client asked, before anybody has looked into it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One multi-search: the JSON as sent, and the rest as in `SearchRequest`."""

    body: bytes
    deadline: float
    unavailable: str | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. `index` is the client's uid, `body` the JSON as sent, `deadline` absolute on Trio's clock.

    `unavailable` is the header X-Miroir-Unavailable-Shards (`partial` or `error`), or None. `raw_query` is set when a
    GET form could not be made a JSON body: then a node shall judge it as it came. `uid` is the request's id where it
    has one already, as the queries of a multi-search share theirs. `over_fetch` is the header X-Miroir-Over-Fetch.
    `kept` is set where the answer will be merged once more: then its hits have these attributes, their scores with all
    details, and all that is otherwise removed.
    """

    index: str
    body: bytes
    deadline: float
    unavailable: str | None = None
    raw_query: str | None = None
    uid: str | None = None
    over_fetch: int | None = None
    kept: tuple[str, ...] | None = None
