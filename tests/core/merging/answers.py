"""Answers of nodes as Hypothesis makes them: each node's list is in the order of its own details."""

from __future__ import annotations

import json
from functools import cmp_to_key
from typing import Any

from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging.ordering import compare, is_near
from miroir.core.sort_values import by_value, haversine

_WORDS = st.sampled_from(["blue", "Blue ", "été", "ÉTÉ", "1", "10", "2", "z", 'q"\\', "_rankingScoreDetails", "\u212b"])
_NUMBERS = st.sampled_from([1, 2, 10, -3, 1.5, 0.1, 1e21, 0.0, -0.0])
_VALUES = st.one_of(_WORDS, _NUMBERS, st.none(), st.booleans())
_NESTED = st.dictionaries(st.sampled_from(["b", "c", "_miroir_seq", "_rankingScoreDetails"]), _VALUES, max_size=2)


def _text_of(hit: dict[str, Any]) -> str:
    return str(hit["_rankingScoreDetails"])


@st.composite
def _exactness(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["exactMatch", "matchesStart", "noExactMatch"]))
    words = {"matchingWords": draw(st.integers(0, 2)), "maxMatchingWords": 2} if kind == "noExactMatch" else {}
    return {"matchType": kind, **words, "score": 0.5}


_SCORE = st.sampled_from([1.0, 10 / 11, 0.5, 1 / 3])
RULES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "words": st.builds(
        lambda words: {"matchingWords": words, "maxMatchingWords": 3, "score": words / 3}, st.integers(1, 3)
    ),
    "typo": st.builds(
        lambda typos, most: {"typoCount": typos, "maxTypoCount": most, "score": 0.5},
        st.integers(0, 2),
        st.sampled_from([2, 2, 3]),
    ),
    "proximity": st.builds(lambda score: {"score": score}, _SCORE),
    "attributeRank": st.builds(lambda score: {"score": score}, _SCORE),
    "attribute": st.builds(
        lambda one, two: {"attributeRankingOrderScore": one, "queryWordDistanceScore": two, "score": one},
        _SCORE,
        _SCORE,
    ),
    "price:asc": st.builds(lambda value: {"value": value}, st.one_of(_WORDS, _NUMBERS, st.none())),
    "year:desc": st.builds(lambda value: {"value": value}, st.one_of(_WORDS, _NUMBERS, st.none())),
    "vectorSort": st.builds(lambda value: {"similarity": value}, st.sampled_from([None, 0.5, 0.75])),
    "exactness": _exactness(),
    "_geoPoint(0,0):asc": st.builds(dict),
    "_geoPoint(0, 0.0):desc": st.builds(dict),
}
_HIDING = ["exactness", "price:asc", "proximity"]
"""Rules of which the first is told by scores alone, and these only where the last does not differ behind the second."""


@st.composite
def _hits(draw: st.DrawFn, rules: list[str], sequence: int, *, stamped: bool) -> dict[str, Any]:
    fields = st.sampled_from(["id", "a", "a.b", "genre", "été", "_own", "_miroir_shard", "text"])
    hit: dict[str, Any] = draw(st.dictionaries(fields, st.one_of(_VALUES, _NESTED, st.lists(_NESTED, max_size=2))))
    if draw(st.booleans()):
        hit["_formatted"] = draw(st.dictionaries(fields, st.one_of(_WORDS, _NESTED), max_size=3))
    if draw(st.booleans()):
        hit["_matchesPosition"] = draw(st.dictionaries(fields, st.just([{"start": 0, "length": 1}]), max_size=2))
    hit["_rankingScore"] = draw(_SCORE)
    said = {name: {"order": order, **draw(RULES[name])} for order, name in enumerate(rules)}
    if stamped:
        said["_miroir_seq:asc"] = {"order": len(rules), "value": _merge_core.encode_sequence(sequence)}
    else:
        hit["_miroir_seq"] = _merge_core.encode_sequence(sequence)
    hit["_rankingScoreDetails"] = said
    for name in filter(is_near, rules):
        locate(hit, said[name], draw(st.integers(-1, 60)), told=draw(st.integers(0, 4)) > 0)
    return hit


def locate(hit: dict[str, Any], said: dict[str, Any], step: int, *, told: bool) -> None:
    """Put a document on a line of places a fifth of a metre apart; before its beginning it is nowhere."""
    place = {"lat": 0.001, "lng": 0.001 + step * 2e-6}
    distance = haversine(0, 0, *place.values())
    said |= {"value": place, "distance": distance} if step >= 0 else {"value": None, "distance": None}
    if told and step >= 0:
        hit["_geo"] = {name: str(degrees) if step % 2 else degrees for name, degrees in place.items()}


@st.composite
def _facets(draw: st.DrawFn) -> dict[str, Any]:
    """Facets of one node: values by name, numbers first, and the range of the numbers."""
    distribution: dict[str, dict[str, int]] = {}
    stats = {}
    for name in draw(st.lists(st.sampled_from(["genre", "price", "_miroir_shard", "été"]), unique=True)):
        numbers = draw(st.lists(_NUMBERS, max_size=4, unique_by=_label)) if name == "price" else []
        numbers.sort(key=by_value)
        numbers = sorted(numbers, key=_label) if draw(st.booleans()) else numbers
        texts = draw(st.lists(_WORDS, max_size=6, unique_by=lambda text: text.strip().lower()))
        labels = [_label(number) for number in numbers] + texts
        distribution[name] = {label: draw(st.integers(1, 4)) for label in labels}
        if numbers:
            stats[name] = {"min": float(min(numbers)), "max": float(max(numbers))}
    return {"facetDistribution": distribution, "facetStats": stats}


def _label(number: float) -> str:
    if number == 0:
        return str(number).removesuffix(".0")
    return str(int(number)) if float(number).is_integer() else repr(number)


@st.composite
def bodies(draw: st.DrawFn) -> list[bytes]:
    """The answers of one to four nodes to one search: same rules, sequences that never repeat."""
    rules = draw(st.lists(st.sampled_from(sorted(RULES)), max_size=4, unique=True) | st.just(_HIDING))
    stamped = draw(st.integers(0, 3)) > 0
    # Where scores tell something of two hits alone, three can be in a circle, and every start of it is right.
    sizes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=2 if "exactness" in rules else 4))
    sequences = iter(draw(st.permutations(range(sum(sizes)))))
    paged, faceted, spaced = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    made = []
    for size in sizes:
        hits = [draw(_hits(rules, next(sequences), stamped=stamped)) for _ in range(size)]
        hits.sort(key=cmp_to_key(compare))
        total = draw(st.integers(size, 2000))
        answer = {"hits": hits, "query": 'a "b" é', "totalHits" if paged else "estimatedTotalHits": total}
        answer |= draw(_facets()) if faceted else {}
        members = draw(st.permutations(list(answer.items())))
        made.append(json.dumps(dict(members), indent=1 if spaced else None, ensure_ascii=draw(st.booleans())).encode())
    return made
