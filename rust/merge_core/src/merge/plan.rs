//! How to make one answer of several: everything that does not depend on the answers.

use std::collections::HashMap;

use crate::rerank::Query;

/// In which order a facet's values are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FacetOrder {
    #[default]
    Alpha,
    Count,
}

/// The client's page, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub number: u64,
    pub hits: u64,
}

/// A search by vectors, alone or beside one by words.
#[derive(Debug, Clone, PartialEq)]
pub struct Hybrid {
    /// The weight of vectors, more than 0; words have the rest of 1.
    pub ratio: f32,
    /// The dotted path of the document's id: by it a hit that both found is known as one.
    pub primary_key: Option<String>,
    pub show_query_vector: bool,
}

/// How hits by vectors are ranked anew: by the vectors of this embedder that they bring along.
#[derive(Debug, Clone, PartialEq)]
pub struct Rerank {
    pub embedder: String,
    pub query: Query,
}

/// Built once per search; see the Python stub for the meaning of each field.
#[derive(Debug, Clone, Default)]
pub struct MergePlan {
    pub offset: u64,
    pub limit: u64,
    pub page: Option<Page>,
    pub max_total_hits: u64,
    pub show_score: bool,
    pub show_details: bool,
    pub strip: Vec<String>,
    pub strip_formatted: Option<Vec<String>>,
    pub displayed: Option<Vec<String>>,
    pub strip_facets: Vec<String>,
    pub distinct: Option<String>,
    pub facet_limit: usize,
    pub facet_order: HashMap<String, FacetOrder>,
    pub hidden_rules: Vec<String>,
    pub hybrid: Option<Hybrid>,
    pub rerank: Option<Rerank>,
}

impl MergePlan {
    /// The window of hits to answer, as (first, behind the last).
    pub fn window(&self) -> (usize, usize) {
        let end = self
            .offset
            .saturating_add(self.limit)
            .min(self.max_total_hits);
        let clamp = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        (clamp(self.offset), clamp(end))
    }

    /// How many hits an engine looks for to answer this window.
    pub fn wanted(&self) -> usize {
        match self.page {
            Some(Page { number: 0, .. }) => 0,
            _ => self.window().1,
        }
    }

    /// How the values of a facet are ordered.
    pub fn order_of(&self, facet: &str) -> FacetOrder {
        self.facet_order
            .get(facet)
            .or_else(|| self.facet_order.get("*"))
            .copied()
            .unwrap_or_default()
    }
}
