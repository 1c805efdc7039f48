//! Similar documents over HTTP: those nearest to one of the index, by their vectors of one embedder.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;
use axum::{Json, Router};
use deserr::Deserr;
use milli_core::documents::validate_document_id_value;
use milli_core::heed::RoTxn;
use milli_core::score_details::{ScoreDetails, Vector};
use milli_core::{DocumentId, Index, UserError, filtered_universe};
use roaring::RoaringBitmap;
use serde::Serialize;
use serde_json::Value;

use super::hits::{self, Hit};
use super::nearest::{Near, Vectors};
use super::paging::{Paging, Totals};
use super::prepared::max_total_hits;
use super::query_form::filter_from_text;
use super::request::{DEFAULT_LIMIT, SearchRequest};
use super::{ACTION, filter};
use crate::app::App;
use crate::error::{ApiError, codes};
use crate::features::Features;
use crate::params::fault::QueryFault;
use crate::params::ratio::ScoreThreshold;
use crate::params::{Csv, JsonFault, Param, field_codes, json_params, query_string};

field_codes! {
    InvalidId = INVALID_SIMILAR_ID;
    InvalidEmbedder = INVALID_SIMILAR_EMBEDDER;
    InvalidOffset = INVALID_SIMILAR_OFFSET;
    InvalidLimit = INVALID_SIMILAR_LIMIT;
    InvalidFilter = INVALID_SIMILAR_FILTER;
    InvalidRetrieve = INVALID_SIMILAR_ATTRIBUTES_TO_RETRIEVE;
    InvalidRetrieveVectors = INVALID_SIMILAR_RETRIEVE_VECTORS;
    InvalidScore = INVALID_SIMILAR_SHOW_RANKING_SCORE;
    InvalidScoreDetails = INVALID_SIMILAR_SHOW_RANKING_SCORE_DETAILS;
    InvalidPerformance = INVALID_SIMILAR_SHOW_PERFORMANCE_DETAILS;
    InvalidThreshold = INVALID_SIMILAR_RANKING_SCORE_THRESHOLD;
}

/// What is asked for. Fields keep the order in which the "unknown field" message lists them.
#[derive(Debug, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
struct Request {
    #[deserr(error = JsonFault<InvalidId>)]
    id: Value,
    #[deserr(default, error = JsonFault<InvalidOffset>)]
    offset: usize,
    #[deserr(default = DEFAULT_LIMIT, error = JsonFault<InvalidLimit>)]
    limit: usize,
    #[deserr(default, error = JsonFault<InvalidFilter>)]
    filter: Option<Value>,
    #[deserr(error = JsonFault<InvalidEmbedder>)]
    embedder: String,
    #[deserr(default, error = JsonFault<InvalidRetrieve>)]
    attributes_to_retrieve: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidRetrieveVectors>)]
    retrieve_vectors: bool,
    #[deserr(default, error = JsonFault<InvalidScore>)]
    show_ranking_score: bool,
    #[deserr(default, error = JsonFault<InvalidScoreDetails>)]
    show_ranking_score_details: bool,
    #[deserr(default, error = JsonFault<InvalidPerformance>)]
    #[allow(dead_code, reason = "accepted; timings of single steps are not kept")]
    show_performance_details: bool,
    #[deserr(default, error = JsonFault<InvalidThreshold>)]
    ranking_score_threshold: Option<ScoreThreshold>,
}

/// The same, as a query string asks for it.
#[derive(Debug, Deserr)]
#[deserr(error = QueryFault, rename_all = camelCase, deny_unknown_fields)]
struct Form {
    #[deserr(error = QueryFault<InvalidId>)]
    id: String,
    #[deserr(error = QueryFault<InvalidEmbedder>)]
    embedder: String,
    #[deserr(default, error = QueryFault<InvalidOffset>)]
    offset: Param<usize>,
    #[deserr(default = Param(DEFAULT_LIMIT), error = QueryFault<InvalidLimit>)]
    limit: Param<usize>,
    #[deserr(default, error = QueryFault<InvalidRetrieve>)]
    attributes_to_retrieve: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidRetrieveVectors>)]
    retrieve_vectors: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidFilter>)]
    filter: Option<String>,
    #[deserr(default, error = QueryFault<InvalidScore>)]
    show_ranking_score: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidScoreDetails>)]
    show_ranking_score_details: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidPerformance>)]
    show_performance_details: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidThreshold>)]
    ranking_score_threshold: Option<Param<ScoreThreshold>>,
}

impl Form {
    fn into_request(self) -> Request {
        Request {
            id: Value::String(self.id),
            offset: self.offset.0,
            limit: self.limit.0,
            filter: self.filter.map(filter_from_text),
            embedder: self.embedder,
            attributes_to_retrieve: self.attributes_to_retrieve.map(|csv| csv.0),
            retrieve_vectors: self.retrieve_vectors.0,
            show_ranking_score: self.show_ranking_score.0,
            show_ranking_score_details: self.show_ranking_score_details.0,
            show_performance_details: self.show_performance_details.0,
            ranking_score_threshold: self.ranking_score_threshold.map(|score| score.0),
        }
    }
}

/// The answer, in the order in which clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    hits: Vec<Hit>,
    id: String,
    processing_time_ms: u64,
    #[serde(flatten)]
    totals: Totals,
}

/// `GET` and `POST /indexes/{uid}/similar`.
pub fn routes() -> Router<Arc<App>> {
    let route = get(by_query).post(by_body);
    Router::new().route("/indexes/{uid}/similar", route)
}

async fn by_query(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Answer>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = query_string::<Form>(&uri)?.into_request();
    similar(&app, &uid, request).await
}

async fn by_body(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = json_params(&headers, body).await?;
    similar(&app, &uid, request).await
}

async fn similar(app: &App, uid: &str, request: Request) -> Result<Json<Answer>, ApiError> {
    let index = app.index(uid)?;
    let features = app.features();
    app.run_search(move || run(&index, &features, request))
        .await
        .map(Json)
}

fn run(index: &Index, features: &Features, request: Request) -> Result<Answer, ApiError> {
    let started = Instant::now();
    let rtxn = index.read_txn()?;
    let missing = || UserError::InvalidSimilarEmbedder(request.embedder.clone());
    let vectors = Vectors::of(index, &rtxn, &request.embedder, missing)?;
    let mut universe = universe(index, &rtxn, features, request.filter.as_ref())?;
    let (id, internal) = source(index, &rtxn, &request.id)?;
    universe.remove(internal);
    let near = vectors.near_document(index, &rtxn, internal, &universe)?;
    let paging = Paging::Window {
        offset: request.offset,
        limit: request.limit,
    };
    let (page, total) = select(&request, &near, universe.len());
    let total = total.min(max_total_hits(index, &rtxn)? as u64);
    let shown = SearchRequest {
        attributes_to_retrieve: request.attributes_to_retrieve,
        retrieve_vectors: request.retrieve_vectors,
        show_ranking_score: request.show_ranking_score,
        show_ranking_score_details: request.show_ranking_score_details,
        ..SearchRequest::default()
    };
    let page = page.iter().map(|(id, details)| (id, details));
    Ok(Answer {
        hits: hits::build(index, &rtxn, &shown, Default::default(), page)?,
        id,
        processing_time_ms: started.elapsed().as_millis() as u64,
        totals: paging.totals(total as usize),
    })
}

fn universe(
    index: &Index,
    rtxn: &RoTxn<'_>,
    features: &Features,
    wanted: Option<&Value>,
) -> Result<RoaringBitmap, ApiError> {
    let code = codes::INVALID_SIMILAR_FILTER;
    let filter = match wanted {
        Some(value) => filter::parse(value, code, features)?,
        None => None,
    };
    filtered_universe(index, rtxn, &filter).map_err(|error| match &error {
        milli_core::Error::UserError(UserError::InvalidFilter(message)) => {
            ApiError::new(code, message.clone())
        }
        _ => error.into(),
    })
}

/// The document that the others are to resemble: its id as text, and the engine's.
fn source(
    index: &Index,
    rtxn: &RoTxn<'_>,
    wanted: &Value,
) -> Result<(String, DocumentId), ApiError> {
    let id = validate_document_id_value(wanted.clone()).map_err(|error| {
        let message = format!("Invalid value at `.id`: {error}");
        ApiError::new(codes::INVALID_SIMILAR_ID, message)
    })?;
    match index.external_documents_ids().get(rtxn, &id)? {
        Some(internal) => Ok((id, internal)),
        None => {
            let message = format!("Document `{id}` not found.");
            Err(ApiError::new(codes::NOT_FOUND_SIMILAR_ID, message))
        }
    }
}

type Ranked = (DocumentId, Vec<ScoreDetails>);

/// The page, and the number of all that count: from the first of the page that is too far none do.
fn select(request: &Request, near: &[Near], universe: u64) -> (Vec<Ranked>, u64) {
    let window = near.iter().skip(request.offset).take(request.limit);
    let high = |one: &&Near| match &request.ranking_score_threshold {
        Some(threshold) => f64::from(one.similarity) >= threshold.0,
        None => true,
    };
    let page: Vec<Ranked> = window.clone().take_while(high).map(ranked).collect();
    let total = match window.count() > page.len() {
        true => (request.offset + page.len()) as u64,
        false => universe,
    };
    (page, total)
}

fn ranked(near: &Near) -> Ranked {
    let similarity = Some(near.similarity);
    (near.id, vec![ScoreDetails::Vector(Vector { similarity })])
}
