//! Whether a deletion's filter can be read. Whether its attributes are filterable is the task's business.

use milli_core::Filter;
use serde_json::Value;

use crate::error::{ApiError, codes};

/// The filter of a body, or the error of `POST /documents/delete`.
pub fn check(filter: &Value) -> Result<(), ApiError> {
    match parse(filter) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(invalid("Sending an empty filter is forbidden.")),
        Err(error) => Err(error),
    }
}

/// A filter in the engine's form; `None` when it is empty.
pub fn parse(filter: &Value) -> Result<Option<Filter<'_>>, ApiError> {
    let parsed = match filter {
        Value::String(text) => Filter::from_str(text),
        Value::Array(items) => return array(items),
        other => {
            let text = format!(
                "Invalid syntax for the filter parameter: `expected String, Array, found: {other}`."
            );
            return Err(invalid(&text));
        }
    };
    parsed.map_err(as_document_filter)
}

/// AND of the elements; an inner array is an OR.
fn array(items: &[Value]) -> Result<Option<Filter<'_>>, ApiError> {
    let mut all = Vec::new();
    for item in items {
        all.push(match item {
            Value::String(text) => either::Either::Right(text.as_str()),
            Value::Array(any) => {
                either::Either::Left(any.iter().map(string).collect::<Result<Vec<_>, _>>()?)
            }
            other => return Err(unexpected("String, [String]", other)),
        });
    }
    Filter::from_array(all).map_err(as_document_filter)
}

fn string(item: &Value) -> Result<&str, ApiError> {
    item.as_str().ok_or_else(|| unexpected("String", item))
}

fn unexpected(wanted: &str, found: &Value) -> ApiError {
    invalid(&format!(
        "Invalid syntax for the filter parameter: `expected {wanted}, found: {found}`."
    ))
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(codes::INVALID_DOCUMENT_FILTER, text)
}

/// The engine blames a search; here it was a document route.
pub fn as_document_filter(error: milli_core::Error) -> ApiError {
    let error = ApiError::from(error);
    match error.code == codes::INVALID_SEARCH_FILTER {
        true => invalid(&error.message),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_texts_or_arrays_of_texts() {
        assert!(check(&json!("a = 1 AND b EXISTS")).is_ok());
        assert!(check(&json!([["a = 1", "b = 2"], "c = 3"])).is_ok());
    }

    #[test]
    fn empty_and_broken_filters_are_refused() {
        for filter in [
            json!(""),
            json!([]),
            json!("a ="),
            json!(1),
            json!([[["a = 1"]]]),
        ] {
            assert_eq!(
                check(&filter).unwrap_err().code.name,
                "invalid_document_filter",
                "{filter}"
            );
        }
    }
}
