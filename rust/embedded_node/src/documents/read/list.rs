//! Which documents a read answers, and what of each. Hidden fields are a matter of search, not of reads.

use milli_core::heed::RoTxn;
use milli_core::{DocumentId, FieldsIdsMap, Index, Object, UserError, all_obkv_to_json};
use roaring::RoaringBitmap;
use serde::Serialize;
use serde_json::{Value, json};

use super::request::{ListRequest, OneForm};
use super::sort::Sorted;
use crate::error::{ApiError, codes};
use crate::features::Features;
use crate::search::{fields, filter, vectors};

/// One window into the matching documents.
#[derive(Debug, Serialize)]
pub struct Page {
    pub results: Vec<Object>,
    pub offset: usize,
    pub limit: usize,
    pub total: u64,
}

/// What a list needs to know beside its parameters.
pub struct Context {
    pub index: Index,
    pub features: Features,
    /// Adds `_federation.weightedScoreValues` to each document.
    pub show_sort_values: bool,
}

/// Lists documents: by internal id, or sorted. `total` counts all that match.
pub fn list(context: &Context, request: &ListRequest) -> Result<Page, ApiError> {
    if request.use_network.is_some() && !context.features.network {
        let message = "passing `useNetwork` in a search query requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805";
        return Err(ApiError::new(codes::FEATURE_NOT_ENABLED, message));
    }
    let index = &context.index;
    let rtxn = index.read_txn()?;
    let candidates = candidates(context, &rtxn, request)?;
    let total = candidates.len();
    let sorted = request
        .sort
        .as_deref()
        .map(|sort| Sorted::new(index, &rtxn, sort, &candidates))
        .transpose()?;
    let window: Vec<DocumentId> = match &sorted {
        Some(sorted) => sorted
            .ids()
            .skip(request.offset)
            .take(request.limit)
            .collect(),
        None => candidates
            .iter()
            .skip(request.offset)
            .take(request.limit)
            .collect(),
    };
    let map = index.fields_ids_map(&rtxn)?;
    let mut results = Vec::with_capacity(window.len());
    for id in window {
        let mut document = read(
            index,
            &rtxn,
            &map,
            id,
            request.fields.as_deref(),
            request.retrieve_vectors,
        )?;
        if context.show_sort_values {
            let values = sorted
                .as_ref()
                .map(|sorted| sorted.values(id))
                .unwrap_or_default();
            document.insert(
                "_federation".to_owned(),
                json!({"weightedScoreValues": values}),
            );
        }
        results.push(document);
    }
    Ok(Page {
        results,
        offset: request.offset,
        limit: request.limit,
        total,
    })
}

/// One document by its own id; 404 where there is none.
pub fn one(index: &Index, id: &str, request: &OneForm) -> Result<Object, ApiError> {
    let rtxn = index.read_txn()?;
    let Some(internal) = index.external_documents_ids().get(&rtxn, id)? else {
        return Err(ApiError::new(
            codes::DOCUMENT_NOT_FOUND,
            format!("Document `{id}` not found."),
        ));
    };
    let map = index.fields_ids_map(&rtxn)?;
    let wanted = request.wanted();
    read(
        index,
        &rtxn,
        &map,
        internal,
        wanted.as_deref(),
        request.retrieve_vectors.0,
    )
}

fn read(
    index: &Index,
    rtxn: &RoTxn<'_>,
    map: &FieldsIdsMap,
    id: DocumentId,
    wanted: Option<&[String]>,
    with_vectors: bool,
) -> Result<Object, ApiError> {
    let mut document = all_obkv_to_json(index.document(rtxn, id)?, map)?;
    if let Some(names) = wanted {
        document = fields::select(&document, names.iter().map(String::as_str));
    }
    let given = document.remove(vectors::FIELD);
    if with_vectors {
        let all = vectors::of_document(index, rtxn, id, given)?;
        document.insert(vectors::FIELD.to_owned(), Value::Object(all));
    }
    Ok(document)
}

fn candidates(
    context: &Context,
    rtxn: &RoTxn<'_>,
    request: &ListRequest,
) -> Result<RoaringBitmap, ApiError> {
    let index = &context.index;
    let mut candidates = match &request.ids {
        Some(ids) => internal_ids(index, rtxn, ids)?,
        None => index.documents_ids(rtxn)?,
    };
    let Some(value) = &request.filter else {
        return Ok(candidates);
    };
    if let Some(filter) = filter::parse(value, codes::INVALID_DOCUMENT_FILTER, &context.features)? {
        candidates &= filter.evaluate(rtxn, index).map_err(refused_filter)?;
    }
    Ok(candidates)
}

/// Unknown ids are skipped, repeated ones count once.
fn internal_ids(index: &Index, rtxn: &RoTxn<'_>, ids: &[Value]) -> Result<RoaringBitmap, ApiError> {
    let known = index.external_documents_ids();
    let mut internal = RoaringBitmap::new();
    for (position, id) in ids.iter().enumerate() {
        let text = id_text(id, position)?;
        if let Some(id) = known.get(rtxn, text)? {
            internal.insert(id);
        }
    }
    Ok(internal)
}

fn id_text(id: &Value, position: usize) -> Result<String, ApiError> {
    match id {
        Value::String(text) if is_id(text) => Ok(text.trim().to_owned()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        other => {
            let error = UserError::InvalidDocumentId {
                document_id: other.clone(),
            };
            Err(ApiError::new(
                codes::INVALID_DOCUMENT_IDS,
                format!("In `.ids[{position}]`: {error}"),
            ))
        }
    }
}

fn is_id(text: &str) -> bool {
    let text = text.trim();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=511).contains(&text.len()) && text.bytes().all(allowed)
}

fn refused_filter(error: milli_core::Error) -> ApiError {
    match &error {
        milli_core::Error::UserError(UserError::InvalidFilter(message)) => {
            ApiError::new(codes::INVALID_DOCUMENT_FILTER, message.clone())
        }
        _ => error.into(),
    }
}
