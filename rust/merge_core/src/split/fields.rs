//! Reads one document in one pass: every value to the last string and number, the names at the top, the id. Says nothing
//! of what that means.
//!
//! The parser goes 127 levels deep, and so does everything here that follows it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::ids;
use crate::paths::inside;

const RESERVED: &str = "_miroir_";

/// What is wrong with an id.
#[derive(Debug, PartialEq, Eq)]
pub enum Flaw {
    Missing,
    TooMany,
    /// The value that is none, as compact JSON.
    Invalid(String),
}

/// What matters of one document.
#[derive(Default)]
pub struct Fields {
    /// The first field that only Miroir may write.
    pub reserved: Option<String>,
    /// Names that end with `id`; only collected while the primary key is not known.
    pub candidates: BTreeSet<String>,
    found: Found,
}

/// The values under the primary key, up to the first that is one too many or none.
#[derive(Default)]
struct Found {
    id: Option<String>,
    flaw: Option<Flaw>,
}

impl Fields {
    /// Read a document; an error where a node could not read it either.
    pub fn read(text: &str, primary_key: Option<&str>) -> Result<Self, serde_json::Error> {
        let mut fields = Self::default();
        let mut parser = serde_json::Deserializer::from_str(text);
        parser.deserialize_map(Top {
            primary_key,
            fields: &mut fields,
        })?;
        parser.end()?;
        Ok(fields)
    }

    /// The document's one id.
    pub fn id(self) -> Result<String, Flaw> {
        match self.found.flaw {
            Some(flaw) => Err(flaw),
            None => self.found.id.ok_or(Flaw::Missing),
        }
    }

    fn note_name(&mut self, name: &str, infer: bool) {
        if name.starts_with(RESERVED) && self.reserved.is_none() {
            self.reserved = Some(name.to_owned());
        }
        if infer && name.to_lowercase().ends_with("id") {
            self.candidates.insert(name.to_owned());
        }
    }
}

impl Found {
    fn note(&mut self, value: &Value) {
        if self.flaw.is_some() {
            return;
        }
        self.flaw = match ids::of_value(value) {
            None => Some(Flaw::Invalid(value.to_string())),
            Some(id) => self.id.replace(id).map(|_| Flaw::TooMany),
        };
    }
}

/// The document itself.
struct Top<'k, 'f> {
    primary_key: Option<&'k str>,
    fields: &'f mut Fields,
}

impl<'d> Visitor<'d> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            self.fields.note_name(&name, self.primary_key.is_none());
            let path = self.primary_key.and_then(|key| inside(key, &name));
            map.next_value_seed(Walk {
                path,
                found: &mut self.fields.found,
            })?;
        }
        Ok(())
    }
}

/// Any value. With a path it is on the way to the id, and the id where the path is empty.
struct Walk<'k, 'f> {
    path: Option<&'k str>,
    found: &'f mut Found,
}

#[derive(Deserialize)]
struct Name<'d>(#[serde(borrow)] Cow<'d, str>);

impl<'d> DeserializeSeed<'d> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path == Some("") {
            self.found.note(&Value::deserialize(deserializer)?);
            return Ok(());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'d> Visitor<'d> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut sequence: A) -> Result<(), A::Error> {
        let found = self.found;
        while sequence
            .next_element_seed(Walk { path: None, found })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<(), A::Error> {
        let (path, found) = (self.path, self.found);
        let Some(path) = path else {
            while map.next_key::<IgnoredAny>()?.is_some() {
                map.next_value_seed(Walk { path: None, found })?;
            }
            return Ok(());
        };
        while let Some(Name(name)) = map.next_key()? {
            let path = inside(path, &name);
            map.next_value_seed(Walk { path, found })?;
        }
        Ok(())
    }
}
