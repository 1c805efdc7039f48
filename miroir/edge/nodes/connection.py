"""One HTTP/1.1 answer off a wire: its head by httptools, its body into one buffer. Nothing of pools or retries."""

from __future__ import annotations

import io
from dataclasses import dataclass

import httptools

from miroir.core.wire.inflating import CODINGS, CutOffError, InflateError, inflate
from miroir.edge.nodes.wire import Wire

MAX_HEAD = 64 * 1024
MAX_BODY = 1 << 30
_CHUNK = 64 * 1024
Header = tuple[bytes, bytes]


class BadAnswerError(Exception):
    """What came back is not a complete HTTP answer; the text says in what way."""


@dataclass(slots=True)
class Response:
    """A complete answer as it came. `reusable` tells whether the connection may carry another request."""

    status: int
    headers: list[Header]
    body: bytes
    reusable: bool

    def header(self, name: bytes) -> bytes:
        """The value of the first header of that lower-case name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), b"")


class _Head:
    """Collects what httptools reads."""

    __slots__ = ("complete", "headers", "length", "parts", "size", "streamed")

    def __init__(self) -> None:
        self.headers: list[Header] = []
        self.length: int | None = None
        self.streamed = False
        self.complete = False
        self.parts: list[bytes] = []
        self.size = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))
        match name.lower():
            case b"content-length":
                self.length = int(value)
            case b"transfer-encoding":
                self.streamed = True

    def on_body(self, data: bytes) -> None:
        self.size += len(data)
        self.parts.append(data)

    def on_message_complete(self) -> None:
        self.complete = True


async def read_response(wire: Wire, method: str, *, limit: int = MAX_BODY) -> Response:
    """Read one answer. Raises BadAnswerError or OSError; cancelled, it leaves the wire unusable."""
    data = b""
    while True:
        data, end = await _read_head(wire, data)
        head = _Head()
        parser = httptools.HttpResponseParser(head)
        _feed(parser, data[:end])
        status = parser.get_status_code()
        if status >= 200:
            break
        data = data[end:]
    rest = data[end:]
    if method == "HEAD" or status in (204, 304):
        return Response(status, head.headers, b"", parser.should_keep_alive() and not rest)
    if head.length is not None and not head.streamed:
        body = await _read_sized(wire, rest, head.length, limit)
        return Response(status, head.headers, body, parser.should_keep_alive() and len(rest) <= head.length)
    reusable = await _read_streamed(wire, parser, head, rest, limit)
    return Response(status, head.headers, b"".join(head.parts), reusable)


def _feed(parser: httptools.HttpResponseParser, data: bytes) -> None:
    try:
        parser.feed_data(data)
    except (httptools.HttpParserError, ValueError) as error:
        raise BadAnswerError(f"the answer is not HTTP: {error}") from error


async def _read_head(wire: Wire, data: bytes) -> tuple[bytes, int]:
    """Read until a head is complete; return everything read, and where its body begins."""
    while (found := data.find(b"\r\n\r\n")) < 0:
        if not b"HTTP/1.".startswith(data[:7]):
            raise BadAnswerError("the answer is not HTTP")
        if len(data) > MAX_HEAD:
            raise BadAnswerError(f"the head of the answer is larger than {MAX_HEAD} bytes")
        more = await wire.receive(_CHUNK)
        if not more:
            raise BadAnswerError("the connection was closed " + ("within the answer" if data else "before the answer"))
        data += more
    return data, found + 4


async def _read_sized(wire: Wire, rest: bytes, length: int, limit: int) -> bytes:
    """A body of known length: received in place, without joining or copying."""
    if length > limit:
        raise BadAnswerError(f"the answer announces {length} bytes, more than the {limit} allowed")
    if len(rest) >= length:
        return rest[:length]
    buffer = io.BytesIO()
    buffer.seek(length - 1)
    buffer.write(b"\0")
    view = buffer.getbuffer()
    view[: len(rest)] = rest
    at = len(rest)
    try:
        while at < length:
            count = await wire.receive_into(view[at:])
            if not count:
                raise BadAnswerError(f"the answer ended after {at} of {length} bytes")
            at += count
    finally:
        view.release()
    return buffer.getvalue()


async def _read_streamed(
    wire: Wire, parser: httptools.HttpResponseParser, head: _Head, rest: bytes, limit: int
) -> bool:
    """A chunked body, or one that ends with the connection. Returns whether the connection stays usable."""
    data = rest
    while True:
        if data:
            _feed(parser, data)
        if head.size > limit:
            raise BadAnswerError(f"the answer is larger than the {limit} bytes allowed")
        if head.complete:
            return bool(parser.should_keep_alive())
        data = await wire.receive(_CHUNK)
        if not data:
            break
    if head.streamed:
        raise BadAnswerError("the connection was closed within the answer")
    return False


def decoded(response: Response, *, limit: int = MAX_BODY) -> bytes:
    """The body without its content coding. Raises BadAnswerError for a coding we never asked for, or a broken one."""
    coding = response.header(b"content-encoding").strip().lower()
    if coding in (b"", b"identity"):
        return response.body
    name = coding.decode("latin-1")
    if name not in CODINGS:
        raise BadAnswerError(f"the answer has the content coding {name}")
    try:
        return inflate(response.body, limit)
    except CutOffError as error:
        raise BadAnswerError("the compressed answer is incomplete") from error
    except InflateError as error:
        raise BadAnswerError(f"the compressed answer is broken: {error}") from error
