"""Highlighting, cropping, positions, facets, scores and their details."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error


def first(engine: Engine, index: str, **asked: Any) -> Any:
    return engine.search(index, **asked)["hits"][0]


def test_highlights_wrap_the_words_found(engine: Engine, books: str) -> None:
    hit = first(engine, books, q="pride jane", attributesToHighlight=["title"], attributesToRetrieve=["title", "id"])
    assert hit["_formatted"] == {"id": "1", "title": "<em>Pride</em> and Prejudice"}
    assert hit["title"] == "Pride and Prejudice"


def test_highlights_cover_everything_with_a_star_and_own_tags(engine: Engine, books: str) -> None:
    asked = {"attributesToHighlight": ["*"], "highlightPreTag": "[", "highlightPostTag": "]"}
    formatted = first(engine, books, q="love", filter="id = 1", **asked)["_formatted"]
    assert formatted["tags"] == ["[love]", "class"]
    assert formatted["year"] == "1813"


def test_prefixes_and_typos_are_highlighted(engine: Engine, books: str) -> None:
    assert first(engine, books, q="prej", attributesToHighlight=["title"])["_formatted"]["title"] == (
        "Pride and <em>Prej</em>udice"
    )
    assert first(engine, books, q="prejudise", attributesToHighlight=["title"])["_formatted"]["title"] == (
        "Pride and <em>Prejudice</em>"
    )


def test_crops_show_the_words_around_a_match(engine: Engine, uid: str) -> None:
    engine.create(uid)
    words = " ".join(f"w{n}" for n in range(30))
    engine.add(uid, [{"id": 1, "t": words}])
    assert first(engine, uid, q="w15", attributesToCrop=["t"], cropLength=3)["_formatted"]["t"] == "…w14 w15 w16…"
    short = first(engine, uid, q="w15", attributesToCrop=["t:1"], cropMarker="+", attributesToHighlight=["t"])
    assert short["_formatted"]["t"] == "+<em>w15</em>+"
    assert first(engine, uid, attributesToCrop=["t"])["_formatted"]["t"] == "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9…"


def test_positions_are_given_in_bytes(engine: Engine, books: str) -> None:
    hit = first(engine, books, q="exupéry prince", showMatchesPosition=True)
    assert hit["_matchesPosition"]["title"] == [{"start": 9, "length": 6}]
    assert hit["_matchesPosition"]["author"] == [{"start": 17, "length": 8}]
    assert "_formatted" not in hit


def test_positions_in_arrays_name_the_element(engine: Engine, books: str) -> None:
    hit = first(engine, books, q="class", filter="id = 1", showMatchesPosition=True)
    assert hit["_matchesPosition"] == {"tags": [{"start": 0, "length": 5, "indices": [1]}]}


def test_facets_count_values_and_give_the_range_of_numbers(engine: Engine, books: str) -> None:
    answer = engine.search(books, facets=["author", "price", "tags", "shop.open"])
    counts = answer["facetDistribution"]
    assert list(counts) == ["author", "price", "shop.open", "tags"]
    assert list(counts["author"].items())[:3] == [
        ("Antoine de Saint-Exupéry", 1),
        ("Charles Dickens", 1),
        ("H. G. Wells", 1),
    ]
    assert counts["author"]["Jane Austen"] == 3
    assert list(counts["price"].items()) == [("-2.25", 1), ("3", 1), ("7.5", 1)] or counts["price"] == {
        "-2.25": 1,
        "3": 1,
        "7.5": 1,
    }
    assert counts["tags"] == {"class": 2, "dragon": 1, "essay": 1, "love": 2, "war": 1}
    assert counts["shop.open"] == {"false": 1, "true": 1}
    assert answer["facetStats"] == {"price": {"min": -2.25, "max": 7.5}}


def test_facets_count_what_was_found_not_what_is_shown(engine: Engine, books: str) -> None:
    answer = engine.search(books, q="austen", limit=1, facets=["author"])
    assert answer["facetDistribution"] == {"author": {"Jane Austen": 3}}
    assert answer["facetStats"] == {}


@pytest.mark.parametrize(
    ("facets", "counts"),
    [
        (["*"], {"id": {"1": 1}, "n": {"3": 1}, "shop": {}, "shop.city": {"Paris": 1}}),
        (["n", "shop.city"], {"n": {"3": 1}, "shop.city": {"Paris": 1}}),
        (["shop.*"], {"shop.city": {"Paris": 1}}),
        (["shop"], {"shop": {}, "shop.city": {"Paris": 1}}),
        (["unknown"], {}),
    ],
)
def test_facets_are_patterns(engine: Engine, uid: str, facets: list[str], counts: Any) -> None:
    features = {"facetSearch": True, "filter": {"equality": True, "comparison": True}}
    engine.create(uid, "id", {"filterableAttributes": [{"attributePatterns": ["*"], "features": features}]})
    engine.add(uid, [{"id": 1, "shop": {"city": "Paris"}, "n": 3}])
    assert engine.search(uid, facets=facets)["facetDistribution"] == counts


def test_a_star_is_a_pattern_that_must_be_filterable(engine: Engine, books: str) -> None:
    message = assert_error(
        engine.ask("POST", f"/indexes/{books}/search", {"facets": ["*"]}), 400, "invalid_search_facets"
    )
    assert message.startswith("Invalid facet distribution: Pattern `*` is not filterable. Available filterable")


def test_facets_may_be_empty(engine: Engine, books: str) -> None:
    answer = engine.search(books, q="zzzzzzz", facets=["author"])
    assert answer["facetDistribution"] == {"author": {}}
    assert "facetDistribution" not in engine.search(books, facets=[])


def test_numbers_are_ordered_as_texts_among_few_candidates(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"filterableAttributes": ["n"]})
    engine.add(uid, [{"id": n, "n": value} for n, value in enumerate([10, 9, 1, "a", 2.5])])
    assert list(engine.search(uid, facets=["n"])["facetDistribution"]["n"]) == ["1", "10", "2.5", "9", "a"]


def test_spellings_of_one_value_are_one_facet(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"filterableAttributes": ["c"]})
    engine.add(uid, [{"id": 1, "c": "Blue"}, {"id": 2, "c": "blue "}, {"id": 3, "c": "BLUE"}])
    answer = engine.search(uid, facets=["c"], filter="c = bLuE")
    assert answer["facetDistribution"] == {"c": {"Blue": 3}}


def test_scores_are_shown_when_asked_for(engine: Engine, books: str) -> None:
    plain = first(engine, books, q="pride")
    assert not [name for name in plain if name.startswith("_")]
    scored = first(engine, books, q="pride", showRankingScore=True)
    assert list(scored)[-1] == "_rankingScore"
    assert 0.9 < scored["_rankingScore"] <= 1.0
    assert first(engine, books, showRankingScore=True)["_rankingScore"] == 1.0


def test_scores_fall_along_the_hits(engine: Engine, books: str) -> None:
    scores = [hit["_rankingScore"] for hit in engine.search(books, q="war peace", showRankingScore=True)["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_details_have_an_entry_per_rule_in_order(engine: Engine, books: str, stock: bool) -> None:
    hit = first(engine, books, q="war and peece", sort=["year:asc"], showRankingScoreDetails=True)
    details = hit["_rankingScoreDetails"]
    middle = ["attributeRank", "year:asc", "wordPosition"] if stock else ["attribute", "year:asc"]
    assert list(details) == ["words", "typo", "proximity", *middle, "exactness"]
    assert details["words"] == {"order": 0, "matchingWords": 3, "maxMatchingWords": 3, "score": 1.0}
    assert details["typo"]["typoCount"] == 1 <= details["typo"]["maxTypoCount"]
    assert details["year:asc"]["value"] == 1869.0
    assert details["exactness"] == {"order": len(details) - 1, "matchType": "matchesStart", "score": 2 / 3}
    other = first(engine, books, q="peace and war", filter="id = 3", showRankingScoreDetails=True)
    exactness = other["_rankingScoreDetails"]["exactness"]
    assert list(exactness) == ["order", "matchType", "matchingWords", "maxMatchingWords", "score"]
    assert (exactness["matchType"], exactness["matchingWords"]) == ("noExactMatch", 3)


def test_a_placeholder_has_no_details(engine: Engine, books: str) -> None:
    assert first(engine, books, showRankingScoreDetails=True)["_rankingScoreDetails"] == {}


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 1.0])
def test_a_threshold_drops_what_scores_less(engine: Engine, books: str, threshold: float) -> None:
    asked: dict[str, Any] = {"q": "war peace", "showRankingScore": True}
    everything = engine.search(books, **asked)["hits"]
    cut = engine.search(books, **asked, rankingScoreThreshold=threshold)["hits"]
    assert cut == [hit for hit in everything if hit["_rankingScore"] >= threshold]


def test_a_threshold_counts_exactly_in_page_mode(engine: Engine, books: str) -> None:
    asked: dict[str, Any] = {"q": "war peace", "rankingScoreThreshold": 0.9}
    answer = engine.search(books, **asked, page=1, hitsPerPage=1)
    assert answer["totalHits"] == len(engine.search(books, **asked)["hits"])


def test_extra_keys_of_a_hit_come_after_its_fields(engine: Engine, books: str) -> None:
    hit = first(
        engine,
        books,
        q="orlando",
        attributesToHighlight=["title"],
        showMatchesPosition=True,
        showRankingScore=True,
        showRankingScoreDetails=True,
    )
    assert [name for name in hit if name.startswith("_")] == [
        "_formatted",
        "_matchesPosition",
        "_rankingScore",
        "_rankingScoreDetails",
    ]
