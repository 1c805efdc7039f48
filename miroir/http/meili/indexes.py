"""Indexes: list, get, create, change, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quart import Blueprint, Response

from miroir.core.indexes import IndexView
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.http.meili.common import (
    answer_json,
    body_of,
    deadline_of,
    object_with,
    parsed,
    positive,
    query_of,
    text_or_none,
    writes_of,
)
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App


def indexes_blueprint(app: App) -> Blueprint:
    routes = Blueprint("indexes", __name__)

    @routes.get("/indexes")
    async def listing() -> Response:
        query = query_of(("offset", "limit"))
        offset = positive(query, "offset", "invalid_index_offset", 0)
        limit = positive(query, "limit", "invalid_index_limit", 20)
        every = app.catalog.current.indexes
        chosen = [index_view(every[uid]) for uid in sorted(every)[offset : offset + limit]]
        return answer_json({"results": chosen, "offset": offset, "limit": limit, "total": len(every)})

    @routes.post("/indexes")
    async def create() -> Response:
        fields = object_with(parsed(await body_of(app)), ("uid", "primaryKey"))
        if fields.get("uid") is None:
            raise MiroirError("missing_index_uid", "Missing field `uid`")
        uid = check_uid(text_or_none(fields, "uid", "invalid_index_uid") or "")
        key = text_or_none(fields, "primaryKey", "invalid_index_primary_key")
        return as_response(await writes_of(app).indexes.create(uid, key, deadline=deadline_of(app)))

    @routes.get("/indexes/<uid>")
    async def get(uid: str) -> Response:
        return answer_json(index_view(find(app, uid)))

    @routes.patch("/indexes/<uid>")
    async def update(uid: str) -> Response:
        check_uid(uid)
        key, new = _change(parsed(await body_of(app)))
        return as_response(await writes_of(app).indexes.update(uid, key, new, deadline=deadline_of(app)))

    @routes.delete("/indexes/<uid>")
    async def delete(uid: str) -> Response:
        return as_response(await writes_of(app).indexes.delete(check_uid(uid), deadline=deadline_of(app)))

    return routes


def find(app: App, uid: str) -> IndexView:
    """The index as reads see it. Raises MiroirError `invalid_index_uid` or `index_not_found`."""
    view = app.catalog.current.indexes.get(check_uid(uid))
    if view is None:
        raise MiroirError("index_not_found", f"Index `{uid}` not found.")
    return view


def index_view(view: IndexView) -> dict[str, Any]:
    return {
        "uid": view.uid,
        "createdAt": view.created_at,
        "updatedAt": view.updated_at,
        "primaryKey": view.primary_key,
    }


def _change(body: Any) -> tuple[str | None, str | None]:
    """The new primary key and the new uid of a PATCH."""
    if isinstance(body, dict):
        for name, code in (("createdAt", "immutable_index_created_at"), ("updatedAt", "immutable_index_updated_at")):
            if name in body:
                raise MiroirError(code, f"Immutable field `{name}`: expected one of `primaryKey`, `uid`")
    fields = object_with(body, ("primaryKey", "uid"))
    new = text_or_none(fields, "uid", "invalid_index_uid")
    return text_or_none(fields, "primaryKey", "invalid_index_primary_key"), None if new is None else check_uid(new)
