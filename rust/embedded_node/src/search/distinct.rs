//! The distinct rule over a ranked list: one document for each value of an attribute.

use milli_core::heed::RoTxn;
use milli_core::heed::types::Bytes;
use milli_core::heed_codec::facet::{
    FacetGroupKey, FieldDocIdFacetF64Codec, FieldDocIdFacetStringCodec,
};
use milli_core::{DocumentId, FieldId, Index};
use roaring::RoaringBitmap;

/// A name that no document has, for ranking without the index's own distinct attribute.
pub const NOTHING: &str = "\u{0}";

/// The field to be distinct by: the request's, or else the index's. Nothing where no document has it.
pub fn field(
    index: &Index,
    rtxn: &RoTxn<'_>,
    wanted: Option<&str>,
) -> milli_core::Result<Option<FieldId>> {
    let name = match wanted {
        Some(name) => Some(name),
        None => index.distinct_field(rtxn)?,
    };
    let map = index.fields_ids_map(rtxn)?;
    Ok(name.and_then(|name| map.id(name)))
}

/// One value of a document, as facets know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    Text(String),
    /// The bits of a number.
    Number(u64),
}

/// The values of a document: each text folded as facets are, each number once.
pub fn values(
    index: &Index,
    rtxn: &RoTxn<'_>,
    field: FieldId,
    id: DocumentId,
) -> milli_core::Result<Vec<Value>> {
    let mut prefix = field.to_be_bytes().to_vec();
    prefix.extend_from_slice(&id.to_be_bytes());
    let mut values = Vec::new();
    let texts = index
        .field_id_docid_facet_strings
        .remap_key_type::<Bytes>()
        .prefix_iter(rtxn, &prefix)?;
    for found in texts.remap_key_type::<FieldDocIdFacetStringCodec>() {
        let ((_, _, text), _) = found?;
        values.push(Value::Text(text.to_owned()));
    }
    let numbers = index
        .field_id_docid_facet_f64s
        .remap_key_type::<Bytes>()
        .prefix_iter(rtxn, &prefix)?;
    for found in numbers.remap_key_type::<FieldDocIdFacetF64Codec>() {
        let ((_, _, number), ()) = found?;
        values.push(Value::Number(number.to_bits()));
    }
    Ok(values)
}

/// Adds all documents that share a value with this one, itself included.
pub fn add_equals(
    index: &Index,
    rtxn: &RoTxn<'_>,
    field: FieldId,
    id: DocumentId,
    equals: &mut RoaringBitmap,
) -> milli_core::Result<()> {
    for value in values(index, rtxn, field, id)? {
        let found = match &value {
            Value::Text(text) => index
                .facet_id_string_docids
                .get(rtxn, &key(field, text.as_str()))?,
            Value::Number(bits) => index
                .facet_id_f64_docids
                .get(rtxn, &key(field, f64::from_bits(*bits)))?,
        };
        if let Some(found) = found {
            *equals |= found.bitmap;
        }
    }
    Ok(())
}

fn key<T>(field_id: FieldId, left_bound: T) -> FacetGroupKey<T> {
    FacetGroupKey {
        field_id,
        level: 0,
        left_bound,
    }
}
