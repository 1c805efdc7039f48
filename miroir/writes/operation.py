"""A write as values: what the client asked for, decided at its place in the index's order, and what each node gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from miroir.core.tasks.effects import Effect
from miroir.core.tasks.task import Expected, JsonObject, Target, Task

NDJSON = "application/x-ndjson"
JSON_TYPE = "application/json"


class Content(Protocol):
    """A request's body that can be sent more than once."""

    @property
    def length(self) -> int: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces; each call begins anew."""
        ...


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body in memory."""

    data: bytes = b""

    @property
    def length(self) -> int:
        return len(self.data)

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.data


@dataclass(frozen=True, slots=True)
class NodeRequest:
    """One request to one node. `type` and `tag` are what its task can be known by; `creates` needs the master key."""

    method: str
    target: str
    type: str
    content: Content = field(default_factory=Bytes)
    tag: str | None = None
    content_type: str = JSON_TYPE
    creates: bool = False

    @property
    def expected(self) -> Expected:
        return Expected(self.type, self.tag)


Requests = Mapping[str, tuple[NodeRequest, ...]]
"""Node id -> its requests, in their order."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one write is to do. Without requests no node is asked, and the task ends by itself when its turn comes.

    `undo` is the physical uid to remove when the nodes refuse a write that was also to create its index.
    """

    type: str
    index_uid: str
    details: JsonObject | None
    requests: Requests = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    names: tuple[str, ...] = ()
    copies: int = 1
    verdict: JsonObject | None = None
    custom_metadata: str | None = None
    undo: str | None = None

    def task(self, uid: int, now: str, touches: tuple[str, ...], after: Mapping[str, int]) -> Task:
        """The task that carries it. `after`: node id -> the node's last task uid."""
        targets = {
            node: Target(after[node], tuple(request.expected for request in requests))
            for node, requests in self.requests.items()
        }
        return Task(
            uid=uid,
            type=self.type,
            index_uid=self.index_uid,
            enqueued_at=now,
            touches=touches,
            details=self.details,
            custom_metadata=self.custom_metadata,
            names=self.names,
            copies=self.copies,
            targets=targets,
            effects=self.effects,
            verdict=self.verdict,
        )
