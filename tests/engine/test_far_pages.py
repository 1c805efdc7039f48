"""Pages far down, which Miroir fetches in two phases, are one node's: hits, what is shown of them, and totals."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from miroir.core.indexes import IndexView
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import SearchPlan, plan_search
from tests.engine.judge import Judge
from tests.engine.loading import load_both
from tests.harness.cluster import Cluster
from tests.harness.node import Node

COUNT = 1200
SETTINGS: dict[str, Any] = {
    "filterableAttributes": ["major_genre", "year", "director", "_geo"],
    "sortableAttributes": ["year", "title", "_geo"],
    "searchableAttributes": ["title", "kind", "plot"],
    "searchCutoffMs": 30000,
}
NARROW: dict[str, Any] = {"displayedAttributes": ["title", "kind", "plot"]}
PLOT = ["girl", "storm", "island", "captain", "robber", "garden", "winter", "letter", "promise", "river", "mountain"]
SHOWN = {"showRankingScore": True, "showRankingScoreDetails": True}
MARKED = {"attributesToHighlight": ["*"], "attributesToCrop": ["plot:4"], "showMatchesPosition": True}
TAGGED = {"attributesToHighlight": ["plot"], "highlightPreTag": "<<", "highlightPostTag": ">>"}
ALL = {"matchingStrategy": "all"}
IN_TWO: dict[str, dict[str, Any]] = {
    "everything": {"offset": 300, "limit": 20},
    "a word": {"q": "girl", "offset": 280, "limit": 5, **SHOWN},
    "a misspelt word, marked": {"q": "captan", "offset": 260, "limit": 25, **MARKED},
    "a beginning, marked": {"q": "is", "offset": 250, "limit": 100, **MARKED},
    "a word, of few attributes, marked": {
        **TAGGED,
        "q": "island",
        "offset": 400,
        "limit": 7,
        "attributesToRetrieve": ["title"],
    },
    "words": {"q": "girl storm island", "offset": 500, "limit": 50, **SHOWN},
    "words, all, marked": {"q": "girl letter", "offset": 240, "limit": 10, **ALL, **MARKED, **SHOWN},
    "a page": {"q": "river", "page": 31, "hitsPerPage": 10, "facets": ["major_genre", "year"]},
    "a page, marked": {"q": "winter", "page": 14, "hitsPerPage": 20, **MARKED, **SHOWN},
    "a page above a score": {"q": "mountain", "rankingScoreThreshold": 0.2, "page": 27, "hitsPerPage": 10, **SHOWN},
    "the last page": {"q": "river", "page": 3, "hitsPerPage": 330},
    "at the most hits": {"offset": 990, "limit": 50},
    "behind the last hit": {"q": "girl", "filter": "year > 1990", "offset": 950, "limit": 20, "facets": ["year"]},
    "sorted": {"q": "promise", "sort": ["year:desc", "title:asc"], "offset": 300, "limit": 30, **SHOWN},
    "by distance": {"sort": ["_geoPoint(48.85, 2.35):asc"], "offset": 600, "limit": 40, **SHOWN},
    "by distance, cut": {
        "q": "letter",
        "sort": ["_geoPoint(0, 0):desc"],
        "offset": 300,
        "limit": 20,
        "attributesToRetrieve": ["title", "_geo"],
        "attributesToCrop": ["plot:3"],
    },
    "filtered": {"filter": "year > 1950 AND major_genre != Drama", "offset": 300, "limit": 10, "facets": ["year"]},
    "around a place": {"filter": "_geoRadius(45, 5, 9000000)", "offset": 300, "limit": 10},
    "with vectors": {"retrieveVectors": True, "offset": 300, "limit": 3},
}
IN_ONE: dict[str, dict[str, Any]] = {
    "a large page": {"offset": 300, "limit": 310},
    "words, marked": {"q": "girl storm island", "offset": 658, "limit": 1, **MARKED},
}


def _documents(movies: list[Any]) -> list[Any]:
    """Movies with a plot and a place, both drawn; words of plots are misspelt now and then."""
    chance = random.Random(11)
    made: list[Any] = []
    for movie in movies[:COUNT]:
        words = [word if chance.random() < 0.9 else word[:2] + word[3:] for word in chance.choices(PLOT, k=14)]
        place = {"lat": round(chance.uniform(-80, 80), 5), "lng": round(chance.uniform(-179, 179), 5)}
        kind = {"of": [str(movie.get("major_genre")), chance.choice(PLOT)], "n": len(made) % 7}
        made.append({**movie, "plot": " ".join(words), "kind": kind, "_geo": place})
    return made


@pytest.fixture(scope="module")
def judge(one: Node, double: Cluster, movies: list[Any]) -> Judge:
    load_both((one.engine, double.engine), "far", _documents(movies), SETTINGS)
    return Judge(one.engine, double.engine)


@pytest.fixture(scope="module")
def narrow(judge: Judge) -> Iterator[Judge]:
    """Little is displayed, for a while."""
    for settings in (NARROW, {"displayedAttributes": ["*"]}):
        for engine in (judge.one, judge.many):
            engine.finished(engine.ask("PATCH", "/indexes/far/settings", settings))
        if settings is NARROW:
            yield judge


def _in_two(query: dict[str, Any], settings: dict[str, Any]) -> bool:
    view = IndexView("far", "far-i1", 1, "id", 12, (), "", "", settings)
    plan = plan_search(SearchRequest("far", orjson.dumps(query), 0.0), view)
    assert isinstance(plan, SearchPlan)
    return plan.deep is not None


@pytest.mark.parametrize("name", [*IN_TWO, *IN_ONE])
def test_a_page_far_down_is_one_nodes(judge: Judge, name: str) -> None:
    query = {**IN_TWO, **IN_ONE}[name]
    assert _in_two(query, SETTINGS) == (name in IN_TWO)
    for _ in range(2):
        answer = judge.equal("POST", "/indexes/far/search", query)
        assert bool(answer.body["hits"]) == (name != "behind the last hit")


@pytest.mark.parametrize("name", [name for name in IN_TWO if _in_two(IN_TWO[name], NARROW)])
def test_it_is_where_little_is_displayed(narrow: Judge, name: str) -> None:
    narrow.equal("POST", "/indexes/far/search", IN_TWO[name])
