"""The GET form of a search asks what its POST form would ask."""

from __future__ import annotations

import orjson
import pytest

from miroir.core.planning.query import body_of_query, safe_query


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        (b"", {}),
        (b"q=two+words&limit=3", {"q": "two words", "limit": 3}),
        (b"q=caf%C3%A9", {"q": "café"}),
        (b"q=", {"q": ""}),
        (b"facets=a,b&attributesToRetrieve=*", {"facets": ["a", "b"], "attributesToRetrieve": ["*"]}),
        (b"sort=a:asc,_geoPoint(1.5,2):desc,b:desc", {"sort": ["a:asc", "_geoPoint(1.5,2):desc", "b:desc"]}),
        (b"filter=a%20=%201", {"filter": "a = 1"}),
        (b'filter=["a = 1",["b = 2","c = 3"]]'.replace(b" ", b"+"), {"filter": ["a = 1", ["b = 2", "c = 3"]]}),
        (b"filter=%20", {}),
        (b"showRankingScore=true&rankingScoreThreshold=0.5", {"showRankingScore": True, "rankingScoreThreshold": 0.5}),
        (b"page=1&hitsPerPage=2&matchingStrategy=all", {"page": 1, "hitsPerPage": 2, "matchingStrategy": "all"}),
    ],
)
def test_a_query_becomes_the_body_that_asks_the_same(query: bytes, fields: dict[str, object]) -> None:
    body = body_of_query(query)
    assert body is not None
    assert orjson.loads(body) == fields


@pytest.mark.parametrize(
    "query",
    [
        b"limit=-1",
        b"limit=x",
        b"limit=",
        b"limit=99999999999999999999",
        b"showRankingScore=True",
        b"rankingScoreThreshold=nan",
        b"unknown=1",
        b"q=a&q=b",
        b"q=%ff",
        b"filter=5",
        b"hybridSemanticRatio=0.5",
        b"vector=1,2",
        b"hybridEmbedder=x&hybridSemanticRatio=x",
        b"hybridEmbedder=x&vector=1,x",
        b"hybridEmbedder=x&media={}",
    ],
)
def test_what_does_not_convert_is_left_to_a_node(query: bytes) -> None:
    assert body_of_query(query) is None


def test_a_raw_query_cannot_break_a_request_line() -> None:
    assert safe_query(b"q=a b\r\nX: 1\xff&limit=%20x") == "q=a%20b%0D%0AX:%201%FF&limit=%20x"


def test_vectors_have_parameters_of_their_own() -> None:
    body = body_of_query(b"q=a&hybridEmbedder=x&hybridSemanticRatio=0.2&vector=1,-0.5")
    assert body is not None
    assert orjson.loads(body) == {"q": "a", "hybrid": {"embedder": "x", "semanticRatio": 0.2}, "vector": [1, -0.5]}
