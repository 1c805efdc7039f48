"""`POST /multi-search`: from what came in to one call of the service, and the same as a Quart route.

As with searches, the lane takes these requests first; both call `answer_multi_search` and give the same bytes.
"""

from __future__ import annotations

from typing import Protocol

import trio
from quart import Blueprint, Response, request

from miroir.config.models import Config
from miroir.core.planning.request import BatchRequest
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.sizes import too_large
from miroir.http.body import decode_body
from miroir.http.meili.search import RawHeaders, check_search, search_limit, unavailable_policy
from miroir.http.sending import as_response
from miroir.reads.multi import MultiSearcher


class MultiSearchApp(Protocol):
    """What this route needs of the app."""

    @property
    def config(self) -> Config: ...
    @property
    def multi_searcher(self) -> MultiSearcher: ...


async def answer_multi_search(searcher: MultiSearcher, headers: RawHeaders, body: bytes, *, deadline: float) -> Reply:
    """Ask the service. Every error is a reply too; only cancellation and bugs are raised."""
    try:
        return await searcher.search(BatchRequest(body, deadline, unavailable_policy(headers)))
    except MiroirError as error:
        return error.reply()


def multi_search_blueprint(app: MultiSearchApp) -> Blueprint:
    """The same route on Quart."""
    routes = Blueprint("multi_search", __name__)
    key = app.config.master_key.get_secret_value().encode()
    limit = search_limit(app.config)
    seconds = app.config.server.request_timeout_ms / 1000

    @routes.route("/multi-search", methods=["POST"])
    async def multi_search() -> Response:
        deadline = trio.current_time() + seconds
        headers = list(request.scope["headers"])
        try:
            check_search("POST", headers, key)
            body = decode_body(headers, await request.data, limit)
            if len(body) > limit:
                raise too_large(limit)
        except MiroirError as error:
            reply = error.reply()
        else:
            reply = await answer_multi_search(app.multi_searcher, headers, body, deadline=deadline)
        return as_response(reply)

    return routes
