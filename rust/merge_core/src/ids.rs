//! Document ids: which JSON values are ids, in which text form the engine keeps them, and how they are folded.

use serde_json::Value;

/// The longest id, in bytes.
pub const MAX_LENGTH: usize = 511;

/// Whether a text is an id: 1 to 511 bytes of letters, digits, `-` and `_`.
pub fn is_valid(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed)
}

/// The text form of an id given as JSON: a string as it is, an integer in decimal; None for anything else.
pub fn canonical(json: &[u8]) -> Option<String> {
    of_value(&serde_json::from_slice(json).ok()?)
}

/// The same for a value that was parsed.
pub fn of_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if is_valid(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_their_texts_are_one_id() {
        for json in [&b"1"[..], b"\"1\"", b" 1 ", b"\"\\u0031\""] {
            assert_eq!(canonical(json).as_deref(), Some("1"));
        }
        assert_eq!(canonical(b"-5").as_deref(), Some("-5"));
        assert_eq!(
            canonical(b"18446744073709551615").as_deref(),
            Some("18446744073709551615")
        );
    }

    #[test]
    fn leading_zeros_and_case_matter() {
        assert_eq!(canonical(b"\"01\"").as_deref(), Some("01"));
        assert_eq!(canonical(b"\"aB\"").as_deref(), Some("aB"));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let long = format!("\"{}\"", "a".repeat(512));
        let longest = format!("\"{}\"", "a".repeat(511));
        assert!(canonical(longest.as_bytes()).is_some());
        let others = [
            &b"\"\""[..],
            b"\"a b\"",
            b"1.0",
            b"1e2",
            b"-0",
            b"null",
            b"true",
            b"{}",
            b"[1]",
            b"\"\xc3\xa9\"",
        ];
        for json in others.into_iter().chain([
            long.as_bytes(),
            b"18446744073709551616",
            b"",
            b"\xff",
            b"1 2",
        ]) {
            assert_eq!(canonical(json), None, "{}", String::from_utf8_lossy(json));
        }
    }
}
