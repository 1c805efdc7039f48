"""Rows 54 to 59: fields that a shard lacks, a cutoff, overflowing scores, changes, other replicas."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.compare import difference
from tests.engine.rows.asking import SHOWN, WHOLE, both, ids, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import LONG_WORDS
from tests.engine.rows.topologies import on, over


@pytest.mark.parametrize("name", ["only.here", "only", "only.*", "title"])
def test_row_54_a_field_that_one_shard_alone_has_can_be_searched(ground: Ground, name: str) -> None:
    for q in ("sun", "star", "sun star", ""):
        same(ground, "lone-field", {"q": q, "attributesToSearchOn": [name], **WHOLE})


def test_row_55_a_field_with_its_own_language_that_one_shard_alone_has(ground: Ground) -> None:
    """3A-7: without explicit locales a shard that lacks the field may cut the query into other words."""
    for q in ("l'étoile", "sun", "soleil sun"):
        same(ground, "localized", {"q": q, "locales": ["fra"], **WHOLE}, {"q": q, "locales": ["eng"], **WHOLE})


def test_row_56_a_search_that_is_cut_off_is_marked_and_finds_no_more(ground: Ground) -> None:
    """A node that stops at once leaves the bucket unsorted; which documents match is known before that."""
    path = "/indexes/hurried/search"
    one, many = ground.ask("POST", path, {"q": "sun moon", **WHOLE, **SHOWN})
    cut = [any("skipped" in hit["_rankingScoreDetails"] for hit in each.body["hits"]) for each in (one, many)]
    assert cut == [True, True]
    assert "x-miroir-degraded" in many.headers
    assert sorted(map(str, ids(one.body))) == sorted(map(str, ids(many.body)))
    assert one.body["estimatedTotalHits"] == many.body["estimatedTotalHits"]


@on("two")
def test_row_57_ten_long_words_over_thirty_attributes_keep_their_order(ground: Ground) -> None:
    """The product of all ranks exceeds 32 bits, so that scores are garbage on one node too; details are not."""
    one, many = both(ground, "wide", {"q": " ".join(LONG_WORDS), "limit": 40, **SHOWN})
    details = [[hit["_rankingScoreDetails"] for hit in body["hits"]] for body in (one, many)]
    assert details[0] == details[1]
    assert ids(one) == ids(many)


def test_row_58_after_updates_deletes_and_reinsertion(ground: Ground) -> None:
    queries: list[dict[str, Any]] = [
        {},
        {"q": "sun moon", **SHOWN},
        {"q": "green"},
        {"filter": "group = g7"},
        {"facets": ["*"]},
    ]
    same(ground, "changed", *({**query, **WHOLE} for query in queries))
    gone = ground.many.search("changed", filter="group = g11")
    assert gone["estimatedTotalHits"] == ground.one.search("changed", filter="group = g11")["estimatedTotalHits"]


@over("plain", "ranked", "changed")
def test_row_59_every_choice_of_replicas_gives_the_same_answer(ground: Ground, world: str) -> None:
    """The order of a document's fields is its node's; under `distinct`, counts are estimates of the nodes asked."""
    query = {"q": "sun moon", "facets": ["color"], **WHOLE, **SHOWN}
    _, first = ground.ask("POST", f"/indexes/{world}/search", query)
    for _ in range(7):
        _, again = ground.ask("POST", f"/indexes/{world}/search", query)
        assert difference(first, again) is None, difference(first, again)
