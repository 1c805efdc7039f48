"""All categories, and the requests of a world: every category has at least a hundredth of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from tests.engine.exact.asking import Ask
from tests.engine.exact.keywords import APPROXIMATE, KEYWORDS, as_get
from tests.engine.exact.others import COMPOSED, OTHERS, one_document
from tests.engine.exact.worlds import World

CATEGORIES = (*KEYWORDS, "GET", *OTHERS, "document", *COMPOSED)
AWAITED = ("semantic", "hybrid", "hybrid, low ratio", "facet search", "similar", "multi-search", "federated")
"""What the embedded node does not serve yet: not in the slice."""
assert len(CATEGORIES) <= 50, "each must have a fiftieth at most for the rest to have a hundredth"


def asks(seed: str, worlds: tuple[World, ...], start: int, count: int, among: Sequence[str]) -> Iterator[Ask]:
    """`count` requests of the first of these worlds; categories go round, from the `start`-th request of the run on."""
    for number in range(start, start + count):
        chance = random.Random(f"ask {seed} {number}")
        yield ask(chance, among[number % len(among)], worlds)


def ask(chance: random.Random, category: str, worlds: tuple[World, ...]) -> Ask:
    """One request of a category."""
    world = worlds[0]
    if make := KEYWORDS.get(category) or APPROXIMATE.get(category):
        return Ask(category, "POST", f"/indexes/{world.uid}/search", make(chance, world))
    if category in OTHERS:
        below, other = OTHERS[category]
        return Ask(category, "POST", f"/indexes/{world.uid}/{below}", other(chance, world))
    if category == "GET":
        query, body = as_get(chance, world)
        return Ask(category, "GET", f"/indexes/{world.uid}/search?{query}", body)
    return one_document(chance, world) if category == "document" else COMPOSED[category](chance, worlds)
