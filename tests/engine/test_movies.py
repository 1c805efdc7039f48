"""Real documents: Miroir answers what one node answers, in every category of search."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine import queries
from tests.engine.conftest import EXAMPLES
from tests.engine.judge import Judge
from tests.engine.queries import MOVIES, bodies, extras, spoken

EXAMPLES_BY_HAND: dict[str, dict[str, Any]] = {
    "all": {},
    "one word": {"q": "girl"},
    "two words": {"q": "star wars"},
    "typo": {"q": "terminater"},
    "two typos": {"q": "terminater judgmant"},
    "prefix": {"q": "godf"},
    "phrase": {"q": '"star wars"'},
    "negative": {"q": "star -wars -trek"},
    "all words": {"q": "star the wars", "matchingStrategy": "all"},
    "director": {"q": "spielberg jaws", "attributesToSearchOn": ["director", "title"]},
    "filter": {"q": "love", "filter": "major_genre = Drama AND year > 1990"},
    "filter array": {"filter": ["year > 2000", ["major_genre = Drama", "major_genre = Comedy"]]},
    "sort": {"q": "love", "sort": ["year:desc", "title:asc"]},
    "sort with gaps": {"sort": ["director:asc", "imdb_rating:desc"], "limit": 50},
    "facets": {"q": "war", "facets": ["major_genre", "year", "imdb_rating"]},
    "all facets": {"facets": MOVIES.facets[:-1], "limit": 1},
    "window": {"q": "man", "offset": 15, "limit": 10},
    "deep window": {"offset": 900, "limit": 200},
    "beyond the end": {"q": "man", "offset": 5000, "limit": 5},
    "page": {"q": "man", "page": 3, "hitsPerPage": 7},
    "page zero": {"q": "man", "page": 0},
    "nothing asked": {"q": "man", "limit": 0, "facets": ["major_genre"]},
    "highlight": {"q": "star wars", "attributesToHighlight": ["*"], "attributesToCrop": ["title"], "cropLength": 2},
    "details": {"q": "star wars", "showRankingScore": True, "showRankingScoreDetails": True},
    "positions": {"q": "star wars", "showMatchesPosition": True},
    "chosen attributes": {"q": "star", "attributesToRetrieve": ["title", "year"]},
    "no attributes": {"q": "star", "attributesToRetrieve": []},
    "distinct": {"q": "love", "distinct": "director", "limit": 40},
    "threshold": {"q": "love story", "rankingScoreThreshold": 0.9, "limit": 40},
    "number in words": {"q": "2"},
    "nothing found": {"q": "xyzzyqqq", "facets": ["year"]},
    "separators only": {"q": "!(:)"},
    "reserved name": {"q": "_miroir_shard"},
}


@lru_cache(maxsize=1)
def vocabulary() -> queries.Field:
    """The movies' words, as their titles and directors have them."""
    from tests.engine.conftest import read_movies

    texts = [str(movie.get(name) or "") for movie in read_movies() for name in ("title", "director")]
    words = {word for text in texts for word in re.findall(r"[^\W_]{2,}", text)}
    phrases = {found for text in texts for found in re.findall(r"[^\W_]{2,} [^\W_]{2,}", text)}
    return replace(MOVIES, words=sorted(words), phrases=sorted(phrases))


@pytest.mark.parametrize("name", sorted(EXAMPLES_BY_HAND))
def test_by_hand(readable: Judge, name: str) -> None:
    readable.equal("POST", "/indexes/movies/search", EXAMPLES_BY_HAND[name])


@pytest.mark.parametrize("category", sorted(spoken(replace(MOVIES, words=["x"], phrases=["x"]))))
@settings(max_examples=EXAMPLES * 2)
@given(chosen=st.data())
def test_words(readable: Judge, category: str, chosen: st.DataObject) -> None:
    readable.search("movies", chosen.draw(spoken(vocabulary())[category]), f"movies {category}")


@pytest.mark.parametrize("category", sorted(extras(MOVIES)))
@settings(max_examples=EXAMPLES)
@given(chosen=st.data())
def test_options(readable: Judge, category: str, chosen: st.DataObject) -> None:
    said = spoken(vocabulary())
    kind = chosen.draw(st.sampled_from(["placeholder", "word", "words", "prefix"]))
    body: dict[str, Any] = {**chosen.draw(said[kind]), **chosen.draw(extras(MOVIES)[category])}
    readable.search("movies", body, f"movies with {category}")


@settings(max_examples=EXAMPLES * 4)
@given(chosen=st.data())
def test_mixtures(readable: Judge, chosen: st.DataObject) -> None:
    kind, body = chosen.draw(bodies(vocabulary()))
    readable.search("movies", body, f"movies mixed {kind}")


def test_all_pages_hold_every_movie_once(readable: Judge, movies: list[Any]) -> None:
    """Up to maxTotalHits there is no duplicate and no gap; the totals count them all."""
    pages = [readable.many.search("movies", page=n, hitsPerPage=250, attributesToRetrieve=["id"]) for n in range(1, 6)]
    found = [hit["id"] for page in pages for hit in page["hits"]]
    assert found == [movie["id"] for movie in movies[:1000]]
    assert {page["totalHits"] for page in pages} == {len(movies)}


@pytest.mark.parametrize("query", ["q=star&limit=3", "q=girl&facets=year&page=1", "sort=year:desc&filter=year%3E2000"])
def test_the_get_form(readable: Judge, query: str) -> None:
    readable.equal("GET", f"/indexes/movies/search?{query}")


@pytest.mark.parametrize("query", ["limit=-1", "unknown=1", "filter=nothing%3D1", "showRankingScore=yes"])
def test_the_get_form_refuses_alike(readable: Judge, query: str) -> None:
    readable.equal("GET", f"/indexes/movies/search?{query}")


def test_a_missing_index_and_broken_bodies_are_refused_alike(readable: Judge) -> None:
    readable.equal("POST", "/indexes/missing/search", {"q": "a"})
    readable.equal("POST", "/indexes/a.b/search", {"q": "a"})
    bodies_that_are_none: list[Any] = [[], "text", 1]
    for body in bodies_that_are_none:
        readable.equal("POST", "/indexes/movies/search", body)
