"""Meilisearch's routes that Miroir does not serve: each answers 501 with a sentence, and none is passed to a node."""

from __future__ import annotations

from quart import Blueprint, Response

from miroir.core.wire.errors import MiroirError

_ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNSERVED: dict[str, tuple[str, ...]] = {
    "/batches": ("GET",),
    "/batches/<uid>": ("GET",),
    "/chats": ("GET",),
    "/chats/<path:rest>": _ALL,
    "/dumps": ("POST",),
    "/dynamic-search-rules": ("POST", "DELETE"),
    "/dynamic-search-rules/<uid>": ("GET", "PATCH", "DELETE"),
    "/experimental-features": ("GET", "PATCH"),
    "/export": ("POST",),
    "/indexes/<index>/compact": ("POST",),
    "/indexes/<index>/documents/edit": ("POST",),
    "/indexes/<index>/facet-search": ("POST",),
    "/indexes/<index>/fields": ("POST",),
    "/indexes/<index>/similar": ("GET", "POST"),
    "/keys": ("GET", "POST"),
    "/keys/<key>": ("GET", "PATCH", "DELETE"),
    "/logs/stderr": ("POST",),
    "/logs/stream": ("POST", "DELETE"),
    "/metrics": ("GET",),
    "/multi-search": ("POST",),
    "/network": ("GET", "PATCH"),
    "/network/control": ("POST",),
    "/render-template": ("POST",),
    "/snapshots": ("POST",),
    "/swap-indexes": ("POST",),
    "/tasks": ("DELETE",),
    "/tasks/<uid>/documents": ("GET",),
    "/tasks/cancel": ("POST",),
    "/tasks/compact": ("POST",),
    "/webhooks": ("GET", "POST"),
    "/webhooks/<uuid>": ("GET", "PATCH", "DELETE"),
}


def unserved_blueprint() -> Blueprint:
    """One view for all of them."""
    routes = Blueprint("unserved", __name__)

    async def refuse(**_: str) -> Response:
        raise MiroirError("miroir_not_supported", "Miroir does not serve this route of Meilisearch.")

    for path, methods in UNSERVED.items():
        routes.add_url_rule(path, f"refuse{path.replace('.', '_')}".replace("/", "_"), refuse, methods=[*methods])
    return routes
