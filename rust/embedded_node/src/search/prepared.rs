//! One search of one index, ready to run: its parameters in the engine's terms. Which kind of search runs, and what becomes
//! of its hits, is decided elsewhere.

use std::time::{Duration, Instant};

use milli_core::heed::RoTxn;
use milli_core::score_details::ScoringStrategy;
use milli_core::tokenizer::Language;
use milli_core::{
    AscDesc, Filter, Index, Search, SearchResult, SortError, TermsMatchingStrategy, TimeBudget,
};

use super::distinct;
use super::filter;
use super::nearest::Vectors;
use super::request::{MatchingStrategy, SearchRequest};
use super::run::Context;
use super::score;
use super::vector_leg::Leg;
use crate::error::{ApiError, codes};

const DEFAULT_MAX_TOTAL_HITS: usize = 1000;
const DEFAULT_CUTOFF: Duration = Duration::from_millis(1500);

/// How many hits a search has to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// No more than these are ever shown.
    pub needed: usize,
    pub max_total_hits: usize,
    /// Totals are to be exact.
    pub exhaustive: bool,
}

/// The most hits that an index shows of one search.
pub fn max_total_hits(index: &Index, rtxn: &RoTxn<'_>) -> milli_core::Result<usize> {
    let set = index.pagination_max_total_hits(rtxn)?;
    Ok(set.map_or(DEFAULT_MAX_TOTAL_HITS, |max| max as usize))
}

pub struct Prepared<'s> {
    context: &'s Context,
    rtxn: &'s RoTxn<'s>,
    request: &'s SearchRequest,
    filter: Option<Filter<'s>>,
    sort: Option<Vec<AscDesc>>,
    budget: TimeBudget,
    deadline: Instant,
    pub extent: Extent,
}

impl<'s> Prepared<'s> {
    /// Errors: a filter or sort that cannot be read.
    pub fn new(
        context: &'s Context,
        rtxn: &'s RoTxn<'s>,
        request: &'s SearchRequest,
        extent: Extent,
    ) -> Result<Self, ApiError> {
        let sort = request.sort.as_deref().map(criteria).transpose()?;
        let filter = match &request.filter {
            Some(value) => filter::parse(value, codes::INVALID_SEARCH_FILTER, &context.features)?,
            None => None,
        };
        let cutoff = context.index.search_cutoff(rtxn)?;
        let cutoff = cutoff.map_or(DEFAULT_CUTOFF, Duration::from_millis);
        Ok(Self {
            context,
            rtxn,
            request,
            filter,
            sort,
            budget: TimeBudget::new(cutoff),
            deadline: Instant::now() + cutoff,
            extent,
        })
    }

    /// When the search is to be over.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The engine's own search, by words or by none at all.
    pub fn words(&self) -> Result<SearchResult, ApiError> {
        let mut search = self.by_words();
        search.limit(match self.threshold() {
            // Only a complete ranking tells which hits are above the threshold: the engine itself leaves out of its
            // score the rules that come after a sort.
            Some(_) if self.extent.exhaustive || self.sort.is_some() => {
                self.context.index.number_of_documents(self.rtxn)? as usize
            }
            _ => self.extent.needed,
        });
        let mut found = search.execute().map_err(|error| self.told(error))?;
        if let Some(threshold) = self.threshold() {
            drop_low(&mut found, threshold);
        }
        found.documents_ids.truncate(self.extent.needed);
        found.document_scores.truncate(self.extent.needed);
        Ok(found)
    }

    /// The engine's own search, still to be run.
    pub fn by_words(&self) -> Search<'_> {
        let mut search = self.engine();
        search.limit(self.extent.needed);
        search.exhaustive_number_hits(self.extent.exhaustive);
        if let Some(query) = &self.request.q {
            search.query(query);
        }
        search
    }

    /// The search by similarity to a vector.
    pub fn vectors(&self, vectors: &Vectors, target: &[f32]) -> Result<SearchResult, ApiError> {
        self.rank_near(vectors, target)
            .map_err(|error| self.told(error))
    }

    fn rank_near(&self, vectors: &Vectors, target: &[f32]) -> milli_core::Result<SearchResult> {
        let mut search = self.engine();
        // Looks for nothing: what is wrong with the parameters is the engine's to say.
        search.limit(0).execute()?;
        let universe = search.execute_for_candidates(true)?;
        let index = &self.context.index;
        let near = vectors.near_vector(index, self.rtxn, target, &universe)?;
        self.leg(universe)?.rank(&near)
    }

    fn leg(&self, universe: roaring::RoaringBitmap) -> milli_core::Result<Leg<'_>> {
        let Extent {
            needed,
            max_total_hits,
            exhaustive,
        } = self.extent;
        let threshold = self.threshold();
        Ok(Leg {
            index: &self.context.index,
            rtxn: self.rtxn,
            universe,
            sort: &self.sort,
            distinct: self.distinct()?,
            threshold,
            budget: self.budget.clone(),
            needed,
            examined: match exhaustive && threshold.is_some() {
                true => max_total_hits,
                false => needed,
            },
        })
    }

    /// Adds to a set what the distinct rule takes for equal to a document.
    pub fn add_equals(
        &self,
        id: u32,
        equals: &mut roaring::RoaringBitmap,
    ) -> milli_core::Result<()> {
        match self.distinct()? {
            Some(field) => distinct::add_equals(&self.context.index, self.rtxn, field, id, equals),
            None => Ok(()),
        }
    }

    fn distinct(&self) -> milli_core::Result<Option<u16>> {
        let wanted = self.request.distinct.as_deref();
        distinct::field(&self.context.index, self.rtxn, wanted)
    }

    fn threshold(&self) -> Option<f64> {
        self.request.ranking_score_threshold.map(|score| score.0)
    }

    /// An error of the ranking names the index.
    pub fn told(&self, error: milli_core::Error) -> ApiError {
        ApiError::in_index(error, &self.context.uid)
    }

    fn engine(&self) -> Search<'_> {
        let request = self.request;
        let mut search = Search::new(self.rtxn, &self.context.index);
        search.scoring_strategy(ScoringStrategy::Detailed);
        search.terms_matching_strategy(strategy(request.matching_strategy));
        search.time_budget(self.budget.clone());
        if let Some(filter) = &self.filter {
            search.filter(filter.clone());
        }
        if let Some(sort) = &self.sort {
            search.sort_criteria(sort.clone());
        }
        if let Some(distinct) = &request.distinct {
            search.distinct(distinct.clone());
        }
        if let Some(attributes) = &request.attributes_to_search_on {
            search.searchable_attributes(attributes);
        }
        if let Some(threshold) = self.threshold() {
            search.ranking_score_threshold(threshold);
        }
        if let Some(locales) = languages(request) {
            search.locales(locales);
        }
        search
    }
}

/// Removes hits below the threshold, from the hits and from the candidates.
fn drop_low(result: &mut SearchResult, threshold: f64) {
    let ids = std::mem::take(&mut result.documents_ids);
    let scores = std::mem::take(&mut result.document_scores);
    for (id, details) in ids.into_iter().zip(scores) {
        if score::global(&details) < threshold {
            result.candidates.remove(id);
            continue;
        }
        result.documents_ids.push(id);
        result.document_scores.push(details);
    }
}

fn strategy(wanted: MatchingStrategy) -> TermsMatchingStrategy {
    match wanted {
        MatchingStrategy::Last => TermsMatchingStrategy::Last,
        MatchingStrategy::All => TermsMatchingStrategy::All,
        MatchingStrategy::Frequency => TermsMatchingStrategy::Frequency,
    }
}

/// Sort criteria as the engine takes them; the refusal is worded for the sort parameter.
pub fn criteria(sort: &[String]) -> Result<Vec<AscDesc>, ApiError> {
    let parsed = sort.iter().map(|text| text.parse::<AscDesc>());
    parsed
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| milli_core::Error::from(SortError::from(error)).into())
}

fn languages(request: &SearchRequest) -> Option<Vec<Language>> {
    Some(
        request
            .locales
            .as_ref()?
            .iter()
            .map(|locale| locale.0)
            .collect(),
    )
}
