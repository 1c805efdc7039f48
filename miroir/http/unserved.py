"""Meilisearch's routes that Miroir does not serve: each answers 501 and says what it is, none is passed to a node."""

from __future__ import annotations

import re
from typing import NamedTuple

from quart import Blueprint, Response, request

from miroir.core.wire.errors import MiroirError

_ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Unserved(NamedTuple):
    """What a route is for, as the refusal names it, and its methods."""

    what: str
    methods: tuple[str, ...]


UNSERVED: dict[str, Unserved] = {
    "/batches": Unserved("lists of batches of tasks", ("GET",)),
    "/batches/<uid>": Unserved("batches of tasks", ("GET",)),
    "/chats": Unserved("chat completions", ("GET",)),
    "/chats/<path:rest>": Unserved("chat completions", _ALL),
    "/dumps": Unserved("dumps", ("POST",)),
    "/dynamic-search-rules": Unserved("dynamic search rules", ("POST", "DELETE")),
    "/dynamic-search-rules/<uid>": Unserved("dynamic search rules", ("GET", "PATCH", "DELETE")),
    "/experimental-features": Unserved("experimental features", ("GET", "PATCH")),
    "/export": Unserved("export to another instance", ("POST",)),
    "/indexes/<index>/compact": Unserved("compaction of an index", ("POST",)),
    "/indexes/<index>/documents/edit": Unserved("edit of documents by a function", ("POST",)),
    "/indexes/<index>/fields": Unserved("lists of an index's fields", ("POST",)),
    "/keys": Unserved("API keys", ("GET", "POST")),
    "/keys/<key>": Unserved("API keys", ("GET", "PATCH", "DELETE")),
    "/logs/stderr": Unserved("log levels", ("POST",)),
    "/logs/stream": Unserved("log streams", ("POST", "DELETE")),
    "/metrics": Unserved("metrics", ("GET",)),
    "/network": Unserved("networks of instances", ("GET", "PATCH")),
    "/network/control": Unserved("networks of instances", ("POST",)),
    "/render-template": Unserved("rendering of templates", ("POST",)),
    "/snapshots": Unserved("snapshots", ("POST",)),
    "/swap-indexes": Unserved("index swap", ("POST",)),
    "/tasks": Unserved("deletion of tasks", ("DELETE",)),
    "/tasks/<uid>/documents": Unserved("the documents of a task", ("GET",)),
    "/tasks/cancel": Unserved("cancellation of tasks", ("POST",)),
    "/tasks/compact": Unserved("compaction of the task queue", ("POST",)),
    "/webhooks": Unserved("webhooks", ("GET", "POST")),
    "/webhooks/<uuid>": Unserved("webhooks", ("GET", "PATCH", "DELETE")),
}


def unserved_blueprint() -> Blueprint:
    """One view for all of them."""
    routes = Blueprint("unserved", __name__)

    async def refuse(**_: str) -> Response:
        path = str(request.url_rule)
        raise MiroirError("miroir_not_supported", refusal(request.method, path, UNSERVED[path].what))

    for path, route in UNSERVED.items():
        name = f"refuse{path.replace('.', '_')}".replace("/", "_")
        routes.add_url_rule(path, name, refuse, methods=[*route.methods])
    return routes


def refusal(method: str, path: str, what: str) -> str:
    """The sentence: method, the route as a template, and what it is for."""
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return f"Miroir does not serve `{method} {template}`: {what}."
