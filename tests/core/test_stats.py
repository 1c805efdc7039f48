"""Statistics of several nodes."""

from __future__ import annotations

from miroir.core.stats import merge_stats

A = {
    "numberOfDocuments": 4,
    "rawDocumentDbSize": 100,
    "isIndexing": False,
    "fieldDistribution": {"id": 4, "x": 2, "_miroir_seq": 4},
}
B = {"numberOfDocuments": 6, "rawDocumentDbSize": 50, "isIndexing": True, "fieldDistribution": {"id": 6, "x": 4}}


def test_copies_are_counted_once_and_ours_are_hidden() -> None:
    assert merge_stats([A, B], 2, None) == {
        "numberOfDocuments": 5,
        "rawDocumentDbSize": 150,
        "avgDocumentSize": 15,
        "isIndexing": True,
        "numberOfEmbeddings": 0,
        "numberOfEmbeddedDocuments": 0,
        "fieldDistribution": {"id": 5, "x": 3},
    }


def test_a_known_number_of_documents_scales_the_rest() -> None:
    merged = merge_stats([B], 2, 3)
    assert (merged["numberOfDocuments"], merged["fieldDistribution"]) == (3, {"id": 3, "x": 2})


def test_nothing_makes_no_division() -> None:
    assert merge_stats([], 1, 0)["avgDocumentSize"] == 0
    assert merge_stats([], 1, None)["numberOfDocuments"] == 0
