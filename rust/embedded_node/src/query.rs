//! Query strings: known parameters only, each read once into its type.

use axum::http::Uri;

use crate::body::guess_or_expected;
use crate::error::{ApiError, Code, codes};

type Result<T> = std::result::Result<T, ApiError>;

/// The parameters of a request, checked against those its route knows.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(uri: &Uri, known: &[&str]) -> Result<Self> {
        let axum::extract::Query(pairs) =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
                .map_err(|error| ApiError::new(codes::BAD_REQUEST, error.body_text()))?;
        match pairs
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            Some((name, _)) => {
                let text = format!(
                    "Unknown parameter `{name}`: {}",
                    guess_or_expected(name, known.iter().copied())
                );
                Err(ApiError::new(codes::BAD_REQUEST, text))
            }
            None => Ok(Self(pairs)),
        }
    }

    /// The last value given under a name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str, code: Code) -> Result<Option<usize>> {
        self.parsed(name, code, "a positive integer", |text| text.parse().ok())
    }

    pub fn flag(&self, name: &str, code: Code) -> Result<Option<bool>> {
        let wanted = "a boolean, expected either `true` or `false`";
        self.parsed(name, code, wanted, |text| text.parse().ok())
    }

    fn parsed<T>(
        &self,
        name: &str,
        code: Code,
        wanted: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let refused = || {
            ApiError::new(
                code,
                format!(
                    "Invalid value in parameter `{name}`: could not parse `{text}` as {wanted}"
                ),
            )
        };
        read(text).map(Some).ok_or_else(refused)
    }

    /// A comma-separated list; `*` is no restriction at all.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        match self.text(name) {
            None | Some("*") => None,
            Some(text) => Some(text.split(',').map(str::trim).collect()),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }
}

/// `{results, offset, limit, total}` of a list that is already there.
pub fn page<T: serde::Serialize>(all: Vec<T>, offset: usize, limit: usize) -> serde_json::Value {
    let total = all.len();
    let results: Vec<T> = all.into_iter().skip(offset).take(limit).collect();
    serde_json::json!({"results": results, "offset": offset, "limit": limit, "total": total})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_misread_parameters_are_refused() {
        let uri: Uri = "/x?limit=a".parse().unwrap();
        assert_eq!(
            Query::parse(&uri, &["offset"])
                .map(|_| ())
                .unwrap_err()
                .message,
            "Unknown parameter `limit`: expected one of `offset`"
        );
        let error = Query::parse(&uri, &["limit"])
            .unwrap()
            .number("limit", codes::INVALID_TASK_LIMIT)
            .unwrap_err();
        assert_eq!(
            error.message,
            "Invalid value in parameter `limit`: could not parse `a` as a positive integer"
        );
    }

    #[test]
    fn a_star_is_no_list() {
        let uri: Uri = "/x?a=1,2&b=*".parse().unwrap();
        let query = Query::parse(&uri, &["a", "b"]).unwrap();
        assert_eq!(
            (query.list("a"), query.list("b")),
            (Some(vec!["1", "2"]), None)
        );
    }
}
