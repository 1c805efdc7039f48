"""Hypercorn's settings, as Miroir needs them, with those of our own connection beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypercorn.config import Config as HypercornConfig

from miroir.config.models import ServerConfig
from miroir.edge.lifecycle import StartError

if TYPE_CHECKING:
    from miroir.server.connection import Connection


class Settings(HypercornConfig):
    """One worker's settings. `live` holds its connections."""

    h2c: bool = True
    write_stall_s: float = 20.0
    """How long a write may stand still, for each 64 KB of it."""
    linger_s: float = 2.0
    """How long the last answer of a connection has to arrive."""
    last_request_s: float = 0.2
    """At shutdown: how long an idle connection may still begin a request that is on its way."""

    keep_alive_timeout = 75.0
    keep_alive_max_requests = 10**9
    ssl_handshake_timeout = 10.0
    h11_max_incomplete_size = 256 * 1024
    h2_max_header_list_size = 256 * 1024
    include_server_header = False
    errorlog = None
    accesslog = None

    def __init__(self) -> None:
        self.live: set[Connection] = set()


def check_tls(settings: Settings) -> None:
    """Raises `StartError` when the certificate or its key cannot be used."""
    try:
        settings.create_ssl_context()
    except (OSError, ValueError) as error:
        files = f"{settings.certfile} and {settings.keyfile}"
        raise StartError(f"server.tls: {files} cannot be used as certificate and key: {error}.") from None


def settings_for(server: ServerConfig, listener: int, private: str | None) -> Settings:
    """Serve on the inherited descriptor `listener`, and in clear on `private`, a Hypercorn address, when given."""
    settings = Settings()
    settings.graceful_timeout = float(server.drain_timeout_s)
    settings.h2c = server.h2c
    public: list[Any] = [f"fd://{listener}"]
    clear = [private] if private else []
    if server.tls.enabled:
        settings.certfile, settings.keyfile = server.tls.cert_file, server.tls.key_file
        settings.bind, settings.insecure_bind = public, clear
    else:
        settings.bind = public + clear
    return settings
