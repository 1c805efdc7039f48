//! What may be the uid of an index.

use crate::error::{ApiError, codes};

const MAX_BYTES: usize = 400;

/// ASCII alphanumerics, `-` and `_`, 1 to 400 bytes.
pub fn is_valid(uid: &str) -> bool {
    (1..=MAX_BYTES).contains(&uid.len())
        && uid
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

pub fn check(uid: &str) -> Result<(), ApiError> {
    match is_valid(uid) {
        true => Ok(()),
        false => Err(ApiError::new(codes::INVALID_INDEX_UID, message(uid))),
    }
}

pub fn message(uid: &str) -> String {
    format!(
        "`{uid}` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric \
         characters, hyphens (-) and underscores (_), and can not be more than 512 bytes."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_names_of_bounded_length_pass() {
        assert!(is_valid("movies-i1_e0") && is_valid(&"a".repeat(400)));
        assert!(!is_valid("") && !is_valid("é") && !is_valid("a b") && !is_valid(&"a".repeat(401)));
    }
}
