"""What every store can do: a protocol. Backends must pass the same suite (tests/edge/store)."""

from __future__ import annotations

from typing import Protocol

from miroir.core.wire.errors import MiroirError
from miroir.edge.store.tables import Table

Row = tuple[str, bytes]


class Store(Protocol):
    """Tables of bytes, and counters.

    A call that has returned is durable against the death of the process. A call that was cancelled has happened or not,
    never in part. Every call raises MiroirError `miroir_task_store_unavailable` when the store cannot be used.
    """

    async def get(self, table: Table, key: str) -> bytes | None:
        """The value of a key, or None."""
        ...

    async def put(self, table: Table, key: str, value: bytes) -> None:
        """Set the value of a key, whatever was there."""
        ...

    async def delete(self, table: Table, key: str) -> bool:
        """Remove a key; True when it was there."""
        ...

    async def scan(
        self, table: Table, *, after: str | None = None, reverse: bool = False, limit: int | None = None
    ) -> list[Row]:
        """Rows in the order of keys (or the opposite), strictly beyond `after` in that direction, at most `limit`."""
        ...

    async def count(self, table: Table) -> int:
        """How many keys a table has."""
        ...

    async def compare_and_set(self, table: Table, key: str, expected: bytes | None, value: bytes) -> bool:
        """Set the value only if the present one is `expected` (None: only if the key is absent). True when set."""
        ...

    async def reserve(self, counter: str, n: int) -> int:
        """Take `n` numbers that nobody else ever gets; return the first. Durable before it returns, also against
        power loss where the medium allows. Counters begin at 0."""
        ...


def unavailable(why: str) -> MiroirError:
    return MiroirError("miroir_task_store_unavailable", f"The task store cannot be used: {why}.")
