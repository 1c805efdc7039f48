//! One search on one index: parameters into the engine's search, its result into the answer.

use std::time::Instant;

use milli_core::heed::RoTxn;
use milli_core::score_details::ScoreDetails;
use milli_core::{Index, SearchResult};
use uuid::Uuid;

use super::answer::{Answer, Metadata};
use super::facets::{self, Facets};
use super::paging::Paging;
use super::prepared::{Extent, Prepared, max_total_hits};
use super::request::SearchRequest;
use super::semantic::{Found, Kind};
use super::{filter, hits};
use crate::error::{ApiError, codes};
use crate::features::Features;

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
    let max_total_hits = max_total_hits(index, &rtxn)?;
    let extent = Extent {
        needed: paging.needed(max_total_hits),
        max_total_hits,
        exhaustive: paging.is_exhaustive(),
    };
    let found = kind.execute(&Prepared::new(context, &rtxn, &request, extent)?)?;
    answer(context, &rtxn, request, paging, found)
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

pub fn check_media(request: &SearchRequest, features: &Features) -> Result<(), ApiError> {
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
pub fn disabled(action: &str, feature: &str, discussion: u32) -> ApiError {
    let link = format!("https://github.com/orgs/meilisearch/discussions/{discussion}");
    let message =
        format!("{action} requires enabling the `{feature}` experimental feature. See {link}");
    ApiError::new(codes::FEATURE_NOT_ENABLED, message)
}

fn answer(
    context: &Context,
    rtxn: &RoTxn<'_>,
    request: SearchRequest,
    paging: Paging,
    found: Found,
) -> Result<Answer, ApiError> {
    let index = &context.index;
    let Found {
        result,
        vector,
        semantic,
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
    let page = || {
        documents_ids
            .iter()
            .zip(&document_scores)
            .skip(paging.skipped())
    };
    let by_vectors = page().filter(|(_, details)| is_by_vectors(details)).count();
    let hits = hits::build(index, rtxn, &request, matching_words, page())?;
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
        semantic_hit_count: semantic.then_some(by_vectors),
    })
}

/// Whether a hit was brought by vectors.
pub fn is_by_vectors(details: &[ScoreDetails]) -> bool {
    let vector = |detail: &ScoreDetails| matches!(detail, ScoreDetails::Vector(_));
    details.iter().any(vector)
}

pub fn metadata(
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
