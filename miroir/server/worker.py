"""One worker process: a Trio loop that serves until its supervisor says so, or is gone.

The first line of standard input is the configuration; its end, whenever it comes, means that there is no supervisor.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
import trio

from miroir.config.handover import from_line
from miroir.config.models import Config
from miroir.edge.lifecycle import Lifecycle, StartError
from miroir.edge.telemetry import logging
from miroir.server.place import EXIT_REFUSED, LISTEN_ON_S, Place, parse, pod_id
from miroir.server.seam import SeamError
from miroir.server.serving import ASGI, cut_off, serve
from miroir.server.settings import Settings, check_tls, settings_for

log = structlog.get_logger("miroir.server.worker")

_FIRST_LINGERS_S = 0.5


@dataclass(frozen=True, slots=True)
class Served:
    """What a worker serves, and the state of the process that it shows."""

    app: ASGI
    lifecycle: Lifecycle


Open = Callable[[Config, Place], AbstractAsyncContextManager[Served]]


def main(arguments: list[str], open_served: Open) -> int:
    """Run the worker; the exit code."""
    place = parse(arguments)
    config = from_line(_first_line())
    logging.configure(config.logging.level, config.logging.format, pod_id=pod_id(), worker=place.index)
    try:
        trio.run(_run, config, place, open_served)
    except BaseExceptionGroup as group:
        refusals, rest = group.split((StartError, SeamError))
        if rest is not None:
            log.exception("Worker failed.", exc_info=rest)
            return 1
        log.error(str(_first(refusals or group)))  # noqa: TRY400 - a sentence for the operator, no traceback
        return EXIT_REFUSED
    return 0


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _first_line() -> bytes:
    """Read no further than the newline: what follows is for `_supervisor_is_gone`."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            sys.exit(EXIT_REFUSED)
        line += piece
    return bytes(line)


async def _run(config: Config, place: Place, open_served: Open) -> None:
    settings = settings_for(config.server, place.listener, _private(place))
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        check_tls(settings)
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals, trio.CancelScope() as serving:
            async with open_served(config, place) as served:
                ending = _Ending(settings, served.lifecycle, stop, serving, place)
                nursery.start_soon(ending.on_signals, signals)
                nursery.start_soon(ending.on_orphaned)
                _spare_the_collector()
                log.info("Worker is serving.")
                await serve(served.app, settings, stop)
        nursery.cancel_scope.cancel()


def _spare_the_collector() -> None:
    """What was built at start stays: the collector need not look at it again, nor run for every few searches."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _private(place: Place) -> str | None:
    return f"unix:{place.private_socket}" if place.is_first and place.workers > 1 else None


class _Ending:
    """How a worker comes to its end: told to (gently, then firmly), or left alone."""

    def __init__(
        self, settings: Settings, lifecycle: Lifecycle, stop: trio.Event, serving: trio.CancelScope, place: Place
    ) -> None:
        self._settings = settings
        self._lifecycle = lifecycle
        self._stop = stop
        self._serving = serving
        self._place = place

    async def on_signals(self, signals: AsyncIterator[int]) -> None:
        """The first signal begins the drain, the second ends everything. SIGINT, a person's, waits for nobody new."""
        async with trio.open_nursery() as nursery:
            async for number in signals:
                if self._lifecycle.draining:
                    self._serving.cancel()
                    await cut_off(self._settings)
                else:
                    nursery.start_soon(self._drain, number == signal.SIGTERM)

    async def on_orphaned(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(0)
            if not os.read(0, 4096):
                break
        log.warning("The supervisor is gone: ending.")
        shutil.rmtree(self._place.runtime, ignore_errors=True)
        await self._drain(False)

    async def _drain(self, keep_accepting: bool) -> None:
        log.info("Worker is draining.")
        self._lifecycle.draining = True
        self._settings.keep_alive_max_requests = 0  # answers say `connection: close`
        if keep_accepting:
            last = _FIRST_LINGERS_S if self._place.is_first and self._place.workers > 1 else 0.0
            with trio.move_on_after(LISTEN_ON_S + last):
                await self._stop.wait()
        self._stop.set()


@asynccontextmanager
async def open_miroir(config: Config, place: Place) -> AsyncIterator[Served]:
    """Miroir itself."""
    from miroir.app import open_app
    from miroir.edge.shared_counter import SharedCounter
    from miroir.http.front import build_front

    counter = SharedCounter(place.catalog_counter)
    lifecycle = Lifecycle()
    async with open_app(config, worker=place.index, counter=counter, lifecycle=lifecycle) as app:
        first = None if place.is_first else place.private_socket
        yield Served(build_front(app, first_worker=first), lifecycle)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:], open_miroir))
