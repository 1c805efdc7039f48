"""The client's settings and the nodes': there and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.core.generations import CLASSIC, Generation
from miroir.core.settings import ROUTES, base_settings, client_view, node_patch, node_value, reset_patch
from miroir.core.settings.redaction import details_of
from miroir.core.settings.virtual import Dialect
from miroir.core.wire.errors import MiroirError

DIALECT = Dialect(Generation("short", ("words", "typo"), ()))
names = st.text("abcXY*.", min_size=1, max_size=6)


@given(st.lists(names, unique=True), st.lists(names, unique=True), st.lists(names, unique=True), st.integers(0, 999))
def test_what_a_client_sets_is_what_it_reads(
    filterable: list[str], sortable: list[str], displayed: list[str], maximum: int
) -> None:
    said: dict[str, Any] = {
        "filterableAttributes": filterable,
        "sortableAttributes": sortable,
        "displayedAttributes": displayed,
        "faceting": {"maxValuesPerFacet": maximum, "sortFacetValuesBy": {"*": "alpha"}},
        "rankingRules": ["words", "x:asc"],
    }
    patch = node_patch(said, DIALECT)
    assert "displayedAttributes" in patch.own
    assert client_view(patch.body, {}, patch.own) == said


def test_nodes_always_hold_ours() -> None:
    body = node_patch({"filterableAttributes": ["a"], "sortableAttributes": None, "rankingRules": None}, DIALECT).body
    assert body["filterableAttributes"] == ["_miroir_shard", "_miroir_seq", "a"]
    assert body["sortableAttributes"] == ["_miroir_seq"]
    assert body["rankingRules"] == ["words", "typo", "_miroir_seq:asc"]
    assert base_settings(DIALECT)["rankingRules"][-1] == "_miroir_seq:asc"


def test_a_granular_pattern_cannot_hide_our_fields_from_filters() -> None:
    rule = {"attributePatterns": ["*"], "features": {"filter": {"equality": False}}}
    value, _ = node_value("filterableAttributes", [rule], DIALECT)
    assert value.index("_miroir_shard") < value.index(rule)


def test_an_index_may_take_ties_as_its_nodes_have_them() -> None:
    assert node_value("rankingRules", ["words"], Dialect(CLASSIC, stamped_ties=False))[0] == ["words"]


def test_a_reset_keeps_ours_and_restores_the_clients_defaults() -> None:
    patch = reset_patch([route.key for route in ROUTES], DIALECT)
    assert patch.body["filterableAttributes"] == ["_miroir_shard", "_miroir_seq"]
    assert patch.body["faceting"] == {"maxValuesPerFacet": 100_000, "sortFacetValuesBy": None}
    assert patch.body["synonyms"] is None
    assert patch.own == {"displayedAttributes": ["*"], "maxValuesPerFacet": 100}


def test_what_was_not_said_stays_as_it_was() -> None:
    known = {"displayedAttributes": ["title"], "faceting": {"maxValuesPerFacet": 7}}
    node = {
        "displayedAttributes": ["*"],
        "faceting": {"maxValuesPerFacet": 100_000, "sortFacetValuesBy": {"*": "count"}},
    }
    view = client_view(node, known, {})
    assert view["displayedAttributes"] == ["title"]
    assert view["faceting"] == {"maxValuesPerFacet": 7, "sortFacetValuesBy": {"*": "count"}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("displayedAttributes", 3),
        ("displayedAttributes", ["a", 1]),
        ("filterableAttributes", "a"),
        ("rankingRules", {}),
        ("faceting", {"maxValuesPerFacet": "many"}),
        ("faceting", {"maxValuesPerFacet": -1}),
        ("faceting", []),
        ("nonSeparatorTokens", 5),
        ("unheardOf", {"a": 1}),
    ],
)
def test_what_a_node_must_judge_goes_through_unchanged(key: str, value: Any) -> None:
    assert node_value(key, value, DIALECT) == (value, {})


@pytest.mark.parametrize("token", [":", "-?", "a;b", "(", "[["])
def test_stamp_characters_stay_separators(token: str) -> None:
    with pytest.raises(MiroirError, match="miroir_not_supported"):
        node_value("nonSeparatorTokens", ["~", token], DIALECT)


def test_dictionary_words_may_contain_stamp_characters_but_not_consist_of_them() -> None:
    assert node_value("dictionary", ["what?"], DIALECT)[0] == ["what?"]
    with pytest.raises(MiroirError, match="miroir_not_supported"):
        node_value("dictionary", ["?:"], DIALECT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("filterableAttributes", ["_miroir_seq"]),
        ("filterableAttributes", [{"attributePatterns": ["_miroir_*"]}]),
        ("rankingRules", ["words", "_miroir_seq:desc"]),
        ("distinctAttribute", "_miroir_shard"),
        ("synonyms", {"_miroir_x": ["y"]}),
    ],
)
def test_reserved_names_are_refused_wherever_they_stand(key: str, value: Any) -> None:
    with pytest.raises(MiroirError, match="miroir_reserved_field"):
        node_value(key, value, DIALECT)


def test_task_details_never_show_an_embedders_secret() -> None:
    patch = {"embedders": {"e": {"apiKey": "sk-0123456789abcdef", "headers": {"X": "short"}}}, "stopWords": ["a"]}
    shown = details_of(patch)
    assert shown["embedders"]["e"] == {"apiKey": "skXXXX...", "headers": {"X": "XXX..."}}
    assert shown["stopWords"] == ["a"]


def _sent(said: Any, known: dict[str, Any] | None = None) -> Any:
    return node_value("embedders", said, Dialect(CLASSIC, embedders=known or {}))[0]


def test_a_template_left_to_the_engine_skips_our_fields_and_is_read_as_the_engines_own() -> None:
    said = {"a": {"source": "rest", "url": "u"}, "b": {"source": "composite", "indexingEmbedder": {"source": "ollama"}}}
    sent = _sent(said)
    for embedder in (sent["a"], sent["b"]["indexingEmbedder"]):
        assert '!= "_miroir_shard"' in embedder["documentTemplate"]
        assert '!= "_miroir_seq"' in embedder["documentTemplate"]
    read = client_view({"embedders": sent}, {}, {})["embedders"]
    default = "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: "
    assert read["a"]["documentTemplate"].startswith(default)
    assert read["b"]["indexingEmbedder"]["documentTemplate"].startswith(default)


@pytest.mark.parametrize(
    "said",
    [
        {"a": {"source": "rest", "documentTemplate": "{{doc.title}}"}},
        {"a": {"source": "userProvided", "dimensions": 3}},
        {"a": {"source": "rest", "indexingFragments": {"x": {"value": "{{doc.x}}"}}}},
        {"a": {"apiKey": "k"}},
        {"a": None},
        None,
        {"a": 7},
    ],
)
def test_other_embedders_are_left_alone(said: Any) -> None:
    assert _sent(said) == said


def test_a_template_that_an_embedder_has_stays_until_it_is_reset() -> None:
    known = {"a": {"source": "rest", "documentTemplate": "{{doc.title}}"}}
    assert "documentTemplate" not in _sent({"a": {"source": "rest", "apiKey": "k"}}, known)["a"]
    assert "_miroir_shard" in _sent({"a": {"documentTemplate": None}}, known)["a"]["documentTemplate"]


def test_nodes_display_everything_whatever_the_client_may_see() -> None:
    patch = node_patch({"displayedAttributes": ["title"]}, DIALECT)
    assert patch.body == {"displayedAttributes": None}
    assert patch.own == {"displayedAttributes": ["title"]}
