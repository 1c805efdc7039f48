"""Rows 44, 46 and 51: semantic, hybrid and similar searches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.rows.asking import SHOWN, WHOLE, both, found, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.topologies import over
from tests.engine.rows.vectors import EMBEDDER, VECTOR

RATIOS = [0.2, 0.5, 0.55, 0.8]
CUT_TO_ONE = pytest.mark.xfail(
    raises=pytest.fail.Exception,
    strict=True,
    reason="nodes, stock ones too, show 1.0 for all that a distribution moves above 1, but rank by the hidden distance",
)


def hybrid(ratio: float, **more: Any) -> dict[str, Any]:
    return {"hybrid": {"embedder": EMBEDDER, "semanticRatio": ratio}, "vector": VECTOR, **more}


@over("vectors", "moved", "shifted", marks={"shifted": CUT_TO_ONE})
def test_row_44_semantic_with_and_without_vectors_in_the_documents(ground: Ground, world: str) -> None:
    same(ground, world, hybrid(1.0), hybrid(1.0, **WHOLE, **SHOWN), hybrid(1.0, q="sun", filter="n > 20", **SHOWN))
    same(ground, world, hybrid(1.0, page=2, hitsPerPage=9), hybrid(1.0, offset=130, limit=30), hybrid(1.0, limit=0))
    same(ground, world, hybrid(1.0, retrieveVectors=True), hybrid(1.0, facets=["color", "n"]))


@over("vectors", "moved", "shifted", marks={"shifted": CUT_TO_ONE})
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("q", ["sun", "sun moon", "wondirful", "nothing", ""])
def test_row_46_hybrid(ground: Ground, world: str, ratio: float, q: str) -> None:
    same(ground, world, hybrid(ratio, q=q), hybrid(ratio, q=q, **WHOLE, **SHOWN), hybrid(ratio, q=q, limit=3, offset=2))
    same(ground, world, hybrid(ratio, q=q, page=2, hitsPerPage=7, facets=["color"]), hybrid(ratio, q=q, limit=0))


@pytest.mark.parametrize("ratio", [0.8, 1.0])
def test_row_46_similarities_cut_to_one_change_the_order_of_equal_scores_alone(ground: Ground, ratio: float) -> None:
    one, many = (each["hits"] for each in both(ground, "shifted", hybrid(ratio, q="nothing", **WHOLE, **SHOWN)))
    assert [hit["_rankingScore"] for hit in one] == [hit["_rankingScore"] for hit in many]
    assert sorted(one, key=number) == sorted(many, key=number)


def number(hit: dict[str, Any]) -> int:
    own: int = hit["id"]
    return own


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 20, 40])
def test_row_46_good_enough_keywords_are_judged_over_all_shards_at_once(ground: Ground, limit: int) -> None:
    counts = {
        found(ground, "vectors", hybrid(0.2, q=q, limit=limit))["semanticHitCount"] for q in ("sun", "moon", "12")
    }
    assert counts


@over("vectors", "quantised")
@pytest.mark.parametrize("number", [0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14])
def test_row_51_similar_whichever_shard_holds_the_document(ground: Ground, world: str, number: int) -> None:
    asked = {"id": number, "embedder": EMBEDDER}
    same(ground, world, asked, {**asked, "limit": 1000, **SHOWN}, {**asked, "offset": 3, "limit": 4}, below="similar")


def test_row_51_similar_with_filter_threshold_and_what_is_not_there(ground: Ground) -> None:
    asked = {"id": 8, "embedder": EMBEDDER}
    more: list[dict[str, Any]] = [
        {"filter": "color = red"},
        {"rankingScoreThreshold": 0.8},
        {"attributesToRetrieve": ["title"]},
        {"retrieveVectors": True, "limit": 2},
        {"id": 3},
        {"id": 99999},
        {"id": "a b"},
        {"embedder": "unknown"},
        {"filter": "unknown = 1"},
        {"limit": 0},
    ]
    same(ground, "vectors", *({**asked, **each} for each in more), below="similar")
    ground.equal("GET", f"/indexes/vectors/similar?id=8&embedder={EMBEDDER}&limit=5")
