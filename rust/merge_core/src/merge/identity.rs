//! A document's id, by which two hits are known to be one document.

use super::body::Body;
use crate::json::{Flaw, unescape};
use crate::paths::inside;

/// The id of a hit as text, since `1` and `"1"` are one document; None where the hit does not show it.
pub fn id(body: &Body, hit: usize, path: &str) -> Result<Option<Vec<u8>>, Flaw> {
    let mut cursor = body.members(hit);
    let (mut first, mut path) = (true, path);
    while let Some(raw) = cursor.key(first)? {
        first = false;
        let name = unescape(raw)?;
        let name = std::str::from_utf8(&name).unwrap_or_default();
        match inside(path, name) {
            Some("") => return as_text(cursor.value()?).map(Some),
            Some(rest) if cursor.peek()? == b'{' => {
                cursor.expect(b'{')?;
                (first, path) = (true, rest);
            }
            _ => drop(cursor.value()?),
        }
    }
    Ok(None)
}

fn as_text(value: &[u8]) -> Result<Vec<u8>, Flaw> {
    match value {
        [b'"', text @ .., b'"'] => Ok(unescape(text)?.into_owned()),
        number => Ok(number.to_vec()),
    }
}
