"""The client's displayedAttributes are enforced although nodes display everything."""

from __future__ import annotations

import pytest

from miroir.core.planning.display import displayed_of, formatted, hidden_rules, injected, retrieved


@pytest.mark.parametrize(
    ("wanted", "displayed", "sent"),
    [
        (None, None, None),
        (["*"], None, None),
        (["a", "_miroir_shard"], None, ["a"]),
        (None, ["a", "b"], ["a", "b"]),
        (["*"], ["a"], ["a"]),
        (["a", "x"], ["a", "b"], ["a"]),
        (["a.b"], ["a"], []),
        ([], None, []),
    ],
)
def test_retrieval_is_narrowed_to_what_is_displayed(
    wanted: list[str] | None, displayed: list[str] | None, sent: list[str] | None
) -> None:
    assert retrieved(wanted, displayed) == sent


def test_stars_stand_for_what_the_client_may_see() -> None:
    assert formatted(["*"], ["a", "b"]) == ["a", "b"]
    assert formatted(["*:5", "b:2", "x"], ["a", "b"]) == ["a:5", "b:5", "b:2"]
    assert formatted(["*", "_miroir_seq"], None) == ["*"]


def test_only_what_would_not_come_anyway_is_injected() -> None:
    assert injected(None, ["brand"]) == []
    assert injected(["title"], ["brand", "_geo"]) == ["brand", "_geo"]
    assert injected(["brand"], ["brand", "brand.name"]) == []
    assert injected(["brand.name", "branding"], ["brand"]) == ["brand"]


def test_sort_values_of_hidden_fields_are_hidden() -> None:
    assert hidden_rules(["a:asc", "b.c:desc", "_geoPoint(1,2):asc"], ["words", "d:desc"], ["a", "b"]) == [
        "b.c:desc",
        "d:desc",
    ]
    assert hidden_rules(["a:asc"], [], None) == []


def test_a_star_displays_everything() -> None:
    assert displayed_of({}) is None
    assert displayed_of({"displayedAttributes": ["*"]}) is None
    assert displayed_of({"displayedAttributes": ["a"]}) == ["a"]
