"""A client's documents on their way in: decoded, checked and split by shard while they arrive, kept in a spool.

Nothing of a payload is sent before all of it has been read and found good.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import trio

from miroir._merge_core import SplitError, Splitter, stamp
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.inflating import CutOffError, InflateError, Inflater
from miroir.core.wire.sizes import too_large
from miroir.edge.spool import Segment, Spool

FEED = 1024 * 1024
INLINE = 32 * 1024
_AT_ONCE = ("malformed_payload", "miroir_reserved_field")
_threads = trio.CapacityLimiter(2)


@dataclass(slots=True)
class Payload:
    """All of a payload, read. `failure` is (code, message) of what makes its task fail; `key` what it was split by."""

    spool: Spool
    shards: int
    documents: int
    key: str | None
    failure: tuple[str, str] | None = None


async def read_payload(
    chunks: AsyncIterator[bytes],
    spool: Spool,
    *,
    ndjson: bool,
    shards: int,
    primary_key: str | None,
    limit: int,
    encoding: str = "",
) -> Payload:
    """Read everything. Raises MiroirError for what Meilisearch finds while it enqueues: size, emptiness, syntax; and
    for reserved fields. What Meilisearch's task would find is in `failure`."""
    splitter = Splitter(ndjson=ndjson, shards=shards, primary_key=primary_key)
    payload = Payload(spool, shards, 0, primary_key)
    feeder = _Feeder(splitter, payload)
    async for block in _blocks(_limited(_decoded(chunks, encoding), limit)):
        if payload.failure is None:
            await feeder.run(lambda block=block: feeder.feed(block), len(block))
        feeder.seen += len(block)
    if not feeder.seen:
        raise MiroirError("missing_payload", f"A {'ndjson' if ndjson else 'json'} payload is missing.")
    if payload.failure is None:
        await feeder.run(feeder.finish, 0)
    payload.documents, payload.key = splitter.seen, splitter.primary_key
    return payload


@dataclass(slots=True)
class _Feeder:
    splitter: Splitter
    payload: Payload
    seen: int = 0

    async def run(self, work: object, size: int) -> None:
        """In a worker thread, unless it is so little that the way there costs more. Raises MiroirError."""
        assert callable(work)  # noqa: S101 - for the type checker
        try:
            if size <= INLINE and self.payload.spool.size <= INLINE:
                work()
            else:
                await trio.to_thread.run_sync(work, limiter=_threads)
        except SplitError as error:
            code, message = error.args[0], error.args[1]
            if code in _AT_ONCE:
                raise MiroirError(code, message) from error
            self.payload.failure = (code, message)

    def feed(self, block: bytes) -> None:
        for piece in self.splitter.feed(block):
            self.payload.spool.add(piece.shard, piece.data, piece.ends)

    def finish(self) -> None:
        for piece in self.splitter.finish():
            self.payload.spool.add(piece.shard, piece.data, piece.ends)


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces large enough to be worth a thread."""
    held: list[bytes] = []
    size = 0
    async for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= FEED:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


async def _limited(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if total > limit:
            raise too_large(limit)
        yield chunk


async def _decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The body as the client meant it. A small body that grows without end is stopped by the limit after this."""
    if encoding in ("", "identity"):
        async for chunk in chunks:
            yield chunk
        return
    inflater = Inflater()
    try:
        async for chunk in chunks:
            for piece in inflater.feed(chunk):
                yield piece
        inflater.finish()
    except CutOffError as error:
        raise MiroirError("bad_request", "The provided payload is incomplete and cannot be parsed") from error
    except InflateError as error:
        raise MiroirError("bad_request", f"The body is not valid {encoding}: {error}.") from error


@dataclass(frozen=True, slots=True)
class Stamped:
    """A node's request body: documents of a spool with their place in the index's order."""

    spool: Spool
    segments: tuple[Segment, ...]
    base: int

    @property
    def length(self) -> int:
        return sum(segment.length for segment in self.segments)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of about a megabyte. Raises nothing that a client could cause."""
        for group in _groups(self.segments, FEED):
            size = sum(segment.length for segment in group)
            if size <= INLINE:
                yield self._stamped(group)
            else:
                yield await trio.to_thread.run_sync(self._stamped, group, limiter=_threads)

    def _stamped(self, group: tuple[Segment, ...]) -> bytes:
        data = self.spool.read(group)
        return b"".join(stamp(one, segment.ends, self.base) for one, segment in zip(data, group, strict=True))


def _groups(segments: tuple[Segment, ...], size: int) -> Iterator[tuple[Segment, ...]]:
    """Neighbours that together are not larger than `size`; one that is larger by itself stands alone."""
    group: list[Segment] = []
    total = 0
    for segment in segments:
        if group and total + segment.length > size:
            yield tuple(group)
            group, total = [], 0
        group.append(segment)
        total += segment.length
    if group:
        yield tuple(group)


def requests_of(segments: list[Segment], limit: int) -> list[tuple[Segment, ...]]:
    """The segments cut into requests of at most `limit` bytes."""
    return list(_groups(tuple(segments), limit))
