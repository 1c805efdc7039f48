"""The fan-out on a virtual clock: one outcome a call, in order, under one deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import trio

from miroir.core.outcome import Answered, Outcome, TimedOut, Unreachable
from miroir.edge.nodes.fanout import gather


def node(name: str, latency: float, *, good: bool = True) -> Callable[[], Awaitable[Outcome]]:
    async def call() -> Outcome:
        await trio.sleep(latency)
        return Answered(name, 200, b"", latency) if good else Unreachable(name, "refused", sent=False)

    return call


async def test_gather_keeps_the_order_and_names_the_late(autojump_clock: trio.testing.MockClock) -> None:
    out = await gather({"a": node("a", 1), "b": node("b", 99), "c": node("c", 0.1, good=False)}, deadline=5)
    assert list(out.items()) == [
        ("a", Answered("a", 200, b"", 1)),
        ("b", TimedOut("b", 5)),
        ("c", Unreachable("c", "refused", sent=False)),
    ]
    assert trio.current_time() == pytest.approx(5)


async def test_gather_returns_as_soon_as_all_are_in(autojump_clock: trio.testing.MockClock) -> None:
    await gather({"a": node("a", 1), "b": node("b", 2)}, deadline=50)
    assert trio.current_time() == pytest.approx(2)


async def test_gather_of_one_call_times_out_like_any(autojump_clock: trio.testing.MockClock) -> None:
    assert await gather({"a": node("a", 9)}, deadline=3) == {"a": TimedOut("a", 3)}


async def test_gather_lets_cancellation_from_outside_through(autojump_clock: trio.testing.MockClock) -> None:
    with trio.move_on_after(1) as scope:
        await gather({"a": node("a", 99)}, deadline=50)
    assert scope.cancelled_caught


async def test_a_deadline_that_has_passed_asks_nobody_for_long(autojump_clock: trio.testing.MockClock) -> None:
    out = await gather({"a": node("a", 1), "b": node("b", 1)}, deadline=-1)
    assert [type(outcome) for outcome in out.values()] == [TimedOut, TimedOut]
    assert trio.current_time() == 0
