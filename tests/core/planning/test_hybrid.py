"""How vectors take part in a search, and what is sent for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from miroir.core.indexes import IndexView
from miroir.core.planning.hybrid import HybridPlan, plan_hybrid
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import ByVectors, SearchPlan, plan_search
from miroir.core.planning.vectors import VectorQuery, vector_query

HYBRID = {"embedder": "e"}


def made(fields: Mapping[str, Any], **settings: Any) -> HybridPlan:
    view = IndexView("movies", "p", 1, "pk", 2, (("n0",), ("n1",)), "", "", settings)
    search = plan_search(SearchRequest("movies", orjson.dumps(fields), 0.0), view)
    assert isinstance(search, ByVectors)
    return plan_hybrid(search, view)


def sent(plan: HybridPlan) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(plan.vectors(b"[0.5]").body((0,)))
    assert body["vector"] == [0.5]
    return body


@pytest.mark.parametrize(
    "fields",
    [
        {"q": "a"},
        {"q": "a", "hybrid": {"embedder": "e", "semanticRatio": 0}},
        {"q": "a", "hybrid": {"embedder": "e", "semanticRatio": 1e-50}},
        {"hybrid": HYBRID},
        {"q": " \n", "hybrid": HYBRID},
        {"hybrid": {"embedder": "e", "semanticRatio": 0}, "vector": [1]},
    ],
)
def test_without_weight_or_anything_to_embed_vectors_take_no_part(fields: dict[str, Any]) -> None:
    assert vector_query(fields) is None
    view = IndexView("movies", "p", 1, "pk", 1, (("n0",),), "", "")
    plan = plan_search(SearchRequest("movies", orjson.dumps(fields), 0.0), view)
    assert isinstance(plan, SearchPlan)
    assert not {"hybrid", "vector"} & orjson.loads(plan.leg.body((0,))).keys()


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"q": "a", "hybrid": HYBRID}, VectorQuery("e", 0.5, alone=False, vector=None)),
        ({"q": "a", "hybrid": {**HYBRID, "semanticRatio": 1}}, VectorQuery("e", 1.0, alone=True, vector=None)),
        ({"hybrid": HYBRID, "vector": [1]}, VectorQuery("e", 0.5, alone=True, vector=(1,))),
        ({"hybrid": HYBRID, "media": {}}, VectorQuery("e", 0.5, alone=True, vector=None)),
        ({"q": "a", "hybrid": HYBRID, "vector": []}, VectorQuery("e", 0.5, alone=False, vector=())),
    ],
)
def test_who_takes_part_is_told_as_a_node_tells_it(fields: dict[str, Any], query: VectorQuery) -> None:
    assert vector_query(fields) == query


def test_words_go_first_where_they_can_be_good_enough() -> None:
    for ratio, first in ((0.1, True), (0.549, True), (0.55, False), (0.9, False)):
        plan = made({"q": "a", "hybrid": {**HYBRID, "semanticRatio": ratio}})
        assert plan.words_first is first
        assert plan.words is not None
    assert made({"q": "a", "hybrid": {**HYBRID, "semanticRatio": 0.9}, "limit": 0}).words_first


def test_words_and_vectors_are_asked_apart_or_together() -> None:
    apart = made({"q": "a", "hybrid": HYBRID, "attributesToRetrieve": ["title"], "media": {"image": "x"}})
    assert apart.words is not None
    words = orjson.loads(apart.words.body((0,)))
    assert not {"hybrid", "vector", "media"} & words.keys()
    assert words["attributesToRetrieve"] == sent(apart)["attributesToRetrieve"] == ["title", "pk"]
    assert sent(apart)["hybrid"] == {"embedder": "e", "semanticRatio": 1}
    assert (apart.recipe.primary_key, apart.recipe.strip, apart.recipe.semantic_ratio) == ("pk", ("pk",), 0.5)
    together = made({"q": "a", "hybrid": {**HYBRID, "semanticRatio": 0.8}})
    assert sent(together)["hybrid"] == {"embedder": "e", "semanticRatio": 0.8}
    assert together.recipe.primary_key is None


@pytest.mark.parametrize(
    "more",
    [
        {"q": "a -b"},
        {"attributesToHighlight": ["*"]},
        {"attributesToCrop": ["title"]},
        {"showMatchesPosition": True},
        {"rankingScoreThreshold": 0.2},
        {"distinct": "brand"},
    ],
)
def test_words_stay_in_the_leg_by_vectors_where_they_do_more_than_rank(more: dict[str, Any]) -> None:
    assert sent(made({"q": "a", "hybrid": HYBRID, **more}))["hybrid"]["semanticRatio"] == 0.99999994


def test_one_node_is_asked_for_the_vector_by_a_search_that_finds_nothing() -> None:
    plan = made({"q": "a", "hybrid": HYBRID, "media": {"image": "x"}, "facets": ["*"], "filter": "x = 1"})
    assert orjson.loads(plan.question) == {
        "q": "a",
        "media": {"image": "x"},
        "hybrid": {"embedder": "e", "semanticRatio": 1},
        "limit": 1,
        "retrieveVectors": True,
        "filter": ["_miroir_shard IN []"],
    }


@pytest.mark.parametrize(("displayed", "hidden"), [(["title"], True), (["title", "_vectors"], False), (["*"], False)])
def test_vectors_of_documents_are_shown_where_the_client_may_see_them(displayed: list[str], hidden: bool) -> None:
    plan = made({"q": "a", "hybrid": HYBRID, "retrieveVectors": True}, displayedAttributes=displayed)
    assert sent(plan)["retrieveVectors"] is True
    assert ("_vectors" in plan.recipe.strip) is hidden
    assert plan.recipe.show_query_vector


BITS: dict[str, Any] = {"embedders": {"e": {"source": "userProvided", "dimensions": 1, "binaryQuantized": True}}}
ALONE = {"hybrid": HYBRID, "vector": [1], "limit": 4}


def planned(fields: dict[str, Any], over_fetch: int | None = None, **settings: Any) -> HybridPlan:
    view = IndexView("movies", "p", 1, "pk", 2, (("n0",), ("n1",)), "", "", settings)
    search = plan_search(SearchRequest("movies", orjson.dumps(fields), 0.0), view)
    assert isinstance(search, ByVectors)
    return plan_hybrid(search, view, over_fetch=over_fetch, usual_over_fetch=3)


@pytest.mark.parametrize(("asked", "limit", "anew"), [(None, 12, True), (1, 4, False), (2, 8, True), (20, 80, True)])
def test_vectors_of_one_bit_are_over_fetched_and_ranked_anew(asked: int | None, limit: int, anew: bool) -> None:
    plan = planned(ALONE, asked, **BITS)
    body = sent(plan)
    assert (body["limit"], body.get("retrieveVectors", False), plan.anew.by == "e") == (limit, anew, anew)
    assert ("_vectors" in plan.recipe.strip) is anew
    assert plan.recipe.limit == 4
    assert (plan.merging(b"[1]") is plan.merge) is not anew


def test_whole_vectors_are_over_fetched_where_the_client_says_so() -> None:
    whole: dict[str, Any] = {"embedders": {"e": {"source": "userProvided", "dimensions": 1}}}
    assert sent(planned(ALONE, **whole))["limit"] == 4
    plan = planned({**ALONE, "page": 2, "hitsPerPage": 3}, 5, **whole)
    assert sent(plan)["hitsPerPage"] == 30
    assert plan.anew.by is None


@pytest.mark.parametrize("more", [{"q": "a"}, {"rankingScoreThreshold": 0.5}])
def test_beside_words_or_above_a_threshold_the_nodes_word_stands(more: dict[str, Any]) -> None:
    plan = planned({**ALONE, **more}, 5, **BITS)
    assert (plan.anew.factor, plan.anew.by) == (1, None)


def test_never_more_is_asked_than_an_index_tells() -> None:
    assert sent(planned(ALONE, 20, **BITS, pagination={"maxTotalHits": 50}))["limit"] == 50


@pytest.mark.parametrize(
    ("embedder", "shift"),
    [
        ({"source": "rest"}, None),
        ({"source": "rest", "distribution": {"mean": 0.6, "sigma": 0.2}}, (0.6, 0.2)),
        ({"source": "openAi"}, (0.75, 0.1)),
        ({"source": "openAi", "model": "text-embedding-3-large"}, (0.7, 0.1)),
        ({"source": "huggingFace", "model": "BAAI/bge-base-en-v1.5"}, (0.85, 0.1)),
        ({"source": "huggingFace"}, None),
    ],
)
def test_similarities_are_moved_as_the_engine_moves_them(embedder: dict[str, Any], shift: Any) -> None:
    plan = planned(ALONE, embedders={"e": {**embedder, "binaryQuantized": True}})
    assert plan.anew.shift == shift
