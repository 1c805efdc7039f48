//! One search on one index: parameters into the engine's search, its result into the answer.

use std::time::{Duration, Instant};

use milli_core::heed::RoTxn;
use milli_core::score_details::ScoringStrategy;
use milli_core::tokenizer::Language;
use milli_core::{
    AscDesc, Filter, Index, Search, SearchResult, SortError, TermsMatchingStrategy, TimeBudget,
};
use uuid::Uuid;

use super::answer::{Answer, Metadata};
use super::facets::{self, Facets};
use super::paging::Paging;
use super::request::{MatchingStrategy, SearchRequest};
use super::semantic::{self, Kind};
use super::{filter, hits, score};
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

/// What can be said against a request without looking at any index: shape and syntax.
pub fn check(request: &SearchRequest, features: &Features) -> Result<(), ApiError> {
    if let Some(value) = &request.filter {
        filter::parse(value, codes::INVALID_SEARCH_FILTER, features)?;
    }
    check_features(request, features)
}

/// Runs a search that passed `check`. Errors carry the code of the parameter that was wrong; those of the ranking
/// itself name the index.
pub fn run(context: &Context, request: SearchRequest) -> Result<Answer, ApiError> {
    let index = &context.index;
    let rtxn = index.read_txn()?;
    let kind = Kind::of(&request, index, &rtxn)?;
    check_media(&request, &context.features)?;
    let paging = Paging::of(&request);
    let max_total_hits = index
        .pagination_max_total_hits(&rtxn)?
        .map_or(DEFAULT_MAX_TOTAL_HITS, |max| max as usize);
    let needed = paging.needed(max_total_hits);

    let filter = match &request.filter {
        Some(value) => filter::parse(value, codes::INVALID_SEARCH_FILTER, &context.features)?,
        None => None,
    };
    let mut search = prepare(context, &rtxn, &request, filter)?;
    search.exhaustive_number_hits(paging.is_exhaustive());
    search.limit(match request.ranking_score_threshold {
        // Only a complete ranking tells which hits are above the threshold: the engine itself leaves out of its
        // score the rules that come after a sort.
        Some(_) if paging.is_exhaustive() || request.sort.is_some() => {
            index.number_of_documents(&rtxn)? as usize
        }
        _ => needed,
    });
    let mut found = kind
        .execute(&mut search)
        .map_err(|error| ApiError::in_index(error, &context.uid))?;
    if let Some(threshold) = request.ranking_score_threshold {
        drop_low(&mut found.result, threshold.0);
    }
    answer(context, &rtxn, request, paging, needed, found)
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

fn check_features(request: &SearchRequest, features: &Features) -> Result<(), ApiError> {
    if request.use_network.is_some() && !features.network {
        return Err(disabled(
            "passing `useNetwork` in a search query",
            "network",
            805,
        ));
    }
    if request.personalize.is_some() {
        return Err(disabled("reranking search results", "personalization", 866));
    }
    Ok(())
}

fn check_media(request: &SearchRequest, features: &Features) -> Result<(), ApiError> {
    match request.media.is_some() && !features.multimodal {
        true => Err(disabled(
            "passing `media` in a search query",
            "multimodal",
            846,
        )),
        false => Ok(()),
    }
}

/// The refusal of what only an experimental feature allows; the number is that of its public discussion.
fn disabled(action: &str, feature: &str, discussion: u32) -> ApiError {
    let link = format!("https://github.com/orgs/meilisearch/discussions/{discussion}");
    let message =
        format!("{action} requires enabling the `{feature}` experimental feature. See {link}");
    ApiError::new(codes::FEATURE_NOT_ENABLED, message)
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
        search.sort_criteria(criteria(sort)?);
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

fn answer(
    context: &Context,
    rtxn: &RoTxn<'_>,
    request: SearchRequest,
    paging: Paging,
    needed: usize,
    found: semantic::Found,
) -> Result<Answer, ApiError> {
    let index = &context.index;
    let semantic::Found {
        result,
        vector,
        semantic_hits,
    } = found;
    let SearchResult {
        matching_words,
        candidates,
        documents_ids,
        document_scores,
        ..
    } = result;
    let totals = paging.totals(candidates.len() as usize);
    let facets = match request.facets.as_deref() {
        None | Some([]) => None,
        Some(names) => Some(facets::compute(index, rtxn, names, candidates)),
    };
    let facets = facets.transpose()?;
    let page = documents_ids
        .iter()
        .zip(&document_scores)
        .take(needed)
        .skip(paging.skipped());
    let hits = hits::build(index, rtxn, &request, matching_words, page)?;
    let (facet_distribution, facet_stats) = match facets {
        Some(Facets {
            distribution,
            ranges,
        }) => (Some(distribution), Some(ranges)),
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

fn metadata(
    context: &Context,
    rtxn: &RoTxn<'_>,
    request: &SearchRequest,
) -> Result<Option<Metadata>, ApiError> {
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
