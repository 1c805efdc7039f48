"""The Quart-Trio application: blueprints, authentication, and errors in Meilisearch's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from quart import Blueprint, Response, request
from quart_trio import QuartTrio
from werkzeug.exceptions import HTTPException

from miroir.core.access import check_master_key
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.http.instance import instance_blueprint
from miroir.http.meili.documents import documents_blueprint
from miroir.http.meili.explain import explain_blueprint
from miroir.http.meili.facet_search import facet_search_blueprint
from miroir.http.meili.indexes import indexes_blueprint
from miroir.http.meili.multi_search import multi_search_blueprint
from miroir.http.meili.search import search_blueprint
from miroir.http.meili.settings import settings_blueprint
from miroir.http.meili.similar import similar_blueprint
from miroir.http.meili.stats import stats_blueprint
from miroir.http.meili.tasks import tasks_blueprint
from miroir.http.refusals import internal
from miroir.http.sending import as_response
from miroir.http.unserved import unserved_blueprint

if TYPE_CHECKING:
    from miroir.app import App

log = structlog.get_logger(__name__)

OPEN = frozenset({"instance.root", "instance.health", "instance.ready"})
"""Endpoints that ask for no key."""


def build_quart(app: App) -> QuartTrio:
    """The application with all routes. Nothing in it limits bodies or time: the lane does."""
    quart = QuartTrio("miroir", static_folder=None)
    quart.config.update(
        MAX_CONTENT_LENGTH=None, BODY_TIMEOUT=None, RESPONSE_TIMEOUT=None, PROVIDE_AUTOMATIC_OPTIONS=False
    )
    quart.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    for blueprint in blueprints(app):
        quart.register_blueprint(blueprint)
    key = app.config.master_key.get_secret_value().encode()

    @quart.before_request
    async def authenticate() -> None:
        if request.url_rule is not None and request.endpoint not in OPEN:
            given = request.headers.get("Authorization")
            check_master_key(None if given is None else given.encode("latin-1", "replace"), key)

    quart.register_error_handler(MiroirError, _refused)
    quart.register_error_handler(HTTPException, _empty)
    quart.register_error_handler(Exception, _broken)
    return quart


def blueprints(app: App) -> list[Blueprint]:
    """Every room of routes."""
    return [
        instance_blueprint(app),
        search_blueprint(app),
        multi_search_blueprint(app),
        facet_search_blueprint(app),
        explain_blueprint(app),
        similar_blueprint(app),
        indexes_blueprint(app),
        settings_blueprint(app),
        documents_blueprint(app),
        stats_blueprint(app),
        tasks_blueprint(app),
        unserved_blueprint(),
    ]


async def _refused(error: MiroirError) -> Response:
    return as_response(error.reply())


async def _empty(error: HTTPException) -> Response:
    """An unknown path or a wrong method: Meilisearch answers with the status alone."""
    return as_response(Reply(error.code or 500, b"", ()))


async def _broken(error: Exception) -> Response:
    log.exception("A request failed.", exc_info=error, path=request.path)
    return as_response(internal().reply())
