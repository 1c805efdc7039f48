//! Who may do what: API keys, their actions and index patterns, and the bearer token of a request.
//! No storage and no routes in here.

pub mod actions;
mod key;

use axum::http::{HeaderMap, header};

pub use key::{Key, KeyView, default_keys, key_value};

use crate::error::{ApiError, codes};

/// What the sender of a request may do.
#[derive(Debug, Clone)]
pub enum Access {
    /// The master key, or a node without one.
    Everything,
    Key(Key),
}

impl Access {
    /// Whether the action is granted on some index at least (or needs none).
    pub fn may(&self, action: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Key(key) => !key.expired() && actions::granted(&key.actions, action),
        }
    }

    /// Whether the index is within reach, whatever the action.
    pub fn reaches(&self, index: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Key(key) => key
                .indexes
                .iter()
                .any(|pattern| matches_pattern(pattern, index)),
        }
    }

    pub fn may_in(&self, action: &str, index: &str) -> bool {
        self.may(action) && self.reaches(index)
    }

    /// Whether no index is out of reach.
    pub fn reaches_all(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Key(key) => key.indexes.iter().any(|pattern| pattern == "*"),
        }
    }
}

/// `exact`, `prefix*` or `*`.
pub fn matches_pattern(pattern: &str, index: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => index.starts_with(prefix),
        None => pattern == index,
    }
}

/// The token of an `Authorization: Bearer` header; `None` without a header.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| missing_header())?;
    match text.split_once(' ') {
        Some(("Bearer", token)) => Ok(Some(token.trim())),
        _ if text == "Bearer" => Err(refused()),
        _ => Err(missing_header()),
    }
}

pub fn missing_header() -> ApiError {
    let text = "The Authorization header is missing. It must use the bearer authorization method.";
    ApiError::new(codes::MISSING_AUTHORIZATION_HEADER, text)
}

pub fn refused() -> ApiError {
    ApiError::new(codes::INVALID_API_KEY, "The provided API key is invalid.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(actions: &[&str], indexes: &[&str]) -> Access {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Access::Key(Key::new(own(actions), own(indexes)))
    }

    #[test]
    fn a_key_reaches_only_its_index_patterns() {
        let access = key(&["documents.*"], &["movies", "log-*"]);
        assert!(
            access.may_in("documents.add", "movies") && access.may_in("documents.get", "log-1")
        );
        assert!(!access.may_in("documents.add", "movies2") && !access.reaches_all());
    }

    #[test]
    fn a_key_with_given_actions_does_not_create_indexes() {
        let access = key(&["documents.*", "indexes.update"], &["*"]);
        assert!(
            !access.may("indexes.create") && access.may("indexes.update") && access.reaches_all()
        );
    }

    #[test]
    fn another_scheme_is_a_missing_header_and_an_empty_token_is_refused() {
        let with = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
            bearer(&headers)
                .map(|token| token.map(str::to_owned))
                .map_err(|error| error.code.name)
        };
        assert_eq!(with("bearer x"), Err("missing_authorization_header"));
        assert_eq!(with("Bearer"), Err("invalid_api_key"));
        assert_eq!(with("Bearer x"), Ok(Some("x".to_owned())));
    }
}
