"""Binds once, starts the workers, starts again what dies, and drains. It serves nothing, and has no event loop."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from miroir.config.handover import to_line
from miroir.config.models import Config, ServerConfig
from miroir.edge.shared_counter import SharedCounter
from miroir.server.child import Child
from miroir.server.place import EXIT_REFUSED, LISTEN_ON_S, Place
from miroir.server.signals import Signals

log = structlog.get_logger(__name__)

WORKER = (sys.executable, "-m", "miroir.server.worker")
BACKLOG = 1024
_MARGIN_S = 5.0
_HURRY_S = 2.0
_LONGEST_SOCKET_PATH = 90
_SILENT_S, _PROBE_EVERY_S, _PROBES = 60, 15, 4


class BindError(Exception):
    """The address cannot be listened on; `str()` says why, in one sentence."""


def run(config: Config, signals: Signals, command: Sequence[str] = WORKER) -> int:
    """Serve until told to stop; the exit code. Raises `BindError`."""
    listener = _bind(config.server)
    runtime = _runtime()
    try:
        SharedCounter.create(runtime / "catalog-version")
        log.info(f"Listening on {_url(config.server)}.")
        return _Supervisor(config, signals, listener, _children(config, listener, runtime, command)).run()
    finally:
        listener.close()
        shutil.rmtree(runtime, ignore_errors=True)


def _children(config: Config, listener: socket.socket, runtime: Path, command: Sequence[str]) -> list[Child]:
    count = config.server.workers or len(os.sched_getaffinity(0))
    greeting = to_line(config)
    return [Child(Place(index, count, listener.fileno(), runtime), command, greeting) for index in range(count)]


class _Supervisor:
    def __init__(self, config: Config, signals: Signals, listener: socket.socket, children: list[Child]) -> None:
        self._drain_s = config.server.drain_timeout_s
        self._listener = listener
        self._signals = signals
        self._children = children
        self._limit: float | None = None  # when draining: the moment of the last resort
        self._code = 0

    def run(self) -> int:
        while True:
            self._reap()
            if self._limit is None:
                self._start_what_is_due()
            elif not any(child.alive for child in self._children):
                return self._code
            for number in self._signals.wait(self._pause()):
                self._obey(signal.Signals(number))
            self._kill_the_late()

    def _reap(self) -> None:
        for child in self._children:
            code = child.ended()
            if code is None or self._limit is not None:
                continue
            if code == EXIT_REFUSED:
                self._code = 1
                self._drain(signal.SIGTERM)
            else:
                log.error(f"Worker {child.index} {_ending(code)}; it starts again.")

    def _start_what_is_due(self) -> None:
        for child in self._children:
            if not child.alive and child.due <= time.monotonic():
                child.start()

    def _pause(self) -> float:
        """Seconds until something is due: a start or the last resort. An end of a worker comes as a signal."""
        now = time.monotonic()
        if self._limit is not None:
            return self._limit - now
        return min((child.due - now for child in self._children if not child.alive), default=3600.0)

    def _obey(self, number: signal.Signals) -> None:
        if number == signal.SIGCHLD:
            return
        if number == signal.SIGHUP:
            log.warning("SIGHUP: ignored. A changed configuration is read at the next start.")
            return
        if self._limit is None:
            log.info(f"{number.name}: draining.")
            self._drain(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
            return
        self._limit = min(self._limit, time.monotonic() + _HURRY_S)
        self._tell(signal.SIGTERM)

    def _drain(self, number: signal.Signals) -> None:
        self._limit = time.monotonic() + LISTEN_ON_S + self._drain_s + _MARGIN_S
        self._listener.close()  # the workers have it: when the last of them stops accepting, clients are refused
        self._tell(number)

    def _tell(self, number: signal.Signals) -> None:
        for child in self._children:
            child.signal(number)

    def _kill_the_late(self) -> None:
        if self._limit is not None and time.monotonic() >= self._limit:
            self._tell(signal.SIGKILL)
            self._limit = time.monotonic() + _HURRY_S


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _bind(server: ServerConfig) -> socket.socket:
    try:
        found = socket.getaddrinfo(server.bind, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _notice_dead_clients(listener)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise BindError(_why_not(server, error)) from None
    return listener


def _notice_dead_clients(listener: socket.socket) -> None:
    """Connections inherit this: one whose client has vanished without a word ends after about two minutes."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _SILENT_S)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_EVERY_S)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)


def _why_not(server: ServerConfig, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {server.port} on {server.bind} is taken by another program."
    return f"Cannot listen on {server.bind} port {server.port}: {error.strerror}."


def _url(server: ServerConfig) -> str:
    host = f"[{server.bind}]" if ":" in server.bind else server.bind
    return f"{'https' if server.tls.enabled else 'http'}://{host}:{server.port}"


def _runtime() -> Path:
    """A folder for sockets, whose paths must be short, open to this user alone."""
    folder = tempfile.mkdtemp(prefix="miroir-")
    if len(folder) <= _LONGEST_SOCKET_PATH:
        return Path(folder)
    Path(folder).rmdir()
    return Path(tempfile.mkdtemp(prefix="miroir-", dir="/tmp"))
