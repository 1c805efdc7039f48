"""Where a node listens, parsed once from its base URL. No sockets here."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port to connect to, whether by TLS, the Host header and the path before every target."""

    host: str
    port: int
    tls: bool
    authority: str
    prefix: str


@lru_cache(maxsize=1024)
def parse_address(url: str) -> Address:
    """Take `http://host:port/prefix` apart. Raises ValueError with a sentence when it is no such URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"a node's address must be an http:// or https:// URL, not {url!r}")
    tls = parts.scheme == "https"
    return Address(parts.hostname, parts.port or (443 if tls else 80), tls, parts.netloc, parts.path.rstrip("/"))


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """The system's trust, as every https node is checked against it."""
    return ssl.create_default_context()


def request_head(address: Address, method: str, target: str, key: str, content_type: str, length: int) -> bytes:
    """The head of one request. Raises ValueError when `target` could break out of the request line."""
    if not _PRINTABLE.fullmatch(target):
        raise ValueError(f"not a request target: {target!r}")
    kind = f"Content-Type: {content_type}\r\n" if length or method != "GET" else ""
    bearer = f"Authorization: Bearer {key}\r\n" if key else ""
    return (
        f"{method} {address.prefix}{target} HTTP/1.1\r\nHost: {address.authority}\r\n{bearer}{kind}"
        f"Content-Length: {length}\r\n\r\n"
    ).encode("latin-1")
