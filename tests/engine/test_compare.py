"""The comparison itself: it sees every kind of difference, and frees only what it says it frees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.engine.compare import difference
from tests.harness.client import Answer

BODY: dict[str, Any] = {
    "hits": [
        {"id": 1, "a": 1.0, "deep": {"x": 1, "y": 2}, "_formatted": {"id": "1", "a": "1"}, "_rankingScore": 0.5},
        {"id": 2, "_rankingScoreDetails": {"words": {"order": 0, "score": 1.0}, "typo": {"order": 1}}},
    ],
    "query": "x",
    "processingTimeMs": 3,
    "limit": 20,
    "offset": 0,
    "estimatedTotalHits": 2,
    "facetDistribution": {"color": {"blue": 1, "red": 2}},
    "facetStats": {"n": {"min": 1.0, "max": 2.0}},
    "requestUid": "u",
}


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, httpx.Headers(), json.dumps(body).encode())


def changed(change: Callable[[Any], Any]) -> Answer:
    body = json.loads(json.dumps(BODY))
    return answer(change(body) or body)


def swapped(pairs: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(pairs.items()))


DIFFERENT: dict[str, Callable[[Any], Any]] = {
    "order of hits": lambda b: b.update(hits=b["hits"][::-1]),
    "a hit less": lambda b: b.update(hits=b["hits"][:1]),
    "a field more": lambda b: b["hits"][0].update(z=1),
    "a number's form": lambda b: b["hits"][0].update(a=1),
    "a nested value": lambda b: b["hits"][0]["deep"].update(x=3),
    "a nested order": lambda b: b["hits"][0].update(deep={"y": 2, "x": 1}),
    "a formatted value": lambda b: b["hits"][0]["_formatted"].update(a="2"),
    "a score": lambda b: b["hits"][0].update(_rankingScore=0.4),
    "the order of details": lambda b: b["hits"][1].update(
        _rankingScoreDetails=swapped(b["hits"][1]["_rankingScoreDetails"])
    ),
    "a total": lambda b: b.update(estimatedTotalHits=3),
    "the query": lambda b: b.update(query="y"),
    "facet order": lambda b: b["facetDistribution"].update(color=swapped(b["facetDistribution"]["color"])),
    "a facet count": lambda b: b["facetDistribution"]["color"].update(red=3),
    "a stat": lambda b: b["facetStats"]["n"].update(max=3.0),
    "the order of keys": lambda b: swapped(b),
    "a key less": lambda b: b.pop("facetStats") and None,
    "no request id": lambda b: b.pop("requestUid") and None,
}
SAME: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda b: None,
    "the time": lambda b: b.update(processingTimeMs=99),
    "the request's id": lambda b: b.update(requestUid="v"),
    "the order of fields": lambda b: b["hits"].__setitem__(0, {"deep": b["hits"][0]["deep"], **b["hits"][0]}),
    "the order of formatted fields": lambda b: b["hits"][0].update(_formatted=swapped(b["hits"][0]["_formatted"])),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_seen(name: str) -> None:
    other = changed(DIFFERENT[name])
    assert difference(answer(BODY), other) is not None
    assert difference(other, answer(BODY)) is not None


@pytest.mark.parametrize("name", SAME)
def test_what_is_free_is_not_a_difference(name: str) -> None:
    assert difference(answer(BODY), changed(SAME[name])) is None


def error(message: str, code: str = "bad_request") -> dict[str, str]:
    return {"message": message, "code": code, "type": "invalid_request", "link": f"https://x#{code}"}


def test_errors_differ_by_status_code_and_words_but_not_by_positions() -> None:
    one = answer(error("Wrong.\n1:4 a = 1"), 400)
    assert difference(one, answer(error("Wrong.\n7:9 a = 1"), 400)) is None
    assert difference(one, answer(error("Wrong.\n1:4 b = 1"), 400)) is not None
    assert difference(one, answer(error("Wrong.\n1:4 a = 1"), 404)) is not None
    assert difference(one, answer(error("Wrong.\n1:4 a = 1", "other"), 400)) is not None
    assert difference(one, answer(BODY)) is not None
