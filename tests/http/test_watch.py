"""The disconnect watch on a virtual clock: quick requests cost no watcher, slow ones are cancelled when left."""

from __future__ import annotations

from typing import Any

import trio

from miroir.http.watch import AGE, DisconnectWatch


class Client:
    """A receive() that tells of the client's leaving at a given time, and whether it was ever awaited."""

    def __init__(self, leaves_at: float) -> None:
        self.leaves_at = leaves_at
        self.watched = False
        self.released = False

    async def receive(self) -> dict[str, Any]:
        self.watched = True
        try:
            await trio.sleep_until(self.leaves_at)
        except trio.Cancelled:
            self.released = True
            raise
        return {"type": "http.disconnect"}


async def _answer(watch: DisconnectWatch, client: Client, seconds: float) -> bool:
    """Work for so long under the watch; whether the client was seen to leave."""
    with trio.CancelScope() as scope:
        watched = watch.enter(client.receive, scope)
        try:
            await trio.sleep(seconds)
        finally:
            watch.leave(watched)
    return watched.gone


async def test_a_quick_request_is_never_watched(autojump_clock: trio.testing.MockClock) -> None:
    watch, client = DisconnectWatch(), Client(99)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        assert not await _answer(watch, client, AGE / 5)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert not client.watched


async def test_a_slow_request_ends_when_its_client_leaves(autojump_clock: trio.testing.MockClock) -> None:
    watch, client = DisconnectWatch(), Client(2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        assert await _answer(watch, client, 60)
        assert trio.current_time() == 2
        nursery.cancel_scope.cancel()


async def test_a_client_that_left_at_once_is_noticed_within_twice_the_age(
    autojump_clock: trio.testing.MockClock,
) -> None:
    watch, client = DisconnectWatch(), Client(0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        assert await _answer(watch, client, 60)
        assert trio.current_time() <= 2 * AGE
        nursery.cancel_scope.cancel()


async def test_a_watcher_ends_with_its_request(autojump_clock: trio.testing.MockClock) -> None:
    watch, client = DisconnectWatch(), Client(99)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        assert not await _answer(watch, client, 1)
        await trio.sleep(0.1)
        assert client.released
        nursery.cancel_scope.cancel()


async def test_only_the_request_that_was_left_is_cancelled(autojump_clock: trio.testing.MockClock) -> None:
    watch = DisconnectWatch()
    gone: dict[str, bool] = {}

    async def one(name: str, client: Client) -> None:
        gone[name] = await _answer(watch, client, 5)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        async with trio.open_nursery() as requests:
            requests.start_soon(one, "stays", Client(99))
            requests.start_soon(one, "leaves", Client(1))
        nursery.cancel_scope.cancel()
    assert gone == {"stays": False, "leaves": True}


async def test_an_idle_watch_sleeps(autojump_clock: trio.testing.MockClock) -> None:
    watch = DisconnectWatch()
    with trio.move_on_after(1000):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch.run)
            await _answer(watch, Client(9999), 0.01)
            await trio.sleep_forever()
    assert trio.current_time() == 1000
