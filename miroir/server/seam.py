"""Where Miroir takes Hypercorn's place: its connection class is swapped for ours, for one version of it only."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import hypercorn.trio.run as hypercorn_run
from hypercorn.protocol.h2 import H2Protocol
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.tcp_server import TCPServer

from miroir.server.connection import Connection
from miroir.server.settings import Settings

_VERSION = "0.18."
_BUILT_FROM = ["self", "app", "config", "context", "state", "stream"]
_USED = {
    H11Protocol: ("_check_protocol", "_create_stream", "_send_error_response", "handle", "stream_send"),
    H2Protocol: ("_handle_events", "_create_stream", "_close_stream", "_send_data", "_flush", "handle", "stream_send"),
}


class SeamError(Exception):
    """The installed Hypercorn is not one that this code was written for."""


def install() -> None:
    """Serve with our `Connection` from now on. Raises `SeamError`, a sentence, where Hypercorn has another shape."""
    installed = version("hypercorn")
    if not installed.startswith(_VERSION) or not _has_known_shape():
        need = f"Miroir serves through Hypercorn {_VERSION}*, and found {installed}"
        raise SeamError(f'{need}; install it with: pip install "hypercorn[trio]=={_VERSION}*".')
    hypercorn_run.TCPServer = _connection  # type: ignore[assignment,attr-defined]  # the seam itself


def _connection(app: Any, config: Any, context: Any, state: Any, stream: Any) -> Connection | TCPServer:
    """Ours for whoever serves with our settings; Hypercorn's own for anybody else in this process."""
    if isinstance(config, Settings):
        return Connection(app, config, context, state, stream)
    return TCPServer(app, config, context, state, stream)


def _has_known_shape() -> bool:
    if not hasattr(hypercorn_run, "TCPServer") or not inspect.iscoroutinefunction(hypercorn_run.worker_serve):
        return False
    if list(inspect.signature(TCPServer.__init__).parameters) != _BUILT_FROM:
        return False
    return all(hasattr(kind, name) for kind, names in _USED.items() for name in names)
