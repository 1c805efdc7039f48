"""Bodies with the content coding gzip or deflate, unpacked piece by piece. What a broken one means is its reader's say.

A gzip body may be several members one after the other (`cat a.gz b.gz`); a deflate body is one zlib stream.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

CODINGS = ("gzip", "x-gzip", "deflate")
PIECE = 1024 * 1024
MOST_MEMBERS = 100_000
_WINDOW = 16 * 1024
_GZIP = b"\x1f"


class InflateError(ValueError):
    """The body is not what its coding says; the text says in what way."""


class CutOffError(InflateError):
    """The body ends before its last member does."""


class TooLongError(InflateError):
    """Unpacked, the body is longer than it may be."""


class Inflater:
    """One body. Feed all of it, taking the pieces as they come, then `finish`."""

    __slots__ = ("_is_gzip", "_member", "_members")

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._members = 0
        self._is_gzip = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` unpacks to, in pieces of at most `PIECE` bytes. Raises InflateError."""
        for start in range(0, len(data), _WINDOW):  # a member's end copies what follows it: keep that short
            yield from self._unpacked(data[start : start + _WINDOW])

    def finish(self) -> None:
        """Raises CutOffError when more had to come."""
        if not self._member.eof:
            raise CutOffError("it is cut off")

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._members == 0 or self._member.eof:
                self._begin(data)
            try:
                piece = self._member.decompress(data, PIECE)
            except zlib.error as error:
                raise InflateError("its data are damaged") from error
            if piece:
                yield piece
            data = self._member.unconsumed_tail or self._member.unused_data

    def _begin(self, data: bytes) -> None:
        """A member, the first or one after others."""
        starts_gzip = data.startswith(_GZIP)
        if self._members == 0:
            self._is_gzip = starts_gzip
        elif not (self._is_gzip and starts_gzip):
            raise InflateError("something else follows it")
        elif self._members == MOST_MEMBERS:
            raise InflateError(f"it has more than {MOST_MEMBERS} members")
        else:
            self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members += 1


def inflate(data: bytes, limit: int) -> bytes:
    """A whole body of at most `limit` bytes, unpacked. Raises InflateError, also as CutOffError and TooLongError."""
    inflater, parts, size = Inflater(), [], 0
    for piece in inflater.feed(data):
        parts.append(piece)
        size += len(piece)
        if size > limit:
            raise TooLongError(f"it unpacks to more than {limit} bytes")
    inflater.finish()
    return b"".join(parts)
