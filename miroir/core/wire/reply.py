"""A reply as a value: what a service hands to `http`, whatever the protocol."""

from __future__ import annotations

from dataclasses import dataclass

Headers = tuple[tuple[bytes, bytes], ...]
JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` are complete, lower-case, and without content-length, which the front adds."""

    status: int
    body: bytes
    headers: Headers = (JSON,)
