//! Facet search over HTTP: the values of one attribute that begin like a text, with their counts among what a search finds.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use deserr::Deserr;
use milli_core::heed::RoTxn;
use milli_core::tokenizer::Language;
use milli_core::{FacetValueHit, Index, PatternMatch, SearchForFacetValues};
use serde::Serialize;
use serde_json::Value;

use super::prepared::{Extent, Prepared, max_total_hits};
use super::request::*;
use super::run::{self, Context};
use super::semantic::Kind;
use super::{ACTION, wants_metadata};
use crate::app::App;
use crate::error::{ApiError, codes};
use crate::params::fault::missing;
use crate::params::locales::Locale;
use crate::params::ratio::ScoreThreshold;
use crate::params::{JsonFault, field_codes, json_params};

field_codes! {
    InvalidFacetQuery = INVALID_FACET_SEARCH_QUERY;
    InvalidFacetName = INVALID_FACET_SEARCH_FACET_NAME;
    MissingFacetName = MISSING_FACET_SEARCH_FACET_NAME;
    InvalidExhaustive = INVALID_FACET_SEARCH_EXHAUSTIVE_FACET_COUNT;
}

/// What is asked for. Parameters of searches that mean nothing here are ignored.
#[derive(Debug, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase)]
struct Request {
    #[deserr(default, error = JsonFault<InvalidFacetQuery>)]
    facet_query: Option<String>,
    #[deserr(error = JsonFault<InvalidFacetName>, missing_field_error = missing::<MissingFacetName>)]
    facet_name: String,
    #[deserr(default, error = JsonFault<InvalidQ>)]
    q: Option<String>,
    #[deserr(default, error = JsonFault<InvalidVector>)]
    vector: Option<Vec<f32>>,
    #[deserr(default, error = JsonFault<InvalidMedia>)]
    media: Option<Value>,
    #[deserr(default, error = JsonFault<InvalidHybrid>)]
    hybrid: Option<Hybrid>,
    #[deserr(default, error = JsonFault<InvalidFilter>)]
    filter: Option<Value>,
    #[deserr(default, error = JsonFault<InvalidMatching>)]
    matching_strategy: MatchingStrategy,
    #[deserr(default, error = JsonFault<InvalidSearchOn>)]
    attributes_to_search_on: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidThreshold>)]
    ranking_score_threshold: Option<ScoreThreshold>,
    #[deserr(default, error = JsonFault<InvalidLocales>)]
    locales: Option<Vec<Locale>>,
    #[deserr(default, error = JsonFault<InvalidExhaustive>)]
    exhaustive_facet_count: Option<bool>,
    #[deserr(default, error = JsonFault<InvalidUseNetwork>)]
    use_network: Option<bool>,
}

/// The answer, in the order in which clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    facet_hits: Vec<Hit>,
    facet_query: Option<String>,
    processing_time_ms: u64,
}

#[derive(Debug, Serialize)]
struct Hit {
    value: String,
    count: u64,
}

/// `POST /indexes/{uid}/facet-search`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/indexes/{uid}/facet-search", post(facet_search))
}

async fn facet_search(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request: Request = json_params(&headers, body).await?;
    let context = Context {
        index: app.index(&uid)?,
        uid,
        features: app.features(),
        include_metadata: wants_metadata(&headers),
        started: Instant::now(),
    };
    app.run_search(move || answer(&context, request))
        .await
        .map(Json)
}

fn answer(context: &Context, request: Request) -> Result<Answer, ApiError> {
    let facet = request.facet_name.clone();
    let query = request.facet_query.clone();
    let locales = request.locales.clone();
    let search = request.into_search();
    run::check(&search, &context.features)?;
    let rtxn = context.index.read_txn()?;
    let hits = values(context, &rtxn, &search, facet, query.as_deref(), locales)?;
    Ok(Answer {
        facet_hits: hits
            .into_iter()
            .map(|FacetValueHit { value, count }| Hit { value, count })
            .collect(),
        facet_query: query,
        processing_time_ms: context.started.elapsed().as_millis() as u64,
    })
}

fn values(
    context: &Context,
    rtxn: &RoTxn<'_>,
    search: &SearchRequest,
    facet: String,
    query: Option<&str>,
    locales: Option<Vec<Locale>>,
) -> Result<Vec<FacetValueHit>, ApiError> {
    let index = &context.index;
    let kind = Kind::of(search, index, rtxn)?;
    let exhaustive = search.page.is_some();
    let extent = Extent {
        needed: if exhaustive { 0 } else { DEFAULT_LIMIT },
        max_total_hits: max_total_hits(index, rtxn)?,
        exhaustive,
    };
    let prepared = Prepared::new(context, rtxn, search, extent)?;
    let by_vectors = kind.needs_vectors(&prepared)?;
    if !index.facet_search(rtxn)? {
        let message = "The facet search is disabled for this index";
        return Err(ApiError::new(codes::FACET_SEARCH_DISABLED, message));
    }
    let locales = languages(index, rtxn, &facet, locales)?;
    let mut values = SearchForFacetValues::new(facet, prepared.by_words(), by_vectors);
    if let Some(query) = query {
        values.query(query);
    }
    if let Some(max) = index.max_values_per_facet(rtxn)? {
        values.max_values(max as usize);
    }
    if let Some(locales) = locales {
        values.locales(locales);
    }
    Ok(values.execute()?)
}

/// The languages of the attribute that the request does not rule out; an attribute without any has no use for them.
fn languages(
    index: &Index,
    rtxn: &RoTxn<'_>,
    facet: &str,
    wanted: Option<Vec<Locale>>,
) -> milli_core::Result<Option<Vec<Language>>> {
    let rules = index.localized_attributes_rules(rtxn)?.unwrap_or_default();
    let rule = rules
        .into_iter()
        .find(|rule| rule.match_str(facet) == PatternMatch::Match);
    let is_wanted = |language: &Language| match &wanted {
        Some(wanted) => wanted.iter().any(|locale| locale.0 == *language),
        None => true,
    };
    Ok(rule.map(|rule| rule.locales.into_iter().filter(is_wanted).collect()))
}

impl Request {
    fn into_search(self) -> SearchRequest {
        // A page without hits counts all candidates.
        let page = self
            .exhaustive_facet_count
            .filter(|wanted| *wanted)
            .map(|_| 0);
        SearchRequest {
            q: self.q,
            vector: self.vector,
            media: self.media,
            hybrid: self.hybrid,
            page,
            filter: self.filter,
            matching_strategy: self.matching_strategy,
            attributes_to_search_on: self.attributes_to_search_on,
            ranking_score_threshold: self.ranking_score_threshold,
            locales: self.locales,
            use_network: self.use_network,
            ..SearchRequest::default()
        }
    }
}
