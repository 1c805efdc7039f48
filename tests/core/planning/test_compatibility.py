"""Which queries can be put in one order: pairs that stock Meilisearch 1.50 takes, and pairs that it refuses."""

from __future__ import annotations

import pytest

from miroir.core.planning.compatibility import Ranked, Searched, check_compatible, kinds
from miroir.core.wire.errors import MiroirError

DEFAULT = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"]


def words(*sort: str, rules: list[str] = DEFAULT, all_words: bool = False) -> Ranked:
    return Ranked(rules, sort, Searched.WORDS, all_words)


def nothing(*sort: str, rules: list[str] = DEFAULT) -> Ranked:
    return Ranked(rules, sort, Searched.NOTHING)


def vectors(*sort: str, rules: list[str] = DEFAULT) -> Ranked:
    return Ranked(rules, sort, Searched.VECTORS)


@pytest.mark.parametrize(
    ("ranked", "told"),
    [
        (words(), "relevancy"),
        (words("n:asc"), "relevancy, asc sort, relevancy"),
        (
            words("_geoPoint(1, 2):desc", "_geoPoint(3,4):asc", "n:asc", "n:desc"),
            "relevancy, desc distance, asc sort, relevancy",
        ),
        (nothing(), ""),
        (nothing("n:asc"), "asc sort"),
        (nothing(rules=["words", "n:desc", "sort", "n:asc"]), "desc sort"),
        (nothing("n:asc", rules=["words", "n:desc", "sort"]), "desc sort"),
        (words(rules=["words", "n:desc", "typo"], all_words=True), "desc sort, relevancy"),
        (words(rules=["typo", "n:desc", "typo"]), "relevancy, desc sort"),
        (vectors(), "relevancy"),
        (vectors("n:asc"), "relevancy, asc sort"),
        (vectors(rules=["n:desc", "words", "typo"]), "desc sort, relevancy"),
    ],
)
def test_what_rules_compare(ranked: Ranked, told: str) -> None:
    assert ", ".join(kinds(ranked)) == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (words(), nothing()),
        (words(), words("n:desc")),
        (words("n:desc"), words("m:desc")),
        (words(), vectors()),
        (words("n:asc"), vectors("n:asc")),
        (nothing("n:asc"), nothing()),
    ],
)
def test_what_a_node_takes_is_taken_in_either_order(one: Ranked, other: Ranked) -> None:
    check_compatible([(0, one), (1, other)])
    check_compatible([(0, other), (1, one)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (words(), nothing("n:asc")),
        (words("n:asc"), words("n:desc")),
        (words("n:asc"), words("_geoPoint(1,2):asc")),
        (nothing("_geoPoint(1,2):desc"), nothing("_geoPoint(1,2):asc")),
        (words(), words(rules=["sort", "n:asc", "words"])),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_places_of_both(one: Ranked, other: Ranked) -> None:
    with pytest.raises(MiroirError, match="queries #3 and #1 are") as refused:
        check_compatible([(3, one), (1, other)])
    assert refused.value.code == "invalid_multi_search_query_ranking_rules"
    assert refused.value.message.startswith("Inside `.queries[1]`: ")


def test_the_query_with_the_most_kinds_is_the_measure() -> None:
    with pytest.raises(MiroirError, match="queries #1 and #3 are"):
        check_compatible([(0, words()), (1, words("n:asc")), (2, words()), (3, words("n:desc"))])
