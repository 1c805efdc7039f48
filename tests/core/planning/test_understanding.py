"""Which search bodies Miroir takes apart itself, and which it leaves to a node."""

from __future__ import annotations

import pytest

from miroir.core.planning.understanding import NotUnderstood, understand


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"q":"a","limit":3,"offset":0,"filter":[["a = 1"],"b = 2"],"sort":["a:asc"],"rankingScoreThreshold":0.5}',
        b'{"page":1,"hitsPerPage":0,"facets":["*"],"matchingStrategy":"all","showRankingScore":true}',
        b'{"filter":"a = 1","locales":["eng"],"attributesToCrop":["*:3"],"cropMarker":""}',
    ],
)
def test_a_keyword_search_is_understood(body: bytes) -> None:
    assert isinstance(understand(body), dict)


def test_null_means_absent_where_a_node_takes_it_so() -> None:
    assert understand(b'{"q":null,"filter":null,"page":null,"vector":null,"hybrid":null,"useNetwork":false}') == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"q"',
        b'{"q":1}',
        b'{"limit":-1}',
        b'{"limit":true}',
        b'{"limit":1.0}',
        b'{"limit":null}',
        b'{"limit":99999999999999999999}',
        b'{"filter":1}',
        b'{"filter":[[["a = 1"]]]}',
        b'{"sort":"a:asc"}',
        b'{"facets":[1]}',
        b'{"matchingStrategy":"some"}',
        b'{"rankingScoreThreshold":2}',
        b'{"showRankingScore":"true"}',
        b'{"unknown":1}',
        b'{"q":"\xff"}',
        b'{"hybrid":{}}',
        b'{"hybrid":{"embedder":"e","semanticRatio":2}}',
        b'{"hybrid":{"embedder":"e","other":1}}',
        b'{"hybrid":{"embedder":"e"},"vector":["a"]}',
        b'{"hybrid":{"embedder":"e"},"vector":[1e39]}',
        b'{"hybrid":{"embedder":"e"},"vector":[1],"media":{}}',
        b'{"vector":[1]}',
        b'{"media":{}}',
    ],
)
def test_what_is_not_understood_is_left_to_a_node(body: bytes) -> None:
    assert understand(body) == NotUnderstood()


@pytest.mark.parametrize("name", ["personalize", "useNetwork"])
def test_what_cannot_span_nodes_is_named(name: str) -> None:
    assert understand(b'{"q":"a","%s":{}}' % name.encode()) == NotUnderstood(name)
