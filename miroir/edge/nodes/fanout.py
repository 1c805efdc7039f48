"""Many node calls at once, one outcome each. The owner of the nursery that a fan-out needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import trio

from miroir.core.outcome import Outcome, TimedOut

Call = Callable[[], Awaitable[Outcome]]


async def gather(calls: Mapping[str, Call], *, deadline: float) -> dict[str, Outcome]:
    """Make every call at once; return one outcome per name, in the order given.

    `deadline` is absolute, on Trio's clock. A call that is out at that moment is cancelled and comes back as
    `TimedOut`. Nothing is raised for an expected failure; cancellation from outside goes through.
    """
    start = trio.current_time()
    done: dict[str, Outcome] = {}

    async def run(name: str, call: Call) -> None:
        done[name] = await call()

    with trio.CancelScope(deadline=deadline):
        await _run_all(run, list(calls.items()))
    after = trio.current_time() - start
    return {name: done.get(name) or TimedOut(name, after) for name in calls}


async def _run_all(run: Callable[[str, Call], Awaitable[None]], calls: list[tuple[str, Call]]) -> None:
    """All at once. The first runs in the caller's own task: a task less to start, and none at all for a single call."""
    if not calls:
        return
    if len(calls) == 1:
        await run(*calls[0])
        return
    async with trio.open_nursery() as nursery:
        for name, call in calls[1:]:
            nursery.start_soon(run, name, call)
        await run(*calls[0])
