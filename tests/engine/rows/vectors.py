"""Documents with vectors of their own, for the rows of semantic, hybrid and similar searches."""

from __future__ import annotations

import random
from typing import Any

from tests.engine.worlds import BASE, WORDS

EMBEDDER = "made"
DIMENSIONS = 4
VECTOR = [0.3, -0.1, 0.7, 0.25]


def vector(chance: random.Random) -> list[float]:
    """A direction with short decimals, so that no two engines read it differently."""
    return [round(chance.uniform(-1, 1), 3) for _ in range(DIMENSIONS)]


def _documents(count: int, seed: int) -> list[dict[str, Any]]:
    """Every seventh opts out of having a vector; words and numbers for keyword legs, filters, sorts, groups."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        own = None if number % 7 == 3 else vector(chance)
        made.append(
            {
                "id": number,
                "title": " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 4))),
                "n": number * 7 % 50,
                "color": chance.choice(["red", "green", "blue"]),
                "group": f"g{chance.randint(1, 30)}",
                "_vectors": {EMBEDDER: own},
            }
        )
    return made


def _settings(**more: Any) -> dict[str, Any]:
    return {**BASE, "embedders": {EMBEDDER: {"source": "userProvided", "dimensions": DIMENSIONS, **more}}}


VECTORS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "vectors": (_documents(160, 11), _settings()),
    "quantised": (_documents(120, 12), _settings(binaryQuantized=True)),
    "moved": (_documents(120, 13), _settings(distribution={"mean": 0.5, "sigma": 0.45})),
    "shifted": (_documents(120, 13), _settings(distribution={"mean": 0.5, "sigma": 0.2})),
}
"""A distribution moves all similarities of `moved` to places of their own, and many of `shifted` to exactly 1."""
