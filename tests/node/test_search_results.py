"""Which documents a search finds, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine


def ids(answer: Any) -> list[Any]:
    return [hit["id"] for hit in answer["hits"]]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("prejudice", [1]),
        ("PREJUDICE", [1]),
        ("prejudise", [1]),
        ("prejud", [1]),
        ("austen", [1, 2, 6]),
        ("exupery", [10]),
        ("war peace", [3, 5]),
        ('"war and peace"', [3]),
        ('"peace war"', []),
        ("war -peace", [5]),
        ("-war peace", [9]),
        ('austen -"pride and"', [2, 6]),
        ("notre dame", [11]),
        ("love class", [1, 2]),
        ("wxyzzy", []),
        ("paris", [11, 8]),
    ],
)
def test_queries(engine: Engine, books: str, q: str, expected: list[int]) -> None:
    answer = engine.search(books, q=q)
    assert set(ids(answer)) == set(expected)
    if q not in ("war peace", "love class"):
        assert ids(answer) == expected
    assert ids(answer)[0:1] == expected[0:1]


def test_every_word_is_needed_with_all(engine: Engine, books: str) -> None:
    assert ids(engine.search(books, q="war peace", matchingStrategy="all")) == [3]
    assert ids(engine.search(books, q="war nothing", matchingStrategy="all")) == []
    assert set(ids(engine.search(books, q="war nothing", matchingStrategy="last"))) == {3, 5}


def test_the_rarest_word_is_kept_with_frequency(engine: Engine, books: str) -> None:
    assert ids(engine.search(books, q="austen emma", matchingStrategy="frequency"))[0] == 6
    assert 6 in ids(engine.search(books, q="jane emma", matchingStrategy="frequency"))


def test_search_can_be_held_to_some_attributes(engine: Engine, books: str) -> None:
    assert ids(engine.search(books, q="paris", attributesToSearchOn=["shop.city"])) == [8]
    assert ids(engine.search(books, q="jane", attributesToSearchOn=["title"])) == []


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("year = 1813", [1]),
        ("year != 1813 AND author = 'jane austen'", [2, 6]),
        ("year 1811 TO 1815", [1, 2, 6]),
        ("year >= 1928 AND year < 1943", [4, 7, 8]),
        ("NOT year > 1815", [1, 2, 6, 11, 12]),
        ("year NOT EXISTS", [11, 12]),
        ("tags EXISTS AND id < 7", [1, 2, 3, 4, 5, 6]),
        ("tags IS NULL", [6]),
        ("tags IS EMPTY", [5]),
        ("tags IS NOT EMPTY AND tags IS NOT NULL AND id < 4", [1, 2, 3]),
        ("tags IN [love, war]", [1, 2, 3]),
        ("tags NOT IN [love, war] AND id <= 4", [4]),
        ("price < 0", [6]),
        ("price = 7.5 OR price = 3", [4, 5]),
        ("shop.city = paris", [8]),
        ("shop.open = false", [9]),
        ("author STARTS WITH 'vir'", [7, 8]),
        ("_geoRadius(48.85, 2.35, 1000)", [11]),
        ("_geoBoundingBox([52, 3], [48, -1])", [11, 12]),
        (["tags = love", "year = 1811"], [2]),
        ([["tags = love", "tags = war"], "year > 1811"], [1, 3]),
        ("", list(range(1, 13))),
        ([], list(range(1, 13))),
    ],
)
def test_filters(engine: Engine, books: str, filter_: Any, expected: list[int]) -> None:
    answer = engine.search(books, filter=filter_)
    assert (sorted(ids(answer)), answer["estimatedTotalHits"]) == (expected, len(expected))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (["year:asc"], [2, 1, 6, 3, 5, 8, 7, 4, 10, 9, 11, 12]),
        (["year:desc"], [9, 10, 4, 7, 8, 5, 3, 6, 1, 2, 11, 12]),
        (["price:asc", "year:desc"], [6, 5, 4, 9, 10, 7, 8, 3, 1, 2, 11, 12]),
        (["author:asc", "title:desc"], [10, 12, 5, 4, 2, 1, 6, 9, 3, 11, 8, 7]),
        (["tags:asc", "year:asc"], [1, 3, 4, 7, 2, 6, 5, 8, 10, 9, 11, 12]),
        (["tags:desc", "year:asc"], [3, 2, 1, 7, 4, 6, 5, 8, 10, 9, 11, 12]),
        (["_geoPoint(45.7, 4.8):asc"], [10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (["_geoPoint(45.7, 4.8):desc"], [12, 11, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_sorts(engine: Engine, books: str, sort: list[str], expected: list[int]) -> None:
    assert ids(engine.search(books, sort=sort)) == expected


def test_relevance_goes_before_the_sort_rule(engine: Engine, books: str) -> None:
    assert ids(engine.search(books, q="war peace", sort=["year:desc"]))[0] == 3


def test_the_distance_is_shown_where_the_place_is(engine: Engine, books: str) -> None:
    hits = engine.search(books, sort=["_geoPoint(48.85, 2.35):asc"], limit=2)["hits"]
    assert hits[0]["_geoDistance"] == 0
    assert 390_000 < hits[1]["_geoDistance"] < 400_000 or 340_000 < hits[1]["_geoDistance"] < 345_000
    hidden = engine.search(books, sort=["_geoPoint(48.85, 2.35):asc"], limit=1, attributesToRetrieve=["id"])
    assert hidden["hits"] == [{"id": 11}]


def test_distinct_keeps_the_best_of_each_value(engine: Engine, books: str) -> None:
    answer = engine.search(books, sort=["year:desc"], distinct="author", filter="year EXISTS")
    assert ids(answer) == [9, 10, 4, 7, 5, 3, 6]
    page = engine.search(books, distinct="author", page=1, hitsPerPage=2)
    assert (page["totalHits"], page["totalPages"]) == (9, 5)


def test_distinct_lets_documents_without_a_value_be(engine: Engine, books: str) -> None:
    assert ids(engine.search(books, distinct="price")) == list(range(1, 13))


@pytest.mark.parametrize(
    ("asked", "hit"),
    [
        (["title"], {"title": "Orlando"}),
        (["shop.city", "id"], {"id": 8, "shop": {"city": "Paris"}}),
        (["*"], None),
        ([], {}),
        (["nothing"], {}),
    ],
)
def test_attributes_to_retrieve(engine: Engine, books: str, asked: list[str], hit: Any) -> None:
    found = engine.search(books, q="orlando", attributesToRetrieve=asked)["hits"][0]
    whole = engine.search(books, q="orlando")["hits"][0]
    assert found == (whole if hit is None else hit)


def test_values_are_sorted_numbers_first_then_texts_then_nothing(engine: Engine, uid: str) -> None:
    values: list[Any] = ["b", 10, None, "A", -1, 2.5, "10", True, [7, "z"], {"a": 1}, "", [], "é"]
    engine.create(uid, "id", {"sortableAttributes": ["v"]})
    engine.add(uid, [{"id": n, "v": value} for n, value in enumerate(values)] + [{"id": 13}])
    ascending = ids(engine.search(uid, sort=["v:asc"]))
    descending = ids(engine.search(uid, sort=["v:desc"]))
    assert ascending[:4] == [4, 5, 8, 1]
    assert descending[:4] == [1, 8, 5, 4]
    texts = [6, 3, 0, 12, 7]
    assert [n for n in ascending if n in texts] == texts
    assert [n for n in descending if n in texts] == texts[::-1]
    assert {2, 9, 11, 13} <= set(ascending[9:])
    assert {2, 9, 11, 13} <= set(descending[9:])


def test_ties_keep_the_order_of_arrival(engine: Engine, index: str) -> None:
    order = [5, 3, 9, 1, 7]
    engine.add(index, [{"id": n, "t": "same words"} for n in order])
    assert ids(engine.search(index, q="same")) == order
    assert ids(engine.search(index)) == order


def test_a_last_rule_of_separators_orders_ties_and_is_never_found(engine: Engine, uid: str) -> None:
    rules = engine_rules(engine, uid)
    engine.do("PATCH", f"/indexes/{uid}/settings", {"sortableAttributes": ["_s"], "rankingRules": [*rules, "_s:asc"]})
    codes = ["((", ")(", ",;", ":?", ";,", "[]"]
    engine.add(uid, [{"id": n, "t": "same", "_s": code} for n, code in enumerate(reversed(codes))])
    answer = engine.search(uid, q="same", showRankingScoreDetails=True, attributesToHighlight=["*"])
    assert [hit["_s"] for hit in answer["hits"]] == codes
    entries = [hit["_rankingScoreDetails"]["_s:asc"] for hit in answer["hits"]]
    assert [entry["value"] for entry in entries] == codes
    assert [hit["_formatted"]["_s"] for hit in answer["hits"]] == codes
    for code in codes:
        assert engine.search(uid, q=code)["estimatedTotalHits"] == 6


def engine_rules(engine: Engine, uid: str) -> list[str]:
    engine.create(uid)
    rules: list[str] = engine.get(f"/indexes/{uid}/settings/ranking-rules")
    return rules
