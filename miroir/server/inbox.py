"""What a client sent and its request has not read yet: bounded, and never in the way of an answer or a goodbye."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from trio.lowlevel import ParkingLot, checkpoint_if_cancelled

Message = dict[str, Any]
_MESSAGES = 8
_MERGED_BYTES = 64 * 1024
_DISCONNECT: Message = {"type": "http.disconnect"}


class Inbox:
    """The queue between a connection and one ASGI call.

    `await inbox(message)` waits for room (HTTP/1.1's back-pressure). `deliver` never waits: the window of an HTTP/2
    stream bounds it, and `taken` is told how many bytes of that window the request has read, or never will. Once the
    client has left, or the answer is complete, what still comes in is dropped.
    """

    __slots__ = ("_done", "_left", "_messages", "_readers", "_writers", "taken")

    def __init__(self) -> None:
        self._messages: deque[tuple[bytearray, bool, int]] = deque()  # body, whether more follows, credit
        self._readers = ParkingLot()
        self._writers = ParkingLot()
        self._left = False
        self._done = False
        self.taken: Callable[[int], None] = _nobody

    def __repr__(self) -> str:
        return f"<Inbox {len(self._messages)} waiting, left={self._left}, done={self._done}>"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self._leave()
            return
        while len(self._messages) >= _MESSAGES and not self._closed:
            await self._writers.park()
        self.deliver(message["body"], message["more_body"], 0)

    def deliver(self, body: bytes, more: bool, credit: int) -> None:
        """Take in a part of the body. Small parts are joined, so that many of them weigh no more than their bytes."""
        if self._closed:
            self.taken(credit)
            return
        if self._messages and more and len(self._messages[-1][0]) + len(body) <= _MERGED_BYTES:
            last, _, earned = self._messages.pop()
            last.extend(body)
            self._messages.append((last, more, earned + credit))
        else:
            self._messages.append((bytearray(body), more, credit))
        self._readers.unpark()

    async def receive(self) -> Message:
        """The next ASGI message. What came before a disconnect is given first; cancelling loses nothing."""
        await checkpoint_if_cancelled()
        while not self._messages:
            if self._left:
                return _DISCONNECT
            await self._readers.park()
        body, more, credit = self._messages.popleft()
        self._writers.unpark_all()
        self.taken(credit)
        return {"type": "http.request", "body": bytes(body), "more_body": more}

    def close(self) -> None:
        """The request has ended: nobody reads any more."""
        self._done = True
        self._writers.unpark_all()
        while self._messages:
            self.taken(self._messages.popleft()[2])

    @property
    def _closed(self) -> bool:
        return self._left or self._done

    def _leave(self) -> None:
        self._left = True
        self._readers.unpark_all()
        self._writers.unpark_all()


def _nobody(_: int) -> None:
    """HTTP/1.1 has no windows."""
