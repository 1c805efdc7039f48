//! The syntax of documents: well-formed JSON objects, every string and number readable.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Counts the objects of a whitespace-separated stream.
pub fn lines(bytes: &[u8]) -> serde_json::Result<u64> {
    let mut documents = 0;
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>() {
        document(value?)?;
        documents += 1;
    }
    Ok(documents)
}

/// Writes the objects of an array (or the only one) as lines, and counts them.
pub fn array(bytes: &[u8], writer: &mut impl Write) -> serde_json::Result<u64> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let documents = if first == Some(&b'[') {
        deserializer.deserialize_seq(Documents { writer })?
    } else {
        line(serde::Deserialize::deserialize(&mut deserializer)?, writer)?;
        1
    };
    deserializer.end()?;
    Ok(documents)
}

fn line(value: &RawValue, writer: &mut impl Write) -> serde_json::Result<()> {
    document(value)?;
    writer
        .write_all(value.get().as_bytes())
        .map_err(serde_json::Error::io)?;
    writer.write_all(b"\n").map_err(serde_json::Error::io)
}

/// The limit of nesting counts within a field, as it does for the engine, and not from the document around it.
fn document(value: &RawValue) -> serde_json::Result<()> {
    let whole = serde_json::Deserializer::from_str(value.get()).deserialize_map(Readable);
    match whole {
        Err(error) if error.to_string().starts_with("recursion limit") => {
            BTreeMap::<Cow<'_, str>, &RawValue>::deserialize(value)?
                .values()
                .try_for_each(|field| field.deserialize_any(Readable))
        }
        whole => whole,
    }
}

struct Documents<'w, W> {
    writer: &'w mut W,
}

impl<'de, W: Write> Visitor<'de> for Documents<'_, W> {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence of documents")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<u64, A::Error> {
        let mut documents = 0;
        while let Some(value) = sequence.next_element::<&RawValue>()? {
            line(value, self.writer).map_err(A::Error::custom)?;
            documents += 1;
        }
        Ok(documents)
    }
}

/// Walks through a value, reads all of it and keeps nothing. A raw value alone would let unpaired surrogates pass,
/// which the engine then refuses together with the whole batch.
#[derive(Clone, Copy)]
struct Readable;

impl<'de> DeserializeSeed<'de> for Readable {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(self)?;
        }
        Ok(())
    }
}
