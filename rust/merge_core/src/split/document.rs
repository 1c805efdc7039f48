//! Judges one document: its syntax to the last byte, the names of its fields, its id. Knows nothing of chunks.
//!
//! Nodes get documents as they are written, one a line, and then two ids are too many wherever they stand, also when one
//! object names the id twice. Of any other field that is named twice the last one counts, which is for the node to see.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::fields::{Fields, Flaw};

/// What is to be said of a document.
pub enum Verdict {
    /// Its canonical id.
    Good(String),
    /// In order, and its id was not asked for.
    Unread,
    /// An id that is missing or none, or a primary key that cannot be inferred.
    Wrong {
        code: &'static str,
        message: String,
    },
    /// The name of a field that only Miroir may write.
    Reserved(String),
    Malformed(serde_json::Error),
    /// Not UTF-8 behind so many bytes.
    NotText(usize),
}

/// Knows the primary key, or infers it from the first document that it sees.
pub struct Judge {
    primary_key: Option<String>,
}

impl Judge {
    pub fn new(primary_key: Option<&str>) -> Self {
        Self {
            primary_key: primary_key.map(str::to_owned),
        }
    }

    pub fn primary_key(&self) -> Option<&str> {
        self.primary_key.as_deref()
    }

    /// Judge a document; look at its id only when `read_id`.
    pub fn judge(&mut self, document: &[u8], read_id: bool) -> Verdict {
        let text = match std::str::from_utf8(document) {
            Ok(text) => text,
            Err(error) => return Verdict::NotText(error.valid_up_to()),
        };
        let fields = match Fields::read(text, self.primary_key()) {
            Ok(fields) => fields,
            Err(error) => return Verdict::Malformed(error),
        };
        match fields {
            Fields {
                reserved: Some(name),
                ..
            } => Verdict::Reserved(name),
            _ if !read_id => Verdict::Unread,
            fields => self.identify(text, fields).unwrap_or_else(|wrong| wrong),
        }
    }

    fn identify(&mut self, text: &str, fields: Fields) -> Result<Verdict, Verdict> {
        if self.primary_key.is_some() {
            return self.verdict(text, fields.id());
        }
        self.primary_key = Some(infer(fields.candidates)?);
        let fields = Fields::read(text, self.primary_key()).map_err(Verdict::Malformed)?;
        self.verdict(text, fields.id())
    }

    fn verdict(&self, text: &str, id: Result<String, Flaw>) -> Result<Verdict, Verdict> {
        let key = self.primary_key().unwrap_or_default();
        let (code, message) = match id {
            Ok(id) => return Ok(Verdict::Good(id)),
            Err(Flaw::Missing) => (
                "missing_document_id",
                format!(
                    "Document doesn't have a `{key}` attribute: `{}`.",
                    compact(text)
                ),
            ),
            Err(Flaw::TooMany) => (
                "invalid_document_id",
                format!(
                    "Document have too many matching `{key}` attribute: `{}`.",
                    compact(text)
                ),
            ),
            Err(Flaw::Invalid(value)) => ("invalid_document_id", invalid_id(&value)),
        };
        Err(Verdict::Wrong { code, message })
    }
}

/// Meilisearch's words for a value that is no document id; `value` is its compact JSON text.
pub fn invalid_id(value: &str) -> String {
    format!(
        "Document identifier `{value}` is invalid. A document identifier can be of type integer or string, only \
         composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than \
         511 bytes."
    )
}

/// The primary key out of the first document's fields that end with `id`: there must be exactly one.
fn infer(candidates: BTreeSet<String>) -> Result<String, Verdict> {
    let advice = "Please specify the primary key manually using the `primaryKey` query parameter.";
    let start = "The primary key inference failed as the engine";
    let count = candidates.len();
    let mut names = candidates.into_iter();
    match (names.next(), names.next()) {
        (Some(one), None) => Ok(one),
        (Some(first), Some(second)) => Err(Verdict::Wrong {
            code: "index_primary_key_multiple_candidates_found",
            message: format!(
                "{start} found {count} fields ending with `id` in their names: '{first}' and '{second}'. {advice}"
            ),
        }),
        (None, _) => Err(Verdict::Wrong {
            code: "index_primary_key_no_candidate_found",
            message: format!(
                "{start} did not find any field ending with `id` in its name. {advice}"
            ),
        }),
    }
}

/// A document as Meilisearch shows it in messages.
fn compact(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}

/// An object, whatever it holds; anything else is an error in the parser's words.
pub struct Object;

impl<'d> Deserialize<'d> for Object {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'d> Visitor<'d> for Object {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self)
    }
}
