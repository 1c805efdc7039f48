"""Every request that is recorded, by name, and which of them differ for a known reason."""

from __future__ import annotations

import json
from typing import Any

from tests.recorded.batches import BATCHES, FEDERATED
from tests.recorded.documents import DOCUMENTS
from tests.recorded.errors import ERRORS
from tests.recorded.keywords import KEYWORDS
from tests.recorded.tape import Request
from tests.recorded.vectors import FACET_SEARCH, SIMILAR, VECTORS
from tests.recorded.worlds import WORLDS

__all__ = ["CASES", "GROUPS", "KNOWN", "WORLDS"]

GROUPS: dict[str, list[tuple[str, str, Any]]] = {
    "keyword": KEYWORDS,
    "error": ERRORS,
    "documents": DOCUMENTS,
    "vectors": VECTORS,
    "similar": SIMILAR,
    "facets": FACET_SEARCH,
    "batch": BATCHES,
    "federated": FEDERATED,
}


def _named() -> dict[str, Request]:
    cases = {}
    for group, requests in GROUPS.items():
        for number, (method, path, body) in enumerate(requests):
            text = body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            cases[f"{group} {number:02}"] = Request(method, path, text)
    return cases


CASES = _named()

KNOWN: dict[str, str] = {
    "federated 06": "an index with a distinct attribute: one node only estimates its total (exact-merge 3B-10)"
}
"""Case -> why Miroir's answer differs."""
