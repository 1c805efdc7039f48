"""Documents and settings made for the purpose: ties, nulls, mixed types, nesting, arrays, unicode, distances.

Kept out on purpose, because no merge can decide them (exact-merge 3A and 3B): words that are concatenations of others,
the number 1 beside the text "1" in one facet, several spellings of one value in one facet.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

WORDS = [
    *("alpha", "alphas", "alpine", "beta", "betta", "gamma", "gamut", "delta", "deltas", "omega", "sun", "moon"),
    *("star", "wonderful", "wonderfully", "étoile", "über", "naïve", "東京", "12", "345", "and", "the"),
]
NAMES = ["Ann", "ann", "Änn", "Bob", "bob ", "Zoë", "zoe", "Ωmega", "😀", ""]
COLORS = ["red", "green", "blue", "dark red"]
TAGS = ["new", "old", "hot", "cold", "sale"]
PLACES = [(48.85, 2.35), (51.5, -0.12), (45.75, 4.85), (40.71, -74.0), (-33.86, 151.2), (0.0, 0.0)]
NUMBERS: list[Any] = [0, 1, 2, 2.5, 10, -3, -0.5, 1e6, 12345678901234567]


@dataclass(frozen=True, slots=True)
class World:
    """Documents and the settings of their index."""

    documents: list[Any]
    settings: dict[str, Any] = field(default_factory=dict)


FILTERABLE = ["id", "n", "color", "mixed", "tags", "deep", "open", "_geo", "group"]
SORTABLE = ["n", "color", "mixed", "name", "deep.a", "_geo", "group", "id"]
BASE: dict[str, Any] = {
    "filterableAttributes": FILTERABLE,
    "sortableAttributes": SORTABLE,
    "searchCutoffMs": 30000,
}
PROFILES: dict[str, dict[str, Any]] = {
    "plain": {},
    "ranked": {
        "filterableAttributes": [
            {
                "attributePatterns": ["*"],
                "features": {"facetSearch": True, "filter": {"equality": True, "comparison": True}},
            }
        ],
        "searchableAttributes": ["title", "body", "deep.a"],
        "rankingRules": ["sort", "words", "typo", "proximity", "attribute", "exactness", "n:desc"],
        "stopWords": ["the", "and"],
        "synonyms": {"sun": ["star"], "betta": ["gamma delta"]},
        "faceting": {"maxValuesPerFacet": 3, "sortFacetValuesBy": {"color": "count"}},
    },
    "narrow": {
        "displayedAttributes": ["id", "title", "deep.a", "tags"],
        "distinctAttribute": "group",
        "pagination": {"maxTotalHits": 200},
        "typoTolerance": {"disableOnAttributes": ["body"], "minWordSizeForTypos": {"oneTypo": 3, "twoTypos": 6}},
        "proximityPrecision": "byAttribute",
        "prefixSearch": "disabled",
    },
}


def text(words: list[str]) -> str:
    return " ".join(words)


@st.composite
def document(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One document; `number` makes its id, which is a text for every third."""
    made: dict[str, Any] = {"id": f"d-{number}" if number % 3 == 0 else number}
    made["title"] = text(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)))
    parts: dict[str, st.SearchStrategy[Any]] = {
        "body": st.lists(st.sampled_from(WORDS), max_size=8).map(text),
        "n": st.one_of(st.sampled_from(NUMBERS), st.none(), st.lists(st.sampled_from(NUMBERS), max_size=3)),
        "color": st.sampled_from([*COLORS, None]),
        "name": st.sampled_from(NAMES),
        "mixed": st.sampled_from([3, 7.5, "x", "y", True, None, [], {}, ["x", 3], "z z"]),
        "tags": st.lists(st.sampled_from(TAGS), max_size=3),
        "deep": st.fixed_dictionaries(
            {"a": st.sampled_from(WORDS)}, optional={"b": st.sampled_from([1, [2, 3], None])}
        ),
        "open": st.booleans(),
        "group": st.sampled_from(["g1", "g2", "g3", "g4"]),
        "_geo": st.sampled_from(PLACES).map(lambda place: {"lat": place[0], "lng": place[1]}),
    }
    for name, strategy in parts.items():
        if draw(st.integers(0, 9)) < 7:
            made[name] = draw(strategy)
    return made


@st.composite
def worlds(draw: st.DrawFn, most: int = 24) -> World:
    """A few documents under one of the profiles."""
    count = draw(st.integers(1, most))
    settings = PROFILES[draw(st.sampled_from(sorted(PROFILES)))]
    return World([draw(document(number)) for number in range(count)], {**BASE, **settings})


def _seeded(seed: int, count: int, settings: dict[str, Any]) -> World:
    """A bigger world by plain chance, since it is the same in every run."""
    chance = random.Random(seed)

    def some(most: int) -> str:
        return text([chance.choice(WORDS) for _ in range(chance.randint(1, most))])

    def one(number: int) -> dict[str, Any]:
        place = chance.choice(PLACES)
        parts: dict[str, Any] = {
            "body": some(9),
            "n": chance.choice([*NUMBERS, None, [1, 5], []]),
            "color": chance.choice([*COLORS, None]),
            "name": chance.choice(NAMES),
            "mixed": chance.choice([3, 7.5, "x", "y", True, None, [], {}, ["x", 3], "z z"]),
            "tags": chance.sample(TAGS, chance.randint(0, 3)),
            "deep": {"a": chance.choice(WORDS), "b": chance.choice([1, [2, 3], None])},
            "open": chance.random() < 0.5,
            "group": f"g{chance.randint(1, 40)}",
            "_geo": {"lat": place[0], "lng": place[1]},
        }
        kept = {name: value for name, value in parts.items() if chance.random() < 0.7}
        return {"id": f"d-{number}" if number % 3 == 0 else number, "title": some(5), **kept}

    return World([one(number) for number in range(count)], {**BASE, **settings})


FIXED = {name: _seeded(seed, 240, settings) for seed, (name, settings) in enumerate(PROFILES.items())}
