"""The sub-routes of an index's settings: path, JSON key, and the verb that changes it. Declared once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingRoute:
    """`/indexes/{uid}/settings/{path}` reads and writes `key`; `verb` is PUT, or PATCH where objects merge deeply."""

    path: str
    key: str
    verb: str = "PUT"


ROUTES: tuple[SettingRoute, ...] = (
    SettingRoute("displayed-attributes", "displayedAttributes"),
    SettingRoute("searchable-attributes", "searchableAttributes"),
    SettingRoute("filterable-attributes", "filterableAttributes"),
    SettingRoute("sortable-attributes", "sortableAttributes"),
    SettingRoute("ranking-rules", "rankingRules"),
    SettingRoute("stop-words", "stopWords"),
    SettingRoute("non-separator-tokens", "nonSeparatorTokens"),
    SettingRoute("separator-tokens", "separatorTokens"),
    SettingRoute("dictionary", "dictionary"),
    SettingRoute("synonyms", "synonyms"),
    SettingRoute("distinct-attribute", "distinctAttribute"),
    SettingRoute("proximity-precision", "proximityPrecision"),
    SettingRoute("typo-tolerance", "typoTolerance", "PATCH"),
    SettingRoute("faceting", "faceting", "PATCH"),
    SettingRoute("pagination", "pagination", "PATCH"),
    SettingRoute("embedders", "embedders", "PATCH"),
    SettingRoute("search-cutoff-ms", "searchCutoffMs"),
    SettingRoute("localized-attributes", "localizedAttributes"),
    SettingRoute("facet-search", "facetSearch"),
    SettingRoute("prefix-search", "prefixSearch"),
)
