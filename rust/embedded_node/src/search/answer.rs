//! The body of a search answer, in the order in which clients see it.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::facets::{Distribution, Range};
use super::hits::Hit;
use super::paging::Totals;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub hits: Vec<Hit>,
    pub query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_vector: Option<Vec<f32>>,
    pub processing_time_ms: u64,
    #[serde(flatten)]
    pub totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facet_distribution: Option<Distribution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facet_stats: Option<BTreeMap<String, Range>>,
    pub request_uid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semantic_hit_count: Option<usize>,
}

/// What a client learns about its search when it asks by header.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    pub query_uid: Uuid,
    pub index_uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<String>,
}
