//! Scalars and white space.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{BROKEN, Flaw};

pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// A text without the white space around it.
pub fn trimmed(text: &[u8]) -> &[u8] {
    let Some(first) = text.iter().position(|byte| !is_space(*byte)) else {
        return &[];
    };
    let last = text
        .iter()
        .rposition(|byte| !is_space(*byte))
        .unwrap_or(first);
    &text[first..=last]
}

/// The value of a JSON number.
pub fn number(text: &[u8]) -> Result<f64, Flaw> {
    let (digits, sign) = match text {
        [b'-', digits @ ..] => (digits, -1.0),
        digits => (digits, 1.0),
    };
    if (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
        let value = digits
            .iter()
            .fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        return Ok(sign * value as f64);
    }
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return Err(BROKEN);
    }
    let value: f64 = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(BROKEN)?;
    value.is_finite().then_some(value).ok_or(BROKEN)
}

/// How an engine orders numbers: by value, and of the two zeros the positive one first.
pub fn by_value(one: f64, other: f64) -> Ordering {
    if one == other {
        other.total_cmp(&one)
    } else {
        one.total_cmp(&other)
    }
}

/// The text that stands between a JSON string's quotes, without escapes.
pub fn unescape(raw: &[u8]) -> Result<Cow<'_, [u8]>, Flaw> {
    if !raw.contains(&b'\\') {
        return Ok(Cow::Borrowed(raw));
    }
    let quoted = [b"\"", raw, b"\""].concat();
    let text: String = serde_json::from_slice(&quoted).map_err(|_| BROKEN)?;
    Ok(Cow::Owned(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        for (text, value) in [
            ("0", 0.0),
            ("-12", -12.0),
            ("0.9090909090909091", 10.0 / 11.0),
            ("1e3", 1000.0),
        ] {
            assert_eq!(number(text.as_bytes()), Ok(value));
        }
        for text in ["", "-", "a", "1e999", "nan", "inf", "+1", ".5"] {
            assert!(number(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_positive_zero_comes_before_the_negative_one() {
        let mut numbers = [1.0, -0.0, 0.0, -1.0];
        numbers.sort_by(|one, other| by_value(*one, *other));
        assert_eq!(format!("{numbers:?}"), "[-1.0, 0.0, -0.0, 1.0]");
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(br#"a\"\u0041\n"#).as_deref(), Ok(&b"a\"A\n"[..]));
        assert!(unescape(br"\ud800").is_err());
    }
}
