//! One search on one index: parameters into the engine's search, its result into the answer.

use std::time::{Duration, Instant};

use milli_core::heed::RoTxn;
use milli_core::score_details::ScoringStrategy;
use milli_core::tokenizer::Language;
use milli_core::{AscDesc, Filter, Index, Search, SearchResult, SortError, TermsMatchingStrategy, TimeBudget};
use uuid::Uuid;

use super::answer::{Answer, Metadata};
use super::facets::{self, Facets};
use super::paging::Paging;
use super::request::{MatchingStrategy, SearchRequest};
use super::semantic::{self, Kind};
use super::{filter, hits};
use crate::error::{ApiError, codes};
use crate::features::Features;

const DEFAULT_MAX_TOTAL_HITS: usize = 1000;

/// Everything a search needs to know beside its parameters.
pub struct Context {
    pub index: Index,
    /// The name under which the client knows the index: it stands in error messages and metadata.
    pub uid: String,
    pub features: Features,
    pub include_metadata: bool,
    pub started: Instant,
}

/// Runs a search. Errors name the index and carry the code of the parameter that was wrong.
pub fn run(context: &Context, request: SearchRequest) -> Result<Answer, ApiError> {
    let index = &context.index;
    check_features(&request, &context.features)?;
    let rtxn = index.read_txn()?;
    let kind = Kind::of(&request, index, &rtxn)?;
    let paging = Paging::of(&request);
    let max_total_hits = index.pagination_max_total_hits(&rtxn)?.map_or(DEFAULT_MAX_TOTAL_HITS, |max| max as usize);
    let needed = paging.needed(max_total_hits);

    let filter = parsed_filter(context, &request)?;
    let mut search = prepare(context, &rtxn, &request, filter)?;
    search.exhaustive_number_hits(paging.is_exhaustive());
    search.limit(match request.ranking_score_threshold {
        // Only a complete ranking tells how many hits are above the threshold.
        Some(_) if paging.is_exhaustive() => index.number_of_documents(&rtxn)? as usize,
        _ => needed,
    });
    let found = kind.execute(&mut search).map_err(|error| ApiError::in_index(error, &context.uid))?;
    answer(context, &rtxn, request, paging, needed, found)
}

fn check_features(request: &SearchRequest, features: &Features) -> Result<(), ApiError> {
    if request.use_network.is_some() && !features.network {
        let message = "Using `useNetwork` when searching requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805";
        return Err(ApiError::new(codes::FEATURE_NOT_ENABLED, message));
    }
    if request.media.is_some() && !features.multimodal {
        let message = "passing `media` in a search query requires enabling the `multimodal` experimental feature. See https://github.com/orgs/meilisearch/discussions/846";
        return Err(ApiError::new(codes::FEATURE_NOT_ENABLED, message));
    }
    if request.personalize.is_some() {
        let message = "Personalizing search results requires enabling the `personalization` experimental feature. See https://github.com/orgs/meilisearch/discussions/866";
        return Err(ApiError::new(codes::FEATURE_NOT_ENABLED, message));
    }
    Ok(())
}

fn parsed_filter<'f>(context: &Context, request: &'f SearchRequest) -> Result<Option<Filter<'f>>, ApiError> {
    let Some(value) = &request.filter else { return Ok(None) };
    filter::parse(value, codes::INVALID_SEARCH_FILTER, &context.features).map_err(|error| named(context, error))
}

fn named(context: &Context, error: ApiError) -> ApiError {
    ApiError::new(error.code, format!("Index `{}`: {}", context.uid, error.message))
}

fn prepare<'s>(
    context: &'s Context,
    rtxn: &'s RoTxn<'s>,
    request: &'s SearchRequest,
    filter: Option<Filter<'s>>,
) -> Result<Search<'s>, ApiError> {
    let mut search = Search::new(rtxn, &context.index);
    search.scoring_strategy(ScoringStrategy::Detailed);
    search.terms_matching_strategy(strategy(request.matching_strategy));
    search.time_budget(budget(&context.index, rtxn)?);
    if let Some(query) = &request.q {
        search.query(query);
    }
    if let Some(filter) = filter {
        search.filter(filter);
    }
    if let Some(sort) = &request.sort {
        search.sort_criteria(criteria(sort).map_err(|error| named(context, error))?);
    }
    if let Some(distinct) = &request.distinct {
        search.distinct(distinct.clone());
    }
    if let Some(attributes) = &request.attributes_to_search_on {
        search.searchable_attributes(attributes);
    }
    if let Some(threshold) = request.ranking_score_threshold {
        search.ranking_score_threshold(threshold.0);
    }
    if let Some(locales) = languages(request) {
        search.locales(locales);
    }
    Ok(search)
}

fn strategy(wanted: MatchingStrategy) -> TermsMatchingStrategy {
    match wanted {
        MatchingStrategy::Last => TermsMatchingStrategy::Last,
        MatchingStrategy::All => TermsMatchingStrategy::All,
        MatchingStrategy::Frequency => TermsMatchingStrategy::Frequency,
    }
}

fn budget(index: &Index, rtxn: &RoTxn<'_>) -> Result<TimeBudget, ApiError> {
    let cutoff = index.search_cutoff(rtxn)?.map(Duration::from_millis);
    Ok(cutoff.map_or_else(TimeBudget::default, TimeBudget::new))
}

/// Sort criteria as the engine takes them; the refusal is worded for the sort parameter.
pub fn criteria(sort: &[String]) -> Result<Vec<AscDesc>, ApiError> {
    let parsed = sort.iter().map(|text| text.parse::<AscDesc>());
    parsed.collect::<Result<Vec<_>, _>>().map_err(|error| milli_core::Error::from(SortError::from(error)).into())
}

fn languages(request: &SearchRequest) -> Option<Vec<Language>> {
    Some(request.locales.as_ref()?.iter().map(|locale| locale.0).collect())
}

fn answer(
    context: &Context,
    rtxn: &RoTxn<'_>,
    request: SearchRequest,
    paging: Paging,
    needed: usize,
    found: semantic::Found,
) -> Result<Answer, ApiError> {
    let index = &context.index;
    let semantic::Found { result, vector, semantic_hits } = found;
    let SearchResult { matching_words, candidates, documents_ids, document_scores, .. } = result;
    let totals = paging.totals(candidates.len() as usize);
    let facets = match request.facets.as_deref() {
        None | Some([]) => None,
        Some(names) => Some(facets::compute(index, rtxn, names, candidates)),
    };
    let facets = facets.transpose().map_err(|error| ApiError::in_index(error, &context.uid))?;
    let page = documents_ids.iter().zip(&document_scores).take(needed).skip(paging.skipped());
    let hits = hits::build(index, rtxn, &request, matching_words, page)?;
    let (facet_distribution, facet_stats) = match facets {
        Some(Facets { distribution, ranges }) => (Some(distribution), Some(ranges)),
        None => (None, None),
    };
    Ok(Answer {
        hits,
        metadata: metadata(context, rtxn, &request)?,
        query: request.q.unwrap_or_default(),
        query_vector: vector.filter(|_| request.retrieve_vectors),
        processing_time_ms: context.started.elapsed().as_millis() as u64,
        totals,
        facet_distribution,
        facet_stats,
        request_uid: Uuid::now_v7(),
        semantic_hit_count: semantic_hits,
    })
}

fn metadata(context: &Context, rtxn: &RoTxn<'_>, request: &SearchRequest) -> Result<Option<Metadata>, ApiError> {
    if !context.include_metadata {
        return Ok(None);
    }
    Ok(Some(Metadata {
        query: request.q.clone(),
        query_uid: Uuid::now_v7(),
        index_uid: context.uid.clone(),
        primary_key: context.index.primary_key(rtxn)?.map(str::to_owned),
    }))
}
