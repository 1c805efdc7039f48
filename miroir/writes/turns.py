"""Who may change an index now: one write at a time per index, in the order in which they asked."""

from __future__ import annotations

from collections.abc import Iterable

import trio


class Turns:
    """A turn is taken by one task and may be given back by another, which a lock would not allow."""

    def __init__(self) -> None:
        self._turns: dict[str, trio.Semaphore] = {}
        self._users: dict[str, int] = {}

    async def take(self, uids: Iterable[str]) -> tuple[str, ...]:
        """Wait for the turn of all these indexes; in one order for all, so that no two wait for each other.

        Cancelled while waiting, nothing is kept. Give the result to `give`.
        """
        taken: list[str] = []
        try:
            for uid in sorted(set(uids)):
                self._users[uid] = self._users.get(uid, 0) + 1
                try:
                    await self._turns.setdefault(uid, trio.Semaphore(1)).acquire()
                except BaseException:
                    self._leave(uid)
                    raise
                taken.append(uid)
        except BaseException:
            self.give(tuple(taken))
            raise
        return tuple(taken)

    def give(self, taken: tuple[str, ...]) -> None:
        """End the turn of these indexes."""
        for uid in taken:
            self._turns[uid].release()
            self._leave(uid)

    def _leave(self, uid: str) -> None:
        self._users[uid] -= 1
        if not self._users[uid]:
            del self._users[uid], self._turns[uid]
