"""Values of a facet from several nodes make the list that an engine with all documents answers."""

from __future__ import annotations

import random
from collections import Counter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir._merge_core import normalize_facet
from miroir.core.facet_search import (
    Hit,
    in_agreement,
    merge_hits,
    most_frequent,
    read_hits,
    read_spelling,
    respelled,
    write_hits,
)

VALUES = ["Ann", "ann ", "Änn", "anna", "Bob", "bøb", "zoe", "Zoë", "étoile", "etoile", "東京", "1", "10", "2"]


def merged(lists: list[list[Hit]], *, by_count: bool = False, searched: bool = False, limit: int = 100) -> list[Hit]:
    return merge_hits(lists, by_count=by_count, searched=searched, limit=limit).hits


@given(st.lists(st.lists(st.tuples(st.sampled_from(VALUES), st.integers(1, 9)), max_size=20), max_size=4))
def test_counts_are_summed_by_what_an_engine_compares(lists: list[list[Hit]]) -> None:
    expected: Counter[str] = Counter()
    for hits in lists:
        for value, count in hits:
            expected[normalize_facet(value)] += count
    hits = merged(lists)
    assert {normalize_facet(value): count for value, count in hits} == expected
    assert [normalize_facet(value) for value, _ in hits] == sorted(expected)


@pytest.mark.parametrize("by_count", [False, True])
def test_values_that_nodes_spell_differently_are_in_doubt(by_count: bool) -> None:
    lists = [[("Ann", 1), ("bob", 1)], [("ANN", 2), ("bob", 1)]]
    told = merge_hits(lists, by_count=by_count, searched=False, limit=9)
    assert (told.hits, told.doubtful) == ([("Ann", 3), ("bob", 2)], (0,))


def test_the_spelling_is_that_of_the_first_document() -> None:
    def listed(*documents: dict[str, object]) -> bytes:
        return orjson.dumps({"results": documents, "offset": 0, "limit": 1, "total": 9})

    lists = [listed({"_miroir_seq": "2", "a": {"b": "ANN"}}), listed({"_miroir_seq": "1", "a": {"b": ["x", "ann "]}})]
    assert read_spelling(lists, "a.b", "Ann") == "ann "
    assert read_spelling([listed()], "a.b", "Ann") is None
    assert respelled([("b", 1), ("a", 1)], {1: "c"}, by_count=False) == [("b", 1), ("c", 1)]
    assert respelled([("b", 1), ("a", 1)], {1: "c"}, by_count=True) == [("c", 1), ("b", 1)]


@pytest.mark.parametrize("searched", [False, True])
def test_the_list_is_cut_where_the_client_wants_it(searched: bool) -> None:
    lists = [[("a", 1), ("c", 1)], [("b", 1), ("d", 5)]]
    assert [value for value, _ in merged(lists, searched=searched, limit=3)] == ["a", "b", "c"]
    assert merged(lists, searched=searched, limit=0) == []
    assert merged(lists, searched=searched, limit=2, by_count=True) == [("d", 5), ("c", 1)]
    assert merged(lists, searched=searched, limit=0, by_count=True) == []


def test_of_equally_frequent_values_the_last_ones_stay() -> None:
    assert most_frequent([("a", 1), ("b", 2), ("c", 1), ("d", 1)], 3) == [("b", 2), ("d", 1), ("c", 1)]
    assert most_frequent([("x", 1), ("A", 1), ("b", 1)], 2) == [("x", 1), ("b", 1)]


@given(st.permutations(VALUES), st.integers(1, 4), st.randoms())
def test_the_order_of_the_nodes_is_kept_whatever_it_is(order: list[str], nodes: int, chance: random.Random) -> None:
    lists: list[list[str]] = [[] for _ in range(nodes)]
    for value in order:
        for node in chance.sample(range(nodes), chance.randint(1, nodes)):
            lists[node].append(value)
    found = in_agreement(lists)
    assert sorted(found) == sorted(order)
    for values in lists:
        assert [value for value in found if value in values] == values


def test_lists_that_contradict_each_other_lose_nothing() -> None:
    assert in_agreement([["b", "a"], ["a", "b"], ["é"]]) == ["a", "b", "é"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"facetHits":[{"value":1,"count":1}]}', b'{"facetHits":5}'])
def test_what_is_no_list_of_values_is_refused(body: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_hits(body)


def test_what_is_written_can_be_read() -> None:
    hits = [("Ann", 3), ("é", 1)]
    assert read_hits(write_hits(hits, None, 5)) == hits
    assert orjson.loads(write_hits([], "x", 5)) == {"facetHits": [], "facetQuery": "x", "processingTimeMs": 5}
