"""What may be counted where one node itself only estimates: under `distinct` or a threshold (3B-10, 13, 20).

Every count lies between what is sure to be there (the documents that one node keeps when it looks at all it may) and
what is there without `distinct` and threshold. Hits, totals of page mode and everything else stay equal.
"""

from __future__ import annotations

from typing import Any

from tests.engine.compare import difference
from tests.engine.evidence import PAGING, Case, without
from tests.harness.client import Json

COUNTS = ("estimatedTotalHits", "facetDistribution", "facetStats")
Facets = dict[str, dict[str, int]]


def estimated(case: Case) -> str | None:
    """The reason when only counts differ, on a search whose counts are estimates, and all lie within the bounds."""
    one, many = (without(answer, COUNTS) for answer in case.answers)
    if difference(one, many) is not None or not case.loose():
        return None
    told = case.answers[1].body
    least, most = _least(case), _most(case)
    cap: int = case.setting("faceting")["maxValuesPerFacet"]
    if not _total_within(told, least, most) or outside(told, least, most, cap):
        return None
    return "3B: counts under distinct or a threshold"


def _total_within(told: Json, least: Json, most: Json) -> bool:
    if "estimatedTotalHits" not in told:
        return True  # page mode: compared above
    found: int = told["estimatedTotalHits"]
    return bool(len(least["hits"]) <= found <= most["estimatedTotalHits"])


def _most(case: Case) -> Json:
    """One node's answer with every document a value of its own, and without a threshold."""
    freed = {name: value for name, value in case.query.items() if name not in (*PAGING, "rankingScoreThreshold")}
    return case.engines[0].ask("POST", case.path, {**freed, "distinct": "id", "limit": 0}).body


def _least(case: Case) -> Json:
    """Hits that are kept however far anybody looks, with the facets of exactly these.

    In page mode those of the page, since a node that counts to the end may keep another document of each value; else
    all that one node keeps when it looks at all it may.
    """
    freed = {name: value for name, value in case.query.items() if case.paged or name not in PAGING}
    asked = {**freed, **({} if case.paged else {"limit": 1000}), "attributesToRetrieve": ["id"], "facets": []}
    hits = case.engines[0].ask("POST", case.path, asked).body["hits"]
    if any("id" not in hit for hit in hits):  # not displayed: which documents they are cannot be asked
        return {"hits": hits}
    return {**counted(case, [hit["id"] for hit in hits]), "hits": hits}


def counted(case: Case, ids: list[Any]) -> Json:
    """One node's facets of these documents."""
    quoted = ", ".join(f"'{each}'" for each in ids)
    asked = {"filter": f"id IN [{quoted}]", "facets": case.query.get("facets", []), "distinct": "id", "limit": 0}
    return case.engines[0].ask("POST", case.path, asked).body


def outside(told: Json, least: Json, most: Json, cap: int) -> str | None:
    """The first facet count or range that is not between `least` and `most`; None when all are."""
    facets, low, high = (body.get("facetDistribution", {}) for body in (told, least, most))
    if set(facets) != set(high):
        return f"facets {sorted(facets)} against {sorted(high)}"
    for name, counts in facets.items():
        if found := _values_outside(counts, low.get(name, {}), high[name], cap):
            return f"{name}: {found}"
    return _ranges_outside(*(body.get("facetStats", {}) for body in (told, least, most)))


def _values_outside(
    counts: dict[str, int], low: dict[str, int], high: dict[str, int], cap: int
) -> dict[str, int] | None:
    """A value beyond the cap may come in for one that is counted out, so nothing is known of it."""
    for value, count in counts.items():
        known = value in high or len(high) < cap
        if known and not low.get(value, 0) <= count <= high.get(value, 0):
            return {value: count}
    lost = set(low) - set(counts)
    return {value: low[value] for value in lost} if lost and len(counts) < cap else None


def _ranges_outside(told: Json, least: Json, most: Json) -> str | None:
    for name, found in told.items():
        widest = most.get(name)
        if widest is None or found["min"] < widest["min"] or found["max"] > widest["max"]:
            return f"{name}: {found}"
    for name, sure in least.items():
        if name not in told or told[name]["min"] > sure["min"] or told[name]["max"] < sure["max"]:
            return f"{name}: {told.get(name)}"
    return None
