//! How to make one answer of those to several queries: everything that does not depend on the answers.

use crate::merge::plan::{MergePlan, Page};

/// One query: which index it asks, how much its scores weigh, how its hits are shown.
#[derive(Debug, Clone)]
pub struct Query {
    pub index: usize,
    pub weight: f64,
    pub plan: MergePlan,
}

/// One index that is asked, under the client's uid. Indexes stand in the order of their uids, as engines ask them.
#[derive(Debug, Clone)]
pub struct Index {
    pub uid: String,
    /// The dotted path of the documents' ids, where several queries may find one document.
    pub primary_key: Option<String>,
    /// How many hits it may give.
    pub wanted: usize,
    /// The position of the answer that tells its total and its facets.
    pub counted: usize,
    /// Whether the client asked for facets of it.
    pub facets: bool,
}

/// Built once per request; see the Python stub for the meaning of each field.
#[derive(Debug, Clone)]
pub struct FederatedPlan {
    pub queries: Vec<Query>,
    pub indexes: Vec<Index>,
    pub offset: u64,
    pub limit: u64,
    pub page: Option<Page>,
    pub distinct: Option<String>,
    pub merge_facets: bool,
    pub facet_limit: Option<usize>,
    pub show_semantic: bool,
    pub show_vectors: bool,
}

impl FederatedPlan {
    /// Whether so many answers are all that it speaks of.
    pub fn fits(&self, answers: usize) -> bool {
        self.queries.len() <= answers
            && self.indexes.iter().all(|index| index.counted < answers)
            && self
                .queries
                .iter()
                .all(|query| query.index < self.indexes.len())
    }

    /// The window of hits to answer, as (first, behind the last).
    pub fn window(&self) -> (usize, usize) {
        let clamp = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        (
            clamp(self.offset),
            clamp(self.offset.saturating_add(self.limit)),
        )
    }

    /// The queries that ask an index, by their positions.
    pub fn asking(&self, index: usize) -> impl Iterator<Item = usize> {
        let queries = self.queries.iter().enumerate();
        queries
            .filter(move |(_, query)| query.index == index)
            .map(|(position, _)| position)
    }
}
