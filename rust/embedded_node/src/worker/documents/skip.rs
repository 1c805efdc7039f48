//! Additions that must not create documents: the payload without the documents that are not there yet.

use std::io::{BufWriter, Write};

use memmap2::Mmap;
use milli_core::Index;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::Outcome;
use crate::error::ApiError;

/// A copy of `payload` with only the documents whose id the index knows. Documents without a usable id stay: the
/// engine refuses them in its own words.
pub fn known_only(payload: &[u8], index: &Index) -> Outcome<Mmap> {
    let rtxn = index.read_txn()?;
    let primary_key = index.primary_key(&rtxn)?;
    let known = index.external_documents_ids();
    let file = tempfile::tempfile()?;
    let mut writer = BufWriter::new(&file);
    for document in serde_json::Deserializer::from_slice(payload).into_iter::<&RawValue>() {
        let document = document.map_err(ApiError::internal)?;
        let keep = match primary_key.and_then(|name| id_of(document, name)) {
            Some(id) => known.get(&rtxn, id)?.is_some(),
            None => primary_key.is_some(),
        };
        if keep {
            writer.write_all(document.get().as_bytes())?;
            writer.write_all(b"\n")?;
        }
    }
    writer.flush()?;
    drop(writer);
    // SAFETY: the file has no name, so nobody else can change it.
    Ok(unsafe { Mmap::map(&file) }?)
}

/// The id of a document as text; a dotted name is looked up as written first, then as a path.
fn id_of(document: &RawValue, primary_key: &str) -> Option<String> {
    let document = Value::deserialize(document).ok()?;
    let found = match document.get(primary_key) {
        Some(value) => Some(value),
        None => primary_key
            .split('.')
            .try_fold(&document, |value, part| value.get(part)),
    };
    match found? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) if !id.is_f64() => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str, primary_key: &str) -> Option<String> {
        id_of(
            &RawValue::from_string(text.to_owned()).unwrap(),
            primary_key,
        )
    }

    #[test]
    fn ids_are_texts_whatever_their_json_type() {
        assert_eq!(id(r#"{"id": 1}"#, "id").as_deref(), Some("1"));
        assert_eq!(id(r#"{"a": {"id": "x"}}"#, "a.id").as_deref(), Some("x"));
        assert_eq!(
            id(r#"{"a.id": "y", "a": {"id": "x"}}"#, "a.id").as_deref(),
            Some("y")
        );
        assert_eq!(id(r#"{"id": 1.5}"#, "id"), None);
    }
}
