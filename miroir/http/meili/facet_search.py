"""`POST /indexes/{uid}/facet-search`: search among the values of a facet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response, request

from miroir.http.meili.common import an_object, body_of, deadline_of, parsed
from miroir.http.meili.search import unavailable_policy
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App


def facet_search_blueprint(app: App) -> Blueprint:
    routes = Blueprint("facet_search", __name__)

    @routes.post("/indexes/<uid>/facet-search")
    async def search(uid: str) -> Response:
        deadline = deadline_of(app)
        policy = unavailable_policy(list(request.scope["headers"]))
        asked = an_object(parsed(await body_of(app)))
        return as_response(await app.facet_searcher.search(uid, asked, deadline=deadline, policy=policy))

    return routes
