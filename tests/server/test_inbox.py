"""The queue between a connection and a request."""

from __future__ import annotations

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from miroir.server.inbox import Inbox, Message


def _part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


_GOODBYE: Message = {"type": "http.disconnect"}
_LARGE = bytes(64 * 1024)


async def test_a_sender_waits_while_nobody_reads_and_goes_on_when_somebody_does() -> None:
    inbox, sent = Inbox(), 0

    async def send() -> None:
        nonlocal sent
        for _ in range(100):
            await inbox(_part(_LARGE))
            sent += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await wait_all_tasks_blocked()
        waited_at = sent
        assert 0 < waited_at < 20
        await inbox.receive()
        await wait_all_tasks_blocked()
        assert sent == waited_at + 1
        nursery.cancel_scope.cancel()


async def test_a_goodbye_never_waits_and_comes_after_what_was_sent_before() -> None:
    inbox = Inbox()
    for _ in range(8):
        await inbox(_part(_LARGE))
    await inbox(_GOODBYE)
    bodies = [await inbox.receive() for _ in range(8)]
    assert all(message["type"] == "http.request" for message in bodies)
    assert [await inbox.receive(), await inbox.receive()] == [_GOODBYE, _GOODBYE]


@pytest.mark.parametrize("end", ["close", "leave"])
async def test_a_waiting_sender_is_let_go_when_the_request_ends(end: str) -> None:
    inbox = Inbox()

    async def send() -> None:
        for _ in range(100):
            await inbox(_part(_LARGE))

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send)
            await wait_all_tasks_blocked()
            if end == "close":
                inbox.close()
            else:
                await inbox(_GOODBYE)


async def test_all_credit_is_given_back_whether_the_data_was_read_or_not() -> None:
    inbox, credit = Inbox(), 0

    def take(length: int) -> None:
        nonlocal credit
        credit += length

    inbox.taken = take
    for _ in range(3):
        inbox.deliver(_LARGE, True, len(_LARGE))
    assert credit == 0
    await inbox.receive()
    assert credit == len(_LARGE)
    inbox.close()
    inbox.deliver(_LARGE, True, len(_LARGE))
    assert credit == 4 * len(_LARGE)


async def test_many_small_parts_are_joined() -> None:
    inbox = Inbox()
    for number in range(1000):
        inbox.deliver(bytes([number % 256]), True, 1)
    inbox.deliver(b"", False, 0)
    first = await inbox.receive()
    assert first["body"] == bytes(number % 256 for number in range(1000))
    assert first["more_body"]
    assert not (await inbox.receive())["more_body"]


async def test_a_cancelled_reader_loses_nothing() -> None:
    inbox = Inbox()
    with trio.move_on_after(0):
        await inbox.receive()
    inbox.deliver(b"x", False, 0)
    assert (await inbox.receive())["body"] == b"x"
