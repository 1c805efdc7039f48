"""Documents: one, lists in their order of arrival or another, windows, filters, fields."""

from __future__ import annotations

from typing import Any

_BODIES: list[dict[str, Any]] = [
    {},
    {"limit": 3},
    {"offset": 17, "limit": 9, "fields": ["id"]},
    {"offset": 55, "limit": 20, "fields": ["id", "title"]},
    {"offset": 500},
    {"limit": 0},
    {"filter": "year > 1954", "fields": ["id", "year"]},
    {"filter": ["genre = Noir", ["year = 1952", "year = 1953"]], "fields": ["id"]},
    {"filter": "id = 7"},
    {"ids": [5, "3", 999], "fields": ["id"]},
    {"sort": ["year:asc", "rating:desc"], "fields": ["id", "year", "rating"], "limit": 30},
    {"sort": ["title:desc"], "fields": ["title"], "offset": 4, "limit": 8},
    {"fields": ["_miroir_shard", "id"], "limit": 2},
    {"fields": ["brand"], "limit": 5},
]
DOCUMENTS: list[tuple[str, str, Any]] = [
    *(("POST", "/indexes/plain/documents/fetch", body) for body in _BODIES),
    ("GET", "/indexes/plain/documents/7", None),
    ("GET", "/indexes/plain/documents/7?fields=title,id", None),
    ("GET", "/indexes/plain/documents?limit=2&fields=id", None),
    ("GET", "/indexes/plain/documents?filter=year%20%3D%201952&fields=id,year", None),
    ("GET", "/indexes/ranked/documents?limit=2", None),
    ("GET", "/indexes/vectors/documents/3?retrieveVectors=true", None),
    ("POST", "/indexes/vectors/documents/fetch", {"retrieveVectors": True, "limit": 3, "fields": ["id", "_vectors"]}),
]
