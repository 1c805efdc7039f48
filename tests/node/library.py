"""The documents that the search tests share: one index that nobody changes."""

from __future__ import annotations

from typing import Any

BOOKS: list[dict[str, Any]] = [
    {"id": 1, "title": "Pride and Prejudice", "author": "Jane Austen", "year": 1813, "tags": ["love", "class"]},
    {"id": 2, "title": "Sense and Sensibility", "author": "Jane Austen", "year": 1811, "tags": ["love"]},
    {"id": 3, "title": "War and Peace", "author": "Leo Tolstoy", "year": 1869, "tags": ["war", "class"]},
    {"id": 4, "title": "The Hobbit", "author": "J. R. R. Tolkien", "year": 1937, "tags": ["dragon"], "price": 7.5},
    {"id": 5, "title": "The War of the Worlds", "author": "H. G. Wells", "year": 1898, "tags": [], "price": 3},
    {"id": 6, "title": "Emma", "author": "Jane Austen", "year": 1815, "tags": None, "price": -2.25},
    {"id": 7, "title": "A Room of One's Own", "author": "Virginia Woolf", "year": 1929, "tags": ["essay"]},
    {"id": 8, "title": "Orlando", "author": "Virginia Woolf", "year": 1928, "shop": {"city": "Paris", "open": True}},
    {"id": 9, "title": "Peace Talks", "author": "Jim Butcher", "year": 2020, "shop": {"city": "London", "open": False}},
    {
        "id": 10,
        "title": "Le Petit Prince",
        "author": "Antoine de Saint-Exupéry",
        "year": 1943,
        "_geo": {"lat": 45.75, "lng": 4.85},
    },
    {"id": 11, "title": "Notre-Dame de Paris", "author": "Victor Hugo", "_geo": {"lat": 48.85, "lng": 2.35}},
    {"id": 12, "title": "Great Expectations", "author": "Charles Dickens", "_geo": {"lat": 51.5, "lng": -0.12}},
]
SETTINGS: dict[str, Any] = {
    "searchableAttributes": ["title", "author", "tags", "shop.city"],
    "filterableAttributes": ["author", "year", "tags", "price", "shop", "_geo", "id"],
    "sortableAttributes": ["title", "author", "year", "price", "_geo", "tags"],
}
