"""Statistics: of all indexes, and of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response

from miroir.http.meili.common import answer_json, deadline_of, query_of
from miroir.http.meili.indexes import find

if TYPE_CHECKING:
    from miroir.app import App


def stats_blueprint(app: App) -> Blueprint:
    routes = Blueprint("stats", __name__)

    @routes.get("/stats")
    async def every() -> Response:
        query_of(())
        return answer_json(await app.stats.all(app.catalog.current.indexes, deadline=deadline_of(app)))

    @routes.get("/indexes/<uid>/stats")
    async def one(uid: str) -> Response:
        query_of(())
        return answer_json(await app.stats.index(find(app, uid), deadline=deadline_of(app)))

    return routes
