//! Index settings: every one the engine knows, declared once with its route, its verb and its check.
//! How they reach the engine is in `apply`, how they come back in `view`.

pub mod apply;
mod check;
pub mod redact;
pub mod routes;
pub mod view;

use serde_json::{Map, Value};

use crate::body;
use crate::error::{ApiError, Code, codes};
use check::Place;

type Check = fn(&Value, &Place) -> Result<(), ApiError>;

/// The verb that changes a setting through its own route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Put,
    Patch,
}

pub struct Setting {
    /// Its name in the whole object.
    pub key: &'static str,
    /// Its route below `/indexes/{uid}/settings/`.
    pub route: &'static str,
    pub verb: Verb,
    code: Code,
    check: Check,
}

macro_rules! settings {
    ($($key:literal $route:literal $verb:ident $code:ident $check:ident;)*) => {
        /// In the order in which clients see them.
        pub static ALL: &[Setting] = &[$(Setting {
            key: $key, route: $route, verb: Verb::$verb, code: codes::$code, check: check::$check,
        },)*];
    };
}

settings! {
    "displayedAttributes" "displayed-attributes" Put INVALID_SETTINGS_DISPLAYED_ATTRIBUTES strings;
    "searchableAttributes" "searchable-attributes" Put INVALID_SETTINGS_SEARCHABLE_ATTRIBUTES strings;
    "filterableAttributes" "filterable-attributes" Put INVALID_SETTINGS_FILTERABLE_ATTRIBUTES filterable;
    "sortableAttributes" "sortable-attributes" Put INVALID_SETTINGS_SORTABLE_ATTRIBUTES strings;
    "rankingRules" "ranking-rules" Put INVALID_SETTINGS_RANKING_RULES ranking_rules;
    "stopWords" "stop-words" Put INVALID_SETTINGS_STOP_WORDS strings;
    "nonSeparatorTokens" "non-separator-tokens" Put INVALID_SETTINGS_NON_SEPARATOR_TOKENS strings;
    "separatorTokens" "separator-tokens" Put INVALID_SETTINGS_SEPARATOR_TOKENS strings;
    "dictionary" "dictionary" Put INVALID_SETTINGS_DICTIONARY strings;
    "synonyms" "synonyms" Put INVALID_SETTINGS_SYNONYMS synonyms;
    "distinctAttribute" "distinct-attribute" Put INVALID_SETTINGS_DISTINCT_ATTRIBUTE string;
    "proximityPrecision" "proximity-precision" Put INVALID_SETTINGS_PROXIMITY_PRECISION proximity_precision;
    "typoTolerance" "typo-tolerance" Patch INVALID_SETTINGS_TYPO_TOLERANCE typo_tolerance;
    "faceting" "faceting" Patch INVALID_SETTINGS_FACETING faceting;
    "pagination" "pagination" Patch INVALID_SETTINGS_PAGINATION pagination;
    "embedders" "embedders" Patch INVALID_SETTINGS_EMBEDDERS embedders;
    "searchCutoffMs" "search-cutoff-ms" Put INVALID_SETTINGS_SEARCH_CUTOFF_MS number;
    "localizedAttributes" "localized-attributes" Put INVALID_SETTINGS_LOCALIZED_ATTRIBUTES localized;
    "facetSearch" "facet-search" Put INVALID_SETTINGS_FACET_SEARCH boolean;
    "prefixSearch" "prefix-search" Put INVALID_SETTINGS_PREFIX_SEARCH prefix_search;
}

/// Checks a partial settings object and puts its keys into the documented order. `null` resets.
pub fn checked_patch(mut given: Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    if let Some(name) = given
        .keys()
        .find(|name| ALL.iter().all(|setting| setting.key != name.as_str()))
    {
        return Err(body::unknown_field(
            name,
            ALL.iter().map(|setting| setting.key),
        ));
    }
    let mut patch = Map::new();
    for setting in ALL {
        let Some(value) = given.remove(setting.key) else {
            continue;
        };
        setting.check(&value, &format!(".{}", setting.key))?;
        patch.insert(setting.key.to_owned(), value);
    }
    Ok(patch)
}

impl Setting {
    /// Checks the setting's own value; `pointer` is its place in the body.
    pub fn check(&self, value: &Value, pointer: &str) -> Result<(), ApiError> {
        match value {
            Value::Null => Ok(()),
            value => (self.check)(value, &Place::new(self.code, pointer)),
        }
    }
}

/// The patch that resets everything.
pub fn reset_patch() -> Map<String, Value> {
    ALL.iter()
        .map(|setting| (setting.key.to_owned(), Value::Null))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(patch: Value) -> (String, &'static str) {
        let error = checked_patch(patch.as_object().unwrap().clone()).unwrap_err();
        (error.message, error.code.name)
    }

    #[test]
    fn a_patch_comes_out_in_the_documented_order() {
        let patch = json!({"prefixSearch": null, "stopWords": ["a"], "displayedAttributes": ["*"]});
        let checked = checked_patch(patch.as_object().unwrap().clone()).unwrap();
        let keys: Vec<_> = checked.keys().map(String::as_str).collect();
        assert_eq!(keys, ["displayedAttributes", "stopWords", "prefixSearch"]);
    }

    #[test]
    fn each_wrong_value_names_its_place_and_its_code() {
        assert_eq!(
            refusal(json!({"stopWords": ["a", 1]})),
            (
                "Invalid value type at `.stopWords[1]`: expected a string, but found a positive integer: `1`".to_owned(),
                "invalid_settings_stop_words"
            )
        );
        assert_eq!(
            refusal(json!({"rankingRules": ["wordPosition"]})).1,
            "invalid_settings_ranking_rules"
        );
        assert_eq!(
            refusal(json!({"typoTolerance": {"enabled": 1}})).1,
            "invalid_settings_typo_tolerance"
        );
        assert_eq!(
            refusal(json!({"typoTolerance": {"nope": 1}})).1,
            "bad_request"
        );
        assert_eq!(
            refusal(json!({"pagination": {"maxTotalHits": 0}})).1,
            "invalid_settings_pagination"
        );
        assert_eq!(
            refusal(json!({"embedders": {"a": {"source": "nope"}}})).1,
            "invalid_settings_embedders"
        );
        assert_eq!(refusal(json!({"nope": 1})).1, "bad_request");
    }

    #[test]
    fn a_ranking_rule_of_a_later_engine_is_unknown() {
        let (message, _) = refusal(json!({"rankingRules": ["words", "attributeRank"]}));
        assert!(message.starts_with(
            "Invalid value at `.rankingRules[1]`: `attributeRank` ranking rule is invalid."
        ));
    }
}
