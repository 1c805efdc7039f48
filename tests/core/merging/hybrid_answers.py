"""Answers of nodes to hybrid searches as Hypothesis makes them: hits by words and hits by vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging.hybrid import interleaved
from miroir.core.merging.ordering import compare
from tests.core.merging.answers import RULES, locate

_SCORES = st.sampled_from([1.0, 0.9, 10 / 11, 0.5, 1 / 3, 0.25])
_SIMILARITIES = st.sampled_from([None, 0.5, 0.75, 0.9472136, 0.25, 1.0])
_BEFORE = [[], [], ["price:asc"], ["year:desc", "price:asc"], ["_geoPoint(0,0):asc"]]
_AFTER = [[], [], ["price:asc"], ["_geoPoint(0,0):asc"]]


@dataclass(frozen=True)
class Legs:
    """The answers of some nodes, `words` of them by words alone, and the weight of vectors."""

    words: list[bytes]
    answers: list[bytes]
    ratio: float


@st.composite
def _hit(draw: st.DrawFn, identity: int, rules: Sequence[str]) -> dict[str, Any]:
    vector = "vectorSort" in rules
    hit: dict[str, Any] = {"id": draw(st.sampled_from([identity, str(identity)])), "genre": draw(st.integers(0, 3))}
    said = {name: {"order": order, **draw(RULES[name])} for order, name in enumerate(rules)}
    hit["_rankingScore"] = draw(_SCORES)
    if vector:
        said["vectorSort"]["similarity"] = draw(_SIMILARITIES)
        hit["_rankingScore"] = said["vectorSort"]["similarity"] or 0.0
    said["_miroir_seq:asc"] = {"order": len(rules), "value": _merge_core.encode_sequence(identity)}
    for name in rules:
        if name.startswith("_geoPoint"):
            locate(hit, said[name], draw(st.integers(-1, 60)), told=True)
    return {**hit, "_rankingScoreDetails": said}


@st.composite
def _leg(draw: st.DrawFn, nodes: int, rules: Sequence[str]) -> list[list[dict[str, Any]]]:
    """One list a node, in its order; a document lies on the node of its id."""
    lists: list[list[dict[str, Any]]] = []
    for node in range(nodes):
        identities = draw(st.lists(st.integers(0, 5), max_size=5, unique=True))
        hits = [draw(_hit(number * nodes + node, rules)) for number in identities]
        lists.append(sorted(hits, key=cmp_to_key(compare)))
    return lists


def _body(hits: Sequence[Mapping[str, Any]], total: int, vector: bool) -> bytes:
    answer: dict[str, Any] = {"hits": list(hits), "query": "q", "estimatedTotalHits": total}
    return json.dumps(answer | ({"queryVector": [0.1, -2.0]} if vector else {})).encode()


@st.composite
def hybrid_answers(draw: st.DrawFn) -> Legs:
    """One to three nodes that were asked in two legs, or in one for both."""
    nodes, ratio = draw(st.integers(1, 3)), draw(st.sampled_from([0.2, 0.5, 0.55, 0.8, 0.3]))
    before, after = draw(st.sampled_from(_BEFORE)), draw(st.sampled_from(_AFTER))
    after = [rule for rule in after if rule not in before]
    words = draw(_leg(nodes, [*before, "words", "typo", *after, "proximity"]))
    vectors = draw(_leg(nodes, [*before, "vectorSort", *after]))
    totals = [draw(st.integers(5, 40)) for _ in range(nodes)]
    if draw(st.booleans()):
        by_vectors = [_body(hits, total, vector=True) for hits, total in zip(vectors, totals, strict=True)]
        return Legs([_body(hits, len(hits), vector=False) for hits in words], by_vectors, ratio)
    both = [list(interleaved(*pair, ratio, "id")) for pair in zip(words, vectors, strict=True)]
    return Legs([], [_body(hits, total, vector=True) for hits, total in zip(both, totals, strict=True)], ratio)
