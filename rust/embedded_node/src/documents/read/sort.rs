//! Sorted lists of documents, by the values that the engine keeps for sortable attributes: numbers before strings,
//! documents without a value last, in both directions; equal ones by internal id.

use std::cmp::Ordering;
use std::collections::HashMap;

use milli_core::heed::RoTxn;
use milli_core::heed::types::Bytes;
use milli_core::heed_codec::facet::{FieldDocIdFacetF64Codec, FieldDocIdFacetStringCodec};
use milli_core::score_details::compare_sort_values;
use milli_core::{
    AscDesc, DocumentId, FieldId, Index, Member, UserError, all_obkv_to_json,
    distance_between_two_points,
};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

use crate::error::{ApiError, codes};
use crate::search::{criteria, geo};

const GEO_FIELD: &str = "_geo";

/// One criterion: what is compared, and in which direction.
struct Criterion {
    key: Key,
    ascending: bool,
}

enum Key {
    /// A field; nothing when no document has it.
    Field(Option<FieldId>),
    Point([f64; 2]),
}

/// Documents in the order of their sort values.
pub struct Sorted {
    criteria: Vec<Criterion>,
    rows: Vec<(DocumentId, Vec<Value>)>,
    places: HashMap<DocumentId, usize>,
}

impl Sorted {
    /// Sorts the candidates. Errors: a criterion that is malformed or not sortable.
    pub fn new(
        index: &Index,
        rtxn: &RoTxn<'_>,
        sort: &[String],
        candidates: &RoaringBitmap,
    ) -> Result<Self, ApiError> {
        let parsed = criteria(sort)
            .map_err(|error| ApiError::new(codes::INVALID_DOCUMENT_SORT, error.message))?;
        check_sortable(index, rtxn, &parsed)?;
        let map = index.fields_ids_map(rtxn)?;
        let criteria: Vec<Criterion> = parsed
            .into_iter()
            .map(|one| criterion(one, |name| map.id(name)))
            .collect();
        let mut rows = Vec::with_capacity(candidates.len() as usize);
        for id in candidates {
            let values = criteria.iter().map(|one| value(index, rtxn, one, id));
            rows.push((id, values.collect::<milli_core::Result<Vec<Value>>>()?));
        }
        rows.sort_by(|left, right| compare(&criteria, left, right));
        let places = rows
            .iter()
            .enumerate()
            .map(|(place, (id, _))| (*id, place))
            .collect();
        Ok(Self {
            criteria,
            rows,
            places,
        })
    }

    pub fn ids(&self) -> impl Iterator<Item = DocumentId> + '_ {
        self.rows.iter().map(|(id, _)| *id)
    }

    /// The values by which a document found its place, as instances exchange them.
    pub fn values(&self, id: DocumentId) -> Vec<Value> {
        let Some((_, values)) = self.places.get(&id).map(|place| &self.rows[*place]) else {
            return Vec::new();
        };
        let shown =
            self.criteria
                .iter()
                .zip(values)
                .map(|(criterion, value)| match criterion.key {
                    Key::Field(_) => json!({"sort": {"asc": criterion.ascending, "value": value}}),
                    Key::Point(_) => {
                        json!({"geoSort": {"asc": criterion.ascending, "distance": value}})
                    }
                });
        shown.collect()
    }
}

fn criterion(parsed: AscDesc, id: impl Fn(&str) -> Option<FieldId>) -> Criterion {
    let ascending = matches!(parsed, AscDesc::Asc(_));
    let key = match parsed.member() {
        Member::Field(name) => Key::Field(id(name)),
        Member::Geo(point) => Key::Point(*point),
    };
    Criterion { key, ascending }
}

fn check_sortable(index: &Index, rtxn: &RoTxn<'_>, criteria: &[AscDesc]) -> Result<(), ApiError> {
    let sortable = index.sortable_fields(rtxn)?;
    for criterion in criteria {
        let name = criterion.field().unwrap_or(GEO_FIELD);
        if sortable
            .iter()
            .any(|pattern| milli_core::is_faceted_by(name, pattern))
        {
            continue;
        }
        let valid_fields = sortable.iter().cloned().collect();
        let error = UserError::InvalidSortableAttribute {
            field: name.to_owned(),
            valid_fields,
            hidden_fields: false,
        };
        return Err(ApiError::new(
            codes::INVALID_DOCUMENT_SORT,
            error.to_string(),
        ));
    }
    Ok(())
}

fn compare(
    criteria: &[Criterion],
    left: &(DocumentId, Vec<Value>),
    right: &(DocumentId, Vec<Value>),
) -> Ordering {
    let pairs = criteria.iter().zip(left.1.iter().zip(&right.1));
    let unequal = pairs.map(|(criterion, (left, right))| {
        // The engine's comparison answers which value ranks higher; the higher one comes first here.
        compare_sort_values(criterion.ascending, left, right).reverse()
    });
    unequal
        .into_iter()
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.0.cmp(&right.0))
}

fn value(
    index: &Index,
    rtxn: &RoTxn<'_>,
    criterion: &Criterion,
    id: DocumentId,
) -> milli_core::Result<Value> {
    match criterion.key {
        Key::Field(Some(field)) => field_value(index, rtxn, field, id, criterion.ascending),
        Key::Field(None) => Ok(Value::Null),
        Key::Point(target) => distance(index, rtxn, target, id),
    }
}

/// The smallest value of a document in ascending order, the largest in descending; numbers win over strings.
fn field_value(
    index: &Index,
    rtxn: &RoTxn<'_>,
    field: FieldId,
    id: DocumentId,
    ascending: bool,
) -> milli_core::Result<Value> {
    let mut prefix = field.to_be_bytes().to_vec();
    prefix.extend_from_slice(&id.to_be_bytes());
    let numbers = index
        .field_id_docid_facet_f64s
        .remap_key_type::<Bytes>()
        .prefix_iter(rtxn, &prefix)?;
    let mut numbers = numbers.remap_key_type::<FieldDocIdFacetF64Codec>();
    let number = if ascending {
        numbers.next()
    } else {
        numbers.last()
    };
    if let Some(found) = number {
        let ((_, _, number), ()) = found?;
        return Ok(plain(number));
    }
    let strings = index
        .field_id_docid_facet_strings
        .remap_key_type::<Bytes>()
        .prefix_iter(rtxn, &prefix)?;
    let mut strings = strings.remap_key_type::<FieldDocIdFacetStringCodec>();
    let string = if ascending {
        strings.next()
    } else {
        strings.last()
    };
    match string {
        Some(found) => {
            let ((_, _, normalized), _) = found?;
            Ok(normalized.into())
        }
        None => Ok(Value::Null),
    }
}

/// Whole numbers are shown without a fraction.
fn plain(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        (number as i64).into()
    } else {
        number.into()
    }
}

fn distance(
    index: &Index,
    rtxn: &RoTxn<'_>,
    target: [f64; 2],
    id: DocumentId,
) -> milli_core::Result<Value> {
    let map = index.fields_ids_map(rtxn)?;
    let document = all_obkv_to_json(index.document(rtxn, id)?, &map)?;
    let place = document.get(GEO_FIELD).and_then(geo::point);
    Ok(place.map_or(Value::Null, |place| {
        distance_between_two_points(&target, &place).into()
    }))
}
