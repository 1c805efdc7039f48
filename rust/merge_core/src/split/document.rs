//! Judges one document: its syntax to the last byte, the names of its fields, its id. Knows nothing of chunks.
//!
//! Where an object names a field twice, the last one counts at the top level, as on a node; inside a nested object two
//! ids are too many, as on a node.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ids;
use crate::paths::inside;

const RESERVED: &str = "_miroir_";

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

/// What is wrong with an id.
enum Flaw {
    Missing,
    TooMany,
    /// The value that is none, as text.
    Invalid(String),
    Syntax(serde_json::Error),
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
            Err(Flaw::Syntax(error)) => return Err(Verdict::Malformed(error)),
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
fn infer(mut candidates: Vec<String>) -> Result<String, Verdict> {
    candidates.sort_unstable();
    let advice = "Please specify the primary key manually using the `primaryKey` query parameter.";
    let start = "The primary key inference failed as the engine";
    match candidates.as_mut_slice() {
        [one] => Ok(std::mem::take(one)),
        [] => Err(Verdict::Wrong {
            code: "index_primary_key_no_candidate_found",
            message: format!(
                "{start} did not find any field ending with `id` in its name. {advice}"
            ),
        }),
        [first, second, ..] => {
            let (first, second) = (std::mem::take(first), std::mem::take(second));
            let found = format!(
                "found {} fields ending with `id` in their names",
                candidates.len()
            );
            Err(Verdict::Wrong {
                code: "index_primary_key_multiple_candidates_found",
                message: format!("{start} {found}: '{first}' and '{second}'. {advice}"),
            })
        }
    }
}

/// A document as Meilisearch shows it in messages.
fn compact(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}

/// What matters of one document's top level.
#[derive(Default)]
struct Fields<'d> {
    /// The first field that only Miroir may write.
    reserved: Option<String>,
    /// Fields in which the id may be: their name, what is left of the path inside them, their value.
    ids: Vec<(Cow<'d, str>, String, &'d RawValue)>,
    /// Names that end with `id`; only collected while the primary key is not known.
    candidates: Vec<String>,
}

impl<'d> Fields<'d> {
    fn read(text: &'d str, primary_key: Option<&str>) -> Result<Self, serde_json::Error> {
        let mut fields = Self::default();
        members(text, |name, value| {
            if name.starts_with(RESERVED) {
                fields.reserved.get_or_insert_with(|| name.to_string());
            }
            match primary_key.map(|key| inside(key, &name)) {
                Some(Some(rest)) => fields.note_id(name, rest.to_owned(), value),
                Some(None) => {}
                None => fields.note_candidate(&name),
            }
        })?;
        Ok(fields)
    }

    fn note_id(&mut self, name: Cow<'d, str>, rest: String, value: &'d RawValue) {
        match self.ids.iter_mut().find(|(known, ..)| *known == name) {
            Some(earlier) => earlier.2 = value,
            None => self.ids.push((name, rest, value)),
        }
    }

    fn note_candidate(&mut self, name: &str) {
        if name.to_lowercase().ends_with("id") && !self.candidates.iter().any(|known| known == name)
        {
            self.candidates.push(name.to_owned());
        }
    }

    fn id(&self) -> Result<String, Flaw> {
        let mut found = None;
        for (_, rest, value) in &self.ids {
            collect(value.get(), rest, &mut found)?;
        }
        found.ok_or(Flaw::Missing)
    }
}

/// Find the one id under a path in a value.
fn collect(value: &str, path: &str, found: &mut Option<String>) -> Result<(), Flaw> {
    if path.is_empty() {
        let id = read_id(value).ok_or_else(|| Flaw::Invalid(compact(value)))?;
        return found.replace(id).map_or(Ok(()), |_| Err(Flaw::TooMany));
    }
    if !value.starts_with('{') {
        return Ok(());
    }
    let mut nested = Vec::new();
    members(value, |name, value| {
        nested.extend(inside(path, &name).map(|rest| (rest, value)))
    })
    .map_err(Flaw::Syntax)?;
    nested
        .into_iter()
        .try_for_each(|(rest, value)| collect(value.get(), rest, found))
}

fn read_id(value: &str) -> Option<String> {
    let plain = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match plain {
        Some(text) if ids::is_valid(text) => Some(text.to_owned()),
        _ => ids::canonical(value.as_bytes()),
    }
}

/// Show every member of an object to a function: its name, and its value as it is written.
fn members<'d>(
    text: &'d str,
    show: impl FnMut(Cow<'d, str>, &'d RawValue),
) -> Result<(), serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_str(text);
    parser.deserialize_map(Members(show))?;
    parser.end()
}

struct Members<F>(F);

#[derive(Deserialize)]
struct Name<'d>(#[serde(borrow)] Cow<'d, str>);

impl<'d, F: FnMut(Cow<'d, str>, &'d RawValue)> Visitor<'d> for Members<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'d>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            (self.0)(name, map.next_value()?);
        }
        Ok(())
    }
}

/// An object, whatever it holds; anything else is an error in the parser's words.
pub struct Object;

impl<'d> Deserialize<'d> for Object {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(Members(|_, _| {}))
            .map(|()| Self)
    }
}
