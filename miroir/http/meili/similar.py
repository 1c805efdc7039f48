"""`POST` and `GET /indexes/{uid}/similar`: documents that are similar to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response, request

from miroir.core.planning.query import safe_query, similar_of_query
from miroir.http.meili.common import an_object, body_of, deadline_of, parsed
from miroir.http.meili.search import unavailable_policy
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App


def similar_blueprint(app: App) -> Blueprint:
    routes = Blueprint("similar", __name__)

    @routes.post("/indexes/<uid>/similar")
    async def post(uid: str) -> Response:
        deadline = deadline_of(app)
        policy = unavailable_policy(list(request.scope["headers"]))
        asked = an_object(parsed(await body_of(app)))
        return as_response(await app.similar.similar(uid, asked, deadline=deadline, policy=policy))

    @routes.get("/indexes/<uid>/similar")
    async def get(uid: str) -> Response:
        deadline = deadline_of(app)
        policy = unavailable_policy(list(request.scope["headers"]))
        query: bytes = request.scope["query_string"]
        asked = similar_of_query(query)
        if asked is None:
            return as_response(await app.similar.similar_raw(uid, safe_query(query), deadline=deadline))
        return as_response(await app.similar.similar(uid, asked, deadline=deadline, policy=policy))

    return routes
