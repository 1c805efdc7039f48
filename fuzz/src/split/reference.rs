//! Splitting as one would first write it: parse the whole payload, then look at each document.

use std::fmt;

use merge_core::placement::shard_of;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::tree::Tree;
use super::{Split, Wish};

type Code = &'static str;
type Document<'p> = (&'p str, Vec<(String, Tree)>);

const MALFORMED: Code = "malformed_payload";

/// What the splitter must give for this payload, or the code of its refusal.
pub fn split(wish: &Wish, payload: &[u8]) -> Result<Split, Code> {
    let mut documents = Vec::new();
    let whole = if wish.ndjson {
        read_stream(payload, &mut documents)
    } else {
        read_one(payload, &mut documents)
    };
    let reserved = |(name, _): &(String, Tree)| name.starts_with("_miroir_");
    if documents
        .iter()
        .any(|(_, members)| members.iter().any(reserved))
    {
        return Err("miroir_reserved_field");
    }
    whole?;
    let mut primary_key = wish.primary_key.map(str::to_owned);
    let (mut lines, mut position) = (Split::default().0, 0);
    for (text, members) in &documents {
        let key = match primary_key {
            Some(known) => known,
            None => inferred(members)?,
        };
        let shard = shard_of(&id(members, &key)?, wish.shards);
        let stamps = format!(
            ",\"_miroir_shard\":\"{}\",\"_miroir_seq\":\"{}\"}}\n",
            digits(shard.into(), 4),
            digits(position, 16)
        );
        let line = lines.entry(shard).or_default();
        line.extend_from_slice(&text.as_bytes()[..text.len() - 1]);
        line.extend_from_slice(stamps.as_bytes());
        primary_key = Some(key);
        position += 1;
    }
    Ok((lines, primary_key))
}

fn digits(number: u64, width: u32) -> String {
    let digit = |place: u32| char::from(b"(),:;?[]"[(number >> (3 * place) & 7) as usize]);
    (0..width).rev().map(digit).collect()
}

fn read_stream<'p>(payload: &'p [u8], documents: &mut Vec<Document<'p>>) -> Result<(), Code> {
    for raw in serde_json::Deserializer::from_slice(payload).into_iter::<&RawValue>() {
        documents.push(read(raw.map_err(|_| MALFORMED)?)?);
    }
    Ok(())
}

/// One object, or an array of them.
fn read_one<'p>(payload: &'p [u8], documents: &mut Vec<Document<'p>>) -> Result<(), Code> {
    let mut parser = serde_json::Deserializer::from_slice(payload);
    let is_array = payload.trim_ascii_start().starts_with(b"[");
    let read = match is_array {
        true => parser
            .deserialize_seq(Elements(documents))
            .map_err(|_| MALFORMED),
        false => {
            let raw = serde::Deserialize::deserialize(&mut parser).map_err(|_| MALFORMED)?;
            documents.push(read(raw)?);
            Ok(())
        }
    };
    read.and_then(|()| parser.end().map_err(|_| MALFORMED))
}

/// Reads the documents of an array up to the first that is none.
struct Elements<'v, 'p>(&'v mut Vec<Document<'p>>);

impl<'p> Visitor<'p> for Elements<'_, 'p> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'p>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(raw) = elements.next_element_seed(Raw)? {
            self.0.push(read(raw).map_err(serde::de::Error::custom)?);
        }
        Ok(())
    }
}

struct Raw;

impl<'p> DeserializeSeed<'p> for Raw {
    type Value = &'p RawValue;

    fn deserialize<D: Deserializer<'p>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

fn read(raw: &RawValue) -> Result<Document<'_>, Code> {
    match serde_json::from_str(raw.get()) {
        Ok(Tree::Object(members)) => Ok((raw.get(), members)),
        _ => Err(MALFORMED),
    }
}

fn inferred(members: &[(String, Tree)]) -> Result<String, Code> {
    let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
    names.retain(|name| name.to_lowercase().ends_with("id"));
    names.sort();
    names.dedup();
    match names[..] {
        [] => Err("index_primary_key_no_candidate_found"),
        [one] => Ok(one.clone()),
        _ => Err("index_primary_key_multiple_candidates_found"),
    }
}

/// The one id of a document.
fn id(members: &[(String, Tree)], path: &str) -> Result<String, Code> {
    let mut found = Vec::new();
    find(members, path, &mut found);
    match found[..] {
        [] => Err("missing_document_id"),
        [Tree::Scalar(Value::Number(number))] if !number.is_f64() => Ok(number.to_string()),
        [Tree::Scalar(Value::String(text))] if is_valid(text) => Ok(text.clone()),
        _ => Err("invalid_document_id"),
    }
}

fn find<'t>(members: &'t [(String, Tree)], path: &str, found: &mut Vec<&'t Tree>) {
    for (name, value) in members.iter().filter(|(name, _)| !name.is_empty()) {
        if name == path {
            found.push(value);
        } else if let (Some(rest), Tree::Object(inner)) = (below(path, name), value) {
            find(inner, rest, found);
        }
    }
}

fn below<'k>(path: &'k str, name: &str) -> Option<&'k str> {
    path.strip_prefix(name)?.strip_prefix('.')
}

fn is_valid(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..512).contains(&text.len()) && text.bytes().all(allowed)
}
