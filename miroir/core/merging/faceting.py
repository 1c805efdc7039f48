"""Facets of several answers as one (exact-merge 6.1), in plain Python. Only for tests."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from miroir.core.sort_values import by_value

Answer = Mapping[str, Any]
_FEW = 3000
_SPACE = " \t\n\r\v\f\x85\xa0"


def normalized(text: str) -> str:
    """A text as the engine compares facet values."""
    return unicodedata.normalize("NFKD", text.strip(_SPACE)).lower()


def stats(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """The least and the greatest number of each facet."""
    ranges: dict[str, dict[str, float]] = {}
    for answer in answers:
        for facet, bounds in (answer.get("facetStats") or {}).items():
            known = ranges.setdefault(facet, dict(bounds))
            known["min"] = min(known["min"], bounds["min"])
            known["max"] = max(known["max"], bounds["max"])
    return ranges


def distribution(answers: Sequence[Answer], facet: str, *, order: str, limit: int, total: int) -> dict[str, int]:
    """One facet's values with their counts, ordered and cut as one engine does."""
    numbers, texts, labels = summed(answers, facet, order)
    few = order == "alpha" and total <= _FEW
    if order == "count":
        by_number = sorted(numbers, key=lambda written: _by_count(written, numbers[written]))
        by_text = sorted(sorted(texts, key=str.encode, reverse=True), key=lambda value: -texts[value])
    else:
        by_number = sorted(numbers) if few else sorted(numbers, key=_by_number)
        by_text = sorted(texts, key=str.encode)
    kept = {written: numbers[written] for written in by_number[:limit]}
    room = limit - len(kept) if few or limit > len(kept) else len(by_text)
    for value in by_text[:room]:
        kept[labels[value]] = texts[value]
    return kept


def summed(answers: Sequence[Answer], facet: str, order: str) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """Counts by number as it is written, counts by normalised text, and the first spelling of each text."""
    numbers: dict[str, int] = {}
    texts: dict[str, int] = {}
    labels: dict[str, str] = {}
    for answer in answers:
        values = answer["facetDistribution"].get(facet, {})
        numeric = _numbers(values, (answer.get("facetStats") or {}).get(facet), order, total_of(answer))
        for place, (label, count) in enumerate(values.items()):
            if place < numeric:
                numbers[label] = numbers.get(label, 0) + count
            else:
                texts[normalized(label)] = texts.get(normalized(label), 0) + count
                labels.setdefault(normalized(label), label)
    return numbers, texts, labels


def _numbers(values: Mapping[str, int], bounds: Mapping[str, float] | None, order: str, total: int) -> int:
    """How many of a node's first values are numbers: as long as they look like it and are in an order of its own."""
    run: list[str] = []
    for label in values:
        if bounds is None or not _is_number(label, bounds):
            break
        run.append(label)
        if order == "count":
            ordered = _is_rising([_by_count(each, values[each]) for each in run])
        else:
            ordered = _is_rising([_by_number(each) for each in run]) or (total <= _FEW and _is_rising(run))
        if not ordered:
            return len(run) - 1
    return len(run)


def _is_rising(keys: Sequence[Any]) -> bool:
    return all(one < other for one, other in pairwise(keys))


def _by_number(written: str) -> tuple[float, bool]:
    return by_value(float(written))


def _by_count(written: str, count: int) -> tuple[float, ...]:
    value, negative = _by_number(written)
    return -count, -value, not negative


def total_of(answer: Answer) -> int:
    """How many documents match, as a node says it."""
    return int(answer["estimatedTotalHits"] if "estimatedTotalHits" in answer else answer["totalHits"])


def _is_number(label: str, bounds: Mapping[str, float]) -> bool:
    """Whether a label is a number as the engine writes it, in the facet's range."""
    try:
        value = float(label)
    except ValueError:
        return False
    return bounds["min"] <= value <= bounds["max"] and _written(value) == label


def _written(value: float) -> str:
    if value == 0:
        return "0" if math.copysign(1, value) > 0 else "-0"
    return str(int(value)) if value.is_integer() else repr(value)
