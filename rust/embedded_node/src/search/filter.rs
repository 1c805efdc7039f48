//! Filters: a string or nested arrays of strings into the engine's filter, with the API's own refusals.

use milli_core::{Condition, Filter, FilterCondition, Token};
use serde_json::Value;

use crate::error::{ApiError, Code, codes};
use crate::features::Features;

const CONTAINS_DISABLED: &str = "Using `CONTAINS` in a filter requires enabling the `contains filter` experimental feature. See https://github.com/orgs/meilisearch/discussions/763";

#[derive(Debug)]
struct ContainsDisabled;

impl std::fmt::Display for ContainsDisabled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(CONTAINS_DISABLED)
    }
}

impl std::error::Error for ContainsDisabled {}

/// Parses a filter; an empty one is no filter. `code` is the code of the parameter that carried it.
pub fn parse<'f>(
    value: &'f Value,
    code: Code,
    features: &Features,
) -> Result<Option<Filter<'f>>, ApiError> {
    check_shape(value, code)?;
    let filter =
        Filter::from_json(value).map_err(|error| ApiError::new(code, error.to_string()))?;
    if let Some(filter) = filter.clone().filter(|_| !features.contains_filter) {
        let condition = FilterCondition::from(filter);
        if let Some(token) = contains(&condition) {
            let message = token.as_external_error(ContainsDisabled).to_string();
            return Err(ApiError::new(codes::FEATURE_NOT_ENABLED, message));
        }
    }
    Ok(filter)
}

/// The first `CONTAINS` of a filter: the one operator that is experimental.
fn contains<'c, 'f>(condition: &'c FilterCondition<'f>) -> Option<&'c Token<'f>> {
    match condition {
        FilterCondition::Condition {
            op: Condition::Contains { keyword, .. },
            ..
        } => Some(keyword),
        FilterCondition::Not(inner) => contains(inner),
        FilterCondition::Or(parts) | FilterCondition::And(parts) => parts.iter().find_map(contains),
        _ => None,
    }
}

fn check_shape(value: &Value, code: Code) -> Result<(), ApiError> {
    let Value::Array(ands) = value else {
        return expect(value, "String, Array", value.is_string(), code);
    };
    for part in ands {
        let Value::Array(ors) = part else {
            expect(part, "String, [String]", part.is_string(), code)?;
            continue;
        };
        for leaf in ors {
            expect(leaf, "String", leaf.is_string(), code)?;
        }
    }
    Ok(())
}

fn expect(value: &Value, expected: &str, ok: bool, code: Code) -> Result<(), ApiError> {
    if ok {
        return Ok(());
    }
    let message =
        format!("Invalid syntax for the filter parameter: `expected {expected}, found: {value}`.");
    Err(ApiError::new(code, message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(value: Value) -> ApiError {
        parse(&value, codes::INVALID_SEARCH_FILTER, &Features::default()).expect_err("a refusal")
    }

    #[test]
    fn a_filter_is_text_or_arrays_of_text() {
        assert_eq!(
            refusal(json!(true)).message,
            "Invalid syntax for the filter parameter: `expected String, Array, found: true`."
        );
        assert_eq!(
            refusal(json!([["a = 1", 2]])).message,
            "Invalid syntax for the filter parameter: `expected String, found: 2`."
        );
    }

    #[test]
    fn empty_filters_filter_nothing() {
        for empty in [json!(""), json!([]), json!([[]]), json!([""])] {
            assert!(
                matches!(
                    parse(&empty, codes::INVALID_SEARCH_FILTER, &Features::default()),
                    Ok(None)
                ),
                "{empty}"
            );
        }
    }

    #[test]
    fn experimental_operators_are_not_enabled() {
        let error = refusal(json!("title CONTAINS hero"));
        assert_eq!(error.code, codes::FEATURE_NOT_ENABLED);
        assert!(error.message.starts_with(CONTAINS_DISABLED));
        let prefix = json!("NOT title STARTS WITH hero");
        assert!(parse(&prefix, codes::INVALID_SEARCH_FILTER, &Features::default()).is_ok());
    }
}
