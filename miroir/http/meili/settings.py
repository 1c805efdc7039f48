"""Settings of an index: the whole object, and a sub-route for each of them with its own verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response

from miroir.core.settings import ROUTES, SettingRoute
from miroir.core.uids import check_uid
from miroir.http.meili.common import answer_json, body_of, deadline_of, parsed, writes_of
from miroir.http.meili.indexes import find
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App


def settings_blueprint(app: App) -> Blueprint:
    routes = Blueprint("settings", __name__)

    @routes.get("/indexes/<uid>/settings")
    async def get(uid: str) -> Response:
        return answer_json(dict(find(app, uid).settings))

    @routes.patch("/indexes/<uid>/settings")
    async def patch(uid: str) -> Response:
        body = await _json_body(app, uid)
        return as_response(await writes_of(app).settings.patch(uid, body, deadline=deadline_of(app)))

    @routes.delete("/indexes/<uid>/settings")
    async def reset(uid: str) -> Response:
        return as_response(await writes_of(app).settings.reset(check_uid(uid), None, deadline=deadline_of(app)))

    for route in ROUTES:
        _add(app, routes, route)
    return routes


def _add(app: App, routes: Blueprint, route: SettingRoute) -> None:
    async def get(uid: str) -> Response:
        return answer_json(find(app, uid).settings.get(route.key))

    async def change(uid: str) -> Response:
        body = await _json_body(app, uid)
        return as_response(await writes_of(app).settings.put(uid, route, body, deadline=deadline_of(app)))

    async def reset(uid: str) -> Response:
        return as_response(await writes_of(app).settings.reset(check_uid(uid), route, deadline=deadline_of(app)))

    url = f"/indexes/<uid>/settings/{route.path}"
    for method, handler in (("GET", get), (route.verb, change), ("DELETE", reset)):
        routes.add_url_rule(url, f"{method.lower()}_{route.key}", handler, methods=[method])


async def _json_body(app: App, uid: str) -> bytes:
    """The body, known to be JSON; whether its values are good is for a node to say."""
    check_uid(uid)
    body = await body_of(app)
    parsed(body)
    return body
