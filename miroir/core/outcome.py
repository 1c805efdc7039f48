"""What one node made of one request, as a value. Expected failures are values; exceptions are bugs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """The node answered with a complete HTTP response, whatever its status. `took` is in seconds."""

    node: str
    status: int
    body: bytes
    took: float


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The deadline passed first. The node may still carry the request out. `after` is in seconds."""

    node: str
    after: float


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The connection failed, or what came back is not HTTP.

    `sent` is True when at least one byte of the request had left, so that the node may have carried it out.
    """

    node: str
    why: str
    sent: bool


Outcome = Answered | TimedOut | Unreachable
