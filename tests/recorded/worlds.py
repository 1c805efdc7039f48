"""The indexes that answers are recorded of: small, the same in every recording, ties and gaps included."""

from __future__ import annotations

import random
from typing import Any

from tests.engine.worlds import World

_WORDS = [
    "night",
    "river",
    "silver",
    "house",
    "dancing",
    "stars",
    "lost",
    "moon",
    "garden",
    "captain",
    "winter",
    "summer",
    "train",
    "stranger",
]
_GENRES = ["Drama", "comedy", "Noir", "war", "été"]
_PLACES = [(48.85, 2.35), (51.5, -0.12), (45.75, 4.85), (40.71, -74.0)]


def documents(seed: int, count: int, *, vectors: bool = False) -> list[dict[str, Any]]:
    """Documents by seeded chance; every ninth has no vector although the others have one."""
    chance = random.Random(seed)

    def words(least: int, most: int) -> str:
        return " ".join(chance.choices(_WORDS, k=chance.randint(least, most)))

    made = []
    for number in range(count):
        document: dict[str, Any] = {"id": number, "title": words(1, 4), "overview": words(3, 8)}
        parts: dict[str, Any] = {
            "genre": chance.choice(_GENRES),
            "year": chance.randint(1950, 1958),
            "rating": round(chance.random() * 5, 1),
            "tags": chance.sample(_WORDS[:6], k=chance.randint(0, 3)),
            "brand": chance.choice([{"name": "acme", "land": "uk"}, {"name": "bolt"}, "acme"]),
            "_geo": dict(zip(("lat", "lng"), chance.choice(_PLACES), strict=True)),
        }
        document |= {name: value for name, value in parts.items() if chance.random() < 0.8}
        if vectors:
            vector = [round(chance.uniform(-1, 1), 3) for _ in range(3)]
            document["_vectors"] = {"own": None if number % 9 == 8 else vector}
        made.append(document)
    return made


_BASE: dict[str, Any] = {
    "filterableAttributes": ["id", "genre", "year", "rating", "tags", "brand", "_geo"],
    "sortableAttributes": ["year", "rating", "title", "_geo"],
    "searchCutoffMs": 30000,
}
WORLDS = {
    "plain": World(documents(1, 60), _BASE),
    "ranked": World(
        documents(2, 60),
        {
            **_BASE,
            "searchableAttributes": ["title", "overview", "genre"],
            "displayedAttributes": ["id", "title", "genre", "year"],
            "rankingRules": [
                "words",
                "typo",
                "year:desc",
                "proximity",
                "attributeRank",
                "sort",
                "wordPosition",
                "exactness",
            ],
            "faceting": {"maxValuesPerFacet": 3, "sortFacetValuesBy": {"*": "alpha", "genre": "count"}},
            "pagination": {"maxTotalHits": 25},
            "synonyms": {"moon": ["silver"]},
            "stopWords": ["lost"],
        },
    ),
    "legacy": World(
        documents(3, 40),
        {
            **_BASE,
            "searchableAttributes": ["title", "overview"],
            "rankingRules": ["words", "typo", "proximity", "attribute", "sort", "exactness"],
            "distinctAttribute": "year",
        },
    ),
    "vectors": World(
        documents(4, 40, vectors=True), {**_BASE, "embedders": {"own": {"source": "userProvided", "dimensions": 3}}}
    ),
}
