"""The comparison with one engine finds every kind of difference, and nothing where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from miroir.cli.dev.check import unlike

ANSWER: dict[str, Any] = {
    "hits": [{"id": 1, "title": "One"}, {"id": 2, "title": "Two"}],
    "query": "o",
    "estimatedTotalHits": 2,
    "facetDistribution": {"genre": {"Drama": 2, "Action": 1}},
    "processingTimeMs": 3,
}


def test_equal_answers_have_no_difference() -> None:
    other = {**ANSWER, "hits": [{"title": "One", "id": 1}, {"title": "Two", "id": 2}], "processingTimeMs": 9}
    assert unlike(ANSWER, other) == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"hits": ANSWER["hits"][::-1]}, "hit 0"),
        ({"hits": ANSWER["hits"][:1]}, "1 hits"),
        ({"estimatedTotalHits": 3}, "estimatedTotalHits"),
        ({"facetDistribution": {"genre": {"Action": 1, "Drama": 2}}}, "facetDistribution"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_a_difference_is_named(changed: dict[str, Any], named: str) -> None:
    (first, *_) = unlike({**ANSWER, **changed}, ANSWER)
    assert first.startswith(named)
