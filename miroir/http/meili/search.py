"""`POST` and `GET /indexes/{uid}/search`: from what came in to one call of the searcher, and the same as a Quart route.

In production the lane takes these requests first; the route is for everything that goes through Quart. Both call
`answer_search` and give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import trio
from quart import Blueprint, Response, request

from miroir.config.models import Config
from miroir.core.access import check_master_key
from miroir.core.planning.query import body_of_query, safe_query
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.reranking import MOST
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.sizes import too_large
from miroir.http.body import decode_body, header
from miroir.http.sending import as_response
from miroir.reads.search import Searcher

RawHeaders = Sequence[tuple[bytes, bytes]]
MOST_SEARCH_BYTES = 10 * 1024 * 1024
"""No search is larger. It is held whole, and again for each node that is asked; a node takes seconds to read more."""
_UNAVAILABLE = b"x-miroir-unavailable-shards"
_OVER_FETCH = b"x-miroir-over-fetch"
_ACCEPTED = "Accepted values for the Content-Type header are: `application/json`"


class SearchApp(Protocol):
    """What these routes need of the app."""

    @property
    def config(self) -> Config: ...
    @property
    def searcher(self) -> Searcher: ...


def search_limit(config: Config) -> int:
    """How many bytes the body of a search, or the query of its GET form, may have."""
    return min(config.server.max_body_bytes, MOST_SEARCH_BYTES)


def check_search(method: str, headers: RawHeaders, master_key: bytes) -> None:
    """Everything that is refused before the body is read. Raises MiroirError, in Meilisearch's order."""
    check_master_key(header(headers, b"authorization"), master_key)
    if method == "POST":
        _check_content_type(header(headers, b"content-type"))


def _check_content_type(value: bytes | None) -> None:
    if value is None:
        raise MiroirError("missing_content_type", f"A Content-Type header is missing. {_ACCEPTED}")
    if value.partition(b";")[0].strip().lower() != b"application/json":
        given = value.decode("latin-1")
        raise MiroirError("invalid_content_type", f"The Content-Type `{given}` is invalid. {_ACCEPTED}")


async def answer_search(
    searcher: Searcher, method: str, uid: str, headers: RawHeaders, query: bytes, body: bytes, *, deadline: float
) -> Reply:
    """Ask the searcher. Every error is a reply too; only cancellation and bugs are raised."""
    try:
        return await searcher.search(_request(method, uid, headers, query, body, deadline))
    except MiroirError as error:
        return error.reply()


def _request(method: str, uid: str, headers: RawHeaders, query: bytes, body: bytes, deadline: float) -> SearchRequest:
    """The request as a value. A GET form becomes the JSON body that asks the same, where it converts cleanly."""
    policy, factor = unavailable_policy(headers), over_fetch(headers)
    if method == "POST":
        return SearchRequest(uid, body, deadline, policy, over_fetch=factor)
    if len(query) > MOST_SEARCH_BYTES:
        raise too_large(MOST_SEARCH_BYTES)
    converted = body_of_query(query)
    raw = safe_query(query) if converted is None else None
    return SearchRequest(uid, converted or b"", deadline, policy, raw, over_fetch=factor)


def unavailable_policy(headers: RawHeaders) -> str | None:
    """What the client wants where shards cannot be asked. Raises MiroirError `bad_request`."""
    unavailable = header(headers, _UNAVAILABLE)
    policy = None if unavailable is None else unavailable.decode("latin-1").strip().lower()
    if policy not in (None, "partial", "error"):
        raise MiroirError("bad_request", "The header X-Miroir-Unavailable-Shards must be `partial` or `error`.")
    return policy


def over_fetch(headers: RawHeaders) -> int | None:
    """How many times the hits wanted a search by vectors shall take from each node.

    Raises MiroirError: `miroir_limit_exceeded` beyond 1 to 20, `bad_request` for what is no number.
    """
    said = header(headers, _OVER_FETCH)
    if said is None:
        return None
    if not re.fullmatch(rb"-?[0-9]{1,9}", said.strip()):
        raise MiroirError("bad_request", "The header X-Miroir-Over-Fetch must be a whole number.")
    factor = int(said)
    if not 1 <= factor <= MOST:
        raise MiroirError("miroir_limit_exceeded", f"The header X-Miroir-Over-Fetch must be from 1 to {MOST}.")
    return factor


def search_blueprint(app: SearchApp) -> Blueprint:
    """The same route on Quart."""
    routes = Blueprint("search", __name__)
    key = app.config.master_key.get_secret_value().encode()
    limit = search_limit(app.config)
    seconds = app.config.server.request_timeout_ms / 1000

    @routes.route("/indexes/<uid>/search", methods=["GET", "POST"])
    async def search(uid: str) -> Response:
        deadline = trio.current_time() + seconds
        headers = list(request.scope["headers"])
        try:
            check_search(request.method, headers, key)
            body = decode_body(headers, await request.data, limit)
            if len(body) > limit:
                raise too_large(limit)
        except MiroirError as error:
            reply = error.reply()
        else:
            query = request.scope["query_string"]
            reply = await answer_search(app.searcher, request.method, uid, headers, query, body, deadline=deadline)
        return as_response(reply)

    return routes
