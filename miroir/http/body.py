"""Reading the body of a request off ASGI: whole, bounded, decoded. Big uploads do not come through here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from miroir.core.wire.errors import MiroirError
from miroir.core.wire.inflating import CODINGS, CutOffError, InflateError, TooLongError, inflate
from miroir.core.wire.sizes import too_large

Receive = Callable[[], Awaitable[Any]]
RawHeaders = Iterable[tuple[bytes, bytes]]


class ClientGoneError(Exception):
    """The client left before its request was complete: there is nobody to answer."""


def header(headers: RawHeaders, name: bytes) -> bytes | None:
    """The value of the first header of that lower-case name."""
    for key, value in headers:
        if key == name:
            return value
    return None


def announced(headers: RawHeaders) -> int:
    """The length that the head announces; 0 when it does not."""
    length = header(headers, b"content-length")
    return int(length) if length is not None and length.isdigit() else 0


async def read_body(headers: RawHeaders, receive: Receive, limit: int) -> bytes:
    """The whole body, decoded (gzip, deflate). At most `limit` bytes are held, counted before and after decoding.

    Raises MiroirError payload_too_large or bad_request, and ClientGoneError.
    """
    if announced(headers) > limit:
        raise too_large(limit)
    message = await _next(receive)
    data: bytes = message.get("body", b"")
    if message.get("more_body", False):
        data = await _read_rest(data, receive, limit)
    if len(data) > limit:
        raise too_large(limit)
    return decode_body(headers, data, limit)


def decode_body(headers: RawHeaders, data: bytes, limit: int) -> bytes:
    """A whole body without its content encoding; raises as `read_body`."""
    coding = header(headers, b"content-encoding")
    return data if coding is None else _decode(data, coding.decode("latin-1").strip().lower(), limit)


async def _next(receive: Receive) -> Any:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message


async def _read_rest(first: bytes, receive: Receive, limit: int) -> bytes:
    parts, size, more = [first], len(first), True
    while more:
        message = await _next(receive)
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return b"".join(parts)


def _decode(data: bytes, coding: str, limit: int) -> bytes:
    if coding in ("", "identity"):
        return data
    if coding not in CODINGS:
        raise MiroirError("bad_request", f"The content encoding `{coding}` is not supported.")
    try:
        return inflate(data, limit)
    except TooLongError as error:
        raise too_large(limit) from error
    except CutOffError as error:
        raise MiroirError("bad_request", "The provided payload is incomplete and cannot be parsed") from error
    except InflateError as error:
        raise MiroirError("bad_request", "The compressed payload is broken.") from error
