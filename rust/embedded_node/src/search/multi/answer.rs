//! One list out of the hits of all indexes of a federation: merged by weighted scores, cut to the page, built.

use std::collections::{BTreeMap, HashMap, VecDeque};

use milli_core::MatchingWords;
use milli_core::heed::{self, RoTxn};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::super::answer::Metadata;
use super::super::facets::{Distribution, Range};
use super::super::hits::{self, Hit};
use super::super::paging::Totals;
use super::super::run::{self, is_by_vectors};
use super::Shared;
use super::federated::{Entry, Found, Gathered, Part, reject, values};
use super::federation::Federation;
use super::merge::Shown;
use super::order;
use crate::error::ApiError;

/// The answer, in the order in which clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    hits: Vec<Hit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_vectors: Option<BTreeMap<usize, Vec<f32>>>,
    processing_time_ms: u64,
    #[serde(flatten)]
    totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    facet_distribution: Option<Distribution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facet_stats: Option<BTreeMap<String, Range>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facets_by_index: BTreeMap<String, Shown>,
    request_uid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Vec<Metadata>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    semantic_hit_count: Option<usize>,
}

/// Everything that the merged answer is made of.
pub struct Federated<'f> {
    pub parts: &'f [Part],
    pub transactions: &'f [RoTxn<'f, heed::WithoutTls>],
    pub federation: &'f Federation,
    pub gathered: Gathered,
}

impl Federated<'_> {
    /// Errors are the engine's.
    pub fn answer(
        mut self,
        shared: &Shared,
        mut found: Vec<Found>,
        shows_vectors: bool,
    ) -> Result<Answer, ApiError> {
        let paging = self.federation.paging();
        let lists = found
            .iter_mut()
            .map(|part| std::mem::take(&mut part.entries));
        let mut entries = order::merge(lists.collect(), |entry: &Entry| &entry.key);
        let mut total: usize = found.iter().map(|part| part.total).sum();
        if let Some(name) = &self.federation.distinct {
            let rejected = reject(&mut entries, |entry| {
                values(
                    &self.parts[entry.part],
                    &self.transactions[entry.part],
                    entry,
                    name,
                )
            })?;
            total = total.saturating_sub(rejected.len());
            self.forget(&mut found, &rejected)?;
        }
        let page = entries
            .into_iter()
            .skip(paging.skipped())
            .take(paging.shown());
        let page: Vec<Entry> = page.collect();
        let by_vectors = page
            .iter()
            .filter(|entry| is_by_vectors(&entry.details))
            .count();
        let (words, facets): (Vec<_>, Vec<_>) = found
            .into_iter()
            .map(|part| (part.words, part.facets))
            .unzip();
        let hits = self.hits(page, words)?;
        let (merged, facets_by_index) = self.facets(facets);
        let (facet_distribution, facet_stats) = merged
            .map(|shown| (shown.distribution, shown.stats))
            .unzip();
        Ok(Answer {
            hits,
            metadata: self.metadata(shared)?,
            query_vectors: shows_vectors.then(|| std::mem::take(&mut self.gathered.vectors)),
            processing_time_ms: shared.started.elapsed().as_millis() as u64,
            totals: paging.totals(total),
            facet_distribution,
            facet_stats,
            facets_by_index,
            request_uid: Uuid::now_v7(),
            semantic_hit_count: self.gathered.semantic.then_some(by_vectors),
        })
    }

    /// What dropped hits had added to the facets of their index.
    fn forget(&self, found: &mut [Found], rejected: &[Entry]) -> milli_core::Result<()> {
        for entry in rejected {
            let Some(facets) = &mut found[entry.part].facets else {
                continue;
            };
            let names: Vec<String> = facets.distribution.keys().cloned().collect();
            let (part, rtxn) = (&self.parts[entry.part], &self.transactions[entry.part]);
            for name in names {
                facets.forget(&name, &values(part, rtxn, entry, &name)?);
            }
        }
        Ok(())
    }

    /// Builds the hits of a page, query by query, and puts them in its order.
    fn hits(&self, page: Vec<Entry>, words: Vec<Vec<MatchingWords>>) -> Result<Vec<Hit>, ApiError> {
        let mut built: HashMap<(usize, usize), VecDeque<Hit>> = HashMap::new();
        for (place, (part, words)) in self.parts.iter().zip(words).enumerate() {
            for (slot, ((_, query), words)) in part.queries.iter().zip(words).enumerate() {
                let own = page
                    .iter()
                    .filter(|entry| (entry.part, entry.query) == (place, slot));
                let own = own.map(|entry| (&entry.id, &entry.details));
                let (index, rtxn) = (&part.context.index, &self.transactions[place]);
                let hits = hits::build(index, rtxn, &query.search, words, own)?;
                built.insert((place, slot), hits.into());
            }
        }
        let hits = page.iter().filter_map(|entry| {
            let mut hit = built.get_mut(&(entry.part, entry.query))?.pop_front()?;
            let part = &self.parts[entry.part];
            let federation = json!({
                "indexUid": part.context.uid,
                "queriesPosition": part.queries[entry.query].0,
                "weightedRankingScore": entry.key.score,
            });
            hit.document.insert("_federation".to_owned(), federation);
            Some(hit)
        });
        Ok(hits.collect())
    }

    /// The facets as one, or those of each index.
    fn facets(&self, facets: Vec<Option<Shown>>) -> (Option<Shown>, BTreeMap<String, Shown>) {
        let named = self.parts.iter().zip(facets);
        let by_index: BTreeMap<String, Shown> = named
            .filter_map(|(part, shown)| Some((part.context.uid.clone(), shown?)))
            .collect();
        match self.federation.merge_facets {
            Some(_) if by_index.is_empty() => (None, by_index),
            Some(options) => {
                let all = by_index.into_values().collect();
                (
                    Some(self.gathered.orders.merge(all, options)),
                    BTreeMap::new(),
                )
            }
            None => (None, by_index),
        }
    }

    /// What is told about each query, in the order of the request; nothing unless it was asked for.
    fn metadata(&self, shared: &Shared) -> Result<Option<Vec<Metadata>>, ApiError> {
        if !shared.include_metadata {
            return Ok(None);
        }
        let mut all = BTreeMap::new();
        for (part, rtxn) in self.parts.iter().zip(self.transactions) {
            for (position, query) in &part.queries {
                all.insert(
                    *position,
                    run::metadata(&part.context, rtxn, &query.search)?,
                );
            }
        }
        Ok(all.into_values().collect())
    }
}
