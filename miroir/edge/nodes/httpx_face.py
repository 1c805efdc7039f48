"""The pool as a transport of httpx, for control calls and tools that want its client."""

from __future__ import annotations

import httpx

from miroir.core.outcome import Unreachable
from miroir.core.topology import Node
from miroir.edge.nodes.pool import NodePool


class NodeTransport(httpx.AsyncBaseTransport):
    """Sends httpx requests over a `NodePool`. Failures become `httpx.ConnectError` or `httpx.ReadError`.

    httpx's own timeouts are not looked at: put a Trio scope around the call.
    """

    def __init__(self, pool: NodePool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        url = request.url
        node = Node(url.host, f"{url.scheme}://{url.netloc.decode('ascii')}")
        lines = b"".join(
            name + b": " + value + b"\r\n"
            for name, value in request.headers.raw
            if name.lower() not in (b"transfer-encoding", b"content-length")
        )
        start = request.method.encode("ascii") + b" " + url.raw_path + b" HTTP/1.1\r\n"
        head = start + lines + b"Content-Length: %d\r\n\r\n" % len(body)
        outcome = await self._pool.exchange(node, request.method, head, body)
        if isinstance(outcome, Unreachable):
            error = httpx.ReadError if outcome.sent else httpx.ConnectError
            raise error(outcome.why, request=request)
        headers = [(k, v) for k, v in outcome.headers if k.lower() != b"transfer-encoding"]
        return httpx.Response(outcome.status, headers=headers, content=outcome.body, request=request)
