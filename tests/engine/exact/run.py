"""A run: worlds one after the other, and the requests of each, judged as they are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.engine.compare import difference
from tests.engine.exact.asking import Ask
from tests.engine.exact.classify import classify
from tests.engine.exact.questions import CATEGORIES, asks
from tests.engine.exact.shrink import shrink
from tests.engine.exact.stage import Stage
from tests.engine.exact.tally import Finding, Tally
from tests.engine.exact.worlds import World, make

PER_WORLD = 150
"""About how many requests a world is asked: enough for every category to meet it."""
UNSERVED = "status 200 against 501"
"""How a difference begins when Miroir does not serve the request at all: there is nothing to shrink."""

Told = Callable[[Finding], None]


def worlds_for(count: int) -> int:
    """How many worlds so many requests are spread over."""
    return max(2, -(-count // PER_WORLD))


def run(stages: list[Stage], seed: str, count: int, *, told: Told, among: Sequence[str] = CATEGORIES) -> Tally:
    """`count` requests over worlds that take turns on the stages. Each finding is told, shrunk, when it is made."""
    tally = Tally()
    number = worlds_for(count)
    there: dict[int, World] = {}
    for each in range(number):
        stage = stages[each % len(stages)]
        world = make(f"{seed}.{each}", f"x{each}")
        stage.load(world)
        before = there.get(each % len(stages))
        worlds = (world,) if before is None else (world, before)
        start = count * each // number
        for ask in asks(seed, worlds, start, count * (each + 1) // number - start, among):
            judge(stage, worlds, ask, tally, told)
        if before is not None:
            stage.unload(before)
        there[each % len(stages)] = world
    return tally


def judge(stage: Stage, worlds: tuple[World, ...], ask: Ask, tally: Tally, told: Told) -> None:
    """Ask, compare, and put the outcome into the tally."""
    tally.asked[ask.category] += 1
    reason, found = _judged(stage, worlds, ask)
    if found is None:
        return
    if reason is not None:
        tally.reasons[ask.category, reason] += 1
        return
    may_shrink = ask.method == "POST" and not found.startswith(UNSERVED)
    small = shrink(ask, lambda less: _unexplained(stage, worlds, less)) if may_shrink else ask
    finding = Finding(worlds[0].seed, small, _judged(stage, worlds, small)[1] or found)
    tally.findings.append(finding)
    told(finding)


def _judged(stage: Stage, worlds: tuple[World, ...], ask: Ask) -> tuple[str | None, str | None]:
    """The reason and the difference, where there are any."""
    answers = stage.answers(ask)
    found = difference(*answers)
    return (classify(stage, worlds, ask, answers) if found else None), found


def _unexplained(stage: Stage, worlds: tuple[World, ...], ask: Ask) -> bool:
    reason, found = _judged(stage, worlds, ask)
    return found is not None and reason is None
