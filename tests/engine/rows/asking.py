"""What the rows share: asking both sides, and reading what they say."""

from __future__ import annotations

from typing import Any

from tests.engine.rows.ground import Ground
from tests.harness.client import Json

WHOLE = {"limit": 1000}
SHOWN = {"showRankingScore": True, "showRankingScoreDetails": True}


def same(
    ground: Ground, world: str, *queries: dict[str, Any], below: str = "search", but: tuple[str, ...] = ()
) -> None:
    """Each of these is answered in the same words by both, save the effects named by `but`."""
    for query in queries:
        ground.equal("POST", f"/indexes/{world}/{below}", query, but=but)


def found(ground: Ground, world: str, query: dict[str, Any]) -> Json:
    """Miroir's answer, which must be one node's."""
    return ground.equal("POST", f"/indexes/{world}/search", query).body


def both(ground: Ground, world: str, query: dict[str, Any]) -> tuple[Json, Json]:
    """The bodies of both sides, which may differ: one node's, then Miroir's."""
    one, many = ground.ask("POST", f"/indexes/{world}/search", query)
    assert (one.status, many.status) == (200, 200), (one.raw[:300], many.raw[:300])
    assert "x-miroir-degraded" not in many.headers
    return one.body, many.body


def ids(body: Json) -> list[Any]:
    return [hit["id"] for hit in body["hits"]]


def typos(hit: Json) -> int:
    count: int = hit["_rankingScoreDetails"]["typo"]["typoCount"]
    return count


def kept(order: list[Any], among: set[Any]) -> list[Any]:
    """Those of a list that are in the set, in the list's order."""
    return [each for each in order if each in among]
