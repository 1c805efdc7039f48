"""`POST /indexes/{uid}/explain`: a search body in, its plan out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response, request

from miroir.core.planning.request import SearchRequest
from miroir.core.wire.errors import MiroirError
from miroir.http.meili.common import body_of, deadline_of, query_of
from miroir.http.meili.search import unavailable_policy
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App

_WISHES = {"true": True, "false": False}


def explain_blueprint(app: App) -> Blueprint:
    """The one route. Who gets here holds the master key, and so may know of nodes: there is no other credential yet."""
    routes = Blueprint("explain", __name__)

    @routes.route("/indexes/<uid>/explain", methods=["POST"])
    async def explain(uid: str) -> Response:
        wish = query_of(("execute",)).get("execute", "false")
        if wish not in _WISHES:
            raise MiroirError("bad_request", "The parameter `execute` must be `true` or `false`.")
        policy = unavailable_policy(list(request.scope["headers"]))
        asked = SearchRequest(uid, await body_of(app), deadline_of(app), policy)
        return as_response(await app.explainer.explain(asked, execute=_WISHES[wish], operator=True))

    return routes
