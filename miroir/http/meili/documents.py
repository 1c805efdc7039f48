"""Documents, but for uploads, which stream (http/documents.py): reading, listing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quart import Blueprint, Response, request

from miroir.core.planning.query import listing_of_query, safe_query
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.http.meili.common import (
    an_object,
    body_of,
    deadline_of,
    described,
    object_with,
    parsed,
    query_of,
    writes_of,
)
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App

_BASE = "/indexes/<uid>/documents"


def documents_blueprint(app: App) -> Blueprint:
    routes = Blueprint("documents", __name__)
    _add_reads(app, routes)
    _add_deletes(app, routes)
    return routes


def _add_reads(app: App, routes: Blueprint) -> None:
    @routes.get(_BASE)
    async def listing(uid: str) -> Response:
        query: bytes = request.scope["query_string"]
        asked, deadline = listing_of_query(query), deadline_of(app)
        if asked is None:
            return as_response(await app.documents.fetch_raw(uid, safe_query(query), deadline=deadline))
        return as_response(await app.documents.fetch(uid, asked, deadline=deadline))

    @routes.post(f"{_BASE}/fetch")
    async def fetch(uid: str) -> Response:
        asked = an_object(parsed(await body_of(app)))
        return as_response(await app.documents.fetch(uid, asked, deadline=deadline_of(app)))

    @routes.get(f"{_BASE}/<document_id>")
    async def get(uid: str, document_id: str) -> Response:
        query = dict(request.args.items())
        return as_response(await app.documents.get(uid, document_id, query, deadline=deadline_of(app)))


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
