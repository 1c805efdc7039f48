"""A small ASGI application that can be told when to answer, and a server of ours around it in this process."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

from miroir.config.models import ServerConfig
from miroir.server.serving import serve
from miroir.server.settings import Settings, settings_for

MEGABYTE = 1024 * 1024
BIG = 64 * MEGABYTE


class TinyApp:
    """`/a` answers at once, `/early` before the body is read, `/echo` with the length of the body, `/big` with 64 MB,
    `/held` when `release` is set, `/broken` fails, `/half` fails in the middle of its answer."""

    def __init__(self) -> None:
        self.entered = trio.Event()
        self.release = trio.Event()
        self.ended: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        try:
            await self._answer(scope["path"], receive, send)
        finally:
            self.ended.append(scope["path"])

    async def _answer(self, path: str, receive: Any, send: Any) -> None:
        match path:
            case "/early":
                await _reply(send, 413, b"too large")
            case "/echo":
                await _reply(send, 200, str(await _length(receive)).encode())
            case "/big":
                await _reply(send, 200, bytes(BIG))
            case "/held":
                self.entered.set()
                await self.release.wait()
                await _reply(send, 200, b"held")
            case "/broken":
                raise ValueError("no answer")
            case "/half":
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"half", "more_body": True})
                raise ValueError("half an answer")
            case _:
                await _reply(send, 200, b"ok")


async def _length(receive: Any) -> int:
    total = 0
    while True:
        message = await receive()
        total += len(message.get("body", b""))
        if not message.get("more_body"):
            return total


async def _reply(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Running:
    """A server in this process; `ended` is set when it has stopped."""

    app: TinyApp
    settings: Settings
    port: int
    stop: trio.Event
    ended: trio.Event = field(default_factory=trio.Event)

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def get(self, path: str = "/a") -> bytes:
        """The whole answer to a GET on a connection of its own."""
        stream = await self.connect()
        await stream.send_all(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return await read_all(stream)


@asynccontextmanager
async def running(server: ServerConfig | None = None, **settings: Any) -> AsyncIterator[Running]:
    """Serve a `TinyApp`; `settings` replace those of the server's connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = settings_for(server or ServerConfig(), listener.detach(), None)
    made.linger_s = 0.3
    for name, value in settings.items():
        setattr(made, name, value)
    async with trio.open_nursery() as nursery:
        found = Running(TinyApp(), made, 0, trio.Event())

        async def run(task_status: trio.TaskStatus[list[str]]) -> None:
            await serve(found.app, made, found.stop, task_status=task_status)
            found.ended.set()

        addresses = await nursery.start(run)
        found.port = int(addresses[0].rsplit(":", 1)[1])
        with trio.fail_after(60):
            yield found
        nursery.cancel_scope.cancel()


async def read_all(stream: trio.abc.ReceiveStream) -> bytes:
    """All that comes until the other side ends; also what came before a reset."""
    parts = []
    while True:
        try:
            part = await stream.receive_some(65536)
        except trio.BrokenResourceError:
            break
        if not part:
            break
        parts.append(bytes(part))
    return b"".join(parts)
