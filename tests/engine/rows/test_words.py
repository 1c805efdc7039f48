"""Rows 1 to 6 and 10 to 20: what is asked in words."""

from __future__ import annotations

import pytest

from tests.engine.rows.asking import SHOWN, WHOLE, both, found, ids, kept, same, typos
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, SETTINGS
from tests.engine.rows.topologies import on, over


@over(*EVERY)
def test_row_01_without_words_all_tie_in_the_order_of_arrival(ground: Ground, world: str) -> None:
    same(ground, world, {}, WHOLE, {"q": "", **SHOWN}, {"q": "  ", "page": 1})


@over(*EVERY)
def test_row_02_one_word(ground: Ground, world: str) -> None:
    same(ground, world, *({"q": word, **WHOLE, **SHOWN} for word in ("sun", "omega", "étoile", "東京", "nothing")))


@over(*EVERY)
def test_row_03_several_words_of_which_the_last_may_be_dropped(ground: Ground, world: str) -> None:
    for words in ("sun moon star", "étoile sun omega moon", "the wonderful nothing", "über naïve 12"):
        same(ground, world, {"q": words, **WHOLE}, {"q": words, "matchingStrategy": "last", **SHOWN})


@over(*EVERY)
def test_row_04_all_words(ground: Ground, world: str) -> None:
    for words in ("sun moon", "étoile omega sun", "sun nothing", "the star and omega"):
        same(ground, world, {"q": words, "matchingStrategy": "all", **WHOLE, **SHOWN})


def test_row_05_frequency_drops_the_same_words_where_the_nodes_agree_on_their_order(ground: Ground) -> None:
    for words in ("common half sixth", "sixth common", "half sixth common"):
        same(ground, "frequent", {"q": words, "matchingStrategy": "frequency", **WHOLE, **SHOWN})


def test_row_06_frequency_finds_too_much_at_most_where_a_word_is_on_one_shard(ground: Ground) -> None:
    """3A-6: a node that lacks the rare word drops it first and so finds documents that one node does not."""
    one, many = both(ground, "rare", {"q": "common solitary", "matchingStrategy": "frequency", **WHOLE})
    assert set(ids(one)) <= set(ids(many))
    assert kept(ids(many), set(ids(one))) == ids(one)
    assert ids(many)[: len(ids(one))] == ids(one)


@over(*EVERY)
def test_row_10_one_and_two_typos(ground: Ground, world: str) -> None:
    for words in ("wondirful", "wonderfuly", "omaga", "wundrfully", "alhpa", "gamme", "wondirful moon"):
        same(ground, world, {"q": words, **WHOLE, **SHOWN})


def test_row_11_of_many_neighbours_nothing_is_lost_and_more_may_be_found(ground: Ground) -> None:
    """3A-1: a node looks at 150 words one letter away; of 200, nodes that share them find more than one node does."""
    one, many = both(ground, "neighbours", {"q": "abcdefgh", **WHOLE, **SHOWN})
    assert set(ids(one)) <= set(ids(many))
    assert len(ids(one)) < 202
    assert all(typos(hit) == 1 for hit in many["hits"] if hit["id"] not in ids(one))
    assert kept(ids(many), set(ids(one))) == ids(one)
    assert ids(many)[:2] == ids(one)[:2] == [200, 201]


def test_row_12_a_concatenation_on_one_shard_changes_no_order_and_no_score(ground: Ground) -> None:
    same(ground, "concatenated", {"q": "sun flower", **WHOLE}, {"q": "sun flower", **WHOLE, "showRankingScore": True})
    same(ground, "concatenated", {"q": "sunflower", **WHOLE}, {"q": "flower sun", **WHOLE, **SHOWN})


def test_row_13_a_word_that_splits_in_one_way(ground: Ground) -> None:
    same(ground, "split", {"q": "sunflower", **WHOLE, **SHOWN})


def test_row_13_a_word_that_splits_in_two_ways_finds_one_of_them_on_every_node(ground: Ground) -> None:
    """3A-4: each node takes the more frequent pair of its own; every hit has one of the two pairs."""
    one, many = both(ground, "split", {"q": "nowhere", **WHOLE, **SHOWN})
    assert {hit["title"] for hit in one["hits"]} == {"now here"}
    assert {hit["title"] for hit in many["hits"]} <= {"now here", "no where"}
    assert all(typos(hit) == 1 for hit in many["hits"])


@over(*EVERY)
def test_row_14_prefixes_that_few_words_begin_with(ground: Ground, world: str) -> None:
    same(
        ground, world, *({"q": words, **WHOLE, **SHOWN} for words in ("a", "al", "wond", "sun ga", "moon de", "st su"))
    )


def test_row_14_a_prefix_of_many_words_moves_only_hits_whose_proximity_differs(ground: Ground) -> None:
    """3A-3: with 100 words of a prefix a node keeps a table of it, and counts reversed pairs for the prefix alone."""
    same(ground, "prefixes", {"q": "pre", **WHOLE, **SHOWN})
    one, many = both(ground, "prefixes", {"q": "moon pre", **WHOLE, **SHOWN})
    assert set(ids(one)) == set(ids(many))
    near = [{hit["id"]: hit["_rankingScoreDetails"].pop("proximity") for hit in body["hits"]} for body in (one, many)]
    moved = {each for each in near[0] if near[0][each] != near[1][each]}
    assert kept(ids(one), set(ids(one)) - moved) == kept(ids(many), set(ids(many)) - moved)
    rest = [{hit["id"]: hit["_rankingScoreDetails"] for hit in body["hits"]} for body in (one, many)]
    assert rest[0] == rest[1]


@over(*EVERY)
@pytest.mark.parametrize(
    "q", ['"sun moon"', '"sun moon" star', '"alpha betta', '"sun the moon"', '"and"', '""', '"sun']
)
def test_row_15_phrases(ground: Ground, world: str, q: str) -> None:
    same(ground, world, {"q": q, **WHOLE, **SHOWN})


@over(*EVERY)
@pytest.mark.parametrize("q", ["sun -moon", "sun -moon -star", 'sun -"moon star"', "-sun", "-nothing", "omega - sun"])
def test_row_16_negative_words_and_phrases(ground: Ground, world: str, q: str) -> None:
    same(ground, world, {"q": q, **WHOLE, "facets": ["color"]})


@pytest.mark.parametrize("q", ["sun", "betta", "sun betta", "star", '"sun" moon', "gamma delta"])
def test_row_17_synonyms_of_one_and_of_several_words(ground: Ground, q: str) -> None:
    same(ground, "ranked", {"q": q, **WHOLE, **SHOWN})


@over("plain", "narrow")
def test_row_18_proximity_by_word_and_by_attribute(ground: Ground, world: str) -> None:
    for words in ("sun moon", "moon sun", "alpha gamma omega", "wonderful star"):
        same(ground, world, {"q": words, "matchingStrategy": "all", **WHOLE, **SHOWN})


@over("ranked", "first", "middle")
def test_row_19_attributes_of_three_ranks_and_the_older_rule_attribute(ground: Ground, world: str) -> None:
    for words in ("sun", "sun moon", "étoile alpine"):
        same(ground, world, {"q": words, **WHOLE, **SHOWN}, {"q": words, "attributesToSearchOn": ["title"], **SHOWN})


@over(*SETTINGS)
def test_row_20_exactness_whole_beginning_and_part(ground: Ground, world: str) -> None:
    kinds = set()
    for words in ("sun", "sun moon", "alpha", "alphas", "wonderful", "omega sun"):
        body = found(ground, world, {"q": words, **WHOLE, **SHOWN})
        kinds |= {hit["_rankingScoreDetails"]["exactness"]["matchType"] for hit in body["hits"]}
    assert kinds >= {"exactMatch", "noExactMatch"}


@over(*SETTINGS, "gap")
def test_row_20_words_close_to_others_move_only_hits_with_typos(ground: Ground, world: str) -> None:
    """3A-5c: `beta` and `alphas` are near the words asked for, and inside a bucket with typos a node may test fewer."""
    for words in ("alpha betta", "gamut wonderfull"):
        same(ground, world, {"q": words, **WHOLE, **SHOWN}, but=("3A-5",))


@on("two")
def test_row_20_exactness_is_told_for_every_hit(ground: Ground) -> None:
    body = found(ground, "plain", {"q": "moon", **SHOWN})
    assert {"exactMatch", "matchesStart"} & {
        hit["_rankingScoreDetails"]["exactness"]["matchType"] for hit in body["hits"]
    }
