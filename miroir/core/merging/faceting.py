"""Facets of several answers as one (exact-merge 6.1), in plain Python. Only for tests."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

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
    numbers, texts, labels = summed(answers, facet)
    few = order == "alpha" and total <= _FEW
    if order == "count":
        by_number = sorted(numbers, key=lambda value: (-numbers[value], -value))
        by_text = sorted(sorted(texts, key=str.encode, reverse=True), key=lambda value: -texts[value])
    else:
        by_number = sorted(numbers, key=_written) if few else sorted(numbers)
        by_text = sorted(texts, key=str.encode)
    kept = {_written(value): numbers[value] for value in by_number[:limit]}
    room = limit - len(kept) if few or limit > len(kept) else len(by_text)
    for value in by_text[:room]:
        kept[labels[value]] = texts[value]
    return kept


def summed(answers: Sequence[Answer], facet: str) -> tuple[dict[float, int], dict[str, int], dict[str, str]]:
    """Counts by number, counts by normalised text, and the first spelling of each text."""
    numbers: dict[float, int] = {}
    texts: dict[str, int] = {}
    labels: dict[str, str] = {}
    for answer in answers:
        bounds = (answer.get("facetStats") or {}).get(facet)
        numeric = True
        for label, count in answer["facetDistribution"].get(facet, {}).items():
            numeric = numeric and bounds is not None and _is_number(label, bounds)
            if numeric:
                numbers[float(label)] = numbers.get(float(label), 0) + count
            else:
                texts[normalized(label)] = texts.get(normalized(label), 0) + count
                labels.setdefault(normalized(label), label)
    return numbers, texts, labels


def _is_number(label: str, bounds: Mapping[str, float]) -> bool:
    """Whether a label is a number as the engine writes it, in the facet's range."""
    try:
        value = float(label)
    except ValueError:
        return False
    return bounds["min"] <= value <= bounds["max"] and _written(value) == label


def _written(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
