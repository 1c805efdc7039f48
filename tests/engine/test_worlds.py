"""Made documents and made queries: Miroir answers what one node answers."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.conftest import EXAMPLES
from tests.engine.judge import Judge
from tests.engine.loading import load_both
from tests.engine.queries import MADE, RESERVED, WRONG, bodies, extras, spoken
from tests.engine.worlds import FIXED, PROFILES, World, worlds

_numbers = itertools.count()
CATEGORIES = sorted({**spoken(MADE), **extras(MADE)})


@pytest.mark.parametrize("category", CATEGORIES)
@settings(max_examples=EXAMPLES)
@given(chosen=st.data())
def test_each_category_over_fixed_worlds(readable: Judge, category: str, chosen: st.DataObject) -> None:
    said, asked = spoken(MADE), extras(MADE)
    body: dict[str, Any] = dict(chosen.draw(said[category])) if category in said else {}
    if category in asked:
        body = {**chosen.draw(chosen.draw(st.sampled_from(list(said.values())))), **chosen.draw(asked[category])}
    readable.search(chosen.draw(st.sampled_from(sorted(FIXED))), body, category)


@settings(max_examples=EXAMPLES * 8)
@given(asked=bodies(MADE), index=st.sampled_from(sorted(FIXED)))
def test_mixtures_over_fixed_worlds(readable: Judge, asked: tuple[str, dict[str, Any]], index: str) -> None:
    readable.search(index, asked[1], f"mixed {asked[0]}")


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_what_one_node_refuses_is_refused_in_the_same_words(readable: Judge, body: dict[str, Any]) -> None:
    readable.equal("POST", "/indexes/plain/search", body)


@pytest.mark.parametrize("index", ["plain", "ranked"])
@pytest.mark.parametrize("body", RESERVED, ids=str)
def test_reserved_fields_are_unknown_to_clients(readable: Judge, body: dict[str, Any], index: str) -> None:
    readable.equal("POST", f"/indexes/{index}/search", body)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_pages_joined_are_the_whole(readable: Judge, profile: str) -> None:
    query = {"q": "sun moon", "attributesToRetrieve": ["id"]}
    whole = readable.search(profile, {**query, "limit": 1000}).body["hits"]
    pages = [readable.search(profile, {**query, "offset": n, "limit": 7}).body["hits"] for n in range(0, len(whole), 7)]
    assert [hit for page in pages for hit in page] == whole


@settings(max_examples=max(4, EXAMPLES // 3))
@given(world=worlds(), asked=st.lists(bodies(MADE), min_size=6, max_size=6))
def test_made_worlds(writable: Judge, world: World, asked: list[tuple[str, dict[str, Any]]]) -> None:
    index = f"made-{next(_numbers)}"
    engines = (writable.one, writable.many)
    load_both(engines, index, world.documents, world.settings)
    for category, body in asked:
        writable.search(index, body, f"made {category}")
    for engine in engines:
        engine.do("DELETE", f"/indexes/{index}")
