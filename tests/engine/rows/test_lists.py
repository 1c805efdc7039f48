"""Row 53: lists of documents."""

from __future__ import annotations

from typing import Any

from tests.engine.rows.asking import same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, TABLES
from tests.engine.rows.topologies import over


@over(*EVERY)
def test_row_53_documents_by_filter_ids_order_and_fields(ground: Ground, world: str) -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"limit": 200},
        {"offset": 37, "limit": 11},
        {"filter": "color = red"},
        {"filter": ["n > 1", ["open = true", "tags = new"]], "limit": 100},
        {"ids": [1, "d-3", 4, "d-6", 99999, "1"]},
        {"ids": [5, "d-9"], "filter": "n > 1"},
        {"fields": ["id", "title", "deep.a"], "limit": 50},
        {"fields": []},
        {"fields": ["nothing"]},
        {"offset": 5000},
        {"limit": 0},
    ]
    same(ground, world, *asked, below="documents/fetch")
    for query in ("", "?limit=7&offset=3", "?fields=id,title", "?filter=color%20%3D%20red", "?ids=1,4,d-3"):
        ground.equal("GET", f"/indexes/{world}/documents{query}")


@over(*EVERY)
def test_row_53_documents_in_an_order_of_ones_own(ground: Ground, world: str) -> None:
    for rules in (["n:asc"], ["n:desc", "color:asc"], ["name:desc"], ["deep.a:asc", "group:desc"], ["mixed:asc"]):
        tied = [*rules, "serial:asc"] if world == "changed" else rules
        same(ground, world, {"sort": tied}, {"sort": tied, "offset": 40, "limit": 40}, below="documents/fetch")
        same(ground, world, {"sort": tied, "fields": ["id"], "limit": 200}, below="documents/fetch")


def test_row_53_a_page_deep_in_a_long_list(ground: Ground) -> None:
    for window in ({"offset": 2990}, {"offset": 3095, "limit": 20}, {"offset": 1500, "limit": 7, "fields": ["n"]}):
        same(ground, "numbers", window, {**window, "sort": ["n:desc"]}, below="documents/fetch")


@over(*EVERY)
def test_row_53_one_document(ground: Ground, world: str) -> None:
    for document in TABLES[world].documents[:12]:
        ground.equal("GET", f"/indexes/{world}/documents/{document['id']}")
        ground.equal("GET", f"/indexes/{world}/documents/{document['id']}?fields=id,title,deep.a")
    ground.equal("GET", f"/indexes/{world}/documents/nobody")
