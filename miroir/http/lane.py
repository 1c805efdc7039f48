"""The raw ASGI lane around the Quart app: searches and uploads are served here, everything else by Quart.

What holds for every request, however it is served, is here too: the bound on concurrent requests, the deadline, and
that no exception ever reaches a client as anything but an error body. No route's own rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import trio

from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.sizes import too_large
from miroir.edge.workers import share_of
from miroir.http import documents
from miroir.http.body import ClientGoneError, announced, read_body
from miroir.http.meili.multi_search import answer_multi_search
from miroir.http.meili.search import answer_search, check_search, search_limit
from miroir.http.refusals import internal, overloaded, timed_out
from miroir.http.sending import respond
from miroir.http.watch import DisconnectWatch

if TYPE_CHECKING:
    from miroir.app import App

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Answer = Callable[[Scope, bytes, float], Awaitable[Reply]]
"""What answers a search: its scope, its body, its deadline."""
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = structlog.get_logger(__name__)
_GRACE = 0.25
"""Seconds by which the lane lets a service answer for itself that the deadline has passed."""
_ALWAYS_SERVED = ("/", "/health", "/_miroir/ready")
"""Paths that must be answered however busy the process is."""


class Lane:
    """An ASGI application around another one. `watch` runs for as long as the lifespan."""

    def __init__(self, app: App, inner: Asgi) -> None:
        server = app.config.server
        self._app = app
        self._inner = inner
        self._key = app.config.master_key.get_secret_value().encode()
        self._body_limit = server.max_body_bytes
        self._search_limit = search_limit(app.config)
        self._timeout = server.request_timeout_ms / 1000
        self._most = share_of(server.max_concurrent_requests, server)
        self._most_uploads = max(1, self._most // 2)
        self._open = 0
        self._uploads = 0
        self.watch = DisconnectWatch()

    def __repr__(self) -> str:
        return f"<Lane open={self._open} of {self._most}>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection. A bug in answering it is logged and becomes a 500."""
        match scope["type"]:
            case "http":
                await self._admit(scope, receive, send)
            case "lifespan":
                await self._lifespan(scope, receive, send)
            case _:
                await self._inner(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.watch.run)
            await self._inner(scope, receive, send)
            nursery.cancel_scope.cancel()

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._open >= self._most and scope["path"] not in _ALWAYS_SERVED:
            await respond(send, overloaded(self._most).reply())
            return
        self._open += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._open -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose who answers, and answer for him when he fails."""
        method, parts = scope["method"], scope["path"].rstrip("/").split("/")
        started = False

        async def tracked(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            match parts:
                case ["", "indexes", uid, "search"] if method in ("POST", "GET"):
                    await self._search(partial(self._answer_search, uid), scope, receive, tracked)
                case ["", "multi-search"] if method == "POST":
                    await self._search(self._answer_multi_search, scope, receive, tracked)
                case ["", "indexes", _, "documents"] if method in ("POST", "PUT"):
                    await self._upload(scope, receive, tracked)
                case _:
                    await self._through_quart(scope, receive, tracked, lambda: started)
        except ClientGoneError:
            return
        except Exception:
            _log.exception("a request failed", method=method, path=scope["path"])
            if started:
                raise
            await respond(send, internal().reply())

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Uploads last as long as their clients like, so they get half of the bound: the rest is for searches."""
        if self._uploads >= self._most_uploads:
            await respond(send, overloaded(self._most_uploads, "uploads").reply())
            return
        self._uploads += 1
        try:
            await documents.upload(self._app, scope, receive, send)
        finally:
            self._uploads -= 1

    async def _answer_search(self, uid: str, scope: Scope, body: bytes, deadline: float) -> Reply:
        asked = scope["method"], uid, scope["headers"], scope["query_string"], body
        return await answer_search(self._app.searcher, *asked, deadline=deadline)

    async def _answer_multi_search(self, scope: Scope, body: bytes, deadline: float) -> Reply:
        return await answer_multi_search(self._app.multi_searcher, scope["headers"], body, deadline=deadline)

    async def _search(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one search, cancelled at its deadline or when its client leaves."""
        deadline = trio.current_time() + self._timeout
        reply: Reply | None = None
        gone = False
        with trio.CancelScope(deadline=deadline + _GRACE) as cancel:
            try:
                headers = scope["headers"]
                check_search(scope["method"], headers, self._key)
                body = await read_body(headers, receive, self._search_limit)
            except MiroirError as error:
                reply = error.reply()
            else:
                watched = self.watch.enter(receive, cancel)
                try:
                    reply = await answer(scope, body, deadline)
                finally:
                    self.watch.leave(watched)
                    gone = watched.gone
        if not gone:
            await respond(send, reply or timed_out().reply())

    async def _through_quart(self, scope: Scope, receive: Receive, send: Send, started: Callable[[], bool]) -> None:
        """Quart cancels a handler itself when its client leaves; the deadline and the size of the body are ours."""
        limit = self._body_limit
        if announced(scope["headers"]) > limit:
            await respond(send, too_large(limit).reply())
            return
        size = 0

        async def bounded() -> Any:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                cancel.cancel()
                await trio.lowlevel.checkpoint()
            return message

        with trio.CancelScope(deadline=trio.current_time() + self._timeout + _GRACE) as cancel:
            await self._inner(scope, bounded, send)
        if cancel.cancelled_caught and not started():
            await respond(send, (too_large(limit) if size > limit else timed_out()).reply())
