"""Search plans: what each parameter becomes on the nodes and at the merge (exact-merge 4.1)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir._merge_core import encode_shard
from miroir.core.indexes import IndexView
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import PassThrough, SearchPlan, plan_search


def plan(body: Any, **settings: Any) -> SearchPlan:
    view = IndexView("movies", "movies-i1-e1abcd", 1, "id", 3, (("n0",), ("n1",), ("n0",)), "", "", settings)
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    made = plan_search(SearchRequest("movies", raw, 0.0), view)
    assert isinstance(made, SearchPlan)
    return made


def sent(body: Any, **settings: Any) -> dict[str, Any]:
    """The body for node n1, without the parts that are in every body."""
    made = plan(body, **settings)
    fields: dict[str, Any] = orjson.loads(made.leg.body((1,)))
    assert fields.pop("showRankingScore") is True
    assert fields.pop("showRankingScoreDetails") is True
    return fields


SELECTOR = f'_miroir_shard IN ["{encode_shard(1)}"]'
WINDOW = {"offset": 0, "limit": 20}


def test_a_node_is_asked_for_exactly_its_shards() -> None:
    made = plan({})
    assert made.leg.target == "/indexes/movies-i1-e1abcd/search"
    assert made.leg.shards is None
    body = orjson.loads(made.leg.body((0, 2)))
    assert body["filter"] == [f'_miroir_shard IN ["{encode_shard(0)}", "{encode_shard(2)}"]']


@pytest.mark.parametrize(
    ("given_filter", "sent_filter"),
    [
        ("a = 1 OR b = 2", ["a = 1 OR b = 2", SELECTOR]),
        (["a = 1", ["b = 1", "b = 2"]], ["a = 1", ["b = 1", "b = 2"], SELECTOR]),
        ([], [SELECTOR]),
        ("", [SELECTOR]),
        (None, [SELECTOR]),
        ("_miroir_shard EXISTS", ["_miroiR_shard EXISTS", SELECTOR]),
    ],
)
def test_the_clients_filter_stays_and_the_selector_is_anded(given_filter: Any, sent_filter: list[Any]) -> None:
    assert sent({"filter": given_filter})["filter"] == sent_filter


@pytest.mark.parametrize(
    ("window", "asked", "recipe"),
    [
        ({}, {"offset": 0, "limit": 20}, (0, 20, None)),
        ({"offset": 30, "limit": 5}, {"offset": 0, "limit": 35}, (30, 5, None)),
        ({"offset": 900, "limit": 500}, {"offset": 0, "limit": 1000}, (900, 500, None)),
        ({"limit": 0}, {"offset": 0, "limit": 0}, (0, 0, None)),
        ({"page": 3}, {"page": 1, "hitsPerPage": 60}, (40, 20, (3, 20))),
        ({"hitsPerPage": 7}, {"page": 1, "hitsPerPage": 7}, (0, 7, (1, 7))),
        ({"page": 0, "hitsPerPage": 5}, {"page": 0, "hitsPerPage": 5}, (0, 5, (0, 5))),
        ({"page": 2, "hitsPerPage": 0}, {"page": 1, "hitsPerPage": 0}, (0, 0, (2, 0))),
        ({"page": 2, "offset": 3, "limit": 4}, {"page": 1, "hitsPerPage": 40}, (20, 20, (2, 20))),
        ({"page": 99, "hitsPerPage": 99}, {"page": 1, "hitsPerPage": 1000}, (98 * 99, 99, (99, 99))),
    ],
)
def test_nodes_are_asked_for_everything_up_to_the_end_of_the_window(window: Any, asked: Any, recipe: Any) -> None:
    assert sent(window) == {**asked, "filter": [SELECTOR]}
    made = plan(window).recipe
    assert (made.offset, made.limit, made.page) == recipe


@given(st.dictionaries(st.sampled_from(["offset", "limit", "page", "hitsPerPage"]), st.integers(0, 2**64 - 1)))
def test_no_window_is_too_large_to_plan(window: dict[str, int]) -> None:
    plan(window)


def test_what_needs_no_rewriting_is_sent_unchanged() -> None:
    fields = {
        "q": 'a "b"',
        "matchingStrategy": "all",
        "attributesToSearchOn": ["title"],
        "locales": ["eng"],
        "cropLength": 3,
        "highlightPreTag": "<b>",
        "showMatchesPosition": True,
        "rankingScoreThreshold": 0.25,
        "sort": ["year:asc", "title:desc"],
        "attributesToHighlight": ["*"],
        "facets": ["*"],
    }
    assert sent(fields) == {**fields, **WINDOW, "filter": [SELECTOR]}


def test_reserved_names_are_not_shown_and_unknown_to_the_nodes() -> None:
    fields = {
        "facets": ["_miroir_shard", "genre"],
        "attributesToRetrieve": ["_miroir_seq", "title"],
        "sort": ["_miroir_seq:asc"],
        "distinct": "_miroir_shard",
        "attributesToSearchOn": ["_miroir_shard"],
    }
    got = sent(fields)
    assert got["facets"] == ["_miroiR_shard", "genre"]
    assert got["attributesToRetrieve"][:1] == ["title"]
    assert got["sort"] == ["_miroiR_seq:asc"]
    assert got["distinct"] == "_miroiR_shard"
    assert got["attributesToSearchOn"] == ["_miroiR_shard"]


@pytest.mark.parametrize(
    ("fields", "settings", "retrieved", "stripped"),
    [
        ({"attributesToRetrieve": ["title"], "distinct": "brand"}, {}, ["title", "brand"], ("brand",)),
        ({"attributesToRetrieve": ["title"]}, {"distinctAttribute": "brand"}, ["title", "brand"], ("brand",)),
        ({"distinct": "brand"}, {}, None, ()),
        ({"distinct": "brand"}, {"displayedAttributes": ["title"]}, ["title", "brand"], ("brand",)),
        (
            {"attributesToRetrieve": ["title"], "sort": ["_geoPoint(1,2):asc"]},
            {},
            ["title", "_geo"],
            ("_geo", "_geoDistance"),
        ),
        ({"attributesToRetrieve": ["_geo"], "sort": ["_geoPoint(1,2):asc"]}, {}, ["_geo"], ()),
        ({"attributesToRetrieve": ["title", "secret"]}, {"displayedAttributes": ["title"]}, ["title"], ()),
    ],
)
def test_what_the_merge_needs_is_injected_and_stripped(
    fields: dict[str, Any], settings: dict[str, Any], retrieved: list[str] | None, stripped: tuple[str, ...]
) -> None:
    assert sent(fields, **settings).get("attributesToRetrieve") == retrieved
    assert plan(fields, **settings).recipe.strip == stripped


@pytest.mark.parametrize(
    ("fields", "facets", "stripped"),
    [
        ({"page": 1, "distinct": "brand"}, ["brand"], ("brand",)),
        ({"page": 1, "distinct": "brand", "facets": ["genre"]}, ["genre", "brand"], ("brand",)),
        ({"page": 1, "distinct": "brand", "facets": ["brand"]}, ["brand"], ()),
        ({"page": 1, "distinct": "brand", "facets": ["*"]}, ["*"], ()),
        ({"page": 1, "distinct": "brand", "facets": ["brand.name"]}, ["brand.name"], ()),
        ({"page": 1, "distinct": "title"}, None, ()),
        ({"distinct": "brand"}, None, ()),
        ({"page": 1}, None, ()),
    ],
)
def test_pages_of_distinct_values_are_counted_by_their_facet(
    fields: dict[str, Any], facets: list[str] | None, stripped: tuple[str, ...]
) -> None:
    settings = {"filterableAttributes": ["brand", "genre"]}
    assert sent(fields, **settings).get("facets") == facets
    assert plan(fields, **settings).recipe.strip_facets == stripped


@pytest.mark.parametrize(
    ("fields", "strip_formatted"),
    [
        ({}, None),
        ({"attributesToHighlight": ["title"]}, None),
        ({"attributesToHighlight": ["*"]}, ()),
        ({"attributesToHighlight": ["brand"]}, ()),
        ({"attributesToCrop": ["brand:3"]}, ()),
        ({"attributesToCrop": ["*:3"], "sort": ["_geoPoint(1,2):asc"]}, ()),
        ({"attributesToCrop": ["brand"], "sort": ["_geoPoint(1,2):asc"]}, ("_geo", "_geoDistance")),
    ],
)
def test_what_is_injected_stays_where_it_is_formatted_by_wish(fields: Any, strip_formatted: Any) -> None:
    recipe = plan({"attributesToRetrieve": ["title"], "distinct": "brand", **fields}).recipe
    assert "brand" in recipe.strip
    assert recipe.strip_formatted == strip_formatted


def test_the_recipe_holds_the_clients_own_settings_and_wishes() -> None:
    settings = {
        "pagination": {"maxTotalHits": 50},
        "faceting": {"maxValuesPerFacet": 7, "sortFacetValuesBy": {"*": "count"}},
        "rankingRules": ["words", "year:desc"],
        "displayedAttributes": ["title"],
        "distinctAttribute": "brand",
    }
    recipe = plan({"sort": ["age:asc", "title:asc"], "showRankingScore": True}, **settings).recipe
    assert recipe == MergeRecipe(
        max_total_hits=50,
        show_score=True,
        strip=("brand",),
        displayed=("title",),
        distinct="brand",
        facet_limit=7,
        facet_order={"*": "count"},
        hidden_rules=("age:asc", "year:desc"),
    )


def test_no_value_per_facet_is_not_the_default_number_of_them() -> None:
    assert plan({}, faceting={"maxValuesPerFacet": 0}).recipe.facet_limit == 0


def test_settings_that_are_absent_have_meilisearchs_defaults() -> None:
    assert plan({}).recipe == MergeRecipe()


def test_what_a_node_must_judge_is_passed_through_untouched() -> None:
    view = IndexView("movies", "p", 1, "id", 1, (("n0",),), "", "")
    body = b'{"limit": "3"}'
    assert plan_search(SearchRequest("movies", body, 0.0), view) == PassThrough("POST", "/indexes/p/search", body)
    raw = SearchRequest("movies", b"", 0.0, None, "limit=-1")
    assert plan_search(raw, view) == PassThrough("GET", "/indexes/p/search?limit=-1", b"")
