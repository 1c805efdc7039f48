"""Hits ranked anew by their vectors against the reference, and what is told of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging import answering
from miroir.core.merging.answering import Plan
from miroir.core.merging.ordering import compare
from miroir.core.merging.reranking import similarity

QUERY = (3.0, -4.0, 12.0)
_SIGNS = st.lists(st.sampled_from([1.0, -1.0, 0.0]), min_size=3, max_size=3)
_ENTRIES = st.one_of(
    _SIGNS,
    st.lists(_SIGNS, max_size=2),
    st.builds(lambda vectors: {"regenerate": False, "embeddings": vectors}, st.lists(_SIGNS, min_size=1, max_size=3)),
    st.none(),
    st.just([1.0]),
)


@st.composite
def _answers(draw: st.DrawFn) -> list[bytes]:
    made, numbers = [], iter(range(99))
    rules = draw(st.sampled_from([["vectorSort"], ["price:asc", "vectorSort"], ["vectorSort", "price:asc"]]))
    for _ in range(draw(st.integers(1, 3))):
        hits = [draw(_hit(next(numbers), rules)) for _ in range(draw(st.integers(0, 5)))]
        hits.sort(key=cmp_to_key(compare))
        made.append(json.dumps({"hits": hits, "query": "", "estimatedTotalHits": 9}).encode())
    return made


@st.composite
def _hit(draw: st.DrawFn, number: int, rules: list[str]) -> dict[str, Any]:
    near = draw(st.sampled_from([None, 0.25, 0.5, 0.75]))
    said: dict[str, dict[str, Any]] = {
        "vectorSort": {"similarity": near},
        "price:asc": {"value": draw(st.integers(0, 2))},
    }
    details: dict[str, Any] = {name: {"order": order, **said[name]} for order, name in enumerate(rules)}
    details["_miroir_seq:asc"] = {"order": 2, "value": _merge_core.encode_sequence(number)}
    vectors = {"bits": draw(_ENTRIES), "other": [9.0, 9.0, 9.0]}
    return {"id": number, "_vectors": vectors, "_rankingScore": near or 0.0, "_rankingScoreDetails": details}


@given(_answers(), st.sampled_from([None, (0.7, 0.1), (0.5, 0.4)]), st.booleans())
def test_the_new_order_is_what_the_reference_says(
    answers: list[bytes], shift: tuple[float, float] | None, shown: bool
) -> None:
    plan = Plan(1, 5, semantic_ratio=1.0, rerank=("bits", QUERY, shift), show_score=shown, show_details=shown)
    body, _ = _merge_core.merge(answers, _merge_core.MergePlan(**asdict(plan)), 7, "uid")
    merged, (wanted, _) = json.loads(body), answering.merge(answers, plan, 7, "uid")
    assert [hit["id"] for hit in merged["hits"]] == [hit["id"] for hit in wanted["hits"]]
    for hit, expected in zip(merged["hits"], wanted["hits"], strict=True):
        if shown:
            near, by = (each["_rankingScoreDetails"]["vectorSort"]["similarity"] for each in (hit, expected))
            assert near == (by if by is None else pytest.approx(by, abs=1e-6))
            assert hit["_rankingScore"] == pytest.approx(expected["_rankingScore"], abs=1e-6)
        assert hit["_vectors"] == expected["_vectors"]


def test_signs_count_and_nothing_else() -> None:
    """3, -4 and 12 with a length of 13, against a length of the root of 3."""
    by = ("bits", QUERY, None)
    assert similarity(by, [0.1, -7.0, 1.0]) == pytest.approx((1 + 19 / (13 * 3**0.5)) / 2)
    assert similarity(by, [1.0, 0.0, 1.0]) == similarity(by, [1.0, -1.0, 1.0])
    assert similarity(by, [1.0]) is None
