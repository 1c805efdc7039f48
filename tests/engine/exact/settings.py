"""Settings by chance: each takes some of the values that change how a node ranks, cuts, counts and shows."""

from __future__ import annotations

import random
from typing import Any

from tests.engine.exact.words import Vocabulary

FILTERABLE = ["id", "n", "year", "color", "mixed", "tags", "deep", "open", "_geo", "group", "serial", "name"]
SORTABLE = ["n", "year", "color", "mixed", "name", "deep.a", "_geo", "group", "id", "serial"]
RULES = ["words", "typo", "proximity", "attribute", "sort", "exactness"]
_PATTERNS: list[Any] = [
    {"attributePatterns": ["*"], "features": {"facetSearch": True, "filter": {"equality": True, "comparison": True}}},
    "_geo",
]


def _rules(chance: random.Random) -> list[str]:
    return chance.choice(
        [
            RULES,
            RULES,
            [*RULES, "serial:asc"],
            [*RULES, "n:desc"],
            ["year:desc", *RULES],
            [*RULES[:3], "color:asc", *RULES[3:], "serial:asc"],
            ["sort", *RULES[:4], "exactness"],
            ["words", "sort", "exactness", "proximity"],
            [*RULES, "serial:asc"],
        ]
    )


def _searchable(chance: random.Random) -> list[str]:
    return chance.choice([["*"], ["*"], ["title", "body", "deep.a"], ["body", "title", "tags", "name"], ["title"]])


def _displayed(chance: random.Random) -> list[str]:
    return chance.choice(
        [["*"], ["*"], ["*"], ["id", "title", "deep.a", "n"], ["title", "tags", "deep", "_geo", "color"]]
    )


def _typos(chance: random.Random) -> dict[str, Any]:
    sizes = {"minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 7}}
    return chance.choice(
        [{}, {}, {}, {"enabled": False}, sizes, {"disableOnAttributes": ["body"]}, {"disableOnNumbers": True}]
    )


def made(chance: random.Random, vocabulary: Vocabulary) -> dict[str, Any]:
    """The whole settings of a world."""
    words = [word.lower() for word in vocabulary.some(chance, 6, 6)]
    options: dict[str, Any] = {
        "stopWords": words[:2],
        "synonyms": {words[2]: [words[3]], words[4]: [f"{words[5]} {words[3]}"]},
        "faceting": {"maxValuesPerFacet": chance.choice([3, 10, 200]), "sortFacetValuesBy": {"color": "count"}},
        "pagination": {"maxTotalHits": chance.choice([50, 200, 5000])},
        "proximityPrecision": "byAttribute",
        "prefixSearch": "disabled",
        "distinctAttribute": chance.choice(["group", "color"]),
        "dictionary": ["J. R. R."],
        "separatorTokens": ["&sep"],
    }
    chosen = {
        name: value
        for name, value in options.items()
        if chance.random() < (0.06 if name == "distinctAttribute" else 0.15)
    }
    return {
        "filterableAttributes": chance.choice([FILTERABLE, FILTERABLE, _PATTERNS]),
        "sortableAttributes": SORTABLE,
        "searchableAttributes": _searchable(chance),
        "displayedAttributes": _displayed(chance),
        "rankingRules": _rules(chance),
        "typoTolerance": _typos(chance),
        "searchCutoffMs": 60000,
        "embedders": {"made": {"source": "userProvided", "dimensions": 4, "binaryQuantized": chance.random() < 0.15}},
        **chosen,
    }
