"""A worker process that serves a very small application: run by the supervisor's tests in the place of Miroir's."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from miroir.config.models import Config
from miroir.edge.lifecycle import Lifecycle, StartError
from miroir.http.forward import Forward
from miroir.server.place import Place
from miroir.server.worker import Served, main

GATE = Path(os.environ["TINY_GATE"])
"""`/held` answers when this file exists, `/big` sends 64 MB, all else tells which process answers."""


@asynccontextmanager
async def open_tiny(_: Config, place: Place) -> AsyncIterator[Served]:
    """With the gate named `refuse`, the worker cannot start."""
    if GATE.name == "refuse":
        raise StartError("task_store.path: cannot be used.")
    forward = None if place.is_first else Forward(place.private_socket, 10.0, 100)
    lifecycle = Lifecycle()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        if forward is not None and scope["path"].startswith("/first"):
            await forward(scope, receive, send)
            return
        await _reply(send, await _answer(scope["path"], place, lifecycle, receive))

    yield Served(app, lifecycle)


async def _answer(path: str, place: Place, lifecycle: Lifecycle, receive: Any) -> bytes:
    match path:
        case "/held" | "/first/held":
            await _pass_gate()
            return b"held"
        case "/big":
            return bytes(64 * 1024 * 1024)
        case "/first/length":
            return str(await _length(receive)).encode()
        case "/ready":
            return b"draining" if lifecycle.draining else b"ready"
    return f"{os.getpid()} {place.index}".encode()


async def _pass_gate() -> None:
    gate = trio.Path(GATE)
    await gate.with_suffix(".entered").touch()
    while not await gate.exists():  # noqa: ASYNC110 - another process makes it
        await trio.sleep(0.01)


async def _length(receive: Any) -> int:
    total, more = 0, True
    while more:
        message = await receive()
        total, more = total + len(message.get("body", b"")), message.get("more_body", False)
    return total


async def _reply(send: Any, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], open_tiny))
