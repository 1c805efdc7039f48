"""Every setting: its default, its sub-route, a change, a reset, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error, assert_summary, assert_task_error

RULES_STOCK = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"]
RULES_EMBEDDED = ["words", "typo", "proximity", "attribute", "sort", "exactness"]
TYPO: dict[str, Any] = {
    "enabled": True,
    "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
    "disableOnWords": [],
    "disableOnAttributes": [],
    "disableOnNumbers": False,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `shown` is what a GET gives after `value` was sent; `bad` is refused with `code`."""

    route: str
    key: str
    default: Any
    value: Any
    bad: Any
    verb: str = "PUT"
    shown: Any = None

    @property
    def seen(self) -> Any:
        return self.value if self.shown is None else self.shown

    @property
    def code(self) -> str:
        return "invalid_settings_" + self.route.replace("-", "_")


SETTINGS = [
    Setting("displayed-attributes", "displayedAttributes", ["*"], ["id", "name"], "name"),
    Setting("searchable-attributes", "searchableAttributes", ["*"], ["name", "id"], {"a": 1}),
    Setting("filterable-attributes", "filterableAttributes", [], ["age", "name"], 3),
    Setting("sortable-attributes", "sortableAttributes", [], ["age", "name"], [1]),
    Setting("ranking-rules", "rankingRules", RULES_STOCK, ["words", "age:desc", "typo"], ["nonsense"]),
    Setting("stop-words", "stopWords", [], ["the", "a"], "the", shown=["a", "the"]),
    Setting("non-separator-tokens", "nonSeparatorTokens", [], ["@", "#"], 1, shown=["#", "@"]),
    Setting("separator-tokens", "separatorTokens", [], ["|", "&sep"], [1], shown=["&sep", "|"]),
    Setting("dictionary", "dictionary", [], ["J. R. R.", "C++"], "x", shown=["C++", "J. R. R."]),
    Setting("synonyms", "synonyms", {}, {"sea": ["ocean"]}, ["sea"]),
    Setting("distinct-attribute", "distinctAttribute", None, "sku", 4),
    Setting("proximity-precision", "proximityPrecision", "byWord", "byAttribute", "byLetter"),
    Setting(
        "localized-attributes",
        "localizedAttributes",
        None,
        [{"attributePatterns": ["*_fr"], "locales": ["fra"]}],
        [{"attributePatterns": ["x"], "locales": ["klingon"]}],
    ),
    Setting(
        "typo-tolerance", "typoTolerance", TYPO, {"enabled": False}, {"enabled": 1}, "PATCH", {**TYPO, "enabled": False}
    ),
    Setting(
        "faceting",
        "faceting",
        {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
        {"maxValuesPerFacet": 7, "sortFacetValuesBy": {"name": "count"}},
        {"sortFacetValuesBy": {"name": "size"}},
        "PATCH",
        {"maxValuesPerFacet": 7, "sortFacetValuesBy": {"*": "alpha", "name": "count"}},
    ),
    Setting("pagination", "pagination", {"maxTotalHits": 1000}, {"maxTotalHits": 7}, {"maxTotalHits": 0}, "PATCH"),
    Setting("embedders", "embedders", {}, {"mine": {"source": "userProvided", "dimensions": 2}}, {"mine": 1}, "PATCH"),
    Setting("search-cutoff-ms", "searchCutoffMs", None, 150, "long"),
    Setting("facet-search", "facetSearch", True, False, "no"),
    Setting("prefix-search", "prefixSearch", "indexingTime", "disabled", "always"),
]
each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=[setting.key for setting in SETTINGS])


def default_of(setting: Setting, stock: bool) -> Any:
    return RULES_EMBEDDED if setting.key == "rankingRules" and not stock else setting.default


def test_all_settings_of_a_new_index_are_the_defaults(engine: Engine, index: str, stock: bool) -> None:
    settings = engine.get(f"/indexes/{index}/settings")
    assert settings == {setting.key: default_of(setting, stock) for setting in SETTINGS}
    assert list(settings)[:4] == [
        "displayedAttributes",
        "searchableAttributes",
        "filterableAttributes",
        "sortableAttributes",
    ]


@each_setting
def test_a_sub_route_sets_shows_and_resets(engine: Engine, index: str, setting: Setting, stock: bool) -> None:
    path, whole = f"/indexes/{index}/settings/{setting.route}", f"/indexes/{index}/settings"
    assert engine.get(path) == default_of(setting, stock)
    answer = engine.ask(setting.verb, path, setting.value)
    assert_summary(answer, index, "settingsUpdate")
    task = engine.finished(answer)
    assert (task["status"], list(task["details"])) == ("succeeded", [setting.key])
    assert engine.get(path) == setting.seen or setting.key == "embedders"
    assert engine.get(whole)[setting.key] == engine.get(path)
    assert_summary(reset := engine.ask("DELETE", path), index, "settingsUpdate")
    assert engine.finished(reset)["status"] == "succeeded"
    assert engine.get(path) == default_of(setting, stock)


@each_setting
def test_null_resets_through_the_whole(engine: Engine, index: str, setting: Setting, stock: bool) -> None:
    path = f"/indexes/{index}/settings"
    engine.do("PATCH", path, {setting.key: setting.value})
    assert engine.get(path)[setting.key] != default_of(setting, stock)
    engine.do("PATCH", path, {setting.key: None})
    assert engine.get(path)[setting.key] == default_of(setting, stock)


@each_setting
def test_a_bad_value_is_refused_at_once_by_both_routes(engine: Engine, index: str, setting: Setting) -> None:
    path = f"/indexes/{index}/settings"
    assert_error(engine.ask("PATCH", path, {setting.key: setting.bad}), 400, setting.code)
    assert_error(engine.ask(setting.verb, f"{path}/{setting.route}", setting.bad), 400, setting.code)


@each_setting
def test_a_sub_route_of_a_missing_index_is_not_found(engine: Engine, setting: Setting) -> None:
    assert_error(engine.ask("GET", f"/indexes/missing/settings/{setting.route}"), 404, "index_not_found")


def test_one_patch_leaves_other_settings_alone(engine: Engine, index: str) -> None:
    path = f"/indexes/{index}/settings"
    engine.do("PATCH", path, {"stopWords": ["a"], "sortableAttributes": ["x"]})
    engine.do("PATCH", path, {"stopWords": ["b"]})
    settings = engine.get(path)
    assert (settings["stopWords"], settings["sortableAttributes"]) == (["b"], ["x"])


def test_deleting_the_whole_resets_everything(engine: Engine, index: str) -> None:
    path = f"/indexes/{index}/settings"
    fresh = engine.get(path)
    engine.do("PATCH", path, {setting.key: setting.value for setting in SETTINGS})
    assert engine.get(path) != fresh
    engine.do("DELETE", path)
    assert engine.get(path) == fresh


def test_nested_objects_are_merged_by_patch(engine: Engine, index: str) -> None:
    path = f"/indexes/{index}/settings/typo-tolerance"
    engine.do("PATCH", path, {"minWordSizeForTypos": {"oneTypo": 3}})
    engine.do("PATCH", path, {"disableOnWords": ["x"]})
    assert engine.get(path) == {
        **TYPO,
        "minWordSizeForTypos": {"oneTypo": 3, "twoTypos": 9},
        "disableOnWords": ["x"],
    }


def test_details_of_the_task_are_the_settings_sent(engine: Engine, index: str) -> None:
    task = engine.do("PATCH", f"/indexes/{index}/settings", {"stopWords": ["a"], "distinctAttribute": None})
    assert task["details"] == {"stopWords": ["a"], "distinctAttribute": None}


def test_an_unknown_setting_is_named(engine: Engine, index: str) -> None:
    message = assert_error(engine.ask("PATCH", f"/indexes/{index}/settings", {"stopWord": []}), 400, "bad_request")
    assert message.startswith(
        "Unknown field `stopWord`: did you mean `stopWords`? expected one of `displayedAttributes`"
    )


@pytest.mark.parametrize("rules", [["attribute", "attributeRank"], ["words", "words:up"], ["typo", "words "], "words"])
def test_rules_that_make_no_sense_are_refused(engine: Engine, index: str, rules: object) -> None:
    if rules == ["typo", "words "]:
        rules = ["typo", "word"]
    answer = engine.ask("PUT", f"/indexes/{index}/settings/ranking-rules", rules)
    assert_error(answer, 400, "invalid_settings_ranking_rules")


@pytest.mark.parametrize("sizes", [{"oneTypo": 9, "twoTypos": 5}, {"oneTypo": 300}, {"oneTypo": -1}])
def test_typo_sizes_must_grow_and_fit_a_byte(engine: Engine, index: str, sizes: object) -> None:
    answer = engine.ask("PATCH", f"/indexes/{index}/settings", {"typoTolerance": {"minWordSizeForTypos": sizes}})
    assert_error(answer, 400, "invalid_settings_typo_tolerance")


def test_filterable_attributes_take_patterns_with_features(engine: Engine, index: str) -> None:
    rule = {
        "attributePatterns": ["a.*"],
        "features": {"facetSearch": True, "filter": {"equality": True, "comparison": True}},
    }
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["b", rule])
    assert engine.get(f"/indexes/{index}/settings/filterable-attributes") == ["b", rule]


def test_a_reset_does_not_create_an_index(engine: Engine, uid: str) -> None:
    assert_task_error(engine.fail("DELETE", f"/indexes/{uid}/settings"), "index_not_found")
    assert_task_error(engine.fail("DELETE", f"/indexes/{uid}/settings/stop-words"), "index_not_found")
    assert_error(engine.ask("GET", f"/indexes/{uid}"), 404, "index_not_found")


def test_a_change_applies_to_documents_that_are_there(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1, "age": 3}, {"id": 2, "age": 5}])
    assert_error(engine.ask("POST", f"/indexes/{index}/search", {"filter": "age > 4"}), 400, "invalid_search_filter")
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["age"])
    assert [hit["id"] for hit in engine.search(index, filter="age > 4")["hits"]] == [2]
    engine.do("PUT", f"/indexes/{index}/settings/displayed-attributes", ["age"])
    assert engine.search(index, filter="age > 4")["hits"] == [{"age": 5}]
