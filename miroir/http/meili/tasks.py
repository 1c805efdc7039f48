"""Tasks: list and get, from Miroir's own registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, Response, request

from miroir.core.tasks.listing import is_u32, parse
from miroir.core.tasks.task import view
from miroir.core.wire.errors import MiroirError
from miroir.http.meili.common import answer_json

if TYPE_CHECKING:
    from miroir.app import App


def tasks_blueprint(app: App) -> Blueprint:
    routes = Blueprint("tasks", __name__)

    @routes.get("/tasks")
    async def listing() -> Response:
        return answer_json(await app.tasks.page(parse(dict(request.args.items()))))

    @routes.get("/tasks/<uid>")
    async def get(uid: str) -> Response:
        if not is_u32(uid):
            text = f"Task uid `{uid}` is invalid. It should only contain numeric characters."
            raise MiroirError("invalid_task_uids", text)
        return answer_json(view(await app.tasks.get(int(uid))))

    return routes
