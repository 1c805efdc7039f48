//! One hit per value of an attribute (exact-merge 3B-12). Values are compared as the engine compares them.

use std::collections::HashSet;

use super::body::Body;
use super::facets::normalized;
use super::{MergeError, Place};
use crate::json::{Cursor, Flaw, number, unescape};
use crate::paths::inside;

/// How deep arrays and objects are searched for values.
const DEEPEST: usize = 64;

/// What was seen so far.
#[derive(Debug)]
pub struct Distinct {
    path: String,
    seen: HashSet<Value>,
    duplicates: u64,
}

/// The numbers 1 and the text "1" are two values.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Value {
    Number(u64),
    Text(Vec<u8>),
}

impl Distinct {
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            seen: HashSet::new(),
            duplicates: 0,
        }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many hits were not admitted.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Whether a hit has only values that no hit before it had; a hit without a value always does.
    pub fn admits(&mut self, bodies: &[Body], place: Place) -> Result<bool, MergeError> {
        let mut values = Vec::new();
        let mut cursor = bodies[place.body].members(place.hit);
        let read = read_object(&mut cursor, &self.path, &mut values, 0);
        read.map_err(|what| MergeError {
            position: place.body,
            what,
        })?;
        if values.iter().any(|value| self.seen.contains(value)) {
            self.duplicates += 1;
            return Ok(false);
        }
        self.seen.extend(values);
        Ok(true)
    }
}

fn read_object(
    cursor: &mut Cursor,
    path: &str,
    values: &mut Vec<Value>,
    depth: usize,
) -> Result<(), Flaw> {
    let mut first = true;
    while let Some(name) = cursor.key(first)? {
        first = false;
        let name = unescape(name)?;
        let rest = std::str::from_utf8(&name)
            .ok()
            .and_then(|name| inside(path, name));
        let value = cursor.value()?;
        if let Some(rest) = rest {
            read_value(value, rest, values, depth + 1)?;
        }
    }
    Ok(())
}

fn read_value(value: &[u8], path: &str, values: &mut Vec<Value>, depth: usize) -> Result<(), Flaw> {
    let mut cursor = Cursor::new(value);
    match value {
        _ if depth > DEEPEST => Ok(()),
        [b'{', ..] if path.is_empty() => Ok(()),
        [b'{', ..] => {
            cursor.expect(b'{')?;
            read_object(&mut cursor, path, values, depth)
        }
        [b'[', ..] => {
            cursor.expect(b'[')?;
            let mut first = true;
            while cursor.element(first)? {
                first = false;
                read_value(cursor.value()?, path, values, depth + 1)?;
            }
            Ok(())
        }
        scalar if path.is_empty() => {
            values.extend(read_scalar(scalar)?);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn read_scalar(scalar: &[u8]) -> Result<Option<Value>, Flaw> {
    match scalar {
        b"null" | b"\"\"" => Ok(None),
        b"true" | b"false" => Ok(Some(Value::Text(scalar.to_vec()))),
        [b'"', text @ .., b'"'] => Ok(Some(Value::Text(normalized(&unescape(text)?).into_bytes()))),
        digits => Ok(Some(Value::Number((number(digits)? + 0.0).to_bits()))),
    }
}
