"""Documents, but for uploads, which stream (http/documents.py): reading, listing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from quart import Blueprint, Response

from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.http.meili.common import (
    body_of,
    deadline_of,
    described,
    object_with,
    parsed,
    positive,
    query_of,
    writes_of,
)
from miroir.http.meili.indexes import find
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App

_ONE = ("fields", "retrieveVectors")
_MANY = ("offset", "limit", "fields", "retrieveVectors", "ids", "filter", "sort")
_BASE = "/indexes/<uid>/documents"


def documents_blueprint(app: App) -> Blueprint:
    routes = Blueprint("documents", __name__)
    _add_reads(app, routes)
    _add_deletes(app, routes)
    return routes


def _add_reads(app: App, routes: Blueprint) -> None:
    @routes.get(_BASE)
    async def listing(uid: str) -> Response:
        asked = _asked(query_of(_MANY))
        return as_response(await app.documents.fetch(find(app, uid), asked, deadline=deadline_of(app)))

    @routes.post(f"{_BASE}/fetch")
    async def fetch(uid: str) -> Response:
        view = find(app, uid)
        asked = object_with(parsed(await body_of(app)), _MANY)
        return as_response(await app.documents.fetch(view, asked, deadline=deadline_of(app)))

    @routes.get(f"{_BASE}/<document_id>")
    async def get(uid: str, document_id: str) -> Response:
        query = query_of(_ONE)
        _flag(query)
        return as_response(await app.documents.get(find(app, uid), document_id, query, deadline=deadline_of(app)))


def _add_deletes(app: App, routes: Blueprint) -> None:
    @routes.delete(f"{_BASE}/<document_id>")
    async def delete_one(uid: str, document_id: str) -> Response:
        metadata = _metadata(uid)
        deletes = writes_of(app).deletes
        return as_response(await deletes.ids(uid, [document_id], metadata=metadata, deadline=deadline_of(app)))

    @routes.post(f"{_BASE}/delete-batch")
    async def delete_batch(uid: str) -> Response:
        metadata = _metadata(uid)
        ids = parsed(await body_of(app))
        if not isinstance(ids, list):
            text = f"Json deserialize error: invalid type: {described(ids)}, expected a sequence"
            raise MiroirError("bad_request", text)
        return as_response(await writes_of(app).deletes.ids(uid, ids, metadata=metadata, deadline=deadline_of(app)))

    @routes.post(f"{_BASE}/delete")
    async def delete_by_filter(uid: str) -> Response:
        metadata = _metadata(uid)
        condition = _condition(parsed(await body_of(app)))
        deletes = writes_of(app).deletes
        return as_response(await deletes.by_filter(uid, condition, metadata=metadata, deadline=deadline_of(app)))

    @routes.delete(_BASE)
    async def delete_all(uid: str) -> Response:
        metadata = _metadata(uid)
        return as_response(await writes_of(app).deletes.everything(uid, metadata=metadata, deadline=deadline_of(app)))


def _metadata(uid: str) -> str | None:
    check_uid(uid)
    return query_of(("customMetadata",)).get("customMetadata")


def _condition(body: Any) -> Any:
    condition = object_with(body, ("filter",)).get("filter")
    if condition is None:
        raise MiroirError("missing_document_filter", "Missing field `filter`")
    if condition in ("", []) or (isinstance(condition, str) and not condition.strip()):
        raise MiroirError("invalid_document_filter", "Sending an empty filter is forbidden.")
    return condition


def _asked(query: dict[str, str]) -> dict[str, Any]:
    """The query string of a list as the body of `documents/fetch`."""
    asked: dict[str, Any] = {
        "offset": positive(query, "offset", "invalid_document_offset", 0),
        "limit": positive(query, "limit", "invalid_document_limit", 20),
        "retrieveVectors": _flag(query),
    }
    for name in ("fields", "ids", "sort"):
        if query.get(name):
            asked[name] = query[name].split(",")
    if "filter" in query:
        asked["filter"] = _maybe_json(query["filter"])
    return asked


def _maybe_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _flag(query: dict[str, str]) -> bool:
    text = query.get("retrieveVectors", "false")
    if text not in ("true", "false"):
        raise MiroirError(
            "invalid_document_retrieve_vectors",
            f"Invalid value in parameter `retrieveVectors`: could not parse `{text}` as a boolean, "
            "expected either `true` or `false`",
        )
    return text == "true"
