"""What a search refuses, with which code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error

CASES: list[tuple[dict[str, Any], str]] = [
    ({"q": 1}, "invalid_search_q"),
    ({"q": ["a"]}, "invalid_search_q"),
    ({"offset": -1}, "invalid_search_offset"),
    ({"offset": "1"}, "invalid_search_offset"),
    ({"limit": -1}, "invalid_search_limit"),
    ({"limit": 1.5}, "invalid_search_limit"),
    ({"page": -1}, "invalid_search_page"),
    ({"page": "a"}, "invalid_search_page"),
    ({"hitsPerPage": -1}, "invalid_search_hits_per_page"),
    ({"filter": 3}, "invalid_search_filter"),
    ({"filter": {"a": 1}}, "invalid_search_filter"),
    ({"filter": "year ="}, "invalid_search_filter"),
    ({"filter": "title = x"}, "invalid_search_filter"),
    ({"filter": [["year = 1", 3]]}, "invalid_search_filter"),
    ({"filter": "_geoRadius(1)"}, "invalid_search_filter"),
    ({"sort": "year:asc"}, "invalid_search_sort"),
    ({"sort": ["year"]}, "invalid_search_sort"),
    ({"sort": ["year:up"]}, "invalid_search_sort"),
    ({"sort": ["shop:asc"]}, "invalid_search_sort"),
    ({"distinct": 1}, "invalid_search_distinct"),
    ({"distinct": "title"}, "invalid_search_distinct"),
    ({"facets": "year"}, "invalid_search_facets"),
    ({"facets": ["title"]}, "invalid_search_facets"),
    ({"matchingStrategy": "some"}, "invalid_search_matching_strategy"),
    ({"attributesToRetrieve": "id"}, "invalid_search_attributes_to_retrieve"),
    ({"attributesToSearchOn": "title"}, "invalid_search_attributes_to_search_on"),
    ({"attributesToSearchOn": ["year"]}, "invalid_search_attributes_to_search_on"),
    ({"attributesToCrop": 1}, "invalid_search_attributes_to_crop"),
    ({"cropLength": "a"}, "invalid_search_crop_length"),
    ({"cropMarker": 1}, "invalid_search_crop_marker"),
    ({"attributesToHighlight": 1}, "invalid_search_attributes_to_highlight"),
    ({"highlightPreTag": 1}, "invalid_search_highlight_pre_tag"),
    ({"highlightPostTag": 1}, "invalid_search_highlight_post_tag"),
    ({"showMatchesPosition": "yes"}, "invalid_search_show_matches_position"),
    ({"showRankingScore": 1}, "invalid_search_show_ranking_score"),
    ({"showRankingScoreDetails": 1}, "invalid_search_show_ranking_score_details"),
    ({"rankingScoreThreshold": 1.1}, "invalid_search_ranking_score_threshold"),
    ({"rankingScoreThreshold": -0.1}, "invalid_search_ranking_score_threshold"),
    ({"rankingScoreThreshold": "1"}, "invalid_search_ranking_score_threshold"),
    ({"locales": ["klingon"]}, "invalid_search_locales"),
    ({"retrieveVectors": 1}, "invalid_search_retrieve_vectors"),
    ({"vector": [0.1]}, "missing_search_hybrid"),
    ({"vector": "a"}, "invalid_search_vector"),
    ({"size": 1}, "bad_request"),
    ({"Q": "a"}, "bad_request"),
]


@pytest.mark.parametrize(("body", "code"), CASES, ids=[f"{next(iter(body))}-{n}" for n, (body, _) in enumerate(CASES)])
def test_bad_parameters_are_refused(engine: Engine, books: str, body: dict[str, Any], code: str) -> None:
    assert_error(engine.ask("POST", f"/indexes/{books}/search", body), 400, code)


@pytest.mark.parametrize("body", [[], "text", 1, None])
def test_a_body_that_is_no_object_is_refused(engine: Engine, books: str, body: Any) -> None:
    content = b"null" if body is None else None
    assert_error(engine.ask("POST", f"/indexes/{books}/search", body, content=content), 400, "bad_request")


def test_bodies_must_be_json(engine: Engine, books: str) -> None:
    path = f"/indexes/{books}/search"
    assert_error(engine.ask("POST", path, content=b"{", content_type="application/json"), 400, "malformed_payload")
    assert_error(engine.ask("POST", path, content=b"", content_type="application/json"), 400, "missing_payload")
    assert_error(engine.ask("POST", path, content=b"{}", content_type="text/plain"), 415, "invalid_content_type")
    assert_error(engine.ask("POST", path, content=b"{}", content_type=None), 415, "missing_content_type")


def test_the_message_of_an_unfilterable_attribute_lists_the_others(engine: Engine, books: str) -> None:
    answer = engine.ask("POST", f"/indexes/{books}/search", {"filter": "title = x"})
    message = assert_error(answer, 400, "invalid_search_filter")
    assert f"Index `{books}`: Attribute `title` is not filterable." in message
    assert "Available filterable attribute" in message
    assert "`author`" in message


def test_the_message_of_an_unsortable_attribute_lists_the_others(engine: Engine, books: str) -> None:
    answer = engine.ask("POST", f"/indexes/{books}/search", {"sort": ["shop:asc"]})
    message = assert_error(answer, 400, "invalid_search_sort")
    assert f"Index `{books}`: Attribute `shop` is not sortable." in message
    assert "Available sortable attributes are: `_geo, author, price, tags, title, year`." in message


def test_types_are_named_in_messages(engine: Engine, books: str) -> None:
    answer = engine.ask("POST", f"/indexes/{books}/search", {"limit": "a"})
    assert (
        answer.body["message"]
        == 'Invalid value type at `.limit`: expected a positive integer, but found a string: `"a"`'
    )
    answer = engine.ask("POST", f"/indexes/{books}/search", {"facets": "a"})
    assert answer.body["message"] == 'Invalid value type at `.facets`: expected an array, but found a string: `"a"`'


def test_sorting_needs_the_sort_rule(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"sortableAttributes": ["a"], "rankingRules": ["words"]})
    answer = engine.ask("POST", f"/indexes/{uid}/search", {"sort": ["a:asc"]})
    message = assert_error(answer, 400, "invalid_search_sort")
    assert "You must specify where `sort` is listed in the rankingRules setting" in message
