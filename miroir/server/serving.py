"""Serve an ASGI application on given sockets until told to stop, and end in time whatever its clients do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.trio.run import worker_serve

from miroir.server.seam import install
from miroir.server.settings import Settings

ASGI = Callable[[Any, Any, Any], Awaitable[None]]


async def serve(
    app: ASGI,
    settings: Settings,
    stop: trio.Event,
    *,
    task_status: trio.TaskStatus[list[str]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until `stop` is set; then finish open requests within `settings.graceful_timeout`, and cut off the rest.

    `task_status` gets the addresses once they accept connections. Cancelling ends all connections at once.
    """
    install()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_cut_off_late, settings, stop)
        await worker_serve(ASGIWrapper(app), settings, shutdown_trigger=stop.wait, task_status=task_status)
        nursery.cancel_scope.cancel()


async def _cut_off_late(settings: Settings, stop: trio.Event) -> None:
    """Writes are shielded from cancellation: only closing the socket under them ends them at the limit."""
    await stop.wait()
    await trio.sleep(settings.graceful_timeout)
    await cut_off(settings)


async def cut_off(settings: Settings) -> None:
    """Close all connections, whatever they are doing."""
    for connection in list(settings.live):
        await connection.abort()
