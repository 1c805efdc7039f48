//! Query strings: every value arrives as text, so numbers, booleans and lists have their own readers here.

use axum::extract::Query;
use axum::http::Uri;
use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef,
    take_cf_content,
};
use serde_json::Map;

use super::fault::QueryFault;
use crate::error::{ApiError, codes};

/// Reads the query string of a request into its parameters; a name given twice keeps its last value.
pub fn query_string<T: Deserr<QueryFault>>(uri: &Uri) -> Result<T, ApiError> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| ApiError::new(codes::BAD_REQUEST, error.body_text()))?;
    let map: Map<String, serde_json::Value> = pairs
        .into_iter()
        .map(|(name, text)| (name, text.into()))
        .collect();
    deserr::deserialize::<T, _, QueryFault>(serde_json::Value::Object(map)).map_err(ApiError::from)
}

/// A value that a query string carries as text.
pub trait FromText: Sized {
    /// The value, or the sentence that says what was expected.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl FromText for usize {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("could not parse `{text}` as a positive integer"))
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(format!(
                "could not parse `{text}` as a boolean, expected either `true` or `false`"
            )),
        }
    }
}

impl FromText for f32 {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse::<f32>().map_err(|error| error.to_string())
    }
}

/// One value of a query string.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Param<T>(pub T);

impl<T: FromText, E: DeserializeError> Deserr<E> for Param<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, E> {
        let text = text_of(value, location)?;
        T::from_text(&text)
            .map(Param)
            .map_err(|message| unexpected(message, location))
    }
}

/// A comma separated list; an empty text is an empty list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Csv<T>(pub Vec<T>);

impl<T: Deserr<E>, E: DeserializeError> Deserr<E> for Csv<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, E> {
        let text = text_of(value, location)?;
        if text.is_empty() {
            return Ok(Csv(Vec::new()));
        }
        let items = text.split(',').map(|item| {
            let item = serde_json::Value::from(item);
            T::deserialize_from_value(item.into_value(), location)
        });
        items.collect::<Result<Vec<T>, E>>().map(Csv)
    }
}

fn text_of<V: IntoValue, E: DeserializeError>(
    value: Value<V>,
    location: ValuePointerRef,
) -> Result<String, E> {
    match value {
        Value::String(text) => Ok(text),
        actual => {
            let kind = ErrorKind::IncorrectValueKind {
                actual,
                accepted: &[ValueKind::String],
            };
            Err(take_cf_content(E::error(None, kind, location)))
        }
    }
}

fn unexpected<E: DeserializeError>(message: String, location: ValuePointerRef) -> E {
    let kind = ErrorKind::Unexpected { msg: message };
    take_cf_content(E::error::<std::convert::Infallible>(None, kind, location))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserr)]
    #[deserr(error = QueryFault, rename_all = camelCase, deny_unknown_fields)]
    struct Sample {
        #[deserr(default, error = QueryFault)]
        limit: Option<Param<usize>>,
        #[deserr(default, error = QueryFault)]
        fields: Option<Csv<String>>,
        #[deserr(default, error = QueryFault)]
        show_all: Option<Param<bool>>,
    }

    fn read(query: &str) -> Result<Sample, String> {
        let uri: Uri = format!("/x?{query}").parse().map_err(|_| "bad uri")?;
        query_string(&uri).map_err(|error| error.message)
    }

    #[test]
    fn numbers_lists_and_booleans_are_read_from_text() {
        let sample = read("limit=3&fields=a,b%20c&showAll=true").expect("valid parameters");
        assert_eq!(sample.limit, Some(Param(3)));
        assert_eq!(sample.fields, Some(Csv(vec!["a".into(), "b c".into()])));
        assert_eq!(sample.show_all, Some(Param(true)));
    }

    #[test]
    fn messages_name_the_parameter_and_what_was_expected() {
        assert_eq!(
            read("limit=-1").expect_err("negative"),
            "Invalid value in parameter `limit`: could not parse `-1` as a positive integer"
        );
        assert_eq!(
            read("showAll=True").expect_err("capital"),
            "Invalid value in parameter `showAll`: could not parse `True` as a boolean, expected either `true` or `false`"
        );
        assert_eq!(
            read("limits=1").expect_err("unknown"),
            "Unknown parameter `limits`: did you mean `limit`? expected one of `limit`, `fields`, `showAll`"
        );
    }
}
