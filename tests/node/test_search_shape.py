"""The answer of a search: its keys and their order, paging in both modes, the GET form."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.harness.client import Engine, one_line
from tests.node.library import BOOKS
from tests.node.shapes import assert_error

OFFSET_KEYS = ["hits", "query", "processingTimeMs", "limit", "offset", "estimatedTotalHits", "requestUid"]
PAGE_KEYS = ["hits", "query", "processingTimeMs", "hitsPerPage", "page", "totalPages", "totalHits", "requestUid"]


def ids(answer: Any) -> list[Any]:
    return [hit["id"] for hit in answer["hits"]]


def test_the_keys_come_in_their_order(engine: Engine, books: str) -> None:
    assert list(engine.search(books)) == OFFSET_KEYS
    assert list(engine.search(books, page=1)) == PAGE_KEYS
    faceted = list(engine.search(books, facets=["year"]))
    assert faceted == [*OFFSET_KEYS[:-1], "facetDistribution", "facetStats", "requestUid"]


def test_request_uids_are_time_ordered_uuids_of_their_own(engine: Engine, books: str) -> None:
    first, second = (uuid.UUID(engine.search(books)["requestUid"]) for _ in range(2))
    assert (first.version, second.version) == (7, 7)
    assert first < second


def test_an_empty_body_object_is_a_placeholder_search(engine: Engine, books: str) -> None:
    answer = engine.search(books)
    assert (ids(answer), answer["query"]) == (list(range(1, 13)), "")
    assert (answer["limit"], answer["offset"], answer["estimatedTotalHits"]) == (20, 0, 12)
    assert engine.search(books, q=None)["query"] == ""


def test_hits_are_the_documents_as_they_were_given(engine: Engine, books: str) -> None:
    assert engine.search(books)["hits"][:9] == BOOKS[:9]


def test_the_query_is_echoed_as_sent(engine: Engine, books: str) -> None:
    assert engine.search(books, q="  PriDE\t")["query"] == "  PriDE\t"


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [(0, 3, [1, 2, 3]), (3, 3, [4, 5, 6]), (10, 20, [11, 12]), (12, 5, []), (500, 5, []), (0, 0, []), (5, 0, [])],
)
def test_offset_and_limit_cut_a_window(
    engine: Engine, books: str, offset: int, limit: int, expected: list[int]
) -> None:
    answer = engine.search(books, offset=offset, limit=limit)
    assert ids(answer) == expected
    assert (answer["offset"], answer["limit"], answer["estimatedTotalHits"]) == (offset, limit, 12)


@pytest.mark.parametrize(
    ("asked", "expected", "shown"),
    [
        ({"page": 1}, list(range(1, 13)), (20, 1, 1)),
        ({"hitsPerPage": 5}, [1, 2, 3, 4, 5], (5, 1, 3)),
        ({"page": 3, "hitsPerPage": 5}, [11, 12], (5, 3, 3)),
        ({"page": 4, "hitsPerPage": 5}, [], (5, 4, 3)),
        ({"page": 0, "hitsPerPage": 5}, [], (5, 0, 3)),
        ({"page": 1, "hitsPerPage": 0}, [], (0, 1, 0)),
        ({"page": 2, "hitsPerPage": 4, "offset": 1, "limit": 1}, [5, 6, 7, 8], (4, 2, 3)),
    ],
)
def test_either_page_parameter_switches_to_page_mode(
    engine: Engine, books: str, asked: dict[str, int], expected: list[int], shown: tuple[int, int, int]
) -> None:
    answer = engine.search(books, **asked)
    assert ids(answer) == expected
    assert (answer["hitsPerPage"], answer["page"], answer["totalPages"]) == shown
    assert answer["totalHits"] == 12
    assert "estimatedTotalHits" not in answer


def test_pages_joined_are_the_whole(engine: Engine, books: str) -> None:
    whole = ids(engine.search(books, q="and", limit=50))
    pages = [ids(engine.search(books, q="and", offset=start, limit=2)) for start in range(0, 12, 2)]
    assert [hit for page in pages for hit in page] == whole


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "war peace", "limit": 2, "offset": 1},
        {"q": "peace", "page": 1, "hitsPerPage": 1},
        {"filter": "year > 1900", "sort": ["year:desc", "title:asc"]},
        {"filter": ["year > 1900", ["author = 'Virginia Woolf'", "id = 4"]]},
        {"q": "jane", "facets": ["author", "year"], "attributesToRetrieve": ["id", "title"]},
        {"q": "jane", "attributesToHighlight": ["author"], "highlightPreTag": "<b>", "highlightPostTag": "</b>"},
        {"q": "jane", "attributesToCrop": ["title:1"], "cropLength": 2, "cropMarker": "+"},
        {"q": "jane", "showMatchesPosition": True, "showRankingScore": True, "showRankingScoreDetails": True},
        {"q": "war", "matchingStrategy": "all", "attributesToSearchOn": ["title"], "rankingScoreThreshold": 0.2},
        {"q": "", "distinct": "author"},
    ],
)
def test_the_get_form_answers_the_same(engine: Engine, books: str, asked: dict[str, Any]) -> None:
    def parameter(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list) and not all(isinstance(each, str) and "," not in each for each in value):
            return '["year > 1900",["author = \'Virginia Woolf\'","id = 4"]]'
        return ",".join(value) if isinstance(value, list) else str(value)

    query = "&".join(f"{name}={one_line(parameter(value))}" for name, value in asked.items())
    posted, got = engine.search(books, **asked), engine.get(f"/indexes/{books}/search?{query}")
    for answer in (posted, got):
        del answer["processingTimeMs"], answer["requestUid"]
    assert got == posted
    assert list(got) == list(posted)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=-1", "invalid_search_limit"),
        ("page=a", "invalid_search_page"),
        ("filter=year%20%3D", "invalid_search_filter"),
        ("showRankingScore=1", "invalid_search_show_ranking_score"),
        ("matchingStrategy=some", "invalid_search_matching_strategy"),
        ("size=1", "bad_request"),
    ],
)
def test_the_get_form_refuses_with_the_same_codes(engine: Engine, books: str, query: str, code: str) -> None:
    assert_error(engine.ask("GET", f"/indexes/{books}/search?{query}"), 400, code)


def test_a_missing_index_is_not_found(engine: Engine) -> None:
    for method in ("GET", "POST"):
        message = assert_error(engine.ask(method, "/indexes/missing/search", {}), 404, "index_not_found")
        assert message.endswith("Index `missing` not found.")
