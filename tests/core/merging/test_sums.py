"""Distinct values, totals, and facets summed over nodes."""

from __future__ import annotations

import pytest

from tests.core.merging.plain import body, facets, hit, ids, merged


def test_values_that_differ_by_case_and_white_space_are_one() -> None:
    answer = merged(body(hit(1, c="Red")), body(hit(2, c=" red"), hit(3, c="blue")), distinct="c")
    assert ids(answer) == [1, 3]


def test_an_empty_text_is_no_value_and_two_numbers_are() -> None:
    answer = merged(body(hit(1, c=""), hit(3, c=1)), body(hit(2, c=""), hit(4, c=1.0)), distinct="c")
    assert ids(answer) == [1, 2, 3]


def test_hits_that_were_dropped_are_taken_off_the_total_but_never_those_that_were_found() -> None:
    one, two = body(hit(1, c=1), total=5), body(hit(2, c=1), total=4)
    assert merged(one, two, distinct="c")["estimatedTotalHits"] == 5 + 4 - 1
    few = [body(hit(1, c=1), total=0), body(hit(2, c=2), total=0)]
    assert merged(*few, distinct="c")["estimatedTotalHits"] == 2


def test_a_page_counts_each_value_once_and_every_document_without_one() -> None:
    told = facets("c", {"red": 2})
    bodies = [body(total=5, **told), body(total=3, **told)]
    answer = merged(*bodies, page=(1, 4), limit=4, distinct="c")
    assert (answer["totalHits"], answer["totalPages"]) == (1 + 3 + 1, 2)


@pytest.mark.parametrize("turned", [False, True])
def test_stats_are_of_all_numbers(*, turned: bool) -> None:
    bodies = [body(**facets("n", {"2": 1, "5": 1}, (2.0, 5.0))), body(**facets("n", {"1": 1, "9": 1}, (1.0, 9.0)))]
    answer = merged(*reversed(bodies) if turned else bodies)
    assert answer["facetStats"] == {"n": {"min": 1.0, "max": 9.0}}


def test_texts_of_one_count_descend() -> None:
    told = facets("c", {"a": 1, "b": 2, "c": 1})
    answer = merged(body(**told), body(**told), facet_order={"c": "count"})
    assert list(answer["facetDistribution"]["c"].items()) == [("b", 4), ("c", 2), ("a", 2)]


def test_numbers_that_fill_the_limit_exactly_leave_texts_without_one() -> None:
    told = facets("n", {"1": 2, "2": 1, "x": 1, "y": 1}, (1.0, 2.0))
    many, few = merged(body(total=3001, **told), facet_limit=2), merged(body(total=9, **told), facet_limit=2)
    assert list(many["facetDistribution"]["n"]) == ["1", "2", "x", "y"]
    assert list(few["facetDistribution"]["n"]) == ["1", "2"]


def test_an_order_for_all_facets_holds_where_none_is_named() -> None:
    told = facets("c", {"a": 1, "b": 2})
    assert list(merged(body(**told), facet_order={"*": "count"})["facetDistribution"]["c"]) == ["b", "a"]
    assert list(merged(body(**told), facet_order={"*": "count", "c": "alpha"})["facetDistribution"]["c"]) == ["a", "b"]
